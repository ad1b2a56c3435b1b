"""Entities that are known by name: matched in a draft as a hint for recognition and typing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from extractors.document import Draft
from extractors.tokens import tokenize
from kg.names import normal_form
from ontology import KnownEntity, known_entities

_SURE_LENGTH = 5
_ACADEMY = re.compile(r"\b(?:University|Institute|College|Universit[àéä]t?)\b")


@dataclass(slots=True)
class KnownNames:
    """Known names by their tokens in lower case, and the lengths of names, longest first, by first token."""

    names: dict[tuple[str, ...], list[tuple[str, str]]] = field(default_factory=dict)
    """Tokens to exact spelling and type."""
    lengths: dict[str, list[int]] = field(default_factory=dict)

    def add(self, name: str, type_: str) -> None:
        """Take up a name; one plain lower-case word is refused, since any text may hold it."""
        pieces = tuple(name[s:e].lower() for s, e, _ in tokenize(name))
        if not pieces or len(name) < 2 or (len(pieces) == 1 and name.islower() and name.isalpha()):
            return
        self.names.setdefault(pieces, []).append((name, type_))
        lengths = self.lengths.setdefault(pieces[0], [])
        if len(pieces) not in lengths:
            lengths.append(len(pieces))

    def close(self) -> None:
        """Put longer names before shorter ones, and one spelling of a name before another."""
        for lengths in self.lengths.values():
            lengths.sort(reverse=True)
        for spellings in self.names.values():
            spellings.sort()


def index_names(entities: Iterable[KnownEntity]) -> KnownNames:
    """Return the names and aliases of known entities, ready to be matched."""
    names = KnownNames()
    for entity in entities:
        for name in (entity.name, *entity.aliases):
            names.add(name, entity.type)
    names.close()
    return names


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
    names = names or known_names()
    lower, i = draft.lower, 0
    while i < len(lower):
        step = 1
        for length in names.lengths.get(lower[i], ()):
            spellings = names.names.get(tuple(lower[i : i + length]))
            if spellings is None or i + length > len(lower):
                continue
            surface = draft.surface(i, i + length)
            type_ = next((t for name, t in spellings if _same(surface, name, length)), None)
            if type_ is not None:
                draft.known[i] = (i + length, type_)
                step = length
                break
        i += step


def _same(surface: str, name: str, num_tokens: int) -> bool:
    """Tell whether a surface equal but for case is the name and not a common word."""
    if surface == name:
        return True
    if num_tokens == 1 and (len(surface) < _SURE_LENGTH or surface.islower() or surface.isdigit()):
        return False
    return num_tokens > 1 or any(c.isupper() for c in surface)
