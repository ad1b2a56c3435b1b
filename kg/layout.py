"""How the graph looks wherever it is drawn: where each node lies, how large it is, which colour it has.

Positions are computed once, before anything is written, so that Gephi and the explorer show the same picture.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import igraph

PAPER: Final = "Paper"
"""The class of papers; any other class is an entity type."""

COLOURS: Final[Mapping[str, str]] = {
    "Paper": "#8b93a1",
    "Method": "#2a78b8",
    "Model": "#d2601a",
    "Benchmark": "#12906a",
    "Organization": "#c46a9f",
    "Task": "#e0a01b",
    "Concept": "#62b5e5",
    "Metric": "#9a8f2e",
}
"""Colour by class, near the palette of Okabe and Ito (2008), which stays distinct for colour-blind eyes."""

OTHER_COLOUR: Final = "#6d5c7e"
"""The colour of a class that `COLOURS` does not know."""

_SEED: Final = 0
_STEP: Final = 23.0  # distance between neighbouring leaves, in units of the drawing
_GOLDEN: Final = math.pi * (3 - math.sqrt(5))

_FILL: Final = 0.6  # share of the drawing that the flowers cover

Point = tuple[float, float]


def colour(node_class: str) -> str:
    """Return the colour of a node class as `#rrggbb`.

    >>> colour("Method"), colour("Something else")
    ('#2a78b8', '#6d5c7e')
    """
    return COLOURS.get(node_class, OTHER_COLOUR)


def size(node_class: str, degree: int) -> float:
    """Return the radius of a node in units of the drawing: by degree, papers smaller than entities.

    >>> size("Paper", 9), size("Method", 1), size("Method", 100)
    (13.0, 10.4, 41.0)
    """
    if node_class == PAPER:
        return round(10.0 + min(math.sqrt(degree), 8.0), 1)
    return round(7.0 + 3.4 * min(math.sqrt(degree), 11.0), 1)


def positions(graph: Any) -> dict[str, Point]:
    """Return a place for each node: connected things near each other, no two on one spot.

    Entities of a single paper lie as petals around it; what remains is laid out by force (Fruchterman
    and Reingold, 1991) with ties inside a community (Leiden: Traag et al., 2019) drawn closer, then moved
    apart until the flowers do not overlap. Small components and lonely nodes stand in rows underneath.

    Args:
        graph: Any networkx graph; of the attributes only `node_class` is read.

    Returns:
        Node id to (x, y), y downwards, rounded to whole numbers, in the order of the sorted ids. The
        result depends on nodes and edges alone, not on the order in which they were added.

    >>> import networkx as nx
    >>> places = positions(nx.Graph([("b", "a"), ("b", "c"), ("d", "d")]))
    >>> list(places), len(set(places.values()))
    (['a', 'b', 'c', 'd'], 4)
    >>> places == positions(nx.Graph([("c", "b"), ("d", "d"), ("a", "b")]))
    True
    """
    names = sorted(str(node) for node in graph)
    index = {name: i for i, name in enumerate(names)}
    pairs = sorted({(min(a, b), max(a, b)) for a, b in _index_pairs(graph, index) if a != b})
    near: list[list[int]] = [[] for _ in names]
    for a, b in pairs:
        near[a].append(b)
        near[b].append(a)
    classes = {str(node): node_class for node, node_class in graph.nodes(data="node_class")}
    petals = _petals(near, [classes[name] == PAPER for name in names])
    inner = [i for i in range(len(names)) if i not in petals]
    flowers: dict[int, list[int]] = {i: [] for i in inner}
    for leaf, centre in petals.items():
        flowers[centre].append(leaf)
    number = {i: k for k, i in enumerate(inner)}
    core = igraph.Graph(
        n=len(inner), edges=[(number[a], number[b]) for a, b in pairs if {a, b} <= number.keys()]
    )
    radii = [_STEP * (0.75 + math.sqrt(len(flowers[i]) + (2 if near[i] else 0))) for i in inner]
    centres = _place_components(core, radii)
    places: dict[int, Point] = {}
    for i, (x, y) in zip(inner, centres, strict=True):
        places[i] = (x, y)
        for k, leaf in enumerate(sorted(flowers[i])):
            reach, angle = _STEP * math.sqrt(k + 2.5), k * _GOLDEN
            places[leaf] = (x + reach * math.cos(angle), y + reach * math.sin(angle))
    # Adding 0.0 turns a rounded -0.0 into 0.0.
    return {names[i]: (round(places[i][0]) + 0.0, round(places[i][1]) + 0.0) for i in range(len(names))}


def _index_pairs(graph: Any, index: Mapping[str, int]) -> Iterator[tuple[int, int]]:
    for a, b in graph.edges():
        yield index[str(a)], index[str(b)]


def _petals(near: Sequence[Sequence[int]], is_paper: Sequence[bool]) -> dict[int, int]:
    """Return the nodes that lie around another node, and which: entities of one paper, ends of one tie."""
    petals: dict[int, int] = {}
    for i, others in enumerate(near):
        papers = [j for j in others if is_paper[j]]
        if not is_paper[i] and len(papers) == 1:
            petals[i] = papers[0]
        elif len(others) == 1 and not is_paper[i] and (len(near[others[0]]) > 1 or others[0] < i):
            petals[i] = others[0]
    return {i: centre for i, centre in petals.items() if centre not in petals}


def _place_components(core: igraph.Graph, radii: Sequence[float]) -> list[Point]:
    """Place the largest component by force and the others in rows underneath it."""
    places: list[Point] = [(0.0, 0.0)] * core.vcount()
    components = sorted((sorted(part) for part in core.connected_components()), key=lambda p: (-len(p), p[0]))
    left, right, top = -600.0, 600.0, 0.0
    x = row = 0.0
    for rank, part in enumerate(components):
        own = [radii[i] for i in part]
        points = _place_connected(core.induced_subgraph(part), own)
        x0 = min(p[0] - r for p, r in zip(points, own, strict=True))
        x1 = max(p[0] + r for p, r in zip(points, own, strict=True))
        y0 = min(p[1] - r for p, r in zip(points, own, strict=True))
        y1 = max(p[1] + r for p, r in zip(points, own, strict=True))
        if rank == 0 and len(part) > 3:
            left, right, top, x = x0, max(x1, x0 + 400), y1 + 3 * _STEP, x0
            shift = (0.0, 0.0)
        else:
            if rank == 0 or x + (x1 - x0) > right:
                x, top, row = left, top + row, 0.0
            shift = (x - x0, top - y0)
            x, row = x + (x1 - x0), max(row, y1 - y0)
        for i, (px, py) in zip(part, points, strict=True):
            places[i] = (px + shift[0], py + shift[1])
    return places


def _place_connected(graph: igraph.Graph, radii: Sequence[float]) -> list[Point]:
    """Lay out one connected graph of discs with the given radii, around the origin."""
    count = graph.vcount()
    if count == 1:
        return [(0.0, 0.0)]
    igraph.set_random_number_generator(random.Random(_SEED))
    try:
        groups = graph.community_leiden("modularity", n_iterations=4).membership
        degree = graph.degree()
        weights = [
            (1.0 if groups[e.source] == groups[e.target] else 0.15)
            / math.sqrt(min(degree[e.source], degree[e.target]))
            for e in graph.es
        ]
        rng = random.Random(_SEED)
        start = [[rng.uniform(-1, 1) * math.sqrt(count) for _ in "xy"] for _ in range(count)]
        layout = graph.layout_fruchterman_reingold(
            weights=weights, seed=start, niter=400, grid="nogrid" if count < 1500 else "grid"
        )
    finally:
        igraph.set_random_number_generator(random)
    points = _fill_disc([[float(x), float(y)] for x, y in layout.coords], radii)
    _push_apart(points, radii)
    return [(p[0], p[1]) for p in points]


def _fill_disc(points: Sequence[Sequence[float]], radii: Sequence[float]) -> list[list[float]]:
    """Pull far arms in: keep each point's direction and rank from the middle, and spread all evenly."""
    mid = [sum(p[d] for p in points) / len(points) for d in (0, 1)]
    away = [math.hypot(p[0] - mid[0], p[1] - mid[1]) for p in points]
    area, out = 0.0, [[0.0, 0.0] for _ in points]
    for i in sorted(range(len(points)), key=lambda i: (away[i], i)):
        area += radii[i] ** 2
        stretch = math.sqrt(area / _FILL) / (away[i] or 1.0)
        out[i] = [(points[i][d] - mid[d]) * stretch for d in (0, 1)]
    return out


def _push_apart(points: list[list[float]], radii: Sequence[float], rounds: int = 60) -> None:
    """Move discs in place until none overlap, or until the rounds are over."""
    cell = 2 * max(radii)
    for _ in range(rounds):
        grid: dict[tuple[int, int], list[int]] = {}
        for i, (x, y) in enumerate(points):
            grid.setdefault((int(x // cell), int(y // cell)), []).append(i)
        moved = False
        for (cx, cy), here in grid.items():
            around = [j for dx in (-1, 0, 1) for dy in (-1, 0, 1) for j in grid.get((cx + dx, cy + dy), ())]
            for i in here:
                a, ra = points[i], radii[i]
                for j in around:
                    b, reach = points[j], ra + radii[j]
                    dx, dy = b[0] - a[0], b[1] - a[1]
                    square = dx * dx + dy * dy
                    if j <= i or square >= reach * reach * 0.998:
                        continue
                    gap = math.sqrt(square)
                    ux, uy = (dx / gap, dy / gap) if gap > 1e-9 else (1.0, 0.0)
                    push = (reach - gap) / 2
                    a[0], a[1] = a[0] - ux * push, a[1] - uy * push
                    b[0], b[1] = b[0] + ux * push, b[1] + uy * push
                    moved = True
        if not moved:
            return
