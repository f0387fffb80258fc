"""Draws live charts as pictures, where they stand or all of a notebook's afterwards.

To draw a chart takes longer than to compute it, mostly for the engine to start and to measure
text. A build therefore leaves pictures out while a chapter runs, and afterwards draws only those
charts that differ from the stored ones. Each picture says what engine drew it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

try:
    import vl_convert
except ModuleNotFoundError:  # in a browser there is none; what runs there draws live charts
    vl_convert = None

if TYPE_CHECKING:
    from nbformat import NotebookNode

LIVE_CHART = "application/vnd.vegalite.v5+json"
"""What JupyterLab and VS Code draw without a network; the charts use nothing newer."""
PICTURE = "image/svg+xml"
LATER = {"CASEBOOK_PICTURES": "later"}
"""What the environment of a kernel holds if its pictures are added later."""


def _engine() -> dict[str, Any]:
    """Return the metadata of a picture: what drew it."""
    return {PICTURE: {"drawn_by": f"vl-convert {version('vl-convert-python')}"}}


def shown(spec: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a notebook stores of a chart, and the metadata of it.

    That is the live chart and, unless it comes later, its picture.
    """
    if vl_convert is None or LATER.items() <= os.environ.items():
        return {LIVE_CHART: spec}, {}
    return {LIVE_CHART: spec, PICTURE: vl_convert.vegalite_to_svg(spec)}, _engine()


def _charts(notebook: NotebookNode) -> Iterator[NotebookNode]:
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if LIVE_CHART in output.get("data", {}):
                yield output


def stored(notebook: NotebookNode) -> dict[str, str]:
    """Return the pictures that a notebook stores and the present engine drew, by their chart."""
    engine = _engine()
    return {
        json.dumps(output.data[LIVE_CHART], sort_keys=True): output.data[PICTURE]
        for output in _charts(notebook)
        if PICTURE in output.data and output.metadata == engine
    }


def add(notebook: NotebookNode, known: dict[str, str]) -> None:
    """Add to each live chart its picture: a known one of the same chart, or else a new one."""
    for output in _charts(notebook):
        spec = output.data[LIVE_CHART]
        picture = known.get(json.dumps(spec, sort_keys=True)) or vl_convert.vegalite_to_svg(spec)
        output.data[PICTURE] = picture
        output.metadata = _engine()
