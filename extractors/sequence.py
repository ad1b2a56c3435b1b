"""Recognition: a linear-chain conditional random field over tokens, learned from annotated papers."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np

from extractors import weights
from extractors.bounds import names_within
from extractors.crf import Chances, LinearChain, Scores
from extractors.document import GAP, Draft, Found, inside_of, joined
from extractors.features import PAIR_AFTER, PAIR_BEFORE, PLACES, REACH, own_strings, paper_features
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
MOST_WORDS = 20_000
"""So many words' sums are kept (some 10 MB); then they are forgotten and made anew."""
_STRETCH: Final = re.compile("[BI]I*")


class Recognizer:
    """A trained model with the sums of the words it has met."""

    def __init__(self, chain: LinearChain) -> None:
        """Take up a model; its labels are `O` and B- and I- of each type."""
        self.chain = chain
        self._words: WordTable[str] = WordTable(self._sums_of_words, len(PLACES) + 1, len(chain.labels))
        self._around = _around(chain)
        self._pairs = _pairs(chain)
        self._outside = chain.labels.index(OUTSIDE)
        self._begin = [chain.labels.index(f"B-{t}") for t in ENTITY_TYPES]
        self._inside = [chain.labels.index(f"I-{t}") for t in ENTITY_TYPES]

    def __call__(self, drafts: Sequence[Draft]) -> None:
        """Fill `found` of each draft with one `Found` for each type that a stretch may have."""
        drafts = [draft for draft in drafts if draft.words]
        if drafts:
            self._mark(drafts, np.concatenate(self.chain.marginals(self.scores(drafts))))

    def scores(self, drafts: Sequence[Draft]) -> list[Scores]:
        """Return the score of each label for each token of each draft, shape (tokens, labels)."""
        tokens = joined(drafts)
        numbers = self._words.numbers(tokens.words, MOST_WORDS) * (len(PLACES) + 1)
        sums = self._words.rows.reshape(-1, len(self.chain.labels))
        size = len(numbers) - 2 * GAP
        out = sums.take(numbers[GAP : GAP + size], axis=0)
        for place, shift in enumerate(PLACES, 1):
            out += sums.take(numbers[GAP + shift : GAP + shift + size] + place, axis=0)
        told: list[Sequence[str]] = []
        for draft in drafts:
            told += paper_features(draft)
            told += [()] * GAP
        out += self.chain.sums(told)[:size]
        self._add_pairs(tokens.lower[GAP : GAP + size], out)
        return [out[first - GAP :][: len(d.words)] for first, d in zip(tokens.first, drafts, strict=True)]

    def _add_pairs(self, lower: Sequence[str], scores: Scores) -> None:
        """Add the weights of each two neighbours to the scores of both."""
        found = list(map(self._pairs.get, pairwise(lower)))
        places = [i for i, rows in enumerate(found) if rows is not None]
        if places:
            tokens, rows = np.array(places), np.array([found[i] for i in places])
            for shift in (0, 1):
                known = rows[:, shift] >= 0
                scores[tokens[known] + shift] += self.chain.weights[rows[known, shift]]

    def _sums_of_words(self, words: Sequence[str]) -> Scores:
        """Return what each word adds to the scores at its own place, then at each of `PLACES` around it."""
        strings = [own_strings(word) if word else [] for word in words]
        size = len(PLACES) + 1
        rows: list[int] = []
        cases: list[int] = []
        for at, of_word in zip(range(0, size * len(words), size), strings, strict=True):
            for string in of_word:
                if string[:2] in REACH and string in self._around:
                    places, near = self._around[string]
                    rows += near
                    cases += [at + place for place in places]
        order = np.argsort(cases, kind="stable")
        sums = self.chain.sums_of_rows(
            np.array(rows, np.intp)[order], np.array(cases, np.intp)[order], size * len(words)
        ).reshape(len(words), size, -1)
        sums[:, 0] = self.chain.sums(strings)
        return sums

    def _mark(self, drafts: Sequence[Draft], chances: Chances) -> None:
        """Fill `found` of drafts by the chances of their tokens, shape (tokens of all drafts, labels)."""
        begin, inside, outside = chances[:, self._begin], chances[:, self._inside], chances[:, self._outside]
        likeliest = np.stack([outside, begin.sum(axis=1), inside.sum(axis=1)]).argmax(axis=0)
        tags = np.frombuffer(b"OBI", np.uint8)[likeliest].tobytes().decode()
        second = np.flatnonzero((likeliest == 0) & (1.0 - outside >= SECOND_LOOK)).tolist()
        stretches: list[list[tuple[int, int]]] = []
        at = first = 0
        for draft in drafts:
            end = at + len(draft.words)
            last = bisect_left(second, end)
            unsure = [(i - at, 1.0 - float(outside[i])) for i in second[first:last]]
            some = [*_stretches(tags[at:end], draft.num_title), *_second_look(draft, unsure)]
            stretches.append([(at + start, at + stop) for start, stop in sorted(some)])
            at, first = end, last
        chances_of = iter(_least(begin, inside, [place for some in stretches for place in some]))
        at = 0
        for draft, some in zip(drafts, stretches, strict=True):
            marked: dict[tuple[int, int], list[float]] = {}
            for start, stop in some:
                chances_here = next(chances_of)
                for place in names_within(draft, start - at, stop - at):
                    marked.setdefault(place, chances_here)
            for (start, stop), chances_here in marked.items():
                for type_, chance in zip(ENTITY_TYPES, chances_here, strict=True):
                    if chance >= LEAST:
                        draft.found.append(Found(start, stop, type_, chance, MODEL))
            at += len(draft.words)


def _least(begin: Chances, inside: Chances, stretches: Sequence[tuple[int, int]]) -> list[list[float]]:
    """Return how likely each type is at the least likely token of each stretch."""
    if not stretches:
        return []
    starts, ends = np.array(stretches).T
    out = begin[starts]
    longer = np.flatnonzero(ends > starts + 1)
    if len(longer):
        flat, bounds = inside_of(starts[longer] + 1, ends[longer])
        out[longer] = np.minimum(out[longer], np.minimum.reduceat(inside[flat], bounds, axis=0))
    values: list[list[float]] = out.tolist()
    return values


def _around(chain: LinearChain) -> dict[str, tuple[list[int], list[int]]]:
    """Return a feature of a word to the places around it where it counts, and the rows of that."""
    shifts = {str(shift): place for place, shift in enumerate(PLACES, 1)}
    out: dict[str, tuple[list[int], list[int]]] = {}
    for name, row in chain.rows.items():
        shift, mark, string = name.partition(":")
        if mark and shift in shifts:
            places, rows = out.setdefault(string, ([], []))
            places.append(shifts[shift])
            rows.append(row)
    return out


def _pairs(chain: LinearChain) -> dict[tuple[str, str], tuple[int, int]]:
    """Return two neighbours to the rows that the first and the second get for it, -1 for none."""
    of_first, of_second = (
        {name[len(kind) :]: row for name, row in chain.starting(kind)} for kind in (PAIR_AFTER, PAIR_BEFORE)
    )
    out: dict[tuple[str, str], tuple[int, int]] = {}
    for pair in of_first.keys() | of_second.keys():
        first, _, second = pair.partition("|")
        out[first, second] = of_first.get(pair, -1), of_second.get(pair, -1)
    return out


@lru_cache(maxsize=1)
def recognizer() -> Recognizer:
    """Return the trained model, read once a process."""
    return Recognizer(weights.chain(MODEL))


def mark(drafts: Sequence[Draft]) -> None:
    """Fill `found` of each draft."""
    recognizer()(drafts)


def _stretches(tags: str, num_title: int) -> Iterator[tuple[int, int]]:
    """Yield start and end of each stretch of B and I; none goes on from title to abstract.

    >>> list(_stretches("OBIBOI", 0)), list(_stretches("OBIBOI", 2))
    ([(1, 3), (3, 4), (5, 6)], [(1, 2), (2, 3), (3, 4), (5, 6)])
    """
    for match in _STRETCH.finditer(tags):
        start, end = match.span()
        if start < num_title < end:
            yield start, num_title
            start = num_title
        yield start, end


def _second_look(draft: Draft, unsure: Sequence[tuple[int, float]]) -> Iterator[tuple[int, int]]:
    """Yield stretches that are rather likely something although nothing is likelier.

    A stretch starts with a letter or digit and does not go on from title to abstract.

    Args:
        draft: The paper.
        unsure: Places that are rather likely part of an entity, in order, and how likely.
    """
    start = end = 0
    for i, chance in unsure:
        word = draft.words[i]
        if chance < SECOND_LOOK_PLAIN and word == draft.lower[i] and word.isalpha():
            continue
        if start < end == i != draft.num_title:
            end += 1
            continue
        if start < end:
            yield start, end
        start, end = (i, i + 1) if word[0].isalnum() else (0, 0)
    if start < end:
        yield start, end
