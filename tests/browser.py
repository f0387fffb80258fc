"""The built book: where it is, which pages it has, how to serve it and open it in a browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import yaml
from playwright.sync_api import Browser, Playwright

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "_build" / "html"
EXECUTABLES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",  # Chromium refuses to run as root with it
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def toc_pages() -> list[str]:
    """Return every page of ``_toc.yml`` in its order: "book/index", "book/chapters/..."."""

    def files(entry: Any) -> Iterator[str]:
        if isinstance(entry, list):
            for item in entry:
                yield from files(item)
        elif isinstance(entry, dict):
            yield from (entry[key] for key in ("root", "file") if key in entry)
            for key in ("parts", "chapters", "sections"):
                yield from files(entry.get(key))

    return list(files(yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))))


def chapters() -> list[str]:
    """Return the pages that are notebooks."""
    return [page for page in toc_pages() if (ROOT / f"{page}.ipynb").exists()]


def missing_site() -> str:
    """Return what to say if the book is not built, the empty string if it is."""
    if (SITE / "book" / "index.html").exists():
        return ""
    return f"{SITE.relative_to(ROOT)} holds no book: run `make book` first"


def executable() -> str | None:
    """Return the system's Chromium, or None: Playwright then takes its own."""
    return next(filter(None, map(shutil.which, EXECUTABLES)), None)


def launch(playwright: Playwright) -> Browser:
    """Start a headless Chromium that makes no requests of its own."""
    return playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def served(folder: Path = SITE) -> Iterator[str]:
    """Serve a folder on a free loopback port and give its address, without a slash at the end."""
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
