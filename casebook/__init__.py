"""Five articles on the United States and Venezuela in autumn 2025, as typed tables."""

from casebook.casebook import Casebook, load
from casebook.tables import DataError

__all__ = ["Casebook", "DataError", "load"]
