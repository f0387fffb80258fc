"""Keeps the outputs of the chapters' runs, and runs the chapters that changed.

A chapter is run again when the code of its cells changed, or anything that every chapter reads:
the tables, the package, the lock. jupyter-cache would keep runs too, but knows of the cells alone,
and takes half a second to load before the first kernel can start.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import time
from collections.abc import Iterable
from concurrent.futures import Executor, Future, as_completed
from pathlib import Path

from casebook import pictures
from casebook.rerun import FAILURES, execute, inputs, read
from casebook.sources import ROOT, fingerprint

RUNS = ROOT / "_build" / ".runs"
COLOUR = re.compile(r"\x1b\[[0-9;]*m")

Running = dict["Future[None]", Path]


def folder() -> Path:
    """Return the folder of the runs for the present inputs."""
    return RUNS / fingerprint(inputs())


def run_of(path: Path) -> Path:
    """Return the file that keeps the outputs of a chapter as it is now; it need not exist."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = json.dumps([cell["source"] for cell in cells if cell["cell_type"] == "code"])
    return folder() / f"{path.stem}-{hashlib.sha256(code.encode()).hexdigest()[:16]}.json"


def drop_old() -> None:
    """Drop the runs for earlier inputs."""
    present = folder()
    for found in RUNS.glob("*"):
        if found != present:
            shutil.rmtree(found)
    present.mkdir(parents=True, exist_ok=True)


def run(path: Path) -> None:
    """Run a chapter and keep the outputs of its cells of code.

    A picture stored of the same chart is not drawn again.

    Raises
    ------
    CellControlSignal, DeadKernelError
        If it does not come through; nothing is kept then.
    """
    kept, notebook = run_of(path), read(path)
    execute(path, notebook, known=pictures.stored(notebook))
    outputs = [cell.outputs for cell in notebook.cells if cell.cell_type == "code"]
    part = kept.with_suffix(".part")
    # in the order in which a notebook stores them
    part.write_text(json.dumps(outputs, sort_keys=True), encoding="utf-8")
    part.replace(kept)


def start(pool: Executor, chapters: Iterable[Path]) -> Running:
    """Start running chapters, as many side by side as the pool takes."""
    return {pool.submit(run, path): path for path in chapters}


def collect(running: Running) -> bool:
    """Wait for the runs, with a line on each; return whether all came through."""
    whole, begun = True, time.monotonic()
    for done, future in enumerate(as_completed(running), 1):
        name, place = running[future].stem, f"[{done}/{len(running)}]"
        try:
            future.result()
        except FAILURES as error:
            print(f"{place} {name}: failed\n{COLOUR.sub('', str(error))}", flush=True)
            whole = False
        else:
            print(f"{place} {name}: run, {time.monotonic() - begun:.0f} s in", flush=True)
    return whole
