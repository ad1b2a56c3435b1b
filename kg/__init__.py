"""abstractkg: a knowledge graph of AI research, built from abstracts.

>>> import kg
>>> kg.normal_form("Meta-World") == kg.normal_form("MetaWorld")
True
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.errors import KGError
from kg.names import normal_form

if TYPE_CHECKING:
    from kg.api import Graph

__all__ = ["KGError", "add", "build", "normal_form", "open", "remove"]


def build(*inputs: str | Path, graph: str | Path = "graph", **options: Any) -> Graph:
    """Build a graph folder from pages, dumps and lists, and open it; see `kg.pipeline.build`."""
    from kg.api import Graph
    from kg.pipeline import build as run

    built = run(inputs, graph=graph, **options)
    return Graph(built.graph, built.folder)


def add(*inputs: str | Path, graph: str | Path = "graph", **options: Any) -> Graph:
    """Add papers to a graph folder, and open it; see `kg.pipeline.add`."""
    from kg.pipeline import add as run

    return open(run(inputs, graph=graph, **options).folder)


def remove(*papers: str, graph: str | Path = "graph", **options: Any) -> Graph:
    """Take papers out of a graph folder by id or title, and open it; see `kg.pipeline.remove`."""
    from kg.pipeline import remove as run

    return open(run(papers, graph=graph, **options).folder)


def open(graph: str | Path = "graph") -> Graph:
    """Open the graph that stands in a folder."""
    from kg.api import Graph
    from kg.pipeline import load

    return Graph(load(Path(graph)), Path(graph))
