"""The files that the book is made from: what they are, when they changed, all in one zip."""

from __future__ import annotations

import hashlib
import os
import subprocess
import zipfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUNDLED = ("README.md", "LICENSE", "CITATION.cff", "Makefile", "pyproject.toml", "requirements.txt")
BUNDLED += ("requirements.in", "_config.yml", "_toc.yml", "book", "casebook", "data", "lite")
BUNDLED += ("seeds", "tests", "bench")
# for those who put it into a repository of their own
BUNDLED += (".binder", ".ci", ".devcontainer", ".github", ".gitignore")
CACHES = {"__pycache__", ".ipynb_checkpoints", "node_modules"}


def bundled(root: Path = ROOT) -> list[str]:
    """Return the files of the zip: those that git tracks, or outside git all but caches."""
    command = ["git", "ls-files", "-z", *BUNDLED]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return sorted(filter(None, done.stdout.split("\0")))
    paths = [p for name in BUNDLED for p in (root / name, *(root / name).rglob("*"))]
    files = {p.relative_to(root) for p in paths if p.is_file()}
    return sorted(path.as_posix() for path in files if not CACHES & {*path.parts})


def write_zip(target: Path, root: Path = ROOT) -> None:
    """Put the bundled files into one zip, the same bytes for the same files."""
    target.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name in bundled(root):
            entry = zipfile.ZipInfo(f"casebook/{name}", date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            runs = os.access(root / name, os.X_OK)
            entry.external_attr = (0o100755 if runs else 0o100644) << 16
            bundle.writestr(entry, (root / name).read_bytes())


def generated(root: Path = ROOT) -> set[Path]:
    """Return the files that ``casebook-pages`` writes."""
    book = root / "book"
    pages = {template.with_suffix("") for template in book.rglob("*.md.jinja")}
    scripts = {book / "_static" / name for name in ("evidence-rows.js", "vega.js")}
    return pages | {*(book / "evidence").glob("*.md")} | scripts


def sources(root: Path = ROOT) -> list[Path]:
    """Return every file that the book is made from, whether git tracks it or not."""
    tracked = {root / name for name in bundled(root)}
    around = [root / name for name in ("book", "casebook", "data", "lite")]
    files = {path for folder in around for path in folder.rglob("*") if path.is_file()}
    found = {path for path in tracked | files if path.is_file() and not CACHES & {*path.parts}}
    return sorted(found - generated(root))


def fingerprint(paths: Iterable[Path]) -> str:
    """Return 16 hex digits that change with the name or the content of any file."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
