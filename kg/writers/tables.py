"""Plain tables of a graph: edges as CSV, extractions as JSON Lines, what stayed unresolved as TSV."""

from __future__ import annotations

import json
from pathlib import Path

from kg.cells import safe_cell
from kg.extraction_json import to_json
from kg.graph import KnowledgeGraph, edges_frame
from kg.resolve.unresolved import unresolved_table
from kg.writers.files import write_whole

__all__ = ["safe_cell", "write_edges_csv", "write_extractions", "write_unresolved"]


def write_edges_csv(graph: KnowledgeGraph, path: Path) -> None:
    """Write one row an edge: ids and names of both ends, relation, papers, confidence, first seen."""
    labels = {f"entity:{e.slug}": e.name for e in graph.entities}
    labels |= {f"paper:{p.id}": p.title for p in graph.papers}
    frame = edges_frame(graph)
    frame.insert(2, "source_name", frame["source"].map(labels))
    frame.insert(5, "target_name", frame["target"].map(labels))
    safe = frame.map(safe_cell)
    write_whole(path, safe.to_csv(index=False, lineterminator="\n").encode())


def write_extractions(graph: KnowledgeGraph, path: Path) -> None:
    """Write one JSON object a paper: the Extraction contract."""
    lines = (json.dumps(to_json(e), ensure_ascii=False) + "\n" for e in graph.extractions)
    write_whole(path, "".join(lines).encode())


def write_unresolved(graph: KnowledgeGraph, path: Path) -> None:
    """Write one row an entity that one paper alone names, or that may be another one."""
    write_whole(path, unresolved_table(graph.resolution, graph.extractions))
