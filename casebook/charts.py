"""The look of the book's charts, and how a notebook shows them."""

from __future__ import annotations

import html
import io
import json
import re
import sys
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from casebook import pictures
from casebook.in_browser import keep_nulls

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH = 360
"""Width of a whole chart in pixels: that of a phone, so that its text is read there as drawn."""

INK = "#1b2733"
QUIET = "#5b6773"
RULE = "#c9d1d9"
PAPER = "#ffffff"
BLUE, ORANGE, GREEN, GREY = "#003556", "#a44705", "#005530", "#757a80"

COLOURS = {
    "ink": INK,
    "quiet": QUIET,
    "rule": RULE,
    "paper": PAPER,
    "blue": BLUE,
    "orange": ORANGE,
    "green": GREEN,
    "grey": GREY,
}
"""Every colour a chart may use; the page's stylesheet gives each its dark counterpart.

The last four tell things apart, with any colour vision and in grey: they differ in lightness too.
"""

ARTICLES = ["blitzer2025", "guardian2025", "aleem2025", "endgame2025", "brief2025"]
"""The articles in the order of their publication."""

COMPOSED = {"hconcat", "vconcat", "concat", "facet", "repeat"}
EVIDENCE = {"statement_id", "source_id", "as_of"}
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"


@alt.theme.register("casebook", enable=False)
def _theme() -> alt.theme.ThemeConfig:
    return alt.theme.ThemeConfig(
        {
            "background": PAPER,
            "autosize": {"type": "fit-x", "contains": "padding"},
            "config": {
                "font": FONT,
                "view": {"stroke": None, "continuousWidth": WIDTH, "discreteWidth": WIDTH},
                "aria": False,
                "mark": {"tooltip": True},
                "axis": {
                    "labelColor": INK,
                    "titleColor": QUIET,
                    "titleFontWeight": "normal",
                    "labelFontSize": 13,
                    "titleFontSize": 13,
                    "gridColor": RULE,
                    "domainColor": RULE,
                    "tickColor": RULE,
                    "labelLimit": 240,
                },
                "legend": {
                    "labelColor": INK,
                    "titleColor": QUIET,
                    "titleFontWeight": "normal",
                    "labelFontSize": 13,
                    "titleFontSize": 13,
                    "orient": "top",
                    "labelLimit": 240,
                },
                "header": {"labelColor": INK, "titleColor": QUIET, "labelFontSize": 13},
                "range": {"category": [BLUE, ORANGE, GREEN, GREY]},
                "bar": {"color": BLUE},
                "point": {"color": BLUE, "filled": True, "size": 90},
                "rule": {"color": BLUE},
                "text": {"color": INK, "fontSize": 13},
            },
        }
    )


HOLLOW = ["at least", "at most", "about"]
STANCES = ["affirms", "denies", "questions", "leaves_open"]
_FLAT = "M-1,-0.35L1,-0.35L1,0.35L-1,0.35Z"
_NO_DASH = [1, 0]


def amounts(frame: pd.DataFrame) -> pd.DataFrame:
    """Add to figures or forces what their marks are drawn from.

    Parameters
    ----------
    frame
        Rows of `Casebook.counted` or `Casebook.deployed`. Rows without a number are left out.

    Returns
    -------
    pandas.DataFrame
        The rows with ``mark`` (as printed, at least, at most, about, interval), ``start``,
        ``end`` (the ends of an interval, else the number twice), ``hedged`` (passed on without
        taking a side) and ``label`` ("≥ 38", "3 to 4").
    """
    frame = frame[frame["value"].notna()].copy()
    sides = {"at_least": "at least", "more_than": "at least", "about": "about", "range": "interval"}
    sides |= {"at_most": "at most", "fewer_than": "at most"}
    signs = {
        "at_least": "≥ ",
        "more_than": "> ",
        "at_most": "≤ ",
        "fewer_than": "< ",
        "about": "≈ ",
    }
    bounds = frame["bound"].astype(str)
    frame["mark"] = bounds.map(sides).fillna("as printed")
    span = frame["mark"] == "interval"
    frame["start"] = frame["value"].where(~span, frame["low"]).astype(float)
    frame["end"] = frame["value"].where(~span, frame["high"]).astype(float)
    frame["hedged"] = frame["certainty"] == "uncommitted"
    value, start, end = (
        frame[name].map("{:,.0f}".format).astype(str) for name in ("value", "start", "end")
    )
    texts = bounds.map(signs).fillna("").astype(str) + value
    ends = start + " to " + end
    frame["label"] = texts.where(~span, ends)
    return frame


def amount_marks(
    base: alt.Chart, field: str = "x", colour: str = BLUE, **options: Any
) -> alt.LayerChart:
    """Draw numbers by the one grammar of the book: hollow leaves something open, dashed is hedged.

    Parameters
    ----------
    base
        A chart of `amounts`, with the other position encoded.
    field
        ``x`` for numbers along the page, ``y`` for numbers up the page.
    colour
        One of the colours that tell things apart.
    options
        What `altair.X` takes: title, scale, axis.
    """
    channel, other = (alt.X, "x2") if field == "x" else (alt.Y, "y2")
    shapes = {"as printed": "circle", "about": "circle"}
    if field == "x":
        shapes |= {"at least": "triangle-right", "at most": "triangle-left"}
    else:
        shapes |= {"at least": "triangle-up", "at most": "triangle-down"}
    hollow = "indexof(['" + "','".join(HOLLOW) + "'], datum.mark) >= 0 || datum.hedged"
    size = {"height": 8} if field == "x" else {"width": 8}
    bars = base.transform_filter("datum.mark == 'interval'").mark_bar(color=colour, **size)
    points = base.transform_filter("datum.mark != 'interval'").mark_point(
        size=110, opacity=1, strokeWidth=2, stroke=colour
    )
    return bars.encode(**{field: channel("start:Q", **options), other: "end:Q"}) + points.encode(
        **{field: channel("end:Q", **options)},
        shape=alt.Shape(
            "mark:N",
            legend=None,
            scale=alt.Scale(domain=list(shapes), range=list(shapes.values())),
        ),
        fill=alt.condition(hollow, alt.value(PAPER), alt.value(colour)),
        strokeDash=alt.condition("datum.hedged", alt.value([2, 2]), alt.value(_NO_DASH)),
    )


def stance_marks(base: alt.Chart, size: int = 110) -> alt.Chart:
    """Draw positions by the one grammar: shape and colour by stance, hollow and dashed if imputed.

    Parameters
    ----------
    base
        A chart of `Casebook.held` (columns ``position`` and ``imputed``), with both positions
        encoded.
    size
        Area of a mark, in square pixels.
    """
    colours = alt.Scale(domain=STANCES, range=[BLUE, ORANGE, GREEN, GREY])
    shapes = alt.Scale(domain=STANCES, range=["circle", "square", "diamond", _FLAT])
    return base.mark_point(size=size, opacity=1, strokeWidth=2).encode(
        shape=alt.Shape("position:N", scale=shapes, legend=None),
        stroke=alt.Stroke("position:N", scale=colours, legend=None),
        fill=alt.condition(
            "datum.imputed", alt.value(PAPER), alt.Fill("position:N", scale=colours, legend=None)
        ),
        strokeDash=alt.condition("datum.imputed", alt.value([2, 2]), alt.value(_NO_DASH)),
    )


def used_columns(spec: dict[str, Any]) -> dict[str, Any]:
    """Return a chart without the columns it does not draw, so that stored outputs stay small.

    What names the evidence (`EVIDENCE`) is kept.
    """
    drawn = json.dumps({key: value for key, value in spec.items() if key != "datasets"})
    names = set(re.findall(r"\w+", drawn)) | EVIDENCE
    tables = {
        name: [{c: v for c, v in row.items() if c in names} for row in rows]
        for name, rows in spec.get("datasets", {}).items()
    }
    return {**spec, "datasets": tables}


def _show(spec: dict[str, Any], **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    spec = used_columns(spec)
    # Altair's version; a front end warns of another one than its own
    spec.pop("$schema", None)
    if COMPOSED & spec.keys():
        # fitted to a width, views side by side come out 0 px wide, without a word
        spec.pop("autosize", None)
    return pictures.shown(spec)


def enable_matplotlib() -> None:
    """Give matplotlib the same type, colours and quiet frame, as SVG with the same bytes twice.

    Apart from `enable`, because most chapters draw with Altair alone and start sooner without.
    """
    import matplotlib
    from cycler import cycler
    from matplotlib_inline.backend_inline import set_matplotlib_formats

    matplotlib.rcParams.update(
        {
            "font.family": "sans-serif",
            # comes with matplotlib, so that text is measured alike everywhere
            "font.sans-serif": ["DejaVu Sans"],
            "font.size": 13,
            "figure.figsize": (WIDTH / 72, WIDTH / 72 * 0.7),
            "figure.dpi": 72,
            "figure.facecolor": PAPER,
            "axes.facecolor": "none",
            "svg.fonttype": "none",
            "svg.hashsalt": "casebook",
            "text.color": INK,
            "axes.edgecolor": RULE,
            "axes.labelcolor": QUIET,
            "axes.prop_cycle": cycler(color=[BLUE, ORANGE, GREEN, GREY]),
            "axes.spines.top": False,
            "axes.spines.right": False,
            "xtick.color": INK,
            "ytick.color": INK,
            "grid.color": RULE,
        }
    )
    set_matplotlib_formats("svg", metadata={"Date": None, "Creator": None})


class Drawing:
    """A matplotlib figure that carries the rows it draws, as the last line of a chart's cell.

    Parameters
    ----------
    figure
        The figure; it is closed, so that it is shown once.
    frame
        What it draws. The page shows it as a table and as CSV, and takes from ``statement_id``,
        ``source_id`` and ``as_of`` what stands under the chart.
    """

    def __init__(self, figure: Figure, frame: pd.DataFrame) -> None:
        self.figure, self.frame = figure, frame
        from matplotlib import pyplot

        pyplot.close(figure)

    def __repr__(self) -> str:
        return f"Drawing of {len(self.frame)} rows"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        drawn = io.StringIO()
        self.figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
        svg = drawn.getvalue().replace("'DejaVu Sans', sans-serif", FONT)
        # a unit of the drawing is a pixel of the page, as in the other charts
        svg = re.sub(r'(width|height)="([\d.]+)pt"', r'\1="\2"', svg, count=2)
        # in a page, a style for everything would reach beyond the picture
        svg = re.sub(
            r"<metadata>.*?</metadata>|<defs>\s*<style.*?</defs>", "", svg, flags=re.DOTALL
        )
        # two drawings on a page would have the same ids; nothing refers to those of groups
        svg = re.sub(r'<g id="[^"]*">', "<g>", svg)
        svg = svg.replace("<svg ", '<svg style="stroke-linejoin: round; stroke-linecap: butt" ', 1)
        rows = html.escape(self.frame.to_json(orient="records", date_format="iso"), quote=False)
        return {pictures.PICTURE: svg.replace("</svg>", f"<metadata>{rows}</metadata></svg>")}


def enable() -> None:
    """Use the book's look for Altair, and show a chart live and as a picture.

    Tables show whole sentences. A front end that can draw the live chart does so; any other, and
    the built page, shows the picture. Neither needs a network.
    """
    if sys.platform == "emscripten":
        keep_nulls()
    alt.theme.enable("casebook")
    alt.renderers.register("casebook", _show)
    alt.renderers.enable("casebook")
    pd.set_option("display.max_colwidth", None)
    pd.set_option("display.float_format", "{:g}".format)
