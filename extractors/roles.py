"""What the paper does with each entity, judged over all places where the entity stands."""

from __future__ import annotations

from typing import Final

import numpy as np

from extractors import weights
from extractors.cues import NOUN_CLASS
from extractors.document import Draft, Row
from extractors.measures import Numbers, row_places
from extractors.sequence import CORE
from kg.model import ENTITY_TYPES, ROLES, Role

MODEL = "roles"
KIND_MODEL = "kinds"
SOFT_ROLES: Final[tuple[Role, ...]] = ("uses", "evaluates_on", "mentions")
"""The roles that a Concept, Task or Metric may have."""


def numbers(draft: Draft) -> Numbers:
    """Return what the role of each row is judged by: its measures, and what it may be."""
    return np.stack(
        [np.append(row.numbers, [*row.chances, ENTITY_TYPES.index(row.type)]) for row in draft.rows]
    ).astype(np.float32)


def settle(draft: Draft) -> None:
    """Give each row its role, and each Benchmark its kind."""
    if not draft.rows:
        return
    chances = weights.trees(MODEL).probabilities(numbers(draft))
    for row, chance in zip(draft.rows, chances.tolist(), strict=True):
        row.role_chances = chance
        cast(row)
        if row.type == "Benchmark":
            kinds = weights.probabilities(KIND_MODEL, kind_features(draft, row))
            row.kind = max(("benchmark", "dataset", "environment"), key=lambda k: kinds.get(k, 0.0))


def cast(row: Row) -> None:
    """Give a row the likeliest role that one of its type may have."""
    allowed = ROLES if row.type in CORE else SOFT_ROLES
    row.role = max(allowed, key=lambda r: row.role_chances[ROLES.index(r)])
    row.role_probability = row.role_chances[ROLES.index(row.role)]


def kind_features(draft: Draft, row: Row) -> list[str]:
    """Return the feature strings that tell a benchmark from a dataset and an environment."""
    out: set[str] = set()
    for start, end in row_places(row):
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
