"""The picture that stands for a page where its address is shared."""

from __future__ import annotations

import hashlib
import html
import textwrap
from pathlib import Path

import vl_convert


def svg(title: str, book: str) -> str:
    """Return a card as SVG, 1200 by 630 pixels."""
    lines = textwrap.wrap(title, 26)[:4]
    rows = "".join(
        f'<text x="90" y="{230 + 92 * i}" font-size="78" font-weight="bold">'
        f"{html.escape(line)}</text>"
        for i, line in enumerate(lines)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="630" fill="#1b2733" '
        'font-family="Liberation Sans, Arial, sans-serif"><rect width="1200" height="630" '
        'fill="#fdfcfa"/><rect width="24" height="630" fill="#003556"/>'
        f'<text x="90" y="120" font-size="36" fill="#55616d">{html.escape(book)}</text>{rows}'
        '<text x="90" y="570" font-size="32" fill="#55616d">who says it, on whose word, how sure'
        "</text></svg>"
    )


def name(page: str, title: str, book: str) -> str:
    """Return the file name of a page's card; it changes with what the card shows."""
    shown = hashlib.sha256(svg(title, book).encode()).hexdigest()[:8]
    return f"{page.replace('/', '-')}-{shown}.png"


def write(folder: Path, titles: dict[str, str], book: str) -> None:
    """Write the cards that are not there, and remove those that no page has.

    Parameters
    ----------
    folder
        Where the cards are.
    titles
        The title of each page.
    book
        The title of the whole.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {name(page, title, book): title for page, title in titles.items()}
    for card in folder.glob("*.png"):
        if card.name not in wanted:
            card.unlink()
    for file, title in wanted.items():
        if not (folder / file).exists():
            (folder / file).write_bytes(vl_convert.svg_to_png(svg(title, book)))
