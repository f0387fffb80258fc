"""Builds the book: checks the data, writes the pages, runs the chapters that changed, then Sphinx.

A chapter is run again when its cells changed, or anything that every chapter reads: the tables,
the package, the lock. The runs are kept by jupyter-cache, which looks at cells alone; that is why
each state of what chapters read has a cache of its own. A build that fails leaves no site.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from os import cpu_count
from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn, JupyterCacheAbstract
from nbclient.exceptions import CellExecutionError

from casebook import pages
from casebook.rerun import CHAPTERS, ROOT, execute, inputs, read

SITE = ROOT / "_build" / "html"
LITE = SITE / "lite"
RUNS = ROOT / "_build" / ".runs"
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def fingerprint(paths: Iterable[Path]) -> str:
    """Return 16 hex digits that change with the name or the content of any file."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def open_cache() -> JupyterCacheAbstract:
    """Return the cache of runs for the present inputs, and drop those for earlier ones."""
    present = RUNS / fingerprint(inputs())
    for folder in RUNS.glob("*"):
        if folder != present:
            shutil.rmtree(folder)
    present.mkdir(parents=True, exist_ok=True)
    return get_cache(str(present))


def to_run(cache: JupyterCacheAbstract, chapters: Iterable[Path]) -> list[Path]:
    """Return the chapters that have no run in the cache."""
    missing = []
    for path in chapters:
        try:
            cache.match_cache_notebook(read(path))
        except KeyError:
            missing.append(path)
    return missing


def run_chapters(cache: JupyterCacheAbstract, chapters: list[Path]) -> bool:
    """Run chapters side by side, with a line on each; return whether all came through."""
    whole = True
    with ThreadPoolExecutor(cpu_count()) as pool:
        begun = time.monotonic()
        runs = {pool.submit(execute, path): path for path in chapters}
        for done, run in enumerate(as_completed(runs), 1):
            path, place = runs[run], f"[{done}/{len(chapters)}]"
            try:
                notebook = run.result()
            except CellExecutionError as error:
                print(
                    f"{place} {path.stem}: a cell failed\n{COLOUR.sub('', str(error))}", flush=True
                )
                whole = False
            else:
                bundle = CacheBundleIn(notebook, str(path))
                cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
                print(f"{place} {path.stem}: run, {time.monotonic() - begun:.0f} s in", flush=True)
    return whole


def lite_state() -> str:
    """Return 16 hex digits that change with whatever the site for the browser is made from."""
    settings = [path for path in sorted((ROOT / "lite").glob("*")) if path.is_file()]
    return fingerprint([*inputs(), *sorted(CHAPTERS.glob("*.ipynb")), *settings])


def drop_stale_lite() -> None:
    """Remove the site for the browser if it was made from another state of the book."""
    run = LITE / "run.json"
    if run.exists() and json.loads(run.read_text(encoding="utf-8"))["state"] == lite_state():
        return
    if LITE.exists():
        shutil.rmtree(LITE)
        print("what runs in the browser was of an earlier state: make lite builds it again")


def build_site(cache: JupyterCacheAbstract) -> bool:
    """Build the site from the cached runs with Sphinx; a warning is an error."""
    # imported late: the checks above need none of it
    from jupyter_book.sphinx import build_sphinx

    settings = {
        "external_toc_path": "_toc.yml",
        "latex_individualpages": False,
        "nb_execution_mode": "cache",
        "nb_execution_cache_path": str(cache.path),
        "nitpicky": True,
        "casebook_lite": LITE.exists(),
    }
    result = build_sphinx(
        ROOT,
        SITE,
        noconfig=True,
        path_config=ROOT / "_config.yml",
        confoverrides=settings,
        warningiserror=True,
        keep_going=True,
        quiet=True,
        jobs=cpu_count(),
    )
    return result == 0


def main() -> int:
    """Build the book into ``_build/html``; exit 1, without a site, if anything is wrong."""
    chapters = sorted(CHAPTERS.glob("*.ipynb"))
    built = pages.main() == 0
    if built:
        drop_stale_lite()
        cache = open_cache()
        changed = to_run(cache, chapters)
        print(f"{len(changed)} of {len(chapters)} chapters to run", flush=True)
        built = run_chapters(cache, changed) and build_site(cache)
    if not built:
        shutil.rmtree(SITE, ignore_errors=True)
        print("the book was not built")
        return 1
    print(f"the book is in {SITE.relative_to(ROOT)}/index.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
