"""From stretches to rows: one row for each entity, with all its spellings and places."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from extractors.document import Draft, Found, Row
from extractors.known import canonical_forms
from extractors.sequence import CORE
from kg.model import ENTITY_TYPES, EntityType
from kg.names import display_name, normal_form

_WORD: Final = re.compile(r"[\s\-–/]+")
_SPACE: Final = re.compile(r"\s+")
_REPEATED: Final = re.compile(r"([a-z])([23])")
_CORE_TYPES: Final = tuple(t for t in ENTITY_TYPES if t in CORE)
_SOFT_TYPES: Final = tuple(t for t in ENTITY_TYPES if t not in CORE)
_SMALL: Final = frozenset(
    {"a", "an", "and", "by", "for", "from", "in", "of", "on", "the", "to", "via", "with"}
)


def group(draft: Draft) -> None:
    """Make one row for each entity, in `draft.rows`.

    Places are one row if their normal forms are equal; if one is the short form of the other, by a
    definition, by standing in brackets right after it, or by its initials; or if a known entity bears both.
    """
    stretches: dict[tuple[int, int], list[Found]] = defaultdict(list)
    for found in draft.found:
        stretches[found.start, found.end].append(found)
    partner: dict[str, str] = {}
    shorts: dict[str, str] = {}
    for short_start, short_end, long_start, long_end in draft.acronyms:
        short, long = draft.surface(short_start, short_end), draft.surface(long_start, long_end)
        short_key, long_key = normal_form(short), normal_form(long)
        if short_key and long_key and short_key != long_key:
            partner.setdefault(long_key, short_key)
            shorts.setdefault(short_key, short)
    rows: dict[str, Row] = {}
    for place in sorted(stretches):
        key = normal_form(draft.surface(*place))
        if not key:
            continue
        home = partner.get(key, key)
        if home not in rows:
            rows[home] = Row([])
        row = rows[home]
        row.keys.add(key)
        row.found.extend(stretches[place])
    for key, row in rows.items():
        row.short = shorts.get(key)
        _complete(draft, row)
    draft.rows = _merged(draft, list(rows.values()))
    for row in draft.rows:
        settle_type(row)
    draft.rows = sorted(draft.rows, key=lambda r: (r.found[0].start, r.found[0].end))
    for row in draft.rows:
        row.name = name_of(draft, row)


def _merged(draft: Draft, rows: list[Row]) -> list[Row]:
    """Make those rows one that name the same entity."""
    spelt = [list(dict.fromkeys(draft.surface(f.start, f.end) for f in row.found)) for row in rows]
    home = list(range(len(rows)))
    for first, second in sorted(
        {
            *_of_one_known_entity(rows),
            *_by_initials(spelt),
            *_in_brackets(draft, rows),
        }
    ):
        if home[second] == second:
            home[second] = home[first]
    out: list[Row] = []
    for i, row in enumerate(rows):
        first_row = rows[home[i]]
        if first_row is row:
            out.append(row)
            continue
        first_row.found.extend(row.found)
        first_row.keys |= row.keys
        if first_row.short is None:
            first_row.short = row.short or min((*spelt[home[i]], *spelt[i]), key=len)
    for row in out:
        row.found.sort(key=lambda f: (f.start, f.end, ENTITY_TYPES.index(f.type)))
    return out


def _pair(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)


def _of_one_known_entity(rows: list[Row]) -> Iterator[tuple[int, int]]:
    """Yield pairs of rows whose spellings one known entity bears."""
    forms = canonical_forms()
    owners: dict[str, int] = {}
    for i, row in enumerate(rows):
        for entity in {forms[key] for key in row.keys if key in forms}:
            first = owners.setdefault(entity, i)
            if first != i:
                yield first, i


def _by_initials(spelt: list[list[str]]) -> Iterator[tuple[int, int]]:
    """Yield pairs of rows of which one is made of the initials of the other."""
    long: dict[str, int] = {}
    for i, spellings in enumerate(spelt):
        for spelling in spellings:
            for letters in initials(spelling):
                long.setdefault(letters, i)
    for i, spellings in enumerate(spelt):
        for spelling in spellings:
            for letters in meant_by(spelling):
                if letters in long and long[letters] != i:
                    yield _pair(long[letters], i)


@lru_cache(maxsize=16384)
def meant_by(short: str) -> frozenset[str]:
    """Return the initials that a short form may stand for; none if it is no short form.

    A digit may stand for a repeated letter (`A2PR`) or for "to" (`P2C`).

    >>> sorted(meant_by("P2Cs")), sorted(meant_by("PO")), sorted(meant_by("Zebra"))
    (['p2c', 'ppc', 'ptc'], [], [])
    """
    if " " in short or sum(map(str.isupper, short)) < 2:
        return frozenset()
    letters = "".join(filter(str.isalnum, short))
    if len(letters) < 3:
        return frozenset()
    letters = letters.removesuffix("s").lower()
    repeated = _REPEATED.sub(lambda match: match[1] * int(match[2]), letters)
    return frozenset({letters, letters.replace("2", "t"), repeated})


@lru_cache(maxsize=16384)
def initials(long: str) -> frozenset[str]:
    """Return the first letters of several words; none of a single one.

    Of a compound with hyphens all parts count or only the first; small words count or not.

    >>> sorted(initials("Few-Step Matching")), sorted(initials("Point to Cloud"))
    (['fm', 'fsm'], ['pc', 'ptc'])
    """
    if " " not in long:
        return frozenset()
    out = set()
    for cut in (_WORD, _SPACE):
        every = [w.lower() for w in cut.split(long) if w]
        content = [w for w in every if w not in _SMALL]
        out |= {"".join(w[0] for w in some) for some in (every, content) if len(some) > 1}
    return frozenset(out)


def _in_brackets(draft: Draft, rows: list[Row]) -> Iterator[tuple[int, int]]:
    """Yield pairs of rows of which a short one stands in brackets after a long one that has its letters.

    One plain word may stand between, as in "Tail Search dataset (ZTS)".
    """
    ends = {found.end: (found.start, i) for i, row in enumerate(rows) for found in row.found}
    for i, row in enumerate(rows):
        for found in row.found:
            opening = found.start - 1
            if opening < 1 or draft.words[opening] != "(":
                continue
            if found.end >= len(draft.words) or draft.words[found.end] not in {")", ",", ";"}:
                continue
            short = draft.surface(found.start, found.end)
            for end in (opening, opening - 1):
                start, long = ends.get(end, (0, i))
                plain = end == opening or draft.words[end].islower()
                if long != i and plain and _has_letters(draft.surface(start, end), short):
                    yield _pair(long, i)


def _has_letters(long: str, short: str) -> bool:
    """Return whether a long form, of several words or parts, has the letters of a short one in order.

    The short one has a capital, and of several words all but the first end the long one too.

    >>> _has_letters("FrustumFusionNets", "FFNets"), _has_letters("Semantic Consistency loss", "SC loss")
    (True, True)
    >>> _has_letters("vision transformer", "vit"), _has_letters("ImageNet", "MNIST")
    (False, False)
    """
    words, short_words = long.split(), short.split()
    while len(words) > 1 and len(short_words) > 1 and words[-1].lower() == short_words[-1].lower():
        words.pop()
        short_words.pop()
    letters = [c for word in short_words for c in word.lower() if c.isalpha()]
    if len(short_words) > 1 or len(letters) < 2 or not any(c.isupper() for c in short_words[0]):
        return False
    if len(words) == 1:
        in_parts = "-" in words[0] or sum(map(str.isupper, words[0])) > 1
        if not in_parts or len(short_words[0]) >= len(words[0]) or words[0][0].lower() != letters[0]:
            return False
    rest = iter(" ".join(words).lower())
    return all(c in rest for c in letters)


def _complete(draft: Draft, row: Row) -> None:
    """Add short and long form of a definition where recognition saw only one of them."""
    for a, b, c, d in draft.acronyms:
        short, long = normal_form(draft.surface(a, b)), normal_form(draft.surface(c, d))
        if not row.keys & {short, long}:
            continue
        places = {(f.start, f.end) for f in row.found}
        best = max(row.found, key=lambda f: (f.probability, -f.start))
        for place in ((a, b), (c, d)):
            if place not in places:
                row.found.append(Found(*place, best.type, best.probability / 2, "acronyms"))
        row.keys |= {short, long}
    row.found.sort(key=lambda f: (f.start, f.end, ENTITY_TYPES.index(f.type)))


def settle_type(row: Row) -> None:
    """Give the row the type with the largest sum of probabilities over its places."""
    votes: dict[EntityType, float] = dict.fromkeys(ENTITY_TYPES, 0.0)
    best: dict[tuple[int, int], float] = defaultdict(float)
    for found in row.found:
        votes[found.type] += found.probability
        best[found.start, found.end] += found.probability
    core = max(_CORE_TYPES, key=votes.__getitem__)
    soft = max(_SOFT_TYPES, key=votes.__getitem__)
    soft_leads = sum(votes[t] for t in _SOFT_TYPES) > sum(votes[t] for t in _CORE_TYPES)
    row.type = soft if soft_leads else core
    row.probability = min(1.0, max(best.values()))


def name_of(draft: Draft, row: Row) -> str:
    """Return the form that the field would use: the short form, else the most frequent spelling."""
    if row.short is not None:
        return singular(display_name(row.short))
    counts = Counter([draft.surface(start, end) for start, end in row.places])
    surface, *others = counts
    if others:
        surface = max(counts, key=lambda s: (counts[s], not s.endswith("s"), any(map(str.isupper, s))))
    return singular(display_name(surface)) if row.type in CORE else display_name(surface)


def singular(name: str) -> str:
    """Return an all-capital name without its plural `s`.

    >>> singular("LLMs"), singular("ViTs"), singular("MATHS"), singular("Transformers")
    ('LLM', 'ViT', 'MATHS', 'Transformers')
    """
    return name[:-1] if len(name) > 2 and name.endswith("s") and name[-2].isupper() else name
