"""abstractkg: a knowledge graph of AI research, built from abstracts.

>>> import kg
>>> kg.normal_form("Meta-World") == kg.normal_form("MetaWorld")
True
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.errors import KGError
from kg.names import normal_form

if TYPE_CHECKING:
    from kg.api import Graph
    from kg.sources import ReadSummary

__all__ = ["KGError", "add", "build", "normal_form", "open", "remove"]


def build(*inputs: str | Path, graph: str | Path = "graph", **options: Any) -> Graph:
    """Build a graph folder from pages, dumps and lists, and open it.

    Warns where something was lost: an input that could not be read, a paper that was not extracted.

    Args:
        inputs: Files, folders, globs, or `-` for standard input.
        graph: The graph folder.
        options: What `kg.pipeline.build` takes besides, such as `on_progress`, called with the stage, how
            much is done and how much there is, and `on_note`, called with what is good to know and no loss.

    Returns:
        The graph.
    """
    from kg.api import Graph
    from kg.pipeline import build as run

    built = run(inputs, graph=graph, **options)
    _tell(built.read, built.folder, options)
    return Graph(built.graph, built.folder)


def add(*inputs: str | Path, graph: str | Path = "graph", **options: Any) -> Graph:
    """Add papers to a graph folder, and open it.

    Warns where something was lost, as `build` does.

    Args:
        inputs: Files, folders, globs, or `-` for standard input.
        graph: The graph folder.
        options: What `kg.pipeline.add` takes besides, such as `on_progress` and `on_note`.

    Returns:
        The graph.
    """
    from kg.pipeline import add as run

    changed = run(inputs, graph=graph, **options)
    _tell(changed.read, changed.folder, options)
    return open(changed.folder)


def remove(*papers: str, graph: str | Path = "graph", **options: Any) -> Graph:
    """Take papers out of a graph folder, and open it.

    Warns where a paper whose text is another by that was not extracted.

    Args:
        papers: Ids, addresses or titles.
        graph: The graph folder.
        options: What `kg.pipeline.remove` takes besides: `on_progress` and `on_note`.

    Returns:
        The graph.
    """
    from kg.pipeline import remove as run

    changed = run(papers, graph=graph, **options)
    _tell(changed.read, changed.folder, options)
    return open(changed.folder)


def _tell(found: ReadSummary, folder: Path, options: Mapping[str, Any]) -> None:
    """Warn the caller's caller if something was lost; what else is to tell of inputs goes to `on_note`."""
    if found.unread:
        message = f"{len(found.unread):,} lost, listed in {folder / 'unread.tsv'}"
        warnings.warn(message, stacklevel=3)
    if (on_note := options.get("on_note")) is not None:
        for remark in found.remarks:
            on_note(remark)


def open(graph: str | Path = "graph") -> Graph:
    """Open the graph that stands in a folder."""
    from kg.api import Graph
    from kg.pipeline import load

    return Graph(load(Path(graph)), Path(graph))
