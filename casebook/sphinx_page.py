"""Sphinx extension: what the book's page needs beyond what Sphinx gives it."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config

from casebook import cards, elsewhere
from casebook.package import read_package
from casebook.sources import ROOT, write_zip

DESCRIPTION_LENGTH = 155
JUPYTERLAB_BYTES = 7_200_000
"""What JupyterLab itself loads to show a chapter; a test measures it."""
THEBE = re.compile(
    r'<script type="text/x-thebe-config">.*?</script>|<script>kernelName = .*?</script>', re.DOTALL
)
THEME_LINKS = ("launch_buttons", "repository_url", "repository_branch", "path_to_docs")
THEME_LINKS += ("use_repository_button", "use_edit_page_button", "use_issues_button")
THEME_PARTS = ("article_header_start", "article_header_end", "footer_content_items")
THEME_PARTS += ("primary_sidebar_end", "secondary_sidebar_items")


def describe(body: str) -> str:
    """Return the first real paragraph of a page as plain text, cut at a word."""
    for paragraph in re.findall(r"<p>(.*?)</p>", body, flags=re.DOTALL):
        text = " ".join(html.unescape(re.sub(r"<[^>]+>", "", paragraph)).split())
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
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def mend(body: str) -> str:
    """Return a page's text with what the theme's writers leave open.

    The summary of a folded cell holds no paragraphs, what may scroll can have the focus, and
    settings for a server that the book does not use are gone.
    """
    body = THEBE.sub("", body)
    box = '<div class="pst-scrollable-table-container"'
    body = body.replace('<summary aria-label="Toggle hidden content">', "<summary>")
    body = body.replace("<pre>", '<pre tabindex="0">')
    body = body.replace(box, f'{box} tabindex="0" role="group" aria-label="Table"')
    return re.sub(
        r'<p class="(collapsed|expanded) admonition-title">(.*?)</p>',
        r'<span class="\1">\2</span>',
        body,
    )


def book_title(app: Sphinx) -> str:
    """Return the title of the whole book."""
    return app.config.html_title or app.config.project


def megabytes_to_run(app: Sphinx, notebook: Path) -> int:
    """Return how many megabytes a chapter loads to run in the browser, 0 if it cannot."""
    if notebook.suffix != ".ipynb" or not app.config.casebook_lite:
        return 0
    run = json.loads((Path(app.outdir) / "lite" / "run.json").read_text(encoding="utf-8"))
    loaded = run["bytes"] + JUPYTERLAB_BYTES
    if "import matplotlib" in notebook.read_text(encoding="utf-8"):
        loaded += run["late_bytes"]
    return round(loaded / 1e6)


def fill(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    """Add description, notebook, contents of the page and dates to the template's context."""
    context["body"] = mend(context.get("body", ""))
    context["description"] = describe(context["body"])
    context["release_of_data"] = read_package().descriptor["version"]
    context["changed"] = last_change()
    if pagename == "404" and app.config.html_baseurl:
        # a host shows this page at any address, however deep
        context["base"] = app.config.html_baseurl.rstrip("/") + "/"
    if pagename in app.env.found_docs:
        name = cards.name(pagename, app.env.titles[pagename].astext(), book_title(app))
        card = f"_static/cards/{name}"
        context["card"] = app.config.html_baseurl.rstrip("/") + "/" + card
        if not app.config.html_baseurl:
            context["card"] = context["pathto"](card, 1)
    # not for pages that have no file of their own, such as the search
    source = Path(app.env.doc2path(pagename)) if pagename in app.env.found_docs else Path()
    context["notebook"] = source.name if source.suffix == ".ipynb" else ""
    context["lite"] = megabytes_to_run(app, source)
    if context["notebook"]:
        context["elsewhere"] = app.config.casebook_elsewhere.links(pagename)
    headings = context.get("toc") or ""
    # the page's own title is the only entry of the first level: show what is below it
    inner = re.search(r"<ul>.*?(<ul>.*</ul>).*?</ul>", headings, flags=re.DOTALL)
    context["on_page"] = inner.group(1) if inner and context.get("display_toc") else ""


def extra_pages(app: Sphinx) -> list[tuple[str, dict[str, Any], str]]:
    """Return the page for an address that does not exist."""
    return [("404", {"title": "Page not found"}, "404.html")]


def add_downloads(app: Sphinx, error: Exception | None) -> None:
    """Put each chapter beside its page, and chapters, package and data into one zip."""
    if error or app.builder.format != "html":
        return
    out = Path(app.outdir)
    for chapter in sorted((ROOT / "book" / "chapters").glob("*.ipynb")):
        shutil.copy(chapter, out / "book" / "chapters" / chapter.name)
    write_zip(out / "downloads" / "casebook.zip")


def write_cards(app: Sphinx, error: Exception | None) -> None:
    """Write a card for each page of the book."""
    if error or app.builder.format != "html":
        return
    titles = {page: app.env.titles[page].astext() for page in app.env.found_docs}
    cards.write(Path(app.outdir) / "_static" / "cards", titles, book_title(app))


def write_entrance(app: Sphinx, error: Exception | None) -> None:
    """Write the page at the site's root, which leads to the book's first."""
    if error or app.builder.format != "html":
        return
    first = f"{app.config.root_doc}.html"
    (Path(app.outdir) / "index.html").write_text(
        f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{app.config.html_title or app.config.project}</title>
<meta http-equiv="refresh" content="0; url={first}">
<link rel="icon" href="_static/favicon.svg" type="image/svg+xml">
</head>
<body>
<p><a href="{first}">To the book</a></p>
</body>
</html>
""",
        encoding="utf-8",
    )


def allow_parallel_reading(app: Sphinx) -> None:
    """Declare safe what lacks only the declaration: both do nothing when this book is read."""
    for name in ("sphinx_multitoc_numbering", "sphinx_jupyterbook_latex"):
        if name in app.extensions:
            app.extensions[name].parallel_read_safe = True


def replace_theme(app: Sphinx, config: Config) -> None:
    """Take from the theme what the book's page does itself: the theme would draw it, unseen.

    That is the settings of its launch links, and its headers, sidebars and footers.
    """
    for name in THEME_LINKS:
        config.html_theme_options.pop(name, None)
    config.html_theme_options |= {name: [] for name in THEME_PARTS}
    config.html_sidebars = {"**": []}
    config.casebook_elsewhere = elsewhere.read()


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the page template's context."""
    app.add_config_value("casebook_lite", False, "html", bool)
    app.add_config_value("casebook_elsewhere", elsewhere.Elsewhere(), "html")
    app.connect("config-inited", replace_theme)
    app.connect("builder-inited", allow_parallel_reading)
    app.connect("html-page-context", fill, priority=900)
    app.connect("html-collect-pages", extra_pages)
    app.connect("build-finished", add_downloads)
    app.connect("build-finished", write_cards)
    app.connect("build-finished", write_entrance, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
