"""Recognition: a linear-chain conditional random field over tokens, learned from annotated papers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pycrfsuite

from extractors import weights
from extractors.document import Draft, Found
from extractors.features import sequence_features
from kg.model import ENTITY_TYPES, EntityType

MODEL = "sequence"
CORE: frozenset[EntityType] = frozenset({"Method", "Model", "Benchmark", "Organization"})
SECOND_LOOK = 0.12
"""A stretch that the best path leaves out is still taken if each token is so likely part of an entity."""
SECOND_LOOK_PLAIN = 0.3
"""The same for a token of lower-case letters."""


def mark(draft: Draft, tagger: pycrfsuite.Tagger | None = None) -> None:
    """Fill `draft.found` with one `Found` for each type that a stretch may have."""
    if not draft.words:
        return
    complete = tagger is not None
    tagger = tagger or weights.tagger(MODEL)
    tagger.set(sequence_features(draft, complete=complete))
    tags = tagger.tag()
    taken = [tag != "O" for tag in tags]
    if 0 < draft.num_title < len(tags) and tags[draft.num_title][0] == "I":
        tags[draft.num_title] = "B" + tags[draft.num_title][1:]
    stretches = list(_stretches(tags))
    stretches += _second_look(draft, tagger, taken)
    for start, end in sorted(stretches):
        for type_ in ENTITY_TYPES:
            probability = tagger.marginal(f"B-{type_}", start)
            if end > start + 1:
                inside = min(tagger.marginal(f"I-{type_}", i) for i in range(start + 1, end))
                probability = min(probability, inside)
            if probability >= 0.01:
                draft.found.append(Found(start, end, type_, probability, MODEL))


def _second_look(draft: Draft, tagger: pycrfsuite.Tagger, taken: list[bool]) -> Iterator[tuple[int, int]]:
    """Yield stretches that the best path leaves out although they are rather likely something."""
    start = 0
    while start < len(taken):
        end = start
        while end < len(taken) and not taken[end] and (end == start or end != draft.num_title):
            word = draft.words[end]
            least = SECOND_LOOK_PLAIN if word.islower() else SECOND_LOOK
            if (end == start and not word[0].isalnum()) or 1.0 - tagger.marginal("O", end) < least:
                break
            end += 1
        if end > start:
            yield start, end
        start = max(end, start + 1)


def _stretches(tags: list[str]) -> Iterator[tuple[int, int]]:
    starts = [
        i for i, tag in enumerate(tags) if tag[0] == "B" or (tag[0] == "I" and (not i or tags[i - 1] == "O"))
    ]
    for start, following in pairwise([*starts, len(tags)]):
        end = start + 1
        while end < following and tags[end][0] == "I":
            end += 1
        yield start, end
