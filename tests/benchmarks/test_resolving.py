"""What of the benchmark of resolution is not timing."""

from __future__ import annotations

import json
from pathlib import Path

from kg.extraction_json import to_json
from kg.model import Extraction, Paper
from tests.benchmarks.resolving import ADDED, CONTESTANTS, make_extractions, read_extractions, run
from tests.kg.made_up import MENTIONED, extract


def made_up(number: int) -> list[Extraction]:
    """Return extractions of made-up papers, each with three of the names."""
    chosen = ((MENTIONED[(n * step) % len(MENTIONED)] for step in (1, 5, 11)) for n in range(number))
    return [extract(Paper(f"T{n}", " ".join(items), id=f"{n:04}")) for n, items in enumerate(chosen)]


def test_each_contestant_runs_and_adding_gives_the_same(tmp_path: Path) -> None:
    path = tmp_path / "extractions.jsonl"
    found = made_up(ADDED + 40)
    path.write_text("".join(json.dumps(to_json(e)) + "\n" for e in found), encoding="utf-8")
    assert read_extractions(path) == found
    runs = {name: run(name, path) for name in CONTESTANTS}
    assert runs["adding"].counts["same"] == 1
    assert runs["full"].counts["names"] == runs["group-by"].counts["mentions"]
    assert runs["group-by"].counts["groups"] > 10 and runs["full"].counts["entities"] > 10
    assert all(one.peak >= one.loaded > 10 for one in runs.values())


def test_extractions_are_made_where_there_are_none(tmp_path: Path) -> None:
    target = tmp_path / "new" / "extractions.jsonl"
    make_extractions([Paper("On GRPO", "We use it.", id="1"), Paper("Nothing", "", id="2")], target)
    assert [e.id for e in read_extractions(target)] == ["1", "2"]
    assert [path.name for path in sorted(target.parent.iterdir())] == ["extractions.jsonl", "extractions.txt"]
