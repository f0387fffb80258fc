"""The chapters as files: what nbval does not look at."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import nbformat
import pytest
import vl_convert
from nbclient.exceptions import CellExecutionError

from casebook import elsewhere
from casebook.casebook import Casebook, load
from casebook.package import read_package
from casebook.pictures import LIVE_CHART, PICTURE
from casebook.rerun import run

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = sorted((ROOT / "book" / "chapters").glob("*.ipynb"))
TABLES = set(read_package().tables)
VISIBLE_LINES = 6
FRAME = ["The question", "The data", "Limits", "Exercises", "Sources"]


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def test_there_are_chapters() -> None:
    assert CHAPTERS


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)
def test_cells_have_readable_ids_of_their_own(path: Path) -> None:
    ids = [cell["id"] for cell in read(path).cells]
    assert len(ids) == len(set(ids))
    assert all(part.isalnum() for i in ids for part in i.split("-")), ids


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)
def test_visible_cells_are_short(path: Path) -> None:
    for cell in read(path).cells:
        if cell.cell_type == "code" and not cell.metadata.get("tags"):
            lines = [line for line in cell.source.splitlines() if line.strip()]
            assert len(lines) <= VISIBLE_LINES, f"{cell['id']} has {len(lines)} visible lines"


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)
def test_what_the_page_folds_jupyterlab_folds_too(path: Path) -> None:
    for cell in read(path).cells:
        tags = set(cell.metadata.get("tags", []))
        folded = cell.metadata.get("jupyter", {})
        assert folded.get("source_hidden", False) == bool(tags), cell["id"]
        assert folded.get("outputs_hidden", False) == ("hide-cell" in tags), cell["id"]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)
def test_every_cell_ran_in_order_without_error_or_noise(path: Path) -> None:
    code = [cell for cell in read(path).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    for cell in code:
        assert "execution" not in cell.metadata, f"{cell['id']}: a time stamp"
        for output in cell.outputs:
            assert output.output_type != "error", cell["id"]
            assert output.get("name") != "stderr", f"{cell['id']}: {output.text}"


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)
def test_every_chapter_has_the_frame(path: Path) -> None:
    text = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")
    for heading in FRAME:
        assert f"\n## {heading}\n" in f"\n{text}\n", heading
    for row in ("**After this chapter you can**", "**You need**", "**Minutes**"):
        assert row in text
    assert "<summary>Solution</summary>" in text


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)
def test_every_chart_is_followed_by_what_it_shows_and_then_a_doubt(path: Path) -> None:
    cells = read(path).cells
    charts = [i for i, cell in enumerate(cells) if "mystnb" in cell.metadata]
    assert charts
    for i in charts:
        prose = cells[i + 1].outputs[0].data["text/markdown"]
        assert prose.startswith("**What it shows.**"), cells[i]["id"]
        assert "\n\n**" in prose, f"{cells[i]['id']}: nothing is said about what it does not show"


NO_DIGITS_OF_THE_SUBJECT = re.compile(
    r"```.*?```"  # code
    r"|`[^`]*`"
    r"|^>.*$"  # a box of background, which is not from the articles
    r"|“[^”]*”"  # words quoted or proposed, which are weighed as they stand
    r"|\]\([^)]*\)"  # where a link leads
    r"|\b[a-z]+2025(?:\.p\d\d[a-z])?\b"  # an article or a row by its name
    r"|^- \*\*Minutes\*\* .*$"
    r"|^\*\*\d\. "  # an exercise by its place
    r"|^\d\. ",
    re.MULTILINE | re.DOTALL,
)


def prose(path: Path) -> Iterator[tuple[str, str]]:
    """Yield cell id and text of all that is typed to be read, without computed parts."""
    for cell in read(path).cells:
        if cell.cell_type == "markdown":
            yield cell["id"], cell.source
            continue
        if cell["id"] == elsewhere.SETUP:  # holds no text, and a line that is not Python
            continue
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"say", "print"}:
                for text in node.args:
                    parts = text.values if isinstance(text, ast.JoinedStr) else [text]
                    typed = [p.value for p in parts if isinstance(p, ast.Constant)]
                    yield cell["id"], " ".join(part for part in typed if isinstance(part, str))


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)
def test_no_number_on_the_subject_is_typed_into_prose(path: Path) -> None:
    for cell, text in prose(path):
        found = re.findall(r".{0,30}\d+.{0,30}", NO_DIGITS_OF_THE_SUBJECT.sub(" ", text))
        assert not found, f"{cell}: {found}"


class Watched(Casebook):
    """The tables, which write down which of them are read."""

    read_tables: ClassVar[set[str]] = set()

    def __getattribute__(self, name: str) -> object:
        if name in TABLES:
            Watched.read_tables.add(name)
        return super().__getattribute__(name)


def test_every_table_is_read_by_a_chapter() -> None:
    book = load()
    watched = Watched(**{name: getattr(book, name) for name in TABLES})
    code = "\n".join(c.source for p in CHAPTERS for c in read(p).cells if c.cell_type == "code")
    for name in sorted(set(re.findall(r"\bbook\.([a-z]+)", code))):
        found = getattr(watched, name)
        if callable(found) and name != "above":
            found()
    assert Watched.read_tables == TABLES


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)
def test_an_older_front_end_draws_every_chart_alike(path: Path) -> None:
    outputs = [o for c in read(path).cells if c.cell_type == "code" for o in c.outputs]
    drawn = [o.data for o in outputs if LIVE_CHART in o.get("data", {})]
    assert drawn
    for chart in drawn:
        old = vl_convert.vegalite_to_svg(chart[LIVE_CHART], vl_version="5.8")
        texts = [re.findall(r"<text[^>]*>([^<]*)<", svg) for svg in (old, chart[PICTURE])]
        assert texts[0] == texts[1]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)
def test_the_setup_cell_follows_the_address_of_the_repository(path: Path) -> None:
    code = [cell for cell in read(path).cells if cell.cell_type == "code"]
    wanted = elsewhere.read().setup()
    assert [c.source for c in code if c["id"] == elsewhere.SETUP] == [wanted] * bool(wanted), (
        "run `make rerun`"
    )


def test_a_second_run_changes_no_byte(tmp_path: Path) -> None:
    path = min(CHAPTERS, key=lambda p: p.stat().st_size)
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes())
    run(copy)
    once = copy.read_bytes()
    assert run(copy).endswith("unchanged")
    assert copy.read_bytes() == once


def test_a_failing_cell_is_told_and_leaves_the_file(tmp_path: Path) -> None:
    cells = [nbformat.v4.new_code_cell("1 / 0")]
    path = tmp_path / "broken.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    before = path.read_bytes()
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        run(path)
    assert path.read_bytes() == before
