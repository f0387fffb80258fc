"""What charts need from the Python that runs in a browser."""

from __future__ import annotations

from typing import Any


def keep_nulls() -> None:
    """Hand None over to the page as null.

    Pyodide turns None into undefined. Vega-Lite takes that for "not said", so that a chart with
    ``title=None`` had a title again. Pyodide has a value of its own for null; the kernel's
    cleaning refuses it, so it is put in afterwards.
    """
    # both are there in the browser only
    from pyodide.ffi import jsnull
    from pyodide_kernel import display as kernel

    def nulls(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: nulls(item) for key, item in value.items()}
        if isinstance(value, list):
            return [nulls(item) for item in value]
        return jsnull if value is None else value

    clean, publish = kernel.json_clean, kernel.LiteDisplayPublisher.publish

    def publish_nulls(self: Any, data: dict[str, Any], *arguments: Any, **options: Any) -> None:
        publish(self, nulls(data), *arguments, **options)

    kernel.json_clean = lambda data: nulls(clean(data))
    kernel.LiteDisplayPublisher.publish = publish_nulls
