"""The built book as files: pages, links, anchors, charts and what must not be in it."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from zipfile import ZipFile

import pytest
from browser import ROOT, SITE, chapters, missing_site, toc_pages
from bs4 import BeautifulSoup, Tag

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
NUMBER = re.compile(r"(?<![\w.])\d+(?:,\d{3})*(?:\.\d+)?")
DAY = re.compile(rf"(?<!\w)(\d{{1,2}}) ({'|'.join(MONTHS)})")
ISO_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T[\d:.]+Z?)?")
ROW_ID = re.compile(r"(?:[a-z]+\d{4}\.)?p\d\d[a-z]+")


@pytest.fixture(scope="session", autouse=True)
def site() -> Path:
    if fault := missing_site():
        pytest.fail(fault, pytrace=False)
    return SITE


@cache
def soup(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@cache
def ids(path: Path) -> Counter[str]:
    return Counter(tag["id"] for tag in soup(path).find_all(id=True))


def page(name: str) -> Path:
    return SITE / f"{name}.html"


@cache
def html_files() -> list[Path]:
    """Return the pages of the book; what an earlier build may have left behind is none."""
    names = [*toc_pages(), "index", "search"]
    return [page(name) for name in ([*names, "lite/run"] if page("lite/run").exists() else names)]


def rows(table: str) -> list[dict[str, str]]:
    with (ROOT / "data" / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def source_of_statements() -> dict[str, str]:
    source = {row["passage_id"]: row["source_id"] for row in rows("passages")}
    return {row["statement_id"]: source[row["passage_id"]] for row in rows("statements")}


def fault_of_link(path: Path, link: str) -> str:
    """Return what is wrong with a link on a page, the empty string if it resolves."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return ""
    if parts.path.startswith("/"):
        return "leaves the folder of the book"
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not target.is_relative_to(SITE) or not target.is_file():
        return "no such file"
    if target.suffix == ".html" and target not in html_files():
        return "no page of this book"
    if parts.fragment and unquote(parts.fragment) not in ids(target):
        return "no such anchor"
    return ""


def links(path: Path) -> Iterator[str]:
    for tag in soup(path).find_all(True):
        yield from (tag[name] for name in ("href", "src", "xlink:href", "action") if tag.get(name))
        yield from re.findall(r"url\(([^)]+)\)", tag.get("clip-path", ""))
        if tag.name == "meta" and tag.get("http-equiv", "").lower() == "refresh":
            yield tag["content"].split("url=")[1]


def figures(name: str) -> list[Tag]:
    return [figure for figure in soup(page(name)).find_all("figure") if figure.svg]


def caption(figure: Tag) -> str:
    text = figure.select_one("figcaption .caption-text")
    return " ".join(text.get_text().split()) if text else ""


@cache
def chart_cells(name: str) -> list[dict[str, Any]]:
    cells = json.loads((ROOT / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if "figure" in cell["metadata"].get("mystnb", {})]


def charts() -> list[tuple[str, int]]:
    return [(name, place) for name in chapters() for place in range(len(chart_cells(name)))]


# Pages and links


@pytest.mark.parametrize("name", toc_pages())
def test_page_is_built(name: str) -> None:
    assert page(name).is_file()
    assert soup(page(name)).select_one("article h1").get_text(strip=True)


def test_every_page_has_a_description_and_a_card() -> None:
    described = set()
    for page in toc_pages():
        meta = {
            tag.get("name") or tag.get("property"): tag["content"]
            for tag in soup(SITE / f"{page}.html").select("meta[content]")
        }
        assert 20 < len(meta["description"]) <= 160, page
        described.add(meta["description"])
        card = (SITE / page).parent / meta["og:image"]
        assert card.resolve().read_bytes().startswith(b"\x89PNG"), page
    assert len(described) == len(toc_pages())


def test_the_zip_runs_as_it_is(tmp_path: Path) -> None:
    with ZipFile(SITE / "downloads" / "casebook.zip") as bundle:
        bundle.extractall(tmp_path)
    root = tmp_path / "casebook"
    code = "import casebook; print(casebook.__file__); print(len(casebook.load().statements))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root / "book" / "chapters",
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    file, count = done.stdout.split()
    assert Path(file).is_relative_to(root)
    assert int(count) == len((ROOT / "data" / "statements.csv").read_text().splitlines()) - 1
    assert sorted(p.name for p in (root / "book" / "chapters").glob("*.ipynb"))


def test_what_can_be_run_can_be_run_out_of_the_zip() -> None:
    with ZipFile(SITE / "downloads" / "casebook.zip") as bundle:
        modes = {entry.filename: entry.external_attr >> 16 for entry in bundle.infolist()}
    runnable = {name for name, mode in modes.items() if mode == 0o100755}
    assert runnable == {"casebook/.ci/run", "casebook/tests/setup.sh"}
    assert {*modes.values()} == {0o100755, 0o100644}


def test_every_page_names_its_icon() -> None:
    # Without one a browser asks for /favicon.ico, which the book does not have.
    assert not [path.name for path in html_files() if not soup(path).select("link[rel~=icon]")]


def test_every_link_and_anchor_resolves() -> None:
    faults = [
        f"{path.relative_to(SITE)}: {link}: {fault}"
        for path in html_files()
        for link in dict.fromkeys(links(path))
        if (fault := fault_of_link(path, link))
    ]
    assert not faults, "\n".join(faults)


def test_no_id_twice_on_a_page() -> None:
    twice = [
        f"{path.relative_to(SITE)}: {name}"
        for path in html_files()
        for name, times in ids(path).items()
        if times > 1
    ]
    assert not twice, "\n".join(twice)


# Evidence


def test_every_statement_has_its_card_and_its_row_in_the_browser() -> None:
    index = soup(page("book/evidence/index"))
    linked = [a["href"] for a in index.select(".evidence-table tbody tr a")]
    wanted = {key: f"{source}.html#{key}" for key, source in source_of_statements().items()}
    assert Counter(linked) == Counter(wanted.values())
    missing = [
        key
        for key, source in source_of_statements().items()
        if not soup(page(f"book/evidence/{source}")).find(class_="row-card", id=key)
    ]
    assert not missing


@pytest.mark.parametrize(
    ("table", "name"),
    [
        ("events", "book/reference/timeline"),
        ("conflicts", "book/reference/disagreements"),
        ("sources", "book/reference/bibliography"),
    ],
)
def test_every_row_has_its_anchor_on_its_reference_page(table: str, name: str) -> None:
    keys = {row[f"{table.removesuffix('s')}_id"] for row in rows(table)}
    assert keys
    assert keys <= set(ids(page(name)))


@pytest.mark.parametrize("name", chapters())
def test_evidence_links_of_a_chapter_open_the_row_they_name(name: str) -> None:
    source = source_of_statements()
    found = soup(page(name)).select('article a[href*="/evidence/"][href*="#"]')
    assert found, "a chapter without a link to its evidence"
    for link in found:
        where, key = link["href"].split("#")
        assert key in source
        assert where == f"../evidence/{source[key]}.html"
        text = link.get_text(strip=True)
        if ROW_ID.fullmatch(text):
            assert key == text or key.endswith(f".{text}")


# Charts


@pytest.mark.parametrize("name", chapters())
def test_every_chart_of_the_notebook_stands_in_the_page(name: str) -> None:
    cells = [cell["metadata"]["mystnb"] for cell in chart_cells(name)]
    built = figures(name)
    assert cells, "a chapter without a chart"
    assert len(soup(page(name)).select("article svg")) == len(built) == len(cells)
    assert [figure.svg.get("aria-label") for figure in built] == [
        cell["image"]["alt"] for cell in cells
    ], "the page is older than the notebook: run `make book`"


@pytest.mark.parametrize("name", chapters())
def test_every_chart_has_a_caption_and_another_name(name: str) -> None:
    for figure in figures(name):
        spoken = figure.svg.get("aria-label", "").strip()
        assert figure.svg.get("role") == "img"
        assert figure.select_one("figcaption .caption-number").get_text(strip=True)
        assert caption(figure)
        assert spoken
        assert spoken.casefold() not in caption(figure).casefold()


class Shown:
    """The numbers and days that a chart holds in its data or prints as words."""

    def __init__(self, chart: Tag) -> None:
        self.numbers: set[float] = set()
        self.days: set[tuple[int, str]] = set()
        for spec in chart.select('script[type="application/json"]'):
            for value in self._data(json.loads(spec.get_text())):
                self._add(value)
        for axis in chart.select("svg .role-axis-label"):
            # The ends of an axis are its scale; a tick between them may be no value at all.
            ticks = axis.find_all("text")
            for tick in ticks[:1] + ticks[-1:]:
                self._add(tick.get_text())
        for text in chart.select("svg text"):
            if not text.find_parent(class_="role-axis-label"):
                self._add(text.get_text())

    def _data(self, spec: Any, inside: bool = False) -> Iterator[Any]:
        if isinstance(spec, dict):
            for key, value in spec.items():
                yield from self._data(value, inside or key in {"datasets", "values", "datum"})
        elif isinstance(spec, list):
            for value in spec:
                yield from self._data(value, inside)
        elif inside:
            yield spec

    def _add(self, value: Any) -> None:
        if isinstance(value, str):
            if date := ISO_DATE.fullmatch(value):
                year, month, day = map(int, date.groups())
                self.numbers |= {year, day}
                self.days.add((day, MONTHS[month - 1]))
            else:
                self.numbers |= numbers(value)
                self.days |= days(value)
        elif isinstance(value, int | float):
            self.numbers.add(float(value))


def numbers(text: str) -> set[float]:
    return {float(token.replace(",", "")) for token in NUMBER.findall(text)}


def days(text: str) -> set[tuple[int, str]]:
    return {(int(day), month) for day, month in DAY.findall(text)}


@pytest.mark.parametrize(("name", "place"), charts())
def test_numbers_in_a_written_alternative_are_in_the_chart(name: str, place: int) -> None:
    figure = figures(name)[place]
    alt, shown = figure.svg["aria-label"], Shown(figure)
    unknown = (numbers(alt) - shown.numbers) | (days(alt) - shown.days)
    assert not unknown, f"{figure['id']}: {alt}"


# What must not be in a page


def test_nothing_is_fetched_from_another_site() -> None:
    fetching = ("src", "srcset", "poster", "data", "xlink:href")
    found = []
    for path in html_files():
        for tag in soup(path).find_all(True):
            names = fetching if tag.name not in {"link", "image", "use"} else (*fetching, "href")
            if tag.name == "link" and "canonical" in tag.get("rel", []):
                continue
            for name in names:
                if re.search(r"(^|\s)([a-z]+:)?//", tag.get(name) or ""):
                    found.append(f"{path.relative_to(SITE)}: <{tag.name} {name}={tag[name]}>")
    assert not found, "\n".join(found)


def test_no_style_fetches_from_another_site() -> None:
    remote = re.compile(r"""(?:url\(\s*|@import\s+)["']?(?:https?:)?//""")
    styles = [
        (path, path.read_text(encoding="utf-8")) for path in (SITE / "_static").rglob("*.css")
    ]
    styles += [(p, tag.get_text()) for p in html_files() for tag in soup(p).find_all("style")]
    assert styles
    assert not [path.relative_to(SITE) for path, text in styles if remote.search(text)]


def test_no_template_is_left_over() -> None:
    found = []
    for path in html_files():
        text = path.read_text(encoding="utf-8")
        if "{{" not in text and "{%" not in text:
            continue
        rest = BeautifulSoup(text, "html.parser")
        for code in rest.find_all(["script", "style", "pre", "code"]):
            code.decompose()
        found += [
            f"{path.relative_to(SITE)}: {line.strip()}"
            for line in str(rest).splitlines()
            if "{{" in line or "{%" in line
        ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", chapters())
def test_a_chapter_can_be_taken_along(name: str) -> None:
    offered = [link["href"] for link in soup(page(name)).select(".downloads a[download]")]
    assert offered == [f"{Path(name).name}.ipynb", "../../downloads/casebook.zip"]
