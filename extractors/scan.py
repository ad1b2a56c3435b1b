"""The tokens of papers seen once: where cue words stand, and where sentences end."""

from __future__ import annotations

from operator import eq
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from extractors.cues import INTRODUCE, NOUN_CLASS, VERB_CLASS
from extractors.document import Joined

NOUNS: Final = ("method", "model", "bench", "data", "env", "org")
VERBS: Final = ("use", "eval", "cmp", "intro")
FAR: Final = 99
"""Stands for a distance where there is nothing to be distant from."""
NOUN_NUMBER: Final = {word: NOUNS.index(label) for word, label in NOUN_CLASS.items()}
_VERB: Final = {word: VERBS.index(label) for word, label in VERB_CLASS.items()}
_STOPS: Final = frozenset({",", ";", "."})
_ARTICLES: Final = frozenset({"a", "an", "the", "our"})
_NOUN_PHRASE_ENDS: Final = frozenset({",", "that", "which", "for", ".", "to"})
_SELF: Final = frozenset({"this", "paper", "work"})
_WE, _ITSELF, _STOP, _ARTICLE, _INTRODUCES, _ENDS_PHRASE = (1 << bit for bit in range(8, 14))
_PLAIN: Final = 0


def _code(word: str) -> int:
    """Return all that a lower-case word means here in one number: noun class, verb class, and flags."""
    flags = (
        (_WE, word == "we"),
        (_ITSELF, word in _SELF),
        (_STOP, word in _STOPS),
        (_ARTICLE, word in _ARTICLES),
        (_INTRODUCES, word in INTRODUCE),
        (_ENDS_PHRASE, word in _NOUN_PHRASE_ENDS),
    )
    classes = (NOUN_NUMBER.get(word, -1) + 1) | (_VERB.get(word, -1) + 1) << 4
    return classes | sum(flag for flag, holds in flags if holds)


_CODES: Final = {
    word: _code(word)
    for word in {*NOUN_NUMBER, *_VERB, "we", *_SELF, *_STOPS, *_ARTICLES, *INTRODUCE, *_NOUN_PHRASE_ENDS}
}


class Scan:
    """Running counts of cue words of joined drafts, and the bounds of their sentences."""

    def __init__(self, tokens: Joined) -> None:
        """Count what stands where."""
        lower = tokens.lower
        size = len(lower)
        codes = np.array([_CODES.get(w, _PLAIN) for w in lower], np.int32)
        self.noun = (codes & 15) - 1
        self.verb = (codes >> 4 & 15) - 1
        self.nouns = _running(self.noun, len(NOUNS))
        self.verbs = _running(self.verb, len(VERBS))
        self.we = _totals(codes & _WE)
        self.self_words = _totals(codes & _ITSELF)
        sentence = tokens.sentence
        first = np.flatnonzero(np.append(True, sentence[1:] != sentence[:-1]))
        length = np.diff(np.append(first, size))
        self.begin, self.stop = np.repeat(first, length), np.repeat(first + length, length)
        plain = np.fromiter(map(eq, lower, tokens.words), bool, size)
        wanted = (self.noun >= 0) & plain
        ahead = _next(wanted | (codes & _STOP > 0), self.stop)
        self.ahead = np.where((ahead >= 0) & wanted[ahead], ahead, -1)
        self.article = _next(codes & _ARTICLE > 0, self.stop)
        self._phrase_end = _next(codes & _ENDS_PHRASE > 0, self.stop)
        latest = np.maximum.accumulate(np.where(codes & _INTRODUCES > 0, np.arange(size), -FAR))
        before = np.append(-FAR, latest[:-1])
        self.introduce = np.where(before >= self.begin, before, -FAR)

    def phrase_nouns(self, articles: NDArray[Any]) -> NDArray[np.int32]:
        """Return how many nouns of each class the phrase after each article holds."""
        start = articles + 1
        limit = np.minimum(articles + 11, self.stop[articles])
        end = self._phrase_end[start]
        stop = np.where(end >= 0, np.minimum(end, limit), limit)
        counts: NDArray[np.int32] = self.nouns[stop] - self.nouns[start]
        return counts


def _next(wanted: NDArray[np.bool_], stop: NDArray[Any]) -> NDArray[Any]:
    """Return the first wanted place at or after each place of the same sentence, or -1."""
    size = len(wanted)
    places = np.where(wanted, np.arange(size), size)
    following = np.minimum.accumulate(places[::-1])[::-1]
    return np.where(following < stop, following, -1)


def _running(classes: NDArray[Any], number: int) -> NDArray[np.int32]:
    """Return, for each token and the end, how many of each class stand before it."""
    out = np.zeros((len(classes) + 1, number), np.int32)
    seen = np.flatnonzero(classes >= 0)
    out[seen + 1, classes[seen]] = 1
    return np.add.accumulate(out, axis=0)


def _totals(flags: NDArray[Any]) -> NDArray[np.int32]:
    return np.add.accumulate(np.append(0, flags > 0)).astype(np.int32)
