"""The rules that a table schema cannot say.

Each public function takes the tables as text (see `casebook.tables.read_text`: empty cell = empty
string, index = line in the file) and returns the faults it found. `RULES` lists them all.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
import re
import unicodedata
from collections.abc import Iterator

import pandas as pd

from casebook.faults import Fault
from casebook.text import tokens

Tables = dict[str, pd.DataFrame]

# bound -> which of low, best, high are filled
FILLED = {
    "exact": (False, True, False),
    "at_least": (True, True, False),
    "more_than": (True, False, False),
    "at_most": (False, True, True),
    "fewer_than": (False, False, True),
    "about": (False, True, False),
    "range": (True, False, True),
    "vague": (False, False, False),
}
ON_RECORD = ("came_true", "did_not", "condition_not_met")
"""The outcomes of a scenario that rest on a row of the public record."""
PHRASE_WORDS = 8
KIND_LETTER = {"m": "motive", "l": "legal", "p": "policy", "f": "fact", "s": "scenario"}
FORMULA_START = tuple("=+-@")
INVISIBLE = {"Cc", "Cf", "Zl", "Zp"}


def _number(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _date(cell: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(cell)
    except ValueError:
        return None


def _rows(tables: Tables, name: str) -> Iterator[tuple[int, dict[str, str]]]:
    frame = tables[name]
    for line, row in zip(frame.index, frame.to_dict("records"), strict=True):
        yield int(line), row


def _lookup(tables: Tables, name: str, key: str) -> dict[str, dict[str, str]]:
    return {row[key]: row for _, row in _rows(tables, name)}


def _source(identifier: str) -> str:
    return identifier.split(".")[0]


def paragraphs_run(tables: Tables) -> list[Fault]:
    """Paragraphs of a source run 1..n; coded ones are cited, set-aside ones are not."""
    faults = []
    cited = set(tables["statements"]["passage_id"])
    expected: dict[str, int] = {}
    for line, row in _rows(tables, "passages"):
        row_id, source = row["passage_id"], row["source_id"]
        expected[source] = expected.get(source, 0) + 1
        want = expected[source]
        if row["paragraph"] != str(want) or row_id != f"{source}.p{want:02d}":
            faults.append(
                Fault(
                    "passages.csv",
                    line,
                    row_id,
                    "paragraph",
                    f"paragraph {row['paragraph']} of {source} is out of order",
                    f"paragraph {want}, id {source}.p{want:02d}",
                )
            )
        if row["status"] == "coded" and row_id not in cited:
            problem, allowed = "coded, but no statement cites it", "a statement, or set_aside"
            faults.append(Fault("passages.csv", line, row_id, "status", problem, allowed))
        if row["status"] == "set_aside" and row_id in cited:
            problem, allowed = "set aside, but a statement cites it", "coded"
            faults.append(Fault("passages.csv", line, row_id, "status", problem, allowed))
        if (row["status"] == "set_aside") != bool(row["reason"]):
            problem = f"status {row['status']} with reason {row['reason']!r}"
            allowed = "a reason if and only if set_aside"
            faults.append(Fault("passages.csv", line, row_id, "reason", problem, allowed))
    return faults


def sentences_covered(tables: Tables) -> list[Fault]:
    """Every sentence of a coded paragraph is covered by a statement."""
    faults = []
    passages = _lookup(tables, "passages", "passage_id")
    covered: dict[str, set[int]] = {}
    for line, row in _rows(tables, "statements"):
        passage = passages.get(row["passage_id"])
        first, last = _number(row["first_sentence"]), _number(row["last_sentence"])
        count = _number(passage["sentences"]) if passage else None
        if first is None or last is None or count is None:
            continue
        if not 1 <= first <= last <= count:
            problem = f"sentences {row['first_sentence']} to {row['last_sentence']}"
            allowed = f"first up to last, within 1 to {passage['sentences']}"
            faults.append(
                Fault(
                    "statements.csv", line, row["statement_id"], "last_sentence", problem, allowed
                )
            )
            continue
        covered.setdefault(row["passage_id"], set()).update(range(int(first), int(last) + 1))
    for line, row in _rows(tables, "passages"):
        count = _number(row["sentences"])
        if row["status"] != "coded" or count is None or row["passage_id"] not in covered:
            continue
        missing = sorted(set(range(1, int(count) + 1)) - covered[row["passage_id"]])
        if missing:
            problem = f"sentences {missing} are covered by no statement"
            allowed = "every sentence in a statement"
            faults.append(
                Fault("passages.csv", line, row["passage_id"], "sentences", problem, allowed)
            )
    return faults


def statements_in_place(tables: Tables) -> list[Fault]:
    """Statement, passage and source agree, letters run on; author voice is the outlet's."""
    faults = []
    outlets = {row["source_id"]: row["outlet_id"] for _, row in _rows(tables, "sources")}
    letters: dict[str, int] = {}
    for line, row in _rows(tables, "statements"):
        row_id, passage = row["statement_id"], row["passage_id"]
        letters[passage] = letters.get(passage, 0) + 1
        want = f"{passage}{chr(96 + letters[passage])}"
        if row_id != want:
            problem = f"id {row_id} does not follow from passage {passage}"
            faults.append(Fault("statements.csv", line, row_id, "statement_id", problem, want))
        outlet = outlets.get(_source(passage), "")
        if (row["voice"] == "author") != (row["speaker_id"] == outlet):
            problem = f"voice {row['voice']} with speaker {row['speaker_id']}"
            allowed = f"author if and only if the speaker is {outlet}"
            faults.append(Fault("statements.csv", line, row_id, "speaker_id", problem, allowed))
        if row["voice"] == "author" and row["via_id"]:
            problem, allowed = f"author voice via {row['via_id']}", "an empty via_id"
            faults.append(Fault("statements.csv", line, row_id, "via_id", problem, allowed))
        if len(row["phrase"].split()) > PHRASE_WORDS:
            problem = f"a phrase of {len(row['phrase'].split())} words"
            allowed = f"at most {PHRASE_WORDS}"
            faults.append(Fault("statements.csv", line, row_id, "phrase", problem, allowed))
    return faults


def _bound_faults(file: str, line: int, row_id: str, row: dict[str, str]) -> list[Fault]:
    faults = []
    filled = tuple(bool(row[c]) for c in ("low", "best", "high"))
    if not row["bound"]:
        if any(filled):
            problem, allowed = "a number without a bound", "a bound, or no number"
            faults.append(Fault(file, line, row_id, "bound", problem, allowed))
        return faults
    if row["bound"] in FILLED and filled != FILLED[row["bound"]]:
        names = [c for c, f in zip(("low", "best", "high"), filled, strict=True) if f]
        wanted = [
            c for c, f in zip(("low", "best", "high"), FILLED[row["bound"]], strict=True) if f
        ]
        problem = f"bound {row['bound']} with {', '.join(names) or 'no number'} filled"
        allowed = f"{', '.join(wanted) or 'no number'} filled"
        faults.append(Fault(file, line, row_id, "bound", problem, allowed))
    low, best, high = (_number(row[c]) for c in ("low", "best", "high"))
    known = [n for n in (low, best, high) if n is not None]
    if known != sorted(known):
        problem = f"low {row['low']}, best {row['best']}, high {row['high']}"
        faults.append(Fault(file, line, row_id, "low", problem, "low <= best <= high"))
    if row["bound"] in {"at_least", "at_most"} and len(set(known)) > 1:
        problem = f"bound {row['bound']} with {row['low'] or row['high']} beside {row['best']}"
        faults.append(Fault(file, line, row_id, "best", problem, "the same number in both"))
    return faults


def bounds_fit(tables: Tables) -> list[Fault]:
    """Bounds fit the filled numbers; low <= best <= high; basis fits event and since."""
    faults = []
    events = {row["statement_id"]: row["event_id"] for _, row in _rows(tables, "statements")}
    for line, row in _rows(tables, "figures"):
        row_id = row["figure_id"]
        faults += _bound_faults("figures.csv", line, row_id, row)
        if row["basis"] == "per_event" and not events.get(row["statement_id"]):
            problem, allowed = "per_event, but its statement names no event", "an event_id there"
            faults.append(Fault("figures.csv", line, row_id, "basis", problem, allowed))
        if (row["basis"] in {"cumulative", "period"}) != bool(row["since"]):
            problem = f"basis {row['basis']} with since {row['since'] or 'empty'}"
            allowed = "since if and only if cumulative or period"
            faults.append(Fault("figures.csv", line, row_id, "since", problem, allowed))
        if bool(row["since"]) != bool(row["since_basis"]):
            problem, allowed = "since and since_basis differ", "both filled or both empty"
            faults.append(Fault("figures.csv", line, row_id, "since_basis", problem, allowed))
        since, as_of = _date(row["since"]), _date(row["as_of"])
        if since and as_of and since > as_of:
            problem = f"since {row['since']} is after as_of {row['as_of']}"
            faults.append(Fault("figures.csv", line, row_id, "since", problem, "since <= as_of"))
    for line, row in _rows(tables, "forces"):
        faults += _bound_faults("forces.csv", line, row["force_id"], row)
    return faults


def dates_hold(tables: Tables) -> list[Fault]:
    """No as_of after publication; a running total never falls unless a conflict explains it."""
    faults = []
    latest = {r["source_id"]: _date(r["published_latest"]) for _, r in _rows(tables, "sources")}
    for name, key in (("figures", "figure_id"), ("forces", "force_id")):
        for line, row in _rows(tables, name):
            as_of, last = _date(row["as_of"]), latest.get(_source(row[key]))
            if as_of and last and as_of > last:
                problem, allowed = f"as_of {as_of} is after publication", f"{last} at the latest"
                faults.append(Fault(f"{name}.csv", line, row[key], "as_of", problem, allowed))
    for line, row in _rows(tables, "events"):
        start, end = _date(row["date_start"]), _date(row["date_end"])
        if start and end and start > end:
            problem = f"{start} to {end}"
            faults.append(
                Fault("events.csv", line, row["event_id"], "date_end", problem, "start <= end")
            )
        if bool(row["date_start"]) != (bool(row["date_precision"]) and bool(row["date_basis"])):
            problem = "date, precision and basis are not filled together"
            faults.append(
                Fault(
                    "events.csv",
                    line,
                    row["event_id"],
                    "date_precision",
                    problem,
                    "all three or none",
                )
            )
    explained = set(tables["conflicts"]["statement_id"])
    speakers = {r["statement_id"]: r["speaker_id"] for _, r in _rows(tables, "statements")}
    series: dict[tuple[str, str, str], list[tuple[dt.date, float, int, dict[str, str]]]] = {}
    for line, row in _rows(tables, "figures"):
        as_of, best = _date(row["as_of"]), _number(row["best"])
        if row["basis"] == "cumulative" and as_of and best is not None:
            key = (row["measure"], row["area"], speakers.get(row["statement_id"], ""))
            series.setdefault(key, []).append((as_of, best, line, row))
    for points in series.values():
        points.sort(key=lambda point: point[:3])
        for (_, before, _, _), (day, after, line, row) in itertools.pairwise(points):
            if after < before and row["statement_id"] not in explained:
                problem = f"the running total falls from {before:g} to {after:g} on {day}"
                allowed = "a total that does not fall, or a conflict that explains it"
                faults.append(
                    Fault("figures.csv", line, row["figure_id"], "best", problem, allowed)
                )
    return faults


def parts_fit(tables: Tables) -> list[Fault]:
    """A part is of the same source and day as its whole, and not larger."""
    faults = []
    wholes = _lookup(tables, "forces", "force_id")
    for line, row in _rows(tables, "forces"):
        whole = wholes.get(row["part_of"])
        if not row["part_of"] or whole is None:
            continue
        place = ("forces.csv", line, row["force_id"], "part_of")
        if row["part_of"] == row["force_id"]:
            faults.append(Fault(*place, "a part of itself", "another force"))
        elif _source(row["force_id"]) != _source(row["part_of"]) or row["as_of"] != whole["as_of"]:
            problem = f"part of {row['part_of']}, of another source or day"
            faults.append(Fault(*place, problem, "the same source and as_of"))
        part, total = _number(row["best"] or row["low"]), _number(whole["best"] or whole["high"])
        if part is not None and total is not None and part > total:
            problem = f"{part:g} is larger than its whole, {total:g}"
            faults.append(Fault(*place, problem, f"{total:g} at most"))
    return faults


def ids_agree(tables: Tables) -> list[Fault]:
    """The id of a figure, force, position or relation begins with its statement's."""
    faults = []
    keys = {"figures": "figure_id", "forces": "force_id"}
    keys |= {"positions": "position_id", "relations": "relation_id"}
    for name, key in keys.items():
        for line, row in _rows(tables, name):
            if row[key].rsplit("-", 1)[0] != row["statement_id"]:
                problem = f"id {row[key]} on the statement {row['statement_id']}"
                allowed = f"an id that begins with {row['statement_id']}-"
                place = (f"{name}.csv", line, row[key], "statement_id")
                faults.append(Fault(*place, problem, allowed))
    return faults


def sources_dated(tables: Tables) -> list[Fault]:
    """The first possible day of publication is not after the last."""
    faults = []
    for line, row in _rows(tables, "sources"):
        first, last = _date(row["published_earliest"]), _date(row["published_latest"])
        if first and last and first > last:
            place = ("sources.csv", line, row["source_id"], "published_latest")
            faults.append(Fault(*place, f"{first} to {last}", "earliest <= latest"))
    return faults


def _references(tables: Tables) -> dict[str, set[str]]:
    columns = {
        "actors": [
            ("sources", "outlet_id"),
            ("actors", "affiliation_id"),
            ("statements", "speaker_id"),
            ("statements", "via_id"),
            ("events", "initiator_id"),
            ("events", "target_id"),
            ("forces", "owner_id"),
            ("propositions", "about_id"),
            ("positions", "actor_id"),
            ("relations", "actor_id"),
            ("relations", "target_id"),
        ],
        "events": [("statements", "event_id")],
        "propositions": [("positions", "proposition_id")],
    }
    return {
        name: {cell for table, column in places for cell in tables[table][column]}
        for name, places in columns.items()
    }


def nothing_unused(tables: Tables) -> list[Fault]:
    """Every actor, event and proposition is referred to; an unnamed voice is of one article."""
    faults = []
    keys = {"actors": "actor_id", "events": "event_id", "propositions": "proposition_id"}
    for name, used in _references(tables).items():
        for line, row in _rows(tables, name):
            if row[keys[name]] not in used:
                problem, allowed = "nothing refers to it", "a reference, or no row"
                faults.append(
                    Fault(f"{name}.csv", line, row[keys[name]], keys[name], problem, allowed)
                )
    unnamed = {r["actor_id"] for _, r in _rows(tables, "actors") if r["kind"] == "unnamed_voice"}
    home: dict[str, str] = {}
    for line, row in _rows(tables, "statements"):
        speaker, source = row["speaker_id"], _source(row["passage_id"])
        if speaker in unnamed and home.setdefault(speaker, source) != source:
            problem = f"the unnamed voice {speaker} also speaks in {home[speaker]}"
            allowed = "an unnamed voice of this article"
            faults.append(
                Fault("statements.csv", line, row["statement_id"], "speaker_id", problem, allowed)
            )
    return faults


def propositions_complete(tables: Tables) -> list[Fault]:
    """Motives say about whom; legal sentences question and basis; scenarios when."""
    faults = []
    for line, row in _rows(tables, "propositions"):
        row_id, kind = row["proposition_id"], row["kind"]
        place = ("propositions.csv", line, row_id)
        if KIND_LETTER.get(row_id[:1]) != kind:
            problem = f"id {row_id} with kind {kind}"
            faults.append(
                Fault(*place, "kind", problem, KIND_LETTER.get(row_id[:1], "m, l, p, f or s"))
            )
        if kind == "motive" and not row["about_id"]:
            faults.append(Fault(*place, "about_id", "a motive of nobody", "an actor"))
        if kind == "legal" and not row["question"]:
            faults.append(
                Fault(*place, "question", "a legal sentence on no question", "one of them")
            )
        if kind == "legal" and not row["legal_basis"]:
            problem, allowed = "a legal sentence without a basis", 'the basis, or "none named"'
            faults.append(Fault(*place, "legal_basis", problem, allowed))
        if kind == "scenario" and not (row["condition"] or row["horizon"]):
            problem, allowed = "a scenario without condition or horizon", "one of the two"
            faults.append(Fault(*place, "condition", problem, allowed))
    return faults


def replies_and_conflicts(tables: Tables) -> list[Fault]:
    """A reply says what it answers and how; a conflict has two statements or more."""
    faults = []
    for line, row in _rows(tables, "positions"):
        if bool(row["responds_to"]) != bool(row["response"]):
            answers, how = row["responds_to"] or "empty", row["response"] or "empty"
            problem = f"responds_to {answers}, response {how}"
            faults.append(
                Fault(
                    "positions.csv",
                    line,
                    row["position_id"],
                    "response",
                    problem,
                    "both filled or both empty",
                )
            )
        if row["responds_to"] and row["responds_to"] == row["position_id"]:
            problem, allowed = "answers itself", "another position"
            faults.append(
                Fault("positions.csv", line, row["position_id"], "responds_to", problem, allowed)
            )
    members: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for line, row in _rows(tables, "conflicts"):
        members.setdefault(row["conflict_id"], []).append((line, row))
    for conflict, rows in members.items():
        line, first = rows[0]
        place = ("conflicts.csv", line, conflict)
        if len({row["statement_id"] for _, row in rows}) < 2:
            faults.append(Fault(*place, "statement_id", "one statement only", "two or more"))
        for later, row in rows[1:]:
            for column in ("question", "kind", "handling"):
                if row[column] != first[column]:
                    problem = f"{column} {row[column]} beside {first[column]}"
                    allowed = "one value for the whole conflict"
                    faults.append(Fault("conflicts.csv", later, conflict, column, problem, allowed))
    return faults


def cells_clean(tables: Tables) -> list[Fault]:
    """No white space at the edge, no invisible characters, no formula for a spreadsheet."""
    faults = []
    for name, frame in tables.items():
        for column in frame.columns:
            for line, cell in zip(frame.index, frame[column], strict=True):
                if not cell:
                    continue
                place = (f"{name}.csv", int(line), frame.iloc[line - 2, 0], column)
                if cell != cell.strip():
                    faults.append(Fault(*place, "white space at the edge", "none"))
                hidden = [c for c in cell if unicodedata.category(c) in INVISIBLE]
                if hidden:
                    problem = f"the invisible character U+{ord(hidden[0]):04X}"
                    faults.append(Fault(*place, problem, "visible characters"))
                if cell.startswith(FORMULA_START):
                    problem = f"begins with {cell[0]!r}, which a spreadsheet runs as a formula"
                    faults.append(Fault(*place, problem, "a letter, digit or quotation mark"))
    return faults


def gists_in_own_words(tables: Tables) -> list[Fault]:
    """A gist repeats no phrase of its row without quotation marks."""
    faults = []
    for line, row in _rows(tables, "statements"):
        phrase = tokens(row["phrase"])
        outside = tokens(" ".join(re.split(r'["“”]', row["gist"])[0::2]))
        if len(phrase) < 4:
            continue
        runs = [outside[i : i + len(phrase)] for i in range(len(outside) - len(phrase) + 1)]
        if phrase in runs:
            problem = "the gist repeats the quoted phrase without quotation marks"
            faults.append(
                Fault("statements.csv", line, row["statement_id"], "gist", problem, "our own words")
            )
    return faults


def scenarios_scored(tables: Tables) -> list[Fault]:
    """Every scenario has a score, which names a record where its outcome needs one."""
    faults = []
    scores = _lookup(tables, "scores", "proposition_id")
    kinds = {row["proposition_id"]: row["kind"] for _, row in _rows(tables, "propositions")}
    beside = {row["record_id"]: row["statement_id"] for _, row in _rows(tables, "record")}
    for line, row in _rows(tables, "propositions"):
        if row["kind"] == "scenario" and row["proposition_id"] not in scores:
            place = ("propositions.csv", line, row["proposition_id"], "kind")
            faults.append(Fault(*place, "a scenario without a score", "a row in scores.csv"))
    for line, row in _rows(tables, "scores"):
        place = ("scores.csv", line, row["proposition_id"])
        kind = kinds.get(row["proposition_id"], "scenario")
        if kind != "scenario":
            faults.append(Fault(*place, "proposition_id", f"a score for a {kind}", "a scenario"))
        if (row["outcome"] in ON_RECORD) != bool(row["record_id"]):
            problem = f"outcome {row['outcome']} with record_id {row['record_id']!r}"
            allowed = f"a record_id if and only if {', '.join(ON_RECORD)}"
            faults.append(Fault(*place, "record_id", problem, allowed))
        if beside.get(row["record_id"]):
            problem = f"{row['record_id']} stands beside a statement"
            faults.append(Fault(*place, "record_id", problem, "a record from after the articles"))
    return faults


RULES = (
    paragraphs_run,
    sentences_covered,
    statements_in_place,
    bounds_fit,
    dates_hold,
    parts_fit,
    ids_agree,
    sources_dated,
    nothing_unused,
    propositions_complete,
    replies_and_conflicts,
    cells_clean,
    gists_in_own_words,
    scenarios_scored,
)
