"""What a notebook loads: typed tables, joins that neither lose nor double a row, clear errors."""

from __future__ import annotations

import dataclasses
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

import casebook
from casebook import Casebook, DataError
from casebook.package import DATA, read_package

STATEMENT = [
    "source_id",
    "paragraph",
    "voice",
    "speaker_id",
    "speaker",
    "speaker_kind",
    "certainty",
    "topic",
    "event_id",
    "gist",
]
FIELDS = [
    pytest.param(name, field, id=f"{name}.{field.name}")
    for name, table in read_package().tables.items()
    for field in table.fields
]
# join -> its first table, the columns it adds to it
JOINS = {
    "said": (
        "statements",
        [
            "source_id",
            "paragraph",
            "genre",
            "published_earliest",
            "speaker",
            "speaker_kind",
            "via",
            "via_kind",
        ],
    ),
    "counted": ("figures", [*STATEMENT, "value", "open_high", "open_low"]),
    "deployed": (
        "forces",
        [*STATEMENT, "owner", "owner_kind", "value", "open_high", "open_low"],
    ),
    "held": (
        "positions",
        [
            *STATEMENT,
            "proposition_kind",
            "text",
            "rule",
            "about_id",
            "question",
            "target",
            "legal_basis",
            "condition",
            "horizon",
            "holder",
            "holder_kind",
            "imputed",
        ],
    ),
    "ties": ("relations", [*STATEMENT, "actor", "actor_kind", "target", "target_kind"]),
    "disagreements": ("conflicts", STATEMENT),
}


@pytest.fixture(scope="module")
def book() -> Casebook:
    return casebook.load()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(DATA, tmp_path / "data", ignore=shutil.ignore_patterns("audit"))


def replace_in(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(("table", "field"), FIELDS)
def test_column_has_its_type(table: str, field, book: Casebook) -> None:
    column = getattr(book, table)[field.name]
    if field.type == "date":
        assert pd.api.types.is_datetime64_dtype(column)
    elif field.type == "integer":
        assert column.dtype == "Int64"
    elif field.type == "number":
        assert column.dtype == "Float64"
    elif field.categories:
        assert column.dtype == pd.CategoricalDtype(list(field.categories), field.ordered)
        assert column.cat.ordered == field.ordered
    else:
        assert column.dtype == "string"


def test_package_uses_every_type(book: Casebook) -> None:
    assert {field.values[1].type for field in FIELDS} == {"date", "integer", "number", "string"}
    assert {field.values[1].ordered for field in FIELDS} == {True, False}


def test_certainty_can_be_compared(book: Casebook) -> None:
    hedged = book.statements["certainty"] < "stated"
    assert 0 < hedged.sum() < len(book.statements)
    assert set(book.statements["certainty"][hedged]) <= {"uncommitted", "possible", "probable"}


@pytest.mark.parametrize("name", read_package().tables)
def test_table_is_the_file(name: str, book: Casebook, tables: dict[str, pd.DataFrame]) -> None:
    frame, text = getattr(book, name), tables[name]
    assert list(frame.columns) == list(text.columns)
    assert list(frame.index) == list(range(len(text)))
    key = read_package().tables[name].key
    assert frame[key].to_numpy().tolist() == text[key].to_numpy().tolist()
    empty = (text == "").reset_index(drop=True)
    pd.testing.assert_frame_equal(frame.isna(), empty)


@pytest.mark.parametrize("name", JOINS)
def test_join_keeps_rows_order_and_columns(name: str, book: Casebook) -> None:
    table, added = JOINS[name]
    frame, first = getattr(book, name)(), getattr(book, table)
    assert list(frame.columns) == [*first.columns, *(c for c in added if c not in first.columns)]
    pd.testing.assert_frame_equal(frame[first.columns], first)


@pytest.mark.parametrize("name", JOINS)
def test_join_finds_the_statement(name: str, book: Casebook) -> None:
    frame = getattr(book, name)()
    assert (frame["source_id"] == frame["statement_id"].str.split(".").str[0]).all()
    assert frame[["paragraph", "speaker", "speaker_kind"]].notna().all(axis=None)


def test_joins_name_the_actors(book: Casebook) -> None:
    names = dict(zip(book.actors["actor_id"], book.actors["name"], strict=True))
    for frame, prefix in [
        (book.said(), "speaker"),
        (book.said(), "via"),
        (book.deployed(), "owner"),
        (book.ties(), "actor"),
        (book.ties(), "target"),
    ]:
        wanted = frame[f"{prefix}_id"].map(names).astype("string")
        pd.testing.assert_series_equal(frame[prefix], wanted, check_names=False)
    held = book.held()
    assert held["holder"].tolist() == held["actor_id"].map(names).tolist()


def test_imputed_is_held_by_another_than_the_speaker(book: Casebook) -> None:
    held = book.held().set_index("position_id")
    said = book.statements.set_index("statement_id")["speaker_id"]
    outlets = set(book.sources["outlet_id"])
    for row in book.positions.itertuples():
        other = row.actor_id != said[row.statement_id] and row.actor_id not in outlets
        assert held.at[row.position_id, "imputed"] == other
    assert set(held["imputed"]) == {True, False}


def test_what_an_article_infers_from_others_is_its_own(book: Casebook) -> None:
    inferred = book.held().set_index("position_id").loc["aleem2025.p07e-p1"]
    assert inferred["speaker"] != inferred["holder"]
    assert not inferred["imputed"]


def figure(book: Casebook, bound: str, **numbers: float) -> pd.Series:
    """Return one figure as counted, with this bound and these numbers."""
    frame = book.figures.head(1).assign(
        bound=bound, **{c: numbers.get(c, pd.NA) for c in ("low", "best", "high")}
    )
    frame = frame.astype(dict.fromkeys(("low", "best", "high"), "Float64"))
    return dataclasses.replace(book, figures=frame).counted().iloc[0]


@pytest.mark.parametrize(
    ("bound", "numbers", "value", "open_low", "open_high"),
    [
        ("exact", {"best": 11}, 11, False, False),
        ("at_least", {"low": 38, "best": 38}, 38, False, True),
        ("more_than", {"low": 20}, 20, False, True),
        ("at_most", {"best": 5, "high": 5}, 5, True, False),
        ("fewer_than", {"high": 10}, 10, True, False),
        ("about", {"best": 15000}, 15000, False, False),
        ("range", {"low": 3, "high": 4}, 3.5, False, False),
    ],
)
def test_drawable_bounds(
    bound: str, numbers: dict, value: float, open_low: bool, open_high: bool, book: Casebook
) -> None:
    row = figure(book, bound, **numbers)
    assert (row["value"], row["open_low"], row["open_high"]) == (value, open_low, open_high)


def test_vague_figure_has_no_value(book: Casebook) -> None:
    row = figure(book, "vague")
    assert pd.isna(row["value"])
    assert not row["open_low"]
    assert not row["open_high"]


def chain(book: Casebook, **parents: str | None) -> Casebook:
    actors = pd.DataFrame({"actor_id": list(parents), "affiliation_id": list(parents.values())})
    return dataclasses.replace(book, actors=actors.astype("string"))


def test_above_goes_up_to_the_top(book: Casebook) -> None:
    people = chain(book, clerk="office", office="ministry", ministry=None, other="ministry")
    assert people.above("clerk") == ["clerk", "office", "ministry"]
    assert people.above("ministry") == ["ministry"]


def test_above_ends_in_a_circle(book: Casebook) -> None:
    assert chain(book, hen="egg", egg="hen").above("hen") == ["hen", "egg"]


def test_above_in_the_data(book: Casebook) -> None:
    parents = book.actors.set_index("actor_id")["affiliation_id"]
    for actor_id in parents.index:
        first, *rest = book.above(actor_id)
        assert first == actor_id
        assert rest[:1] == parents[[actor_id]].dropna().tolist()


def test_above_knows_no_stranger(book: Casebook) -> None:
    with pytest.raises(KeyError, match="nobody-known"):
        book.above("nobody-known")


def test_casebook_is_frozen(book: Casebook) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        book.statements = book.figures


@pytest.mark.parametrize("name", JOINS)
def test_join_leaves_its_table_alone(name: str, book: Casebook) -> None:
    table = getattr(book, JOINS[name][0])
    before = table.copy(deep=True)
    getattr(book, name)()
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize("kind", [str, Path])
def test_load_from_another_folder(kind: type, folder: Path) -> None:
    replace_in(folder / "actors.csv", "Marco Rubio", "Somebody Else")
    names = casebook.load(kind(folder)).actors.set_index("actor_id")["name"]
    assert names["marco-rubio"] == "Somebody Else"
    assert casebook.load().actors.set_index("actor_id")["name"]["marco-rubio"] == "Marco Rubio"


def test_missing_description(tmp_path: Path) -> None:
    message = f"{tmp_path / 'datapackage.json'}: not found; a data folder holds datapackage.json"
    with pytest.raises(DataError, match=re.escape(message)):
        casebook.load(tmp_path)


def test_missing_file(folder: Path) -> None:
    (folder / "forces.csv").unlink()
    message = "forces.csv: not found; datapackage.json names it for the table forces"
    with pytest.raises(DataError, match=re.escape(message)):
        casebook.load(folder)


def test_missing_column(folder: Path) -> None:
    replace_in(folder / "statements.csv", "speaker_id", "speaker")
    with pytest.raises(DataError, match=r"statements\.csv: the column speaker_id is missing"):
        casebook.load(folder)


@pytest.mark.parametrize(
    ("table", "old", "new", "message"),
    [
        ("figures", ",8,8,", ",8,eight,", "figures.csv, column best: not a number ("),
        ("passages", ",1,14,1,", ",1,14.5,1,", "passages.csv, column words: not a integer ("),
        ("passages", ",1,14,1,", ",one,14,1,", "passages.csv, column paragraph: not a integer ("),
        (
            "events",
            "2025-10-24",
            "24 October 2025",
            "events.csv, column date_start: not a date (",
        ),
        ("statements", ",paraphrase,", ",hearsay,", "statements.csv, column voice: not a string ("),
    ],
)
def test_bad_cell(table: str, old: str, new: str, message: str, folder: Path) -> None:
    replace_in(folder / f"{table}.csv", old, new)
    with pytest.raises(DataError, match=re.escape(message)) as error:
        casebook.load(folder)
    assert "make check" in str(error.value)


def test_public_names() -> None:
    assert set(casebook.__all__) == {"Casebook", "DataError", "load"}
    assert {f.name for f in dataclasses.fields(Casebook)} == set(read_package().tables)
