"""Sphinx extension: what a chapter shows comes from its run, which ends while Sphinx starts.

The setting ``casebook_runs`` holds a function that waits for the runs and tells whether all of
them came through. Without it, as in a plain Jupyter Book build, this does nothing.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import SphinxError

from casebook.runs import run_of


class RunError(SphinxError):
    """A chapter has no outputs to show."""

    category = "No page was written"


def wait_for_runs(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Wait for the runs before the first page is read.

    Raises
    ------
    RunError
        If one of them failed.
    """
    runs = app.config.casebook_runs
    if runs and not runs():
        raise RunError("a chapter failed")


def take_outputs(app: Sphinx, docname: str, source: list[str]) -> None:
    """Put the outputs of its run into a chapter, in place of the stored ones.

    Raises
    ------
    RunError
        If the chapter, or what it reads, was changed while it ran.
    """
    path = Path(app.env.doc2path(docname))
    if app.config.casebook_runs is None or path.suffix != ".ipynb":
        return
    kept = run_of(path)
    if not kept.exists():
        raise RunError(f"{path.name}, or a table, was changed while it ran: build again")
    notebook = json.loads(source[0])
    code = (cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    run = json.loads(kept.read_text(encoding="utf-8"))
    for cell, outputs in zip(code, run, strict=True):
        cell["outputs"] = outputs
    # what the kernel says of itself: a cell may hold commands of IPython
    notebook["metadata"]["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
    source[0] = json.dumps(notebook)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect both."""
    app.add_config_value("casebook_runs", None, "")
    app.connect("env-before-read-docs", wait_for_runs)
    app.connect("source-read", take_outputs)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
