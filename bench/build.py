"""Times the build beside what cannot be avoided and beside plain Jupyter Book, as ratios.

Everything runs in copies of the project, one after the other in one run on one machine; a ratio
can be compared between machines, a number of seconds cannot.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
BUILD = [sys.executable, "-m", "casebook.build"]
PLAIN = [str(Path(sys.executable).with_name("jupyter-book")), "build", ".", "-q"]
IMPORTS = "import pandas, altair\nfrom casebook import charts, load\ncharts.enable()\nload()"
CHANGED = "how-to-read"


def copied(folder: Path, execute: str) -> Path:
    """Return a copy of the tracked files whose Jupyter Book executes notebooks as told."""
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    for name in filter(None, names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    config = folder / "_config.yml"
    text = config.read_text(encoding="utf-8")
    mode = f'execute_notebooks: "{execute}"'
    config.write_text(text.replace("execute_notebooks: force", mode), encoding="utf-8")
    run([sys.executable, "-m", "casebook.pages"], folder)
    return folder


def run(command: list[str], folder: Path) -> float:
    """Run a command in a copy with the copy's package and return the seconds it took."""
    begun = perf_counter()
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return perf_counter() - begun


def kernels(count: int) -> float:
    """Return the seconds that so many kernels take, side by side, to start and import."""

    def start(_: int) -> None:
        cells = [nbformat.v4.new_code_cell(IMPORTS)]
        quiet = ["--IPKernelApp.log_level=40"]
        NotebookClient(nbformat.v4.new_notebook(cells=cells), extra_arguments=quiet).execute()

    begun = perf_counter()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(start, range(count)))
    return perf_counter() - begun


def change_a_chapter(folder: Path) -> None:
    """Add a comment to the first cell of code of one chapter."""
    path = folder / "book" / "chapters" / f"{CHANGED}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    cell = next(cell for cell in notebook.cells if cell.cell_type == "code")
    cell.source += "\n# changed"
    nbformat.write(notebook, path)


def three(command: list[str], folder: Path) -> list[float]:
    """Return the seconds of a clean build, an unchanged one, and one with a chapter changed."""
    times = [run(command, folder), run(command, folder)]
    change_a_chapter(folder)
    return [*times, run(command, folder)]


def main() -> None:
    """Print the table."""
    chapters = len(list((ROOT / "book" / "chapters").glob("*.ipynb")))
    with tempfile.TemporaryDirectory() as name:
        places = {way: Path(name) / way for way in ("ours", "off", "force", "cache")}
        own = three(BUILD, copied(places["ours"], "force"))
        off, force, cache = (
            three(PLAIN, copied(places[way], way)) for way in ("off", "force", "cache")
        )
        bare, single = kernels(chapters), kernels(1)
    rows = [
        ("clean build", own[0], bare + off[0], force[0], cache[0]),
        ("nothing changed", own[1], off[1], force[1], cache[1]),
        ("one chapter changed", own[2], off[2], force[2], cache[2]),
    ]
    print(f"{chapters} chapters, {os.cpu_count()} cores; kernels with imports {bare:.0f} s")
    print("| build | this book | against the unavoidable | plain, force | plain, cache |")
    print("|---|---|---|---|---|")
    for label, ours, least, forced, cached in rows:
        print(
            f"| {label} | {ours:.1f} s | {ours / least:.2f} × | {forced / ours:.2f} × slower "
            f"| {cached / ours:.2f} × slower |"
        )
    print("The unavoidable: Sphinx without execution and, for a clean build, kernels side by side")
    print(f"with their imports. One kernel with its imports takes {single:.1f} s.")


if __name__ == "__main__":
    main()
