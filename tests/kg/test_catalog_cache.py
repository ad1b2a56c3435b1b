"""What was extracted before, by key: all of it there, some of it in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.catalog import Cache, CachedExtraction, Catalog, cache
from kg.model import Extraction


def test_parts_come_and_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_PART", 3)
    made = [CachedExtraction(f"key {n * 7 % 11}", Extraction(f"{n:02}", "T")) for n in range(11)]
    with Catalog.create(tmp_path / "catalog.duckdb") as catalog:
        catalog.put([], [*made, CachedExtraction("", Extraction("99", "not extracted"))])
        held = Cache(catalog)
        assert len(held) == 11 and "" not in held and "key 11" not in held
        for one in (*made, *reversed(made)):
            assert held[one.key] == one
        with pytest.raises(KeyError):
            held["key 11"]
