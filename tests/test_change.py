"""The three walks of the page *Change something*, done in a copy as the page tells them."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from browser import ROOT

from casebook import load
from casebook.pages import render
from casebook.pictures import LIVE_CHART

TOLD = ROOT / "book" / "teaching" / "change-something.md"
FIGURE = "guardian2025.p04a-f2"


@pytest.fixture(scope="module")
def page() -> str:
    render(load())
    return TOLD.read_text(encoding="utf-8")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in ("casebook", "data", "book", "seeds"):
        ignored = shutil.ignore_patterns("__pycache__", "text", ".ipynb_checkpoints")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    for name in ("requirements.txt", "_config.yml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def run(copy: Path, module: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=copy,
        env=os.environ | {"PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def table(copy: Path, name: str) -> list[list[str]]:
    text = (copy / "data" / f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.reader(io.StringIO(text)))


def write(copy: Path, name: str, rows: list[list[str]]) -> None:
    with (copy / "data" / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def test_a_corrected_figure_is_in_chart_and_sentence(copy: Path, page: str) -> None:
    assert FIGURE in page
    rows = table(copy, "figures")
    head, row = rows[0], next(row for row in rows if row[0] == FIGURE)
    old = int(row[head.index("best")])
    assert f"had printed {old + 1} where the table has {old}" in page
    for column in ("low", "best"):
        row[head.index(column)] = str(old + 1)
    write(copy, "figures", rows)
    assert "0 faults found" in run(copy, "casebook.check")
    chapter = copy / "book" / "chapters" / "boat-strikes.ipynb"
    run(copy, "casebook.rerun", str(chapter))
    cells = {cell["id"]: cell for cell in nbformat.read(chapter, as_version=4).cells}
    sentence = cells["tallies-text"].outputs[0].data["text/markdown"]
    assert f"at least {old + 1} dead" in sentence
    assert f"at least {old} dead" not in sentence
    chart = cells["tallies-chart"].outputs[0].data
    labels = [row["label"] for rows in chart[LIVE_CHART]["datasets"].values() for row in rows]
    assert f"≥ {old + 1} Caribbean" in labels
    assert f"≥ {old + 1} Caribbean" in chart["image/svg+xml"]


def test_half_a_correction_is_named(copy: Path) -> None:
    rows = table(copy, "figures")
    row = next(row for row in rows if row[0] == FIGURE)
    row[rows[0].index("best")] = "39"
    write(copy, "figures", rows)
    with pytest.raises(AssertionError, match=rf"figures\.csv:\d+ {FIGURE} \[best\]"):
        run(copy, "casebook.check")


def test_an_added_statement_has_its_card(copy: Path, page: str) -> None:
    line = re.search(r"```text\n\s*(aleem2025.*)\n", page)[1]
    added = next(csv.reader([line]))
    rows = table(copy, "statements")
    last = max(i for i, row in enumerate(rows) if row[1] == added[1])
    assert rows[last][0] == f"{added[1]}{chr(ord(added[0][-1]) - 1)}"
    write(copy, "statements", [*rows[: last + 1], added, *rows[last + 1 :]])
    assert "0 faults found" in run(copy, "casebook.check")
    run(copy, "casebook.pages")
    evidence = (copy / "book" / "evidence" / "aleem2025.md").read_text(encoding="utf-8")
    assert f"{{row}} {added[0]}" in evidence
    cover = (copy / "book" / "index.md").read_text(encoding="utf-8")
    assert f"{len(rows)} statements" in cover


def test_a_statement_with_an_unknown_speaker_is_named(copy: Path) -> None:
    rows = table(copy, "statements")
    rows[1][rows[0].index("speaker_id")] = "nobody"
    write(copy, "statements", rows)
    with pytest.raises(AssertionError, match=r"statements\.csv:2"):
        run(copy, "casebook.check")


def test_leaving_an_article_out_prints_what_the_page_says(
    page: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = re.search(r"```python\n(.*?)```", page, flags=re.DOTALL)[1]
    exec(code, {})
    printed = capsys.readouterr().out.split()
    assert f"It prints {printed[0]} and {printed[1]}:" in page
    assert float(printed[0]) > float(printed[1])
