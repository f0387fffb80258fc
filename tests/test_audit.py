"""The coders' agreement: the measure on known examples, and the published figures recomputed."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from casebook import audit
from casebook.audit import (
    AUDIT,
    CERTAINTY,
    DEPENDENT,
    STATEMENT_COLUMNS,
    Codings,
    agreement,
    alpha,
    read_codings,
)

FEW = 5
PUBLISHED = ["part", "table", "what", "units", "agreement", "alpha"]
DECISIONS = {"agreed", "a", "b", "merged", "added", "dropped"}


@pytest.fixture(scope="module")
def codings() -> Codings:
    return read_codings()


# K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), sections A and B
@pytest.mark.parametrize(
    ("first", "second", "value"),
    [("0100000010", "1110010000", 0.095), ("aabbdcccedda", "babbbccceddd", 0.692)],
    ids=["binary", "nominal"],
)
def test_alpha_of_the_published_examples(first: str, second: str, value: float) -> None:
    units = list(zip(first, second, strict=True))
    assert round(alpha(units, "nominal", FEW)[0], 3) == value


def test_alpha_of_an_interval_example() -> None:
    # observed 1/3; expected 82/30: the mean squared difference of two of 1 1 2 2 3 4
    assert alpha([(1, 1), (2, 2), (3, 4)], "interval", FEW)[0] == pytest.approx(1 - 10 / 82)


def test_ordinal_alpha_knows_the_order_of_certainty() -> None:
    low, *_, high = CERTAINTY
    same = [(value, value) for value in CERTAINTY] * 3
    near = alpha([*same, (low, CERTAINTY[1])], "ordinal", FEW)[0]
    far = alpha([*same, (low, high)], "ordinal", FEW)[0]
    assert far < near < 1


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
def test_perfect_agreement(level: str) -> None:
    assert alpha([(1, 1), (2, 2), (3, 3)] * 4, level, FEW) == (1, 1, 1)


def test_total_disagreement() -> None:
    # each value as often as the other: observed 1, expected 8 * 8 * 2 / (16 * 15)
    units = [("yes", "no"), ("no", "yes")] * 4
    assert alpha(units, "nominal", FEW)[0] == pytest.approx(1 - 240 / 128)


def test_one_value_only_has_no_alpha() -> None:
    assert all(math.isnan(value) for value in alpha([("yes", "yes")] * 4, "nominal", FEW))


def test_interval_of_alpha_holds_it_and_is_repeatable() -> None:
    units = [("a", "a"), ("b", "b"), ("a", "b"), ("c", "c")] * 10
    value, low, high = alpha(units, "nominal", 200)
    assert low < value < high
    assert alpha(units, "nominal", 200) == (value, low, high)
    assert alpha(units, "nominal", FEW)[1:] != (low, high)


def test_published_agreement_is_recomputed(codings: Codings) -> None:
    published = pd.read_csv(AUDIT / "agreement.csv")
    computed = agreement(codings, resamples=FEW).reset_index(drop=True)
    assert list(computed.columns) == list(published.columns)
    pd.testing.assert_frame_equal(
        computed[PUBLISHED], published[PUBLISHED], check_dtype=False, rtol=0, atol=0
    )


def test_command_writes_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pd.DataFrame({"what": ["topic"], "alpha": [0.5]}, index=[7])
    monkeypatch.setattr(audit, "AUDIT", tmp_path)
    monkeypatch.setattr(audit, "agreement", lambda codings: frame)
    assert audit.main() == 0
    assert (tmp_path / "agreement.csv").read_bytes() == b"what,alpha\ntopic,0.5\n"


def test_published_intervals_hold_their_alpha() -> None:
    published = pd.read_csv(AUDIT / "agreement.csv").dropna(subset="alpha")
    assert (published["alpha_low"] <= published["alpha"]).all()
    assert (published["alpha"] <= published["alpha_high"]).all()
    assert (published["alpha_high"] <= 1).all()


def test_every_compared_column_is_published(codings: Codings) -> None:
    published = pd.read_csv(AUDIT / "agreement.csv")
    filling = published[published["part"] == "filling"]
    compared = {("statements", column) for column in STATEMENT_COLUMNS}
    compared |= {(table, c) for table, (_, columns) in DEPENDENT.items() for c in columns}
    assert set(zip(filling["table"], filling["what"], strict=True)) == compared


def test_coding_agrees_with_itself(codings: Codings) -> None:
    ids = codings.a["statements"]["statement_id"]
    pairs = pd.DataFrame({"statement_id": ids, "a_ids": ids, "b_ids": ids})
    twice = dataclasses.replace(codings, b=codings.a, pairs=pairs)
    computed = agreement(twice, resamples=FEW)
    assert (computed["agreement"] == 100).all()
    assert (computed["alpha"].dropna() == 1).all()


def test_difference_is_counted(codings: Codings) -> None:
    ids = codings.a["statements"]["statement_id"]
    pairs = pd.DataFrame({"statement_id": ids, "a_ids": ids, "b_ids": ids})
    changed = codings.a["statements"].copy()
    changed.loc[0, "topic"] = "another"
    other = codings.a | {"statements": changed, "figures": codings.a["figures"].iloc[1:]}
    computed = agreement(dataclasses.replace(codings, b=other, pairs=pairs), resamples=FEW)
    below = computed[computed["agreement"] < 100]
    assert set(zip(below["table"], below["what"], strict=True)) <= {
        ("statements", "topic"),
        ("figures", "statement has a row"),
        ("figures", "rows of either that both found"),
    }
    topic = below[below["what"] == "topic"].iloc[0]
    assert topic["agreement"] == round(100 * (len(ids) - 1) / len(ids), 1)
    assert topic["alpha"] < 1
    assert "rows of either that both found" in set(below["what"])


def test_every_final_statement_has_one_row(
    codings: Codings, tables: dict[str, pd.DataFrame]
) -> None:
    final = [statement for statement in codings.pairs["statement_id"] if statement]
    assert final == tables["statements"]["statement_id"].tolist()
    assert max(Counter(final).values()) == 1


@pytest.mark.parametrize("coder", ["a", "b"])
def test_every_first_statement_is_in_a_pair(coder: str, codings: Codings) -> None:
    coded = getattr(codings, coder)["statements"]["statement_id"]
    paired = [i for cell in codings.pairs[f"{coder}_ids"] for i in cell.split()]
    assert coded.is_unique
    assert set(coded) - set(paired) == set()
    assert set(paired) - set(coded) == set()


@pytest.mark.parametrize("coder", ["a", "b"])
def test_pairs_stay_in_their_paragraph(coder: str, codings: Codings) -> None:
    for row in codings.pairs[codings.pairs["statement_id"] != ""].to_dict("records"):
        assert {i[:-1] for i in row[f"{coder}_ids"].split()} <= {row["statement_id"][:-1]}


def test_decisions_fit_the_pairs(codings: Codings) -> None:
    for row in codings.pairs.to_dict("records"):
        a, b, decision = row["a_ids"], row["b_ids"], row["decision"]
        assert decision in DECISIONS
        assert (decision == "added") == (not a and not b)
        assert (decision == "dropped") == (not row["statement_id"])
        assert (a and b) or decision not in {"agreed", "merged"}
        assert a or decision != "a"
        assert b or decision != "b"
        assert row["reason"] or decision == "agreed"


@pytest.mark.parametrize("coder", ["a", "b"])
@pytest.mark.parametrize("table", DEPENDENT)
def test_first_rows_hang_on_a_statement(coder: str, table: str, codings: Codings) -> None:
    coding = getattr(codings, coder)
    assert set(coding[table]["statement_id"]) <= set(coding["statements"]["statement_id"])


def test_changes_name_final_statements(tables: dict[str, pd.DataFrame]) -> None:
    changes = pd.read_csv(AUDIT / "changes.csv", dtype=str, keep_default_na=False)
    assert list(changes.columns) == ["statement_id", "table", "change", "reason"]
    assert set(changes["statement_id"]) <= set(tables["statements"]["statement_id"])
    assert set(changes["table"]) <= set(tables)
    assert (changes != "").all(axis=None)
