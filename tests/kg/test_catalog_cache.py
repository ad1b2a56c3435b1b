"""What a catalog holds by key: all of it there, some of it in memory."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from kg.catalog import Cache, CachedExtraction, Catalog, Record, cache, papers
from kg.generations import CATALOG, current_generation
from kg.model import Extraction, Paper, SourceRef
from kg.pipeline import build, load
from kg.sources.identity import hash_id
from tests.kg import made_up


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


@pytest.mark.usefixtures("made_up_extractor")
def test_a_build_replaces_a_graph_whose_extractions_are_damaged(tmp_path: Path) -> None:
    page = made_up.write_page(
        tmp_path / "page.jsonl",
        [{"id": f"2503.{n:05}", "title": f"Zorb {n}", "abstract": "M/i/ZorbNet;"} for n in range(9)],
    )
    first = build([page], graph=tmp_path / "g", extractor=made_up.NAME)
    with duckdb.connect(str(current_generation(first.folder) / CATALOG)) as database:
        database.execute("update extractions set data = '{' where paper_id like '%3'")
    second = build([page], graph=tmp_path / "g", extractor=made_up.NAME)
    assert second.graph == first.graph == load(tmp_path / "g")


def test_a_record_that_comes_twice_is_kept_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(papers, "_AT_ONCE", 2)
    records = [
        Record(Paper(f"Title {n % 3}", "", sources=(SourceRef("a", "7", n % 3),)), "csv") for n in range(7)
    ]
    with Catalog.create(tmp_path / "catalog.duckdb") as catalog:
        catalog.put_records((record.key, record) for record in records)
        assert len(list(catalog.records())) == len(list(catalog.record_heads())) == 3
        assert len(catalog.linked(["title:" + hash_id("Title 1")])) == 1
