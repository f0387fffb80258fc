"""Checks the data: what the schema says, what the rules say, what the articles say."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

import frictionless
import pandas as pd

from casebook.faults import Fault
from casebook.package import DATA, DataError, Package, Table, read_package
from casebook.rules import RULES
from casebook.seeds import verify
from casebook.tables import read_text

KINDS = {"date": "date as YYYY-MM-DD", "integer": "whole number"}


def _allowed(table: Table, column: str, error: frictionless.Error) -> str:
    field = next((f for f in table.fields if f.name == column), None)
    if error.type == "primary-key":
        return f"{', '.join(table.key)} unique in the file"
    if error.type == "unique-error":
        return "a value that no other row has"
    if error.type == "blank-row":
        return "no blank lines"
    if field is None:
        return f"the columns {', '.join(f.name for f in table.fields)}, in this order"
    empty = ", not empty" if field.required else ", or empty"
    if error.type == "foreign-key":
        return f"a value of the key of {field.refers_to}.csv{empty}"
    if field.categories:
        return ", ".join(field.categories) + ("" if field.required else empty)
    if field.pattern:
        return f"the pattern {field.pattern}{empty}"
    return f"a {KINDS.get(field.type, field.type)}{empty}"


def _problem(table: Table, column: str, error: frictionless.Error) -> str:
    kind = next((f.type for f in table.fields if f.name == column), "")
    cell = getattr(error, "cell", None)
    if error.type == "type-error":
        return f"{cell!r} is not a {KINDS.get(kind, kind)}"
    if error.type == "constraint-error":
        return f"{cell!r} is not allowed" if cell else "the cell is empty"
    return error.note or error.title.lower()


def _part(descriptor: dict[str, Any], names: Collection[str]) -> dict[str, Any]:
    """Return a package's description with only some tables, and only the keys between them."""

    def within(key: dict[str, Any]) -> bool:
        return key["reference"].get("resource", "") in {"", *names}

    resources = [
        {
            **resource,
            "schema": {
                **resource["schema"],
                "foreignKeys": [k for k in resource["schema"].get("foreignKeys", []) if within(k)],
            },
        }
        for resource in descriptor["resources"]
        if resource["name"] in names
    ]
    return {**descriptor, "resources": resources}


def _schema_faults(package: Package, names: Collection[str]) -> list[Fault]:
    """Check some tables against the schema: one that cannot be read must not hide the others."""
    if not names:
        return []
    report = frictionless.validate(
        _part(package.descriptor, names), basepath=str(package.folder), type="package"
    )
    faults = [
        Fault("datapackage.json", 0, "", "", error.message, "a valid Data Package")
        for error in report.errors
    ]
    for task in report.tasks:
        table = package.tables[task.name]
        for error in task.errors:
            cells = getattr(error, "cells", [])
            columns = getattr(error, "field_names", None) or [getattr(error, "field_name", "")]
            if error.type == "primary-key":
                columns = table.key
            elif error.type == "unique-error" and columns == table.key:
                continue  # told as a fault of the primary key
            line = getattr(error, "row_number", 0)
            row = str(cells[0] or "") if cells else ""
            problem = _problem(table, columns[0], error)
            allowed = _allowed(table, columns[0], error)
            faults.append(Fault(table.path.name, line, row, ", ".join(columns), problem, allowed))
    return faults


def _read(package: Package) -> tuple[dict[str, pd.DataFrame], list[Fault]]:
    tables, faults = {}, []
    for name, table in package.tables.items():
        try:
            frame = read_text(table)
        except DataError as error:
            problem = " ".join(str(error).removeprefix(f"{table.path.name}: ").split())
            faults.append(Fault(table.path.name, 0, "", "", problem, "a readable CSV"))
            continue
        wanted = [f.name for f in table.fields]
        if list(frame.columns) != wanted:
            missing = [c for c in wanted if c not in frame]
            unknown = [c for c in frame if c not in wanted]
            problem = "the columns are in another order"
            if missing or unknown:
                problem = f"missing columns: {', '.join(missing) or 'none'}"
                problem += f", unknown columns: {', '.join(unknown) or 'none'}"
            column = ", ".join(missing or unknown)
            faults.append(Fault(table.path.name, 1, "", column, problem, ", ".join(wanted)))
            continue
        tables[name] = frame
    return tables, faults


def check(folder: Path = DATA) -> tuple[list[Fault], str]:
    """Check a data folder.

    Returns
    -------
    tuple
        Every fault found, sorted by file and line, and one line on the articles at hand.
        The rules run only if every table can be read.

    Raises
    ------
    DataError
        If ``datapackage.json`` cannot be read or does not describe tables.
    """
    package = read_package(folder)
    try:
        package.tables  # noqa: B018
    except (AttributeError, KeyError, TypeError):
        raise DataError(f"{folder / 'datapackage.json'}: not a description of tables") from None
    tables, faults = _read(package)
    faults += _schema_faults(package, tables)
    if len(tables) < len(package.tables):
        return sorted(faults), "rules skipped: not every table can be read"
    numbered = not any(f.file == "passages.csv" and f.column == "paragraph" for f in faults)
    for rule in RULES:
        faults += rule(tables)
    if not numbered:
        return sorted({*faults}), "articles skipped: a paragraph in passages.csv has no number"
    report = verify(tables)
    return sorted({*faults, *report.faults}), report.line()


def main() -> int:
    """Print every fault of a data folder; exit 1 if there is one."""
    parser = argparse.ArgumentParser(description="Check the CSVs against schema and rules.")
    parser.add_argument("folder", nargs="?", type=Path, default=DATA)
    try:
        faults, seeds = check(parser.parse_args().folder)
    except DataError as error:
        print(error)
        return 1
    for fault in faults:
        print(fault)
    print(seeds)
    print(f"{len(faults)} fault{'s' if len(faults) != 1 else ''} found")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
