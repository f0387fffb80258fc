"""A picture is drawn in the kernel or later, and is the same; a stored one is kept if it holds."""

from __future__ import annotations

import altair as alt
import nbformat
import pandas as pd
import pytest
from nbformat import NotebookNode

from casebook import charts, pictures


def bar_chart(n: int = 8) -> alt.Chart:
    rows = [{"source_id": "guardian2025", "n": n}, {"source_id": "aleem2025", "n": 21}]
    return alt.Chart(pd.DataFrame(rows)).mark_bar().encode(x="n:Q", y="source_id:N")


def notebook_of(*shown: alt.Chart) -> NotebookNode:
    """Return a notebook that has just shown some charts."""
    charts.enable()
    outputs = []
    for chart in shown:
        data, metadata = chart._repr_mimebundle_()
        outputs.append(nbformat.v4.new_output("execute_result", data=data, metadata=metadata))
    cells = [nbformat.v4.new_markdown_cell("Two charts")]
    cells += [nbformat.v4.new_code_cell("chart", outputs=[output]) for output in outputs]
    return nbformat.v4.new_notebook(cells=cells)


def drawn(notebook: NotebookNode) -> list[str]:
    """Return the pictures of a notebook."""
    return [cell.outputs[0].data[pictures.PICTURE] for cell in notebook.cells[1:]]


def test_a_picture_drawn_later_is_the_one_drawn_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = notebook_of(bar_chart())
    monkeypatch.setenv(*pictures.LATER.copy().popitem())
    later = notebook_of(bar_chart())
    assert list(later.cells[1].outputs[0].data) == [pictures.LIVE_CHART]
    pictures.add(later, known={})
    assert later.cells[1].outputs[0] == at_once.cells[1].outputs[0]


def test_a_stored_picture_is_kept_for_the_same_chart_only() -> None:
    notebook = notebook_of(bar_chart(8), bar_chart(9))
    first, second = drawn(notebook)
    notebook.cells[1].outputs[0].data[pictures.PICTURE] = "<svg>stored</svg>"
    known = pictures.stored(notebook)
    again = notebook_of(bar_chart(8), bar_chart(10))
    pictures.add(again, known)
    kept, new = drawn(again)
    assert kept == "<svg>stored</svg>"
    assert new not in {first, second, kept}


def test_what_another_engine_drew_is_drawn_again() -> None:
    notebook = notebook_of(bar_chart())
    before = drawn(notebook)
    output = notebook.cells[1].outputs[0]
    output.data[pictures.PICTURE] = "<svg>of another time</svg>"
    for metadata in ({}, {pictures.PICTURE: {"drawn_by": "vl-convert 0.1"}}):
        output.metadata = metadata
        assert pictures.stored(notebook) == {}
    pictures.add(notebook, pictures.stored(notebook))
    assert drawn(notebook) == before
