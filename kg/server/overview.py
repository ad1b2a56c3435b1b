"""What the front page shows: what is most used, what is new, and what rises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from kg.catalog.outline import Ints
from kg.model import ENTITY_TYPES
from kg.server.index import Index, Named, Titled

_USED: Final = ("uses", "evaluatesOn")
_KINDS: Final = ("Method", "Model", "Benchmark")
_RECENT: Final = 3
"""Months that count as recent."""


@dataclass(frozen=True, slots=True)
class Rising:
    """An entity with its papers in the recent months and in as many as a year before them."""

    entity: Named
    recent: int
    before: int


@dataclass(frozen=True, slots=True)
class Overview:
    """What a graph holds, what is most used, what is new, and what rises."""

    papers: int
    types: Mapping[str, int]
    recent: Sequence[str]
    used: Mapping[str, Sequence[tuple[Named, int]]]
    rising: Sequence[Rising]
    fresh: Sequence[Named]
    newest: Sequence[Titled]
    months: Mapping[str, int]


def overview(index: Index) -> Overview:
    """Return the overview of a graph."""
    months = index.months(range(index.num_papers))
    recent = sorted(months)[-_RECENT:]
    before = sorted(months)[-_RECENT - 12 : -_RECENT]
    periods = [_period(paper.date, recent, before) for paper in index.papers(0, index.num_papers)]
    last: Ints = np.array(periods, dtype=np.int64)
    used: Ints = np.zeros((3, len(index)), dtype=np.int64)
    for role in _USED:
        entities, papers = index.entities_in_role(role)
        for period in range(3):
            used[period] += np.bincount(entities[last[papers] == period], minlength=len(index))
    totals = used.sum(axis=0)
    most: dict[str, list[tuple[Named, int]]] = {}
    for kind in _KINDS:
        numbers = index.of_type(kind)
        best = numbers[np.lexsort((numbers, -totals[numbers]))][:10].tolist()
        most[kind] = [(index.entity(n), int(totals[n])) for n in best if totals[n]]
    introduced = np.unique(index.entities_in_role("introduces")[0]).tolist()
    fresh = [one for n in introduced if index.first(n) in recent and (one := index.entity(n)).type in most]
    return Overview(
        papers=index.num_papers,
        types={kind: len(index.of_type(kind)) for kind in ENTITY_TYPES},
        recent=recent,
        used=most,
        rising=_rising(index, used[2], used[1], np.bincount(last, minlength=3)),
        fresh=fresh[:12],
        newest=index.papers(0, 10),
        months=dict(list(months.items())[-24:]),
    )


def _rising(index: Index, recent: Ints, before: Ints, papers: Ints) -> list[Rising]:
    """Return what papers of the recent months use more than those of the year before.

    By the z of two proportions; methods, models and benchmarks with at least three recent papers.
    """
    if not (papers[1] and papers[2]):
        return []
    share = (recent + before) / (papers[1] + papers[2])
    spread = np.sqrt(np.maximum(share * (1 - share), 1e-12) * (1 / papers[1] + 1 / papers[2]))
    z = np.round((recent / papers[2] - before / papers[1]) / spread, 9)
    order = np.lexsort((np.arange(len(z)), -z)).tolist()
    risen = (n for n in order if recent[n] >= 3 and z[n] > 1)
    chosen = [one for n in risen if (one := index.entity(n)).type in _KINDS]
    return [Rising(one, int(recent[one.number]), int(before[one.number])) for one in chosen[:12]]


def _period(date: str | None, recent: Sequence[str], before: Sequence[str]) -> int:
    """Return 2 for a recent date, 1 for one of the year before, 0 for any other."""
    month = (date or "")[:7]
    return 2 if month in recent else 1 if month in before else 0
