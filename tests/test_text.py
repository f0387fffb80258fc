"""Words, fingerprints and sentences, on invented examples."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from casebook.text import contains, fingerprint, paragraphs, sentences, tokens


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The Grey Heron", ["the", "grey", "heron"]),
        ("Zoë’s café in São Tomé", ["zoes", "cafe", "in", "sao", "tome"]),
        ("Zoe\u0308's cafe\u0301", ["zoes", "cafe"]),
        ("it's it’s it‘s itʼs it´s it`s", ["its"] * 6),
        ("he\u00adron he\u200bron he\u2060ron \ufeffheron", ["heron"] * 4),
        ("Straße", ["strasse"]),
        ("ﬁsh № 5 ½", ["fish", "no", "5", "1", "2"]),
        ("twenty-one, 1,500 — 3.5%", ["twenty", "one", "1", "500", "3", "5"]),
        ("B\u00a0and\u2009C", ["b", "and", "c"]),
        ("ÆØ Ω!", []),
        ("  \n ", []),
    ],
)
def test_tokens(text: str, words: list[str]) -> None:
    assert tokens(text) == words


def test_fingerprint_is_the_rule_written_out() -> None:
    digest = hashlib.sha256(b"the herons nest cost 1 500").hexdigest()
    assert fingerprint("The heron’s nest cost 1,500.") == f"n1:{digest[:16]}"


@pytest.mark.parametrize(
    "same",
    [
        "The heron's cafe opened at 5 p.m.",
        "  THE HERON’S CAFÉ OPENED AT 5 P.M.  ",
        "The heron’s cafe\u0301 –\u00a0opened at 5 p.m.",
        "The her\u00adon’s\u200b café opened “at 5 p.m.”",
    ],
)
def test_fingerprint_overlooks_the_setting(same: str) -> None:
    assert fingerprint(same) == fingerprint("The heron’s café opened at 5 p.m.")


@pytest.mark.parametrize(
    "other",
    [
        "The heron’s café opened at 6 p.m.",
        "The heron’s café opened at 5 p.m. today",
        "The café heron’s opened at 5 p.m.",
        "The herons café opened at 5 pm",
    ],
)
def test_fingerprint_sees_the_words(other: str) -> None:
    assert fingerprint(other) != fingerprint("The heron’s café opened at 5 p.m.")


@pytest.mark.parametrize(
    "expected",
    [
        ["A heron stood there."],
        ["A heron stood there.", "Nobody saw it."],
        ["Was it a heron?", "It was!", "So they said."],
        ["No full stop here"],
        ["“It was a heron.”", "She nodded."],
        ["He said “a heron.”", "“A crane,” she said."],
        ["They said ‘a heron.’", "(Nobody saw it.)", "It left."],
        ["It cost 1.5 million.", "20 birds left."],
        ["Mr. Grey met Dr. Brown and Mrs. White of St. Ives.", "They left."],
        ["Rep. Grey and Sen. White voted.", "Both lost."],
        ["The U.S. Navy looked on.", "It left."],
        ["The G.O.P. Senators left.", "Others stayed."],
        ["J. Grey and A. B. White came.", "They left."],
        ["Grey Jr. White vs. Brown was heard.", "It ended."],
        ["Herons, cranes, etc. were seen.", "It rained."],
        ["It ended at 5 p.m. on a Monday.", "It rained."],
        ["“Why?” she asked.", "“Who knows.”"],
    ],
    ids=lambda expected: expected[0],
)
def test_sentences(expected: list[str]) -> None:
    assert sentences(" ".join(expected)) == expected


def test_no_sentence_in_nothing() -> None:
    assert sentences("") == []
    assert sentences("   ") == []


@pytest.mark.parametrize(
    ("phrase", "found"),
    [
        ("grey heron’s", True),
        ("Grey Herons", True),
        ("THE grey", True),
        ("nest", True),
        ("the grey heron's nest, in Malmo", True),
        ("heron", False),
        ("the nest", False),
        ("heron’s grey", False),
        ("nest in Malmö today", False),
        ("", False),
        ("…", False),
    ],
)
def test_contains(phrase: str, found: bool) -> None:
    assert contains("The grey heron’s nest (in Malmö)", phrase) is found


def test_contains_nothing_in_nothing() -> None:
    assert not contains("", "heron")


def test_paragraphs_are_the_lines_with_text(tmp_path: Path) -> None:
    path = tmp_path / "invented.txt"
    path.write_text("\n  One. \n\n \t\nTwo, é.\r\nThree.", encoding="utf-8")
    assert paragraphs(path) == ["One.", "Two, é.", "Three."]
