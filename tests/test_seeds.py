"""The comparison with the articles' text: on invented texts, and on the real ones where at hand."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from casebook import seeds
from casebook.faults import Fault
from casebook.seeds import find, verify
from casebook.text import fingerprint, tokens

ROOT = Path(__file__).parents[1]
TEXTS = [
    "A grey heron stood in the pond. Nobody saw it.",
    "Two cranes came later, a keeper said.",
    "“They left at dawn,” she added.",
]
RUN = 9
ARTICLES = ["guardian2025", "aleem2025", "endgame2025", "brief2025", "blitzer2025"]


def frame(rows: list[dict[str, str]]) -> pd.DataFrame:
    found = pd.DataFrame(rows, dtype=str)
    found.index = pd.RangeIndex(2, len(rows) + 2, name="line")
    return found


@pytest.fixture
def coded() -> dict[str, pd.DataFrame]:
    """Tables that are right about the invented text."""
    counts = [("10", "2"), ("7", "1"), ("6", "1")]
    passages = [
        {
            "passage_id": f"heron2025.p{number:02d}",
            "source_id": "heron2025",
            "paragraph": str(number),
            "words": words,
            "sentences": count,
            "fingerprint": fingerprint(text),
        }
        for number, (text, (words, count)) in enumerate(zip(TEXTS, counts, strict=True), start=1)
    ]
    statements = [
        {"statement_id": f"heron2025.p{p}", "passage_id": f"heron2025.p{p[:2]}", "phrase": phrase}
        for p, phrase in [("01a", "a grey heron"), ("02a", ""), ("03a", "left at dawn")]
    ]
    return {
        "sources": frame([{"source_id": "heron2025"}]),
        "passages": frame(passages),
        "statements": frame(statements),
    }


def save(folder: Path, texts: list[str]) -> tuple[Path, ...]:
    (folder / "heron2025.txt").write_text("\n\n".join(texts) + "\n", encoding="utf-8")
    return (folder,)


def test_text_as_coded(coded: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    report = verify(coded, save(tmp_path, TEXTS))
    assert report.faults == []
    assert report.line() == "articles checked: heron2025"


def test_other_setting_of_the_same_words(coded: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    texts = [TEXTS[0], f"  {TEXTS[1]}", TEXTS[2].replace("“", '"').replace("”", '"')]
    assert verify(coded, save(tmp_path, texts)).faults == []


def test_changed_paragraph(coded: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    changed = "Three cranes came later, a keeper said."
    report = verify(coded, save(tmp_path, [TEXTS[0], changed, TEXTS[2]]))
    assert report.faults == [
        Fault(
            "passages.csv",
            3,
            "heron2025.p02",
            "fingerprint",
            "the text of this paragraph is not in the copy at hand",
            fingerprint(changed),
        )
    ]


def test_swapped_paragraphs_are_shifted(coded: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    report = verify(coded, save(tmp_path, [TEXTS[0], TEXTS[2], TEXTS[1]]))
    assert report.faults == [
        Fault(
            "passages.csv",
            line,
            f"heron2025.p{number:02d}",
            "paragraph",
            f"shifted: this text is paragraph {now} of the copy at hand",
            str(now),
        )
        for line, number, now in [(3, 2, 3), (4, 3, 2)]
    ]


def test_added_paragraph_shifts_the_rest(coded: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    report = verify(coded, save(tmp_path, [TEXTS[0], "An advertisement.", *TEXTS[1:]]))
    assert [(fault.line, fault.column, fault.allowed) for fault in report.faults] == [
        (0, "paragraph", "4, the paragraphs of the copy at hand"),
        (3, "paragraph", "3"),
        (4, "paragraph", "4"),
    ]
    assert all("shifted" in fault.problem for fault in report.faults[1:])


def test_cut_copy(coded: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    report = verify(coded, save(tmp_path, TEXTS[:2]))
    assert [(fault.file, fault.line, fault.column) for fault in report.faults] == [
        ("passages.csv", 0, "paragraph"),
        ("passages.csv", 4, "fingerprint"),
        ("statements.csv", 4, "phrase"),
    ]


@pytest.mark.parametrize(("column", "right"), [("words", "10"), ("sentences", "2")])
def test_wrong_count(
    column: str, right: str, coded: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    coded["passages"].loc[2, column] = "99"
    report = verify(coded, save(tmp_path, TEXTS))
    assert report.faults == [
        Fault("passages.csv", 2, "heron2025.p01", column, f"99 {column}", right)
    ]


@pytest.mark.parametrize("phrase", ["a white heron", "heron grey", "left at dawn"])
def test_phrase_that_is_not_there(
    phrase: str, coded: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    coded["statements"].loc[2, "phrase"] = phrase
    report = verify(coded, save(tmp_path, TEXTS))
    assert report.faults == [
        Fault(
            "statements.csv",
            2,
            "heron2025.p01a",
            "phrase",
            f"the phrase {phrase!r} is not in the paragraph",
            "words as the article prints them",
        )
    ]


def test_no_text_at_hand(coded: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    report = verify(coded, (tmp_path,))
    assert report.faults == []
    assert report.checked == []
    assert report.line() == "skipped, no text in seeds/text: heron2025 (seeds/README.md)"


def test_some_texts_at_hand(coded: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    coded["sources"] = frame([{"source_id": "heron2025"}, {"source_id": "crane2025"}])
    line = verify(coded, save(tmp_path, TEXTS)).line()
    assert "\n" not in line
    assert "articles checked: heron2025;" in line
    assert "skipped, no text in seeds/text: crane2025" in line


def test_first_place_wins(tmp_path: Path) -> None:
    near, far = tmp_path / "near", tmp_path / "far"
    for folder in (near, far):
        folder.mkdir()
        save(folder, TEXTS)
    assert find("heron2025", (near, far)) == near / "heron2025.txt"
    (near / "heron2025.txt").unlink()
    assert find("heron2025", (near, far)) == far / "heron2025.txt"
    assert find("crane2025", (near, far)) is None


def run_command(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["casebook-seeds", *arguments])
    return seeds.main()


def test_command_without_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(monkeypatch, "--text", str(tmp_path)) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("skipped")
    assert all(source in line for source in ARTICLES)


def test_command_with_another_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "brief2025.txt").write_text("Only herons here.\n", encoding="utf-8")
    assert run_command(monkeypatch, "--text", str(tmp_path)) == 1
    *faults, line = capsys.readouterr().out.splitlines()
    assert faults
    assert all("brief2025" in fault for fault in faults)
    assert line.startswith("articles checked: brief2025; skipped")


@pytest.fixture(scope="module")
def articles() -> dict[str, Path]:
    found = {source: path for source in ARTICLES if (path := find(source))}
    if len(found) < len(ARTICLES):
        missing = ", ".join(source for source in ARTICLES if source not in found)
        pytest.skip(f"the text of {missing} is not at hand (seeds/README.md)")
    return found


def test_real_articles_are_as_coded(
    articles: dict[str, Path], tables: dict[str, pd.DataFrame]
) -> None:
    report = verify(tables)
    assert report.faults == []
    assert report.checked == ARTICLES
    assert set(articles) == set(tables["sources"]["source_id"])


def runs(text: str) -> Iterator[tuple[str, ...]]:
    words = tokens(text)
    return (tuple(words[i : i + RUN]) for i in range(len(words) - RUN + 1))


def strings(value: object) -> Iterator[str]:
    """Return every text in a JSON document; a notebook's list of lines is one text."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        yield "".join(value)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)


def pieces(name: str, content: str) -> Iterator[tuple[str, str]]:
    """Return a file's texts with their places: neighbouring cells make no sentence."""
    if name.endswith(".csv"):
        for line, row in enumerate(csv.reader(io.StringIO(content, newline="")), start=1):
            for cell in row:
                yield f"{name}:{line}", cell
    elif name.endswith((".ipynb", ".json")):
        for text in strings(json.loads(content)):
            yield name, text
    else:
        yield name, content


def tracked() -> list[str]:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: which files are published is not known")
    listed = subprocess.run(
        [git, "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def copied(name: str, content: str, known: set[tuple[str, ...]]) -> list[str]:
    return [
        f"{place}: {' '.join(run)}"
        for place, text in pieces(name, content)
        for run in runs(text)
        if run in known
    ]


def test_no_sentence_of_an_article_is_published(
    articles: dict[str, Path], tables: dict[str, pd.DataFrame]
) -> None:
    known = {run for path in articles.values() for run in runs(path.read_text(encoding="utf-8"))}
    # titles are the articles' names: a bibliography has to print them
    known -= {run for title in tables["sources"]["title"] for run in runs(title)}
    names = tracked()
    assert "data/statements.csv" in names
    found = [
        place
        for name in names
        for place in copied(
            name, (ROOT / name).read_text(encoding="utf-8", errors="replace"), known
        )
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.md", "They write: **a grey heron** stood\nin the pond; nobody saw it."),
        ("rows.csv", 'id,text\n1,"“A grey heron” stood in the pond. Nobody saw it."\n'),
        ("note.ipynb", '{"a": [{"b": ["A grey heron stood\\n", "in the pond. Nobody saw it"]}]}'),
        ("data.json", '{"text": "a grey h\\u00e9ron stood in the pond nobody saw"}'),
    ],
)
def test_copy_would_be_found(name: str, content: str) -> None:
    assert copied(name, content, set(runs(TEXTS[0])))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.md", "A grey heron stood in the pond; nobody."),
        ("rows.csv", "id,text,more\n1,a grey heron stood in,the pond nobody saw it\n"),
    ],
)
def test_eight_words_are_no_copy(name: str, content: str) -> None:
    assert copied(name, content, set(runs(TEXTS[0]))) == []
