"""Checks against the articles' own text, for a reader who has it."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from casebook.faults import Fault
from casebook.package import read_package
from casebook.sources import ROOT
from casebook.tables import read_text
from casebook.text import contains, fingerprint, paragraphs, sentences

PLACES = (ROOT / "seeds" / "text", ROOT.parent / "shared" / "seeds")


@dataclass
class SeedReport:
    """What a comparison with the articles found."""

    faults: list[Fault] = field(default_factory=list)
    checked: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def line(self) -> str:
        """Return one line on what was checked and what was skipped."""
        parts = []
        if self.checked:
            parts.append(f"articles checked: {', '.join(self.checked)}")
        if self.missing:
            parts.append(
                f"skipped, no text in seeds/text: {', '.join(self.missing)} (seeds/README.md)"
            )
        return "; ".join(parts)


def find(source_id: str, places: tuple[Path, ...] = PLACES) -> Path | None:
    """Return the path of an article's text, or None where no copy is at hand."""
    for place in places:
        path = place / f"{source_id}.txt"
        if path.is_file():
            return path
    return None


def _compare(source: str, texts: list[str], rows: pd.DataFrame) -> list[Fault]:
    faults = []
    by_print: dict[str, list[int]] = {}
    for number, text in enumerate(texts, start=1):
        by_print.setdefault(fingerprint(text), []).append(number)
    if len(texts) != len(rows):
        problem = f"{source} has {len(rows)} rows"
        allowed = f"{len(texts)}, the paragraphs of the copy at hand"
        faults.append(Fault("passages.csv", 0, source, "paragraph", problem, allowed))
    for line, row in zip(rows.index, rows.to_dict("records"), strict=True):
        number = int(row["paragraph"])
        place = ("passages.csv", int(line), row["passage_id"])
        here = texts[number - 1] if number <= len(texts) else ""
        if fingerprint(here) != row["fingerprint"]:
            found = by_print.get(row["fingerprint"])
            if found:
                problem = f"shifted: this text is paragraph {found[0]} of the copy at hand"
                faults.append(Fault(*place, "paragraph", problem, str(found[0])))
            else:
                problem = "the text of this paragraph is not in the copy at hand"
                faults.append(Fault(*place, "fingerprint", problem, fingerprint(here)))
            continue
        for column, value in (
            ("words", len(here.split())),
            ("sentences", len(sentences(here))),
        ):
            if row[column] != str(value):
                problem = f"{row[column]} {column}"
                faults.append(Fault(*place, column, problem, str(value)))
    return faults


def verify(tables: dict[str, pd.DataFrame], places: tuple[Path, ...] = PLACES) -> SeedReport:
    """Compare fingerprints, word counts and phrases with the articles at hand.

    Parameters
    ----------
    tables
        The tables as text, by name.
    places
        Folders that may hold ``<source_id>.txt``, first match wins.
    """
    report = SeedReport()
    statements = tables["statements"]
    for source in tables["sources"]["source_id"]:
        path = find(source, places)
        if path is None:
            report.missing.append(source)
            continue
        report.checked.append(source)
        texts = paragraphs(path)
        passages = tables["passages"]
        rows = passages[passages["source_id"] == source]
        report.faults += _compare(source, texts, rows)
        prints = {fingerprint(text): text for text in texts}
        by_id = {r["passage_id"]: prints.get(r["fingerprint"], "") for r in rows.to_dict("records")}
        quoted = statements[statements["passage_id"].isin(by_id) & (statements["phrase"] != "")]
        for line, row in zip(quoted.index, quoted.to_dict("records"), strict=True):
            if not contains(by_id[row["passage_id"]], row["phrase"]):
                problem = f"the phrase {row['phrase']!r} is not in the paragraph"
                allowed = "words as the article prints them"
                report.faults.append(
                    Fault(
                        "statements.csv", int(line), row["statement_id"], "phrase", problem, allowed
                    )
                )
    return report


def main() -> int:
    """Run the comparison from the command line; exit 1 if something does not hold."""
    parser = argparse.ArgumentParser(
        description="Compare fingerprints, word counts and phrases with the articles at hand."
    )
    parser.add_argument("--text", type=Path, help="a folder with <source_id>.txt")
    place = parser.parse_args().text
    tables = {name: read_text(table) for name, table in read_package().tables.items()}
    report = verify(tables, (place,) if place else PLACES)
    for fault in report.faults:
        print(fault)
    print(report.line())
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
