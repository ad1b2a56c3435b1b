"""What a change of some records changes in a graph: papers, names, edges, quads, and nothing else.

A graph that was changed record by record is the same as one made of all records at once; what is derived is
kept in the catalog (`kg.catalog.derived`), so only what the change touches is read, derived and written.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Final

from kg import rdf
from kg.catalog import CachedExtraction, Catalog, Record
from kg.catalog.derived import (
    Derived,
    EntityRow,
    MatchedRow,
    NodeRow,
    OccurrenceRow,
    ResultRow,
    SenseRow,
    SupportRow,
)
from kg.extracting import NOT_EXTRACTED
from kg.graph import EdgeKey, GraphResult, KnowledgeGraph, PaperReader
from kg.model import Extraction, Paper
from kg.nquads import Quad
from kg.resolve import Decider, rows
from kg.resolve.evidence import of_paper
from kg.resolve.local import change_names
from kg.resolve.variants import Variant
from kg.sources import ReadResult
from kg.sources.identity import assign_ids, join_papers, links_of, page_of
from kg.vocab import Namespace

_DERIVING: Final[Mapping[str, str]] = {
    "kg": r"(changes|dataset|graph|model|names|nquads|rdf|terms|vocab)\.py",
    "kg.catalog": r".+\.py",
    "kg.queries": r".+\.(py|rq)",
    "kg.resolve": r".+\.py",
    "kg.writers": r"(__init__|whole)\.py",
    "ontology": r".+\.(py|tsv)",
}
"""By package, the files that decide what is derived from papers and extractions."""


@dataclass(frozen=True, slots=True)
class PapersChanged:
    """What a change of records makes of papers.

    Attributes:
        before: The papers that some records may change, as they stand in the graph, by id.
        after: The same as they are after the change.
        notes_gone: What joining told of them before and does not any more.
        notes: What joining tells of them and did not before.
    """

    before: Mapping[str, Paper]
    after: Mapping[str, Paper]
    notes_gone: frozenset[str]
    notes: frozenset[str]


@dataclass(frozen=True, slots=True)
class GraphChanged:
    """Quads that leave the store and quads that come into it."""

    removed: frozenset[Quad]
    added: frozenset[Quad]


@dataclass(slots=True)
class _Side:
    """The graph before or after a change, as far as some papers need it."""

    papers: Mapping[str, Paper]
    extractions: Mapping[str, Extraction]
    slugs: Mapping[tuple[str, str, bool], str]
    variants: Mapping[str, Variant]
    edges: dict[str, set[EdgeKey]] = field(default_factory=dict)
    results: dict[str, list[GraphResult]] = field(default_factory=dict)


def records_of(found: ReadResult) -> dict[str, Record]:
    """Return the records of what was read, by key.

    >>> from kg.model import SourceRef
    >>> paper = Paper("T", "", sources=(SourceRef("a.csv", "77", 1),))
    >>> (record,) = records_of(ReadResult((), records=(paper, paper), formats={"77": "csv"})).values()
    >>> record.format
    'csv'
    """
    formats = found.formats
    records = (
        Record(p, min((formats.get(s.sha256, "") for s in p.sources), default="")) for p in found.records
    )
    return {record.key: record for record in records}


@lru_cache(maxsize=1)
def derivation() -> str:
    """Return the fingerprint of the code and lists that decide what is derived of papers and extractions."""
    digest = hashlib.sha256()
    for package, wanted in sorted(_DERIVING.items()):
        for item in sorted(resources.files(package).iterdir(), key=lambda item: item.name):
            if re.fullmatch(wanted, item.name):
                digest.update(item.name.encode() + b"\0" + item.read_bytes())
    return digest.hexdigest()[:12]


def change_papers(
    catalog: Catalog, added: Mapping[str, Record], removed: Mapping[str, Record]
) -> PapersChanged:
    """Return the papers that records bear on which come or go.

    Records are joined with those that they share an arXiv id, a title or a page without years with, directly
    or over others; no other paper can change by them.

    Args:
        catalog: What stands there.
        added: Records that come, by key.
        removed: Records that go, by key.
    """
    moving = [record.paper for record in (*added.values(), *removed.values())]
    links = {link for paper in moving for link in (*links_of(paper), page_of(paper)) if link is not None}
    linked = dict(catalog.records("key", catalog.linked(links) | removed.keys()))
    after = {key: record for key, record in linked.items() if key not in removed} | dict(added)
    pages = {page for r in (*linked.values(), *after.values()) if (page := page_of(r.paper)) is not None}
    beside = {key: r for key, r in catalog.records("page", pages) if key not in linked}
    old, old_notes = _join(linked, beside)
    new, new_notes = _join(after, beside)
    return PapersChanged(
        before={paper.id: paper for paper in catalog.papers(old)},
        after=new,
        notes_gone=old_notes - new_notes,
        notes=new_notes - old_notes,
    )


def _join(
    records: Mapping[str, Record], beside: Mapping[str, Record]
) -> tuple[dict[str, Paper], frozenset[str]]:
    """Return the papers of records, by id, and the notes; records beside them only help to date them."""
    ordered = [*records.values(), *(r for key, r in beside.items() if key not in records)]
    formats = {source.sha256: r.format for r in ordered for source in r.paper.sources}
    identified, _ = assign_ids([record.paper for record in ordered])
    own = {paper.id for paper in identified[: len(records)]}
    papers, notes = join_papers([record.paper for record in ordered], formats=formats)
    return {paper.id: paper for paper in papers if paper.id in own}, frozenset(notes)


def change_graph(
    old: Catalog,
    new: Catalog,
    papers: PapersChanged,
    extractions: Mapping[str, CachedExtraction],
    decider: Decider,
    names: Namespace,
    extractor: str,
) -> GraphChanged:
    """Write changed papers and all that is derived of them into a catalog, and return what that is in RDF.

    Args:
        old: The catalog as it was.
        new: A copy of it, which is changed.
        papers: The papers before and after.
        extractions: What was read in the papers after the change, by id.
        decider: Decides names, with the decisions of people that the graph was derived with.
        names: The IRIs of the graph.
        extractor: Who read the papers, as the graph tells it.

    Returns:
        The quads that go and come.
    """
    were = {c.extraction.id: c for c in old.extractions("paper_id", papers.before)}
    different = {
        key
        for key in papers.before.keys() | papers.after.keys()
        if papers.before.get(key) != papers.after.get(key) or were.get(key) != extractions.get(key)
    }
    stay = sorted(different & papers.after.keys())
    new.remove(different - papers.after.keys())
    new.put([papers.after[key] for key in stay], [extractions[key] for key in stay])
    fresh = [item for key in stay for item in of_paper(papers.after[key], extractions[key].extraction)]
    changed = change_names(new.derived, decider, different, fresh)
    touched = different | changed.papers
    before, after = _side(old, touched), _side(new, touched)
    _write_edges(new.derived, after, touched)
    gone: set[Quad] = set()
    come: set[Quad] = set()
    for side, quads in ((before, gone), (after, come)):
        for key in sorted(touched & side.papers.keys()):
            quads.update(_paper_quads(side, key, names, extractor, whole=key in different))
    gone.update(_name_quads(changed.before, changed.senses_before, names))
    come.update(_name_quads(changed.after, changed.senses_after, names))
    gone.update(_edge_quads(_all(before) - new.derived.supported(_all(before)), names))
    come.update(_edge_quads(_all(after) - old.derived.supported(_all(after)), names))
    return GraphChanged(removed=frozenset(gone - come), added=frozenset(come - gone))


def _side(catalog: Catalog, touched: Collection[str]) -> _Side:
    slugs = catalog.derived.slugs(touched)
    entities = catalog.derived.entities("slug", set(slugs.values()))
    side = _Side(
        papers={paper.id: paper for paper in catalog.papers(touched)},
        extractions={c.extraction.id: c.extraction for c in catalog.extractions("paper_id", touched)},
        slugs=slugs,
        variants={row.slug: found for row in entities if (found := rows.variant(row)) is not None},
    )
    for key, paper in side.papers.items():
        reader = PaperReader(paper, side.extractions.get(key), slugs)
        side.edges[key] = {edge for edge, _ in reader.supports(side.variants)}
        side.results[key] = list(reader.results())
    return side


def _write_edges(derived: Derived, after: _Side, touched: Collection[str]) -> None:
    derived.remove(SupportRow, "paper", touched)
    derived.remove(ResultRow, "paper", touched)
    derived.put(
        SupportRow, [SupportRow(key, *edge) for key, found in after.edges.items() for edge in sorted(found)]
    )
    derived.put(
        ResultRow,
        [
            ResultRow(key, result)
            for key, found in after.results.items()
            for result in sorted({reported.id for reported in found})
        ],
    )


def _paper_quads(side: _Side, key: str, names: Namespace, extractor: str, *, whole: bool) -> Iterator[Quad]:
    """Yield what one paper says, its edges apart; without `whole` only what depends on other papers."""
    paper, extraction = side.papers[key], side.extractions.get(key)
    if whole:
        yield from rdf.paper_quads(paper, names)
    if extraction is None:
        return
    if whole:
        yield from rdf.evidence_quads(extraction, names, extractor)
    for mention in extraction.mentions:
        found = side.slugs.get((key, mention.name, mention.type == "Organization"))
        if found is not None:
            yield rdf.resolution_quad(key, mention.name, found, names)
    for result in side.results[key]:
        yield from rdf.result_quads(result, names)


def _name_quads(
    entities: Mapping[str, EntityRow], senses: Mapping[str, Iterable[str]], names: Namespace
) -> Iterator[Quad]:
    for row in entities.values():
        yield from rdf.entity_quads(rows.entity(row), rows.variant(row), names)
    for slug, found in senses.items():
        yield from rdf.disambiguation_quads(slug, found, names)


def _edge_quads(edges: Iterable[EdgeKey], names: Namespace) -> Iterator[Quad]:
    return (rdf.edge_quad(*edge, names) for edge in edges)


def _all(side: _Side) -> set[EdgeKey]:
    return {edge for found in side.edges.values() for edge in found}


def write_derived(derived: Derived, graph: KnowledgeGraph) -> None:
    """Write all that is derived of the papers of a graph, in place of what was."""
    parts = graph.resolution.components
    slugs = graph.resolution.slugs
    derived.clear()
    derived.put(OccurrenceRow, rows.occurrence_rows(parts))
    derived.put(
        EntityRow,
        (
            rows.entity_row(cluster, part.home, slug, graph.variants.get(slug))
            for part in parts
            for cluster in part.decided.clusters
            for slug in (slugs[cluster.identity],)
        ),
    )
    derived.put(NodeRow, rows.node_rows(parts))
    derived.put(SenseRow, rows.sense_rows(parts))
    derived.put(MatchedRow, rows.matched_rows(parts))
    derived.put(
        SupportRow,
        (SupportRow(paper, e.source, e.relation, e.target) for e in graph.edges for paper in e.papers),
    )
    derived.put(ResultRow, (ResultRow(result.paper, result.id) for result in graph.results))


def not_extracted(catalog: Catalog) -> tuple[str, ...]:
    """Return the ids of the papers that could not be extracted; they are tried again."""
    return tuple(c.extraction.id for c in catalog.extractions("cache_key", [NOT_EXTRACTED]))


def notes_of(catalog: Catalog) -> set[str]:
    """Return what was told when all records were joined."""
    return set(json.loads(catalog.meta().get("notes", "[]")))
