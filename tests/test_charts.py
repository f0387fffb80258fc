"""The look of the charts: colours, sizes, the same bytes twice."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
import pytest
import vl_convert
from coloraide import Color
from coloraide.filters import cvd

from casebook import charts, pictures
from casebook.rules import FILLED

ROOT = Path(__file__).resolve().parents[1]
STYLE = (ROOT / "book" / "_static" / "casebook.css").read_text(encoding="utf-8")
TELL_APART = ["blue", "orange", "green", "grey"]
LEAST_DISTANCE = 7  # CIEDE2000
PAPER = dict(
    zip(
        ("light", "dark"),
        re.search(r"--paper: light-dark\((.*), (.*)\)", STYLE).groups(),
        strict=True,
    )
)


class Sight(Color):
    """A colour that can be seen with another colour vision."""


Sight.register([cvd.Protan(), cvd.Deutan(), cvd.Tritan()], silent=True)


def colour(name: str, theme: str) -> Sight:
    light, dark = re.search(rf"--chart-{name}: light-dark\((.*), (.*)\)", STYLE).groups()
    return Sight(light if theme == "light" else dark)


def seen(colour: Sight, vision: str) -> Sight:
    if vision == "grey":
        return Sight("lab-d65", [colour.convert("lab-d65")["lightness"], 0, 0])
    return colour if vision == "full" else colour.filter(vision)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("vision", ["full", "protan", "deutan", "tritan", "grey"])
def test_colours_are_told_apart(vision: str, theme: str) -> None:
    for one, other in itertools.combinations(TELL_APART, 2):
        pair = seen(colour(one, theme), vision), seen(colour(other, theme), vision)
        assert pair[0].delta_e(pair[1], method="2000") >= LEAST_DISTANCE, (one, other)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_marks_and_text_have_contrast(theme: str) -> None:
    for name in TELL_APART:
        assert colour(name, theme).contrast(PAPER[theme]) >= 3, name
    for name in ("ink", "quiet"):
        assert colour(name, theme).contrast(PAPER[theme]) >= 4.5, name
    for name in ("blue", "orange", "green"):
        assert colour(name, theme).contrast(colour("paper", theme)) >= 4.5, f"label on {name}"


@pytest.mark.parametrize(("name", "value"), charts.COLOURS.items())
def test_the_stylesheet_follows_every_colour(name: str, value: str) -> None:
    assert colour(name, "light").to_string(hex=True) == value
    for paint in ("fill", "stroke"):
        rule = f'.chart [{paint}="{value}"] {{\n  {paint}: var(--chart-{name});'
        assert rule in STYLE


def bar_chart() -> alt.Chart:
    rows = [
        {"source_id": "guardian2025", "n": 8, "left_out": "x"},
        {"source_id": "aleem2025", "n": 21, "left_out": "y"},
    ]
    return alt.Chart(pd.DataFrame(rows)).mark_bar().encode(x="n:Q", y="source_id:N")


def shown(chart: alt.TopLevelMixin) -> dict[str, Any]:
    """Return what a notebook stores of a chart."""
    data, _ = chart._repr_mimebundle_()
    return data


def test_a_chart_is_as_wide_as_a_phone() -> None:
    charts.enable()
    svg = shown(bar_chart())[pictures.PICTURE]
    assert abs(float(re.search(r'width="([\d.]+)"', svg)[1]) - charts.WIDTH) <= 12


def test_views_side_by_side_have_a_width() -> None:
    charts.enable()
    panel = bar_chart().properties(width=100)
    svg = shown(panel | panel)[pictures.PICTURE]
    assert float(re.search(r'width="([\d.]+)"', svg)[1]) > 200


def test_columns_that_are_not_drawn_are_not_stored() -> None:
    charts.enable()
    spec = shown(bar_chart())[pictures.LIVE_CHART]
    (rows,) = spec["datasets"].values()
    assert list(rows[0]) == ["source_id", "n"]


def test_matplotlib_draws_in_the_same_look_and_the_same_bytes() -> None:
    code = (
        "import hashlib; import pandas as pd; from casebook import charts\n"
        "charts.enable_matplotlib()\n"
        "import matplotlib.pyplot as plt; figure, axes = plt.subplots(); axes.plot([1, 2])\n"
        "drawn = charts.Drawing(figure, pd.DataFrame({'a': [1, 2]}))\n"
        "svg = drawn._repr_mimebundle_()['image/svg+xml']\n"
        "print(hashlib.sha256(svg.encode()).hexdigest(), '#003556' in svg, charts.FONT in svg)"
    )
    runs = {
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
        for _ in range(2)
    }
    assert len(runs) == 1
    assert runs.pop().split()[1:] == ["True", "True"]


# book/chapters/how-to-read.ipynb tells a reader this much
LOOKS = {
    "exact": ("as printed", "5"),
    "at_least": ("at least", "≥ 5"),
    "more_than": ("at least", "> 5"),
    "at_most": ("at most", "≤ 5"),
    "fewer_than": ("at most", "< 5"),
    "about": ("about", "≈ 5"),
    "range": ("interval", "4 to 6"),
}


def number_row(bound: str, certainty: str = "stated") -> pd.DataFrame:
    low, high = (4, 6) if bound == "range" else (None, None)
    row = {"value": 5, "low": low, "high": high, "bound": bound, "certainty": certainty, "row": "x"}
    return pd.DataFrame([row])


def marks(chart: alt.Chart | alt.LayerChart) -> list[dict[str, str]]:
    """Return the attributes of the marks that are drawn."""
    svg = vl_convert.vegalite_to_svg(chart.to_dict())
    group = re.findall(r'<g class="mark-(?:symbol|rect)[^>]*>(.*?)</g>', svg)
    return [
        dict(re.findall(r'([a-z-]+)="([^"]*)"', path))
        for part in group
        for path in re.findall(r"<path [^>]*>", part)
    ]


def test_every_bound_with_a_number_has_its_look() -> None:
    assert set(LOOKS) == set(FILLED) - {"vague"}


@pytest.mark.parametrize("bound", LOOKS)
def test_a_bound_has_its_mark_and_label(bound: str) -> None:
    (row,) = charts.amounts(number_row(bound)).to_dict("records")
    assert (row["mark"], row["label"]) == LOOKS[bound]
    ends = (4, 6) if bound == "range" else (5, 5)
    assert (row["start"], row["end"]) == ends


def test_a_number_that_is_not_printed_has_no_mark() -> None:
    vague = number_row("vague").assign(value=float("nan"))
    assert charts.amounts(vague).empty


@pytest.mark.parametrize("field", ["x", "y"])
@pytest.mark.parametrize("certainty", ["stated", "uncommitted"])
def test_hollow_is_open_and_dashed_is_hedged(field: str, certainty: str) -> None:
    charts.enable()
    shapes = set()
    other = "y" if field == "x" else "x"
    for bound in LOOKS.keys() - {"range"}:
        frame = charts.amounts(number_row(bound, certainty))
        base = alt.Chart(frame).encode(**{other: "row:N"})
        (mark,) = marks(charts.amount_marks(base, field))
        hollow = bound != "exact" or certainty == "uncommitted"
        assert mark["fill"] == (charts.PAPER if hollow else charts.BLUE)
        assert (mark.get("stroke-dasharray") == "2,2") == (certainty == "uncommitted")
        shapes.add((mark["d"], mark["fill"]))
    assert len(shapes) == (3 if certainty == "uncommitted" else 4)


def test_each_stance_has_a_shape_and_imputed_ones_are_hollow_and_dashed() -> None:
    charts.enable()
    looks = set()
    for stance in charts.STANCES:
        for imputed in (False, True):
            frame = pd.DataFrame([{"position": stance, "imputed": imputed, "row": "x"}])
            (mark,) = marks(charts.stance_marks(alt.Chart(frame).encode(y="row:N")))
            assert (mark["fill"] == charts.PAPER) == imputed
            assert (mark.get("stroke-dasharray") == "2,2") == imputed
            assert mark["stroke"] in {charts.BLUE, charts.ORANGE, charts.GREEN, charts.GREY}
            looks.add((mark["d"], mark["stroke"]))
    assert len(looks) == len(charts.STANCES)
