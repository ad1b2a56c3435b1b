"""Writers of a graph, one file format each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kg.errors import UnknownNameError
from kg.graph import KnowledgeGraph
from kg.writers import rdf, tables
from kg.writers.annotations import write_annotations
from kg.writers.croissant import write_croissant
from kg.writers.gexf import draw_gexf
from kg.writers.graphml import draw_graphml
from kg.writers.parquet import write_parquet
from kg.writers.projections import Projection, project

Write = Callable[[KnowledgeGraph, Path], None]
Draw = Callable[[Projection, Path], None]


@dataclass(frozen=True, slots=True)
class Writer:
    """One export format: its file name, what it holds, the function that writes it, its media type.

    `draw` writes a view of the graph, where the format has views (`kg.writers.projections.VIEWS`).
    """

    file: str
    holds: str
    write: Write
    media_type: str
    draw: Draw | None = None


def _drawing(file: str, holds: str, media_type: str, draw: Draw) -> Writer:
    def write(graph: KnowledgeGraph, path: Path) -> None:
        draw(project(graph), path)

    return Writer(file, holds, write, media_type, draw)


WRITERS: Final[dict[str, Writer]] = {
    "annotations": Writer(
        "annotations.jsonld",
        "the evidence as Web Annotations, names quoted, for annotation tools",
        write_annotations,
        "application/ld+json",
    ),
    "croissant": Writer(
        "croissant.json",
        "the Croissant card of the CSV files, for loaders of data sets",
        write_croissant,
        "application/ld+json",
    ),
    "csv": Writer("edges.csv", "one row an edge, for spreadsheets", tables.write_edges_csv, "text/csv"),
    "entities": Writer(
        "entities.csv", "one row an entity, for spreadsheets", tables.write_entities_csv, "text/csv"
    ),
    "facts": Writer(
        "facts.ttl", "the plain facts, each triple once, without evidence", rdf.write_facts, "text/turtle"
    ),
    "gexf": _drawing(
        "graph.gexf", "the property graph with time, for Gephi's timeline", "application/gexf+xml", draw_gexf
    ),
    "graphml": _drawing(
        "graph.graphml",
        "the property graph, laid out and coloured for Gephi",
        "application/graphml+xml",
        draw_graphml,
    ),
    "jsonl": Writer(
        "extractions.jsonl",
        "what was read in each paper, with spans",
        tables.write_extractions,
        "application/jsonl",
    ),
    "jsonld": Writer(
        "graph.jsonld", "the whole RDF dataset as JSON", rdf.write_jsonld, "application/ld+json"
    ),
    "nq": Writer(
        "graph.nq",
        "the whole RDF dataset: facts, evidence a paper, resolution",
        rdf.write_nq,
        "application/n-quads",
    ),
    "nt": Writer(
        "graph.nt", "all triples of the whole, one a line, not grouped", rdf.write_nt, "application/n-triples"
    ),
    "papers": Writer("papers.csv", "one row a paper, for spreadsheets", tables.write_papers_csv, "text/csv"),
    "parquet": Writer(
        "evidence.parquet",
        "one row a stretch of text that shows an edge, both ends named, for pandas, DuckDB and Spark",
        write_parquet,
        "application/vnd.apache.parquet",
    ),
    "trig": Writer("graph.trig", "the whole RDF dataset, for reading", rdf.write_trig, "application/trig"),
    "ttl": Writer(
        "graph.ttl", "all triples of the whole, for reading, not grouped", rdf.write_ttl, "text/turtle"
    ),
    "unresolved": Writer(
        "unresolved.tsv",
        "names that one paper alone uses, and near misses",
        tables.write_unresolved,
        "text/tab-separated-values",
    ),
    "void": Writer(
        "void.ttl",
        "what the graph says of itself: counts, licence, files, example queries, provenance",
        rdf.write_void,
        "text/turtle",
    ),
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
