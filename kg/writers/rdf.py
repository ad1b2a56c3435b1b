"""The graph as RDF files: sorted, so that the same graph gives the same bytes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from kg.dataset import count, prefixes
from kg.graph import KnowledgeGraph
from kg.nquads import Quad
from kg.rdf import to_quads
from kg.serializing import RdfFormat, serialize
from kg.writers.files import write_whole
from kg.writers.whole import about, sources_of, whole_quads


def write_nq(graph: KnowledgeGraph, path: Path) -> None:
    """Write all graphs as N-Quads."""
    _write(graph, whole_quads(graph), path, "nq")


def write_trig(graph: KnowledgeGraph, path: Path) -> None:
    """Write all graphs as TriG."""
    _write(graph, whole_quads(graph), path, "trig")


def write_jsonld(graph: KnowledgeGraph, path: Path) -> None:
    """Write all graphs as JSON-LD that brings its context along."""
    _write(graph, whole_quads(graph), path, "jsonld")


def write_ttl(graph: KnowledgeGraph, path: Path) -> None:
    """Write every triple of all graphs as Turtle."""
    _write(graph, whole_quads(graph), path, "ttl")


def write_nt(graph: KnowledgeGraph, path: Path) -> None:
    """Write every triple of all graphs as N-Triples."""
    _write(graph, whole_quads(graph), path, "nt")


def write_facts(graph: KnowledgeGraph, path: Path) -> None:
    """Write the default graph without what it says of itself as Turtle: plain facts between entities."""
    _write(graph, (quad for quad in to_quads(graph) if not quad[3]), path, "ttl")


def write_void(graph: KnowledgeGraph, path: Path) -> None:
    """Write what the graph says of itself as Turtle."""
    names, decisions = graph.namespace, graph.resolution.curation.decisions
    counts = count(to_quads(graph), names)
    _write(graph, about(counts, names, sources_of(graph.papers), decisions=decisions), path, "ttl")


def _write(graph: KnowledgeGraph, quads: Iterable[Quad], path: Path, rdf_format: RdfFormat) -> None:
    write_whole(path, serialize(quads, rdf_format, prefixes=prefixes(graph.namespace)))
