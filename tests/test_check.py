"""The check of a data folder: damage on disk is told with its place, all of it in one run."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from casebook import check as checking
from casebook import pages
from casebook.faults import Fault
from casebook.package import DATA, DataError
from casebook.seeds import SeedReport

UNREAD = "rules skipped: not every table can be read"


def copy(place: Path) -> Path:
    return shutil.copytree(DATA, place / "data", ignore=shutil.ignore_patterns("audit"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy(tmp_path)


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], tuple[list[Fault], str]]:
    """The check alike on every machine, whether the articles are at hand there or not."""
    monkeypatch.setattr(checking, "verify", lambda tables: SeedReport())
    return checking.check


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def write(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def line_of(path: Path, row: str) -> int:
    """Return the line of the first row with this id, counted in the file itself."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(n for n, line in enumerate(lines, start=1) if line.split(",")[0] == row)


def set_cell(folder: Path, table: str, row: str, column: str, value: str) -> None:
    path = folder / f"{table}.csv"
    rows = read(path)
    cells = next(cells for cells in rows if cells[0] == row)
    cells[rows[0].index(column)] = value
    write(path, rows)


def repeat_row(folder: Path, table: str, row: str) -> int:
    """Append a copy of a row and return its line."""
    path = folder / f"{table}.csv"
    rows = read(path)
    write(path, [*rows, next(cells for cells in rows if cells[0] == row)])
    return len(path.read_text(encoding="utf-8").splitlines())


# table, row, column, damaged cell, problem, allowed
CELLS = [
    (
        "statements",
        "guardian2025.p04b",
        "voice",
        "hearsay",
        "'hearsay' is not allowed",
        "author, paraphrase, quote",
    ),
    (
        "positions",
        "guardian2025.p19a-p1",
        "response",
        "mocks",
        "'mocks' is not allowed",
        "rebuts, undercuts, supports, concedes, or empty",
    ),
    (
        "events",
        "strike-24-october",
        "date_end",
        "24.10.2025",
        "'24.10.2025' is not a date as YYYY-MM-DD",
        "a date as YYYY-MM-DD, or empty",
    ),
    (
        "figures",
        "guardian2025.p04d-f1",
        "as_of",
        "2025-02-30",
        "'2025-02-30' is not a date as YYYY-MM-DD",
        "a date as YYYY-MM-DD, not empty",
    ),
    (
        "positions",
        "guardian2025.p18a-p1",
        "actor_id",
        "nobody-known",
        'for "actor_id": values "nobody-known" not found in the lookup table "actors" '
        'as "actor_id"',
        "a value of the key of actors.csv, not empty",
    ),
    (
        "statements",
        "guardian2025.p04c",
        "event_id",
        "no-event",
        'for "event_id": values "no-event" not found in the lookup table "events" as "event_id"',
        "a value of the key of events.csv, or empty",
    ),
    (
        "relations",
        "guardian2025.p04b-r1",
        "date",
        "in 2019",
        "'in 2019' is not allowed",
        "the pattern ^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$, or empty",
    ),
    (
        "passages",
        "guardian2025.p05",
        "fingerprint",
        "n2:0123456789abcdef",
        "'n2:0123456789abcdef' is not allowed",
        "the pattern ^n1:[0-9a-f]{16}$, not empty",
    ),
    (
        "figures",
        "guardian2025.p05a-f2",
        "scope",
        "",
        "the cell is empty",
        "a string, not empty",
    ),
    (
        "figures",
        "guardian2025.p04a-f1",
        "best",
        "eight",
        "'eight' is not a number",
        "a number, or empty",
    ),
    (
        "passages",
        "guardian2025.p06",
        "words",
        "4.5",
        "'4.5' is not a whole number",
        "a whole number, not empty",
    ),
]


def damage_cells(folder: Path) -> list[Fault]:
    """Damage every cell of ``CELLS`` and return the faults to be found."""
    expected = []
    for table, row, column, value, problem, allowed in CELLS:
        set_cell(folder, table, row, column, value)
        line = line_of(folder / f"{table}.csv", row)
        expected.append(Fault(f"{table}.csv", line, row, column, problem, allowed))
    return expected


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Fault], list[Fault]]:
    """The faults to be found in ``CELLS``, and those found, all in one run."""
    folder = copy(tmp_path_factory.mktemp("cells"))
    expected = damage_cells(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checking, "verify", lambda tables: SeedReport())
        return expected, checking.check(folder)[0]


@pytest.mark.parametrize(
    "number",
    range(len(CELLS)),
    ids=[f"{table} {column} {value!r}" for table, _, column, value, *_ in CELLS],
)
def test_damaged_cell_is_found(number: int, told: tuple[list[Fault], list[Fault]]) -> None:
    expected, found = told
    assert expected[number] in found


def test_nothing_else_is_found_in_file_order(told: tuple[list[Fault], list[Fault]]) -> None:
    expected, found = told
    assert found == sorted(expected)
    assert len({fault.file for fault in found}) > 4


@pytest.mark.parametrize(
    ("table", "row", "key"),
    [
        ("relations", "guardian2025.p04b-r1", "relation_id"),
        ("conflicts", "number-21", "conflict_id, statement_id"),
    ],
)
def test_repeated_key(table: str, row: str, key: str, folder: Path, check) -> None:
    first = line_of(folder / f"{table}.csv", row)
    line = repeat_row(folder, table, row)
    faults, _ = check(folder)
    problem = f"the same as in the row at position {first}"
    assert faults == [Fault(f"{table}.csv", line, row, key, problem, f"{key} unique in the file")]


def test_short_row(folder: Path, check) -> None:
    path = folder / "positions.csv"
    rows = read(path)
    assert not any(rows[1][-2:])
    rows[1].pop()
    write(path, rows)
    faults, _ = check(folder)
    allowed = "rebuts, undercuts, supports, concedes, or empty"
    fault = Fault("positions.csv", 2, rows[1][0], "response", "missing cell", allowed)
    assert faults == [fault]


def test_blank_line(folder: Path, check) -> None:
    path = folder / "positions.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines[:4], "", *lines[4:], ""]), encoding="utf-8")
    faults, _ = check(folder)
    assert Fault("positions.csv", 5, "", "", "blank row", "no blank lines") in faults


@pytest.mark.parametrize(
    ("header", "column", "problem"),
    [
        (
            lambda names: ["speaker" if n == "speaker_id" else n for n in names],
            "speaker_id",
            "missing columns: speaker_id, unknown columns: speaker",
        ),
        (lambda names: [*names[1::-1], *names[2:]], "", "the columns are in another order"),
    ],
    ids=["renamed", "in another order"],
)
def test_header(header: Callable, column: str, problem: str, folder: Path, check) -> None:
    path = folder / "statements.csv"
    names, *rows = read(path)
    write(path, [header(names), *rows])
    faults, note = check(folder)
    assert faults == [Fault("statements.csv", 1, "", column, problem, ", ".join(names))]
    assert note == UNREAD


def test_missing_file(folder: Path, check) -> None:
    (folder / "forces.csv").unlink()
    faults, note = check(folder)
    problem = "not found; datapackage.json names it for the table forces"
    assert faults == [Fault("forces.csv", 0, "", "", problem, "a readable CSV")]
    assert note == UNREAD


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "No columns to parse"),
        (b"force_id\n\xff\xfe\n", "can't decode byte 0xff"),
        (b"force_id\na,b\nc,d,e\n", "in line 3"),
    ],
    ids=["empty", "not UTF-8", "ragged"],
)
def test_unreadable_file(content: bytes, reason: str, folder: Path, check) -> None:
    (folder / "forces.csv").write_bytes(content)
    (fault,), note = check(folder)
    assert str(fault).startswith("forces.csv: not a UTF-8 CSV (")
    assert reason in fault.problem
    assert "\n" not in str(fault)
    assert note == UNREAD


def test_unreadable_table_hides_no_fault_of_another(folder: Path, check) -> None:
    (folder / "actors.csv").unlink()
    set_cell(folder, "statements", "guardian2025.p04b", "voice", "hearsay")
    line = line_of(folder / "statements.csv", "guardian2025.p04b")
    faults, _ = check(folder)
    assert [(fault.file, fault.line, fault.column) for fault in faults] == [
        ("actors.csv", 0, ""),
        ("statements.csv", line, "voice"),
    ]


def test_rules_are_part_of_the_check(folder: Path, check) -> None:
    set_cell(folder, "propositions", "m-regime-change", "about_id", "")
    line = line_of(folder / "propositions.csv", "m-regime-change")
    faults, _ = check(folder)
    assert faults == [
        Fault(
            "propositions.csv",
            line,
            "m-regime-change",
            "about_id",
            "a motive of nobody",
            "an actor",
        )
    ]


def test_articles_are_part_of_the_check(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fault = Fault("passages.csv", 2, "guardian2025.p01", "words", "15 words", "14")
    monkeypatch.setattr(checking, "verify", lambda tables: SeedReport([fault], ["guardian2025"]))
    assert checking.check(folder) == ([fault], "articles checked: guardian2025")


def test_paragraph_without_a_number(folder: Path) -> None:
    set_cell(folder, "passages", "guardian2025.p05", "paragraph", "five")
    line = line_of(folder / "passages.csv", "guardian2025.p05")
    faults, note = checking.check(folder)
    assert {(f.file, f.line, f.column) for f in faults} == {("passages.csv", line, "paragraph")}
    assert "'five' is not a whole number" in {fault.problem for fault in faults}
    assert "skipped" in note


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "not found; a data folder holds datapackage.json"),
        ('{"resources": [\n', "line 2: not JSON"),
        ("{}", "not a description of tables"),
        ("[]", "not a description of tables"),
    ],
    ids=["missing", "not JSON", "no tables", "a list"],
)
def test_unreadable_description(content: str | None, message: str, folder: Path) -> None:
    path = folder / "datapackage.json"
    path.unlink()
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=re.escape(message)) as error:
        checking.check(folder)
    assert str(path) in str(error.value)


def test_unreadable_description_from_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["casebook-check", str(tmp_path)])
    assert checking.main() == 1
    assert capsys.readouterr().out.startswith(f"{tmp_path / 'datapackage.json'}: not found")


def test_description_that_is_not_valid(folder: Path, check) -> None:
    path = folder / "datapackage.json"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"type": "integer"', '"type": "count"', 1), encoding="utf-8")
    faults, _ = check(folder)
    assert {(fault.file, fault.allowed) for fault in faults} == {
        ("datapackage.json", "a valid Data Package")
    }
    assert any('"count" is not supported' in fault.problem for fault in faults)


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "casebook.check", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


def test_command_prints_every_fault_in_one_run(folder: Path) -> None:
    expected = [
        f"{f.file}:{f.line} {f.row} [{f.column}]: {f.problem}; allowed: {f.allowed}"
        for f in damage_cells(folder)
    ]
    line = repeat_row(folder, "relations", "guardian2025.p04b-r1")
    done = run(folder)
    printed = done.stdout.splitlines()
    assert [wanted for wanted in expected if wanted not in printed] == []
    assert any(
        text.startswith(f"relations.csv:{line} guardian2025.p04b-r1 [relation_id]: the same as")
        for text in printed
    )
    *faults, _, total = printed
    assert total == f"{len(faults)} faults found"
    assert len({text.split(":")[0] for text in faults}) == 6
    assert done.stderr == ""
    assert done.returncode == 1


def test_command_passes_sound_data(folder: Path) -> None:
    done = run(folder)
    assert done.stdout.splitlines()[-1] == "0 faults found"
    assert done.stderr == ""
    assert done.returncode == 0


def test_own_data_are_sound() -> None:
    faults, _ = checking.check()
    assert faults == []


@pytest.fixture
def one_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A book of one template, so that the real pages stay as they are."""
    (tmp_path / "_static").mkdir()
    template = tmp_path / "page.md.jinja"
    template.write_text("{{ sources | length }} articles\n", encoding="utf-8")
    monkeypatch.setattr(pages, "BOOK", tmp_path)
    return tmp_path


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_no_page_from_faulty_data(
    one_page: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fault = Fault("events.csv", 7, "a-strike", "area", "'moon' is not allowed", "caribbean")
    monkeypatch.setattr(pages, "check", lambda: ([fault], ""))
    assert pages.main() == 1
    assert files(one_page) == {"page.md.jinja"}
    assert capsys.readouterr().out.splitlines() == [
        str(fault),
        "no page written: the data do not pass the check",
    ]


def test_page_from_sound_data(one_page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "check", lambda: ([], ""))
    assert pages.main() == 0
    assert (one_page / "page.md").read_text(encoding="utf-8") == "5 articles\n"
