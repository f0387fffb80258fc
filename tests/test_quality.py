"""What the built book promises every reader: access, valid HTML, low weight, no shift, print."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from browser import ROOT, SITE, chapters, toc_pages
from playwright.sync_api import Browser, Page

CHECKERS = ROOT / "tests" / "node_modules"
ALL_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOUR_RULES = ["color-contrast", "link-in-text-block"]
# the nodes that pass are many, and take long to describe
AXE = """async (rules) => {
  const options = { runOnly: rules, resultTypes: ["violations"] };
  const { violations, passes } = await axe.run(document, options);
  return { violations, passes: passes.length };
}"""
WIDTHS = (1280, 390)
PAGES = [f"{name}.html" for name in toc_pages()] + ["search.html", "404.html"]
PAGES += ["lite/run.html"] if (SITE / "lite" / "run.html").exists() else []
CHAPTERS = [f"{name}.html" for name in chapters()]
WIRE_LIMIT = 250_000


@pytest.fixture(scope="module", params=WIDTHS)
def tab(request: pytest.FixtureRequest, chromium: Browser, site: str) -> Iterator[Page]:
    size = {"width": request.param, "height": 900}
    context = chromium.new_context(base_url=f"{site}/", viewport=size, color_scheme="light")
    yield context.new_page()
    context.close()


def checker(path: str) -> Path:
    found = CHECKERS / path
    if not found.exists():
        pytest.fail(f"{found.relative_to(ROOT)} is missing: run tests/setup.sh", pytrace=False)
    return found


@pytest.mark.parametrize("page", PAGES)
def test_no_page_fails_an_accessibility_rule(tab: Page, page: str) -> None:
    tab.emulate_media(color_scheme="light")
    tab.goto(page)
    tab.evaluate(checker("axe-core/axe.min.js").read_text(encoding="utf-8"))
    # the dark theme has other colours and nothing else that is other
    for theme, rules in {"light": ALL_RULES, "dark": COLOUR_RULES}.items():
        tab.emulate_media(color_scheme=theme)
        result = tab.evaluate(AXE, rules)
        assert result["passes"], "axe ran no rule"
        faults = [
            f"{theme}, {v['id']}: {node['html'][:200]}"
            for v in result["violations"]
            for node in v["nodes"]
        ]
        assert not faults, "\n".join(faults)


def test_every_page_is_valid_html() -> None:
    jar = checker("vnu-jar/build/dist/vnu.jar")
    pages = sorted(
        p for p in SITE.rglob("*.html") if not {"_static", "lite"} & {*p.relative_to(SITE).parts}
    )
    pages += [SITE / page for page in PAGES if page.startswith("lite/")]
    assert len(pages) > len(PAGES)
    command = [shutil.which("java") or "java", "-Xss4m", "-jar", str(jar)]
    command += ["--errors-only", "--format", "json", *map(str, pages)]
    done = subprocess.run(command, capture_output=True, text=True)
    faults = [
        f"{Path(urlsplit(m['url']).path).name}:{m.get('lastLine')}: {m['message']}"
        for m in json.loads(done.stderr)["messages"]
    ]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("page", CHAPTERS)
def test_a_chapter_is_light_before_it_is_scrolled(chromium: Browser, site: str, page: str) -> None:
    context = chromium.new_context(base_url=f"{site}/", viewport={"width": 390, "height": 844})
    tab = context.new_page()
    loaded: list[str] = []
    tab.on("request", lambda request: loaded.append(urlsplit(request.url).path))
    tab.goto(page, wait_until="networkidle")
    wire = {path: len(gzip.compress((SITE / path.lstrip("/")).read_bytes())) for path in loaded}
    context.close()
    assert f"/{page}" in wire
    assert "/_static/vega.js" not in wire
    assert sum(wire.values()) < WIRE_LIMIT, wire


@pytest.mark.parametrize("page", CHAPTERS)
def test_charts_come_alive_without_a_shift(tab: Page, page: str) -> None:
    tab.goto(page)
    tab.evaluate(
        """() => { window.shift = 0; new PerformanceObserver(list => {
        for (const entry of list.getEntries()) window.shift += entry.value;
        }).observe({type: "layout-shift", buffered: true}); }"""
    )
    # a picture of matplotlib stays a picture
    charts = tab.locator(".chart:has(script)")
    assert charts.count()
    for i in range(charts.count()):
        before = charts.nth(i).bounding_box()
        charts.nth(i).scroll_into_view_if_needed()
        tab.wait_for_function(
            "i => document.querySelectorAll('.chart:has(script)')[i].matches('.live')", arg=i
        )
        after = charts.nth(i).bounding_box()
        assert abs(before["height"] - after["height"]) < 1
        ground = charts.nth(i).locator("svg").evaluate("e => getComputedStyle(e).backgroundColor")
        assert ground == "rgba(0, 0, 0, 0)", "a ground of its own would not follow the theme"
    assert tab.evaluate("window.shift") < 0.01


@pytest.mark.parametrize("page", CHAPTERS)
def test_a_mark_of_a_live_chart_tells_what_it_is(chromium: Browser, site: str, page: str) -> None:
    context = chromium.new_context(base_url=f"{site}/", viewport={"width": 1280, "height": 900})
    tab = context.new_page()
    tab.goto(page)
    chart = tab.locator(".chart").first
    chart.scroll_into_view_if_needed()
    tab.wait_for_function("document.querySelector('.chart').matches('.live')")
    assert chart.locator("svg").get_attribute("aria-label")
    # another mark may lie on top, and tells as much
    chart.locator("svg .mark-rect path, svg .mark-symbol path").first.hover(force=True)
    tab.wait_for_selector("#vg-tooltip-element.visible")
    assert "20" in tab.locator("#vg-tooltip-element").inner_text()
    context.close()


def test_the_theme_switch_changes_a_chart_at_once(chromium: Browser, site: str) -> None:
    context = chromium.new_context(base_url=f"{site}/", color_scheme="light")
    tab = context.new_page()
    tab.goto(CHAPTERS[0])
    colour = "getComputedStyle(document.querySelector('.chart svg text')).fill"
    switch = tab.get_by_role("button", name="Theme")
    light = tab.evaluate(colour)
    switch.click()
    assert switch.inner_text() == "Theme: light"
    switch.click()
    assert switch.inner_text() == "Theme: dark"
    assert tab.evaluate(colour) != light
    tab.reload()
    assert switch.inner_text() == "Theme: dark"
    context.close()


def test_a_link_to_the_evidence_shows_the_row(chromium: Browser, site: str) -> None:
    context = chromium.new_context(base_url=f"{site}/")
    tab = context.new_page()
    tab.goto(CHAPTERS[-1])
    link = tab.locator("a.evidence:visible").first
    link.focus()
    preview = tab.get_by_role("tooltip")
    preview.wait_for()
    assert "(" in preview.inner_text()
    assert link.get_attribute("aria-describedby") == "preview"
    tab.keyboard.press("Escape")
    assert preview.is_hidden()
    context.close()


@pytest.mark.parametrize("page", CHAPTERS)
def test_a_chapter_prints_without_furniture(chromium: Browser, site: str, page: str) -> None:
    context = chromium.new_context(base_url=f"{site}/", color_scheme="dark")
    tab = context.new_page()
    tab.goto(page)
    tab.emulate_media(media="print")
    furniture_of_a_page = (".top", ".contents", ".page-end", ".bottom", ".chart-notes details")
    for furniture in (*furniture_of_a_page, "details.hide", "details.run"):
        assert not tab.locator(furniture).first.is_visible(), furniture
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    folded = tab.locator("main details:not(.hide, .run, .chart-notes details, [open])")
    assert folded.count() == 0
    ink = tab.evaluate("getComputedStyle(document.body).color")
    assert ink == "rgb(27, 39, 51)", "the dark theme is printed"
    context.close()
