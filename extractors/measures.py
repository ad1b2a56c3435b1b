"""What is counted of each row and its company: the numbers that types, roles and relations are judged by.

All places of a row are counted together: what verbs and nouns stand near them, where in the paper they are,
how the name is spelt, what corpus and known names say of it, what recognition thought of each place. The rows
of many papers are counted at once; what is counted of one does not depend on the others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from extractors.document import Draft, Joined, Row, inside_of, joined
from extractors.features import is_namelike
from extractors.scan import FAR, NOUN_NUMBER, NOUNS, VERBS, Scan
from extractors.vectors import DIMENSIONS, vectors_of
from extractors.words import PROFILE, word_numbers
from extractors.wordtable import WordTable
from kg.model import ENTITY_TYPES

Numbers = NDArray[np.float32]
MOST_WORDS: Final = 20_000
"""So many words' numbers are kept (some 1.5 MB); then they are forgotten and made anew."""
_TYPE: Final = {type_: i for i, type_ in enumerate(ENTITY_TYPES)}
_QUOTES: Final = frozenset("\"`'“‘")
_REACH: Final = 6

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
_OWN: Final = (*VOTES, *POSITION, *SPELLING, *CORPUS)
_OF_WORD: Final = (
    "capitals",
    "digits",
    "capital words",
    "namelike words",
    "mixed case",
    "rarest",
    "least capital",
    "profiled words",
    *(f"profile {p}" for p in PROFILE),
)
"""What is counted of a word by itself."""
_WORD: Final = {name: i for i, name in enumerate(_OF_WORD)}
_NO_PROFILE: Final = (0,) * len(PROFILE)
_NO_LONG_FORM: Final = (-1, -1, 0, -1)
_NO_ENTRY: Final = (-1,) * len(ENTITY_TYPES)
_NOT_KNOWN: Final = (*(0,) * (len(ENTITY_TYPES) + 1), *_NO_ENTRY, 0, 0)


def measure(draft: Draft) -> Numbers:
    """Return the numbers of each row of a draft, shape (rows, len(NAMES))."""
    return measure_all([draft])


def measure_all(drafts: Sequence[Draft]) -> Numbers:
    """Return the numbers of each row of some drafts, one draft after the other, shape (rows, len(NAMES))."""
    drafts = [draft for draft in drafts if draft.rows]
    if not drafts:
        return np.zeros((0, len(NAMES)), np.float32)
    tokens = joined(drafts)
    places = _Places(drafts, tokens)
    told = {**_votes(places), **_position(places, tokens), **_spelling(places, tokens), **_hints(drafts)}
    own = np.column_stack([told[name] for name in _OWN]).astype(np.float32)
    company = _company(places, tokens, Scan(tokens))
    among = _among(drafts, own, company[:, -1])
    return np.hstack([own, company, among, _around(places, tokens)])


class _Places:
    """The places of the rows of joined drafts, one after the other.

    Of each place its row and its tokens; of each row its draft and its first place (`bounds`).
    """

    def __init__(self, drafts: Sequence[Draft], tokens: Joined) -> None:
        self.rows = [row for draft in drafts for row in draft.rows]
        self.draft = np.repeat(np.arange(len(drafts)), [len(draft.rows) for draft in drafts])
        self.drafts = drafts
        self.counts = np.array([len(row.places) for row in self.rows])
        self.bounds = np.append(0, np.cumsum(self.counts)[:-1])
        self.row = np.repeat(np.arange(len(self.rows)), self.counts)
        of_place = self.draft[self.row]
        self.first_token = np.array(tokens.first)[of_place]
        self.title_end = self.first_token + np.array([draft.num_title for draft in drafts])[of_place]
        starts, ends = np.array([place for row in self.rows for place in row.places]).T
        self.starts, self.ends = starts + self.first_token, ends + self.first_token
        self.in_title = self.starts < self.title_end

    def sums(self, of_places: NDArray[Any]) -> NDArray[Any]:
        """Return the sum over each row's places."""
        out: NDArray[Any] = np.add.reduceat(of_places, self.bounds, axis=0)
        return out

    def least(self, of_places: NDArray[Any]) -> NDArray[Any]:
        """Return the least over each row's places."""
        out: NDArray[Any] = np.minimum.reduceat(of_places, self.bounds)
        return out


def _votes(places: _Places) -> Mapping[str, NDArray[Any]]:
    """Return how recognition voted on each row; sums run from its first to its last stretch."""
    number = len(places.rows)
    rows, types, chances, of_place = [], [], [], []
    place_rows: list[int] = []
    for i, row in enumerate(places.rows):
        seen: dict[tuple[int, int], int] = {}
        for found in row.found:
            if found.by != "sequence":
                continue
            place = seen.setdefault((found.start, found.end), len(place_rows))
            if place == len(place_rows):
                place_rows.append(i)
            rows.append(i)
            types.append(_TYPE[found.type])
            chances.append(found.probability)
            of_place.append(place)
    size = len(ENTITY_TYPES)
    cells = np.array(rows, np.intp) * size + np.array(types, np.intp)
    votes = np.bincount(cells, chances, number * size).reshape(number, size)
    whole = sum(votes.T)
    strength = np.bincount(np.array(of_place, np.intp), chances, len(place_rows))
    home = np.array(place_rows, np.intp)
    strongest, weakest = np.zeros(number), np.full(number, np.inf)
    np.maximum.at(strongest, home, strength)
    np.minimum.at(weakest, home, strength)
    num_found = np.bincount(home, minlength=number)
    shares = votes / np.where(whole > 0, whole, 1.0)[:, None]
    return {
        **{f"vote {t}": shares[:, i] for i, t in enumerate(ENTITY_TYPES)},
        "votes": np.bincount(home, strength, number),
        "strongest": strongest,
        "weakest": np.where(num_found > 0, weakest, 0.0),
        "places": places.counts,
        "places found": num_found,
        "share found": num_found / places.counts,
    }


def _position(places: _Places, tokens: Joined) -> Mapping[str, NDArray[Any]]:
    in_title, in_abstract = places.in_title, ~places.in_title
    own_starts = places.starts - places.first_token
    starts_title = in_title & (own_starts == 0)
    colon = np.array([tokens.words[end] == ":" for end in places.ends.tolist()])
    sentence = tokens.sentence[places.starts] - tokens.sentence[places.first_token]
    first = places.least(np.where(in_abstract, sentence, FAR * FAR))
    last = -places.least(np.where(in_abstract, -sentence, 1))
    anew = np.append(
        True, (places.row[1:] != places.row[:-1]) | in_title[:-1] | (sentence[1:] != sentence[:-1])
    )
    num_abstract = places.sums(in_abstract.astype(np.intp))
    whole = np.array([draft.sentence[-1] or 1 for draft in places.drafts])[places.draft]
    return {
        "in title": places.counts - num_abstract,
        "in abstract": num_abstract,
        "starts title": places.sums(starts_title.astype(np.intp)) > 0,
        "before colon": places.sums((starts_title & colon & (places.ends < places.title_end)).astype(np.intp))
        > 0,
        "title place": places.least(np.where(in_title, own_starts, FAR)),
        "first sentence share": np.where(num_abstract > 0, first / whole, -1),
        "first sentence": np.where(num_abstract > 0, first, -1),
        "last sentence share": np.where(num_abstract > 0, last / whole, -1),
        "sentences": places.sums((in_abstract & anew).astype(np.intp)),
    }


def _spelling(places: _Places, tokens: Joined) -> Mapping[str, NDArray[Any]]:
    """Return how each row is spelt, at its first place if not said otherwise, and what its words are."""
    flat, bounds = inside_of(places.starts, places.ends)
    of_words = _word_table().of([tokens.words[i] for i in flat.tolist()], MOST_WORDS)
    any_namelike = np.maximum.reduceat(of_words[:, _WORD["namelike words"]], bounds)
    inside, first = inside_of(bounds[places.bounds], np.append(bounds, len(flat))[places.bounds + 1])
    of_first = of_words[inside]
    total, least, most = (f.reduceat(of_first, first, axis=0) for f in (np.add, np.minimum, np.maximum))
    told = np.array([of_row for draft in places.drafts for of_row in _told(draft)])
    names = (*SPELLING[: SPELLING.index("capitals")], "hyphens")
    out: dict[str, NDArray[Any]] = dict(zip(names, told.T, strict=True))
    for name in ("capitals", "digits", "capital words", "namelike words", "profiled words"):
        out[name] = total[:, _WORD[name]]
    for name in ("mixed case", *(f"profile {p}" for p in PROFILE)):
        out[name] = most[:, _WORD[name]]
    out["any namelike"] = -places.least(-any_namelike)
    out["rarest"], out["commonest"] = least[:, _WORD["rarest"]], most[:, _WORD["rarest"]]
    out["least capital"], out["most capital"] = (
        least[:, _WORD["least capital"]],
        most[:, _WORD["least capital"]],
    )
    return out


@lru_cache(maxsize=1)
def _word_table() -> WordTable[str]:
    return WordTable(_count_words, len(_OF_WORD))


def _count_words(words: Sequence[str]) -> Numbers:
    """Return the numbers of words, shape (words, len(_OF_WORD))."""
    out = []
    for word in words:
        frequency, share, profile = word_numbers(word)
        namelike = is_namelike(word)
        capitals = sum(map(str.isupper, word))
        digits = sum(map(str.isdigit, word))
        mixed = capitals > word[0].isupper() and any(map(str.islower, word))
        spelt = (capitals, digits, word[0].isupper(), namelike, mixed)
        out.append((*spelt, frequency, share, bool(profile), *(profile or _NO_PROFILE)))
    return np.array(out, np.float32)


def _told(draft: Draft) -> Iterator[list[float]]:
    """Yield what a draft's title and definitions say of each row: its short and long form, words, lengths."""
    lower, title = draft.lower, set(draft.lower[: draft.num_title])
    short_forms = {(a, b) for a, b, _, _ in draft.acronyms}
    for row in draft.rows:
        start, end = row.places[0]
        content = [w for w in lower[start:end] if len(w) > 2 and w.isalpha()]
        surface = draft.surface(start, end)
        defined = not short_forms.isdisjoint(row.places)
        yield [
            row.short is not None,
            *(_of_long_form(draft, row, title) if defined else _NO_LONG_FORM),
            sum(w in title for w in content) / max(1, len(content)),
            end - start,
            len(surface),
            surface.count("-"),
        ]


def _of_long_form(draft: Draft, row: Row, title: Collection[str]) -> tuple[float, ...]:
    """Return what is counted of the long form that the first definition of a row gives."""
    start, end = next((c, d) for a, b, c, d in draft.acronyms if (a, b) in row.places)
    content = [w for w in draft.lower[start:end] if len(w) > 3 and w.isalpha()]
    return (
        sum(w in title for w in content) / max(1, len(content)),
        draft.words[start][0].isupper(),
        end - start,
        NOUN_NUMBER.get(draft.lower[end - 1], -1),
    )


def _hints(drafts: Sequence[Draft]) -> Mapping[str, NDArray[Any]]:
    """Return what known names and the lexicon say of each row."""
    told = np.array([_hints_of(draft, row) for draft in drafts for row in draft.rows])
    return dict(zip(CORPUS[CORPUS.index(f"known {ENTITY_TYPES[0]}") :], told.T, strict=True))


def _hints_of(draft: Draft, row: Row) -> Sequence[float]:
    places = row.places
    known = [(b, *draft.known[a]) for a, b in places if a in draft.known]
    lexical = [(b, *draft.lexical[a]) for a, b in places if a in draft.lexical]
    if not known and not lexical:
        return _NOT_KNOWN
    ends = dict(places)
    types = {draft.known[a][1] for a in ends if a in draft.known and draft.known[a][0] == ends[a]}
    entries = [entry for b, end, entry in lexical if b == end]
    return [
        *[t in types for t in ENTITY_TYPES],
        any(b != end for b, end, _ in known),
        *(map(max, zip(*[e.types for e in entries], strict=True)) if entries else _NO_ENTRY),
        max([e.papers for e in entries], default=0),
        len(lexical) > len(entries),
    ]


def _company(places: _Places, tokens: Joined, scan: Scan) -> Numbers:
    """Return the counts of `COMPANY`, summed over a row's places in the abstract."""
    starts, ends = places.starts, places.ends
    begin, stop = scan.begin[starts], scan.stop[starts]
    ahead = scan.ahead[ends]
    near = (ahead >= 0) & (ahead - ends < _REACH)
    after = np.where(near, scan.noun[ahead], -1)
    following = np.where(near & (ahead == ends), after, -1)
    article = scan.article[ends + 1]
    has_phrase = (article >= 0) & (article <= ends + 4)
    before = [tokens.lower[i] for i in (starts - 1).tolist()]
    columns = np.hstack(
        [
            after[:, None] == np.arange(len(NOUNS)),
            following[:, None] == np.arange(len(NOUNS)),
            np.where(has_phrase[:, None], scan.phrase_nouns(article), 0),
            scan.nouns[starts] - scan.nouns[np.maximum(begin, starts - 3)],
            scan.nouns[stop] - scan.nouns[begin],
            scan.verbs[starts] - scan.verbs[np.maximum(begin, starts - _REACH)],
            scan.verbs[np.maximum(np.minimum(stop, ends + _REACH), ends)] - scan.verbs[ends],
            scan.verbs[starts] - scan.verbs[begin],
            scan.verbs[stop] - scan.verbs[starts],
            np.array(
                [
                    scan.verb[ends] >= 0,
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
    columns[places.in_title] = 0
    distance = np.minimum(np.where(places.in_title, FAR, starts - scan.introduce[starts]), FAR)
    return np.hstack([places.sums(columns), places.least(distance)[:, None].astype(np.float32)])


def _among(drafts: Sequence[Draft], own: Numbers, distance: NDArray[Any]) -> Numbers:
    """Return how each row stands among the rows of its paper."""
    name = (own[:, COLUMN["any namelike"]] > 0).tolist()
    abstract = own[:, COLUMN["in abstract"]].tolist()
    in_title = (own[:, COLUMN["in title"]] > 0).tolist()
    starts_title = (own[:, COLUMN["starts title"]] > 0).tolist()
    distances = distance.tolist()
    out: list[list[float]] = []
    for draft in drafts:
        rows = range(len(out), len(out) + len(draft.rows))
        names = [i for i in rows if name[i]]
        rank = {i: place for place, i in enumerate(sorted(names, key=lambda i: (-abstract[i], i)))}
        most = max([abstract[i] for i in names], default=0)
        nearest = min([distances[i] for i in names], default=FAR)
        others_start = sum(starts_title[i] for i in names)
        others_title = sum(in_title[i] for i in names)
        within, around = _nested([[k for k in row.keys if len(k) > 2] for row in draft.rows])
        out += [
            [
                len(rows),
                len(names),
                rank.get(i, FAR),
                abstract[i] / max(1, most),
                others_start - (name[i] and starts_title[i]),
                others_title,
                nearest < FAR and distances[i] == nearest,
                len(draft.words),
                inner,
                outer,
            ]
            for i, inner, outer in zip(rows, within, around, strict=True)
        ]
    return np.array(out, np.float32)


def _nested(keys: Sequence[Sequence[str]]) -> tuple[list[int], list[int]]:
    """Return inside how many others each row's keys stand, and how many stand inside them."""
    within, around = [0] * len(keys), [0] * len(keys)
    wholes = [" ".join(of_row) for of_row in keys]
    everything = "\n".join(wholes)
    for i, inner in enumerate(keys):
        parts = [key for key in inner if everything.count(key) > 1]
        for j, outer in enumerate(keys) if parts else ():
            if i != j and any(key in longer and key != longer for key in parts for longer in outer):
                within[i] += 1
                around[j] += 1
    return within, around


def _around(places: _Places, tokens: Joined) -> Numbers:
    """Return the vectors of the words in and around each row, averaged over its places in the abstract."""
    flat, bounds = inside_of(places.starts[places.bounds], places.ends[places.bounds])
    words = vectors_of([tokens.words[i] for i in flat.tolist()])
    count = np.diff(np.append(bounds, len(flat))).astype(np.float32)[:, None]
    only_title = np.logical_and.reduceat(places.in_title, places.bounds)
    weight = (~places.in_title | only_title[places.row]).astype(np.float32)[:, None]
    total = places.sums(weight)
    parts = [words[np.append(bounds[1:], len(flat)) - 1], np.add.reduceat(words, bounds, axis=0) / count]
    for index in (places.starts - 2, places.starts - 1, places.ends, places.ends + 1):
        near = vectors_of([tokens.words[i] for i in index.tolist()])
        parts.append(places.sums(near * weight) / total)
    return np.hstack(parts)


def columns(names: Iterable[str]) -> list[int]:
    """Return the numbers of columns by their names."""
    return [COLUMN[name] for name in names]
