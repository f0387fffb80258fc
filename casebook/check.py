"""Checks the data: what the schema says, what the rules say, what the articles say."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import frictionless
import pandas as pd

from casebook.faults import Fault
from casebook.rules import RULES
from casebook.seeds import verify
from casebook.tables import DATA, DataError, Package, Table, read_package, read_text


def _allowed(table: Table, column: str, error: frictionless.Error) -> str:
    field = next((f for f in table.fields if f.name == column), None)
    if error.type == "primary-key":
        return f"{', '.join(table.key)} unique in the file"
    if error.type == "unique-error":
        return "a value that no other row has"
    if field is None:
        return f"the columns {', '.join(f.name for f in table.fields)}, in this order"
    if error.type == "foreign-key":
        return f"a value of the key of {field.refers_to}.csv, or empty"
    if field.categories:
        return ", ".join(field.categories)
    if field.pattern:
        return f"the pattern {field.pattern}"
    if field.required:
        return f"a {field.type}, not empty"
    return f"a {field.type}, or empty"


def _schema_faults(package: Package) -> list[Fault]:
    report = frictionless.validate(str(package.folder / "datapackage.json"))
    faults = [
        Fault("datapackage.json", 0, "", "", error.message, "a valid Data Package")
        for error in report.errors
    ]
    for task in report.tasks:
        table = package.tables[task.name]
        for error in task.errors:
            cells = getattr(error, "cells", [])
            names = getattr(error, "field_names", None) or [getattr(error, "field_name", "")]
            line = getattr(error, "row_number", 0)
            row = str(cells[0]) if cells else ""
            column = ", ".join(names)
            allowed = _allowed(table, names[0], error)
            faults.append(Fault(table.path.name, line, row, column, error.note, allowed))
    return faults


def _read(package: Package) -> tuple[dict[str, pd.DataFrame], list[Fault]]:
    tables, faults = {}, []
    for name, table in package.tables.items():
        try:
            frame = read_text(table)
        except DataError as error:
            faults.append(Fault(table.path.name, 0, "", "", str(error), "a readable CSV"))
            continue
        wanted = [f.name for f in table.fields]
        if list(frame.columns) != wanted:
            problem = f"the columns are {', '.join(frame.columns)}"
            faults.append(Fault(table.path.name, 1, "", "", problem, ", ".join(wanted)))
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
        If ``datapackage.json`` cannot be read.
    """
    package = read_package(folder)
    tables, faults = _read(package)
    if faults:
        return sorted(faults), "rules skipped: not every table can be read"
    faults = _schema_faults(package)
    for rule in RULES:
        faults += rule(tables)
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
