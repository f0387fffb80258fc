"""Each rule finds the damage it is for, names the cell, and is silent on sound data."""

from __future__ import annotations

import ast
import inspect
import itertools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType

import pandas as pd
import pytest

from casebook import rules
from casebook.faults import Fault

Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Change:
    """Other cells for the nth row whose first cell is ``row``."""

    table: str
    row: str
    cells: dict[str, str]
    nth: int = 0

    def __call__(self, frame: pd.DataFrame) -> pd.DataFrame:
        line = frame.index[frame.iloc[:, 0] == self.row][self.nth]
        assert set(self.cells) <= set(frame.columns)
        frame.loc[line, list(self.cells)] = list(self.cells.values())
        return frame


@dataclass(frozen=True)
class Drop:
    """No row any more whose ``column`` is ``value``, from the nth on."""

    table: str
    column: str
    value: str
    nth: int = 0

    def __call__(self, frame: pd.DataFrame) -> pd.DataFrame:
        lines = frame.index[frame[self.column] == self.value][self.nth :]
        assert len(lines)
        return frame.drop(lines)


@dataclass(frozen=True)
class Expected:
    """The one fault to be found, at the nth row whose first cell was ``row`` before the damage."""

    table: str
    row: str
    column: str
    problem: str
    allowed: str
    nth: int = 0
    renamed: str = ""

    def fault(self, tables: Tables) -> Fault:
        frame = tables[self.table]
        line = int(frame.index[frame.iloc[:, 0] == self.row][self.nth])
        row = self.renamed or self.row
        return Fault(f"{self.table}.csv", line, row, self.column, self.problem, self.allowed)


@dataclass(frozen=True)
class Case:
    rule: Callable[[Tables], list[Fault]]
    name: str
    edits: tuple[Change | Drop, ...]
    expected: Expected | None = None

    def damaged(self, tables: Tables) -> Tables:
        damaged = dict(tables)
        for edit in self.edits:
            damaged[edit.table] = edit(damaged[edit.table].copy())
        return damaged


def number(bound: str, low: str = "", best: str = "", high: str = "") -> dict[str, str]:
    return {"bound": bound, "low": low, "best": best, "high": high}


PEOPLE = "guardian2025.p04d-f1"
"""A figure of one strike, said by the outlet itself and in no conflict."""
LATER_TOTAL = {
    "measure": "people_killed",
    "area": "caribbean",
    "basis": "cumulative",
    "since": "2025-09-02",
    "since_basis": "external",
    "as_of": "2025-10-25",
}

DAMAGES = [
    Case(
        rules.scenarios_scored,
        "no score",
        (Drop("scores", "proposition_id", "s-rally"),),
        Expected(
            "propositions",
            "s-rally",
            "kind",
            "a scenario without a score",
            "a row in scores.csv",
        ),
    ),
    Case(
        rules.scenarios_scored,
        "not a scenario",
        (Change("propositions", "s-rally", {"kind": "fact"}),),
        Expected("scores", "s-rally", "proposition_id", "a score for a fact", "a scenario"),
    ),
    Case(
        rules.scenarios_scored,
        "came true on no record",
        (Change("scores", "s-maduro-dies", {"record_id": ""}),),
        Expected(
            "scores",
            "s-maduro-dies",
            "record_id",
            "outcome did_not with record_id ''",
            "a record_id if and only if came_true, did_not, condition_not_met",
        ),
    ),
    Case(
        rules.scenarios_scored,
        "a record from before the end of the articles",
        (Change("scores", "s-maduro-dies", {"record_id": "soles-listing"}),),
        Expected(
            "scores",
            "s-maduro-dies",
            "record_id",
            "soles-listing stands beside a statement",
            "a record from after the articles",
        ),
    ),
    Case(
        rules.paragraphs_run,
        "number",
        (Change("passages", "guardian2025.p04", {"paragraph": "9"}),),
        Expected(
            "passages",
            "guardian2025.p04",
            "paragraph",
            "paragraph 9 of guardian2025 is out of order",
            "paragraph 4, id guardian2025.p04",
        ),
    ),
    Case(
        rules.paragraphs_run,
        "id",
        (Change("passages", "guardian2025.p22", {"passage_id": "guardian2025.p99"}),),
        Expected(
            "passages",
            "guardian2025.p22",
            "paragraph",
            "paragraph 22 of guardian2025 is out of order",
            "paragraph 22, id guardian2025.p22",
            renamed="guardian2025.p99",
        ),
    ),
    Case(
        rules.paragraphs_run,
        "not cited",
        (Drop("statements", "passage_id", "guardian2025.p01"),),
        Expected(
            "passages",
            "guardian2025.p01",
            "status",
            "coded, but no statement cites it",
            "a statement, or set_aside",
        ),
    ),
    Case(
        rules.paragraphs_run,
        "cited though set aside",
        (Change("statements", "guardian2025.p04b", {"passage_id": "guardian2025.p22"}),),
        Expected(
            "passages",
            "guardian2025.p22",
            "status",
            "set aside, but a statement cites it",
            "coded",
        ),
    ),
    Case(
        rules.paragraphs_run,
        "coded with a reason",
        (Change("passages", "guardian2025.p04", {"reason": "markup"}),),
        Expected(
            "passages",
            "guardian2025.p04",
            "reason",
            "status coded with reason 'markup'",
            "a reason if and only if set_aside",
        ),
    ),
    Case(
        rules.paragraphs_run,
        "set aside without a reason",
        (Change("passages", "guardian2025.p22", {"reason": ""}),),
        Expected(
            "passages",
            "guardian2025.p22",
            "reason",
            "status set_aside with reason ''",
            "a reason if and only if set_aside",
        ),
    ),
    # guardian2025.p04 has two sentences, each covered by several statements
    *(
        Case(
            rules.sentences_covered,
            f"sentences {first} to {last}",
            (
                Change(
                    "statements",
                    "guardian2025.p04b",
                    {"first_sentence": first, "last_sentence": last},
                ),
            ),
            Expected(
                "statements",
                "guardian2025.p04b",
                "last_sentence",
                f"sentences {first} to {last}",
                "first up to last, within 1 to 2",
            ),
        )
        for first, last in [("0", "1"), ("2", "1"), ("1", "3"), ("3", "3")]
    ),
    Case(
        rules.sentences_covered,
        "sentence left out",
        (Change("passages", "guardian2025.p04", {"sentences": "4"}),),
        Expected(
            "passages",
            "guardian2025.p04",
            "sentences",
            "sentences [3, 4] are covered by no statement",
            "every sentence in a statement",
        ),
    ),
    Case(
        rules.statements_in_place,
        "letter",
        (Change("statements", "guardian2025.p04b", {"statement_id": "guardian2025.p04x"}),),
        Expected(
            "statements",
            "guardian2025.p04b",
            "statement_id",
            "id guardian2025.p04x does not follow from passage guardian2025.p04",
            "guardian2025.p04b",
            renamed="guardian2025.p04x",
        ),
    ),
    Case(
        rules.statements_in_place,
        "passage",
        (Change("statements", "guardian2025.p01a", {"passage_id": "guardian2025.p22"}),),
        Expected(
            "statements",
            "guardian2025.p01a",
            "statement_id",
            "id guardian2025.p01a does not follow from passage guardian2025.p22",
            "guardian2025.p22a",
        ),
    ),
    *(
        Case(
            rules.statements_in_place,
            f"{voice} by {speaker}",
            (
                Change(
                    "statements",
                    "guardian2025.p04b",
                    {"voice": voice, "speaker_id": speaker, "via_id": ""},
                ),
            ),
            Expected(
                "statements",
                "guardian2025.p04b",
                "speaker_id",
                f"voice {voice} with speaker {speaker}",
                "author if and only if the speaker is outlet-guardian",
            ),
        )
        for voice, speaker in [
            ("author", "pete-hegseth"),
            ("author", "outlet-newyorker"),
            ("paraphrase", "outlet-guardian"),
            ("quote", "outlet-guardian"),
        ]
    ),
    Case(
        rules.statements_in_place,
        "author via somebody",
        (Change("statements", "guardian2025.p04a", {"via_id": "washington-post"}),),
        Expected(
            "statements",
            "guardian2025.p04a",
            "via_id",
            "author voice via washington-post",
            "an empty via_id",
        ),
    ),
    Case(
        rules.statements_in_place,
        "long phrase",
        (Change("statements", "guardian2025.p04a", {"phrase": "a b c d e f g h i"}),),
        Expected("statements", "guardian2025.p04a", "phrase", "a phrase of 9 words", "at most 8"),
    ),
    *(
        Case(
            rules.bounds_fit,
            f"number without a bound in {table}",
            (Change(table, row, number("", best="5")),),
            Expected(table, row, "bound", "a number without a bound", "a bound, or no number"),
        )
        for table, row in [("figures", PEOPLE), ("forces", "brief2025.p03d-a1")]
    ),
    Case(
        rules.bounds_fit,
        "wrong cells filled",
        (Change("figures", PEOPLE, number("at_least", best="5")),),
        Expected("figures", PEOPLE, "bound", "bound at_least with best filled", "low, best filled"),
    ),
    Case(
        rules.bounds_fit,
        "nothing filled",
        (Change("forces", "brief2025.p03d-a1", number("exact")),),
        Expected(
            "forces",
            "brief2025.p03d-a1",
            "bound",
            "bound exact with no number filled",
            "best filled",
        ),
    ),
    Case(
        rules.bounds_fit,
        "vague with a number",
        (Change("figures", PEOPLE, number("vague", low="20")),),
        Expected("figures", PEOPLE, "bound", "bound vague with low filled", "no number filled"),
    ),
    Case(
        rules.bounds_fit,
        "range upside down",
        (Change("figures", PEOPLE, number("range", low="4", high="3")),),
        Expected("figures", PEOPLE, "low", "low 4, best , high 3", "low <= best <= high"),
    ),
    Case(
        rules.bounds_fit,
        "at least, two numbers",
        (Change("figures", PEOPLE, number("at_least", low="4", best="5")),),
        Expected(
            "figures", PEOPLE, "best", "bound at_least with 4 beside 5", "the same number in both"
        ),
    ),
    Case(
        rules.bounds_fit,
        "at most, two numbers",
        (Change("figures", PEOPLE, number("at_most", best="4", high="5")),),
        Expected(
            "figures", PEOPLE, "best", "bound at_most with 5 beside 4", "the same number in both"
        ),
    ),
    Case(
        rules.bounds_fit,
        "per event, no event",
        (Change("statements", "guardian2025.p04d", {"event_id": ""}),),
        Expected(
            "figures",
            PEOPLE,
            "basis",
            "per_event, but its statement names no event",
            "an event_id there",
        ),
    ),
    *(
        Case(
            rules.bounds_fit,
            f"{basis} since {since or 'empty'}",
            (
                Change(
                    "figures",
                    PEOPLE,
                    {"basis": basis, "since": since, "since_basis": since and "in_text"},
                ),
            ),
            Expected(
                "figures",
                PEOPLE,
                "since",
                f"basis {basis} with since {since or 'empty'}",
                "since if and only if cumulative or period",
            ),
        )
        for basis, since in [("cumulative", ""), ("period", ""), ("level", "2025-09-02")]
    ),
    *(
        Case(
            rules.bounds_fit,
            f"since {cells}",
            (Change("figures", PEOPLE, cells),),
            Expected(
                "figures",
                PEOPLE,
                "since_basis",
                "since and since_basis differ",
                "both filled or both empty",
            ),
        )
        for cells in [
            {"basis": "period", "since": "2025-09-02", "since_basis": ""},
            {"basis": "level", "since": "", "since_basis": "in_text"},
        ]
    ),
    Case(
        rules.bounds_fit,
        "since after as_of",
        (
            Change(
                "figures",
                PEOPLE,
                {
                    "basis": "period",
                    "since": "2025-10-25",
                    "since_basis": "in_text",
                    "as_of": "2025-10-24",
                },
            ),
        ),
        Expected(
            "figures",
            PEOPLE,
            "since",
            "since 2025-10-25 is after as_of 2025-10-24",
            "since <= as_of",
        ),
    ),
    *(
        Case(
            rules.dates_hold,
            f"{table} after publication",
            (Change(table, row, {"as_of": "2025-10-27"}),),
            Expected(
                table,
                row,
                "as_of",
                "as_of 2025-10-27 is after publication",
                "2025-10-26 at the latest",
            ),
        )
        for table, row in [("figures", PEOPLE), ("forces", "guardian2025.p06b-a1")]
    ),
    Case(
        rules.dates_hold,
        "end before start",
        (
            Change(
                "events",
                "strike-24-october",
                {"date_start": "2025-10-24", "date_end": "2025-10-23"},
            ),
        ),
        Expected(
            "events",
            "strike-24-october",
            "date_end",
            "2025-10-24 to 2025-10-23",
            "start <= end",
        ),
    ),
    *(
        Case(
            rules.dates_hold,
            f"event without {' and '.join(columns)}",
            (Change("events", "strike-24-october", dict.fromkeys(columns, "")),),
            Expected(
                "events",
                "strike-24-october",
                "date_precision",
                "date, precision and basis are not filled together",
                "all three or none",
            ),
        )
        for columns in [("date_precision",), ("date_basis",), ("date_start", "date_end")]
    ),
    Case(
        rules.dates_hold,
        "total falls",
        (Change("figures", PEOPLE, LATER_TOTAL | number("exact", best="30")),),
        Expected(
            "figures",
            PEOPLE,
            "best",
            "the running total falls from 38 to 30 on 2025-10-25",
            "a total that does not fall, or a conflict that explains it",
        ),
    ),
    Case(
        rules.parts_fit,
        "part of itself",
        (Change("forces", "brief2025.p03f-a1", {"part_of": "brief2025.p03f-a1"}),),
        Expected("forces", "brief2025.p03f-a1", "part_of", "a part of itself", "another force"),
    ),
    Case(
        rules.parts_fit,
        "another source",
        (
            Change(
                "forces",
                "brief2025.p03f-a1",
                {"part_of": "aleem2025.p05h-a1", "as_of": "2025-11-19"},
            ),
        ),
        Expected(
            "forces",
            "brief2025.p03f-a1",
            "part_of",
            "part of aleem2025.p05h-a1, of another source or day",
            "the same source and as_of",
        ),
    ),
    Case(
        rules.parts_fit,
        "another day",
        (Change("forces", "brief2025.p03f-a1", {"as_of": "2025-11-30"}),),
        Expected(
            "forces",
            "brief2025.p03f-a1",
            "part_of",
            "part of brief2025.p03d-a2, of another source or day",
            "the same source and as_of",
        ),
    ),
    *(
        Case(
            rules.parts_fit,
            f"larger, bound {cells['bound']}",
            (
                Change("forces", "brief2025.p03d-a2", number("about", best="15000")),
                Change("forces", "brief2025.p03f-a1", cells),
            ),
            Expected(
                "forces",
                "brief2025.p03f-a1",
                "part_of",
                "15001 is larger than its whole, 15000",
                "15000 at most",
            ),
        )
        for cells in [number("exact", best="15001"), number("more_than", low="15001")]
    ),
    *(
        Case(
            rules.ids_agree,
            f"{table} of another statement",
            (Change(table, row, {"statement_id": "aleem2025.p02a"}),),
            Expected(
                table,
                row,
                "statement_id",
                f"id {row} on the statement aleem2025.p02a",
                "an id that begins with aleem2025.p02a-",
            ),
        )
        for table, row in [
            ("figures", "guardian2025.p04a-f1"),
            ("forces", "brief2025.p03f-a1"),
            ("positions", "guardian2025.p19a-p1"),
            ("relations", "guardian2025.p04a-r1"),
        ]
    ),
    Case(
        rules.sources_dated,
        "first day after the last",
        (Change("sources", "guardian2025", {"published_earliest": "2025-10-27"}),),
        Expected(
            "sources",
            "guardian2025",
            "published_latest",
            "2025-10-27 to 2025-10-26",
            "earliest <= latest",
        ),
    ),
    *(
        Case(
            rules.nothing_unused,
            f"unused in {table}",
            (Change(table, row, {column: new}),),
            Expected(
                table,
                row,
                column,
                "nothing refers to it",
                "a reference, or no row",
                renamed=new,
            ),
        )
        for table, row, column, new in [
            ("actors", "tommy-pigott", "actor_id", "somebody-else"),
            ("events", "strike-24-october", "event_id", "something-else"),
            ("propositions", "l-patriot-act", "proposition_id", "l-another-act"),
        ]
    ),
    Case(
        rules.nothing_unused,
        "unnamed voice in two articles",
        (Change("statements", "brief2025.p02a", {"speaker_id": "officials-aleem"}),),
        Expected(
            "statements",
            "brief2025.p02a",
            "speaker_id",
            "the unnamed voice officials-aleem also speaks in aleem2025",
            "an unnamed voice of this article",
        ),
    ),
    Case(
        rules.propositions_complete,
        "kind",
        (Change("propositions", "l-patriot-act", {"kind": "policy"}),),
        Expected(
            "propositions", "l-patriot-act", "kind", "id l-patriot-act with kind policy", "legal"
        ),
    ),
    Case(
        rules.propositions_complete,
        "letter",
        (Change("propositions", "l-patriot-act", {"proposition_id": "x-patriot-act"}),),
        Expected(
            "propositions",
            "l-patriot-act",
            "kind",
            "id x-patriot-act with kind legal",
            "m, l, p, f or s",
            renamed="x-patriot-act",
        ),
    ),
    *(
        Case(
            rules.propositions_complete,
            f"no {column}",
            (Change("propositions", row, {column: "", **more}),),
            Expected("propositions", row, column, problem, allowed),
        )
        for row, column, more, problem, allowed in [
            ("m-regime-change", "about_id", {}, "a motive of nobody", "an actor"),
            ("l-patriot-act", "question", {}, "a legal sentence on no question", "one of them"),
            (
                "l-patriot-act",
                "legal_basis",
                {},
                "a legal sentence without a basis",
                'the basis, or "none named"',
            ),
            (
                "s-us-attack",
                "condition",
                {"horizon": ""},
                "a scenario without condition or horizon",
                "one of the two",
            ),
        ]
    ),
    Case(
        rules.replies_and_conflicts,
        "reply without how",
        (
            Change(
                "positions",
                "guardian2025.p19a-p1",
                {"responds_to": "guardian2025.p18a-p1", "response": ""},
            ),
        ),
        Expected(
            "positions",
            "guardian2025.p19a-p1",
            "response",
            "responds_to guardian2025.p18a-p1, response empty",
            "both filled or both empty",
        ),
    ),
    Case(
        rules.replies_and_conflicts,
        "reply to nothing",
        (Change("positions", "guardian2025.p19a-p1", {"responds_to": "", "response": "rebuts"}),),
        Expected(
            "positions",
            "guardian2025.p19a-p1",
            "response",
            "responds_to empty, response rebuts",
            "both filled or both empty",
        ),
    ),
    Case(
        rules.replies_and_conflicts,
        "reply to itself",
        (
            Change(
                "positions",
                "guardian2025.p19a-p1",
                {"responds_to": "guardian2025.p19a-p1", "response": "rebuts"},
            ),
        ),
        Expected(
            "positions",
            "guardian2025.p19a-p1",
            "responds_to",
            "answers itself",
            "another position",
        ),
    ),
    Case(
        rules.replies_and_conflicts,
        "conflict of one",
        (Drop("conflicts", "conflict_id", "number-21", nth=1),),
        Expected("conflicts", "number-21", "statement_id", "one statement only", "two or more"),
    ),
    *(
        Case(
            rules.replies_and_conflicts,
            f"conflict of two {column}s",
            (
                Change("conflicts", "number-21", {column: first}),
                Change("conflicts", "number-21", {column: second}, nth=1),
            ),
            Expected(
                "conflicts",
                "number-21",
                column,
                f"{column} {second} beside {first}",
                "one value for the whole conflict",
                nth=1,
            ),
        )
        for column, first, second in [
            ("question", "Which?", "What?"),
            ("kind", "scope", "value"),
            ("handling", "both_kept", "unresolved"),
        ]
    ),
    *(
        Case(
            rules.cells_clean,
            f"cell {cell!r}",
            (Change("events", "strike-24-october", {"title": cell}),),
            Expected("events", "strike-24-october", "title", problem, allowed),
        )
        for cell, problem, allowed in [
            (" strike", "white space at the edge", "none"),
            ("strike ", "white space at the edge", "none"),
            ("strike\u00a0", "white space at the edge", "none"),
            ("a\u200bstrike", "the invisible character U+200B", "visible characters"),
            ("a\u00adstrike", "the invisible character U+00AD", "visible characters"),
            ("\ufeffstrike", "the invisible character U+FEFF", "visible characters"),
            ("a\nstrike", "the invisible character U+000A", "visible characters"),
            ("a\u2028strike", "the invisible character U+2028", "visible characters"),
            *(
                (
                    f"{sign}1",
                    f"begins with '{sign}', which a spreadsheet runs as a formula",
                    "a letter, digit or quotation mark",
                )
                for sign in "=+-@"
            ),
        ]
    ),
    Case(
        rules.gists_in_own_words,
        "phrase repeated",
        (
            Change(
                "statements",
                "guardian2025.p04a",
                {"phrase": "Four invented small words", "gist": "The four invented, small words."},
            ),
        ),
        Expected(
            "statements",
            "guardian2025.p04a",
            "gist",
            "the gist repeats the quoted phrase without quotation marks",
            "our own words",
        ),
    ),
]

# What lies just inside a rule
SOUND = [
    Case(
        rules.sentences_covered,
        "all sentences in one statement",
        (
            Change(
                "statements",
                "guardian2025.p04b",
                {"first_sentence": "1", "last_sentence": "2"},
            ),
        ),
    ),
    # what the schema finds is not told twice
    *(
        Case(
            rules.sentences_covered,
            f"{column} not a number",
            (Change(table, row, {column: "two"}),),
        )
        for table, row, column in [
            ("statements", "guardian2025.p04b", "first_sentence"),
            ("statements", "guardian2025.p04b", "last_sentence"),
            ("passages", "guardian2025.p04", "sentences"),
        ]
    ),
    Case(
        rules.parts_fit,
        "whole not in the table",
        (Change("forces", "brief2025.p03f-a1", {"part_of": "brief2025.p03z-a1"}),),
    ),
    Case(
        rules.statements_in_place,
        "phrase of eight words",
        (Change("statements", "guardian2025.p04a", {"phrase": "a b c d e f g h"}),),
    ),
    Case(
        rules.bounds_fit,
        "range of one number",
        (Change("figures", PEOPLE, number("range", low="3", high="3")),),
    ),
    Case(
        rules.bounds_fit,
        "since on the day",
        (Change("figures", PEOPLE, LATER_TOTAL | {"since": "2025-10-25"}),),
    ),
    Case(
        rules.bounds_fit,
        "force without a number",
        (Change("forces", "brief2025.p03d-a1", number("")),),
    ),
    Case(
        rules.dates_hold,
        "last day of publication",
        (Change("figures", PEOPLE, {"as_of": "2025-10-26"}),),
    ),
    Case(
        rules.dates_hold,
        "total stays",
        (Change("figures", PEOPLE, LATER_TOTAL | number("exact", best="38")),),
    ),
    Case(
        rules.dates_hold,
        "total of another area",
        (
            Change(
                "figures",
                PEOPLE,
                LATER_TOTAL | number("exact", best="30") | {"area": "eastern_pacific"},
            ),
        ),
    ),
    Case(
        rules.dates_hold,
        "total of another origin",
        (
            Change("figures", PEOPLE, LATER_TOTAL | number("exact", best="30")),
            Change("statements", "guardian2025.p04d", {"speaker_id": "pete-hegseth"}),
        ),
    ),
    Case(
        rules.dates_hold,
        "total explained by a conflict",
        (
            Change("figures", PEOPLE, LATER_TOTAL | number("exact", best="30")),
            Change("conflicts", "number-21", {"statement_id": "guardian2025.p04d"}),
        ),
    ),
    Case(
        rules.dates_hold,
        "event without a date",
        (
            Change(
                "events",
                "strike-24-october",
                dict.fromkeys(("date_start", "date_end", "date_precision", "date_basis"), ""),
            ),
        ),
    ),
    Case(
        rules.parts_fit,
        "part as large as the whole",
        (
            Change("forces", "brief2025.p03d-a2", number("about", best="15000")),
            Change("forces", "brief2025.p03f-a1", number("exact", best="15000")),
        ),
    ),
    Case(
        rules.nothing_unused,
        "named voice in two articles",
        (Change("statements", "brief2025.p02a", {"speaker_id": "tommy-pigott"}),),
    ),
    *(
        Case(
            rules.propositions_complete,
            f"scenario with {column} only",
            (
                Change(
                    "propositions",
                    "s-us-attack",
                    {"condition": "", "horizon": "", column: "soon"},
                ),
            ),
        )
        for column in ("condition", "horizon")
    ),
    *(
        Case(
            rules.cells_clean,
            f"cell {cell!r}",
            (Change("events", "strike-24-october", {"title": cell}),),
        )
        for cell in ["", "é, ‘quoted’ – 1 = 1", "two  words"]
    ),
    *(
        Case(
            rules.gists_in_own_words,
            name,
            (Change("statements", "guardian2025.p04a", {"phrase": phrase, "gist": gist}),),
        )
        for name, phrase, gist in [
            ("quoted", "four invented small words", 'They are "four invented small words" here.'),
            ("three words", "three invented words", "The three invented words stand here."),
            ("other order", "four invented small words", "Four small invented words."),
        ]
    ),
]


def named(cases: list[Case]) -> list[object]:
    return [pytest.param(case, id=f"{case.rule.__name__}: {case.name}") for case in cases]


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_undamaged_tables_have_no_fault(rule: Callable, tables: Tables) -> None:
    assert rule(tables) == []


@pytest.mark.parametrize("case", named(DAMAGES))
def test_damage_is_found_and_named(case: Case, tables: Tables) -> None:
    assert case.rule(case.damaged(tables)) == [case.expected.fault(tables)]


@pytest.mark.parametrize("case", named(SOUND))
def test_sound_change_is_no_fault(case: Case, tables: Tables) -> None:
    assert case.rule(case.damaged(tables)) == []


def test_several_faults_of_one_rule_are_all_found(tables: Tables) -> None:
    cases = [case for case in DAMAGES if case.rule is rules.propositions_complete]
    one_each = [
        case for case in cases if case.name in {"no about_id", "no question", "no condition"}
    ]
    damaged = dict(tables)
    for case in one_each:
        damaged = case.damaged(damaged)
    found = rules.propositions_complete(damaged)
    assert len(one_each) == 3
    assert set(found) == {case.expected.fault(tables) for case in one_each}
    assert len(found) == 3


# data/coding-rules.md, "Figures"
CELLS = {
    "exact": {"best"},
    "at_least": {"low", "best"},
    "more_than": {"low"},
    "at_most": {"best", "high"},
    "fewer_than": {"high"},
    "about": {"best"},
    "range": {"low", "high"},
    "vague": set(),
}


@pytest.mark.parametrize("bound", CELLS)
def test_each_bound_allows_its_cells_only(bound: str, tables: Tables) -> None:
    fitting = []
    for filled in itertools.product(("5", ""), repeat=3):
        cells = number(bound, *filled)
        case = Case(rules.bounds_fit, bound, (Change("figures", PEOPLE, cells),))
        faults = rules.bounds_fit(case.damaged(tables))
        assert {fault.column for fault in faults} <= {"bound"}
        if not faults:
            fitting.append({name for name in ("low", "best", "high") if cells[name]})
    assert fitting == [CELLS[bound]]


def test_bounds_cover_the_schema(tables: Tables) -> None:
    assert set(rules.FILLED) == set(CELLS)
    assert set(tables["figures"]["bound"]) <= set(CELLS)


def test_every_rule_is_listed_and_damaged() -> None:
    public = {
        value
        for name, value in vars(rules).items()
        if isinstance(value, FunctionType)
        and value.__module__ == rules.__name__
        and not name.startswith("_")
    }
    assert len(rules.RULES) == len(set(rules.RULES))
    assert set(rules.RULES) == public
    assert {case.rule for case in DAMAGES} == public


def test_every_fault_is_provoked(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = ast.parse(inspect.getsource(rules))
    written = {
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Fault"
    }
    provoked = set()

    def recorded(*args: object) -> Fault:
        provoked.add(sys._getframe(1).f_lineno)
        return Fault(*args)

    monkeypatch.setattr(rules, "Fault", recorded)
    for case in DAMAGES:
        case.rule(case.damaged(tables))
    assert provoked == written
