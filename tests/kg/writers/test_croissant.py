"""The Croissant card says what stands in the tables beside it."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from kg.pipeline import Built
from kg.writers import WRITERS, get_writer
from kg.writers.croissant import COLUMNS, RECORDS, card

NUMBER = {"sc:Integer": int, "sc:Float": float, "sc:Text": str}


@pytest.fixture(scope="module")
def folder(example_built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("card")
    for name in ("csv", "entities", "papers", "croissant"):
        get_writer(name).write(example_built.graph, found / WRITERS[name].file)
    return found


@pytest.fixture(scope="module")
def written(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "croissant.json").read_bytes())
    return found


def test_it_has_what_the_specification_asks_for(written: dict[str, Any]) -> None:
    assert written["@type"] == "sc:Dataset"
    assert written["conformsTo"] == "http://mlcommons.org/croissant/1.0"
    for needed in ("@context", "name", "description", "license", "url"):
        assert written[needed], needed
    assert "datePublished" not in written, "a time would be different in each export"


def test_each_file_is_there_with_its_hash(written: dict[str, Any], folder: Path) -> None:
    files = {entry["@id"]: entry for entry in written["distribution"]}
    assert files.keys() == RECORDS.keys()
    for name, entry in files.items():
        assert entry["@type"] == "cr:FileObject" and entry["contentUrl"] == name
        assert entry["encodingFormat"] == "text/csv"
        assert entry["sha256"] == hashlib.sha256((folder / name).read_bytes()).hexdigest()


def test_each_field_is_a_column_whose_values_have_its_type(written: dict[str, Any], folder: Path) -> None:
    assert len(written["recordSet"]) == len(RECORDS)
    seen: set[str] = set()
    for records in written["recordSet"]:
        file = records["name"] + ".csv"
        with (folder / file).open(encoding="utf-8", newline="") as opened:
            rows = list(csv.DictReader(opened))
        assert rows
        columns = [field["source"]["extract"]["column"] for field in records["field"]]
        assert columns == list(rows[0])
        keys = [row[records["key"]["@id"].rpartition("/")[2]] for row in rows]
        assert len(set(keys)) == len(keys)
        for field, column in zip(records["field"], columns, strict=True):
            assert field["source"]["fileObject"]["@id"] == file
            assert field["@id"] == f"{records['@id']}/{column}" and field["description"]
            for row in rows:
                assert not row[column] or NUMBER[field["dataType"]](row[column]) is not None
        seen |= set(columns)
    assert seen == COLUMNS.keys(), "a column that no table has"


def test_the_card_is_the_same_each_time(example_built: Built) -> None:
    assert card(example_built.graph) == card(example_built.graph)
