"""Sphinx extension: what the book's page template needs beyond what Sphinx gives it."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from casebook.tables import DATA, read_package

DESCRIPTION_LENGTH = 155


def describe(body: str) -> str:
    """Return the first real paragraph of a page as plain text, cut at a word."""
    for paragraph in re.findall(r"<p>(.*?)</p>", body, flags=re.DOTALL):
        text = " ".join(unescape(re.sub(r"<[^>]+>", "", paragraph)).split())
        if len(text) > 20:
            break
    else:
        return ""
    if len(text) <= DESCRIPTION_LENGTH:
        return text
    return text[:DESCRIPTION_LENGTH].rsplit(" ", 1)[0].rstrip(",;:") + " …"


@cache
def last_change() -> str:
    """Return the day of the last commit as "22 November 2026", or nothing outside git."""
    command = ["git", "log", "-1", "--format=%cd", "--date=format:%-d %B %Y"]
    done = subprocess.run(command, cwd=DATA.parent, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def mend(body: str) -> str:
    """Return a page's text with what the theme's writers leave open.

    The summary of a folded cell holds no paragraphs, and what may scroll can have the focus.
    """
    box = '<div class="pst-scrollable-table-container"'
    body = body.replace('<summary aria-label="Toggle hidden content">', "<summary>")
    body = body.replace("<pre>", '<pre tabindex="0">')
    body = body.replace(box, f'{box} tabindex="0" role="group" aria-label="Table"')
    return re.sub(
        r'<p class="(collapsed|expanded) admonition-title">(.*?)</p>',
        r'<span class="\1">\2</span>',
        body,
    )


def fill(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    """Add description, notebook, contents of the page and dates to the template's context."""
    context["body"] = mend(context.get("body", ""))
    context["description"] = describe(context["body"])
    context["release_of_data"] = read_package().descriptor["version"]
    context["changed"] = last_change()
    source = context.get("sourcename") or ""
    context["notebook"] = Path(source).name if source.endswith(".ipynb") else ""
    headings = context.get("toc") or ""
    # the page's own title is the only entry of the first level: show what is below it
    inner = re.search(r"<ul>.*?(<ul>.*</ul>).*?</ul>", headings, flags=re.DOTALL)
    context["on_page"] = inner.group(1) if inner and context.get("display_toc") else ""


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the page template's context."""
    app.connect("html-page-context", fill, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
