"""The tables of the data package as pandas frames, as text or typed."""

from __future__ import annotations

import pandas as pd

from casebook.package import DataError, Field, Table


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
