"""The look of the charts: colours, sizes, the same bytes twice."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from pathlib import Path

import altair as alt
import pandas as pd
import pytest
from coloraide import Color
from coloraide.filters import cvd

from casebook import charts

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


def test_a_chart_shows_live_and_as_a_picture() -> None:
    charts.enable()
    shown = bar_chart()._repr_mimebundle_()
    assert set(shown) >= {charts.LIVE_CHART, "image/svg+xml"}
    assert shown == bar_chart()._repr_mimebundle_()


def test_a_chart_is_as_wide_as_a_phone() -> None:
    charts.enable()
    svg = bar_chart()._repr_mimebundle_()["image/svg+xml"]
    assert abs(float(re.search(r'width="([\d.]+)"', svg)[1]) - charts.WIDTH) <= 12


def test_views_side_by_side_have_a_width() -> None:
    charts.enable()
    panel = bar_chart().properties(width=100)
    svg = (panel | panel)._repr_mimebundle_()["image/svg+xml"]
    assert float(re.search(r'width="([\d.]+)"', svg)[1]) > 200


def test_columns_that_are_not_drawn_are_not_stored() -> None:
    charts.enable()
    spec = bar_chart()._repr_mimebundle_()[charts.LIVE_CHART]
    (rows,) = spec["datasets"].values()
    assert list(rows[0]) == ["source_id", "n"]


def test_matplotlib_draws_in_the_same_look_and_the_same_bytes() -> None:
    code = (
        "import hashlib, io; from casebook import charts; charts.enable()\n"
        "import matplotlib.pyplot as plt; figure, axes = plt.subplots(); axes.plot([1, 2])\n"
        "out = io.StringIO(); figure.savefig(out, format='svg', metadata={'Date': None})\n"
        "print(hashlib.sha256(out.getvalue().encode()).hexdigest(), '#003556' in out.getvalue())"
    )
    runs = {
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
        for _ in range(2)
    }
    assert len(runs) == 1
    assert runs.pop().strip().endswith("True")
