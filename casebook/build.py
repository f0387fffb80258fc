"""Builds the book: checks the data, writes the pages, runs the chapters that changed, then Sphinx.

Where nothing changed since the last build, nothing is done. A build that fails leaves no site.
"""

from __future__ import annotations

import gc
import json
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from typing import TYPE_CHECKING

from casebook.sources import ROOT, fingerprint, generated, sources

if TYPE_CHECKING:
    from collections.abc import Callable

SITE = ROOT / "_build" / "html"
LITE = SITE / "lite"
BUILT = ROOT / "_build" / ".built"
WRITTEN = ROOT / "_build" / ".written"


def book_state() -> str:
    """Return a text that changes with any file that the book is made from."""
    return f"{fingerprint(sources())} {'with' if LITE.exists() else 'without'} lite"


def lite_state() -> str:
    """Return a text that changes with whatever the site for the browser is made from."""
    folders = [ROOT / name for name in ("book/chapters", "casebook", "data", "lite")]
    return fingerprint(path for path in sources() if {*folders} & {*path.parents})


def pages_state() -> str:
    """Return a text that changes with any generated page and with what it is made from."""
    made_from = {path for path in sources() if path.suffix != ".ipynb"}
    return fingerprint(sorted(made_from | {path for path in generated() if path.exists()}))


def write_pages() -> bool:
    """Check the data and write the generated pages, unless all is as it was left; say if whole."""
    if WRITTEN.exists() and WRITTEN.read_text(encoding="utf-8") == pages_state():
        return True
    # imported late: what checks and writes takes a while to load
    from casebook import pages

    if pages.main() != 0:
        return False
    WRITTEN.write_text(pages_state(), encoding="utf-8")
    return True


def drop_stale_lite() -> None:
    """Remove the site for the browser if it was made from another state of the book."""
    run = LITE / "run.json"
    if run.exists() and json.loads(run.read_text(encoding="utf-8"))["state"] == lite_state():
        return
    if LITE.exists():
        shutil.rmtree(LITE)
        print("what runs in the browser was of an earlier state: make lite builds it again")


def build_site(wait: Callable[[], bool] = lambda: True) -> bool:
    """Build the site with Sphinx from the runs that are kept; a warning is an error.

    Parameters
    ----------
    wait
        Waits for the runs that still go on and tells whether they came through.
    """
    # imported late: a build that finds nothing changed needs none of it
    from jupyter_book.sphinx import build_sphinx

    settings = {
        "external_toc_path": "_toc.yml",
        "latex_individualpages": False,
        "nb_execution_mode": "off",
        "nitpicky": True,
        "casebook_lite": LITE.exists(),
        "casebook_runs": wait,
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
        # twice the cores: the pages are dealt out in as many lots, and a large lot ends alone
        jobs=2 * cpu_count(),
    )
    return result == 0


def build() -> bool:
    """Build whatever changed; return whether all of it came through."""
    from casebook import runs
    from casebook.rerun import CHAPTERS

    drop_stale_lite()
    # the longest first, so that none runs alone at the end
    chapters = sorted(CHAPTERS.glob("*.ipynb"), key=lambda path: -path.stat().st_size)
    runs.drop_old()
    changed = [path for path in chapters if not runs.run_of(path).exists()]
    print(f"{len(changed)} of {len(chapters)} chapters to run", flush=True)
    # one more than cores, because a kernel that starts waits
    with ThreadPoolExecutor(cpu_count() + 1) as pool:
        running = runs.start(pool, changed)

        def wait() -> bool:
            through = runs.collect(running)
            pool.shutdown()
            return through

        # while they run, the data are checked and Sphinx starts
        built = write_pages() and build_site(wait)
        pool.shutdown(cancel_futures=True)
    return built


def finish(built: bool, state: str) -> int:
    """Say how a build ended, and leave no site if it failed; return the exit code."""
    if not built:
        shutil.rmtree(SITE, ignore_errors=True)
        print("the book was not built")
        return 1
    BUILT.write_text(state, encoding="utf-8")
    print(f"the book is in {SITE.relative_to(ROOT)}/index.html")
    return 0


def main() -> int:
    """Build the book into ``_build/html``; exit 1, without a site, if anything is wrong."""
    state = book_state()
    if (SITE / "index.html").exists() and BUILT.exists() and BUILT.read_text() == state:
        print("nothing changed since the last build")
        return finish(True, state)
    BUILT.unlink(missing_ok=True)
    # to look for garbage in the trees of all pages takes a fifth of this short process's time
    gc.disable()
    built = build()
    # a stale site for the browser is gone by now
    return finish(built, state if LITE.exists() else state.replace("with lite", "without lite"))


if __name__ == "__main__":
    sys.exit(main())
