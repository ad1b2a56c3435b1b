"""docs/inputs.md says what the readers do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kg.model import Affiliation
from kg.sources import read
from kg.sources.files import _MOST_PACKED, RECORD_LIMIT
from kg.sources.jsonl import LIST_KEYS
from kg.sources.records import FIELDS

TEXT = (Path(__file__).parents[3] / "docs" / "inputs.md").read_text(encoding="utf-8")


def test_the_table_lists_all_names_of_all_fields_in_order() -> None:
    rows = re.findall(r"^\| (\w+) \| (`.+`) \|$", TEXT, flags=re.MULTILINE)
    assert {field: tuple(re.findall(r"`(.+?)`", names)) for field, names in rows} == FIELDS


def test_limits_and_keys_are_those_of_the_readers() -> None:
    assert all(f"`{key}`" in TEXT for key in LIST_KEYS)
    assert f"{RECORD_LIMIT >> 20} MB" in TEXT and f"{_MOST_PACKED} times" in TEXT


@pytest.mark.parametrize("language", ["csv", "json"])
def test_its_examples_are_read(language: str, tmp_path: Path) -> None:
    (example,) = re.findall(rf"^```{language}\n(.+?)^```", TEXT, flags=re.MULTILINE | re.DOTALL)
    (tmp_path / "list").write_text(example, encoding="utf-8")
    found = read([tmp_path / "list"])
    (paper,) = found.papers
    assert (found.unread, paper.published) == ((), "2025-05-01")
    assert paper.id in {"2505.00001", "2505.00002"} and paper.title.startswith("Zebra")
    assert (paper.organizations, paper.authors, paper.categories) in {
        ((Affiliation("Zebra Lab"),), (), ()),
        ((), ("Jane Doe",), ("cs.LG", "cs.CL")),
    }
