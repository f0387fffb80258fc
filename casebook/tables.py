"""The data package: its description, and its tables as typed pandas frames."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

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


def read_text(table: Table) -> pd.DataFrame:
    """Read one CSV as text, an empty cell as the empty string.

    Returns
    -------
    pandas.DataFrame
        One column of ``str`` for each column of the file; the index is the line in the file.

    Raises
    ------
    DataError
        If the file is missing or its lines do not have the same number of cells.
    """
    try:
        frame = pd.read_csv(
            table.path, dtype=str, keep_default_na=False, encoding="utf-8", skip_blank_lines=False
        )
    except FileNotFoundError:
        raise DataError(
            f"{table.path.name}: not found; datapackage.json names it for the table {table.name}"
        ) from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise DataError(f"{table.path.name}: not a UTF-8 CSV ({error})") from None
    frame.index = pd.RangeIndex(2, len(frame) + 2, name="line")
    return frame


def _typed(column: pd.Series, field: Field) -> pd.Series:
    values = column.where(column != "")
    if field.type == "integer":
        return pd.to_numeric(values).astype("Int64")
    if field.type == "number":
        return pd.to_numeric(values).astype("Float64")
    if field.type == "date":
        return pd.to_datetime(values, format="%Y-%m-%d")
    if field.categories:
        unlisted = sorted(set(values.dropna()) - set(field.categories))
        if unlisted:
            raise ValueError(f"{unlisted[0]!r} is not a listed value")
        kind = pd.CategoricalDtype(list(field.categories), ordered=field.ordered)
        return values.astype(kind)
    return values.astype("string")


def read_typed(table: Table) -> pd.DataFrame:
    """Read one CSV with the types of the package.

    Dates become ``datetime64``, whole numbers ``Int64``, numbers ``Float64``, listed values
    categories (ordered where the package says so), all else ``string``; an empty cell is missing.

    Raises
    ------
    DataError
        If a column is missing or a cell does not fit its type; the message names the column.
    """
    text = read_text(table)
    columns = {}
    for field in table.fields:
        if field.name not in text:
            raise DataError(f"{table.path.name}: the column {field.name} is missing")
        try:
            columns[field.name] = _typed(text[field.name], field)
        except (ValueError, TypeError) as error:
            raise DataError(
                f"{table.path.name}, column {field.name}: not a {field.type} ({error}); "
                "run make check for the line"
            ) from None
    return pd.DataFrame(columns).reset_index(drop=True)


def natural_key(identifier: str) -> list[object]:
    """Sort key under which ``p09`` precedes ``p10`` and ``f2`` precedes ``f10``."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", identifier)]
