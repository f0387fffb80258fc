"""Keeps the runs of the chapters, and runs those that changed.

A chapter is run again when its cells changed, or anything that every chapter reads: the tables,
the package, the lock. The runs are kept by jupyter-cache, which looks at cells alone; that is why
each state of what chapters read has a cache of its own.
"""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Iterable
from concurrent.futures import Executor, Future, as_completed
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn, JupyterCacheAbstract
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

from casebook import pictures
from casebook.rerun import execute, inputs, read
from casebook.sources import ROOT, fingerprint

RUNS = ROOT / "_build" / ".runs"
COLOUR = re.compile(r"\x1b\[[0-9;]*m")

Running = dict["Future[NotebookNode]", Path]


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
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            # the cache looks at cells alone, but copies what it looks at
            cell.pop("outputs", None)
        try:
            cache.match_cache_notebook(nbformat.from_dict(notebook))
        except KeyError:
            missing.append(path)
    return missing


def fresh(path: Path) -> NotebookNode:
    """Return a chapter with the outputs of a run; a picture stored of the same chart is kept."""
    notebook = read(path)
    execute(path, notebook, known=pictures.stored(notebook))
    return notebook


def start(pool: Executor, chapters: Iterable[Path]) -> Running:
    """Start running chapters, as many side by side as the pool takes."""
    return {pool.submit(fresh, path): path for path in chapters}


def collect(cache: JupyterCacheAbstract, running: Running) -> bool:
    """Wait for the runs and keep them, with a line on each; return whether all came through."""
    whole, begun = True, time.monotonic()
    for done, run in enumerate(as_completed(running), 1):
        path, place = running[run], f"[{done}/{len(running)}]"
        try:
            notebook = run.result()
        except CellExecutionError as error:
            print(f"{place} {path.stem}: a cell failed\n{COLOUR.sub('', str(error))}", flush=True)
            whole = False
        else:
            bundle = CacheBundleIn(notebook, str(path))
            cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
            print(f"{place} {path.stem}: run, {time.monotonic() - begun:.0f} s in", flush=True)
    return whole
