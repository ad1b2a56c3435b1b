"""Variants in the graph: edges with evidence, values, RDF, the API, the command line, the explorer."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import networkx as nx
import pytest
import rdflib
from click.testing import CliRunner

import kg
from kg.cli import main
from kg.columns import RELATIONS
from kg.graph import KnowledgeGraph, build_graph, to_networkx
from kg.model import EntityType, Extraction, Mention, Paper, Span
from kg.pipeline import Built
from kg.rdf import to_quads
from kg.resolve import resolve
from kg.serializing import serialize
from kg.vocab import PREFIXES, VARIANT_OF
from kg.writers.graphml import read_graphml, write_graphml


def graph_of(*papers: dict[str, EntityType]) -> KnowledgeGraph:
    """Return the graph of papers that name these things, each name in one span."""
    read: list[Extraction] = []
    written: list[Paper] = []
    for number, names in enumerate(papers, 1):
        text, mentions = "", []
        for name, entity_type in names.items():
            start = len(text)
            text += f"{name} "
            span = Span("abstract", start, start + len(name), name)
            mentions.append(Mention(name, entity_type, "uses", 0.9, (span,)))
        read.append(Extraction(str(number), f"T{number}", tuple(mentions)))
        written.append(Paper(f"T{number}", text, id=str(number)))
    return build_graph(written, read, resolve(written, read))


@pytest.fixture(scope="module")
def graph() -> KnowledgeGraph:
    return graph_of(
        {"Qwen2.5-VL-7B-Instruct": "Model", "Qwen2.5-VL": "Model"},
        {"Qwen2.5-VL-7B": "Model", "MATH500": "Benchmark"},
        {"Qwen2.5-VL-7B": "Model", "Qwen": "Model", "MATH": "Benchmark"},
    )


def test_edges_lead_to_the_nearest_name_and_show_the_papers(graph: KnowledgeGraph) -> None:
    edges = {(e.source, e.target): e for e in graph.edges if e.relation == VARIANT_OF}
    assert set(edges) == {
        ("entity:qwen2.5-vl-7b-instruct", "entity:qwen2.5-vl-7b"),
        ("entity:qwen2.5-vl-7b", "entity:qwen2.5-vl"),
        ("entity:qwen2.5-vl", "entity:qwen"),
        ("entity:math500", "entity:math"),
    }
    edge = edges["entity:qwen2.5-vl-7b", "entity:qwen2.5-vl"]
    assert edge.papers == ("2", "3") and edge.confidence == 0.98
    assert all(s.derived and s.extractor == "variants" for s in edge.support)
    assert {span.text for s in edge.support for span in s.spans} == {"Qwen2.5-VL-7B"}


def test_values_are_typed_in_rdf(graph: KnowledgeGraph) -> None:
    turtle = rdflib.Graph().parse(data=serialize(to_quads(graph), "ttl"))
    node = rdflib.URIRef("https://w3id.org/abstractkg/entity/qwen2.5-vl-7b-instruct")

    def value(term: str) -> object:
        found = turtle.value(node, rdflib.URIRef(PREFIXES["akg"] + term))
        return found.toPython() if isinstance(found, rdflib.Literal) else None

    assert value("parameters") == Decimal(7000000000)
    assert (value("sizeWritten"), value("version"), value("tuning")) == ("7B", "2.5", "Instruct")


def test_variants_stand_in_no_paper_graph(graph: KnowledgeGraph) -> None:
    """What follows from names alone is no statement of a paper."""
    named = [name for _, predicate, _, name in to_quads(graph) if predicate.endswith(f"{VARIANT_OF}>")]
    assert len(named) == 4 and not any(named)


def test_networkx_and_graphml_carry_them(graph: KnowledgeGraph, tmp_path: Path) -> None:
    network = to_networkx(graph)
    node = network.nodes["entity:qwen2.5-vl-7b"]
    assert (node["parameters"], node["size_written"], node["version"]) == (7000000000, "7B", "2.5")
    write_graphml(network, tmp_path / "g.graphml")
    back = read_graphml(tmp_path / "g.graphml")
    assert back.nodes["entity:qwen2.5-vl-7b"]["parameters"] == 7000000000
    keys = [key for _, _, key in back.edges(keys=True)]
    assert len(keys) == len(set(keys)) == len(graph.edges)
    pairs = [(e.source, e.target) for e in graph.edges if e.relation == VARIANT_OF]
    assert nx.is_directed_acyclic_graph(nx.DiGraph(pairs))


def test_the_explorer_has_words_for_it() -> None:
    assert RELATIONS[VARIANT_OF] == ("variant of", "has variant")


def test_the_api_takes_variants_in_when_asked(example_built: Built) -> None:
    with kg.open(example_built.folder) as graph:
        parent = next(v.parent for v in graph.data.variants.values() if v.parent)
        view = graph[f"entity:{parent}"]
        variants = view.variants()
        assert len(variants) and set(variants["type"]) <= {"Model", "Method", "Benchmark"}
        alone, together = view.papers(), view.papers(include_variants=True)
        assert set(alone["id"]) <= set(together["id"]) and len(together) > len(alone)
        assert set(together["name"]) == {view.name, *variants["name"]}
        child = graph[variants["name"].iloc[0]]
        assert child.parent is not None
        asked = graph.query("@variants", entity=view.name)
        assert set(asked["name"]) == set(variants["name"])


def test_show_lists_variants_and_families(example_built: Built, runner: CliRunner) -> None:
    with kg.open(example_built.folder) as graph:
        found = [v for v in graph.data.variants.values() if v.parent]
        parent = graph[f"entity:{found[0].parent}"].name
        child = graph[f"entity:{found[0].slug}"].name
    folder = ["--graph", str(example_built.folder)]
    shown = runner.invoke(main, ["show", parent, "--with-variants", *folder])
    assert shown.exit_code == 0 and "variants" in shown.stdout and child in shown.stdout
    plain = json.loads(runner.invoke(main, ["show", parent, "--json", *folder]).stdout)
    more = json.loads(runner.invoke(main, ["show", parent, "--json", "--with-variants", *folder]).stdout)
    assert child in {row["name"] for row in plain["variants"]}
    assert len(more["papers"]) > len(plain["papers"])


@pytest.mark.shared
def test_a_family_that_no_paper_names_shows_its_members(seeds_built: Built, runner: CliRunner) -> None:
    folder = ["--graph", str(seeds_built.folder)]
    assert runner.invoke(main, ["show", "Qwen2.5-VL", *folder]).exit_code == 2
    shown = runner.invoke(main, ["show", "Qwen2.5-VL", "--with-variants", *folder])
    assert shown.exit_code == 0 and "Qwen2.5-VL-7B" in shown.stdout and "Qwen2.5-VL-3B" in shown.stdout


@pytest.mark.shared
def test_the_seeds_have_variants_and_stay_lean(seeds_built: Built) -> None:
    graph = seeds_built.graph
    names = {e.slug: e.name for e in graph.entities}
    parents = {names[v.slug]: names[v.parent] for v in graph.variants.values() if v.parent}
    assert parents["MATH500"] == "MATH" and parents["AIME 2024"] == "AIME"
    assert parents["Qwen2.5-7B-Instruct"] == "Qwen2.5-7B" and parents["LIBERO Franka"] == "LIBERO"
    assert "AIME-v2" not in parents, "it is of the other AIME"
    assert sum(1 for _ in to_quads(graph, extractor="default 1")) <= 120 * len(graph.papers)


@pytest.mark.shared
def test_show_says_what_an_entity_is_called_elsewhere(seeds_built: Built, runner: CliRunner) -> None:
    shown = runner.invoke(main, ["show", "GSM8K", "--graph", str(seeds_built.folder)])
    assert "same as  https://huggingface.co/datasets/openai/gsm8k" in shown.stdout
    assert "first in https://arxiv.org/abs/2110.14168" in shown.stdout
