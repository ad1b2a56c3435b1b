"""Entities that are known by name: matched in a draft as a hint for recognition and typing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from extractors.document import Draft
from extractors.tokens import tokenize
from ontology import KnownEntity, known_entities

_SURE_LENGTH = 5


@dataclass(slots=True)
class KnownNames:
    """Token sequences of known names: first token, in lower case, to (tokens, exact spelling, type)."""

    by_first: dict[str, list[tuple[tuple[str, ...], str, str]]] = field(default_factory=dict)

    def add(self, name: str, type_: str) -> None:
        """Take up a name; one plain lower-case word is refused, since any text may hold it."""
        pieces = [name[s:e] for s, e, _ in tokenize(name)]
        if not pieces or len(name) < 2 or (len(pieces) == 1 and name.islower() and name.isalpha()):
            return
        entry = (tuple(p.lower() for p in pieces), name, type_)
        self.by_first.setdefault(entry[0][0], []).append(entry)

    def close(self) -> None:
        """Put longer names before shorter ones."""
        for entries in self.by_first.values():
            entries.sort(key=lambda e: (-len(e[0]), e[1], e[2]))


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


def mark(draft: Draft, names: KnownNames | None = None) -> None:
    """Fill `draft.known` with the longest known name at each place."""
    by_first = (names or known_names()).by_first
    lower, i = draft.lower, 0
    while i < len(lower):
        step = 1
        for pieces, name, type_ in by_first.get(lower[i], ()):
            end = i + len(pieces)
            if tuple(lower[i:end]) == pieces and _same(draft.surface(i, end), name, len(pieces)):
                draft.known[i] = (end, type_)
                step = len(pieces)
                break
        i += step


def _same(surface: str, name: str, num_tokens: int) -> bool:
    """Tell whether a surface equal but for case is the name and not a common word."""
    if surface == name:
        return True
    if num_tokens == 1 and (len(surface) < _SURE_LENGTH or surface.islower() or surface.isdigit()):
        return False
    return num_tokens > 1 or any(c.isupper() for c in surface)
