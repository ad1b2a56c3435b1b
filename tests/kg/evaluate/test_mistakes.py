"""What is wrong is named: one hand-made case of every kind, and none where both sides are equal."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from kg.evaluate import read_gold, score
from kg.evaluate.mistakes import Mistake, count_mistakes, find_mistakes
from kg.model import Paper

TITLE = "Zebras at Work"
ABSTRACT = (
    "We present ZTS, a search for stripes. ZTS runs on Zebranet and beats Okapi Tree Search. "
    "It gains 4.5% on ZooBench. Stripe pooling helps, as does stripe pooling with LoRA."
)
PAPER = Paper(TITLE, ABSTRACT)


def annotate(*ents: list[Any], rels: Any = (), results: Any = ()) -> dict[str, Any]:
    return {"title": TITLE, "ents": list(ents), "rels": list(rels), "results": list(results)}


def row(name: str, type_: str, role: str = "uses", *surfaces: str) -> list[Any]:
    return [name, type_, role, list(surfaces or (name,)), None]


def predict(*entities: list[Any], relations: Any = (), results: Any = ()) -> dict[str, Any]:
    return {
        "title": TITLE,
        "entities": [
            {"name": name, "type": type_, "role": role, "mentions": surfaces, "confidence": 0.5}
            for name, type_, role, surfaces, _ in entities
        ],
        "relations": [{"head": h, "type": r, "tail": t} for h, r, t in relations],
        "results": [
            {"subject": "ZTS", "benchmark": b, "metric": None, "value": v, "baseline": None, "kind": k}
            for b, v, k in results
        ],
    }


def as_predicted(gold: dict[str, Any]) -> dict[str, Any]:
    """Return an annotation in the form of an extraction."""
    return {
        "title": gold["title"],
        "entities": [{"name": n, "type": t, "role": r, "mentions": m} for n, t, r, m, _ in gold["ents"]],
        "relations": [{"head": h, "type": r, "tail": t} for h, r, t in gold["rels"]],
        "results": [{"benchmark": r[1], "value": r[3], "kind": r[5]} for r in gold["results"]],
    }


def only(gold: dict[str, Any], found: dict[str, Any] | None) -> Mistake:
    (mistake,) = find_mistakes([gold], [found] if found else [], [PAPER])
    return mistake


ZTS = row("ZTS", "Method", "introduces")
NET = row("Zebranet", "Model")
BENCH = row("ZooBench", "Benchmark", "evaluates_on")
POOL = row("stripe pooling", "Method")
OKAPI = row("Okapi Tree Search", "Method", "compares_to")


@pytest.mark.parametrize(
    ("gold", "found", "error", "kind"),
    [
        ([ZTS], [], "missed", "missed Method, unknown capitalised name"),
        ([OKAPI], [], "missed", "missed Method, unknown capitalised phrase"),
        ([POOL], [], "missed", "missed Method in plain lower case"),
        ([row("LoRA", "Method")], [], "missed", "missed Method, known name"),
        ([row("gnu7", "Model")], [], "missed", "missed Model, not in the text"),
        ([row("Tree Search", "Method"), OKAPI], [OKAPI], "missed", "missed Method, overlaps a found name"),
        ([], [NET], "extra", "extra Model, unknown capitalised name"),
        ([], [POOL], "extra", "extra Method in plain lower case"),
        ([OKAPI], [OKAPI, row("Tree Search", "Method")], "extra", "extra Method, overlaps an annotated name"),
        ([ZTS], [ZTS, row("ZTS", "Model")], "extra", "extra Model, second row of an annotated entity"),
        ([NET], [row("Zebranet", "Method")], "wrong type", "Method for Model"),
        ([POOL], [row("stripe pooling", "Concept")], "wrong type", "Concept for Method"),
        (
            [OKAPI],
            [row("Okapi Tree", "Model")],
            "boundary",
            "boundary: a prediction overlaps the missed name",
        ),
        ([ZTS], [row("ZTS", "Method", "uses")], "wrong role", "uses for introduces"),
    ],
)
def test_entities(gold: list[Any], found: list[Any], error: str, kind: str) -> None:
    mistake = only(annotate(*gold), predict(*found))
    assert (mistake.error, mistake.kind) == (error, kind)


def test_one_row_for_two_entities() -> None:
    joined = row("ZTS", "Method", "introduces", "ZTS", "Zebranet")
    mistake = only(annotate(ZTS, row("Zebranet", "Method")), predict(joined))
    assert (mistake.error, mistake.kind) == ("missed", "missed Method, one row with another entity")


def test_a_paper_without_extraction() -> None:
    assert only(annotate(ZTS), None).kind == "missed Method, paper not predicted"


def test_a_core_prediction_annotated_as_a_concept_is_no_mistake() -> None:
    gold = annotate(row("stripe pooling", "Concept"))
    assert not list(find_mistakes([gold], [predict(POOL)], [PAPER]))


@pytest.mark.parametrize(
    ("gold", "found", "error", "kind"),
    [
        (("ZTS", "extends", "OTS"), ("ZTS", "built_on", "OTS"), "wrong type", "built_on for extends"),
        (("ZTS", "extends", "OTS"), ("OTS", "extends", "ZTS"), "wrong direction", "extends turned round"),
        (("ZTS", "extends", "OTS"), ("Zebranet", "extends", "OTS"), "wrong head", "another head for extends"),
        (("ZTS", "extends", "OTS"), ("ZTS", "extends", "Zebranet"), "wrong tail", "another tail for extends"),
        (("ZTS", "extends", "OTS"), None, "missed", "missed extends between found entities"),
        (("PAPER", "extends", "X"), None, "missed", "missed extends with an end that is not found"),
        (None, ("PAPER", "uses", "ZTS"), "extra", "extra uses between annotated entities"),
        (None, ("ZTS", "uses", "Lion"), "extra", "extra uses with an end not annotated"),
    ],
)
def test_relations(gold: Any, found: Any, error: str, kind: str) -> None:
    rows = [ZTS, NET, row("OTS", "Method", "compares_to", "Okapi Tree Search")]
    mistake = only(
        annotate(*rows, rels=[gold] if gold else []), predict(*rows, relations=[found] if found else [])
    )
    assert (mistake.group, mistake.error, mistake.kind) == ("relation", error, kind)


@pytest.mark.parametrize(
    ("gold", "found", "error", "kind"),
    [
        ([["ZTS", "ZooBench", None, "4.5%", None, "gain"]], [], "missed", "missed gain result"),
        ([], [("ZooBench", "61", "absolute")], "extra", "extra absolute result"),
        (
            [["ZTS", "ZooBench", None, "4.5%", None, "gain"]],
            [("Okapi", "4.5", "gain")],
            "wrong benchmark",
            "right number, another benchmark",
        ),
    ],
)
def test_results(gold: list[Any], found: list[Any], error: str, kind: str) -> None:
    mistake = only(annotate(results=gold), predict(results=found))
    assert (mistake.group, mistake.error, mistake.kind) == ("result", error, kind)


def test_the_sentence_is_the_one_in_which_it_stands() -> None:
    assert only(annotate(BENCH), predict()).sentence == "It gains 4.5% on ZooBench."
    result = annotate(results=[["ZTS", "ZooBench", None, "4.5%", None, "gain"]])
    assert only(result, predict()).sentence == "It gains 4.5% on ZooBench."
    rows, related = [ZTS, NET], [("ZTS", "built_on", "Zebranet")]
    sentence = "ZTS runs on Zebranet and beats Okapi Tree Search."
    assert only(annotate(*rows, rels=related), predict(*rows)).sentence == sentence
    found = predict(*rows, relations=related)
    assert only(annotate(*rows), found).sentence == sentence
    at = ABSTRACT.index("It gains")
    found["relations"][0]["evidence"] = {"field": "abstract", "start": at, "end": at + 8}
    assert only(annotate(*rows), found).sentence == "It gains"
    assert only(annotate(row("Zebras", "Method")), predict()).sentence == TITLE


def test_without_a_text_there_is_no_sentence_and_no_boundary() -> None:
    gold, found = annotate(OKAPI), predict(row("Okapi Tree", "Model"))
    mistakes = list(find_mistakes([gold], [found]))
    assert [one.error for one in mistakes] == ["missed", "extra"]
    assert [one.sentence for one in mistakes] == [None, None]


def test_both_sides_are_shown() -> None:
    mistake = only(annotate(NET), predict(row("Zebranet", "Method", "mentions")))
    assert mistake.annotated == "Zebranet (Model, uses)"
    assert mistake.predicted == "Zebranet (Method, mentions)"
    assert mistake.confidence == 0.5


def test_counts_go_group_by_group_with_the_most_frequent_first() -> None:
    one = Mistake("T", "entity", "missed", "b")
    two = Mistake("T", "entity", "missed", "a")
    role = Mistake("T", "role", "wrong role", "c")
    assert count_mistakes([role, two, one, one]) == [
        ("entity", "missed", "b", 2),
        ("entity", "missed", "a", 1),
        ("role", "wrong role", "c", 1),
    ]


@pytest.mark.shared
@pytest.mark.skipif("ABSTRACTKG_SHARED" not in os.environ, reason="needs the gold files")
def test_gold_against_itself_has_no_mistakes() -> None:
    for name in ("dev.jsonl", "train.jsonl"):
        gold = read_gold(Path(os.environ["ABSTRACTKG_SHARED"]) / "gold" / name)
        assert not list(find_mistakes(gold, map(as_predicted, gold)))


@pytest.mark.shared
def test_mistakes_add_up_to_the_scores(shared: Path, tmp_path: Path) -> None:
    """Each missed and each extra row of the scores is one mistake, or half of a pair."""
    from kg.pipeline import side_by_side

    part = tmp_path / "part.jsonl"
    lines = (shared / "gold" / "train.jsonl").read_text(encoding="utf-8").splitlines()[:60]
    part.write_text("\n".join(lines), encoding="utf-8")
    both = side_by_side(part)
    tallies = score(both.gold, both.predicted).tallies
    mistakes = list(find_mistakes(both.gold, both.predicted, both.papers))
    for group, measure in (("entity", "core"), ("relation", "relations"), ("result", "results")):
        of_group = [one for one in mistakes if one.group == group]
        soft = sum(one.kind.split(" for ")[0] in {"Concept", "Task", "Metric"} for one in of_group)
        assert sum(one.annotated is not None for one in of_group) == tallies[measure].fn
        assert sum(one.predicted is not None for one in of_group) - soft == tallies[measure].fp
    texts = {json.loads(line)["title"]: json.loads(line) for line in lines}
    for one in mistakes:
        if one.sentence is not None:
            text = texts[one.paper]["title"] + " " + texts[one.paper]["abstract"]
            assert one.sentence in " ".join(text.split())
    assert Counter(one.group for one in mistakes).keys() == {"entity", "role", "relation", "result"}
