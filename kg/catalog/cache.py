"""What a catalog's extractor read, by cache key; some of it at a time in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Final

import duckdb

from kg.catalog.papers import CachedExtraction, Catalog

_PART: Final = 1_000
"""Extractions that are read at once."""


class Cache(Mapping[str, CachedExtraction]):
    """The extractions of an open catalog by cache key.

    In memory are the keys, and the extractions that stand beside those asked for last: papers come by id, and
    that is how extractions stand in the file. What cannot be read of a damaged file is not there.

    >>> import tempfile
    >>> from pathlib import Path
    >>> from kg.model import Extraction
    >>> with tempfile.TemporaryDirectory() as folder, Catalog.create(Path(folder) / "c.duckdb") as catalog:
    ...     catalog.put([], [CachedExtraction("k", Extraction("1", "T"))])
    ...     dict(Cache(catalog)) == {"k": CachedExtraction("k", Extraction("1", "T"))}
    True
    """

    def __init__(self, catalog: Catalog) -> None:
        ids, keys = [], []
        with suppress(duckdb.Error):
            catalog.limit_memory()
            for paper_id, key in catalog.extraction_keys():
                ids.append(paper_id)
                keys.append(key)
        self._numbers = {key: number for number, key in enumerate(keys) if key}
        self._ends = [(part[0], part[-1]) for part in (ids[n : n + _PART] for n in range(0, len(ids), _PART))]
        self._catalog = catalog
        self._part = lru_cache(maxsize=2)(self._read)

    def __getitem__(self, key: str) -> CachedExtraction:
        return self._part(self._numbers[key] // _PART)[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    def __contains__(self, key: object) -> bool:
        return key in self._numbers

    def _read(self, number: int) -> dict[str, CachedExtraction]:
        try:
            return {cached.key: cached for cached in self._catalog.extractions_between(*self._ends[number])}
        except (duckdb.Error, ValueError, LookupError, TypeError):
            return {}
