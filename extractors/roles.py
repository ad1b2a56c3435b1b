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
PROPOSED: Final = 0.99
"""How surely the object of "we propose" is introduced: 859 of 866 such names of `train.jsonl`."""
_PROPOSING: Final = frozenset(
    ["design", "develop", "introduce", "introduces", "present", "presents", "propose", "proposes", "release"]
)
_PROPOSER: Final = frozenset({"we", "paper", "work"})
_ADVERBS: Final = frozenset(
    [
        "additionally",
        "also",
        "finally",
        "first",
        "further",
        "hence",
        "here",
        "now",
        "then",
        "therefore",
        "thus",
    ]
)
_BETWEEN: Final = _ADVERBS | frozenset(["a", "an", "and", "new", "novel", "our", "the", '"', "'", "“", "‘"])


def numbers(draft: Draft) -> Numbers:
    """Return what the role of each row is judged by: its measures, and what it may be."""
    return _numbers(draft.rows)


def _numbers(rows: Sequence[Row]) -> Numbers:
    judged = np.array([[*row.chances, ENTITY_TYPES.index(row.type)] for row in rows], np.float32)
    return np.hstack([np.stack([row.numbers for row in rows]), judged])


def settle(drafts: Sequence[Draft]) -> None:
    """Give each row of some drafts its role, and each Benchmark its kind."""
    rows = [row for draft in drafts for row in draft.rows]
    if not rows:
        return
    chances = iter(weights.trees(MODEL).probabilities(_numbers(rows)).tolist())
    for draft in drafts:
        for row in draft.rows:
            cast(draft, row, next(chances))
    benchmarks = [(draft, row) for draft in drafts for row in draft.rows if row.type == "Benchmark"]
    features = [kind_features(draft, row) for draft, row in benchmarks]
    for (_, row), kinds in zip(benchmarks, weights.probabilities(KIND_MODEL, features), strict=True):
        row.kind = max(("benchmark", "dataset", "environment"), key=lambda k: kinds.get(k, 0.0))


def cast(draft: Draft, row: Row, chances: list[float]) -> None:
    """Give a row the likeliest role that one of its type may have, by the chances of `ROLES`.

    What "we propose" is introduced, however often others use it.
    """
    introduced = ROLES.index("introduces")
    if row.type in CORE and chances[introduced] < PROPOSED and proposed(draft, row):
        rest = (1 - PROPOSED) / (1 - chances[introduced])
        chances = [PROPOSED if i == introduced else rest * c for i, c in enumerate(chances)]
    row.role_chances = chances
    allowed = ROLES if row.type in CORE else SOFT_ROLES
    row.role = max(allowed, key=lambda r: row.role_chances[ROLES.index(r)])
    row.role_probability = row.role_chances[ROLES.index(row.role)]


def proposed(draft: Draft, row: Row) -> bool:
    """Return whether a name of the row is the object of "we propose" or the like, and no part of another."""
    lower = draft.lower
    for start, end in row.places:
        verb = _before(lower, start)
        if verb < 1 or lower[verb] not in _PROPOSING or (end < len(lower) and lower[end] == "-"):
            continue
        subject = _before(lower, verb)
        if subject >= 0 and lower[subject] in _PROPOSER:
            return True
    return False


def _before(lower: Sequence[str], place: int) -> int:
    """Return the place of the last word before another that is neither article nor adverb, or -1."""
    place -= 1
    while place >= 0 and lower[place] in _BETWEEN:
        place -= 1
    return place


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
