"""Pages to look at: what the explorer holds (`data`) and the page around it (`page`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.explorer.data import explorer_data
from kg.explorer.page import explorer_page
from kg.graph import KnowledgeGraph

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
    return explorer_page(explorer_data(graph, part, title=title, with_text=with_text))
