"""Paragraphs, sentences, words and fingerprints of an article's text."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import Path

_APOSTROPHES = re.compile(r"['\u2018\u2019\u02bc\u00b4`]")
_TOKEN = re.compile(r"[a-z0-9]+")
_ABBREVIATION = re.compile(
    r"(?:\b(?:U\.S|U\.S\.A|G\.O\.P|Mr|Mrs|Ms|Dr|Rep|Sen|Jr|St|vs)\.|\b[A-Z]\.)$"
)
_SENTENCE_END = re.compile(r"[.?!]['\"”’)]*(?=\s+['\"“‘(]*[A-Z0-9])")


def paragraphs(path: Path) -> list[str]:
    """Return the non-blank lines of a text file, stripped; the first is paragraph 1."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip()]


def sentences(paragraph: str) -> list[str]:
    """Split a paragraph into sentences.

    A sentence ends at ``.``, ``?`` or ``!`` (with closing quotes) before a capital or a digit.
    Known abbreviations and single initials do not end one.
    """
    found, start = [], 0
    for match in _SENTENCE_END.finditer(paragraph):
        if not _ABBREVIATION.search(paragraph[start : match.start() + 1]):
            found.append(paragraph[start : match.end()].strip())
            start = match.end()
    found.append(paragraph[start:].strip())
    return [sentence for sentence in found if sentence]


def tokens(text: str) -> list[str]:
    """Return the normalised words of a text.

    NFKC, casefold, accents and invisible characters dropped, apostrophes dropped; what is left
    are the runs of a-z and 0-9.
    """
    spaced = " ".join(_APOSTROPHES.sub("", text).split())
    folded = unicodedata.normalize("NFKC", spaced).casefold()
    decomposed = unicodedata.normalize("NFD", folded)
    kept = "".join(c for c in decomposed if unicodedata.category(c) not in {"Mn", "Cf", "Cc"})
    return _TOKEN.findall(kept)


def fingerprint(paragraph: str) -> str:
    """Return ``n1:`` and the first 16 hex digits of the SHA-256 of the normalised paragraph.

    The prefix names the version of the rule and keeps spreadsheets from reading a number.
    """
    digest = hashlib.sha256(" ".join(tokens(paragraph)).encode()).hexdigest()
    return f"n1:{digest[:16]}"


def contains(paragraph: str, phrase: str) -> bool:
    """Say whether the words of ``phrase`` stand in this order, side by side, in ``paragraph``."""
    wanted, words = tokens(phrase), tokens(paragraph)
    return bool(wanted) and any(
        words[i : i + len(wanted)] == wanted for i in range(len(words) - len(wanted) + 1)
    )
