"""All papers of a catalog, read some at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.catalog import CachedExtraction, Catalog
from kg.catalog import papers as module
from kg.model import Extraction, Paper


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 100])
def test_parts_are_all_papers_by_id_with_their_extractions(
    size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PART", size)
    ids = ["9", "10", "a/1", "Z", "2505.00002", "2505.00001", "é"]
    with Catalog.create(tmp_path / "catalog.duckdb") as catalog:
        for some in (ids[3:], ids[:3]):  # rows that do not stand by id, as after `kg add`
            catalog.put(
                [Paper(f"T{key}", "", id=key) for key in some],
                [CachedExtraction("k", Extraction(key, f"T{key}")) for key in some if key != "Z"],
            )
        parts = list(catalog.parts())
    assert [paper.id for papers, _ in parts for paper in papers] == sorted(ids)
    assert all(len(papers) == size for papers, _ in parts[:-1])
    for papers, read in parts:
        assert set(read) == {paper.id for paper in papers} - {"Z"}
        assert all(read[paper.id].title == paper.title for paper in papers if paper.id in read)


def test_an_empty_catalog_has_no_parts(tmp_path: Path) -> None:
    with Catalog.create(tmp_path / "catalog.duckdb") as catalog:
        assert list(catalog.parts()) == []
