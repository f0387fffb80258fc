"""The build runs what changed and nothing else, and leaves no half of a site."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from browser import ROOT

from casebook.package import read_package
from casebook.rerun import inputs
from casebook.sources import fingerprint, sources
from casebook.sphinx_runs import RunError, take_outputs

TOC = "format: jb-book\nroot: book/index\nchapters:\n  - file: book/chapters/small\n"
CELL = """\
from casebook import load

dead = load().figures.set_index("figure_id").loc["guardian2025.p04a-f2", "best"]
print(f"At least {dead:.0f} people.")"""
FIGURE = "guardian2025.p04a-f2,guardian2025.p04a,people_killed,people,{0},{0}"


class Copy:
    """A copy of the book with one small chapter."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ("casebook", "data", "book/_static", "book/_templates"):
            cache = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, root / name, ignore=cache)
        for name in ("_config.yml", "requirements.txt"):
            shutil.copy(ROOT / name, root / name)
        (root / "_toc.yml").write_text(TOC)
        (root / "book" / "index.md").write_text("# A small book\n\nIt has one chapter.\n")
        self.figures = root / "data" / "figures.csv"
        self.site = root / "_build" / "html"
        self.write(CELL)

    def write(self, source: str) -> None:
        """Write the chapter with one cell of code."""
        cells = [nbformat.v4.new_markdown_cell("# Small", id="title")]
        cells.append(nbformat.v4.new_code_cell(source, id="code"))
        language = {"language_info": {"name": "python"}}
        path = self.root / "book" / "chapters" / "small.ipynb"
        path.parent.mkdir(exist_ok=True)
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=language), path)

    def change(self, old: int, new: int) -> None:
        """Print another number of people killed in the table."""
        text = self.figures.read_text(encoding="utf-8")
        assert FIGURE.format(old) in text
        changed = text.replace(FIGURE.format(old), FIGURE.format(new))
        self.figures.write_text(changed, encoding="utf-8")

    def build(self) -> subprocess.CompletedProcess[str]:
        """Build the copy with its own package."""
        return subprocess.run(
            [sys.executable, "-m", "casebook.build"],
            cwd=self.root,
            env=os.environ | {"PYTHONPATH": str(self.root)},
            capture_output=True,
            text=True,
        )

    def page(self) -> str:
        return (self.site / "book" / "chapters" / "small.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    copy = Copy(tmp_path_factory.mktemp("book"))
    done = copy.build()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 of 1 chapters to run" in done.stdout
    assert "[1/1] small: run" in done.stdout
    assert "At least 38 people." in copy.page()
    return copy


def test_where_nothing_changed_nothing_is_done(copy: Copy) -> None:
    done = copy.build()
    assert done.returncode == 0
    assert done.stdout.splitlines()[0] == "nothing changed since the last build"


def test_a_change_of_the_text_runs_no_chapter(copy: Copy) -> None:
    index = copy.root / "book" / "index.md"
    whole = index.read_text(encoding="utf-8")
    for text in (f"{whole}\nAnd a line.\n", whole):
        index.write_text(text, encoding="utf-8")
        done = copy.build()
        assert done.returncode == 0
        assert "0 of 1 chapters to run" in done.stdout
        page = (copy.site / "book" / "index.html").read_text(encoding="utf-8")
        assert ("And a line." in page) == (text != whole)


def test_a_generated_file_that_was_changed_by_hand_is_written_again(copy: Copy) -> None:
    rows = copy.root / "book" / "_static" / "evidence-rows.js"
    whole = rows.read_text(encoding="utf-8")
    rows.write_text("nothing", encoding="utf-8")
    index = copy.root / "book" / "index.md"
    index.write_text(index.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert copy.build().returncode == 0
    assert rows.read_text(encoding="utf-8") == whole


@pytest.mark.parametrize(
    "name", ["_config.yml", "_toc.yml", "book/_static/casebook.css", "data/figures.csv"]
)
def test_every_file_counts_as_a_change(name: str) -> None:
    assert ROOT / name in sources()
    assert not {ROOT / "book" / "index.md", ROOT / "book" / "_static" / "vega.js"} & {*sources()}


def test_what_runs_in_the_browser_is_dropped_with_a_change(copy: Copy) -> None:
    lite = copy.site / "lite"
    lite.mkdir()
    (lite / "run.json").write_text('{"state": "of another book", "bytes": 1, "late_bytes": 1}')
    done = copy.build()
    assert done.returncode == 0
    assert "of an earlier state: make lite" in done.stdout
    assert not lite.exists()
    assert "Run this chapter here" not in copy.page()


def test_what_every_chapter_reads_is_told_apart_by_content(tmp_path: Path) -> None:
    names = {path.relative_to(ROOT).as_posix() for path in inputs()}
    assert {f"data/{name}.csv" for name in read_package().tables} <= names
    assert {"data/datapackage.json", "requirements.txt", "casebook/charts.py"} <= names
    one, other = tmp_path / "a", tmp_path / "b"
    one.write_text("x")
    other.write_text("y")
    before = fingerprint([one, other])
    assert fingerprint([one, other]) == before
    other.write_text("z")
    assert fingerprint([one, other]) != before


def test_a_changed_figure_is_in_the_page(copy: Copy) -> None:
    copy.change(38, 39)
    done = copy.build()
    assert done.returncode == 0
    assert "1 of 1 chapters to run" in done.stdout
    assert "At least 39 people." in copy.page()
    copy.change(39, 38)


def test_outputs_of_other_code_are_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "small.ipynb"
    cells = [nbformat.v4.new_code_cell("print(1)")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    env = SimpleNamespace(doc2path=lambda _: str(path))
    app = SimpleNamespace(env=env, config=SimpleNamespace(casebook_runs=bool))
    with pytest.raises(RunError, match=r"small\.ipynb, or a table, was changed while it ran"):
        take_outputs(app, "small", [path.read_text(encoding="utf-8")])


@pytest.mark.parametrize(
    ("cell", "told"),
    [("1 / 0", "ZeroDivisionError"), ("import os\n\nos._exit(1)", "Kernel died")],
    ids=["a cell fails", "Python dies"],
)
def test_a_failing_chapter_is_told_and_leaves_no_site(copy: Copy, cell: str, told: str) -> None:
    copy.write(cell)
    done = copy.build()
    assert done.returncode == 1
    assert "[1/1] small: failed" in done.stdout
    assert told in done.stdout
    assert "No page was written" in done.stderr
    assert "a chapter failed" in done.stderr
    assert not copy.site.exists()
    copy.write(CELL)
    assert copy.build().returncode == 0
    assert "At least 38 people." in copy.page()


def test_a_warning_leaves_no_site(copy: Copy) -> None:
    index = copy.root / "book" / "index.md"
    whole = index.read_text(encoding="utf-8")
    index.write_text(f"{whole}\n[no page](nowhere.md)\n", encoding="utf-8")
    done = copy.build()
    assert done.returncode == 1
    assert "nowhere.md" in done.stderr
    assert not copy.site.exists()
    index.write_text(whole, encoding="utf-8")


def test_faulty_data_leave_no_site(copy: Copy) -> None:
    assert copy.build().returncode == 0
    whole = copy.figures.read_text(encoding="utf-8")
    copy.figures.write_text(whole.replace(",at_least,", ",at_leest,", 1), encoding="utf-8")
    done = copy.build()
    assert done.returncode == 1
    assert "figures.csv:2" in done.stdout
    assert not copy.site.exists()
    copy.figures.write_text(whole, encoding="utf-8")
