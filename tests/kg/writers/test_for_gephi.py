"""GraphML and GEXF of every view: independent readers find what was written, and Gephi what it needs."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from kg.graph import KnowledgeGraph, to_networkx
from kg.layout import colour
from kg.pipeline import Built
from kg.vocab import ROLE_RELATION
from kg.writers import get_writer
from kg.writers.gexf import day
from kg.writers.projections import VIEWS, Projection, look_of, project
from tests.kg.hostile import NAMES, hostile_graph
from tests.node_readers import ReadByNode

FORMS = ("graphml", "gexf")
GRAPHML = "{http://graphml.graphdrawing.org/xmlns}"
GEXF = "{http://gexf.net/1.3}"
VIZ = "{http://gexf.net/1.3/viz}"

# What Gephi's importer of GraphML takes for display, by the id of a key or by its name.
NODE_PROPERTIES = {"label", "d3", "x", "y", "xpos", "ypos", "z", "size", "r", "g", "b"}
EDGE_PROPERTIES = {"label", "edgelabel", "d7", "weight", "Edge Weight", "id", "edgeid", "r", "g", "b"}
GRAPHML_TYPES = {"boolean", "int", "long", "float", "double", "string"}


@pytest.fixture(scope="module", params=["example", "hostile"])
def graph(request: pytest.FixtureRequest, example_built: Built) -> KnowledgeGraph:
    return example_built.graph if request.param == "example" else hostile_graph()


def _write(graph: KnowledgeGraph, form: str, view: str, folder: Path) -> tuple[Projection, Path]:
    projection, path = project(graph, view), folder / f"g.{form}"
    draw = get_writer(form).draw
    assert draw is not None
    draw(projection, path)
    return projection, path


def _networkx(path: Path) -> Any:
    """Return what networkx reads, with the id of each edge in its attributes."""
    if path.suffix == ".gexf":
        return nx.read_gexf(path)
    read: Any = nx.read_graphml(path, edge_key_type=str, force_multigraph=True)
    for _, _, key, data in read.edges(keys=True, data=True):
        data["id"] = key
    return read


def _plain(attributes: Any) -> dict[str, Any]:
    return {key: value for key, value in attributes.items() if value not in (None, "")}


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("form", FORMS)
def test_networkx_reads_what_was_written(graph: KnowledgeGraph, form: str, view: str, tmp_path: Path) -> None:
    projection, path = _write(graph, form, view, tmp_path)
    read = _networkx(path)
    assert read.is_directed() == projection.directed
    nodes = {row.id: row for row in projection.nodes()}
    assert set(read) == set(nodes) and nodes
    for id, row in nodes.items():
        assert _plain(row.attributes).items() <= read.nodes[id].items()
    edges = {row.id: row for row in projection.edges()}
    found = {data["id"]: (source, target, data) for source, target, data in read.edges(data=True)}
    assert found.keys() == edges.keys() and edges
    for id, edge in edges.items():
        source, target, data = found[id]
        ends = {source, target} if not projection.directed else (source, target)
        assert ends == ({edge.source, edge.target} if not projection.directed else (edge.source, edge.target))
        assert _plain(edge.attributes).items() <= data.items()


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("form", FORMS)
def test_graphology_reads_it_finished(
    graph: KnowledgeGraph, form: str, view: str, tmp_path: Path, read_by_node: ReadByNode
) -> None:
    projection, path = _write(graph, form, view, tmp_path)
    read = read_by_node(path, directed=projection.directed)
    look = look_of(projection)
    nodes = {node["key"]: node["attributes"] for node in read["nodes"]}
    assert nodes.keys() == {row.id for row in projection.nodes()}
    for row in projection.nodes():
        got = nodes[row.id]
        assert got["label"] == row.attributes["label"] and got["node_class"] == row.node_class
        x, y = look.places[row.id]
        assert (got["x"], got["y"], got["size"]) == (x, -y, look.sizes[row.id])
        assert _hex(got["color"]) == colour(row.node_class)
    edges = {edge["key"]: edge for edge in read["edges"]}
    assert edges.keys() == {row.id for row in projection.edges()}
    for edge in projection.edges():
        got = edges[edge.id]
        assert (got["source"], got["target"]) == (edge.source, edge.target)
        assert got["attributes"]["weight"] == edge.attributes["weight"]
        assert got["attributes"]["relation"] == edge.attributes["relation"] == got["attributes"]["label"]


def _hex(written: str) -> str:
    if written.startswith("#"):
        return written
    return "#" + "".join(f"{int(n):02x}" for n in re.findall(r"\d+", written)[:3])


@pytest.mark.parametrize("view", VIEWS)
def test_gephi_takes_for_display_what_is_meant_so_and_nothing_else(
    graph: KnowledgeGraph, view: str, tmp_path: Path
) -> None:
    _, path = _write(graph, "graphml", view, tmp_path)
    display: dict[str, set[str]] = {"node": set(), "edge": set()}
    keys = list(ET.parse(path).iter(f"{GRAPHML}key"))
    for key in keys:
        owner, id, name = key.get("for", ""), key.get("id", ""), key.get("attr.name", "")
        assert owner in display and key.get("attr.type") in GRAPHML_TYPES
        known = NODE_PROPERTIES if owner == "node" else EDGE_PROPERTIES
        assert id not in known, "an id goes before the name"
        if name in known:
            display[owner].add(name)
    assert display["node"] == {"label", "x", "y", "size", "r", "g", "b"}
    assert display["edge"] == {"label", "weight", "r", "g", "b"}
    ids = [key.get("id") for key in keys]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("view", VIEWS)
def test_the_timeline_has_dates(graph: KnowledgeGraph, view: str, tmp_path: Path) -> None:
    projection, path = _write(graph, "gexf", view, tmp_path)
    root = ET.parse(path).getroot()
    assert root.get("version") == "1.3"
    drawn = root.find(f"{GEXF}graph")
    assert drawn is not None
    assert (drawn.get("mode"), drawn.get("timeformat")) == ("dynamic", "date")
    starts = {node.get("id"): node.get("start") for node in root.iter(f"{GEXF}node")}
    assert starts == {row.id: row.start and day(row.start) for row in projection.nodes()}
    assert any(starts.values())
    for edge in root.iter(f"{GEXF}edge"):
        start = edge.get("start")
        for end in (edge.get("source"), edge.get("target")):
            assert (starts[end] or "") <= (start or "9999"), "an edge is not older than its ends"
        assert start is None or re.fullmatch(r"\d{4}-\d\d-\d\d", start)
        assert edge.get("kind") and edge.get("type") is None
    for node in root.iter(f"{GEXF}node"):
        assert {child.tag for child in node} >= {f"{VIZ}color", f"{VIZ}position", f"{VIZ}size"}
    parallel = Counter((e.get("source"), e.get("target"), e.get("kind")) for e in root.iter(f"{GEXF}edge"))
    assert set(parallel.values()) == {1}, "Gephi joins parallel edges of one kind"


def test_a_graph_without_dates_is_not_dynamic(tmp_path: Path) -> None:
    _, path = _write(hostile_graph(dates=False), "gexf", "lineage", tmp_path)
    assert 'mode="static"' in path.read_text(encoding="utf-8")
    _, path = _write(hostile_graph(), "gexf", "lineage", tmp_path)
    assert 'mode="dynamic"' in path.read_text(encoding="utf-8")


def test_all_is_what_networkx_has(graph: KnowledgeGraph) -> None:
    whole, projection = to_networkx(graph), project(graph)
    rows = {row.id: {k: v for k, v in row.attributes.items() if v is not None} for row in projection.nodes()}
    for row in rows.values():
        if row["node_class"] != "Paper":
            row.pop("first_seen", None)
    assert rows == {node: dict(data) for node, data in whole.nodes(data=True)}
    edges = {row.id: {k: v for k, v in row.attributes.items() if v is not None} for row in projection.edges()}
    assert edges == {key: data for _, _, key, data in whole.edges(keys=True, data=True)}


def test_co_occurrence_counts_papers(graph: KnowledgeGraph) -> None:
    named: dict[str, set[str]] = {}
    for edge in graph.edges:
        if edge.source.startswith("paper:") and edge.relation in ROLE_RELATION.values():
            named.setdefault(edge.source, set()).add(edge.target)
    expected = Counter(pair for things in named.values() for pair in combinations(sorted(things), 2))
    rows = list(project(graph, "co-occurrence").edges())
    assert {(row.source, row.target): row.attributes["weight"] for row in rows} == expected
    often = list(project(graph, "co-occurrence", min_weight=2).edges())
    assert [row for row in rows if expected[row.source, row.target] > 1] == often
    assert project(graph, "co-occurrence", min_weight=10**6).nodes is not None
    assert list(project(graph, "co-occurrence", min_weight=10**6).nodes()) == []


def test_views_hold_what_they_say(graph: KnowledgeGraph) -> None:
    papers = project(graph, "papers-entities")
    assert all(row.source.startswith("paper:") for row in papers.edges())
    assert {row.id for row in papers.nodes()} == {row.id for row in project(graph).nodes()}
    line = project(graph, "lineage")
    relations = {row.attributes["relation"] for row in line.edges()}
    assert relations and relations <= {"extends", "builtOn", "variantOf"}
    assert {row.id for row in line.nodes()} == {end for e in line.edges() for end in (e.source, e.target)}


@pytest.mark.parametrize("form", FORMS)
def test_names_survive(form: str, tmp_path: Path) -> None:
    _, path = _write(hostile_graph(), form, "all", tmp_path)
    read = _networkx(path)
    assert set(NAMES) <= {label for _, label in read.nodes(data="label")}


@pytest.mark.parametrize("form", FORMS)
def test_empty_views_are_whole_files(form: str, tmp_path: Path) -> None:
    graph = project(hostile_graph(), "co-occurrence", min_weight=99)
    draw = get_writer(form).draw
    assert draw is not None
    draw(graph, tmp_path / "g")
    assert len(list(ET.parse(tmp_path / "g").iter())) > 2
    assert [file.name for file in tmp_path.iterdir()] == ["g"]


@pytest.mark.shared
@pytest.mark.parametrize("form", FORMS)
def test_the_seeds_are_the_same_each_time(form: str, seeds_built: Built, tmp_path: Path) -> None:
    for view in VIEWS:
        _, first = _write(seeds_built.graph, form, view, tmp_path / "a")
        _, second = _write(seeds_built.graph, form, view, tmp_path / "b")
        assert first.read_bytes() == second.read_bytes()
