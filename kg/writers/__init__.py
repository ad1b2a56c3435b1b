"""Writers of a graph, one file format each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kg.errors import UnknownNameError
from kg.graph import KnowledgeGraph
from kg.writers import rdf, tables
from kg.writers.gexf import draw_gexf
from kg.writers.graphml import draw_graphml
from kg.writers.projections import Projection, project

Write = Callable[[KnowledgeGraph, Path], None]
Draw = Callable[[Projection, Path], None]


@dataclass(frozen=True, slots=True)
class Writer:
    """One export format: its file name, what it holds, and the function that writes it.

    `draw` writes a view of the graph, where the format has views (`kg.writers.projections.VIEWS`).
    """

    file: str
    holds: str
    write: Write
    draw: Draw | None = None


def _drawing(file: str, holds: str, draw: Draw) -> Writer:
    def write(graph: KnowledgeGraph, path: Path) -> None:
        draw(project(graph), path)

    return Writer(file, holds, write, draw)


WRITERS: Final[dict[str, Writer]] = {
    "csv": Writer("edges.csv", "one row an edge, for spreadsheets", tables.write_edges_csv),
    "gexf": _drawing("graph.gexf", "the property graph with time, for Gephi's timeline", draw_gexf),
    "graphml": _drawing("graph.graphml", "the property graph, laid out and coloured for Gephi", draw_graphml),
    "jsonl": Writer("extractions.jsonl", "what was read in each paper, with spans", tables.write_extractions),
    "nq": Writer("graph.nq", "the whole RDF dataset: facts, evidence a paper, resolution", rdf.write_nq),
    "nt": Writer("graph.nt", "the plain facts, one triple a line", rdf.write_nt),
    "trig": Writer("graph.trig", "the whole RDF dataset, for reading", rdf.write_trig),
    "ttl": Writer("graph.ttl", "the plain facts, each triple once", rdf.write_ttl),
}
"""The formats that `kg export` writes."""


def get_writer(name: str) -> Writer:
    """Return the writer of an export format.

    Raises:
        UnknownNameError: there is no such format.

    >>> get_writer("ttl").file
    'graph.ttl'
    """
    if name not in WRITERS:
        raise UnknownNameError("export format", name, sorted(WRITERS))
    return WRITERS[name]
