"""Plain tables of a graph: papers, entities, edges as CSV, extractions as JSON Lines, doubts as TSV."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from kg.cells import safe_cell
from kg.extraction_json import to_json
from kg.graph import KnowledgeGraph, edges_frame, entities_frame, papers_frame
from kg.resolve.unresolved import unresolved_table
from kg.writers.files import write_whole

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "safe_cell",
    "tables",
    "write_edges_csv",
    "write_entities_csv",
    "write_extractions",
    "write_papers_csv",
    "write_unresolved",
]


def tables(graph: KnowledgeGraph) -> dict[str, pd.DataFrame]:
    """Return the frames that are written as CSV, by file name."""
    return {
        "edges.csv": _edges(graph),
        "entities.csv": entities_frame(graph),
        "papers.csv": _papers(graph),
    }


def _edges(graph: KnowledgeGraph) -> pd.DataFrame:
    labels = {f"entity:{e.slug}": e.name for e in graph.entities}
    labels |= {f"paper:{p.id}": p.title for p in graph.papers}
    edges = edges_frame(graph)
    edges.insert(2, "source_name", edges["source"].map(labels))
    edges.insert(5, "target_name", edges["target"].map(labels))
    return edges


def _papers(graph: KnowledgeGraph) -> pd.DataFrame:
    """Return one row a paper; whole numbers are whole where some lack."""
    return papers_frame(graph).astype(dict.fromkeys(("num_authors", "comments", "upvotes"), "Int64"))


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """Return a frame as CSV whose cells no spreadsheet takes for formulas."""
    return frame.astype(object).map(safe_cell).to_csv(index=False, lineterminator="\n").encode()


def write_edges_csv(graph: KnowledgeGraph, path: Path) -> None:
    """Write one row an edge: ids and names of both ends, relation, papers, confidence, first seen."""
    write_whole(path, csv_bytes(_edges(graph)))


def write_entities_csv(graph: KnowledgeGraph, path: Path) -> None:
    """Write one row an entity: slug, name, type, kind, papers, aliases; most papers first."""
    write_whole(path, csv_bytes(entities_frame(graph)))


def write_papers_csv(graph: KnowledgeGraph, path: Path) -> None:
    """Write one row a paper: id, title, date, counts, organisations, code."""
    write_whole(path, csv_bytes(_papers(graph)))


def write_extractions(graph: KnowledgeGraph, path: Path) -> None:
    """Write one JSON object a paper: the Extraction contract."""
    lines = (json.dumps(to_json(e), ensure_ascii=False) + "\n" for e in graph.extractions)
    write_whole(path, "".join(lines).encode())


def write_unresolved(graph: KnowledgeGraph, path: Path) -> None:
    """Write one row an entity that one paper alone names, or that may be another one."""
    write_whole(path, unresolved_table(graph.resolution, graph.extractions))
