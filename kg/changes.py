"""What a change of some records changes in a graph: papers, names, edges, quads, and nothing else.

A graph that was changed record by record is the same as one made of all records at once; what is derived is
kept in the catalog (`kg.catalog.derived`), so only what the change touches is read, derived and written.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from kg.catalog import CachedExtraction, Catalog, Record
from kg.catalog.derived import ResultRow, SupportRow
from kg.dataset import Counts, count
from kg.deriving import Side, conclude, edge_quads, name_quads, paper_quads, side_of, write_edges
from kg.extracting import NOT_EXTRACTED
from kg.generations import RDF, current_generation
from kg.model import Extraction, Paper
from kg.nquads import Quad
from kg.progress import Note, Progress
from kg.resolve import Decider, rows
from kg.resolve.curation import curation_of, decisions_in
from kg.resolve.evidence import of_paper
from kg.resolve.local import change_names
from kg.sources import ReadResult
from kg.sources.identity import assign_ids, join_papers, links_of, page_of
from kg.store import Store
from kg.vocab import Namespace
from kg.writers.whole import about


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


def records_of(found: ReadResult) -> Iterator[tuple[str, Record]]:
    """Yield the records of what was read, with their keys.

    >>> from kg.model import SourceRef
    >>> paper = Paper("T", "", sources=(SourceRef("a.csv", "77", 1),))
    >>> (record,) = dict(records_of(ReadResult(records=(paper, paper), formats={"77": "csv"}))).values()
    >>> record.format
    'csv'
    """
    formats = found.formats
    for paper in found.records:
        record = Record(paper, min((formats.get(s.sha256, "") for s in paper.sources), default=""))
        yield record.key, record


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
    stood = {paper.id: paper for paper in old.papers(touched)}
    told = {c.extraction.id: c.extraction for c in old.extractions("paper_id", touched)}
    before = _side(old, touched, stood, told)
    same = touched - different
    after = _side(
        new,
        touched,
        {key: stood[key] for key in same} | {key: papers.after[key] for key in stay},
        {key: told[key] for key in same} | {key: extractions[key].extraction for key in stay},
    )
    for kind in (SupportRow, ResultRow):
        new.derived.remove(kind, "paper", touched)
    write_edges(new.derived, after)
    gone: set[Quad] = set()
    come: set[Quad] = set()
    for side, quads in ((before, gone), (after, come)):
        for key in sorted(touched & side.papers.keys()):
            quads.update(paper_quads(side, key, names, extractor, whole=key in different))
    gone.update(name_quads(changed.before.values(), changed.senses_before, names))
    come.update(name_quads(changed.after.values(), changed.senses_after, names))
    were_edges, are_edges = before.all_edges(), after.all_edges()
    gone.update(edge_quads(were_edges - new.derived.supported(were_edges), names))
    come.update(edge_quads(are_edges - old.derived.supported(are_edges), names))
    return GraphChanged(removed=frozenset(gone - come), added=frozenset(come - gone))


def write_change(
    generation: Path,
    old: Catalog,
    new: Catalog,
    papers: PapersChanged,
    read_papers: Mapping[str, CachedExtraction],
    *,
    step: Progress,
    on_note: Note | None,
) -> dict[str, int]:
    """Write what changed papers change, in catalog and store, and return what the graph holds then."""
    meta, current = old.meta(), current_generation(generation.parent)
    step("resolving names", 0, 0)
    # what is kept was derived with these, whatever was written into the folder since
    decided = decisions_in(current)
    decider = Decider(curation_of(decided))
    names, extractor = Namespace(meta["base"]), meta["extractor"]
    quads = change_graph(old, new, papers, read_papers, decider, names, extractor)
    counts = Counts.from_json(meta["counts"])
    counted = counts + count(quads.added, names) - count(quads.removed, names)
    notes = sorted((notes_of(old) - papers.notes_gone) | papers.notes)
    new.set_meta({"notes": json.dumps(notes), "counts": counted.to_json()})
    said = partial(about, names=names, decisions=decider.curation.decisions, extractor=extractor)
    before, after = set(said(counts, sources=old.sources())), set(said(counted, sources=new.sources()))
    step("writing RDF", 0, 0)
    Store.change(
        current / RDF,
        generation / RDF,
        removed=quads.removed | (before - after),
        added=quads.added | (after - before),
    )
    return conclude(new, generation, decided, decider, on_note)


def _side(
    catalog: Catalog,
    keys: Collection[str],
    papers: Mapping[str, Paper],
    extractions: Mapping[str, Extraction],
) -> Side:
    """Return what some papers say with the names that a catalog has for them."""
    slugs = catalog.derived.slugs(keys)
    entities = catalog.derived.entities("slug", set(slugs.values()))
    variants = {row.slug: found for row in entities if (found := rows.variant(row)) is not None}
    return side_of(dict(sorted(papers.items())), extractions, slugs, variants)


def not_extracted(catalog: Catalog) -> tuple[str, ...]:
    """Return the ids of the papers that could not be extracted; they are tried again."""
    return tuple(c.extraction.id for c in catalog.extractions("cache_key", [NOT_EXTRACTED]))


def notes_of(catalog: Catalog) -> set[str]:
    """Return what was told when all records were joined."""
    return set(json.loads(catalog.meta().get("notes", "[]")))
