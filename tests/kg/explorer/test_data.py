"""The columns say what the graph says."""

from __future__ import annotations

import json

import networkx as nx

from kg.explorer.data import explorer_data
from kg.graph import to_networkx
from tests.kg.explorer.hostile import NAMES, hostile_graph


def test_every_edge_and_span_is_there() -> None:
    graph = hostile_graph()
    data = explorer_data(graph, with_text=True)
    names = [f"entity:{slug}" for slug in data["entities"]["slug"]]
    names += [f"paper:{id}" for id in data["papers"]["id"]]
    relations = [relation for relation, *_ in data["relations"]]
    edges, evidence = data["edges"], data["evidence"]
    given = iter(evidence["paper"])
    k = 0
    for i, edge in enumerate(graph.edges):
        source, target = names[edges["source"][i]], names[edges["target"][i]]
        assert (source, relations[edges["relation"][i]], target) == (edge.source, edge.relation, edge.target)
        for support in edge.support:
            for span in support.spans:
                paper = edges["source"][i] if edge.source.startswith("paper:") else next(given)
                assert names[paper] == f"paper:{support.paper}"
                abstract = data["papers"]["abstract"][paper - len(graph.entities)]
                start, length = evidence["start"][k], evidence["length"][k]
                assert abstract[start : start + length] == span.text
                k += 1
    assert k == len(evidence["start"]) and next(given, None) is None
    assert len(data["results"]) == len(graph.results)


def test_entities_come_strongest_first_and_papers_newest_first() -> None:
    data = explorer_data(hostile_graph())
    assert data["entities"]["label"][0] == "GRPO"
    assert data["papers"]["published"] == sorted(data["papers"]["published"], reverse=True)


def test_sentences_stay_out_unless_asked_for() -> None:
    with_text, without = (json.dumps(explorer_data(hostile_graph(), with_text=b)) for b in (True, False))
    assert "stands" in with_text and "stands" not in without


def test_long_spans_are_cut() -> None:
    data = explorer_data(hostile_graph())
    assert max(len(text.split()) for text in data["strings"]) <= 8
    assert set(NAMES) <= {*data["entities"]["label"]}


def test_a_part_brings_the_papers_that_support_it() -> None:
    graph = hostile_graph()
    whole = to_networkx(graph)
    near = whole.subgraph(["entity:thing-7", *sorted(nx.all_neighbors(whole, "entity:thing-7"))[:4]])
    data = explorer_data(graph, near)
    assert 1 <= len(data["entities"]["slug"]) < 40
    assert len(data["nodes"]["x"]) == len(data["entities"]["slug"]) + len(data["papers"]["id"])
    count = len(data["nodes"]["x"])
    assert all(0 <= end < count for end in (*data["edges"]["source"], *data["edges"]["target"]))
    assert all(papers for papers in data["edges"]["papers"].values())
