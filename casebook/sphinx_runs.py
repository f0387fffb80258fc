"""Sphinx extension: what a chapter shows comes from its run, which ends while Sphinx starts.

The setting ``casebook_runs`` holds a function that waits for the runs and tells whether all of
them came through.
"""

from __future__ import annotations

import json
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import SphinxError


class FailedRunError(SphinxError):
    """A chapter that did not come through."""

    category = "No page was written"


def wait_for_runs(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Wait for the runs before the first page is read.

    Raises
    ------
    FailedRunError
        If one of them failed.
    """
    runs = app.config.casebook_runs
    if runs and not runs():
        raise FailedRunError("a chapter failed")


def drop_stored_outputs(app: Sphinx, docname: str, source: list[str]) -> None:
    """Read a chapter that is run without its stored outputs: myst-nb would copy, then replace."""
    if app.config.nb_execution_mode == "off" or not app.env.doc2path(docname).endswith(".ipynb"):
        return
    notebook = json.loads(source[0])
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = []
    source[0] = json.dumps(notebook)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect both."""
    app.add_config_value("casebook_runs", None, "")
    app.connect("env-before-read-docs", wait_for_runs)
    app.connect("source-read", drop_stored_outputs)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
