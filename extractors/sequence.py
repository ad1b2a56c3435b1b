"""Recognition: a linear-chain conditional random field over tokens, learned from annotated papers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise

import numpy as np

from extractors import weights
from extractors.crf import Chances, LinearChain, Scores
from extractors.cues import NOUN_CLASS
from extractors.document import GAP, Draft, Found, joined
from extractors.features import (
    PAIR_AFTER,
    PAIR_BEFORE,
    PLACES,
    families,
    family_strings,
    paper_features,
)
from extractors.wordtable import WordTable
from kg.model import ENTITY_TYPES, EntityType

MODEL = "sequence"
CORE: frozenset[EntityType] = frozenset({"Method", "Model", "Benchmark", "Organization"})
OUTSIDE = "O"
SECOND_LOOK = 0.05
"""A stretch that is not likely an entity is still taken if each token is so likely part of one."""
SECOND_LOOK_PLAIN = 0.15
"""The same for a token of lower-case letters."""
LEAST = 0.01
"""A type less likely than this is not noted for a stretch."""
_OF_ONE_WORD = frozenset({"word", "lower"})
"""Families of features that few words share."""
MOST_WORDS = 20_000
"""So many words' sums are kept (some 10 MB); then they are forgotten and made anew."""
MOST_FAMILIES = 4_000
"""The same for families of features (some 2 MB)."""


class Recognizer:
    """A trained model with the sums of the words it has met."""

    def __init__(self, chain: LinearChain) -> None:
        """Take up a model; its labels are `O` and B- and I- of each type."""
        self.chain = chain
        shape = len(PLACES) + 1, len(chain.labels)
        self._words: WordTable[str] = WordTable(self._sums_of_words, *shape)
        self._families: WordTable[tuple[str, ...]] = WordTable(self._sums_of_families, *shape)
        self._single = _single_words(chain)
        self._pairs = _pairs(chain)
        self._outside = chain.labels.index(OUTSIDE)
        self._begin = [chain.labels.index(f"B-{t}") for t in ENTITY_TYPES]
        self._inside = [chain.labels.index(f"I-{t}") for t in ENTITY_TYPES]

    def __call__(self, drafts: Sequence[Draft]) -> None:
        """Fill `found` of each draft with one `Found` for each type that a stretch may have."""
        for draft, chance in zip(drafts, self.chain.marginals(self.scores(drafts)), strict=True):
            self._mark(draft, chance)

    def scores(self, drafts: Sequence[Draft]) -> list[Scores]:
        """Return the score of each label for each token of each draft, shape (tokens, labels)."""
        tokens = joined(drafts)
        numbers = self._words.numbers(tokens.words, MOST_WORDS) * (len(PLACES) + 1)
        sums = self._words.rows.reshape(-1, len(self.chain.labels))
        size = len(numbers) - 2 * GAP
        out = sums.take(numbers[GAP:-GAP], axis=0)
        for place, shift in enumerate(PLACES, 1):
            out += sums.take(numbers[GAP + shift :][:size] + place, axis=0)
        told: list[list[int]] = []
        for draft in drafts:
            told += map(self.chain.rows_of, paper_features(draft))
            told += [[]] * GAP
        pairs = self._pairs
        for i, pair in enumerate(pairwise(tokens.lower[GAP:-GAP])):
            if pair in pairs:
                after, before = pairs[pair]
                told[i] += after
                told[i + 1] += before
        out += self.chain.sums_of_rows(told[:-GAP])
        return [out[first - GAP :][: len(d.words)] for first, d in zip(tokens.first, drafts, strict=True)]

    def _sums_of_words(self, words: Sequence[str]) -> Scores:
        """Return what each word adds to the scores at its own place, then at each of `PLACES` around it."""
        out = np.zeros((len(words), *self._words.rows.shape[1:]), np.float32)
        filled = [number for number, word in enumerate(words) if word]
        shared = [_shared_families(words[number]) for number in filled]
        if not filled:
            return out
        numbers = self._families.numbers([f for of_word in shared for f in of_word], MOST_FAMILIES)
        bounds = [0, *accumulate(map(len, shared))][:-1]
        out[filled] = np.add.reduceat(self._families.rows.take(numbers, axis=0), bounds, axis=0)
        for total, word in zip(out, words, strict=True):
            for place, row in (*self._single.get(("word", word), ()), *self._single.get(("lower", word.lower()), ())):
                total[place] += self.chain.weights[row]
        return out

    def _sums_of_families(self, some: Sequence[tuple[str, ...]]) -> Scores:
        """Return what families of features add to the scores at each place."""
        cases = [self.chain.rows_of(names) for family in some for names in family_strings(family)]
        return self.chain.sums_of_rows(cases).reshape(len(some), len(PLACES) + 1, -1)

    def _mark(self, draft: Draft, chances: Chances) -> None:
        begin, inside = chances[:, self._begin], chances[:, self._inside]
        likely = begin.sum(axis=1), inside.sum(axis=1)
        outside = chances[:, self._outside]
        starts = _decide(*likely, outside, draft.num_title)
        stretches = list(_stretches(starts))
        stretches += _second_look(draft, outside, starts)
        for start, end in sorted(stretches):
            best = begin[start]
            if end > start + 1:
                best = np.minimum(best, inside[start + 1 : end].min(axis=0))
            for type_, probability in zip(ENTITY_TYPES, best.tolist(), strict=True):
                if probability >= LEAST:
                    draft.found.append(Found(start, end, type_, probability, MODEL))


def _shared_families(word: str) -> list[tuple[str, ...]]:
    """Return the families of a word's features that other words have too, each of its statistics by itself."""
    out = []
    for kind, *values in families(word):
        if kind == "corpus":
            out += [(kind, value) for value in values]
        elif kind not in _OF_ONE_WORD:
            out.append((kind, *values))
    return out


def _single_words(chain: LinearChain) -> dict[tuple[str, str], list[tuple[int, int]]]:
    """Return the places and rows of the features of single words: of a word as it is written, of a lower-case one."""
    out: dict[tuple[str, str], list[tuple[int, int]]] = {}
    own = {"w": ("word", 0), "l": ("lower", 0)}
    around = {f"{shift}:l": ("lower", place) for place, shift in enumerate(PLACES, 1)}
    kinds = {**own, **around}
    for name, row in chain.rows.items():
        kind, mark, value = name.partition("=")
        if mark and kind in kinds:
            of, place = kinds[kind]
            out.setdefault((of, value), []).append((place, row))
    for noun, label in NOUN_CLASS.items():
        if f"nc={label}" in chain.rows:
            out.setdefault(("lower", noun), []).append((0, chain.rows[f"nc={label}"]))
    return out


def _pairs(chain: LinearChain) -> dict[tuple[str, str], tuple[list[int], list[int]]]:
    """Return two words to the rows of the features of the first word that name it with the second, and vice versa."""
    out: dict[tuple[str, str], tuple[list[int], list[int]]] = {}
    for name, row in chain.rows.items():
        if name.startswith((PAIR_AFTER, PAIR_BEFORE)):
            first, _, second = name[len(PAIR_AFTER) :].partition("|")
            after, before = out.setdefault((first, second), ([], []))
            (after if name.startswith(PAIR_AFTER) else before).append(row)
    return out


@lru_cache(maxsize=1)
def recognizer() -> Recognizer:
    """Return the trained model, read once a process."""
    return Recognizer(weights.chain(MODEL))


def mark(drafts: Sequence[Draft]) -> None:
    """Fill `found` of each draft."""
    recognizer()(drafts)


def mark_one(draft: Draft) -> None:
    """Fill `found` of one draft."""
    mark([draft])


def _decide(begin: Chances, inside: Chances, outside: Chances, num_title: int) -> str:
    """Return B, I or O for each token, whichever is likeliest when types are left open."""
    order = np.stack([outside, begin, inside]).argmax(axis=0)
    tags = ["OBI"[number] for number in order.tolist()]
    if 0 < num_title < len(tags) and tags[num_title] == "I":
        tags[num_title] = "B"
    return "".join(tags)


def _stretches(tags: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each stretch of B and I.

    >>> list(_stretches("OBIBOI"))
    [(1, 3), (3, 4), (5, 6)]
    """
    start = None
    for i, tag in enumerate(tags + "O"):
        if start is not None and tag != "I":
            yield start, i
            start = None
        if start is None and tag != "O":
            start = i


def _second_look(draft: Draft, outside: Chances, tags: str) -> Iterator[tuple[int, int]]:
    """Yield stretches that are rather likely something although nothing is likelier.

    A stretch starts with a letter or digit and does not go on from title to abstract.
    """
    start = end = -1
    for i in np.flatnonzero(1.0 - outside >= SECOND_LOOK).tolist():
        word = draft.words[i]
        if tags[i] != "O":
            continue
        if word == draft.lower[i] and word.isalpha() and 1.0 - outside[i] < SECOND_LOOK_PLAIN:
            continue
        if i == end and i != draft.num_title:
            end += 1
            continue
        if start < end:
            yield start, end
        start, end = (i, i + 1) if word[0].isalnum() else (-1, -1)
    if start < end:
        yield start, end
