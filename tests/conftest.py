"""What several tests of the data need."""

from __future__ import annotations

import pandas as pd
import pytest

from casebook.tables import read_package, read_text


@pytest.fixture(scope="session")
def tables() -> dict[str, pd.DataFrame]:
    """The real tables as text; shared, so a test that changes one copies it first."""
    return {name: read_text(table) for name, table in read_package().tables.items()}
