"""Agreement between the two first codings, computed from `data/audit`.

Percent agreement and Krippendorff's alpha (Krippendorff, Content Analysis, 4th ed., ch. 12) with a
percentile bootstrap over units. Finding a row and filling it are measured apart.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path

import krippendorff
import numpy as np
import pandas as pd

from casebook.package import DATA

AUDIT = DATA / "audit"
RESAMPLES = 1000
SEED = 2025
STATEMENT_COLUMNS = {
    "voice": "nominal",
    "speaker_id": "nominal",
    "via_id": "nominal",
    "certainty": "ordinal",
    "topic": "nominal",
    "event_id": "nominal",
}
# table -> columns that make a row the same row, columns that are then compared
DEPENDENT = {
    "figures": (["measure"], ["best", "bound", "basis", "as_of"]),
    "forces": (["asset"], ["status", "area", "best"]),
    "positions": (["proposition_id", "actor_id"], ["position"]),
    "relations": (["actor_id", "target_id"], ["relation"]),
}
CERTAINTY = ["uncommitted", "possible", "probable", "stated"]


@dataclass(frozen=True)
class Codings:
    """The two first codings and the pairs that a third reader made of their statements."""

    a: dict[str, pd.DataFrame]
    b: dict[str, pd.DataFrame]
    pairs: pd.DataFrame
    sentences: pd.Series


def read_codings(folder: Path = AUDIT) -> Codings:
    """Read the first codings, their pairs, and the number of sentences of each passage."""

    def read(path: Path) -> pd.DataFrame:
        return pd.read_csv(path, dtype=str, keep_default_na=False)

    tables = ["statements", *DEPENDENT]
    passages = read(folder.parent / "passages.csv")
    coded = passages[passages["status"] == "coded"].set_index("passage_id")["sentences"]
    return Codings(
        a={name: read(folder / "coder-a" / f"{name}.csv") for name in tables},
        b={name: read(folder / "coder-b" / f"{name}.csv") for name in tables},
        pairs=read(folder / "pairs.csv"),
        sentences=coded.astype(int),
    )


def alpha(
    values: list[tuple[Hashable, Hashable]], level: str, resamples: int = RESAMPLES
) -> tuple[float, float, float]:
    """Return Krippendorff's alpha and its 95 % bootstrap interval.

    Parameters
    ----------
    values
        One pair of values for each unit, the first coder's and the second's.
    level
        Level of measurement: nominal, ordinal or interval.
    resamples
        How often the units are drawn again for the interval.

    Returns
    -------
    tuple of float
        Alpha, lower and upper end; NaN where all values are alike and alpha is not defined.
    """
    domain = sorted({v for pair in values for v in pair}, key=_rank)
    if len(domain) < 2:
        return (float("nan"),) * 3
    place = {value: i for i, value in enumerate(domain)}
    counts = np.zeros((len(values), len(domain)), dtype=int)
    for unit, pair in enumerate(values):
        for value in pair:
            counts[unit, place[value]] += 1
    scale = np.arange(len(domain))
    if level == "interval":
        scale = np.array([float(v) for v in domain])

    def one(table: np.ndarray) -> float:
        if np.count_nonzero(table.sum(axis=0)) < 2:
            return float("nan")
        return float(
            krippendorff.alpha(value_counts=table, value_domain=scale, level_of_measurement=level)
        )

    random = np.random.default_rng(SEED)
    draws = [one(counts[random.integers(0, len(values), len(values))]) for _ in range(resamples)]
    low, high = np.nanpercentile(draws, [2.5, 97.5])
    return one(counts), float(low), float(high)


def _rank(value: Hashable) -> tuple[int, float, str]:
    if value in CERTAINTY:
        return (0, CERTAINTY.index(value), "")
    if isinstance(value, (int, float)):
        return (0, float(value), "")
    return (1, 0.0, str(value))


def _row(
    part: str, table: str, what: str, values: list, level: str, resamples: int
) -> dict[str, object]:
    value, low, high = alpha(values, level, resamples)
    share = sum(a == b for a, b in values) / len(values)
    return {
        "part": part,
        "table": table,
        "what": what,
        "units": len(values),
        "agreement": round(100 * share, 1),
        "alpha": round(value, 3),
        "alpha_low": round(low, 3),
        "alpha_high": round(high, 3),
    }


def _per_sentence(frame: pd.DataFrame, sentences: pd.Series) -> list[int]:
    counts = {(p, s): 0 for p, n in sentences.items() for s in range(1, n + 1)}
    for row in frame.to_dict("records"):
        for sentence in range(int(row["first_sentence"]), int(row["last_sentence"]) + 1):
            counts[(row["statement_id"][:-1], sentence)] += 1
    return list(counts.values())


def _partners(pairs: pd.DataFrame) -> list[tuple[str, str]]:
    """Return statement ids of A and B that make the same claim, one to one."""
    partners, used_a, used_b = [], set(), set()
    for row in pairs.to_dict("records"):
        for a, b in zip(row["a_ids"].split(), row["b_ids"].split(), strict=False):
            if a not in used_a and b not in used_b:
                partners.append((a, b))
                used_a.add(a)
                used_b.add(b)
    return partners


def _keyed(frame: pd.DataFrame, ids: dict[str, int], key: list[str]) -> dict[tuple, dict]:
    rows: dict[tuple, dict] = {}
    for row in frame.to_dict("records"):
        if row["statement_id"] in ids:
            rows.setdefault((ids[row["statement_id"]], *(row[k] for k in key)), row)
    return rows


def agreement(codings: Codings, resamples: int = RESAMPLES) -> pd.DataFrame:
    """Measure how far the two codings agree.

    Parameters
    ----------
    codings
        The two first codings and their pairs.
    resamples
        How often the units are drawn again for an interval.

    Returns
    -------
    pandas.DataFrame
        One row a measure: ``part`` (finding, filling), ``table``, ``what``, ``units``,
        ``agreement`` in percent, ``alpha`` with ``alpha_low`` and ``alpha_high``. Where only rows
        that somebody found can be counted, alpha is not defined and stays empty.
    """
    a, b = codings.a["statements"], codings.b["statements"]
    partners = _partners(codings.pairs)
    counts = list(
        zip(_per_sentence(a, codings.sentences), _per_sentence(b, codings.sentences), strict=True)
    )
    rows = [
        _row("finding", "statements", "statements on each sentence", counts, "interval", resamples)
    ]
    rows.append(_overlap("statements", len(partners), len(a) + len(b) - len(partners)))
    by_a, by_b = a.set_index("statement_id"), b.set_index("statement_id")
    for column, level in STATEMENT_COLUMNS.items():
        values = [(by_a.at[x, column], by_b.at[y, column]) for x, y in partners]
        rows.append(_row("filling", "statements", column, values, level, resamples))
    ids_a = {x: i for i, (x, _) in enumerate(partners)}
    ids_b = {y: i for i, (_, y) in enumerate(partners)}
    for table, (key, columns) in DEPENDENT.items():
        has = _row_holders(codings, table, ids_a, ids_b, len(partners))
        rows.append(_row("finding", table, "statement has a row", has, "nominal", resamples))
        found_a = _keyed(codings.a[table], ids_a, key)
        found_b = _keyed(codings.b[table], ids_b, key)
        both = [k for k in found_a if k in found_b]
        rows.append(_overlap(table, len(both), len(found_a.keys() | found_b.keys())))
        for column in columns:
            values = [(found_a[k][column], found_b[k][column]) for k in both]
            rows.append(_row("filling", table, column, values, "nominal", resamples))
    frame = pd.DataFrame(rows)
    order = frame["part"].map({"finding": 0, "filling": 1})
    return frame.assign(_o=order).sort_values("_o", kind="stable").drop(columns="_o")


def _overlap(table: str, both: int, either: int) -> dict[str, object]:
    return {
        "part": "finding",
        "table": table,
        "what": "rows of either that both found",
        "units": either,
        "agreement": round(100 * both / either, 1) if either else float("nan"),
    }


def _row_holders(
    codings: Codings, table: str, ids_a: dict[str, int], ids_b: dict[str, int], n: int
) -> list[tuple[int, int]]:
    holds: Callable[[pd.DataFrame, dict[str, int]], set[int]] = lambda frame, ids: {  # noqa: E731
        ids[s] for s in frame["statement_id"] if s in ids
    }
    has_a, has_b = holds(codings.a[table], ids_a), holds(codings.b[table], ids_b)
    return [(int(i in has_a), int(i in has_b)) for i in range(n)]


def main() -> int:
    """Write ``data/audit/agreement.csv``."""
    frame = agreement(read_codings())
    frame.to_csv(AUDIT / "agreement.csv", index=False, lineterminator="\n")
    print(frame.to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
