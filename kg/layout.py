"""How the graph looks wherever it is drawn: where each node lies, how large it is, which colour it has.

Positions are computed once, before anything is written, so that Gephi and the explorer show the same picture.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    import igraph  # at run time where it is used: it takes a second, as it imports matplotlib where that is

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
_GAP: Final = 2.5  # half the room between communities, in steps
_RESOLUTION: Final = 1.0  # of the modularity: higher gives more communities
_ASPECT: Final = 1.15  # width to height: screens are wide

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Where each node lies, and the number of its community; 0 is the largest."""

    places: Mapping[str, Point]
    groups: Mapping[str, int]


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


def arrange(graph: Any) -> Arrangement:
    """Return where each node lies and to which community it belongs: near things connected, none on one spot.

    Communities are found first (Leiden: Traag et al., 2019) and get a disc each; the discs are laid out by
    the ties between them and moved apart. Inside its disc a community is laid out by force (Fruchterman and
    Reingold, 1991) and turned towards the communities it has ties to. Entities of a single paper lie as
    petals around it. Small components stand outside.

    Args:
        graph: Any networkx graph; of the attributes only `node_class` is read.

    Returns:
        Places rounded to whole numbers, y downwards, and communities, both in the order of the sorted ids.
        The result depends on nodes and edges alone, not on the order in which they were added.

    >>> import networkx as nx
    >>> found = arrange(nx.Graph([("b", "a"), ("b", "c"), ("d", "d")]))
    >>> list(found.places), len(set(found.places.values())), found.groups
    (['a', 'b', 'c', 'd'], 4, {'a': 0, 'b': 0, 'c': 0, 'd': 1})
    >>> found == arrange(nx.Graph([("c", "b"), ("d", "d"), ("a", "b")]))
    True
    """
    names = sorted(str(node) for node in graph)
    index = {name: i for i, name in enumerate(names)}
    pairs = sorted({(min(a, b), max(a, b)) for a, b in _index_pairs(graph, index) if a != b})
    papers = {str(node) for node, node_class in graph.nodes(data="node_class") if node_class == PAPER}
    return _arranged(tuple(names), tuple(pairs), tuple(name in papers for name in names))


@lru_cache(maxsize=1)
def _arranged(
    names: Sequence[str], pairs: Sequence[tuple[int, int]], is_paper: Sequence[bool]
) -> Arrangement:
    """Return what `arrange` does; a graph that is written in one format after another is laid out once."""
    near: list[list[int]] = [[] for _ in names]
    for a, b in pairs:
        near[a].append(b)
        near[b].append(a)
    petals = _petals(near, is_paper)
    inner = [i for i in range(len(names)) if i not in petals]
    flowers: dict[int, list[int]] = {i: [] for i in inner}
    for leaf, centre in petals.items():
        flowers[centre].append(leaf)
    number = {i: k for k, i in enumerate(inner)}
    import igraph

    core = igraph.Graph(
        n=len(inner), edges=[(number[a], number[b]) for a, b in pairs if {a, b} <= number.keys()]
    )
    radii = [_STEP * (0.75 + math.sqrt(len(flowers[i]) + (2 if near[i] else 0))) for i in inner]
    communities = _communities(core)
    centres = _place_communities(core, communities, radii)
    places: dict[int, Point] = {}
    groups: dict[int, int] = {}
    for group, part in enumerate(communities):
        for k in part:
            groups |= dict.fromkeys((inner[k], *flowers[inner[k]]), group)
    for i, (x, y) in zip(inner, centres, strict=True):
        places[i] = (x, y)
        for k, leaf in enumerate(sorted(flowers[i])):
            reach, angle = _STEP * math.sqrt(k + 2.5), k * _GOLDEN
            places[leaf] = (x + reach * math.cos(angle), y + reach * math.sin(angle))
    # Adding 0.0 turns a rounded -0.0 into 0.0.
    return Arrangement(
        {name: (round(places[i][0]) + 0.0, round(places[i][1]) + 0.0) for i, name in enumerate(names)},
        {name: groups[i] for i, name in enumerate(names)},
    )


def positions(graph: Any) -> dict[str, Point]:
    """Return the places of `arrange` alone.

    >>> import networkx as nx
    >>> list(positions(nx.Graph([("b", "a")])))
    ['a', 'b']
    """
    return dict(arrange(graph).places)


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


def _communities(core: igraph.Graph) -> list[list[int]]:
    """Return the communities, largest first; ties to what everybody uses count less."""
    degree = core.degree()
    weights = [1 / math.sqrt(max(degree[e.source], degree[e.target])) for e in core.es]
    import igraph

    igraph.set_random_number_generator(random.Random(_SEED))
    try:
        parts = core.community_leiden("modularity", weights=weights, resolution=_RESOLUTION, n_iterations=8)
    finally:
        igraph.set_random_number_generator(random)
    return sorted((sorted(part) for part in parts if part), key=lambda part: (-len(part), part[0]))


def _place_communities(
    core: igraph.Graph, communities: Sequence[Sequence[int]], radii: Sequence[float]
) -> list[Point]:
    """Give each community a disc, lay the discs out, and turn each towards its neighbours."""
    inside = [_place_inside(core.induced_subgraph(part), [radii[i] for i in part]) for part in communities]
    reach = [_GAP * _STEP + math.sqrt(sum(radii[i] ** 2 for i in part) / _FILL) for part in communities]
    group = {i: g for g, part in enumerate(communities) for i in part}
    ties = Counter(
        (min(group[e.source], group[e.target]), max(group[e.source], group[e.target]))
        for e in core.es
        if group[e.source] != group[e.target]
    )
    discs = _place_discs(len(communities), ties, reach)
    places: list[Point] = [(0.0, 0.0)] * core.vcount()
    for g, (part, points) in enumerate(zip(communities, inside, strict=True)):
        x0, y0 = discs[g]
        cos, sin = _turn(core, part, points, group, discs)
        for i, (x, y) in zip(part, points, strict=True):
            places[i] = (x0 + cos * x - sin * y, y0 + sin * x + cos * y)
    return _push_apart(places, radii, rounds=40)


def _place_discs(count: int, ties: Mapping[tuple[int, int], int], radii: Sequence[float]) -> list[Point]:
    """Lay out discs by the ties between them; those without any stand outside."""
    if count <= 1:
        return [(0.0, 0.0)] * count
    tied = sorted({g for pair in ties for g in pair})
    number = {g: k for k, g in enumerate(tied)}
    points = [[0.0, 0.0] for _ in range(count)]
    far = 1.0
    if tied:
        pairs = sorted(ties)
        import igraph

        meta = igraph.Graph(n=len(tied), edges=[(number[a], number[b]) for a, b in pairs])
        # Large communities have more ties by size alone.
        weights = [ties[a, b] / math.sqrt(radii[a] * radii[b]) for a, b in pairs]
        for g, (x, y) in zip(tied, _by_force(meta, weights), strict=True):
            points[g] = [x, y]
            far = max(far, math.hypot(x, y))
    for k, g in enumerate(g for g in range(count) if g not in number):
        away = far * (2 + k / count)
        points[g] = [away * math.cos(k * _GOLDEN), away * math.sin(k * _GOLDEN)]
    points = _fill_disc(points, radii)
    for point in points:
        point[0] *= _ASPECT
    return _push_apart(points, radii, rounds=400)


def _turn(
    core: igraph.Graph,
    part: Sequence[int],
    points: Sequence[Point],
    group: Mapping[int, int],
    discs: Sequence[Point],
) -> Point:
    """Return cosine and sine of the turn that brings nodes with ties outside nearest to those."""
    along = across = 0.0
    own = group[part[0]]
    for i, (x, y) in zip(part, points, strict=True):
        for other in core.neighbors(i):
            if group[other] != own:
                dx, dy = discs[group[other]][0] - discs[own][0], discs[group[other]][1] - discs[own][1]
                length = math.hypot(dx, dy)
                along += (x * dx + y * dy) / length
                across += (x * dy - y * dx) / length
    length = math.hypot(along, across)
    return (along / length, across / length) if length > 1e-9 else (1.0, 0.0)


def _place_inside(graph: igraph.Graph, radii: Sequence[float]) -> list[Point]:
    """Lay out one community of discs with the given radii, around the origin."""
    if graph.vcount() == 1:
        return [(0.0, 0.0)]
    degree = graph.degree()
    weights = [1 / math.sqrt(min(degree[e.source], degree[e.target])) for e in graph.es]
    points = _make_round(_by_force(graph, weights))
    placed = _push_apart(_fill_disc(points, radii), radii)
    x, y = (sum(p[d] for p in placed) / len(placed) for d in (0, 1))
    return [(px - x, py - y) for px, py in placed]


def _by_force(graph: igraph.Graph, weights: Sequence[float]) -> list[Point]:
    count = graph.vcount()
    rng = random.Random(_SEED)
    start = [[rng.uniform(-1, 1) * math.sqrt(count) for _ in "xy"] for _ in range(count)]
    import igraph

    igraph.set_random_number_generator(random.Random(_SEED))
    try:
        layout = graph.layout_fruchterman_reingold(
            weights=list(weights), seed=start, niter=400, grid="nogrid" if count < 1500 else "grid"
        )
    finally:
        igraph.set_random_number_generator(random)
    return [(float(x), float(y)) for x, y in layout.coords]


def _make_round(points: Sequence[Point]) -> list[Point]:
    """Turn and stretch points so that they lie as wide as high: long communities waste room."""
    count = len(points)
    mid = [sum(p[d] for p in points) / count for d in (0, 1)]
    centred = [(x - mid[0], y - mid[1]) for x, y in points]
    xx, yy, xy = (sum(p[a] * p[b] for p in centred) for a, b in ((0, 0), (1, 1), (0, 1)))
    angle = math.atan2(2 * xy, xx - yy) / 2
    cos, sin = math.cos(angle), math.sin(angle)
    turned = [(cos * x + sin * y, cos * y - sin * x) for x, y in centred]
    wide, high = (math.sqrt(sum(p[d] ** 2 for p in turned)) for d in (0, 1))
    stretch = min(wide / high, 4.0) if high > 1e-9 else 1.0
    return [(x, y * stretch) for x, y in turned]


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


def _push_apart(points: Sequence[Sequence[float]], radii: Sequence[float], rounds: int = 60) -> list[Point]:
    """Return the centres of discs moved until none overlap, or until the rounds are over."""
    # Sums run in the order of the pairs (bincount), so every machine gets the same bits.
    x, y = (np.array([p[d] for p in points], dtype=np.float64) for d in (0, 1))
    radius = np.array(radii, dtype=np.float64)
    count = len(points)
    for turn in range(rounds):
        if turn % 10 == 0:
            one, other = _pairs_near(x, y, radius)
            reach = radius[one] + radius[other]
        dx, dy = x[other] - x[one], y[other] - y[one]
        gap = np.sqrt(dx * dx + dy * dy)
        push = np.where(gap < reach * 0.999, (reach - gap) * 0.3, 0.0)
        if not push.any():
            break
        same = gap < 1e-9
        ux, uy = np.where(same, 1.0, dx / np.where(same, 1.0, gap)), dy / np.where(same, 1.0, gap)
        for axis, unit in ((x, ux), (y, uy)):
            axis += np.bincount(other, push * unit, count) - np.bincount(one, push * unit, count)
    return list(zip(x.tolist(), y.tolist(), strict=True))


def _pairs_near(x: Any, y: Any, radius: Any) -> tuple[Any, Any]:
    """Return the pairs of discs, as two arrays of indices, that may touch within the next few rounds."""
    count = len(x)
    if count < 300:
        return np.triu_indices(count, 1)
    # Discs in one cell of a grid, or in cells side by side, may touch; cells are numbered row by row.
    cell = 2.2 * float(radius.max())
    column, row = (np.floor((axis - axis.min()) / cell).astype(np.int64) + 1 for axis in (x, y))
    width = int(row.max()) + 2
    key = column * width + row
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    rank = np.arange(count)
    found: list[tuple[Any, Any]] = []
    for step in (0, 1, width - 1, width, width + 1):
        low = rank + 1 if step == 0 else np.searchsorted(ordered, ordered + step, "left")
        high = np.searchsorted(ordered, ordered + step, "right")
        counts = high - low
        first = np.repeat(rank, counts)
        offset = np.arange(len(first)) - np.repeat(np.cumsum(counts) - counts, counts)
        one, other = order[first], order[low[first] + offset]
        dx, dy, reach = x[other] - x[one], y[other] - y[one], 1.1 * (radius[one] + radius[other])
        near = dx * dx + dy * dy < reach * reach
        found.append((one[near], other[near]))
    return np.concatenate([one for one, _ in found]), np.concatenate([other for _, other in found])
