"""A Croissant card (https://docs.mlcommons.org/croissant/): how a loader of data sets reads the tables."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kg.dataset import DESCRIPTION, LICENSE, TITLE
from kg.graph import KnowledgeGraph
from kg.writers.files import write_whole
from kg.writers.tables import csv_bytes, tables
from kg.writers.whole import software_version

if TYPE_CHECKING:
    import pandas as pd

VERSION: Final = "http://mlcommons.org/croissant/1.0"

CONTEXT: Final[dict[str, Any]] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
"""The context that the specification asks every card to carry."""

RECORDS: Final[dict[str, tuple[str, str]]] = {
    "edges.csv": ("id", "One edge: a paper or an entity, a relation, a paper or an entity."),
    "entities.csv": (
        "slug",
        "One entity: a method, model, benchmark, organisation, task, concept or metric.",
    ),
    "papers.csv": ("id", "One paper."),
}
"""The key of each table, and what a row is."""

COLUMNS: Final[dict[str, tuple[str, str]]] = {
    "aliases": ("sc:Text", "Other spellings of the name, joined by ` | `."),
    "code": ("sc:Text", "Addresses of the paper's code, joined by a space."),
    "comments": ("sc:Integer", "Number of comments on the page that the paper was read from."),
    "confidence": ("sc:Float", "How sure the extractor is, between 0 and 1."),
    "first_seen": ("sc:Text", "Earliest date of a paper that supports the edge: a day or a month."),
    "id": ("sc:Text", "Identifier of the row."),
    "kind": ("sc:Text", "Of a benchmark: benchmark, dataset or environment."),
    "name": ("sc:Text", "The name that most papers write."),
    "num_authors": ("sc:Integer", "Number of authors."),
    "organizations": ("sc:Text", "Organisations on the paper's own line, joined by `; `."),
    "papers": ("sc:Integer", "Number of papers."),
    "published": ("sc:Text", "Date of publication: a day or a month."),
    "relation": ("sc:Text", "What the source is said to do with the target."),
    "slug": ("sc:Text", "Identifier of the entity, the end of its IRI."),
    "source": ("sc:Text", "Where the edge starts: `paper:` and an id, or `entity:` and a slug."),
    "source_name": ("sc:Text", "Title or name of the source."),
    "target": ("sc:Text", "Where the edge ends: `entity:` and a slug."),
    "target_name": ("sc:Text", "Name of the target."),
    "title": ("sc:Text", "Title of the paper."),
    "type": ("sc:Text", "Method, Model, Benchmark, Organization, Task, Concept or Metric."),
    "upvotes": ("sc:Integer", "Votes for the paper on the page that it was read from."),
}
"""Type and meaning of each column of the tables."""


def write_croissant(graph: KnowledgeGraph, path: Path) -> None:
    """Write the card of the CSV exports, which are to lie beside it; their hashes are in it."""
    write_whole(path, (json.dumps(card(graph), ensure_ascii=False, indent=1) + "\n").encode())


def card(graph: KnowledgeGraph) -> dict[str, Any]:
    """Return the card as a JSON object."""
    frames = tables(graph)
    head = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": VERSION,
        "name": "abstractkg",
        "alternateName": TITLE,
        "description": DESCRIPTION,
        "license": LICENSE,
        "citeAs": f"{TITLE}. {graph.namespace.base}",
        "url": graph.namespace.base,
    }
    version = software_version()
    return {
        **head,
        **({"version": version} if version else {}),
        "distribution": [_file(file, csv_bytes(frame)) for file, frame in frames.items()],
        "recordSet": [_records(file, frame) for file, frame in frames.items()],
    }


def _file(file: str, data: bytes) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": file,
        "name": file,
        "contentUrl": file,
        "encodingFormat": "text/csv",
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def _records(file: str, frame: pd.DataFrame) -> dict[str, Any]:
    name = file.removesuffix(".csv")
    key, description = RECORDS[file]
    fields = []
    for column in map(str, frame.columns):
        data_type, meaning = COLUMNS[column]
        fields.append({
            "@type": "cr:Field",
            "@id": f"{name}/{column}",
            "name": column,
            "description": meaning,
            "dataType": data_type,
            "source": {"fileObject": {"@id": file}, "extract": {"column": column}},
        })  # fmt: skip
    record_set = {"@type": "cr:RecordSet", "@id": name, "name": name, "description": description}
    return {**record_set, "key": {"@id": f"{name}/{key}"}, "field": fields}
