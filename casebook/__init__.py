"""Five articles on the United States and Venezuela in autumn 2025, as typed tables."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from casebook.casebook import Casebook, load
    from casebook.package import DataError

__all__ = ["Casebook", "DataError", "load"]


def __getattr__(name: str) -> Any:
    """Import what is asked for, and pandas with it, not before: the build starts sooner."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = "package" if name == "DataError" else "casebook"
    return getattr(import_module(f"{__name__}.{module}"), name)
