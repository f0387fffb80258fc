"""What several tests need: the tables, the served book, a browser."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest
from browser import launch, missing_site, served
from playwright.sync_api import Browser, Playwright, sync_playwright

from casebook.package import read_package
from casebook.tables import read_text


@pytest.fixture(scope="session")
def tables() -> dict[str, pd.DataFrame]:
    """The real tables as text; shared, so a test that changes one copies it first."""
    return {name: read_text(table) for name, table in read_package().tables.items()}


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """The address of the built book."""
    if fault := missing_site():
        pytest.fail(fault, pytrace=False)
    with served() as address:
        yield address


@pytest.fixture(scope="session")
def playwright_driver() -> Iterator[Playwright]:
    """What starts browsers; there can be one at a time."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(playwright_driver: Playwright) -> Iterator[Browser]:
    """One headless Chromium for all tests."""
    browser = launch(playwright_driver)
    yield browser
    browser.close()
