"""The main job: pages in, a graph out, the same bytes each time."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import networkx as nx
import pytest
import rdflib
from click.testing import CliRunner

import kg
from kg.cli import main
from kg.pipeline import EXPORTS, Built, build
from kg.writers import WRITERS, get_writer

FILES = [WRITERS[name].file for name in EXPORTS] + ["explorer.html", "README.md"]


def test_the_example_becomes_a_graph(example_built: Built) -> None:
    counts = example_built.graph.counts()
    assert counts["papers"] == 50
    assert counts["Method"] > 30 and counts["Model"] > 20 and counts["Benchmark"] > 20
    assert counts["Organization"] >= 5


def test_every_edge_has_evidence_that_stands_in_the_text(example_built: Built) -> None:
    papers = {paper.id: paper for paper in example_built.graph.papers}
    for edge in example_built.graph.edges:
        assert edge.support
        for support in edge.support:
            assert support.spans or edge.relation == "affiliatedWith", edge
            for span in support.spans:
                assert papers[support.paper].text(span.field)[span.start : span.end] == span.text


def test_two_builds_give_the_same_bytes(example_built: Built, example: Path, tmp_path: Path) -> None:
    again = build([example], graph=tmp_path / "graph", out=tmp_path / "out")
    for name in FILES:
        assert (again.files[0].parent / name).read_bytes() == (
            example_built.files[0].parent / name
        ).read_bytes(), name


@pytest.mark.shared
@pytest.mark.parametrize("core", ["Haswell", "Nehalem"])
def test_order_and_kernels_change_nothing(
    seeds: list[Path], seeds_built: Built, tmp_path: Path, core: str
) -> None:
    shuffled = random.Random(core).sample(seeds, len(seeds))
    command = [sys.executable, "-m", "kg", "build", *map(str, shuffled)]
    command += ["--graph", str(tmp_path / "graph"), "--out", str(tmp_path / "out")]
    environment = {**os.environ, "OPENBLAS_CORETYPE": core, "PYTHONHASHSEED": str(len(core))}
    subprocess.run(command, check=True, capture_output=True, env=environment)
    for name in FILES:
        assert (tmp_path / "out" / name).read_bytes() == (seeds_built.files[0].parent / name).read_bytes(), (
            name
        )


@pytest.mark.shared
def test_the_seeds_give_233_papers(seeds_built: Built) -> None:
    assert seeds_built.read.blocks == 272
    assert len(seeds_built.graph.papers) == 233


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_every_writer_writes_and_overwrites(example_built: Built, tmp_path: Path, name: str) -> None:
    writer = get_writer(name)
    writer.write(example_built.graph, tmp_path / writer.file)
    first = (tmp_path / writer.file).read_bytes()
    writer.write(example_built.graph, tmp_path / writer.file)
    assert first and (tmp_path / writer.file).read_bytes() == first
    assert [path.name for path in tmp_path.iterdir()] == [writer.file]


def test_rdf_loads_in_rdflib_and_says_the_same(example_built: Built) -> None:
    folder = example_built.files[0].parent
    turtle = rdflib.Graph().parse(folder / "graph.ttl")
    quads = rdflib.Dataset().parse(folder / "graph.nq", format="nquads")
    merged = {triple for graph in quads.graphs() for triple in graph}
    assert merged == set(turtle)
    assert len(turtle) > 1000


def test_graphml_reads_back_with_the_display_keys(example_built: Built) -> None:
    path = example_built.files[0].parent / "graph.graphml"
    graph = nx.read_graphml(path, force_multigraph=True)
    assert len(graph) == len(example_built.graph.papers) + len(example_built.graph.entities)
    for _, data in graph.nodes(data=True):
        assert {"label", "x", "y", "size", "r", "g", "b"} <= data.keys()
    keys = [key for _, ends in graph.adjacency() for found in ends.values() for key in found]
    assert len(keys) == len(set(keys)) == len(example_built.graph.edges)


def test_the_python_api(example_built: Built) -> None:
    graph = kg.open(example_built.folder)
    entity = graph["Group Relative Policy Optimization"]
    assert entity.name == "GRPO" and entity.type == "Method"
    assert graph["grpo"].iri == graph[entity.iri].iri == graph["GRPO"].iri
    assert len(entity.papers()) >= 2 and len(entity.neighbours()) >= 1 and len(entity.evidence()) >= 2
    assert "GRPO" in set(graph.entities("Method")["name"])
    assert graph.to_networkx().number_of_edges() == len(graph.edges())
    assert len(graph.to_rdflib()) > 0
    assert "<html" in graph.view("GRPO").html
    with pytest.raises(kg.KGError, match="GRPO"):
        graph["GRPOO"]


def test_a_failed_build_leaves_the_old_graph(
    example_built: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "list.csv"
    page.write_text("title,abstract\nA title,We use GRPO.\n", encoding="utf-8")
    build([page], graph=tmp_path / "graph")
    before = kg.open(tmp_path / "graph").stats()

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("kg.store.Store.write", fail)
    with pytest.raises(KeyboardInterrupt):
        build([page], graph=tmp_path / "graph")
    assert kg.open(tmp_path / "graph").stats() == before
    assert len([p for p in (tmp_path / "graph").iterdir() if p.is_dir()]) == 1


def test_a_second_build_reads_nothing_twice(example: Path, tmp_path: Path) -> None:
    assert build([example], graph=tmp_path / "g").extracted == 50
    assert build([example], graph=tmp_path / "g").extracted == 0


def test_an_open_graph_survives_a_new_build(tmp_path: Path) -> None:
    page = tmp_path / "list.csv"
    page.write_text("title,abstract\nA title,We use GRPO.\n", encoding="utf-8")
    build([page], graph=tmp_path / "g")
    graph = kg.open(tmp_path / "g")
    build([page], graph=tmp_path / "g")
    assert len(graph.query("SELECT ?p WHERE { ?p a fabio:Preprint }")) == 1


def test_names_are_text_everywhere(tmp_path: Path, runner: CliRunner) -> None:
    hostile = '=cmd|" /C calc"!A0 <script>alert(1)</script> \\u202e "quoted" 𝒜'
    row = {"title": hostile, "abstract": "We introduce <b>GRPO</b>, a method; it beats PPO on MATH500."}
    (tmp_path / "in.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    built = build([tmp_path / "in.jsonl"], graph=tmp_path / "g", out=tmp_path / "o", with_text=True)
    assert "<script>alert" not in (tmp_path / "o" / "explorer.html").read_text(encoding="utf-8")
    assert rdflib.Graph().parse(tmp_path / "o" / "graph.ttl")
    assert nx.read_graphml(tmp_path / "o" / "graph.graphml", force_multigraph=True)
    get_writer("csv").write(built.graph, tmp_path / "edges.csv")
    assert ",=cmd" not in (tmp_path / "edges.csv").read_text(encoding="utf-8")
    shown = runner.invoke(main, ["query", "@code", 'title=x" } DROP', "--graph", str(tmp_path / "g")])
    assert shown.exit_code == 0


@pytest.mark.shared
def test_the_committed_exports_are_what_the_seeds_give(seeds: list[Path], tmp_path: Path) -> None:
    build(seeds, graph=tmp_path / "graph", out=tmp_path / "out", min_confidence=0.6)
    folder = Path(__file__).parents[2] / "exports"
    for name in [WRITERS[form].file for form in EXPORTS] + ["README.md"]:
        same = (folder / name).read_bytes() == (tmp_path / "out" / name).read_bytes()
        assert same, f"exports/{name} is out of date: run `make exports`"


def test_the_committed_exports_are_small() -> None:
    folder = Path(__file__).parents[2] / "exports"
    files = [folder / WRITERS[form].file for form in EXPORTS]
    assert sum(path.stat().st_size for path in files) <= 5_000_000


def test_another_base_answers_the_same(example: Path, example_built: Built, tmp_path: Path) -> None:
    build([example], graph=tmp_path / "g", base="https://example.org/mine/")
    with kg.open(tmp_path / "g") as other, kg.open(example_built.folder) as usual:
        for query in ("@extends", "@uses", "@evaluates-on"):
            asked = {"@extends": {"method": "PPO"}, "@uses": {"entity": "PPO"}}.get(
                query, {"benchmark": "GSM8K"}
            )
            found = other.query(query, **asked)
            assert list(found["title"]) == list(usual.query(query, **asked)["title"]) != []
            assert all(iri.startswith("https://example.org/mine/paper/") for iri in found["paper"])
        assert other["GRPO"].iri == "https://example.org/mine/entity/grpo"
