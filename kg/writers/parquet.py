"""The graph as one flat table in Parquet, for pandas, DuckDB, Polars and Spark."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from kg.graph import KnowledgeGraph
from kg.names import display_name
from kg.writers.files import written_aside

_SCHEMA: Final = pa.schema(
    [
        ("edge", pa.string()),
        ("source", pa.string()),
        ("source_name", pa.string()),
        ("source_type", pa.string()),
        ("relation", pa.string()),
        ("target", pa.string()),
        ("target_name", pa.string()),
        ("target_type", pa.string()),
        ("paper", pa.string()),
        ("title", pa.string()),
        ("published", pa.string()),
        ("field", pa.string()),
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("confidence", pa.float64()),
        ("extractor", pa.string()),
        ("derived", pa.bool_()),
    ]
)
_AT_ONCE: Final = 50_000


def write_parquet(graph: KnowledgeGraph, path: Path) -> None:
    """Write one row for each stretch of text that shows an edge: ends, relation, paper, place, confidence.

    An edge that follows from names alone has one row without a place. Offsets count code points, end
    exclusive; the text itself is not in the table.
    """
    rows = _rows(graph)
    with written_aside(path) as aside, aside.open("wb") as file:
        with pq.ParquetWriter(file, _SCHEMA, compression="zstd") as writer:
            while some := list(islice(rows, _AT_ONCE)):
                cells = zip(*some, strict=True)
                columns = [
                    pa.array(values, column.type) for values, column in zip(cells, _SCHEMA, strict=True)
                ]
                writer.write_table(pa.table(columns, schema=_SCHEMA))
        file.flush()
        os.fsync(file.fileno())


def _rows(graph: KnowledgeGraph) -> Iterator[tuple[Any, ...]]:
    nodes: dict[str, tuple[str, str]] = {f"entity:{e.slug}": (e.name, e.type) for e in graph.entities}
    nodes |= {f"paper:{p.id}": (display_name(p.title), "Paper") for p in graph.papers}
    papers = {p.id: (display_name(p.title), p.published) for p in graph.papers}
    for edge in graph.edges:
        ends = edge.id, edge.source, *nodes[edge.source], edge.relation, edge.target, *nodes[edge.target]
        for support in edge.support:
            said = support.confidence, support.extractor, support.derived
            for span in support.spans or (None,):
                place = (None, None, None) if span is None else (span.field, span.start, span.end)
                yield *ends, support.paper, *papers[support.paper], *place, *said
