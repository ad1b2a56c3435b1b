"""Known entities by the keys of their names and aliases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

from kg.resolve.keys import BROAD, match_key
from ontology import KnownEntity, known_entities


class KnownNames:
    """The entities that the field knows, to be found by key; organisations apart from all else."""

    def __init__(self, rows: Sequence[KnownEntity]) -> None:
        found: defaultdict[tuple[str, bool], list[KnownEntity]] = defaultdict(list)
        for row in rows:
            found[match_key(row.name), row.type == "Organization"].append(row)
        self._rows = {key: tuple(group) for key, group in found.items()}
        owners: defaultdict[tuple[str, bool], set[str]] = defaultdict(set)
        for row in rows:
            for alias in row.aliases:
                owners[match_key(alias), row.type == "Organization"].add(match_key(row.name))
        self._names = {
            key: next(iter(forms))
            for key, forms in owners.items()
            if len(forms) == 1 and key not in self._rows
        }

    def name_of(self, key: str, *, organization: bool) -> str:
        """Return the key of the known name that `key` is an alias of, else `key` itself."""
        return self._names.get((key, organization), key)

    def is_known(self, key: str, *, organization: bool) -> bool:
        """Return whether `key` is a known name or an alias of one."""
        return (key, organization) in self._rows or (key, organization) in self._names

    def find(self, key: str, broad: str = "", *, organization: bool) -> KnownEntity | None:
        """Return the known entity of a name; of several types that which is `broad`, else the first."""
        rows = self._rows.get((key, organization), ())
        fitting = (row for row in rows if BROAD.get(row.type) == broad)  # type: ignore[call-overload]
        return next(fitting, rows[0] if rows else None)


@lru_cache(maxsize=1)
def known_names() -> KnownNames:
    """Return the index of `ontology/known.tsv`."""
    return KnownNames(known_entities())
