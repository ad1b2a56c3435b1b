"""Why the default extractor says of a paper what it says: each judgement with what speaks for it.

A judgement is asked again without one source of knowledge at a time (what recognition thought, what stands
around the name, how it is spelt, …): what its probability falls to is how much that source spoke for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from extractors import lexicon, typing, weights
from extractors.document import Draft, Row
from extractors.measures import (
    AMONG,
    COMPANY,
    CORPUS,
    POSITION,
    SPELLING,
    VECTORS,
    VOTES,
    columns,
)
from extractors.pipeline import STAGES
from extractors.tokens import draft
from kg.model import ENTITY_TYPES, ROLES, Paper, Relation, Result, Span

SOURCES: Final[dict[str, tuple[str, ...]]] = {
    "recognition": VOTES,
    "position": (*POSITION, *AMONG),
    "spelling": SPELLING,
    "known names": tuple(name for name in CORPUS if "known" in name),
    "corpus": tuple(name for name in CORPUS if "known" not in name),
    "company": (*COMPANY, *VECTORS),
}
"""Sources of knowledge and the measures that each gives."""
NO_MEASURE: Final = 0.0


@dataclass(frozen=True, slots=True)
class Judged:
    """One row of a paper, kept or dropped, and why.

    `types` and `roles` hold probabilities, `without` what the probability of the decision falls to when a
    source is silent; `found_by` the components that marked its places.
    """

    name: str
    type: str
    role: str
    kept: bool
    spans: tuple[Span, ...]
    found_by: tuple[str, ...]
    types: dict[str, float]
    roles: dict[str, float]
    without: dict[str, float]
    known_as: str | None
    lexicon_says: str | None
    short_for: str | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that was judged in one paper."""

    paper: Paper
    rows: tuple[Judged, ...]
    relations: tuple[Relation, ...] = field(default=())
    results: tuple[Result, ...] = field(default=())


def explain(paper: Paper) -> Explanation:
    """Return what the default extractor finds in a paper, what it drops, and what speaks for each.

    >>> from kg.model import Paper
    >>> told = explain(Paper("ZTS: Zebra Tail Search", "We propose Zebra Tail Search (ZTS), a method."))
    >>> [(row.name, row.type, row.role, row.short_for) for row in told.rows if row.kept]
    [('ZTS', 'Method', 'introduces', 'Zebra Tail Search')]
    """
    state = draft(paper)
    every: list[Row] = []
    kept: set[int] = set()
    for name, stage in STAGES.items():
        if name == "typing":
            every = list(state.rows)
        stage([state])
        if name == "typing":
            kept = {id(row) for row in state.rows}
    return Explanation(
        paper,
        tuple(_judged(state, row, kept=id(row) in kept) for row in every),
        tuple(state.relations),
        tuple(state.results),
    )


def _judged(state: Draft, row: Row, *, kept: bool) -> Judged:
    types = dict(zip(typing.LABELS, row.chances, strict=True))
    decided = row.type if kept else typing.NONE
    places = row.places
    return Judged(
        name=row.name,
        type=row.type if kept else max(ENTITY_TYPES, key=lambda t: types[t]),
        role=row.role if kept else "",
        kept=kept,
        spans=tuple(state.span(start, end) for start, end in places),
        found_by=tuple(sorted({found.by for found in row.found})),
        types={label: round(chance, 3) for label, chance in types.items()},
        roles={r: round(c, 3) for r, c in zip(ROLES, row.role_chances, strict=False)},
        without=_without(row, decided),
        known_as=next((state.known[s][1] for s, e in places if state.known.get(s, (0, ""))[0] == e), None),
        lexicon_says=_lexicon_says(state, places),
        short_for=next((state.surface(c, d) for a, b, c, d in state.acronyms if (a, b) in places), None),
    )


def _without(row: Row, decided: str) -> dict[str, float]:
    """Return the probability of the decision with each source silent in turn."""
    numbers = np.repeat(row.numbers[None, :], len(SOURCES), axis=0)
    for i, names in enumerate(SOURCES.values()):
        numbers[i, columns(names)] = NO_MEASURE
    chances = weights.trees(typing.MODEL).probabilities(numbers)
    column = typing.LABELS.index(decided)
    return {name: round(float(chance), 3) for name, chance in zip(SOURCES, chances[:, column], strict=True)}


def _lexicon_says(state: Draft, places: list[tuple[int, int]]) -> str | None:
    for start, end in places:
        if start in state.lexical and state.lexical[start][0] == end:
            entry = state.lexical[start][1]
            best = max(range(len(ENTITY_TYPES)), key=lambda i: entry.types[i])
            return f"{ENTITY_TYPES[best]} in {entry.types[best]} of {lexicon.NINTHS}"
    return None
