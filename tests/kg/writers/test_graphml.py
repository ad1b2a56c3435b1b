"""GraphML: what is written reads back, in the same bytes each time, as Gephi wants it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from kg.errors import UsageError
from kg.writers.graphml import read_graphml, write_graphml

KEY = "{http://graphml.graphdrawing.org/xmlns}key"


def _graph() -> Any:
    graph: Any = nx.MultiDiGraph()
    graph.add_node(
        "paper:1", label="A <title> & “more”", node_class="Paper", published="2025-01", num_authors=3
    )
    graph.add_node("entity:π0", label="π0 🤖", node_class="Model", kind="", aliases="pi0 | pi-zero", papers=1)
    graph.add_node("entity:b", label="B", node_class="Model", kind="", aliases="", papers=0)
    uses = {"weight": 1, "confidence": 0.9, "papers": "1"}
    graph.add_edge("paper:1", "entity:π0", "e1", relation="uses", **uses)
    graph.add_edge("paper:1", "entity:π0", "e2", relation="introduces", first_seen="2025-01", **uses)
    graph.add_edge("entity:b", "entity:π0", "e3", relation="extends", **uses)
    return graph


def test_round_trip(tmp_path: Path) -> None:
    graph = _graph()
    write_graphml(graph, tmp_path / "g.graphml")
    back = read_graphml(tmp_path / "g.graphml")
    assert back.nodes == graph.nodes
    assert sorted(back.edges(keys=True, data=True)) == sorted(graph.edges(keys=True, data=True))
    assert [file.name for file in tmp_path.iterdir()] == ["g.graphml"]


def test_same_bytes_in_any_order(tmp_path: Path) -> None:
    graph = _graph()
    turned: Any = nx.MultiDiGraph(title="left out")
    for node, attributes in reversed(list(graph.nodes(data=True))):
        turned.add_node(node, **dict(reversed(attributes.items())))
    turned.add_edges_from(reversed(list(graph.edges(keys=True, data=True))))
    write_graphml(graph, tmp_path / "a")
    write_graphml(turned, tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_keys_for_gephi(tmp_path: Path) -> None:
    write_graphml(_graph(), tmp_path / "g")
    keys = [
        (k.get("for"), k.get("attr.name"), k.get("attr.type")) for k in ET.parse(tmp_path / "g").iter(KEY)
    ]
    assert len(keys) == len({key[:2] for key in keys})
    types = {key[:2]: key[2] for key in keys}
    assert {types["node", name] for name in ("x", "y", "size")} == {"double"}
    assert {types[of, name] for of in ("node", "edge") for name in "rgb"} == {"long"}
    assert {("node", "label"), ("edge", "label"), ("edge", "weight"), ("edge", "relation")} <= types.keys()
    assert ("edge", "type") not in types
    assert {key[0] for key in keys} == {"node", "edge"}
    assert None not in types.values()


def test_mends_what_graphml_cannot_hold(tmp_path: Path) -> None:
    graph = _graph()
    graph.nodes["entity:b"].update(label="bell\x07", published=None)
    graph.edges["entity:b", "entity:π0", "e3"].update(type="odd", weight=1.5)
    write_graphml(graph, tmp_path / "g")
    back = read_graphml(tmp_path / "g")
    assert back.nodes["entity:b"]["label"] == "bell"
    assert "published" not in back.nodes["entity:b"]
    assert back.edges["entity:b", "entity:π0", "e3"]["edge_type"] == "odd"
    assert back.edges["paper:1", "entity:π0", "e1"]["weight"] == 1.0


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    graph = _graph()
    write_graphml(graph, tmp_path / "g")
    before = (tmp_path / "g").read_bytes()
    graph.nodes["entity:b"]["aliases"] = ["a", "list"]
    with pytest.raises(UsageError, match="'aliases' holds a list"):
        write_graphml(graph, tmp_path / "g")
    del graph.nodes["entity:b"]["aliases"]
    graph.add_edge("paper:1", "entity:b", "e3")
    with pytest.raises(UsageError, match="e3"):
        write_graphml(graph, tmp_path / "g")
    assert (tmp_path / "g").read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


def test_ids_of_digits_alone_stay_text(tmp_path: Path) -> None:
    graph = _graph()
    graph.add_edge("paper:1", "entity:b", "026853043355", relation="uses", weight=1)
    write_graphml(graph, tmp_path / "g")
    assert ("paper:1", "entity:b", "026853043355") in read_graphml(tmp_path / "g").edges(keys=True)


def test_no_key_id_is_one_that_gephi_takes_for_a_label(tmp_path: Path) -> None:
    graph = _graph()
    for node in graph:
        graph.nodes[node].update({f"extra_{i}": i for i in range(10)})
    write_graphml(graph, tmp_path / "g")
    ids = {key.get("id") for key in ET.parse(tmp_path / "g").iter(KEY)}
    assert len(ids) > 12 and not ids & {"d3", "d7", "label", "id", "weight"}
