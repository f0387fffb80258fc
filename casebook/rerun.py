"""Runs chapters from scratch and stores their outputs, the same bytes each time."""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, DeadKernelError

from casebook import elsewhere, pictures
from casebook.sources import ROOT

CHAPTERS = ROOT / "book" / "chapters"
TABLES = ROOT / "data"
FAILURES = (CellControlSignal, DeadKernelError)
"""How a run ends that does not come through: a cell fails or takes too long, or Python dies."""


def inputs() -> list[Path]:
    """Return the files that every chapter reads: tables, schema, package and lock."""
    tables = [*sorted(TABLES.glob("*.csv")), TABLES / "datapackage.json"]
    return [*tables, *sorted((ROOT / "casebook").glob("*.py")), ROOT / "requirements.txt"]


def read(path: Path) -> nbformat.NotebookNode:
    """Return a notebook as nbformat reads it."""
    return nbformat.read(path, as_version=4)


def execute(path: Path, notebook: nbformat.NotebookNode, known: dict[str, str]) -> None:
    """Run a notebook in the folder of its file; its outputs become those of the run.

    Parameters
    ----------
    path
        The notebook's file, which is not written.
    notebook
        What to run.
    known
        Pictures that need not be drawn, by their chart, as `casebook.pictures.stored` finds them.

    Raises
    ------
    CellControlSignal, DeadKernelError
        If it does not come through, as `FAILURES` says.
    """
    client = NotebookClient(
        notebook,
        timeout=120,
        record_timing=False,
        # when the last cell has run, nothing is left to save
        shutdown_kernel="immediate",
        # a kernel of this machine's own warns of its unencrypted port
        extra_arguments=["--IPKernelApp.log_level=40"],
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute(env=os.environ | pictures.LATER)
    pictures.add(notebook, known)


def run(path: Path) -> str:
    """Execute a notebook, store its outputs and return a line on it.

    Its setup cell comes and goes with the address in ``_config.yml``.

    Raises
    ------
    CellControlSignal, DeadKernelError
        If it does not come through; the file is then left as it was.
    """
    notebook = read(path)
    elsewhere.place_setup(notebook, elsewhere.read().setup())
    execute(path, notebook, known={})
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    # the version of Python is the machine's, not the chapter's
    notebook.metadata["language_info"] = {"name": "python"}
    after = nbformat.writes(notebook) + "\n"
    if after == path.read_text(encoding="utf-8"):
        return f"{path.stem}: unchanged"
    path.write_text(after, encoding="utf-8")
    return f"{path.stem}: outputs refreshed"


def main() -> int:
    """Run the given chapters, all by default, side by side; exit 1 if a cell fails."""
    parser = argparse.ArgumentParser(description="Run chapters and refresh their stored outputs.")
    parser.add_argument("chapter", nargs="*", type=Path, default=sorted(CHAPTERS.glob("*.ipynb")))
    failed = False
    # one more than cores, because a kernel that starts waits
    with ThreadPoolExecutor(cpu_count() + 1) as pool:
        runs = {path: pool.submit(run, path) for path in parser.parse_args().chapter}
        for path, future in runs.items():
            try:
                print(future.result())
            except FAILURES as error:
                print(f"{path.stem}: failed\n{error}")
                failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
