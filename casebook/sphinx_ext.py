"""Sphinx extension: anchors that keep a row's id as it is, so that links to it can be checked.

docutils would turn ``guardian2025.p04a`` into ``guardian2025-p04a``. The directive ``row`` keeps
the id letter by letter and tells MyST about it: ``[text](guardian2025.md#guardian2025.p04a)``
resolves like a link to a heading, and an unknown id is a warning, hence an error in the build.
Words of a glossary are registered in the same way, because a front end for notebooks reads
``[bound](../reference/glossary.md#bound)`` and not the role ``term``.
"""

from __future__ import annotations

from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


class RowDirective(SphinxDirective):
    """A block that stands for one row of the data: ``:::{row} guardian2025.p04a``."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {"class": directives.class_option}

    def run(self) -> list[nodes.Node]:
        """Return one container whose only id is the row's."""
        row = nodes.container(ids=[self.arguments[0]], classes=["row-card"])
        row["classes"] += self.options.get("class", [])
        row["row_id"] = self.arguments[0]
        self.state.nested_parse(self.content, self.content_offset, row)
        return [row]


def register_rows(app: Sphinx, doctree: nodes.document) -> None:
    """Add the page's row ids and glossary words to the anchors that MyST resolves links to."""
    slugs = app.env.metadata[app.env.docname].setdefault("myst_slugs", {})
    for row in doctree.findall(nodes.container):
        if "row_id" in row:
            slugs[row["row_id"]] = (row.line or 0, row["row_id"], row["row_id"])
    for glossary in doctree.findall(addnodes.glossary):
        for term in glossary.findall(nodes.term):
            slugs[nodes.make_id(term.astext())] = (term.line or 0, term["ids"][0], term.astext())


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("row", RowDirective)
    app.connect("doctree-read", register_rows)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
