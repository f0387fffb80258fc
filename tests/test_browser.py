"""The built book in a real browser: wide and narrow, light and dark, with and without scripts."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from browser import ROOT, chapters, toc_pages
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    Response,
    expect,
)

WIDE, NARROW = 1280, 390
WIDTHS = (WIDE, NARROW)
EVIDENCE = "book/evidence/index.html"
ROWS = ".evidence-table tbody tr"
BOOK_PAGES = [f"{name}.html" for name in toc_pages()]
PAGES = [*BOOK_PAGES, "search.html"]

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def contexts(site: str, chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Give one context for each width and use of scripts, the same one each time."""
    made: dict[tuple[int, bool], BrowserContext] = {}
    with ExitStack() as stack:

        def context(width: int, scripts: bool) -> BrowserContext:
            key = (width, scripts)
            if key not in made:
                made[key] = chromium.new_context(
                    base_url=f"{site}/",
                    viewport={"width": width, "height": 900},
                    color_scheme="light",
                    java_script_enabled=scripts,
                )
                made[key].set_default_timeout(10_000)
                stack.callback(made[key].close)
            return made[key]

        yield context


@pytest.fixture
def tab(contexts: Callable[..., BrowserContext]) -> Iterator[Open]:
    """Open blank tabs and close them after the test."""
    with ExitStack() as stack:

        def new(width: int = WIDE, scripts: bool = True) -> Page:
            page = contexts(width, scripts).new_page()
            stack.callback(page.close)
            return page

        yield new


def listen(page: Page, site: str) -> list[str]:
    """Return a list that fills with whatever goes wrong on the page."""
    faults: list[str] = []

    def on_request(request: Request) -> None:
        if not request.url.startswith((f"{site}/", "data:", "blob:")):
            faults.append(f"off the site: {request.url}")

    def on_response(response: Response) -> None:
        if not response.ok:
            faults.append(f"{response.status}: {response.url}")

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            faults.append(f"console: {message.text} {message.location['url']}")

    page.on("request", on_request)
    page.on("requestfailed", lambda request: faults.append(f"{request.failure}: {request.url}"))
    page.on("response", on_response)
    page.on("console", on_console)
    page.on("pageerror", lambda error: faults.append(f"script: {error}"))
    return faults


def too_wide(page: Page) -> list[str]:
    """Return the width and the innermost culprits if the page scrolls sideways."""
    return page.evaluate(
        """() => {
          const { scrollWidth, clientWidth } = document.documentElement;
          if (scrollWidth <= clientWidth) return [];
          const out = [...document.querySelectorAll("main *")]
            .filter((e) => e.getBoundingClientRect().left + e.scrollWidth > clientWidth + 1)
            .map((e) => e.outerHTML.slice(0, 100));
          return [`${scrollWidth} px in ${clientWidth} px`, ...out.slice(-3)];
        }"""
    )


def bring_to_life(page: Page) -> None:
    """Bring each chart into view, because only then does it load what makes it live."""
    for chart in page.locator(".chart:has(> script)").all():
        chart.scroll_into_view_if_needed()
        expect(chart).to_contain_class("live")


# Every page


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", PAGES)
def test_page_is_clean(tab: Open, site: str, path: str, width: int) -> None:
    page = tab(width)
    faults = listen(page, site)
    page.goto(path)
    bring_to_life(page)
    page.wait_for_load_state("networkidle")
    expect(page.locator("h1")).to_have_count(1)
    assert not faults
    assert not too_wide(page)


def test_the_address_of_the_site_leads_to_the_book(tab: Open, site: str) -> None:
    page = tab()
    faults = listen(page, site)
    page.goto("")
    page.wait_for_url(f"**/{BOOK_PAGES[0]}")
    page.wait_for_load_state("networkidle")
    # The page that sends its reader on may be left before its own icon has come.
    assert not [fault for fault in faults if "favicon" not in fault]


@pytest.mark.parametrize("width", WIDTHS)
def test_search_finds_words(tab: Open, site: str, width: int) -> None:
    page = tab(width)
    faults = listen(page, site)
    page.goto("search.html?q=strike")
    results = page.locator("#search-results li")
    expect(page.locator(".search-summary")).to_contain_text("Search finished")
    expect(results.get_by_role("link", name="The boat strikes")).to_be_visible()
    expect(results.locator(".context")).to_have_count(results.count())
    assert not faults
    assert not too_wide(page)


# Charts


def ink(page: Page) -> list[str]:
    """Return the colour of every text in every chart."""
    return page.eval_on_selector_all(
        "figure svg text", "texts => texts.map((text) => getComputedStyle(text).fill)"
    )


def unchanged(before: list[str], after: list[str]) -> list[str]:
    assert before, "no text in any chart"
    return [a for a, b in zip(before, after, strict=True) if a == b]


def measured_charts(page: Page, width: int) -> list[tuple[str, float]]:
    """Expect charts, each of some size within the page; return their names and heights."""
    found = []
    for chart in page.locator("figure svg[role=img]").all():
        expect(chart).to_be_visible()
        box = chart.bounding_box()
        assert box["height"] > 50
        assert box["width"] > 200
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        found.append((chart.get_attribute("aria-label"), box["height"]))
    assert found
    return found


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", chapters())
def test_charts_are_visible_as_pictures_and_live(tab: Open, name: str, width: int) -> None:
    found = []
    for scripts in (False, True):
        page = tab(width, scripts=scripts)
        page.goto(f"{name}.html")
        if scripts:
            bring_to_life(page)
        found.append(measured_charts(page, width))
        light = ink(page)
        page.emulate_media(color_scheme="dark")
        assert not unchanged(light, ink(page))
    for (picture, picture_height), (live, live_height) in zip(*found, strict=True):
        assert live == picture
        assert live_height == pytest.approx(picture_height, abs=1)


def test_the_theme_button_changes_the_charts_and_is_remembered(tab: Open) -> None:
    page = tab(NARROW)
    page.goto(f"{chapters()[0]}.html")
    button = page.get_by_role("button", name="Theme")
    expect(button).to_have_text("Theme: auto")
    button.click()
    expect(button).to_have_text("Theme: light")
    light = ink(page)
    button.click()
    expect(button).to_have_text("Theme: dark")
    assert not unchanged(light, ink(page))

    page.goto(BOOK_PAGES[0])
    expect(button).to_have_text("Theme: dark")
    button.click()  # the next test shares the context
    expect(button).to_have_text("Theme: auto")


# The evidence browser


@pytest.fixture(scope="session")
def gists() -> dict[str, str]:
    with (ROOT / "data" / "statements.csv").open(encoding="utf-8", newline="") as lines:
        return {row["statement_id"]: row["gist"] for row in csv.DictReader(lines)}


@pytest.fixture(scope="session")
def statements(gists: dict[str, str]) -> int:
    return len(gists)


def search_box(page: Page) -> Locator:
    return page.get_by_role("searchbox", name="Search", exact=True)


def articles(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Article", exact=True)


def shown(page: Page) -> Locator:
    return page.locator(f"{ROWS}:visible")


def fitting(page: Page, word: str, source: str) -> int:
    """Return how many rows have the word and the article, counted without the filter's script."""
    return sum(
        word in row.lower()
        for row in page.locator(f'{ROWS}[data-source="{source}"]').all_text_contents()
    )


@pytest.mark.parametrize("width", WIDTHS)
def test_evidence_shows_every_row_without_scripts(tab: Open, statements: int, width: int) -> None:
    page = tab(width, scripts=False)
    page.goto(EVIDENCE)
    expect(shown(page)).to_have_count(statements)
    expect(page.locator(".evidence-filter")).to_be_hidden()


@pytest.mark.parametrize("width", WIDTHS)
def test_evidence_is_narrowed_and_restored(tab: Open, statements: int, width: int) -> None:
    page = tab(width)
    page.goto(EVIDENCE)
    count = page.get_by_role("status")
    expect(count).to_have_text(f"{statements} of {statements} statements")

    search_box(page).fill("strike")
    articles(page).select_option("guardian2025")
    few = fitting(page, "strike", "guardian2025")
    assert 0 < few < statements
    expect(shown(page)).to_have_count(few)
    expect(count).to_have_text(f"{few} of {statements} statements")

    page.get_by_role("button", name="Show all").click()
    expect(shown(page)).to_have_count(statements)
    expect(count).to_have_text(f"{statements} of {statements} statements")
    assert "?" not in page.url


def test_evidence_says_so_when_nothing_fits(tab: Open, statements: int) -> None:
    page = tab()
    page.goto(EVIDENCE)
    search_box(page).fill("no such words anywhere")
    expect(shown(page)).to_have_count(0)
    expect(page.locator(".evidence-none")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text(f"0 of {statements} statements")


def test_evidence_filter_lives_in_the_address(tab: Open, statements: int) -> None:
    page = tab()
    page.goto(EVIDENCE)
    search_box(page).fill("strike")
    articles(page).select_option("endgame2025")
    assert page.url.endswith("?text=strike&source=endgame2025")

    other = tab(NARROW)
    other.goto(page.url)
    expect(search_box(other)).to_have_value("strike")
    expect(articles(other)).to_have_value("endgame2025")
    few = fitting(other, "strike", "endgame2025")
    assert 0 < few < statements
    expect(shown(other)).to_have_count(few)


def expect_card(page: Page, key: str) -> None:
    """Expect that the row's card is open, in view and below the page's header."""
    assert page.url.endswith(f"#{key}")
    card = page.locator(f'[id="{key}"]')
    expect(card).to_be_in_viewport()
    expect(card).to_contain_text(key)
    covered = card.evaluate(
        """(card) => {
          const box = card.getBoundingClientRect();
          const top = document.elementFromPoint(box.left + 20, Math.max(box.top, 0) + 12);
          return box.top < 0 || !card.contains(top);
        }"""
    )
    assert not covered


@pytest.mark.parametrize("width", WIDTHS)
def test_a_row_of_the_evidence_opens_its_card(tab: Open, width: int) -> None:
    page = tab(width)
    page.goto(EVIDENCE)
    link = page.get_by_role("link", name="guardian2025.p04a", exact=True)
    link.click()
    page.wait_for_url("**/guardian2025.html#guardian2025.p04a")
    expect_card(page, "guardian2025.p04a")


def press_tab_until(page: Page, focused: Locator) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        if focused.evaluate("(element) => element === document.activeElement"):
            return
    pytest.fail(f"the Tab key does not reach {focused}")


def test_evidence_works_with_the_keyboard_alone(tab: Open, statements: int) -> None:
    page = tab()
    page.goto(EVIDENCE)
    press_tab_until(page, page.get_by_role("link", name="Skip to the text"))
    page.keyboard.press("Enter")
    press_tab_until(page, search_box(page))
    page.keyboard.type("guardian2025.p04a")
    expect(shown(page)).to_have_count(1)
    expect(page.get_by_role("status")).to_have_text(f"1 of {statements} statements")
    press_tab_until(page, shown(page).get_by_role("link"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/guardian2025.html#guardian2025.p04a")
    expect_card(page, "guardian2025.p04a")


def test_an_evidence_link_previews_its_row(tab: Open, gists: dict[str, str]) -> None:
    page = tab(NARROW)
    page.goto(f"{chapters()[0]}.html")
    link, preview = page.locator("main p a.evidence").first, page.get_by_role("tooltip")
    link.focus()
    expect(preview).to_contain_text(gists[link.get_attribute("href").split("#")[1]])
    expect(preview).to_be_visible()
    assert not too_wide(page)
    page.keyboard.press("Escape")
    expect(preview).to_be_hidden()
