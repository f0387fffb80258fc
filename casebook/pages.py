"""Writes the generated pages of the book from the data.

Every ``book/**/NAME.md.jinja`` becomes ``NAME.md`` beside it; ``book/evidence/article.md.jinja``
becomes one page for each article. A page is written only if its text changed.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
import vl_convert

from casebook.audit import AUDIT
from casebook.casebook import Casebook, load
from casebook.check import check
from casebook.package import read_package
from casebook.prose import day, number, quantity
from casebook.rules import RULES
from casebook.sources import ROOT

BOOK = ROOT / "book"
PER_ARTICLE = BOOK / "evidence" / "article.md.jinja"
HOLDINGS = ("figures", "forces", "positions", "relations", "conflicts", "record")
DECISIONS = ("agreed", "a", "b", "merged", "added")
MARKDOWN_SIGNS = "\\`*_[]<>|"


@dataclass
class Card:
    """All that hangs on one statement."""

    statement: dict[str, Any]
    figures: list[dict[str, Any]] = field(default_factory=list)
    forces: list[dict[str, Any]] = field(default_factory=list)
    positions: list[dict[str, Any]] = field(default_factory=list)
    relations: list[dict[str, Any]] = field(default_factory=list)
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    record: list[dict[str, Any]] = field(default_factory=list)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as dictionaries, a missing cell as the empty string."""
    return frame.astype(object).where(frame.notna(), "").to_dict("records")


def cards(book: Casebook) -> dict[str, Card]:
    """Return one card for each statement, by id, in the order of the file."""
    found = {row["statement_id"]: Card(row) for row in records(book.said())}
    hanging = {
        "figures": book.counted(),
        "forces": book.deployed(),
        "positions": book.held(),
        "relations": book.ties(),
        "conflicts": book.conflicts,
        "record": book.record.dropna(subset="statement_id"),
    }
    for name, frame in hanging.items():
        for row in records(frame):
            getattr(found[row["statement_id"]], name).append(row)
    return found


def plain(text: object) -> str:
    """Return text for Markdown, with the signs that Markdown would read escaped."""
    return "".join(f"\\{c}" if c in MARKDOWN_SIGNS else c for c in str(text))


def when(row: dict[str, Any]) -> str:
    """Return an event's date as finely as it is known, the empty string for none."""
    start, end = row["date_start"], row["date_end"]
    if start == "":
        return ""
    match row["date_precision"]:
        case "century":
            return f"{start.year // 100 + 1}th century"
        case "year":
            return f"{start:%Y}"
        case "month":
            return f"{start:%B %Y}" + ("" if end else " on")
        case "month_part":
            return f"{day(start)} to {day(end)}"
        case _:
            return day(start) if start == end else f"{day(start)} to {day(end)}"


def _labels() -> dict[str, dict[str, dict[str, str]]]:
    """Return the label of every listed value, by table and column."""
    return {
        table.name: {column.name: column.categories for column in table.fields}
        for table in read_package().tables.values()
    }


def holdings(card: Card) -> str:
    """Return the names of the tables that have a row on this statement, with blanks between."""
    return " ".join(name for name in HOLDINGS if getattr(card, name))


def readable(value: object) -> str:
    """Return a listed value as a reader sees it: ``us_politics`` as "US politics"."""
    return str(value).replace("_", " ").replace("us politics", "US politics")


def pairs(values: Iterable[str]) -> list[tuple[str, str]]:
    """Return values with the words a reader sees for them."""
    return [(value, readable(value)) for value in values]


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(BOOK),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "plain": plain,
        "day": day,
        "when": when,
        "quantity": quantity,
        "number": number,
        "holdings": holdings,
        "pairs": pairs,
        "words": readable,
    }
    return environment


def _context(book: Casebook) -> dict[str, Any]:
    everything = cards(book)
    by_event: dict[str, list[str]] = defaultdict(list)
    by_actor: dict[str, list[str]] = defaultdict(list)
    for key, card in everything.items():
        by_event[card.statement["event_id"]].append(key)
        by_actor[card.statement["speaker_id"]].append(key)
    agreement = pd.read_csv(AUDIT / "agreement.csv")
    settled = pd.read_csv(AUDIT / "pairs.csv").dropna(subset="statement_id")
    speakers = {c.statement["speaker_id"]: c.statement["speaker"] for c in everything.values()}
    return {
        "HOLDINGS": HOLDINGS,
        "speakers": sorted(speakers.items(), key=lambda item: item[1]),
        "lengths": {name: len(getattr(book, name)) for name in read_package().tables},
        "book": book,
        "cards": everything,
        "statements_of_event": by_event,
        "statements_of_actor": by_actor,
        "sources": {row["source_id"]: row for row in records(book.sources)},
        "passages": records(book.passages),
        "actors": {row["actor_id"]: row for row in records(book.actors)},
        "events": {row["event_id"]: row for row in records(book.events)},
        "conflicts": records(book.disagreements()),
        "after": records(book.record[book.record["statement_id"].isna()]),
        "record": records(book.record.dropna(subset="statement_id")),
        "tables": read_package().tables,
        "labels": _labels(),
        "agreement": records(agreement),
        "rules": RULES,
        "pairs_total": len(settled),
        "decisions": [(d, int((settled["decision"] == d).sum())) for d in DECISIONS],
    }


def _write(path: Path, text: str) -> bool:
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    path.write_text(text, encoding="utf-8")
    return True


def render(book: Casebook) -> list[Path]:
    """Write every generated page and return the paths of those that changed."""
    environment, context = _environment(), _context(book)
    changed = []
    for template in sorted(BOOK.rglob("*.md.jinja")):
        name = template.relative_to(BOOK).as_posix()
        if template == PER_ARTICLE:
            for source_id in context["sources"]:
                text = environment.get_template(name).render(context, source_id=source_id)
                path = template.with_name(f"{source_id}.md")
                changed += [path] if _write(path, text) else []
        else:
            path = template.with_name(template.name.removesuffix(".jinja"))
            text = environment.get_template(name).render(context)
            changed += [path] if _write(path, text) else []
    return changed


def write_previews(book: Casebook) -> None:
    """Write the script that the page loads when a reader points at an evidence link."""
    rows = {
        row["statement_id"]: [row["speaker"], row["certainty"], row["gist"]]
        for row in records(book.said())
    }
    text = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
    _write(BOOK / "_static" / "evidence-rows.js", f"window.evidenceRows = {text};\n")


def write_vega() -> None:
    """Write the script that draws a live chart; a page loads it when a chart comes into view."""
    path = BOOK / "_static" / "vega.js"
    origin = f"/* bundled by vl-convert {version('vl-convert-python')} */\n"
    if path.exists() and path.read_text(encoding="utf-8").startswith(origin):
        return
    bundle = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    # a function of its own: a page opened from a folder cannot load a module
    _write(path, f"{origin}(() => {{{bundle}}})();\n")


def main() -> int:
    """Write the pages, if the data pass the check; exit 1 if they do not."""
    faults, _ = check()
    if faults:
        for fault in faults:
            print(fault)
        print("no page written: the data do not pass the check")
        return 1
    book = load()
    changed = render(book)
    write_previews(book)
    write_vega()
    print(f"{len(changed)} generated pages changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
