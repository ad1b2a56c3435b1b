"""What is counted of each row and its company: the numbers that types, roles and relations are judged by.

All places of a row are counted together: what verbs and nouns stand near them, where in the paper they are,
how the name is spelt, what corpus and known names say of it, what recognition thought of each place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from extractors.cues import INTRODUCE, NOUN_CLASS, VERB_CLASS
from extractors.document import Draft, Row
from extractors.features import is_namelike
from extractors.vectors import DIMENSIONS, vectors_of
from extractors.words import PROFILE, word_numbers
from kg.model import ENTITY_TYPES

Numbers = NDArray[np.float32]
NOUNS: Final = ("method", "model", "bench", "data", "env", "org")
VERBS: Final = ("use", "eval", "cmp", "intro")
FAR: Final = 99
"""Stands for a distance where there is nothing to be distant from."""
_NOUN: Final = {word: NOUNS.index(label) for word, label in NOUN_CLASS.items()}
_VERB: Final = {word: VERBS.index(label) for word, label in VERB_CLASS.items()}
_TYPE: Final = {type_: i for i, type_ in enumerate(ENTITY_TYPES)}
_STOPS: Final = frozenset({",", ";", "."})
_ARTICLES: Final = frozenset({"a", "an", "the", "our"})
_NOUN_PHRASE_ENDS: Final = frozenset({",", "that", "which", "for", ".", "to"})
_SELF: Final = frozenset({"this", "paper", "work"})
_QUOTES: Final = frozenset("\"`'“‘")
_REACH: Final = 6
_WE, _ITSELF, _STOP, _ARTICLE, _INTRODUCES = (1 << bit for bit in range(8, 13))
_PLAIN: Final = 0


def _code(word: str) -> int:
    """Return all that a lower-case word means here in one number: noun class, verb class, and flags."""
    flags = (
        (_WE, word == "we"),
        (_ITSELF, word in _SELF),
        (_STOP, word in _STOPS),
        (_ARTICLE, word in _ARTICLES),
        (_INTRODUCES, word in INTRODUCE),
    )
    classes = (_NOUN.get(word, -1) + 1) | (_VERB.get(word, -1) + 1) << 4
    return classes | sum(flag for flag, holds in flags if holds)


_CODES: Final = {
    word: _code(word) for word in {*_NOUN, *_VERB, "we", *_SELF, *_STOPS, *_ARTICLES, *INTRODUCE}
}

VOTES: Final = (
    *(f"vote {t}" for t in ENTITY_TYPES),
    "votes",
    "strongest",
    "weakest",
    "places",
    "places found",
    "share found",
)
POSITION: Final = (
    "in title",
    "in abstract",
    "starts title",
    "before colon",
    "title place",
    "first sentence share",
    "first sentence",
    "last sentence share",
    "sentences",
)
SPELLING: Final = (
    "short form",
    "long form in title",
    "long form capital",
    "long form length",
    "long form noun",
    "words in title",
    "tokens",
    "characters",
    "capitals",
    "digits",
    "capital words",
    "namelike words",
    "hyphens",
    "mixed case",
    "any namelike",
    "rarest",
    "commonest",
    "least capital",
    "most capital",
)
CORPUS: Final = (
    "profiled words",
    *(f"profile {p}" for p in PROFILE),
    *(f"known {t}" for t in ENTITY_TYPES),
    "part of known",
    *(f"lexicon {t}" for t in ENTITY_TYPES),
    "lexicon papers",
    "part of lexicon",
)
COMPANY: Final = (
    *(f"noun after {n}" for n in NOUNS),
    *(f"next noun {n}" for n in NOUNS),
    *(f"apposition {n}" for n in NOUNS),
    *(f"noun before {n}" for n in NOUNS),
    *(f"noun in sentence {n}" for n in NOUNS),
    *(f"verb before {v}" for v in VERBS),
    *(f"verb after {v}" for v in VERBS),
    *(f"sentence before {v}" for v in VERBS),
    *(f"sentence after {v}" for v in VERBS),
    "next verb",
    "we before",
    "this work before",
    "after the",
    "after our",
    "after a",
    "after bracket",
    "after quote",
    "after comma",
    "to introduce",
)
AMONG: Final = (
    "rows",
    "names",
    "rank",
    "share of most",
    "others start title",
    "names in title",
    "nearest to introduce",
    "paper tokens",
    "inside others",
    "others inside",
)
AROUND: Final = ("last word", "words", "two before", "one before", "one after", "two after")
VECTORS: Final = tuple(f"{place} {i}" for place in AROUND for i in range(DIMENSIONS))
NAMES: Final = (*VOTES, *POSITION, *SPELLING, *CORPUS, *COMPANY, *AMONG, *VECTORS)
"""The names of the columns of `measure`."""
COLUMN: Final = {name: i for i, name in enumerate(NAMES)}


class Scan:
    """A draft's tokens seen once: running counts of cue words, and the bounds of sentences."""

    def __init__(self, draft: Draft) -> None:
        """Count what stands where."""
        self.draft = draft
        lower = draft.lower
        size = len(lower)
        codes = np.array([_CODES.get(w, _PLAIN) for w in lower], np.int32)
        self.noun = (codes & 15) - 1
        self.verb = (codes >> 4 & 15) - 1
        self.nouns = _running(self.noun, len(NOUNS))
        self.verbs = _running(self.verb, len(VERBS))
        self.we = _totals(codes & _WE)
        self.self_words = _totals(codes & _ITSELF)
        sentence = np.array(draft.sentence)
        first = np.flatnonzero(np.append(True, sentence[1:] != sentence[:-1]))
        length = np.diff(np.append(first, size))
        self.begin, self.stop = np.repeat(first, length), np.repeat(first + length, length)
        places = np.arange(size)
        plain = np.array([a == b for a, b in zip(lower, draft.words, strict=True)])
        wanted = (self.noun >= 0) & plain
        ahead = _next(wanted | (codes & _STOP > 0), self.stop)
        self.ahead = np.append(np.where((ahead >= 0) & wanted[ahead], ahead, -1), -1)
        self.article = np.append(_next(codes & _ARTICLE > 0, self.stop), -1)
        latest = np.maximum.accumulate(np.where(codes & _INTRODUCES > 0, places, -FAR))
        before = np.append(-FAR, latest[:-1])
        self.introduce = np.where(before >= self.begin, before, -FAR)

    def phrase_nouns(self, article: int) -> list[int]:
        """Return how many nouns of each class the phrase after an article holds."""
        lower, counts = self.draft.lower, [0] * len(NOUNS)
        for i in range(article + 1, min(article + 11, int(self.stop[article]))):
            if lower[i] in _NOUN_PHRASE_ENDS:
                break
            if self.noun[i] >= 0:
                counts[int(self.noun[i])] += 1
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


def row_places(row: Row) -> list[tuple[int, int]]:
    """Return the different token ranges of a row, in order."""
    return list(dict.fromkeys((f.start, f.end) for f in row.found))


def measure(draft: Draft) -> Numbers:
    """Return the numbers of each row, shape (rows, len(NAMES))."""
    if not draft.rows:
        return np.zeros((0, len(NAMES)), np.float32)
    scan = Scan(draft)
    places = [row_places(row) for row in draft.rows]
    flat = [place for of_row in places for place in of_row]
    bounds = [0, *accumulate(len(of_row) for of_row in places)][:-1]
    starts, ends = np.array(flat).T
    in_title = starts < draft.num_title
    single = [
        [
            *_votes(row, of_row),
            *_position(draft, of_row),
            *_spelling(draft, row, of_row),
            *_corpus(draft, of_row),
        ]
        for row, of_row in zip(draft.rows, places, strict=True)
    ]
    company = _company(scan, starts, ends, in_title, bounds)
    own = np.array(single, np.float32)
    among = _among(draft, own, company[:, -1])
    return np.hstack([own, company, among, _around(draft, places, starts, ends, in_title, bounds)])


def _votes(row: Row, places: Sequence[tuple[int, int]]) -> list[float]:
    votes = [0.0] * len(ENTITY_TYPES)
    totals: dict[tuple[int, int], float] = {}
    for found in row.found:
        if found.by == "sequence":
            votes[_TYPE[found.type]] += found.probability
            place = found.start, found.end
            totals[place] = totals.get(place, 0.0) + found.probability
    whole = sum(votes) or 1.0
    strengths = totals.values() or (0.0,)
    return [
        *(vote / whole for vote in votes),
        sum(strengths),
        max(strengths),
        min(strengths),
        len(places),
        len(totals),
        len(totals) / len(places),
    ]


def _position(draft: Draft, places: Sequence[tuple[int, int]]) -> list[float]:
    sentence, num_title = draft.sentence, draft.num_title
    last = sentence[-1] or 1
    title = [p for p in places if p[0] < num_title]
    abstract = [sentence[start] for start, _ in places if start >= num_title]
    return [
        len(title),
        len(abstract),
        any(start == 0 for start, _ in title),
        any(start == 0 and end < num_title and draft.words[end] == ":" for start, end in title),
        min((start for start, _ in title), default=FAR),
        abstract[0] / last if abstract else -1,
        abstract[0] if abstract else -1,
        abstract[-1] / last if abstract else -1,
        len(set(abstract)),
    ]


def _spelling(draft: Draft, row: Row, places: Sequence[tuple[int, int]]) -> list[float]:
    lower, words = draft.lower, draft.words
    title = set(lower[: draft.num_title])
    here = set(places)
    long_form = next(((c, d) for a, b, c, d in draft.acronyms if (a, b) in here), None)
    out: list[float] = [row.short is not None]
    if long_form is None:
        out += [-1, -1, 0, -1]
    else:
        start, end = long_form
        content = [w for w in lower[start:end] if len(w) > 3 and w.isalpha()]
        out += [
            sum(w in title for w in content) / max(1, len(content)),
            words[start][0].isupper(),
            end - start,
            _NOUN.get(lower[end - 1], -1),
        ]
    start, end = places[0]
    content = [w for w in lower[start:end] if len(w) > 2 and w.isalpha()]
    surface = draft.surface(start, end)
    stats = [_spelt(word) for word in words[start:end]]
    corpus = [word_numbers(word) for word in words[start:end]]
    return [
        *out,
        sum(w in title for w in content) / max(1, len(content)),
        end - start,
        len(surface),
        sum(s[0] for s in stats),
        sum(s[1] for s in stats),
        sum(s[2] for s in stats),
        sum(s[3] for s in stats),
        surface.count("-"),
        any(s[4] for s in stats),
        any(is_namelike(word) for a, b in places for word in words[a:b]),
        min(c[0] for c in corpus),
        max(c[0] for c in corpus),
        min(c[1] for c in corpus),
        max(c[1] for c in corpus),
    ]


@lru_cache(maxsize=16384)
def _spelt(word: str) -> tuple[int, int, bool, bool, bool]:
    """Return a word's capitals, digits, and whether it starts with one, is namelike, mixes cases later."""
    capitals = sum(c.isupper() for c in word)
    mixed = any(c.isupper() for c in word[1:]) and any(c.islower() for c in word)
    return capitals, sum(c.isdigit() for c in word), word[0].isupper(), is_namelike(word), mixed


def _corpus(draft: Draft, places: Sequence[tuple[int, int]]) -> list[float]:
    profile = [0] * len(PROFILE)
    profiled = 0
    start, end = places[0]
    for word in draft.words[start:end]:
        numbers = word_numbers(word)[2]
        if numbers:
            profiled += 1
            profile = [max(a, b) for a, b in zip(profile, numbers, strict=True)]
    known = [draft.known[a] for a, _ in places if a in draft.known]
    ends = dict(places)
    types = {type_ for a, _ in places if a in draft.known for e, type_ in (draft.known[a],) if e == ends[a]}
    exact = sum(1 for a, b in places if a in draft.known and draft.known[a][0] == b)
    entries = [draft.lexical[a][1] for a, b in places if a in draft.lexical and draft.lexical[a][0] == b]
    lexical = sum(1 for a, _ in places if a in draft.lexical)
    return [
        profiled,
        *profile,
        *(t in types for t in ENTITY_TYPES),
        len(known) > exact,
        *(max((e.types[i] for e in entries), default=-1) for i in range(len(ENTITY_TYPES))),
        max((e.papers for e in entries), default=0),
        lexical > len(entries),
    ]


def _company(
    scan: Scan,
    starts: NDArray[Any],
    ends: NDArray[Any],
    in_title: NDArray[np.bool_],
    bounds: Sequence[int],
) -> Numbers:
    """Return the counts of `COMPANY`, summed over a row's places in the abstract."""
    draft = scan.draft
    begin, stop = scan.begin[starts], scan.stop[starts]
    ahead = scan.ahead[ends]
    near = (ahead >= 0) & (ahead - ends < _REACH)
    after = np.where(near, scan.noun[ahead], -1)
    following = np.where(near & (ahead == ends), after, -1)
    article = scan.article[np.minimum(ends + 1, len(draft.words))]
    phrases = [
        scan.phrase_nouns(int(a)) if 0 <= a <= e + 4 else [0] * len(NOUNS)
        for a, e in zip(article, ends, strict=True)
    ]
    next_verb = np.append(scan.verb, -1)[ends] >= 0
    before = [draft.lower[s - 1] if s else "" for s in starts]
    columns = np.hstack(
        [
            after[:, None] == np.arange(len(NOUNS)),
            following[:, None] == np.arange(len(NOUNS)),
            np.array(phrases),
            scan.nouns[starts] - scan.nouns[np.maximum(begin, starts - 3)],
            scan.nouns[stop] - scan.nouns[begin],
            scan.verbs[starts] - scan.verbs[np.maximum(begin, starts - _REACH)],
            scan.verbs[np.maximum(np.minimum(stop, ends + _REACH), ends)] - scan.verbs[ends],
            scan.verbs[starts] - scan.verbs[begin],
            scan.verbs[stop] - scan.verbs[starts],
            np.array(
                [
                    next_verb,
                    scan.we[starts] - scan.we[begin],
                    scan.self_words[starts] - scan.self_words[begin],
                    [w == "the" for w in before],
                    [w == "our" for w in before],
                    [w in {"a", "an"} for w in before],
                    [w == "(" for w in before],
                    [w in _QUOTES for w in before],
                    [w in {",", "and"} for w in before],
                ]
            ).T,
        ]
    ).astype(np.float32)
    columns[in_title] = 0
    distance = np.minimum(np.where(in_title, FAR, starts - scan.introduce[starts]), FAR)
    return np.hstack(
        [
            np.add.reduceat(columns, bounds, axis=0),
            np.minimum.reduceat(distance, bounds)[:, None].astype(np.float32),
        ]
    )


def _among(draft: Draft, own: Numbers, distance: NDArray[Any]) -> Numbers:
    """Return how each row stands among the rows of its paper."""
    number = len(own)
    name = (own[:, COLUMN["any namelike"]] > 0).tolist()
    abstract = own[:, COLUMN["in abstract"]].tolist()
    in_title = (own[:, COLUMN["in title"]] > 0).tolist()
    starts_title = (own[:, COLUMN["starts title"]] > 0).tolist()
    distances = distance.tolist()
    names = [i for i in range(number) if name[i]]
    rank = {i: place for place, i in enumerate(sorted(names, key=lambda i: (-abstract[i], i)))}
    most = max((abstract[i] for i in names), default=0)
    nearest = min((distances[i] for i in names), default=FAR)
    others_start = sum(starts_title[i] for i in names)
    others_title = sum(in_title[i] for i in names)
    within, around = _nested([[k for k in row.keys if len(k) > 2] for row in draft.rows])
    out = []
    for i in range(number):
        out.append(
            [
                number,
                len(names),
                rank.get(i, FAR),
                abstract[i] / max(1, most),
                others_start - (name[i] and starts_title[i]),
                others_title,
                nearest < FAR and distances[i] == nearest,
                len(draft.words),
                within[i],
                around[i],
            ]
        )
    return np.array(out, np.float32)


def _nested(keys: Sequence[Sequence[str]]) -> tuple[list[int], list[int]]:
    """Return inside how many others each row's keys stand, and how many stand inside them."""
    within, around = [0] * len(keys), [0] * len(keys)
    for j, outer in enumerate(keys):
        whole = " ".join(outer)
        for i, inner in enumerate(keys):
            if i != j and _stands_in(inner, outer, whole):
                within[i] += 1
                around[j] += 1
    return within, around


def _stands_in(inner: Sequence[str], outer: Sequence[str], whole: str) -> bool:
    """Tell whether one of some keys is a part of one of others, which `whole` holds all."""
    return any(key in whole and any(key in longer and key != longer for longer in outer) for key in inner)


def _around(
    draft: Draft,
    places: Sequence[Sequence[tuple[int, int]]],
    starts: NDArray[Any],
    ends: NDArray[Any],
    in_title: NDArray[np.bool_],
    bounds: Sequence[int],
) -> Numbers:
    """Return the vectors of the words in and around each row, averaged over its places in the abstract."""
    size = len(draft.words)
    inside = [range(start, end) for (start, end), *_ in places]
    flat = np.array([i for of_row in inside for i in of_row])
    words = vectors_of([draft.words[i] for i in flat])
    name_bounds = [0, *accumulate(len(of_row) for of_row in inside)]
    only_title = np.logical_and.reduceat(in_title, bounds)
    weight = (~in_title | np.repeat(only_title, [len(p) for p in places])).astype(np.float32)[:, None]
    total = np.add.reduceat(weight, bounds, axis=0)
    count = np.diff(name_bounds).astype(np.float32)[:, None]
    parts = [
        words[np.array(name_bounds[1:]) - 1],
        np.add.reduceat(words, name_bounds[:-1], axis=0) / count,
    ]
    for index in (starts - 2, starts - 1, ends, ends + 1):
        near = vectors_of([draft.words[i] if 0 <= i < size else "" for i in index.tolist()])
        parts.append(np.add.reduceat(near * weight, bounds, axis=0) / total)
    return np.hstack(parts)


def columns(names: Iterable[str]) -> list[int]:
    """Return the numbers of columns by their names."""
    return [COLUMN[name] for name in names]
