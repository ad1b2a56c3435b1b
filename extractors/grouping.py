"""From stretches to rows: one row for each entity, with all its spellings and places."""

from __future__ import annotations

from collections import Counter, defaultdict

from extractors.document import Draft, Found, Row
from extractors.sequence import CORE
from kg.model import ENTITY_TYPES, EntityType
from kg.names import display_name, normal_form


def group(draft: Draft) -> None:
    """Fill `draft.rows`: same normal form, or short and long form of one definition, is one row."""
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
        row = rows.setdefault(partner.get(key, key), Row([]))
        row.keys.add(key)
        row.found.extend(stretches[place])
    for key, row in rows.items():
        row.short = shorts.get(key)
        _complete(draft, row)
        settle_type(row)
    draft.rows = sorted(rows.values(), key=lambda r: (r.found[0].start, r.found[0].end))
    for row in draft.rows:
        row.name = name_of(draft, row)


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
    votes: dict[EntityType, float] = defaultdict(float)
    best: dict[tuple[int, int], float] = defaultdict(float)
    for found in row.found:
        votes[found.type] += found.probability
        best[found.start, found.end] += found.probability
    row.type = max(ENTITY_TYPES, key=lambda t: votes.get(t, 0.0))
    soft = row.type not in CORE
    core_total = sum(v for t, v in votes.items() if t in CORE)
    soft_total = sum(v for t, v in votes.items() if t not in CORE)
    if soft != (soft_total > core_total):
        choices = [t for t in ENTITY_TYPES if (t in CORE) == soft]
        row.type = max(choices, key=lambda t: votes.get(t, 0.0))
    row.probability = min(1.0, max(best.values()))


def name_of(draft: Draft, row: Row) -> str:
    """Return the form that the field would use: the short form, else the most frequent spelling."""
    if row.short is not None:
        return singular(display_name(row.short))
    counts = Counter(draft.surface(s, e) for s, e in dict.fromkeys((f.start, f.end) for f in row.found))
    surface = max(counts, key=lambda s: (counts[s], not s.endswith("s"), any(c.isupper() for c in s)))
    return singular(display_name(surface)) if row.type in CORE else display_name(surface)


def singular(name: str) -> str:
    """Return an all-capital name without its plural `s`.

    >>> singular("LLMs"), singular("ViTs"), singular("MATHS"), singular("Transformers")
    ('LLM', 'ViT', 'MATHS', 'Transformers')
    """
    return name[:-1] if len(name) > 2 and name.endswith("s") and name[-2].isupper() else name
