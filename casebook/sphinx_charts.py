"""How charts and tables of a notebook stand in the built page.

A chart is an inline picture that follows the theme.

myst-nb calls `ChartRenderer` for each output that has an SVG (entry point
``myst_nb.mime_renderers``). The cell's metadata hold what the picture cannot say::

    "mystnb": {"figure": {"caption": "..."}, "image": {"alt": "..."}}
"""

from __future__ import annotations

import hashlib
import html
import re

from docutils import nodes
from myst_nb.core.render import MimeData, MimeRenderPlugin, NbElementRenderer
from sphinx.errors import ExtensionError

from casebook.charts import COLOURS

LIVE_CHART = "application/vnd.vegalite.v6+json"
_ID = re.compile(r'(id="|url\(#|href="#)([A-Za-z]+[0-9]+)')


def page_svg(svg: str, alt: str) -> str:
    """Return an SVG for the page: named, scalable, with colours that the stylesheet can change.

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
    for name, colour in COLOURS.items():
        svg = re.sub(
            rf'(fill|stroke)="{colour}"', rf'\1="{colour}" style="\1: var(--chart-{name})"', svg
        )
    svg = re.sub(r' aria-[a-z]+="[^"]*"| role="[^"]*"', "", svg)
    name = html.escape(alt, quote=True)
    return svg.replace("<svg", f'<svg role="img" aria-label="{name}"', 1)


def page_table(table: str) -> str:
    """Return a frame's HTML without what HTML does not allow, in a box that can scroll."""
    table = re.sub(r"<style scoped>.*?</style>", "", table, flags=re.DOTALL)
    table = re.sub(r"<td>(NaN|NaT|&lt;NA&gt;|None)</td>", "<td></td>", table)
    table = table.replace(' border="1"', "").replace(' style="text-align: right;"', "")
    return f'<div class="table-box" tabindex="0" role="region" aria-label="Table">{table}</div>'


class ChartRenderer(MimeRenderPlugin):
    """Puts charts and tables into the page; a chart needs caption and written alternative."""

    @staticmethod
    def handle_mime(
        renderer: NbElementRenderer, data: MimeData, inline: bool
    ) -> list[nodes.Element] | None:
        """Return a picture or a frame as raw HTML, or None for any other output.

        Raises
        ------
        ExtensionError
            If the cell has no caption or no alternative, or both say the same.
        """
        if data.mime_type == LIVE_CHART:
            return []
        if not inline and data.mime_type == "text/html" and 'class="dataframe"' in data.string:
            return [nodes.raw("", page_table(data.string), format="html", classes=["output"])]
        if inline or data.mime_type != "image/svg+xml":
            return None
        options = data.cell_metadata.get("mystnb", {})
        caption = options.get("figure", {}).get("caption", "").strip()
        alt = options.get("image", {}).get("alt", "").strip()
        where = f"{renderer.source}, cell {data.cell_index + 1}"
        if not caption or not alt:
            raise ExtensionError(
                f"{where}: a chart needs mystnb.figure.caption and mystnb.image.alt in the "
                "cell's metadata"
            )
        if alt.casefold() in caption.casefold():
            raise ExtensionError(f"{where}: mystnb.image.alt only repeats the caption")
        return [nodes.raw("", page_svg(data.string, alt), format="html")]
