"""Where nodes lie: apart, communities together, the same each time."""

from __future__ import annotations

import math
import random
from itertools import combinations
from typing import Any

import networkx as nx

from kg.layout import arrange
from kg.pipeline import Built


def caves(count: int, size: int) -> Any:
    """Return groups that are tied inside, with a single tie from each to the next."""
    return nx.relabel_nodes(nx.connected_caveman_graph(count, size), str)


def test_communities_lie_apart() -> None:
    graph = caves(6, 9)
    found = arrange(graph)
    inside: list[float] = []
    across: list[float] = []
    for a, b in combinations(graph, 2):
        (inside if int(a) // 9 == int(b) // 9 else across).append(math.dist(found.places[a], found.places[b]))
    assert len(set(found.groups.values())) == 6
    assert sum(inside) / len(inside) < 0.4 * sum(across) / len(across)


def test_no_two_nodes_cover_each_other(example_built: Built) -> None:
    import kg

    with kg.open(example_built.folder) as graph:
        places = list(arrange(graph.to_networkx()).places.values())
    near = sum(math.dist(a, b) < 8 for a, b in combinations(places, 2))
    assert len(set(places)) == len(places)
    assert near < len(places) / 50


def test_the_order_of_nodes_does_not_matter() -> None:
    # Enough nodes for the grid that finds discs side by side.
    graph = caves(40, 12)
    nodes, edges = list(graph.nodes), list(graph.edges)
    random.Random(1).shuffle(nodes)
    random.Random(2).shuffle(edges)
    turned: nx.Graph[str] = nx.Graph()
    turned.add_nodes_from(nodes)
    turned.add_edges_from((b, a) for a, b in edges)
    assert arrange(turned) == arrange(graph)


def test_an_empty_graph_has_no_places() -> None:
    assert arrange(nx.Graph()).places == {}
