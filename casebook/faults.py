"""A fault in the data, and how it is told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that is wrong in one cell (or row, or file) of the data.

    ``line`` counts from 1, the header being line 1; 0 stands for the whole file.
    """

    file: str
    line: int
    row: str
    column: str
    problem: str
    allowed: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        row = f" {self.row}" if self.row else ""
        column = f" [{self.column}]" if self.column else ""
        return f"{place}{row}{column}: {self.problem}; allowed: {self.allowed}"
