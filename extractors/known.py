"""Entities that are known by name: matched in a draft as a hint for recognition and typing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from extractors.document import Draft
from extractors.matching import NameTable
from extractors.tokens import tokenize
from kg.names import normal_form
from ontology import KnownEntity, known_entities

_SURE_LENGTH = 5
_ACADEMY = re.compile(r"\b(?:University|Institute|College|Universit[àéä]t?)\b")


KnownNames = NameTable[tuple[str, str]]
"""Exact spelling and type of each name."""


def index_names(entities: Iterable[KnownEntity]) -> KnownNames:
    """Return the names and aliases of known entities, ready to be matched.

    One plain lower-case word is left out, since any text may hold it.
    """
    table = KnownNames()
    spelt = {(name, entity.type) for entity in entities for name in (entity.name, *entity.aliases)}
    for name, type_ in sorted(spelt):
        pieces = tuple(name[s:e].lower() for s, e, _ in tokenize(name))
        if pieces and len(name) > 1 and not (len(pieces) == 1 and name.islower() and name.isalpha()):
            table.add(pieces, (name, type_))
    return table


@lru_cache(maxsize=1)
def known_names() -> KnownNames:
    """Return the names of all known entities."""
    return index_names(known_entities())


@lru_cache(maxsize=1)
def canonical_forms() -> dict[str, str]:
    """Return the normal form of each known name and alias, to that of the one entity that bears it."""
    owners: dict[str, set[str]] = {}
    for entity in known_entities():
        for name in (entity.name, *entity.aliases):
            owners.setdefault(normal_form(name), set()).add(normal_form(entity.name))
    return {form: next(iter(names)) for form, names in owners.items() if len(names) == 1}


@lru_cache(maxsize=1)
def academies() -> frozenset[str]:
    """Return the normal forms of the longer names of known universities; nothing else is called so.

    Short ones may be (KIT, a university and a dataset).
    """
    bearing = (e for e in known_entities() if e.type == "Organization")
    names = ((entity.name, *entity.aliases) for entity in bearing)
    forms = {normal_form(n) for some in names if _ACADEMY.search(" ".join(some)) for n in some}
    return frozenset(form for form in forms if len(form) > _SURE_LENGTH)


def mark(draft: Draft, names: KnownNames | None = None) -> None:
    """Fill `draft.known` with the longest known name at each place."""
    table = known_names() if names is None else names
    for start, end, (_, type_) in table.matches(
        draft.lower, lambda a, b, entry: _same(draft.surface(a, b), entry[0], b - a)
    ):
        draft.known[start] = (end, type_)


def _same(surface: str, name: str, num_tokens: int) -> bool:
    """Tell whether a surface equal but for case is the name and not a common word."""
    if surface == name:
        return True
    if num_tokens == 1 and (len(surface) < _SURE_LENGTH or surface.islower() or surface.isdigit()):
        return False
    return num_tokens > 1 or any(c.isupper() for c in surface)
