"""Recognition: a linear-chain conditional random field over tokens, its weights learned from annotated papers."""

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
SECOND_LOOK = 0.3
"""A stretch that the best path leaves out is still taken if its core types together reach this."""


def mark(draft: Draft, tagger: pycrfsuite.Tagger | None = None) -> None:
    """Fill `draft.found` with one `Found` for each type that a stretch may have."""
    if not draft.words:
        return
    tagger = tagger or weights.tagger(MODEL)
    tagger.set(sequence_features(draft))
    tags = tagger.tag()
    taken = [tag != "O" for tag in tags]
    if 0 < draft.num_title < len(tags) and tags[draft.num_title][0] == "I":
        tags[draft.num_title] = "B" + tags[draft.num_title][1:]
    stretches = list(_stretches(tags))
    for i, word in enumerate(draft.words):
        if taken[i] or not word[0].isalnum() or word.islower():
            continue
        if sum(tagger.marginal(f"B-{t}", i) for t in sorted(CORE)) >= SECOND_LOOK:
            end = i + 1
            while (
                end < len(tags)
                and not taken[end]
                and end != draft.num_title
                and sum(tagger.marginal(f"I-{t}", end) for t in sorted(CORE)) >= SECOND_LOOK
            ):
                end += 1
            stretches.append((i, end))
            taken[i:end] = [True] * (end - i)
    for start, end in sorted(stretches):
        for type_ in ENTITY_TYPES:
            probability = tagger.marginal(f"B-{type_}", start)
            if end > start + 1:
                inside = min(tagger.marginal(f"I-{type_}", i) for i in range(start + 1, end))
                probability = min(probability, inside)
            if probability >= 0.01:
                draft.found.append(Found(start, end, type_, probability, MODEL))


def _stretches(tags: list[str]) -> Iterator[tuple[int, int]]:
    starts = [i for i, tag in enumerate(tags) if tag[0] == "B" or (tag[0] == "I" and (not i or tags[i - 1] == "O"))]
    for start, following in pairwise([*starts, len(tags)]):
        end = start + 1
        while end < following and tags[end][0] == "I":
            end += 1
        yield start, end
