"""All that is derived of a catalog's papers: names, edges, quads; some papers at a time.

Nothing here needs all papers at once: names are decided by component, and what a paper says depends on its
own text and on what its names stand for. `kg.changes` derives what a few papers change in the same way.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from importlib import resources
from pathlib import Path
from typing import Final

from kg import rdf
from kg.catalog import CachedExtraction, Catalog
from kg.catalog.derived import Derived, EntityRow, OccurrenceRow, ResultRow, SupportRow, batches
from kg.catalog.names import Names
from kg.dataset import Counts
from kg.generations import RDF
from kg.graph import EdgeKey, GraphResult, PaperReader, sentence_around
from kg.model import Entity, Extraction, Paper, Span
from kg.nquads import Quad
from kg.progress import Note, Progress
from kg.resolve import Decider, rows
from kg.resolve.curation import FILE as CURATION
from kg.resolve.curation import curation_of, decisions_in
from kg.resolve.evidence import of_paper
from kg.resolve.resolver import no_collection
from kg.resolve.unresolved import FILE as UNRESOLVED
from kg.resolve.unresolved import Places, candidates, names_near, unresolved
from kg.resolve.unresolved import table as unresolved_table
from kg.resolve.variants import Variant
from kg.resolve.whole import NamesDecided, decide_names
from kg.store import Store
from kg.vocab import Namespace
from kg.writers.files import write_whole
from kg.writers.whole import about, with_about

SlugOf = Mapping[tuple[str, str, bool], str]
"""From (paper, name, whether an organisation) to the slug of an entity."""

_AT_ONCE: Final = 1_000
"""Papers that are taken in at once."""
_DERIVING: Final[Mapping[str, str]] = {
    "kg": r"(changes|dataset|deriving|graph|model|names|nquads|rdf|terms|vocab)\.py",
    "kg.catalog": r".+\.py",
    "kg.queries": r".+\.(py|rq)",
    "kg.resolve": r".+\.py",
    "kg.writers": r"(__init__|whole)\.py",
    "ontology": r".+\.(py|tsv)",
}
"""By package, the files that decide what is derived from papers and extractions."""


@dataclass(frozen=True, slots=True)
class Side:
    """Some papers, what was read in them, what their names stand for, and what that says of the graph."""

    papers: Mapping[str, Paper]
    extractions: Mapping[str, Extraction]
    slugs: SlugOf
    edges: Mapping[str, set[EdgeKey]]
    results: Mapping[str, list[GraphResult]]

    def all_edges(self) -> set[EdgeKey]:
        """Return the edges that any of the papers supports."""
        return {edge for found in self.edges.values() for edge in found}


def side_of(
    papers: Mapping[str, Paper],
    extractions: Mapping[str, Extraction],
    slugs: SlugOf,
    variants: Mapping[str, Variant],
) -> Side:
    """Return what some papers say of a graph; `variants` hold by slug what names of parts and sizes say."""
    readers = {key: PaperReader(paper, extractions.get(key), slugs) for key, paper in papers.items()}
    return Side(
        papers,
        extractions,
        slugs,
        edges={key: reader.edges(variants) for key, reader in readers.items()},
        results={key: list(reader.results()) for key, reader in readers.items()},
    )


@lru_cache(maxsize=1)
def derivation() -> str:
    """Return the fingerprint of the code and lists that decide what is derived of papers and extractions."""
    digest = hashlib.sha256()
    for package, wanted in sorted(_DERIVING.items()):
        for item in sorted(resources.files(package).iterdir(), key=lambda item: item.name):
            if re.fullmatch(wanted, item.name):
                digest.update(item.name.encode() + b"\0" + item.read_bytes())
    return digest.hexdigest()[:12]


def take_in(catalog: Catalog, names: Names, papers: Iterable[tuple[Paper, CachedExtraction]]) -> None:
    """Put papers, what was read in each, and the names in it into a catalog, some at a time."""
    for some in batches(papers, _AT_ONCE):
        with no_collection():
            catalog.put((paper for paper, _ in some), (cached for _, cached in some))
            names.put(names_of((paper, cached.extraction) for paper, cached in some))


def names_of(papers: Iterable[tuple[Paper, Extraction | None]]) -> Iterator[OccurrenceRow]:
    """Yield the names of papers in which something was read; what they stand for is not known yet."""
    for paper, extraction in papers:
        yield from (rows.occurrence_row(item, "", "") for item in of_paper(paper, extraction))


def all_names(catalog: Catalog) -> Iterator[OccurrenceRow]:
    """Yield the names of all papers of a catalog, as `names_of` does."""
    for papers, extractions in catalog.parts():
        yield from names_of((paper, extractions.get(paper.id)) for paper in papers)


def derive_anew(
    catalog: Catalog, generation: Path, decisions: bytes, *, step: Progress, on_note: Note | None
) -> Mapping[str, int]:
    """Derive a catalog's graph in place of what was derived before; see `derive`."""
    with Names(catalog.cursor()) as names:
        step("resolving names", 0, 0)
        names.put(all_names(catalog))
        catalog.derived.clear()
        return derive(catalog, names, generation, decisions, step=step, on_note=on_note)


@no_collection()
def derive(
    catalog: Catalog,
    names: Names,
    generation: Path,
    decisions: bytes,
    *,
    with_text: bool = False,
    step: Progress,
    on_note: Note | None,
) -> Mapping[str, int]:
    """Write all that is derived of the papers in a catalog and their names.

    The derived tables go into the catalog, the RDF store and the decisions on names into the generation,
    `curation.tsv` and `unresolved.tsv` into the graph folder.

    Returns:
        What the graph holds, as `KnowledgeGraph.counts` gives it.
    """
    step("resolving names", 0, 0)
    meta, folder = catalog.meta(), generation.parent
    base, extractor = Namespace(meta["base"]), meta["extractor"]
    decider = Decider(curation_of(decisions))
    catalog.set_meta({"derivation": derivation()})
    decided = decide_names(catalog.derived, names, decider)
    doubts = doubtful(catalog.derived, decided)
    step("writing RDF", 0, 0)
    sides = doubts.noting(derive_sides(catalog), with_text=with_text)
    quads = derived_quads(catalog, sides, decided.senses, base, extractor)

    def said(counts: Counts) -> list[Quad]:
        catalog.set_meta({"counts": counts.to_json()})
        sources, decisions = catalog.sources(), decider.curation.decisions
        return about(counts, base, sources, decisions=decisions, extractor=extractor)

    Store.write(generation / RDF, with_about(quads, base, said))
    named_by = catalog.derived.papers_of(doubts.entities)
    table = unresolved_table(doubts.entities, doubts.candidates, named_by, doubts.places, with_text=with_text)
    write_whole(folder / UNRESOLVED, table)
    if decisions != decisions_in(folder):
        write_whole(folder / CURATION, decisions)
    return conclude(catalog, generation, decisions, decider, on_note)


def conclude(
    catalog: Catalog, generation: Path, decisions: bytes, decider: Decider, on_note: Note | None
) -> dict[str, int]:
    """Keep the decisions on names that a generation was derived with, and tell which matched nothing.

    Returns:
        What the graph holds, as `KnowledgeGraph.counts` gives it.
    """
    if decisions:
        write_whole(generation / CURATION, decisions)
    if on_note is not None:
        for note in decider.unmatched(catalog.derived.matched()):
            on_note(str(note))
    return {"papers": catalog.count(), **catalog.derived.counts()}


def derive_sides(catalog: Catalog) -> Iterator[Side]:
    """Write down what all papers of a catalog support and report, and yield what they say, by id."""
    variants = {
        row.slug: found
        for row in catalog.derived.all_entities()
        if row.parent is not None and (found := rows.variant(row)) is not None
    }
    for papers, extractions in catalog.parts():
        slugs = catalog.derived.slugs_within(papers[0].id, papers[-1].id)
        side = side_of({paper.id: paper for paper in papers}, extractions, slugs, variants)
        write_edges(catalog.derived, side)
        yield side


def write_edges(derived: Derived, side: Side) -> None:
    """Write down which edges some papers support and which numbers they report."""
    derived.put(
        SupportRow, (SupportRow(key, *edge) for key, found in side.edges.items() for edge in sorted(found))
    )
    derived.put(
        ResultRow,
        (
            ResultRow(key, result)
            for key, found in side.results.items()
            for result in sorted({reported.id for reported in found})
        ),
    )


def derived_quads(
    catalog: Catalog,
    sides: Iterable[Side],
    senses: Mapping[str, Iterable[str]],
    names: Namespace,
    extractor: str,
) -> Iterator[Quad]:
    """Yield the quads of a whole graph as `kg.rdf.to_quads` gives them, in another order.

    Args:
        catalog: Holds what is derived.
        sides: What all its papers say.
        senses: Forms that several entities may be, by the slug of the form.
        names: The IRIs of the graph.
        extractor: Who read the papers, as the graph tells it.
    """
    for side in sides:
        for key in side.papers:
            yield from paper_quads(side, key, names, extractor)
    yield from name_quads(catalog.derived.all_entities(), senses, names)
    yield from edge_quads(catalog.derived.edges(), names)


def paper_quads(
    side: Side, key: str, names: Namespace, extractor: str, *, whole: bool = True
) -> Iterator[Quad]:
    """Yield what one paper says, its edges apart; without `whole` only what depends on other papers."""
    paper, extraction = side.papers[key], side.extractions.get(key)
    if whole:
        yield from rdf.paper_quads(paper, names)
    if extraction is None:
        return
    if whole:
        yield from rdf.evidence_quads(extraction, names, extractor)
    named = ((m.name, side.slugs.get((key, m.name, m.type == "Organization"))) for m in extraction.mentions)
    # two spellings in one paper may be one node
    yield from dict.fromkeys(
        rdf.resolution_quad(key, name, slug, names) for name, slug in named if slug is not None
    )
    for result in {reported.id: reported for reported in side.results[key]}.values():
        yield from rdf.result_quads(result, names)


def name_quads(
    entities: Iterable[EntityRow], senses: Mapping[str, Iterable[str]], names: Namespace
) -> Iterator[Quad]:
    """Yield what is known of entities, and the nodes of forms that several may be."""
    for row in entities:
        yield from rdf.entity_quads(rows.entity(row), rows.variant(row), names)
    for slug, found in senses.items():
        yield from rdf.disambiguation_quads(slug, found, names)


def edge_quads(edges: Iterable[EdgeKey], names: Namespace) -> Iterator[Quad]:
    """Yield the plain triples of edges."""
    return (rdf.edge_quad(*edge, names) for edge in edges)


@dataclass(frozen=True, slots=True)
class Doubtful:
    """The entities that stay unresolved, by slug, what they may be, and where papers name them."""

    entities: Mapping[str, Entity]
    candidates: Mapping[str, Collection[str]]
    places: Places = field(default_factory=Places)

    def noting(self, sides: Iterable[Side], *, with_text: bool) -> Iterator[Side]:
        """Yield what papers say, and take down where they name one of the entities."""
        for side in sides:
            sentence = partial(_sentence, side.papers) if with_text else None
            for _, extraction in sorted(side.extractions.items()):
                self.places.note(extraction, side.slugs, self.entities, sentence)
            yield side


def doubtful(derived: Derived, decided: NamesDecided) -> Doubtful:
    """Return the entities that one paper alone names or that may be another; where, is to be noted."""
    entities = list(derived.heads())
    near = candidates(entities, decided.near, derived.spelled(names_near(decided.near)))
    return Doubtful(unresolved(entities, near), near)


def _sentence(papers: Mapping[str, Paper], paper: str, span: Span) -> str:
    text = papers[paper].text(span.field)
    return text[slice(*sentence_around(text, span.start, span.end))]
