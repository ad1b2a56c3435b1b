"""What the explorer page holds: the graph as columns of numbers and texts, small enough for one file."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from kg.columns import class_rows, edge_columns, entity_columns, paper_columns, relation_rows, result_row
from kg.graph import KnowledgeGraph, to_networkx
from kg.layout import PAPER, arrange

if TYPE_CHECKING:
    import networkx as nx

SCHEMA_VERSION: Final = 2


def explorer_data(
    graph: KnowledgeGraph,
    part: nx.MultiDiGraph[str] | None = None,
    *,
    title: str = "abstractkg",
    with_text: bool = False,
) -> dict[str, Any]:
    """Return all that the explorer page needs, in an order that content alone decides.

    Nodes are numbered: entities first, most papers first, then papers, newest first. `docs/explorer.md`
    describes each column.

    Args:
        graph: The graph.
        part: A part of what `to_networkx` makes of it, or None for all of it. The papers that support its
            edges are added.
        title: What the page is called.
        with_text: Whether abstracts are included. Without, a piece of evidence keeps at most seven words.

    Returns:
        Dicts, lists, texts, numbers and None only.
    """
    whole = to_networkx(graph)
    wanted = set(whole) if part is None else _with_support(graph, set(part))
    arrangement = arrange(whole.subgraph(wanted))
    entities = [e for e in graph.entities if f"entity:{e.slug}" in wanted]
    papers = [p for p in graph.papers if f"paper:{p.id}" in wanted]
    edges = [e for e in graph.edges if {e.source, e.target} <= wanted]
    degree = Counter(end for edge in edges for end in (edge.source, edge.target))
    entities.sort(key=lambda e: (-e.num_papers, -degree[f"entity:{e.slug}"], e.slug))
    papers.sort(key=lambda p: p.id)
    papers.sort(key=lambda p: p.published or "", reverse=True)
    names = [*(f"entity:{e.slug}" for e in entities), *(f"paper:{p.id}" for p in papers)]
    index = {name: number for number, name in enumerate(names)}
    types = Counter[str](e.type for e in entities)
    classes = class_rows(dict(types) | ({PAPER: len(papers)} if papers else {}))
    relations = relation_rows(edge.relation for edge in edges)
    texts = {paper.id: paper for paper in graph.papers} if with_text else None
    return {
        "schema_version": SCHEMA_VERSION,
        "title": title,
        "with_text": with_text,
        "base": graph.namespace.base,
        "classes": classes,
        "relations": relations,
        "nodes": {
            "x": [int(arrangement.places[name][0]) for name in names],
            "y": [int(arrangement.places[name][1]) for name in names],
            "group": [arrangement.groups[name] for name in names],
        },
        "entities": entity_columns(entities, {row[0]: i for i, row in enumerate(classes)}, graph.namespace),
        "papers": paper_columns(papers, graph.namespace, with_text=with_text),
        **edge_columns(edges, index, [row[0] for row in relations], texts),
        "results": [
            result_row(r, index) for r in graph.results if {r.subject, f"paper:{r.paper}"} <= index.keys()
        ],
    }


def _with_support(graph: KnowledgeGraph, part: set[str]) -> set[str]:
    """Return the part and the papers that support the edges inside of it."""
    return part | {f"paper:{p}" for e in graph.edges if {e.source, e.target} <= part for p in e.papers}
