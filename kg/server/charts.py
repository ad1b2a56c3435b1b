"""Papers by month as a small picture: plain SVG, drawn from numbers, without a script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_WIDTH: Final = 14
_HEIGHT: Final = 72
_MOST: Final = 36
"""Months shown at most."""
_LEAST: Final = 12
"""Months shown at least, empty ones before the first included."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One month: where its bar stands in the picture, in its units."""

    month: str
    count: int
    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars of the last months, and how many papers are older than they."""

    bars: tuple[Bar, ...]
    width: int
    height: int
    bar_width: int
    most: int
    older: int


def month_chart(months: Mapping[str, int]) -> Chart | None:
    """Return the picture of papers by month, months without papers included; None where no date is known.

    >>> chart = month_chart({"2025-11": 2, "2026-01": 4})
    >>> len(chart.bars), [(bar.month, bar.count, bar.height) for bar in chart.bars[-3:]]
    (12, [('2025-11', 2, 36.0), ('2025-12', 0, 0.0), ('2026-01', 4, 72.0)])
    """
    if not months:
        return None
    last = max(months)
    shown = _span(min(months), last)[-_MOST:]
    most = max(months.get(month, 0) for month in shown)
    bars = []
    for place, month in enumerate(shown):
        count = months.get(month, 0)
        height = round(_HEIGHT * count / most, 1)
        bars.append(Bar(month, count, place * _WIDTH, round(_HEIGHT - height, 1), height))
    older = sum(count for month, count in months.items() if month < shown[0])
    return Chart(tuple(bars), len(bars) * _WIDTH, _HEIGHT, _WIDTH - 3, most, older)


def _span(first: str, last: str) -> list[str]:
    """Return the months from one to another, in order; fewer or more where there are too many or few."""
    year, month = (int(part) for part in last.split("-"))
    found = [last]
    while len(found) < _LEAST or (found[-1] > first and len(found) <= _MOST):
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
        found.append(f"{year:04}-{month:02}")
    return found[::-1]
