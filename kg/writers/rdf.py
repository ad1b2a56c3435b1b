"""The graph as RDF files: sorted, so that the same graph gives the same bytes."""

from __future__ import annotations

from pathlib import Path

from kg.graph import KnowledgeGraph
from kg.rdf import RdfFormat, serialize, to_quads
from kg.writers.files import write_whole


def write_ttl(graph: KnowledgeGraph, path: Path) -> None:
    """Write the default graph as Turtle."""
    _write(graph, path, "ttl")


def write_nt(graph: KnowledgeGraph, path: Path) -> None:
    """Write the default graph as N-Triples."""
    _write(graph, path, "nt")


def write_nq(graph: KnowledgeGraph, path: Path) -> None:
    """Write all graphs as N-Quads."""
    _write(graph, path, "nq")


def write_trig(graph: KnowledgeGraph, path: Path) -> None:
    """Write all graphs as TriG."""
    _write(graph, path, "trig")


def _write(graph: KnowledgeGraph, path: Path, rdf_format: RdfFormat) -> None:
    write_whole(path, serialize(to_quads(graph), rdf_format))
