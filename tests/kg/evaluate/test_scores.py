"""The measure: by hand on small rows, and against the reference where it is at hand."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kg.errors import SourceError
from kg.evaluate import Tally, format_scores, read_gold, read_predicted, score

GOLD: dict[str, Any] = {
    "title": "Zebras",
    "ents": [
        ["ZTS", "Method", "introduces", ["Zebra Tail Search", "ZTS"], None],
        ["ZooBench", "Benchmark", "evaluates_on", ["ZooBench"], "benchmark"],
        ["Zebranet", "Model", "uses", ["Zebranet"], None],
        ["tail search", "Task", "mentions", ["tail search"], None],
    ],
    "rels": [["ZTS", "evaluated_on", "ZooBench"], ["PAPER", "built_on", "Zebranet"]],
    "results": [
        ["ZTS", "ZooBench", None, "4.5%", None, "gain"],
        ["ZTS", None, None, "61.0", None, "absolute"],
    ],
}


def entity(name: str, type_: str, role: str = "uses", *mentions: str) -> dict[str, Any]:
    return {"name": name, "type": type_, "role": role, "mentions": list(mentions)}


def test_small_rows() -> None:
    predicted = {
        "title": "zebras!",
        "entities": [
            entity("Zebra-Tail-Search", "Method", "introduces"),
            entity("Zebranet", "Method", "uses"),
            entity("Tail Search", "Method"),
            entity("Lion", "Model", "introduces"),
        ],
        "relations": [
            {"head": "Zebra-Tail-Search", "type": "evaluated_on", "tail": "ZooBench"},
            {"head": "PAPER", "type": "extends", "tail": "Zebranet"},
        ],
        "results": [
            {"value": "+4.5 %", "benchmark": "ZooBench v2"},
            {"value": "61", "benchmark": None},
        ],
    }
    scores = score([GOLD], [predicted])
    assert scores.tallies["core"] == Tally(1, 2, 2)
    assert scores.tallies["lenient"] == Tally(2, 1, 1)
    assert scores.tallies["untyped"] == Tally(2, 1, 1)
    assert scores.tallies["introduces"] == Tally(1, 1, 0)
    assert scores.tallies["soft"] == Tally(0, 0, 1)
    assert scores.tallies["relations"] == Tally(1, 1, 1)
    assert scores.tallies["results"] == Tally(1, 1, 1)
    assert scores.role_accuracy == 1.0


def test_paper_without_extraction_is_counted() -> None:
    scores = score([GOLD], [])
    assert scores.not_predicted == 1
    assert scores.tallies["core"] == Tally(0, 0, 3)
    assert "not predicted 1" in format_scores(scores)


@pytest.mark.parametrize(
    "line", ["no json", "[]", '{"title": "T"}', '{"title": 1, "ents": []}', '{"title": "T", "ents": 1}']
)
def test_broken_gold_names_the_line(tmp_path: Path, line: str) -> None:
    file = tmp_path / "gold.jsonl"
    file.write_text(json.dumps(GOLD) + "\n\n" + line + "\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"gold\.jsonl:3"):
        read_gold(file)


def test_broken_extractions_name_the_line(tmp_path: Path) -> None:
    file = tmp_path / "found.jsonl"
    file.write_text('{"title": "T", "entities": []}\n{"title": "T", "ents": []}\n', encoding="utf-8")
    with pytest.raises(SourceError, match=r"found\.jsonl:2: an extraction needs `title` and `entities`"):
        read_predicted(file)


def test_the_scores_of_each_paper_add_up() -> None:
    other = {**GOLD, "title": "Lions"}
    scores = score([GOLD, other], [{"title": "Lions", "entities": [entity("ZTS", "Method")]}])
    assert [one.tallies["core"] for one in scores.each] == [Tally(0, 0, 3), Tally(1, 0, 2)]
    assert scores.tallies["core"] == Tally(1, 0, 5)
    assert [one.roles_total for one in scores.each] == [0, 1]


@pytest.mark.shared
@pytest.mark.skipif("ABSTRACTKG_SHARED" not in os.environ, reason="needs the gold files")
@pytest.mark.parametrize("seed", range(3))
def test_agrees_with_the_reference(tmp_path: Path, seed: int) -> None:
    """Both read the annotation itself with rows dropped, retyped and renamed at random."""
    folder = Path(os.environ["ABSTRACTKG_SHARED"]) / "gold"
    gold = read_gold(folder / "dev.jsonl")
    predicted = [_disturb(row, random.Random(f"{seed} {row['title']}")) for row in gold[seed:]]
    file = tmp_path / "predicted.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in predicted), encoding="utf-8")
    command = [sys.executable, str(folder / "score.py"), str(folder / "dev.jsonl"), str(file)]
    reference = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert format_scores(score(gold, predicted)) + "\n" == reference


def _disturb(row: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    types = ["Method", "Model", "Dataset", "Organization", "Concept", "Task"]
    entities = []
    for name, type_, role, mentions, kind in row["ents"]:
        if rng.random() < 0.8:
            new = rng.choice(types) if rng.random() < 0.2 else type_
            alias = rng.choice(mentions) if rng.random() < 0.3 else name
            entities.append({"name": alias, "type": new, "role": role, "mentions": mentions, "kind": kind})
    rng.shuffle(entities)
    names = [e["name"] for e in entities] or ["X"]
    relations = [{"head": h, "type": r, "tail": t} for h, r, t in row["rels"] if rng.random() < 0.7]
    relations += [{"head": rng.choice(names), "type": "extends", "tail": rng.choice(names)} for _ in range(2)]
    results = [{"value": r[3], "benchmark": r[1] if rng.random() < 0.5 else None} for r in row["results"]]
    return {"title": row["title"], "entities": entities, "relations": relations, "results": results}
