"""How rows and charts get into a page, and that a wrong one stops the build."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from casebook.prose import cite, listing, number, say
from casebook.sphinx_charts import page_svg, page_table

CONF = """
extensions = ["myst_nb", "casebook.sphinx_ext"]
myst_enable_extensions = ["colon_fence"]
nb_execution_mode = "off"
nb_render_markdown_format = "myst"
"""
ROW = "# Evidence\n\n:::{row} guardian2025.p04a\nA claim.\n:::\n"
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><rect id="clip1" fill="#1f5f99"/></svg>'


class BuildError(Exception):
    """Sphinx did not build the site; the message is what it printed."""


def build(folder: Path, **files: str) -> str:
    """Build a small site and return its page `index`; a warning is an error."""
    source = folder / "source"
    source.mkdir()
    (source / "conf.py").write_text(CONF)
    for name, text in files.items():
        suffix = "ipynb" if text.startswith("{") else "md"
        (source / f"{name}.{suffix}").write_text(text)
    command = [sys.executable, "-m", "sphinx", "-n", "-W", "--keep-going", "-q"]
    done = subprocess.run([*command, source, folder / "out"], capture_output=True, text=True)
    if done.returncode:
        raise BuildError(done.stderr)
    return (folder / "out" / "index.html").read_text()


def chart_notebook(**options: dict[str, str]) -> str:
    output = nbformat.v4.new_output("display_data", data={"image/svg+xml": SVG})
    cell = nbformat.v4.new_code_cell("chart", outputs=[output], metadata={"mystnb": options})
    title = nbformat.v4.new_markdown_cell("# A chapter")
    language = {"language_info": {"name": "python"}}
    return nbformat.writes(nbformat.v4.new_notebook(cells=[title, cell], metadata=language))


def test_a_row_keeps_its_id_and_can_be_linked(tmp_path: Path) -> None:
    page = build(tmp_path, index=ROW + "\n[see](index.md#guardian2025.p04a)\n")
    assert 'id="guardian2025.p04a"' in page
    assert 'href="#guardian2025.p04a"' in page


def test_a_link_to_an_unknown_row_stops_the_build(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="p99z"):
        build(tmp_path, index=ROW + "\n[see](index.md#guardian2025.p99z)\n")


def test_a_computed_sentence_with_an_unknown_row_stops_the_build(tmp_path: Path) -> None:
    data = {"text/markdown": "[see](index.md#guardian2025.p99z)"}
    output = nbformat.v4.new_output("display_data", data=data)
    cells = [
        nbformat.v4.new_markdown_cell("# A chapter"),
        nbformat.v4.new_code_cell("say()", outputs=[output]),
    ]
    with pytest.raises(BuildError, match="p99z"):
        build(tmp_path, index=nbformat.writes(nbformat.v4.new_notebook(cells=cells)))


def test_a_chart_has_caption_and_alternative(tmp_path: Path) -> None:
    options = {"figure": {"caption": "Boats"}, "image": {"alt": "A bar of eight boats."}}
    page = build(tmp_path, index=chart_notebook(**options))
    assert '<svg role="img" aria-label="A bar of eight boats."' in page
    assert "Boats" in page
    assert "var(--chart-blue)" in page


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"figure": {"caption": "Boats"}},
        {"image": {"alt": "A bar of eight boats."}},
        {"figure": {"caption": "Boats by day"}, "image": {"alt": "boats by day"}},
    ],
    ids=["neither", "no alternative", "no caption", "alternative repeats caption"],
)
def test_a_chart_without_them_stops_the_build(
    tmp_path: Path, options: dict[str, dict[str, str]]
) -> None:
    with pytest.raises(BuildError, match=r"mystnb\.(figure|image)"):
        build(tmp_path, index=chart_notebook(**options))


def test_two_charts_on_a_page_share_no_id() -> None:
    other = SVG.replace("rect", "circle")
    ids = {page_svg(svg, "A bar.").split('id="')[1].split('"')[0] for svg in (SVG, other)}
    assert len(ids) == 2


def test_an_alternative_may_hold_quotation_marks() -> None:
    assert 'aria-label="Called &quot;boats&quot;."' in page_svg(SVG, 'Called "boats".')


def test_a_table_drops_what_html_does_not_allow() -> None:
    table = '<style scoped>x</style><table border="1" class="dataframe"><td>NaN</td></table>'
    page = page_table(table)
    assert "style" not in page
    assert "border" not in page
    assert "<td></td>" in page


def test_cite_links_a_statement() -> None:
    link = "[guardian2025.p04a](../evidence/guardian2025.md#guardian2025.p04a)"
    assert cite("guardian2025.p04a") == f"({link})"


def test_cite_refuses_an_unknown_statement() -> None:
    with pytest.raises(KeyError, match=r"guardian2025\.p99z"):
        cite("guardian2025.p99z")


@pytest.mark.parametrize(
    ("value", "bound", "words"),
    [
        (8, "at_least", "at least eight"),
        (38, "at_least", "at least 38"),
        (15000, "about", "about 15,000"),
        (2, "exact", "two"),
        (1.5, "exact", "1.5"),
    ],
)
def test_number(value: float, bound: str, words: str) -> None:
    assert number(value, bound=bound) == words


def test_say_folds_lines_and_keeps_paragraphs() -> None:
    assert say("one\n   two", "three").data == "one two\n\nthree"


@pytest.mark.parametrize(
    ("items", "words"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (list("abc"), "a, b and c")],
)
def test_listing(items: list[str], words: str) -> None:
    assert listing(items) == words
