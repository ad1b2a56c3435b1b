"""Views of the graph for programs that draw: rows that can be read again and again, never held at once.

A `Projection` is what GraphML and GEXF write. Its rows carry what a drawing shows (label, class, weight,
relation, dates) and flat attributes; how it looks (place, size, colour) stands in `Look`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from kg.errors import UnknownNameError, UsageError
from kg.graph import (
    CONFIDENCE,
    FIRST_SEEN,
    LABEL,
    NODE_CLASS,
    PAPERS,
    RELATION_KEY,
    WEIGHT,
    Edge,
    KnowledgeGraph,
    said_by_name,
)
from kg.layout import PAPER, colour, size
from kg.lineage import LINEAGE
from kg.names import display_name
from kg.vocab import ROLE_RELATION
from kg.writers.big_layout import places_of

if TYPE_CHECKING:
    import networkx as nx

Value = str | int | float | bool
CO_OCCURS: Final = "coOccursWith"
FROM_PAPER: Final = "#c3c8d0"
BETWEEN_ENTITIES: Final = "#56606e"


@dataclass(frozen=True, slots=True)
class NodeRow:
    """A node: its id, class, attributes, since when it is there (a date as far as known), how many papers."""

    id: str
    node_class: str
    attributes: Mapping[str, Any]
    start: str | None = None
    papers: int | None = None


@dataclass(frozen=True, slots=True)
class EdgeRow:
    """An edge: its id, both ends, attributes, and since when it is there."""

    id: str
    source: str
    target: str
    attributes: Mapping[str, Any]
    start: str | None = None


@dataclass(frozen=True, slots=True)
class Projection:
    """A view of a graph. `nodes` come by id; each call of `nodes` and `edges` starts anew."""

    nodes: Callable[[], Iterator[NodeRow]]
    edges: Callable[[], Iterator[EdgeRow]]
    directed: bool = True
    sized_by_papers: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """How the nodes of a projection look: place (y downwards) and size, by node id; and their classes."""

    places: Mapping[str, tuple[float, float]]
    sizes: Mapping[str, float]
    classes: Mapping[str, str]

    def edge_colour(self, source: str) -> str:
        """Return the colour of an edge by where it starts, as `#rrggbb`."""
        return FROM_PAPER if self.classes[source] == PAPER else BETWEEN_ENTITIES


def project(graph: KnowledgeGraph, view: str = "all", *, min_weight: int = 1) -> Projection:
    """Return a view of a graph.

    Args:
        graph: The graph.
        view: A name of `VIEWS`.
        min_weight: Leave out edges with fewer papers, and entities and papers that then stand alone.

    Returns:
        Rows in an order that content alone decides.

    Raises:
        UnknownNameError: There is no such view; the message lists those there are.
    """
    if view not in VIEWS:
        raise UnknownNameError("view", view, VIEWS)
    return VIEWS[view](graph, min_weight)


def from_networkx(graph: nx.MultiDiGraph[str]) -> Projection:
    """Return a networkx graph, with `node_class` on nodes and ids as edge keys, as a projection.

    Raises:
        UsageError: Two edges have one id.
    """
    counts = Counter(key for _, _, key in graph.edges(keys=True))
    repeated = sorted(str(key) for key, count in counts.items() if count > 1)
    if repeated:
        raise UsageError(f"edge ids must differ in the whole graph, but these repeat: {repeated[:5]}")
    ordered = sorted(graph.edges(keys=True), key=lambda edge: tuple(map(str, edge)))

    def nodes() -> Iterator[NodeRow]:
        for node in sorted(graph):
            attributes = graph.nodes[node]
            yield NodeRow(node, str(attributes.get(NODE_CLASS, "")), {LABEL: node} | attributes)

    def edges() -> Iterator[EdgeRow]:
        for source, target, key in ordered:
            yield EdgeRow(str(key), source, target, graph.edges[source, target, key])

    return Projection(nodes, edges, graph.is_directed())


def look_of(projection: Projection) -> Look:
    """Return how the nodes of a projection look: laid out, and sized by degree (or by papers)."""
    import networkx as nx

    light: Any = nx.Graph()
    degree: Counter[str] = Counter()
    papers: dict[str, int | None] = {}
    for node in projection.nodes():
        light.add_node(node.id, node_class=node.node_class)
        papers[node.id] = node.papers
    for edge in projection.edges():
        light.add_edge(edge.source, edge.target)
        degree[edge.source] += 1
        degree[edge.target] += 1
    classes = {node: str(node_class) for node, node_class in light.nodes(data="node_class")}
    places = places_of(light)
    by_papers = projection.sized_by_papers
    sizes = {
        node: size(node_class, (papers[node] or 0) if by_papers else degree[node])
        for node, node_class in classes.items()
    }
    return Look(places, sizes, classes)


def rgb(code: str) -> dict[str, int]:
    """Return the three channels of a colour.

    >>> rgb("#2a78b8")
    {'r': 42, 'g': 120, 'b': 184}
    """
    return {channel: int(code[i : i + 2], 16) for channel, i in (("r", 1), ("g", 3), ("b", 5))}


def node_rgb(row: NodeRow) -> dict[str, int]:
    """Return the colour of a node's class as three channels."""
    return rgb(colour(row.node_class))


def _all(graph: KnowledgeGraph, min_weight: int) -> Projection:
    return _part(graph, lambda edge: len(edge.papers) >= min_weight, alone=min_weight <= 1)


def _papers_entities(graph: KnowledgeGraph, min_weight: int) -> Projection:
    return _part(
        graph,
        lambda edge: edge.source.startswith("paper:") and len(edge.papers) >= min_weight,
        alone=min_weight <= 1,
    )


def _lineage(graph: KnowledgeGraph, min_weight: int) -> Projection:
    return _part(graph, lambda edge: edge.relation in LINEAGE and len(edge.papers) >= min_weight, alone=False)


def _part(graph: KnowledgeGraph, wanted: Callable[[Edge], bool], *, alone: bool) -> Projection:
    """Return the wanted edges with their ends, and the nodes without any if `alone`."""
    ends: set[str] = set()
    if not alone:
        for edge in filter(wanted, graph.edges):
            ends |= {edge.source, edge.target}
    starts = first_dates(graph)

    def nodes() -> Iterator[NodeRow]:
        for row in _entity_rows(graph, starts):
            if alone or row.id in ends:
                yield row
        for row in _paper_rows(graph):
            if alone or row.id in ends:
                yield row

    def edges() -> Iterator[EdgeRow]:
        for edge in filter(wanted, graph.edges):
            attributes: dict[str, Any] = {
                RELATION_KEY: edge.relation,
                WEIGHT: len(edge.papers),
                CONFIDENCE: edge.confidence,
                PAPERS: " ".join(edge.papers),
                FIRST_SEEN: edge.first_seen,
            }
            yield EdgeRow(edge.id, edge.source, edge.target, attributes, edge.first_seen)

    return Projection(nodes, edges)


def _co_occurrence(graph: KnowledgeGraph, min_weight: int) -> Projection:
    """Return entities, joined where papers name both; the weight is how many do."""
    named: defaultdict[str, set[str]] = defaultdict(set)
    for edge in graph.edges:
        if edge.relation in _ROLES and edge.source.startswith("paper:"):
            named[edge.source].add(edge.target)
    dates = {f"paper:{paper.id}": paper.published for paper in graph.papers}
    weights: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], str] = {}
    for paper in sorted(named):
        date = dates[paper]
        for pair in combinations(sorted(named[paper]), 2):
            weights[pair] += 1
            if date is not None and date < first.get(pair, "9999"):
                first[pair] = date
    kept = sorted(pair for pair, weight in weights.items() if weight >= min_weight)
    ends = {node for pair in kept for node in pair}
    starts = first_dates(graph)

    def nodes() -> Iterator[NodeRow]:
        return (row for row in _entity_rows(graph, starts) if row.id in ends)

    def edges() -> Iterator[EdgeRow]:
        for a, b in kept:
            seen = first.get((a, b))
            attributes = {RELATION_KEY: CO_OCCURS, WEIGHT: weights[a, b], FIRST_SEEN: seen}
            # A slug holds no bar, so no two pairs share an id.
            id = f"{a.removeprefix('entity:')}|{b.removeprefix('entity:')}"
            yield EdgeRow(id, a, b, attributes, seen)

    return Projection(nodes, edges, directed=False, sized_by_papers=True)


_ROLES: Final = frozenset(ROLE_RELATION.values())

VIEWS: Final[dict[str, Callable[[KnowledgeGraph, int], Projection]]] = {
    "all": _all,
    "papers-entities": _papers_entities,
    "co-occurrence": _co_occurrence,
    "lineage": _lineage,
}
"""The views that can be written for programs that draw graphs."""


def first_dates(graph: KnowledgeGraph) -> dict[str, str]:
    """Return, by node id of an entity, the earliest date of an edge at it; nothing where no date is known."""
    found: dict[str, str] = {}
    for edge in graph.edges:
        if edge.first_seen is not None:
            for node in (edge.source, edge.target):
                if node.startswith("entity:") and edge.first_seen < found.get(node, "9999"):
                    found[node] = edge.first_seen
    return found


def _paper_rows(graph: KnowledgeGraph) -> Iterator[NodeRow]:
    for paper in graph.papers:
        attributes = {
            LABEL: display_name(paper.title),
            NODE_CLASS: PAPER,
            "iri": graph.namespace.paper(paper.id),
            "published": paper.published,
            "num_authors": paper.num_authors,
        }
        yield NodeRow(f"paper:{paper.id}", PAPER, attributes, paper.published)


def _entity_rows(graph: KnowledgeGraph, starts: Mapping[str, str]) -> Iterator[NodeRow]:
    for entity in graph.entities:
        node = f"entity:{entity.slug}"
        attributes: dict[str, Any] = {
            LABEL: entity.name,
            NODE_CLASS: entity.type,
            "iri": graph.namespace.entity(entity.slug),
            "kind": entity.kind,
            "aliases": " | ".join(entity.aliases),
            PAPERS: entity.num_papers,
            FIRST_SEEN: starts.get(node),
        }
        if entity.slug in graph.variants:
            attributes |= said_by_name(graph.variants[entity.slug].values)
        yield NodeRow(node, entity.type, attributes, starts.get(node), entity.num_papers)


def columns_of(rows: Iterable[NodeRow | EdgeRow], but: Iterable[str] = ()) -> dict[str, type]:
    """Return the attributes of rows and the one type that holds all values of each, by name.

    Args:
        rows: Nodes or edges.
        but: Attributes that are not wanted.

    Raises:
        UsageError: A value is neither text, number nor truth value.
    """
    types: dict[str, set[type]] = {}
    left_out = frozenset(but)
    for row in rows:
        for key, value in row.attributes.items():
            if value is None or key in left_out:
                continue
            kind = type(value)
            if kind not in _TYPES:
                raise UsageError(f"attribute {key!r} holds a {kind.__name__}; a file takes text and numbers")
            types.setdefault(key, set()).add(kind)
    return {key: _common(types[key]) for key in sorted(types)}


_TYPES: Final = frozenset({str, int, float, bool})


def _common(found: set[type]) -> type:
    if len(found) == 1:
        return next(iter(found))
    return float if found == {int, float} else str
