"""Pages to look at: what an explorer shows (`data`) and how pyvis draws it (`page`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.explorer.data import explorer_data
from kg.explorer.page import explorer_page
from kg.graph import KnowledgeGraph, evidence_by_edge, to_networkx

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["graph_page"]


def graph_page(
    graph: KnowledgeGraph,
    part: nx.MultiDiGraph[str] | None = None,
    *,
    title: str = "abstractkg",
    with_text: bool = False,
) -> str:
    """Return the page of a graph, or of a part of what `to_networkx` makes of it, as HTML."""
    evidence = evidence_by_edge(graph, with_text=with_text)
    shown = to_networkx(graph) if part is None else part
    return explorer_page(explorer_data(shown, evidence, title=title, with_text=with_text))
