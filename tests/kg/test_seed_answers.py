"""The named queries give right answers on the seed pages."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import kg
from kg.api import Graph
from kg.evaluate import read_gold, title_of
from kg.names import normal_form
from kg.pipeline import Built

ANSWERS: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "fixtures" / "seed_answers.json").read_text(encoding="utf-8")
)
"""Titles read against the texts of all five pages; `missed` and `added` are the answers that are wrong."""
IMPLIED = {
    "uses": ("uses", ("extends", "built_on", "trained_on")),
    "evaluates-on": ("evaluates_on", ("evaluated_on",)),
}

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def graph(seeds_built: Built) -> Iterator[Graph]:
    with kg.open(seeds_built.folder) as opened:
        yield opened


def titles(graph: Graph, name: str, **parameters: str) -> set[str]:
    return set(graph.query(f"@{name}", **parameters)["title"])


@pytest.mark.parametrize("question", sorted(ANSWERS))
def test_answers_read_against_the_texts(graph: Graph, question: str) -> None:
    answer = ANSWERS[question]
    got = titles(graph, answer["query"], **answer["parameters"])
    right = set(answer["right"])
    assert right - got <= set(answer["missed"]), "an answer that was right is missing"
    assert got - right <= set(answer["added"]), "a new answer: read the paper, then put it in its place"


def annotated(gold: list[dict[str, Any]], name: str, role: str, relations: tuple[str, ...]) -> set[str]:
    """Return the title keys of the annotated papers for which the entity has the role, stated or implied."""
    found: set[str] = set()
    for row in gold:
        forms = {normal_form(name)}
        for entity, _, entity_role, mentions, _ in row["ents"]:
            if normal_form(name) in {normal_form(form) for form in (entity, *mentions)}:
                forms.add(normal_form(entity))
                if entity_role == role:
                    found.add(title_of(row))
        if any(kind in relations and normal_form(tail) in forms for _, kind, tail in row["rels"]):
            found.add(title_of(row))
    return found


@pytest.mark.parametrize(
    ("query", "name"), [("uses", "GRPO"), ("evaluates-on", "LIBERO"), ("extends", "GRPO")]
)
def test_answers_on_the_annotated_papers(graph: Graph, shared: Path, query: str, name: str) -> None:
    gold = read_gold(shared / "gold" / "dev.jsonl")
    keys = {title_of(row) for row in gold}
    parameter = {"uses": "entity", "evaluates-on": "benchmark", "extends": "method"}[query]
    got = {title_of({"title": t}) for t in titles(graph, query, **{parameter: name})} & keys
    if query == "extends":
        right = {
            title_of(row)
            for row in gold
            for _, kind, tail in row["rels"]
            if kind == "extends" and normal_form(tail) == normal_form(name)
        }
    else:
        right = annotated(gold, name, *IMPLIED[query])
    assert len(right - got) <= 1 and len(got - right) <= 1, (right - got, got - right)


def test_one_node_each(graph: Graph) -> None:
    for name in ("GRPO", "DPO", "PPO", "MATH500", "Meta-World", "OpenVLA", "π0", "Qwen2.5-VL-7B"):
        assert len(graph.find(name)) == 1, name


def test_counting_queries_agree_with_the_frames(graph: Graph) -> None:
    edges = graph.edges()
    entities = graph.entities().set_index("slug")
    months = {f"paper:{p.id}": p.published[:7] for p in graph.data.papers if p.published}
    introduced = edges[edges["relation"] == "introduces"]
    methods = {f"entity:{slug}" for slug in entities.index[entities["type"] == "Method"]}
    expected = {
        (months[source], target)
        for source, target in zip(introduced["source"], introduced["target"], strict=True)
        if source in months and target in methods
    }
    counted = graph.query("@methods-per-month")
    assert dict(zip(counted["month"], counted["introduced"], strict=True)) == Counter(m for m, _ in expected)

    models = {f"entity:{slug}": row["name"] for slug, row in entities.iterrows() if row["type"] == "Model"}
    built = edges[edges["relation"] == "builtOn"]
    bases = Counter(models[target] for target in built["target"] if target in models)
    asked = graph.query("@base-models")
    assert dict(zip(asked["model"], asked["built_on_it"], strict=True)) == bases


def test_organizations_on_papers_own_lines(graph: Graph) -> None:
    found = graph.query("@organizations")
    assert dict(zip(found["organization"], found["papers"], strict=True)) == {
        "Amazon": 2, "ByteDance": 1, "Databricks": 1, "OpenDriveLab": 1,
        "OpenMOSS": 1, "Tencent": 1, "UCLA NLP": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("VGC-Bench", "https://github.com/cameronangliss/VGC-Bench"),
        ("NGRPO", "https://github.com/nangongrui-ngr/NGRPO"),
        ("Prefix Grouper", "https://github.com/johncaged/PrefixGrouper"),
        ("Q-Insight", "https://github.com/lwq20020127/Q-Insight"),
    ],
)
def test_code_links(graph: Graph, title: str, code: str) -> None:
    assert list(graph.query("@code", title=title)["code"]) == [code]
