"""Places for graphs that are too large to lay out as a whole in a minute."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from kg.layout import PAPER, positions

if TYPE_CHECKING:
    import networkx as nx

LARGE: Final = 20_000
"""From so many nodes on, only the backbone is laid out by force."""
BACKBONE: Final = 4_000
_STEP: Final = 23.0
_GOLDEN: Final = math.pi * (3 - math.sqrt(5))

Point = tuple[float, float]


def places_of(graph: nx.Graph[str], *, large: int = LARGE, backbone: int = BACKBONE) -> dict[str, Point]:
    """Return a place for each node, y downwards.

    Small graphs are laid out by `kg.layout.positions`. Of large ones only the nodes of most ties are, spread
    to make room; every other node lies in a spiral around the one of its placed neighbours that has the
    fewest ties, so that it lies by what is special to it. What hangs on none of these stands in rows below.

    Args:
        graph: Nodes with `node_class`.
        large: From how many nodes on a graph is large.
        backbone: How many nodes of a large graph are laid out by force.

    >>> import networkx as nx
    >>> star = nx.star_graph(30)
    >>> places = places_of(nx.relabel_nodes(star, str), large=10, backbone=4)
    >>> len(places), len(set(places.values()))
    (31, 31)
    """
    import networkx as nx

    if len(graph) < large:
        return positions(graph)
    degree = dict(graph.degree())
    strongest = sorted(graph, key=lambda n: (-degree[n], n))[:backbone]
    core: Any = nx.Graph()
    for node in strongest:
        core.add_node(node, node_class=graph.nodes[node].get("node_class", PAPER))
    core.add_edges_from(edge for edge in graph.subgraph(strongest).edges())
    spread = math.sqrt(len(graph) / len(strongest))
    places = {node: (x * spread, y * spread) for node, (x, y) in positions(core).items()}
    leaves: defaultdict[str, int] = defaultdict(int)
    ring = strongest
    while ring:
        near = sorted({other for node in ring for other in graph[node] if other not in places})
        settled = set(places)
        for node in near:
            centre = min((n for n in graph[node] if n in settled), key=lambda n: (degree[n], n))
            reach, angle = _STEP * math.sqrt(leaves[centre] + 2.5), leaves[centre] * _GOLDEN
            leaves[centre] += 1
            x, y = places[centre]
            places[node] = (x + reach * math.cos(angle), y + reach * math.sin(angle))
        ring = near
    _in_rows(sorted(set(graph) - places.keys()), places)
    # Adding 0.0 turns a rounded -0.0 into 0.0.
    return {node: (round(x, 1) + 0.0, round(y, 1) + 0.0) for node, (x, y) in sorted(places.items())}


def _in_rows(nodes: list[str], places: dict[str, Point]) -> None:
    """Put nodes in rows underneath the places that there are."""
    left = min(x for x, _ in places.values())
    width = max(max(x for x, _ in places.values()) - left, 1000.0)
    top = max(y for _, y in places.values()) + 4 * _STEP
    across = int(width // _STEP)
    for i, node in enumerate(nodes):
        places[node] = (left + i % across * _STEP, top + i // across * _STEP)
