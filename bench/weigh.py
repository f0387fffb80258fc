"""Weighs the built chapters beside a plain Jupyter Book build of the same chapters.

Both are opened cold in headless Chromium on a slow network, one after the other in one run, so that
the figures can be compared. The plain build has the theme as it comes and Altair's default
renderer, whose scripts are served from here too.
"""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
import tempfile
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import nbformat
import vl_convert
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from browser import SITE, chapters, launch  # noqa: E402

LATENCY = 150  # milliseconds
BYTES_A_SECOND = 1_600_000 / 8
PLAIN_CONFIG = """
title: Plain
execute: {execute_notebooks: force}
sphinx: {config: {nb_render_markdown_format: myst}}
"""
OWN, PLAIN = "this book", "plain"
CHART = {OWN: ".chart svg", PLAIN: ".vega-embed svg.marks"}
BOX = {OWN: ".chart", PLAIN: "[id^=altair-viz]"}
SCRIPTS_HOST = "https://cdn.jsdelivr.net/npm"


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder gzipped, as any public host does."""

    def do_GET(self) -> None:
        """Answer with the file's bytes, gzipped; a folder's address gives its index."""
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self.send_error(404)
            return
        body = gzip.compress(path.read_bytes())
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def build_plain(folder: Path) -> Path:
    """Build the chapters with the theme as it comes and return the folder of the site."""
    names = [Path(page).name for page in chapters()]
    rest = [f"  - file: {name}" for name in names[1:]]
    (folder / "_config.yml").write_text(PLAIN_CONFIG)
    (folder / "_toc.yml").write_text(
        "\n".join(["format: jb-book", f"root: {names[0]}", "chapters:", *rest])
    )
    for name in names:
        notebook = nbformat.read(ROOT / "book" / "chapters" / f"{name}.ipynb", as_version=4)
        for cell in notebook.cells:
            cell.source = cell.source.replace("charts.enable()", "")
            cell.source = re.sub(r"(?s)charts\.Drawing\(\s*(\w+),.*", r"\1", cell.source)
            cell.metadata.pop("mystnb", None)
        nbformat.write(notebook, folder / f"{name}.ipynb")
    command = [Path(sys.executable).with_name("jupyter-book"), "build", folder, "-q"]
    subprocess.run(command, check=True, capture_output=True)
    site = folder / "_build" / "html"
    # a function of its own: the bundle's names must not meet the theme's
    bundle = f"(() => {{{vl_convert.javascript_bundle()}}})();"
    for page in site.glob("*.html"):
        text = page.read_text(encoding="utf-8").replace(SCRIPTS_HOST, "/npm")
        page.write_text(text, encoding="utf-8")
        for name in re.findall(r'"/npm/([^"?]+)\?noext"', text):
            script = site / "npm" / name
            script.parent.mkdir(exist_ok=True)
            script.write_text(bundle if "embed" in name else "", encoding="utf-8")
    return site


def weigh(browser: Browser, site: Path, page: str, kind: str) -> dict[str, Any]:
    """Open a page cold and return bytes, requests, and seconds to its first and all charts.

    Bytes and requests are those until the network is quiet, before the page is scrolled.
    """
    context = browser.new_context(viewport={"width": 390, "height": 844})
    tab = context.new_page()
    sizes: dict[str, float] = {}
    network = context.new_cdp_session(tab)
    network.send("Network.enable")
    network.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": LATENCY,
            "downloadThroughput": BYTES_A_SECOND,
            "uploadThroughput": BYTES_A_SECOND,
        },
    )
    network.on(
        "Network.loadingFinished",
        lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}),
    )
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(site))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        start = time.perf_counter()
        tab.goto(f"http://127.0.0.1:{server.server_port}/{page}", wait_until="commit")
        tab.wait_for_selector(CHART[kind], state="attached", timeout=120_000)
        first = time.perf_counter() - start
        tab.wait_for_function(
            "([box, chart]) => document.readyState !== 'loading' &&"
            " document.querySelectorAll(chart).length >= document.querySelectorAll(box).length",
            arg=[BOX[kind], CHART[kind]],
            timeout=120_000,
        )
        every = time.perf_counter() - start
        tab.wait_for_load_state("networkidle", timeout=120_000)
        server.shutdown()
    context.close()
    return {
        "requests": len(sizes),
        "kB": round(sum(sizes.values()) / 1000),
        "first chart": f"{first:.1f} s",
        "all charts": f"{every:.1f} s",
    }


def main() -> int:
    """Print the weight of every chapter, ours and plain, side by side."""
    print(
        f"slow network: {LATENCY} ms, {BYTES_A_SECOND * 8 / 1e6} Mbit/s, gzipped, before scrolling"
    )
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        plain = build_plain(Path(name))
        browser = launch(playwright)
        for page in chapters():
            for kind, site, address in (
                (OWN, SITE, f"{page}.html"),
                (PLAIN, plain, f"{Path(page).name}.html"),
            ):
                result = weigh(browser, site, address, kind)
                figures = "  ".join(f"{key} {value}" for key, value in result.items())
                print(f"{Path(page).name:<25}{kind:<12}{figures}")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
