"""How rows and charts get into a page, and that a wrong one stops the build."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pandas as pd
import pytest
from matplotlib import pyplot
from sphinx.errors import ExtensionError

from casebook import charts, pictures
from casebook.prose import cite, listing, number, say
from casebook.sphinx_charts import drawn_rows, page_svg, page_table
from casebook.sphinx_page import fill

CONF = """
extensions = ["myst_nb", "casebook.sphinx_ext", "casebook.sphinx_charts"]
myst_enable_extensions = ["colon_fence"]
nb_execution_mode = "off"
nb_render_markdown_format = "myst"
"""
ROW = "# Evidence\n\n:::{row} guardian2025.p04a\nA claim.\n:::\n"
ROWS = [{"statement_id": "guardian2025.p04a", "as_of": "2025-10-24", "boats": 8}]
CHART = {
    "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
    "data": {"name": "rows"},
    "datasets": {"rows": ROWS},
    "mark": "bar",
    "encoding": {"x": {"field": "boats", "type": "quantitative"}},
}
WHOLE = {
    "mystnb": {"figure": {"caption": "Boats by day"}, "image": {"alt": "A bar of eight boats."}},
    "casebook": {"scope": "Eight boats, as printed."},
}
LANGUAGE = {"language_info": {"name": "python"}}
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


def chart_notebook(**options: Any) -> str:
    data, metadata = pictures.shown(CHART)
    output = nbformat.v4.new_output("display_data", data=data, metadata=metadata)
    cell = nbformat.v4.new_code_cell("chart", outputs=[output], metadata=options)
    title = nbformat.v4.new_markdown_cell("# A chapter")
    return nbformat.writes(nbformat.v4.new_notebook(cells=[title, cell], metadata=LANGUAGE))


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
    page = build(tmp_path, index=chart_notebook(**WHOLE))
    assert '<svg role="img" aria-label="A bar of eight boats."' in page
    text = page[page.index("<figure") :]
    assert text.index("aria-label") < text.index("Boats by day") < text.index("As of 2025-10-24")
    assert text.count('<div class="chart-notes">') == 1
    assert 'href="../reference/bibliography.html#guardian2025"' in text
    assert "Eight boats, as printed." in text
    assert 'href="../evidence/guardian2025.html#guardian2025.p04a"' in text
    assert "data:text/csv" in text
    assert '"datasets"' in text


@pytest.mark.parametrize(
    ("missing", "named"),
    [
        ({"mystnb": {"image": {"alt": "A bar of eight boats."}}}, "mystnb.figure.caption"),
        ({"mystnb": {"figure": {"caption": "Boats by day"}}}, "mystnb.image.alt"),
        (
            {"mystnb": {"figure": {"caption": "Boats by day"}, "image": {"alt": "boats by day"}}},
            "only repeats the caption",
        ),
        ({"casebook": {}}, "casebook.scope"),
    ],
    ids=["no caption", "no alternative", "alternative repeats caption", "no scope"],
)
def test_a_chart_without_them_stops_the_build(
    tmp_path: Path, missing: dict[str, Any], named: str
) -> None:
    with pytest.raises(BuildError, match=re.escape(named)):
        build(tmp_path, index=chart_notebook(**{**WHOLE, **missing}))


def test_two_charts_on_a_page_share_no_id() -> None:
    other = SVG.replace("rect", "circle")
    ids = {page_svg(svg, "A bar.").split('id="')[1].split('"')[0] for svg in (SVG, other)}
    assert len(ids) == 2


def test_colours_of_matplotlib_can_follow_the_theme() -> None:
    charts.enable_matplotlib()
    figure, axes = pyplot.subplots()
    axes.plot([1, 2], color=charts.ORANGE)
    axes.scatter([0.5], [1.2], facecolor=charts.PAPER, edgecolor=charts.GREEN)
    shown = charts.Drawing(figure, pd.DataFrame(ROWS))._repr_mimebundle_()
    picture, rows = drawn_rows(shown["image/svg+xml"])
    svg = page_svg(picture, "A line and a point.")
    assert rows == ROWS
    assert "<metadata>" not in svg
    assert "<style" not in svg
    used = set(re.findall(r'(?:fill|stroke)="(#[0-9a-f]{6})"', svg))
    assert {charts.ORANGE, charts.PAPER, charts.GREEN, charts.INK} <= used
    assert used <= set(charts.COLOURS.values())
    assert not re.search(r'style="[^"]*(fill|stroke): ', svg)


def test_a_picture_without_its_rows_stops_the_build(tmp_path: Path) -> None:
    output = nbformat.v4.new_output("display_data", data={"image/svg+xml": SVG})
    cell = nbformat.v4.new_code_cell("chart", outputs=[output], metadata=WHOLE)
    title = nbformat.v4.new_markdown_cell("# A chapter")
    notebook = nbformat.v4.new_notebook(cells=[title, cell], metadata=LANGUAGE)
    with pytest.raises(BuildError, match=re.escape("charts.Drawing")):
        build(tmp_path, index=nbformat.writes(notebook))


def test_a_chart_without_its_picture_stops_the_build(tmp_path: Path) -> None:
    notebook = nbformat.reads(chart_notebook(**WHOLE), as_version=4)
    del notebook.cells[1].outputs[0].data[pictures.PICTURE]
    with pytest.raises(BuildError, match=r"cell 2: a chart without its picture"):
        build(tmp_path, index=nbformat.writes(notebook))


def test_an_alternative_may_hold_quotation_marks() -> None:
    assert 'aria-label="Called &quot;boats&quot;."' in page_svg(SVG, 'Called "boats".')


def test_a_table_is_as_html_allows() -> None:
    frame = pd.DataFrame(
        {"bound": ["at_least", None]}, index=["guardian2025.p04a", "aleem2025.p02a"]
    )
    page = page_table(frame.rename_axis("statement_id").to_html(classes="dataframe"))
    assert "border=" not in page
    assert "style=" not in page
    assert page.count("<tr>") == 3
    assert "None" not in page
    assert '<a href="../evidence/guardian2025.html#guardian2025.p04a">' in page
    assert '<th scope="row">' in page


def test_a_table_that_is_no_table_stops_the_build() -> None:
    with pytest.raises(ExtensionError, match="not well-formed"):
        page_table('<table class="dataframe"><tbody><tr><td>a<br>b</td></tr></tbody></table>')


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


@pytest.mark.parametrize(
    ("page", "address", "base"),
    [
        ("404", "https://example.org/book", "https://example.org/book/"),
        ("404", "", None),
        ("book/index", "https://example.org/book", None),
    ],
)
def test_the_error_page_knows_the_site_it_belongs_to(
    page: str, address: str, base: str | None
) -> None:
    app = SimpleNamespace(
        config=SimpleNamespace(html_baseurl=address), env=SimpleNamespace(found_docs=set())
    )
    context: dict[str, Any] = {}
    fill(app, page, "page.html", context, None)
    assert context.get("base") == base
