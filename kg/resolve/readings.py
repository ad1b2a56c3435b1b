"""Readings: what papers spell a short form out to, and which of them say the same."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kg.resolve.evidence import words_of

_ENDING: Final = re.compile(
    r"(?<=.{5})(?:ization|ized?|izer|izing|ation|ative|ator|ating|ated?|ions?|ive|ing|ed|er|or|ly|able|ment|e|y)$"
)
_LONG: Final = 12
"""From so many letters on, one slip of the pen makes no other name."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to spell a short form out: its key, its most common spelling, and the papers that do so."""

    key: str
    spelling: str
    papers: frozenset[str]


def cluster(readings: Collection[Reading], *, exact: bool = False) -> list[tuple[Reading, ...]]:
    """Return readings put together that say the same, each cluster with its centre first.

    A cluster stands as a whole: each of its readings is alike to the centre, which most papers use, so no
    chain of likenesses joins what is not alike.

    Args:
        readings: Different keys each.
        exact: Whether only equal keys say the same.

    Returns:
        The clusters, the one whose centre most papers use first.

    >>> def reading(spelling: str, papers: str) -> Reading:
    ...     return Reading(spelling.casefold(), spelling, frozenset(papers))
    >>> found = cluster([reading("Self-Play Optimization", "ab"), reading("self play optimizers", "c"),
    ...                  reading("Single-Stream Optimization", "d")])
    >>> [[r.spelling for r in c] for c in found]
    [['Self-Play Optimization', 'self play optimizers'], ['Single-Stream Optimization']]
    """
    clusters: list[list[Reading]] = []
    for reading in sorted(readings, key=lambda r: (-len(r.papers), len(r.key), r.key)):
        home = next((c for c in clusters if not exact and alike(c[0].spelling, reading.spelling)), None)
        if home is None:
            clusters.append([reading])
        else:
            home.append(reading)
    return [tuple(c) for c in clusters]


def alike(one: str, other: str) -> bool:
    """Return whether two long forms of one short form say the same.

    Either the words of one are among those of the other, or their words agree one by one but for their
    endings or one slip of the pen.

    >>> alike("Self-Referential Policy", "self-referential policy optimization")
    True
    >>> alike("Verifier-Gudied Iterative Policy", "Verifier-Guided Iterative Policy")
    True
    >>> alike("Segment Policy Optimization", "Stepwise Policy Optimization")
    False
    >>> alike("RL from Human Feedback", "reinforcement learning from human feedback")
    True
    """
    ours, theirs = words_of(one), words_of(other)
    ours, theirs = _spelt_out(ours, theirs), _spelt_out(theirs, ours)
    mine, yours = sorted(("".join(ours), "".join(theirs)), key=len)
    if mine == yours or (mine in yours and 5 * len(mine) >= 3 * len(yours)):
        return True
    if len(mine) >= _LONG and one_edit(mine, yours):
        return True
    short, long = sorted((ours, theirs), key=len)
    if len(short) >= 2 and set(short) <= set(long):
        return True
    return len(ours) == len(theirs) and all(
        _same_word(one, other) for one, other in zip(ours, theirs, strict=True)
    )


def _same_word(one: str, other: str) -> bool:
    if one == other or _stem(one) == _stem(other):
        return True
    if min(len(one), len(other)) < 6 or one[0] != other[0]:
        return False
    return sorted(one) == sorted(other) or one_edit(one, other)


def _stem(word: str) -> str:
    """Return a word without its ending, if five letters remain.

    >>> _stem("optimization"), _stem("optimizer"), _stem("transfer"), _stem("action")
    ('optim', 'optim', 'transf', 'action')
    """
    ending = _ENDING.search(word)
    return word[: ending.start()] if ending is not None else word


def one_edit(one: str, other: str) -> bool:
    """Return whether one letter more, less or changed, or two swapped, makes one word the other.

    A digit is no letter: another number is another thing.

    >>> one_edit("policy", "polcy"), one_edit("policy", "police"), one_edit("policy", "poilcy")
    (True, True, True)
    >>> one_edit("policy", "optics"), one_edit("policy1", "policy2")
    (False, False)
    """
    short, long = sorted((one, other), key=len)
    if len(long) - len(short) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    ours, theirs = short[start:], long[start:]
    if ours[:1].isdigit() or theirs[:1].isdigit():
        return False
    if len(short) < len(long):
        return ours == theirs[1:]
    return ours[1:] == theirs[1:] or (ours[:2] == theirs[1::-1] and ours[2:] == theirs[2:])


def majority(counts: Mapping[str, int]) -> str:
    """Return the most counted spelling; of several the shortest, then the first by code points."""
    if len(counts) == 1:
        return next(iter(counts))
    return min(counts, key=lambda s: (-counts[s], len(s), s))


def _spelt_out(words: Sequence[str], other: Sequence[str]) -> tuple[str, ...]:
    """Return words with each abbreviation whose letters begin consecutive words of the other spelt out.

    >>> _spelt_out(["rl", "agents"], ["reinforcement", "learning", "agent"])
    ('reinforcement', 'learning', 'agents')
    """
    out: list[str] = []
    for word in words:
        size = len(word)
        windows = (list(other[i : i + size]) for i in range(len(other) - size + 1))
        meant = next((w for w in windows if size > 1 and "".join(part[0] for part in w) == word), [word])
        out += meant
    return tuple(out)
