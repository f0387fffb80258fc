"""Adds to the built book a JupyterLab that runs in the reader's browser, with its own Python.

The chapters lie there beside the tables, in the folders of the repository. The package with its
tables is also one of the wheels, for a browser that gives Python no files.
"""

from __future__ import annotations

import hashlib
import json
import mimetypes
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import nbformat

from casebook import elsewhere
from casebook.build import BUILT, LITE, book_state, build_site, finish, lite_state
from casebook.lite_files import UnavailableError, Wanted, get, pinned, pure
from casebook.package import DATA
from casebook.rerun import CHAPTERS, read
from casebook.sources import ROOT

SETTINGS = ROOT / "lite"
DOWNLOADED = ROOT / "_build" / ".pyodide"
KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
KERNEL_WHEELS = ("piplite", "pyodide_kernel", "ipykernel")
LISTED = "The Python that runs in the browser, and JupyterLab around it\n\n"


def put_contents() -> None:
    """Copy chapters, without their outputs, and tables as they lie in the repository."""
    files = LITE / "files"
    chapters, data = files / "book" / "chapters", files / "data"
    chapters.mkdir(parents=True)
    for path in sorted(CHAPTERS.glob("*.ipynb")):
        notebook = read(path)
        elsewhere.place_setup(notebook, "")  # the browser's Python has the package
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        notebook.metadata["kernelspec"] = {"name": "python", "display_name": "Python"}
        nbformat.write(notebook, chapters / path.name)
    data.mkdir()
    for path in [*DATA.glob("*.csv"), DATA / "datapackage.json"]:
        shutil.copy(path, data)
    for folder in (files, files / "book", chapters, data):
        list_folder(files, folder)


def listed(files: Path, path: Path) -> dict[str, Any]:
    """Return what Jupyter's contents API says of a file or folder, without its content."""
    where = path.relative_to(files).as_posix()
    kind = "directory" if path.is_dir() else "notebook" if path.suffix == ".ipynb" else "file"
    changed = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat()
    return {
        "name": "" if path == files else path.name,
        "path": "" if path == files else where,
        "type": kind,
        "mimetype": mimetypes.guess_type(path.name)[0] if kind == "file" else None,
        "format": None,
        "content": None,
        "created": changed,
        "last_modified": changed,
        "size": path.stat().st_size if path.is_file() else None,
        "writable": True,
    }


def list_folder(files: Path, folder: Path) -> None:
    """Write the listing of a folder where JupyterLite asks for it.

    ``jupyter lite build`` does the same through a server, which brings along thirty packages.
    The form: https://jupyter-server.readthedocs.io/en/latest/developers/contents.html
    """
    entries = [listed(files, path) for path in sorted(folder.iterdir())]
    model = {**listed(files, folder), "format": "json", "content": entries}
    target = LITE / "api" / "contents" / folder.relative_to(files) / "all.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(model, indent=1), encoding="utf-8")


def build_wheel(folder: Path) -> None:
    """Build the wheel of the package with its tables into a folder.

    Raises
    ------
    UnavailableError
        If pip cannot, for instance because no registry has its build tool.
    """
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name)
        for part in ("casebook", "data"):
            shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        for part in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / part, copy / part)
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
        command += ["--disable-pip-version-check", "--wheel-dir", str(folder), str(copy)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UnavailableError(f"the wheel of the package: {done.stderr.strip()[-300:]}")


def locked(wheel: Path, late: dict[str, str]) -> dict[str, Any]:
    """Return a wheel as Pyodide's lock lists it.

    Parameters
    ----------
    wheel
        Its file.
    late
        The package that a wheel is loaded with, by file name. Such a package is loaded when a
        cell imports it; all others are loaded at the start, so that none need name another.
    """
    name, version = wheel.name.split("-")[:2]
    name = name.replace("_", "-").lower()
    return {
        "name": name,
        "version": version,
        "file_name": wheel.name,
        "install_dir": "site",
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "package_type": "package",
        "imports": [name] if name in late.values() else [],
        "depends": [
            file.split("-")[0] for file, by in late.items() if by == name != file[: len(name)]
        ],
    }


def assemble(files: list[Wanted], folder: Path) -> list[str]:
    """Put the browser's Python, its wheels and its lock into a folder.

    Returns
    -------
    list of str
        The packages that are loaded at the start.
    """
    folder.mkdir(parents=True)
    for file in files:
        if file.without:
            name = f"{file.name.lower()}-{file.version}-py3-none-any.whl"
            pure(DOWNLOADED / file.file, file.without, folder / name)
        else:
            shutil.copy(DOWNLOADED / file.file, folder)
    for path in metadata.files("jupyterlite-pyodide-kernel") or []:
        if path.suffix == ".whl" and path.name.split("-")[0] in KERNEL_WHEELS:
            shutil.copy(path.locate(), folder)
    build_wheel(folder)
    late = {file.file: file.needed_for for file in files if file.needed_for}
    packages = [locked(wheel, late) for wheel in sorted(folder.glob("*.whl"))]
    lock = {"info": pinned()[0]["info"], "packages": {p["name"]: p for p in packages}}
    (folder / "pyodide-lock.json").write_text(json.dumps(lock, indent=1), encoding="utf-8")
    return [package["name"] for package in packages if package["file_name"] not in late]


def configure(packages: list[str], state: str) -> dict[str, Any]:
    """Return the settings of the site, as ``lite/jupyter-lite.json`` begins them."""
    config = json.loads((SETTINGS / "jupyter-lite.json").read_text(encoding="utf-8"))
    data = config["jupyter-config-data"]
    data["litePluginSettings"][KERNEL]["loadPyodideOptions"] = {"packages": packages}
    # a reader's changes stay in the browser; those to another state of the book do not hide this
    data["contentsStorageName"] = f"casebook {state}"
    return config


def write_run_page(files: list[Wanted], state: str) -> None:
    """Add the page that opens a chapter, what it loads, and the licences."""
    for name in ("run.html", "run.js"):
        shutil.copy(SETTINGS / name, LITE)
    late = {file.file for file in files if file.needed_for}
    python = {path.name: path for path in sorted((LITE / "static" / "pyodide").iterdir())}
    run = {
        "state": state,
        "bytes": sum(path.stat().st_size for name, path in python.items() if name not in late),
        "late_bytes": sum(python[name].stat().st_size for name in late),
        "tables": sorted(path.name for path in DATA.glob("*.csv")),
        "files": [path.relative_to(LITE).as_posix() for n, path in python.items() if n not in late],
    }
    lines = [f"{file.file}: {file.licence}" for file in files]
    for name in ("jupyterlite-core", "jupyterlite-pyodide-kernel"):
        lines.append(f"{name} {metadata.version(name)}: BSD-3-Clause")
    lines.append("casebook: MIT, its tables CC BY 4.0")
    text = f"{LISTED}{chr(10).join(lines)}\n\nEach wheel holds the full text of its licence.\n"
    (LITE / "licences.txt").write_text(text, encoding="utf-8")
    (LITE / "run.json").write_text(json.dumps(run, indent=1), encoding="utf-8")


def build(files: list[Wanted]) -> None:
    """Build the site for the browser into ``_build/html/lite``."""
    state = lite_state()
    shutil.rmtree(LITE, ignore_errors=True)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        packages = assemble(files, work / "lite" / "static" / "pyodide")
        config = json.dumps(configure(packages, state), indent=1)
        (work / "lite" / "jupyter-lite.json").write_text(config, encoding="utf-8")
        command = [sys.executable, "-m", "jupyterlite_core.app", "build"]
        command += ["--lite-dir", str(work / "lite"), "--output-dir", str(LITE)]
        command += ["--apps", "notebooks", "--apps", "tree", "--apps", "edit", "--no-libarchive"]
        command += ["--no-sourcemaps", "--no-unused-shared-packages"]
        done = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
    if done.returncode:
        shutil.rmtree(LITE, ignore_errors=True)
        raise RuntimeError(f"jupyter lite build failed:\n{done.stdout}{done.stderr}")
    put_contents()
    write_run_page(files, state)


def main() -> int:
    """Add the site for the browser to the book that was just built; exit 1 if its pages fail.

    Where the files of the browser's Python cannot be had, the book stays as it is, without the
    button, and a line says so.
    """
    # written last, so that what a broken build left behind does not count
    if (LITE / "run.json").exists():
        # casebook-build has removed it if it was of another state
        print("what runs in the browser is up to date")
        return 0
    try:
        files = get(DOWNLOADED)
        BUILT.unlink(missing_ok=True)
        build(files)
    except UnavailableError as error:
        print(f"the book is whole, but cannot be run in the browser: {error}")
        return 0
    state = book_state()
    # once more, for the button; nothing is run again
    built = build_site()
    if built:
        print(f"every chapter can be run in the browser: {LITE.relative_to(ROOT)}")
    return finish(built, state)


if __name__ == "__main__":
    sys.exit(main())
