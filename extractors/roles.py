"""What the paper does with each entity, judged over all places where the entity stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from extractors import weights
from extractors.cues import NOUN_CLASS
from extractors.document import Draft, Row
from extractors.measures import Numbers
from extractors.sequence import CORE
from kg.model import ENTITY_TYPES, ROLES, Role

MODEL = "roles"
KIND_MODEL = "kinds"
SOFT_ROLES: Final[tuple[Role, ...]] = ("uses", "evaluates_on", "mentions")
"""The roles that a Concept, Task or Metric may have."""


def numbers(draft: Draft) -> Numbers:
    """Return what the role of each row is judged by: its measures, and what it may be."""
    return _numbers(draft.rows)


def _numbers(rows: Sequence[Row]) -> Numbers:
    judged = np.array([[*row.chances, ENTITY_TYPES.index(row.type)] for row in rows], np.float32)
    return np.hstack([np.stack([row.numbers for row in rows]), judged])


def settle(draft: Draft) -> None:
    """Give each row its role, and each Benchmark its kind."""
    settle_all([draft])


def settle_all(drafts: Sequence[Draft]) -> None:
    """Settle the roles and kinds of some drafts."""
    rows = [row for draft in drafts for row in draft.rows]
    if not rows:
        return
    chances = weights.trees(MODEL).probabilities(_numbers(rows))
    for row, chance in zip(rows, chances.tolist(), strict=True):
        row.role_chances = chance
        cast(row)
    benchmarks = [(draft, row) for draft in drafts for row in draft.rows if row.type == "Benchmark"]
    features = [kind_features(draft, row) for draft, row in benchmarks]
    for (_, row), kinds in zip(benchmarks, weights.probabilities(KIND_MODEL, features), strict=True):
        row.kind = max(("benchmark", "dataset", "environment"), key=lambda k: kinds.get(k, 0.0))


def cast(row: Row) -> None:
    """Give a row the likeliest role that one of its type may have."""
    allowed = ROLES if row.type in CORE else SOFT_ROLES
    row.role = max(allowed, key=lambda r: row.role_chances[ROLES.index(r)])
    row.role_probability = row.role_chances[ROLES.index(row.role)]


def kind_features(draft: Draft, row: Row) -> list[str]:
    """Return the feature strings that tell a benchmark from a dataset and an environment."""
    out: set[str] = set()
    for start, end in row.places:
        out.update(f"w={w}" for w in draft.lower[start:end])
        out.add(f"x={draft.lower[end - 1][-5:]}")
        around = [*range(max(0, start - 3), start), *range(end, min(end + 5, len(draft.words)))]
        for j in around:
            if draft.lower[j] in NOUN_CLASS:
                out.add(f"n={draft.lower[j]}")
                out.add(f"c={NOUN_CLASS[draft.lower[j]]}")
        if end < len(draft.words):
            out.add(f"a={draft.lower[end]}")
    return sorted(out) or ["none"]
