"""Sentences with computed numbers and links to the evidence, for the chapters."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pandas as pd
from IPython.display import Markdown

from casebook.package import read_package
from casebook.tables import read_text

_WORDS = tuple(
    "zero one two three four five six seven eight nine ten eleven twelve".split()  # noqa: SIM905
)


@cache
def _known() -> frozenset[str]:
    return frozenset(read_text(read_package().tables["statements"])["statement_id"])


def cite(*statement_ids: str) -> str:
    """Return Markdown links to statements in the evidence pages.

    Parameters
    ----------
    statement_ids
        One id or more, such as ``guardian2025.p04a``.

    Raises
    ------
    KeyError
        If there is no such statement, so that a chapter with a wrong id does not build.
    """
    links = []
    for statement_id in statement_ids:
        if statement_id not in _known():
            raise KeyError(f"no statement {statement_id} in data/statements.csv")
        source = statement_id.split(".")[0]
        links.append(f"[{statement_id}](../evidence/{source}.md#{statement_id})")
    return "(" + ", ".join(links) + ")"


def say(*paragraphs: str) -> Markdown:
    """Show paragraphs of prose, in the page and in JupyterLab alike; line breaks do not count."""
    return Markdown("\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs))


def number(value: float, *, bound: str = "exact") -> str:
    """Return a number as prose has it: words up to twelve, then digits, with its bound.

    Parameters
    ----------
    value
        The number.
    bound
        The bound of the figure: ``at_least`` gives "at least 38", ``about`` "about 15,000".
    """
    whole = float(value).is_integer()
    if whole and 0 <= value <= 12:
        text = _WORDS[int(value)]
    else:
        text = f"{value:,.0f}" if whole else f"{value:,.1f}"
    words = {"exact": "", "range": ""}.get(bound, bound.replace("_", " "))
    return f"{words} {text}".strip()


def day(value: object, *, year: bool = True) -> str:
    """Return a date as "24 October 2025" or "24 October", the empty string for none."""
    if value is None or value == "" or pd.isna(value):
        return ""
    stamp = pd.Timestamp(value)
    return f"{stamp.day} {stamp:%B %Y}" if year else f"{stamp.day} {stamp:%B}"


def quantity(row: Mapping[str, Any]) -> str:
    """Return a figure or force as words: "at least 38 people", "about 15,000"."""
    unit = str(row.get("unit", ""))
    match row["bound"]:
        case "range":
            text = f"{number(row['low'])} to {number(row['high'])}"
        case "vague":
            return "no number printed"
        case "":
            return ""
        case bound:
            text = number(row["value"] if "value" in row else row["best"], bound=bound)
    if unit == "usd":
        return text.replace(f"{row['best']:,.0f}", f"${row['best']:,.0f}")
    if unit == "ordinal":
        return f"number {text} in a series"
    return f"{text} {unit}".strip()


def listing(items: list[str]) -> str:
    """Return items as a phrase: "a", "a and b", "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    return ", ".join(items[:-1]) + " and " + items[-1]
