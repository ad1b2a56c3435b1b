"""Writers of a graph, one file format each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kg.errors import UnknownNameError
from kg.graph import KnowledgeGraph, to_networkx
from kg.writers import rdf, tables
from kg.writers.graphml import write_graphml

Write = Callable[[KnowledgeGraph, Path], None]


@dataclass(frozen=True, slots=True)
class Writer:
    """One export format: its file name, what it holds, and the function that writes it."""

    file: str
    holds: str
    write: Write


def _write_graphml(graph: KnowledgeGraph, path: Path) -> None:
    write_graphml(to_networkx(graph), path)


WRITERS: Final[dict[str, Writer]] = {
    "csv": Writer("edges.csv", "one row an edge, for spreadsheets", tables.write_edges_csv),
    "graphml": Writer("graph.graphml", "the property graph, laid out and coloured for Gephi", _write_graphml),
    "jsonl": Writer("extractions.jsonl", "what was read in each paper, with spans", tables.write_extractions),
    "nq": Writer("graph.nq", "the whole RDF dataset: facts, evidence a paper, resolution", rdf.write_nq),
    "nt": Writer("graph.nt", "the plain facts, one triple a line", rdf.write_nt),
    "trig": Writer("graph.trig", "the whole RDF dataset, for reading", rdf.write_trig),
    "unresolved": Writer(
        "unresolved.tsv", "names that one paper alone uses, and near misses", tables.write_unresolved
    ),
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
