"""Recognition: a linear-chain conditional random field over tokens, learned from annotated papers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np

from extractors import weights
from extractors.crf import Chances, LinearChain, Scores
from extractors.cues import NOUN_CLASS
from extractors.document import Draft, Found
from extractors.features import (
    PAIR_AFTER,
    PAIR_BEFORE,
    PLACES,
    families,
    family_strings,
    paper_features,
)
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
_SINGLE = frozenset({"word", "lower"})
"""Families of a single word, not worth keeping."""
MOST_WORDS = 20_000
"""So many words' sums are kept (some 10 MB); then they are forgotten and made anew."""


class Recognizer:
    """A trained model with the sums of the words it has met."""

    def __init__(self, chain: LinearChain) -> None:
        """Take up a model; its labels are `O` and B- and I- of each type."""
        self.chain = chain
        self._numbers: dict[str, int] = {}
        self._sums: Scores = np.zeros((1024, len(PLACES) + 1, len(chain.labels)), np.float32)
        self._shared: dict[tuple[str, ...], Scores | None] = {}
        self._single = _single_words(chain)
        self._before = _pairs(chain, PAIR_BEFORE)
        self._after = _pairs(chain, PAIR_AFTER)
        self._outside = chain.labels.index(OUTSIDE)
        self._begin = [chain.labels.index(f"B-{t}") for t in ENTITY_TYPES]
        self._inside = [chain.labels.index(f"I-{t}") for t in ENTITY_TYPES]

    def __call__(self, drafts: Sequence[Draft]) -> None:
        """Fill `found` of each draft with one `Found` for each type that a stretch may have."""
        chances = self.chain.marginals([self.scores(draft) for draft in drafts])
        for draft, chance in zip(drafts, chances, strict=True):
            self._mark(draft, chance)

    def scores(self, draft: Draft) -> Scores:
        """Return the score of each label for each token, shape (tokens, labels)."""
        if len(self._numbers) > MOST_WORDS:
            self._numbers.clear()
            self._shared.clear()
        numbers = [self._number(word) for word in draft.words]
        sums = self._sums[numbers]
        out = sums[:, 0].copy()
        size = len(numbers)
        for place, shift in enumerate(PLACES, 1):
            if abs(shift) < size:
                if shift < 0:
                    out[-shift:] += sums[:shift, place]
                else:
                    out[:-shift] += sums[shift:, place]
        rows = self.chain.rows
        told = [[rows[name] for name in names if name in rows] for names in paper_features(draft)]
        before, after = self._before, self._after
        for i, (first, second) in enumerate(pairwise(draft.lower)):
            if first in after and second in after[first]:
                told[i].append(after[first][second])
            if first in before and second in before[first]:
                told[i + 1].append(before[first][second])
        out += self.chain.sums_of_rows(told)
        return out

    def _number(self, word: str) -> int:
        number = self._numbers.get(word)
        if number is None:
            number = self._numbers[word] = len(self._numbers)
            if number == len(self._sums):
                self._sums = np.concatenate([self._sums, np.zeros_like(self._sums)])
            total = self._sums[number]
            total[:] = 0
            for family in families(word):
                if family[0] in _SINGLE:
                    known = self._sum(family) if family in self._single else None
                elif family in self._shared:
                    known = self._shared[family]
                else:
                    known = self._shared[family] = self._sum(family)
                if known is not None:
                    total += known
        return number

    def _sum(self, family: tuple[str, ...]) -> Scores | None:
        """Return what a family adds at each place, or None if the model knows nothing of it."""
        rows = self.chain.rows
        known = [
            (place, rows[name])
            for place, names in enumerate(family_strings(family))
            for name in names
            if name in rows
        ]
        if not known:
            return None
        out = np.zeros(self._sums.shape[1:], np.float32)
        for place, row in known:
            out[place] += self.chain.weights[row]
        return out

    def _mark(self, draft: Draft, chances: Chances) -> None:
        begin, inside = chances[:, self._begin], chances[:, self._inside]
        likely = begin.sum(axis=1), inside.sum(axis=1)
        outside = chances[:, self._outside]
        starts = _decide(*likely, outside, draft.num_title)
        stretches = list(_stretches(starts))
        stretches += _second_look(draft, outside.tolist(), starts)
        for start, end in sorted(stretches):
            best = begin[start]
            if end > start + 1:
                best = np.minimum(best, inside[start + 1 : end].min(axis=0))
            for type_, probability in zip(ENTITY_TYPES, best.tolist(), strict=True):
                if probability >= LEAST:
                    draft.found.append(Found(start, end, type_, probability, MODEL))


def _single_words(chain: LinearChain) -> set[tuple[str, ...]]:
    """Return the families of one word that the model knows anything of."""
    out: set[tuple[str, ...]] = {("lower", noun) for noun in NOUN_CLASS}
    for name in chain.rows:
        kind, mark, value = name.partition("=")
        if mark and kind == "w":
            out.add(("word", value))
        elif mark and (kind == "l" or kind.endswith(":l")):
            out.add(("lower", value))
    return out


def _pairs(chain: LinearChain, start: str) -> dict[str, dict[str, int]]:
    """Return the rows of the features of word pairs: first word, second word, row."""
    out: dict[str, dict[str, int]] = {}
    for name, row in chain.rows.items():
        if name.startswith(start):
            first, _, second = name.removeprefix(start).partition("|")
            out.setdefault(first, {})[second] = row
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


def _second_look(draft: Draft, outside: list[float], tags: str) -> Iterator[tuple[int, int]]:
    """Yield stretches that are rather likely something although nothing is likelier."""
    start = 0
    while start < len(tags):
        end = start
        while end < len(tags) and tags[end] == "O" and (end == start or end != draft.num_title):
            word = draft.words[end]
            least = SECOND_LOOK_PLAIN if word == draft.lower[end] and word.isalpha() else SECOND_LOOK
            if 1.0 - outside[end] < least or (end == start and not word[0].isalnum()):
                break
            end += 1
        if end > start:
            yield start, end
        start = max(end, start + 1)
