"""The data package: where it lies and what it says of its tables (``datapackage.json``)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

NAME = "venezuela-2025-casebook"


def find_data() -> Path:
    """Return the data folder: of the repository, else of the book around the working folder.

    An installed package brings a copy of the tables along, for a notebook on its own.
    """
    package = Path(__file__).resolve().parent
    here = Path.cwd()
    for folder in (package.parent, here, *here.parents):
        described = folder / "data" / "datapackage.json"
        if described.is_file() and f'"{NAME}"' in described.read_text(encoding="utf-8"):
            return folder / "data"
    return package / "data"


DATA = find_data()


class DataError(Exception):
    """The data folder cannot be read as described; the message says what to change."""


@dataclass(frozen=True)
class Field:
    """One column, as `data/datapackage.json` describes it."""

    table: str
    name: str
    type: str
    description: str
    example: object
    unit: str | None
    required: bool
    pattern: str | None
    categories: dict[str, str]
    ordered: bool
    refers_to: str | None


@dataclass(frozen=True)
class Table:
    """One CSV, as `data/datapackage.json` describes it."""

    name: str
    title: str
    description: str
    path: Path
    key: list[str]
    fields: list[Field]


@dataclass(frozen=True)
class Package:
    """The description of the whole data folder."""

    folder: Path
    descriptor: dict[str, Any]

    @cached_property
    def tables(self) -> dict[str, Table]:
        """The tables by name, in the order of the package."""
        return {r["name"]: _table(r, self.folder) for r in self.descriptor["resources"]}


def _table(resource: dict[str, Any], folder: Path) -> Table:
    schema = resource["schema"]
    refers = {
        key["fields"][0]: key["reference"].get("resource") or resource["name"]
        for key in schema.get("foreignKeys", [])
    }
    fields = [
        Field(
            table=resource["name"],
            name=f["name"],
            type=f["type"],
            description=f["description"],
            example=f.get("example"),
            unit=f.get("unit"),
            required=f.get("constraints", {}).get("required", False),
            pattern=f.get("constraints", {}).get("pattern"),
            categories={c["value"]: c["label"] for c in f.get("categories", [])},
            ordered=f.get("categoriesOrdered", False),
            refers_to=refers.get(f["name"]),
        )
        for f in schema["fields"]
    ]
    return Table(
        name=resource["name"],
        title=resource["title"],
        description=resource["description"],
        path=folder / resource["path"],
        key=schema["primaryKey"],
        fields=fields,
    )


def read_package(folder: Path = DATA) -> Package:
    """Read ``datapackage.json`` of a data folder.

    Raises
    ------
    DataError
        If the file is missing or is not JSON.
    """
    path = folder / "datapackage.json"
    try:
        return Package(folder, json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise DataError(f"{path}: not found; a data folder holds datapackage.json") from None
    except json.JSONDecodeError as error:
        raise DataError(f"{path}, line {error.lineno}: not JSON ({error.msg})") from None
