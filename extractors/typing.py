"""What each row is, judged once over all its places: one of the types, or nothing worth a row.

The sequence model votes place by place; here its votes meet all that is counted of the row
(`extractors.measures`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Final

from extractors import weights
from extractors.document import Draft
from extractors.grouping import name_of
from extractors.known import academies
from extractors.measures import measure, measure_all
from extractors.sequence import CORE
from kg.model import ENTITY_TYPES

MODEL = "types"
NONE: Final = "none"
LABELS: Final = (*ENTITY_TYPES, NONE)
LEAST_CORE = 0.36
"""A core row is kept if all core types together are at least so likely."""
LEAST_SOFT = 0.29
"""The same for Concept, Task and Metric."""
SURE: Final = 0.86
"""The probability that a given type counts as."""
_CORE = [i for i, t in enumerate(ENTITY_TYPES) if t in CORE]
_SOFT = [i for i, t in enumerate(ENTITY_TYPES) if t not in CORE]
_HARDWARE: Final = frozenset(
    [
        "gpu",
        "gpus",
        "cpu",
        "cpus",
        "tpu",
        "tpus",
        "rtx",
        "a100",
        "h100",
        "v100",
        "a6000",
        "l40",
        "h200",
        "h800",
        "a800",
        "jetson",
        "fpga",
        "python",
        "cuda",
        "github",
    ]
)


def settle(drafts: Sequence[Draft]) -> None:
    """Give each row of some drafts its type and probability, and drop the rows that are nothing."""
    numbers = measure_all(drafts)
    chances = weights.trees(MODEL).probabilities(numbers)
    rows = chain.from_iterable(draft.rows for draft in drafts)
    for row, of_row, chance in zip(rows, numbers, chances.tolist(), strict=True):
        row.numbers, row.chances = of_row, chance
    for draft in drafts:
        keep(draft)


def assume(draft: Draft) -> None:
    """Take the types of the rows as given: what roles and relations are judged by, without a judgement."""
    for row, of_row in zip(draft.rows, measure(draft), strict=True):
        row.numbers = of_row
        row.chances = [SURE if t == row.type else (1 - SURE) / len(ENTITY_TYPES) for t in LABELS]


def keep(draft: Draft) -> None:
    """Type the rows by their `chances`, name them anew, and keep those that are likely enough."""
    kept = []
    hardware = [i for i, word in enumerate(draft.lower) if word in _HARDWARE]
    for row in draft.rows:
        core = sum(map(row.chances.__getitem__, _CORE))
        soft = sum(map(row.chances.__getitem__, _SOFT))
        is_core = core >= soft
        if max(core, soft) < (LEAST_CORE if is_core else LEAST_SOFT):
            continue
        if hardware and any(start <= i < end for start, end in row.places for i in hardware):
            continue
        likeliest = max(_CORE if is_core else _SOFT, key=row.chances.__getitem__)
        row.type, row.probability = ENTITY_TYPES[likeliest], row.chances[likeliest]
        if row.keys & academies():
            row.type = "Organization"
        row.name = name_of(draft, row)
        kept.append(row)
    draft.rows = kept
