"""How charts and tables of a notebook stand in the built page.

myst-nb calls `ChartRenderer` for each output (entry point ``myst_nb.mime_renderers``). A chart
becomes a picture that needs no script, with its written alternative, what it rests on, and its
data as a table and as CSV; the page's script makes it live when it comes into view. The cell's
metadata hold what the chart cannot say::

    "mystnb": {"figure": {"name": "...", "caption": "..."}, "image": {"alt": "..."}},
    "casebook": {"scope": "..."}
"""

from __future__ import annotations

import csv
import hashlib
import html
import io
import json
import re
from typing import Any, ClassVar
from urllib.parse import quote
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from docutils import nodes
from myst_nb.core.render import MimeData, MimeRenderPlugin, NbElementRenderer
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from casebook.pictures import LIVE_CHART, PICTURE
from casebook.rerun import inputs

PLACES = {"x", "y", "x2", "y2", "lx", "ly", "up", "dx", "dy"}
"""Columns that say where on the paper a mark stands."""
LONG_TEXT = 40
"""From so many characters on a cell is a sentence, which needs a line of some length."""
STATEMENT = re.compile(r"^([a-z]+[0-9]{4})\.p[0-9]{2}[a-z]$")
_ID = re.compile(r'(id="|url\(#|href="#)([A-Za-z]+[0-9]+)')


def page_svg(svg: str, alt: str) -> str:
    """Return an SVG for the page: named, scalable, with ids of its own.

    Parameters
    ----------
    svg
        The picture as vl-convert or matplotlib writes it.
    alt
        What the picture shows, for a reader who does not see it.
    """
    svg = svg[svg.index("<svg") :]
    prefix = "c" + hashlib.sha256(svg.encode()).hexdigest()[:8]
    svg = _ID.sub(rf"\1{prefix}-\2", svg)
    svg = re.sub(r' aria-[a-z]+="[^"]*"| role="[^"]*"', "", svg)
    svg = re.sub(r'style="([^"]*)"', _colours_as_attributes, svg)
    name = html.escape(alt, quote=True)
    return svg.replace("<svg", f'<svg role="img" aria-label="{name}"', 1)


def _colours_as_attributes(style: re.Match[str]) -> str:
    """Return an SVG style with its colours as attributes, which the page's theme can replace."""
    parts = [part.strip() for part in style[1].split(";") if part.strip()]
    painted = [part.split(": ", 1) for part in parts if re.match(r"(fill|stroke): ", part)]
    rest = [part for part in parts if not re.match(r"(fill|stroke): ", part)]
    attributes = [f'{name}="{value}"' for name, value in painted]
    return " ".join(attributes + ([f'style="{"; ".join(rest)}"'] if rest else []))


def page_table(table: str) -> str:
    """Return a frame's HTML as a page needs it.

    What HTML does not allow is dropped, a missing value is an empty cell, the two rows of heads
    become one, a statement's id links to its evidence, and a wide table scrolls in a box.

    Raises
    ------
    ExtensionError
        If the HTML is not well-formed; that of pandas is.
    """
    bare = re.sub(r"<style.*?</style>", "", table, flags=re.DOTALL)
    try:
        frame = next(ElementTree.fromstring(bare).iter("table"))
    except ElementTree.ParseError as error:
        raise ExtensionError(
            f"a table is not well-formed HTML ({error}); show the frame itself: {bare[:200]}"
        ) from None
    frame.attrib = {"class": "dataframe"}
    for row in frame.iter("tr"):
        row.attrib = {}
    head = frame.find("thead")
    heads = head.findall("tr")
    if len(heads) == 2 and not any(_text(cell) for cell in heads[1][1:]):
        heads[0][0].text = _text(heads[1][0])
        head.remove(heads[1])
    for cell in head.iter("th"):
        if not _text(cell):
            cell.tag = "td"
        _tidy(cell, "col")
    for cell in frame.find("tbody").iterfind("tr/*"):
        _tidy(cell, "row")
    text = ElementTree.tostring(frame, encoding="unicode", method="html").strip()
    return f'<div class="table-box" tabindex="0" role="group" aria-label="Table">{text}</div>'


def _text(cell: Element) -> str:
    return "".join(cell.itertext())


def _tidy(cell: Element, scope: str) -> None:
    text = _text(cell)
    if text in {"NaN", "NaT", "<NA>", "None"}:
        cell.text = ""
    if len(text) > LONG_TEXT:
        cell.set("class", "long")
    if cell.tag == "th":
        cell.set("scope", scope)
    if found := STATEMENT.match(text):
        cell.text = ""
        link = SubElement(cell, "a", href=f"../evidence/{found[1]}.html#{text}")
        link.text = text


def drawn_rows(svg: str) -> tuple[str, list[dict[str, Any]]]:
    """Return a picture of `casebook.charts.Drawing` without its rows, and the rows.

    Raises
    ------
    ExtensionError
        If the picture carries no rows.
    """
    found = re.search(r"<metadata>(\[.*?\])</metadata>", svg, flags=re.DOTALL)
    if not found:
        raise ExtensionError("a matplotlib figure needs its rows: end with charts.Drawing(…)")
    return svg.replace(found[0], ""), json.loads(html.unescape(found[1]))


def datasets(spec: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """Return the tables that a chart draws, the first one first, without places on the paper.

    Where a table names its evidence, those that do not are words and lines, and are left out.
    """
    tables = [rows for rows in spec.get("datasets", {}).values() if rows]
    named = [rows for rows in tables if {"statement_id", "source_id"} & rows[0].keys()]
    return [
        [{name: cell for name, cell in row.items() if name not in PLACES} for row in rows]
        for rows in named or tables
    ]


def notes(spec: dict[str, Any], scope: str) -> str:
    """Return what stands under a chart: as-of day, sources, scope, data as table and CSV."""
    rows = [row for table in datasets(spec) for row in table]
    days = sorted({str(row["as_of"])[:10] for row in rows if row.get("as_of")})
    ids = {row[k] for row in rows for k in ("statement_id", "source_id") if row.get(k)}
    sources = sorted({str(i).split(".")[0] for i in ids})
    facts = []
    if days:
        span = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
        facts.append(f"As of {span}.")
    if sources:
        links = (f'<a href="../reference/bibliography.html#{s}">{s}</a>' for s in sources)
        facts.append(f"Sources: {', '.join(links)}.")
    facts.append(html.escape(scope))
    tables = "".join(_data_table(table) for table in datasets(spec))
    return (
        f'<div class="chart-notes"><p>{" ".join(facts)}</p>'
        f"<details><summary>The data behind it</summary>{tables}</details></div>"
    )


def _data_table(rows: list[dict[str, Any]]) -> str:
    columns = list(rows[0])
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    heads = "".join(f"<th>{html.escape(c)}</th>" for c in columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(_cell(row.get(c)))}</td>" for c in columns) + "</tr>"
        for row in rows
    )
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
    link = f"data:text/csv;charset=utf-8,{quote(text.getvalue())}"
    return page_table(table) + f'<p><a href="{link}" download="chart.csv">As CSV</a></p>'


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:g}"
    return str(value).removesuffix("T00:00:00").replace("|", " ")


def _options(renderer: NbElementRenderer, data: MimeData) -> tuple[str, str]:
    options = data.cell_metadata.get("mystnb", {})
    caption = options.get("figure", {}).get("caption", "").strip()
    alt = options.get("image", {}).get("alt", "").strip()
    scope = data.cell_metadata.get("casebook", {}).get("scope", "").strip()
    where = f"{renderer.source}, cell {data.cell_index + 1}"
    if not caption or not alt:
        raise ExtensionError(
            f"{where}: a chart needs mystnb.figure.caption and mystnb.image.alt in the "
            "cell's metadata"
        )
    if alt.casefold() in caption.casefold():
        raise ExtensionError(f"{where}: mystnb.image.alt only repeats the caption")
    if not scope:
        raise ExtensionError(f"{where}: a chart needs casebook.scope in the cell's metadata")
    return alt, scope


def _picture(renderer: NbElementRenderer, data: MimeData) -> str:
    """Return the picture that stands in the notebook beside a live chart."""
    _, outputs = renderer.renderer.nb_client.code_cell_outputs(data.cell_index)
    shown = outputs[data.output_index].data
    if PICTURE not in shown:
        raise ExtensionError(
            f"{renderer.source}, cell {data.cell_index + 1}: a chart without its picture, as a "
            "browser saves it; make rerun draws it"
        )
    return shown[PICTURE]


class ChartRenderer(MimeRenderPlugin):
    """Puts charts and tables into the page; a chart needs caption, alternative and scope."""

    mime_priority_overrides: ClassVar = [("html", LIVE_CHART, 1)]

    @staticmethod
    def handle_mime(
        renderer: NbElementRenderer, data: MimeData, inline: bool
    ) -> list[nodes.Element] | None:
        """Return a chart or a frame as raw HTML, or None for any other output.

        Raises
        ------
        ExtensionError
            If a chart's cell lacks caption, alternative or scope, the alternative only repeats
            the caption, or a chart has no picture.
        """
        if inline:
            return None
        if data.mime_type == LIVE_CHART:
            alt, scope = _options(renderer, data)
            spec = data.content if isinstance(data.content, dict) else json.loads(data.content)
            live = json.dumps(spec, separators=(",", ":"), ensure_ascii=False)
            live = live.replace("</", r"<\/")
            picture = (
                f'<div class="chart">{page_svg(_picture(renderer, data), alt)}'
                f'<script type="application/json">{live}</script></div>'
            )
            return [nodes.raw("", picture, format="html"), _notes_node(notes(spec, scope))]
        if data.mime_type == PICTURE:
            if '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink' in data.string[:60]:
                # Altair's own picture: it stands with the live chart
                return [nodes.raw("", "", format="html")]
            alt, scope = _options(renderer, data)
            svg, rows = drawn_rows(data.string)
            picture = f'<div class="chart">{page_svg(svg, alt)}</div>'
            under = notes({"datasets": {"rows": rows}}, scope)
            return [nodes.raw("", picture, format="html"), _notes_node(under)]
        if data.mime_type == "text/html" and 'class="dataframe"' in data.string:
            return [nodes.raw("", page_table(data.string), format="html")]
        return None


def _notes_node(text: str) -> nodes.raw:
    return nodes.raw("", text, format="html", chart_notes=True)


def notes_after_caption(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Move what stands under a chart behind its caption."""
    for note in list(doctree.findall(nodes.raw)):
        if note.get("chart_notes"):
            figure = note.parent
            while figure is not None and not isinstance(figure, nodes.figure):
                figure = figure.parent
            if figure is not None:
                note.parent.remove(note)
                figure.append(note)


def note_inputs(app: Sphinx, doctree: nodes.document) -> None:
    """Read a chapter again when anything changed that it reads, and not its file only."""
    if app.env.doc2path(app.env.docname).endswith(".ipynb"):
        for path in inputs():
            app.env.note_dependency(str(path))


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect what a chapter depends on, and the order of caption and notes."""
    app.connect("doctree-read", note_inputs)
    app.connect("doctree-resolved", notes_after_caption)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
