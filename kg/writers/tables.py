"""Plain tables of a graph: edges as CSV, extractions as JSON Lines."""

from __future__ import annotations

import json
from pathlib import Path

from kg.extraction_json import to_json
from kg.graph import KnowledgeGraph, edges_frame
from kg.writers.files import write_whole


def safe_cell(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula.

    >>> safe_cell("=HYPERLINK(1)"), safe_cell("GRPO"), safe_cell(-1)
    ("'=HYPERLINK(1)", 'GRPO', -1)
    """
    return "'" + value if isinstance(value, str) and value[:1] in tuple("=+-@\t\r") and value else value


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
