"""The parts of the graph that the explorer asks the server for."""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from kg.graph import KnowledgeGraph
from kg.pipeline import Built, load
from tests.kg.server.conftest import Served


@pytest.fixture(scope="module")
def graph(example_built: Built) -> KnowledgeGraph:
    return load(example_built.folder)


def asked(server: Served, path: str, **query: str | int) -> Any:
    done = server.client.get(f"/api/{path}", params=query)
    assert done.status_code == 200, done.text
    return done.json()


def names_of(part: Any) -> dict[int, str]:
    """Return the node id of each number of a part."""
    entities, papers = part["entities"], part["papers"]
    return {
        **{n: f"entity:{s}" for n, s in zip(entities["number"], entities["slug"], strict=True)},
        **{n: f"paper:{i}" for n, i in zip(papers["number"], papers["id"], strict=True)},
    }


def edges_of(part: Any, head: Any) -> set[tuple[str, str, str]]:
    names, relations = names_of(part), [row[0] for row in head["relations"]]
    edges = part["edges"]
    rows = zip(edges["source"], edges["relation"], edges["target"], strict=True)
    return {(names[s], relations[r], names[t]) for s, r, t in rows}


def test_overview_has_every_edge_among_its_nodes(server: Served, graph: KnowledgeGraph) -> None:
    head = asked(server, "explorer")
    nodes = set(names_of(head).values())
    assert len(nodes) <= 1506 and head["counts"]["papers"] == len(graph.papers)
    expected = {(e.source, e.relation, e.target) for e in graph.edges if {e.source, e.target} <= nodes}
    assert edges_of(head, head) == expected
    places = set(zip(head["nodes"]["x"], head["nodes"]["y"], strict=True))
    assert len(places) == len(nodes)


def test_details_hold_papers_evidence_and_results(server: Served, graph: KnowledgeGraph) -> None:
    head, part = asked(server, "explorer"), asked(server, "node", node="entity:grpo")
    saying = [e for e in graph.edges if e.target == "entity:grpo" and e.source.startswith("paper:")]
    facts = part["facts"]
    assert facts["papers"] == len({e.source for e in saying})
    for role, count in facts["roles"].items():
        assert count == sum(e.relation == role for e in saying)
    results = [r for r in graph.results if "entity:grpo" in {r.subject, r.benchmark}]
    assert facts["results"] == len(results)
    names, spans = names_of(part), part["edges"]["spans"]
    abstracts = dict(zip(part["papers"]["number"], part["papers"]["abstract"], strict=True))
    evidence, relations = part["evidence"], [row[0] for row in head["relations"]]
    expected = {(e.source, e.relation): e for e in saying}
    at = checked = 0
    for k, size in enumerate(spans):
        source, target = part["edges"]["source"][k], part["edges"]["target"][k]
        edge = expected.get((names[source], relations[part["edges"]["relation"][k]]))
        if names[target] == "entity:grpo" and edge and names[source].startswith("paper:"):
            found = [
                (start, start + length, abstracts[source][start : start + length])
                for start, length in zip(
                    evidence["start"][at : at + size], evidence["length"][at : at + size], strict=True
                )
                if start >= 0
            ]
            inside = [s for support in edge.support for s in support.spans if s.field == "abstract"]
            assert sorted(found) == sorted((s.start, s.end, s.text) for s in inside)
            checked += len(found)
        at += size
    assert checked > 5


def test_neighbourhood_is_bounded_and_near(server: Served, graph: KnowledgeGraph) -> None:
    head = asked(server, "explorer")
    near: dict[str, set[str]] = {}
    for edge in graph.edges:
        near.setdefault(edge.source, set()).add(edge.target)
        near.setdefault(edge.target, set()).add(edge.source)
    part = asked(server, "neighbourhood", node="entity:grpo", hops=1, limit=20)
    nodes = set(names_of(part).values())
    assert len(nodes) == min(20, len(near["entity:grpo"]) + 1)
    assert nodes - {"entity:grpo"} <= near["entity:grpo"]
    assert {e for e in edges_of(part, head) if "entity:grpo" in e}
    wide = set(names_of(asked(server, "neighbourhood", node="entity:grpo", hops=2)).values())
    assert len(wide) <= 150 and wide - near["entity:grpo"] - {"entity:grpo"}


def test_path_is_as_short_as_breadth_first_search_finds(server: Served, graph: KnowledgeGraph) -> None:
    near: dict[str, set[str]] = {}
    for edge in graph.edges:
        near.setdefault(edge.source, set()).add(edge.target)
        near.setdefault(edge.target, set()).add(edge.source)
    away = {"entity:grpo": 0}
    queue = deque(away)
    while queue:
        node = queue.popleft()
        for other in near.get(node, set()) - away.keys():
            away[other] = away[node] + 1
            queue.append(other)
    slugs = sorted(entity.slug for entity in graph.entities)
    for place in np.linspace(0, len(slugs) - 1, 12).astype(int).tolist():
        end = f"entity:{slugs[place]}"
        part = asked(server, "path", **{"from": "entity:grpo", "to": end})
        if end not in away:
            assert part["path"] is None
            continue
        names = names_of(part)
        nodes = [names[number] for number in part["path"]]
        assert len(nodes) - 1 == away[end]
        assert all(b in near[a] for a, b in pairwise(nodes))


def test_search_finds_nodes(server: Served) -> None:
    part = asked(server, "search", q="grpo", limit=5)
    names = names_of(part)
    assert names[part["found"][0]] == "entity:grpo" and len(part["found"]) <= 5
    only = asked(server, "search", q="learning", only="entities")
    assert only["found"] and only["papers"]["number"] == []


def test_wrong_questions_are_refused_with_words(server: Served) -> None:
    client = server.client
    for address, status, words in (
        ("/api/node", 400, "node= is missing"),
        ("/api/node?node=entity:no-such", 404, "no node 'entity:no-such'"),
        ("/api/neighbourhood?node=entity:grpo&hops=x", 400, "hops='x'"),
        ("/api/path?from=entity:grpo&to=grpo", 404, "no node 'grpo'"),
    ):
        done = client.get(address)
        assert done.status_code == status and words in done.text, (address, done.text)
    assert asked(server, "nodes", node="entity:no-such")["entities"]["number"] == []


def test_policy_stays_strict(server: Served) -> None:
    done = server.client.get("/explore")
    policy = done.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy and "unsafe" not in policy
    assert "<script>" not in done.text and "style=" not in done.text
