"""The road that data takes, and the one place that knows its order."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import extractors
from kg.catalog import CachedExtraction, Catalog, Record
from kg.errors import GraphFolderError, NothingReadError, UsageError
from kg.evaluate import Scores, read_gold, read_predicted, score
from kg.explorer import graph_page
from kg.extracting import NOT_EXTRACTED, Lost, Note, Progress, extract_papers
from kg.extraction_json import confident, keep, to_json
from kg.generations import CATALOG, RDF, current_generation, has_graph, next_generation
from kg.graph import KnowledgeGraph, build_graph, sentence_around
from kg.increments import State, read_state, records_of
from kg.model import Extraction, Paper, Span, Unread
from kg.names import few_words, title_key
from kg.rdf import to_quads
from kg.resolve import NO_CURATION, Curation, resolve
from kg.resolve.curation import FILE as CURATION
from kg.resolve.curation import Decision, parse_curation, read_curation, with_decision
from kg.resolve.unresolved import FILE as UNRESOLVED
from kg.resolve.unresolved import unresolved_table
from kg.sources import ReadResult, read
from kg.sources.identity import assign_ids, join_papers
from kg.store import Store
from kg.vocab import DEFAULT_BASE, Namespace
from kg.writers import get_writer
from kg.writers.files import write_whole
from kg.writers.readme import exports_readme

EXPORTS = ("ttl", "nq", "graphml")
"""What `kg build --out` writes beside the explorer page and the README."""


@dataclass(frozen=True, slots=True)
class Built:
    """What a build made and what it could not read."""

    graph: KnowledgeGraph
    read: ReadResult
    folder: Path
    extracted: int
    files: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Changed:
    """What `add` or `remove` made of a graph.

    `added`, `removed` and `altered` are the ids, sorted, of papers that are new, gone, or the same with other
    text, date or source; `read` is what the inputs held, with all that was lost (no papers for `remove`).
    """

    graph: KnowledgeGraph
    read: ReadResult
    folder: Path
    added: tuple[str, ...]
    removed: tuple[str, ...]
    altered: tuple[str, ...]
    extracted: int


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Annotated papers, their extractions as JSON objects, and those of their texts that are at hand."""

    gold: list[dict[str, Any]]
    predicted: list[dict[str, Any]]
    papers: tuple[Paper, ...]


def build(
    inputs: Iterable[str | Path],
    *,
    graph: str | Path = "graph",
    out: str | Path | None = None,
    extractor: str = "default",
    base: str = DEFAULT_BASE,
    curation: Path | None = None,
    with_text: bool = False,
    min_confidence: float = 0.0,
    on_progress: Progress | None = None,
    on_note: Note | None = None,
) -> Built:
    """Build a graph folder from pages, dumps and lists; with `out`, write the exports too.

    Args:
        inputs: Files, folders, globs, or `-` for standard input.
        graph: The graph folder; a graph that stands there is replaced when this one is finished.
        out: Where to write `graph.ttl`, `graph.nq`, `graph.graphml`, `explorer.html` and `README.md`.
        extractor: A name of `extractors.names()`.
        base: The IRI that all IRIs of the graph start with.
        curation: A file of decisions on names that becomes the graph's own; without it, that stays.
        with_text: Whether the explorer page and `unresolved.tsv` may carry sentences of the abstracts.
        min_confidence: What is less sure stays out of the exports (the graph folder keeps all).
        on_progress: Called with the stage, how much is done, and how much there is.
        on_note: Called with what the extractor has to tell (costs, what it dropped), also when it fails.

    Returns:
        The graph, what was read, and the files written. A paper that was not extracted is in the graph
        without entities and listed among the unread; a later build tries it again.

    Raises:
        NothingReadError: No paper could be read, or none extracted; the old graph stays.
        ExtractorError: The extractor cannot be used; the old graph stays.
        UsageError: `base` is no IRI to start others with.
    """
    folder, step = Path(graph), on_progress or _silent
    Namespace(base)
    found = _read(inputs, step)
    cache = _cached(folder)
    chosen = extractors.choose(extractor)
    read_by = f"{extractor} {chosen.fingerprint[:12]}"
    with next_generation(folder) as generation:
        lost: list[Unread] = []
        read_papers = list(extract_papers(found.papers, chosen, cache, step, lost.append, on_note))
        if lost and len(lost) == len(found.papers):
            raise NothingReadError(_nothing("extracted", lost))
        found = _with_lost(found, lost)
        with Catalog.create(generation / CATALOG) as catalog:
            catalog.set_meta({"base": base, "extractor": read_by, "notes": json.dumps(found.notes)})
            catalog.put_records(records_of(found))
            catalog.put(found.papers, read_papers)
        decided = _decisions(folder) if curation is None else curation.read_bytes()
        whole = _write(
            generation,
            found.papers,
            [c.extraction for c in read_papers],
            base,
            read_by,
            decided,
            with_text=with_text,
            step=step,
            on_note=on_note,
        )
        write_whole(folder / "unread.tsv", unread_table(found.unread))
    files: tuple[Path, ...] = ()
    if out is not None:
        handed_on = at_least(whole, min_confidence)
        files = export(handed_on, Path(out), with_text=with_text, min_confidence=min_confidence, step=step)
    fresh = sum(c.key not in cache and c.key != NOT_EXTRACTED for c in read_papers)
    return Built(whole, found, folder, fresh, files)


def add(
    inputs: Iterable[str | Path],
    *,
    graph: str | Path = "graph",
    on_progress: Progress | None = None,
    on_note: Note | None = None,
) -> Changed:
    """Add papers to a graph: the same graph as one build of all inputs together, whatever their order.

    All records, old and new, are joined together, so a paper that stands there may get another date, title or
    id. The graph's own extractor reads what it has not read in this text; base and curation stay.

    Args:
        inputs: Files, folders, globs, or `-` for standard input.
        graph: The graph folder; what stands there is replaced when the new graph is finished.
        on_progress: Called with the stage, how much is done, and how much there is.
        on_note: Called with what the extractor has to tell.

    Returns:
        The new graph and what is different in it. A paper that was not extracted is in it without entities
        and listed among the unread; a later `add` tries it again.

    Raises:
        GraphFolderError: There is no readable graph in the folder, or another process writes it.
        NothingReadError: No paper could be read, or none of the new ones extracted; the old graph stays.
        ExtractorError: The extractor cannot be used; the old graph stays.
    """
    folder, step = Path(graph), on_progress or _silent
    current_generation(folder)
    found = _read(inputs, step)
    with next_generation(folder) as generation:
        before = read_state(folder)
        records = {**before.records, **records_of(found)}
        chosen = extractors.choose(before.extractor)
        read_by = f"{before.extractor} {chosen.fingerprint[:12]}"
        if read_by != before.meta["extractor"] and on_note is not None:
            on_note("the extractor is not the one that read this graph; all of it is read anew")
        cache = {cached.key: cached for cached in before.extractions.values()}
        return _change(
            generation, before, records, cache, found, read_by=read_by, kept={}, step=step, on_note=on_note
        )


def remove(
    papers: Iterable[str],
    *,
    graph: str | Path = "graph",
    on_progress: Progress | None = None,
    on_note: Note | None = None,
) -> Changed:
    """Take papers out of a graph, with their records and edges and the entities that only they supported.

    What remains is joined anew: the same graph as one build without the records of these papers. No paper is
    read again unless its text becomes another by that. Adding the same input later brings a paper back.

    Args:
        papers: Ids, addresses or titles; if one of them means no paper, or several, nothing is removed.
        graph: The graph folder; what stands there is replaced when the new graph is finished.
        on_progress: Called with the stage, how much is done, and how much there is.
        on_note: Called with what the extractor has to tell.

    Returns:
        The new graph and what is different in it.

    Raises:
        GraphFolderError: There is no readable graph in the folder, or another process writes it.
        UnknownNameError: One of `papers` means no paper.
        AmbiguousNameError: One of `papers` is the title of several.
        ExtractorError: A paper's text changed, and the extractor cannot be used; the old graph stays.
    """
    folder, step = Path(graph), on_progress or _silent
    current_generation(folder)
    with next_generation(folder) as generation:
        before = read_state(folder)
        identified, _ = assign_ids([record.paper for record in before.records.values()])
        gone = {before.paper_named(name, identified) for name in papers}
        records = {
            key: record
            for (key, record), paper in zip(before.records.items(), identified, strict=True)
            if paper.id not in gone
        }
        read_by = before.meta["extractor"]
        return _change(
            generation,
            before,
            records,
            {},
            ReadResult(()),
            read_by=read_by,
            kept=before.extractions,
            step=step,
            on_note=on_note,
        )


def rederive(
    graph: str | Path = "graph",
    *,
    decisions: Iterable[Decision] = (),
    on_progress: Progress | None = None,
    on_note: Note | None = None,
) -> KnowledgeGraph:
    """Derive a graph anew from its papers and extractions, as after a change of `curation.tsv`.

    Args:
        graph: The graph folder; what stands there is replaced when the new graph is finished.
        decisions: What to write into `curation.tsv` before.
        on_progress: Called with the stage, how much is done, and how much there is.
        on_note: Called with each line of `curation.tsv` that matches nothing or cannot be read.

    Returns:
        The new graph.

    Raises:
        GraphFolderError: There is no readable graph in the folder, or another process writes it.
    """
    folder = Path(graph)
    current_generation(folder)
    with next_generation(folder) as generation:
        before = read_state(folder)
        Catalog.copy(current_generation(folder) / CATALOG, generation / CATALOG).close()
        text = _decisions(folder).decode("utf-8-sig", "replace")
        for decision in decisions:
            text = with_decision(text, decision)
        whole = _write(
            generation,
            list(before.papers.values()),
            [cached.extraction for cached in before.extractions.values()],
            before.meta["base"],
            before.meta["extractor"],
            text.encode(),
            step=on_progress or _silent,
            on_note=on_note,
        )
    return whole


def assemble(
    papers: Sequence[Paper],
    extractions: Iterable[Extraction],
    *,
    base: str = DEFAULT_BASE,
    curation: Curation = NO_CURATION,
) -> KnowledgeGraph:
    """Return the graph of papers and their extractions: names resolved as curation has it, edges joined."""
    read_papers = list(extractions)
    resolution = resolve(papers, read_papers, curation=curation)
    return build_graph(papers, read_papers, resolution, namespace=Namespace(base))


def at_least(graph: KnowledgeGraph, confidence: float) -> KnowledgeGraph:
    """Return the graph of what is at least so sure; the same graph at 0."""
    if confidence <= 0:
        return graph
    sure = [confident(extraction, confidence) for extraction in graph.extractions]
    return assemble(graph.papers, sure, base=graph.namespace.base, curation=graph.resolution.curation)


def load(folder: Path) -> KnowledgeGraph:
    """Return the graph that stands in a folder, with the decisions on names that it was derived with."""
    generation = current_generation(folder)
    with Catalog.open(generation / CATALOG) as catalog:
        papers = list(catalog.papers())
        read_papers = [cached.extraction for cached in catalog.extractions()]
        base, curation = catalog.meta()["base"], read_curation(generation / CURATION)
        return assemble(papers, read_papers, base=base, curation=curation)


def extract(
    inputs: Iterable[str | Path],
    *,
    extractor: str = "default",
    on_progress: Progress | None = None,
    on_lost: Lost | None = None,
    on_note: Note | None = None,
) -> tuple[ReadResult, Iterator[Extraction]]:
    """Return what was read, and the extraction of each paper as it is made; no cache, no graph.

    Args:
        inputs: Files, folders, globs, or `-` for standard input.
        extractor: A name of `extractors.names()`.
        on_progress: Called with the stage, how much is done, and how much there is.
        on_lost: Called with each paper that was not extracted; without it that is an error.
        on_note: Called at the end with what the extractor has to tell.

    Raises:
        NothingReadError: No paper could be read.
        ExtractorError: The extractor cannot be used.
    """
    step = on_progress or _silent
    chosen = extractors.choose(extractor)
    found = _read(inputs, step)
    fresh = extract_papers(found.papers, chosen, None, step, on_lost, on_note)
    return found, (made.extraction for made in fresh if made.key != NOT_EXTRACTED)


def export(
    graph: KnowledgeGraph,
    out: Path,
    *,
    with_text: bool = False,
    min_confidence: float = 0.0,
    step: Progress | None = None,
) -> tuple[Path, ...]:
    """Write the standard exports of a graph into a folder and return the files, sorted."""
    tell = step or _silent
    if not with_text:
        graph = without_long_names(graph)
    out.mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    for name in EXPORTS:
        writer = get_writer(name)
        tell(f"writing {writer.file}", 0, 0)
        writer.write(graph, out / writer.file)
        files.append(out / writer.file)
    tell("writing explorer.html", 0, 0)
    write_whole(out / "explorer.html", graph_page(graph, with_text=with_text).encode())
    write_whole(out / "README.md", exports_readme(graph, files, min_confidence).encode())
    return tuple(sorted([*files, out / "explorer.html", out / "README.md"]))


def without_long_names(graph: KnowledgeGraph) -> KnowledgeGraph:
    """Return the graph without names as long as a stretch of somebody's sentence (`names.MOST_WORDS`)."""
    short = [keep(extraction, lambda m: _is_short(m.name)) for extraction in graph.extractions]
    unchanged = tuple(short) == graph.extractions
    base, curation = graph.namespace.base, graph.resolution.curation
    whole = graph if unchanged else assemble(graph.papers, short, base=base, curation=curation)
    entities = tuple(replace(e, aliases=tuple(filter(_is_short, e.aliases))) for e in whole.entities)
    return replace(whole, resolution=replace(whole.resolution, entities=entities))


def _is_short(name: str) -> bool:
    return few_words(name) == name


def evaluate(
    gold: Path,
    *,
    papers: Iterable[str | Path] = (),
    predicted: Path | None = None,
    extractor: str = "default",
    on_progress: Progress | None = None,
) -> Scores:
    """Return the scores of an extractor, or of a file of extractions, against annotations.

    The arguments are those of `side_by_side`.
    """
    both = side_by_side(
        gold, papers=papers, predicted=predicted, extractor=extractor, on_progress=on_progress
    )
    return score(both.gold, both.predicted)


def side_by_side(
    gold: Path,
    *,
    papers: Iterable[str | Path] = (),
    predicted: Path | None = None,
    extractor: str = "default",
    on_progress: Progress | None = None,
    on_lost: Lost | None = None,
    on_note: Note | None = None,
) -> SideBySide:
    """Return annotated papers and what an extractor, or a file of extractions, says of them.

    Texts come from `gold` itself or, joined by title, from `papers`. A paper that was not extracted goes to
    `on_lost` and stays without prediction; without `on_lost` that is an error.

    Raises:
        UsageError: `gold` has no texts and `papers` gives none, and there is no `predicted`.
    """
    rows = read_gold(gold)
    found = read(list(papers) or [gold])
    wanted = {title_key(row["title"]) for row in rows}
    chosen = [paper for paper in found.papers if title_key(paper.title) in wanted and paper.abstract]
    if predicted is not None:
        return SideBySide(rows, read_predicted(predicted), tuple(chosen))
    if not chosen:
        raise UsageError(f"{gold} holds no abstracts; name the files that do with --papers")
    fresh = extract_papers(
        chosen, extractors.choose(extractor), None, on_progress or _silent, on_lost, on_note
    )
    made = [to_json(cached.extraction) for cached in fresh if cached.key != NOT_EXTRACTED]
    return SideBySide(rows, made, tuple(chosen))


def unread_table(unread: Iterable[Unread]) -> bytes:
    """Return what could not be read as TSV: file, line, paper, reason."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter="\t", lineterminator="\n")
    writer.writerow(["file", "line", "paper", "reason"])
    for item in unread:
        writer.writerow([item.file, item.line or "", item.paper or "", item.reason])
    return buffer.getvalue().encode()


def _change(
    generation: Path,
    before: State,
    records: Mapping[str, Record],
    cache: Mapping[str, CachedExtraction],
    found: ReadResult,
    *,
    read_by: str,
    kept: Mapping[str, CachedExtraction],
    step: Progress,
    on_note: Note | None,
) -> Changed:
    """Write a generation that holds `records` and nothing else, from the one in force.

    Args:
        generation: The folder of the new generation.
        before: The state of the generation in force.
        records: All records of the new one, by key.
        cache: Extractions by cache key.
        found: What was read for this change.
        read_by: Name and fingerprint of the extractor, as the graph is to tell them.
        kept: Extractions by paper id that stay, whatever extractor made them, where the text is the same.
        step: Takes the progress.
        on_note: Takes what the extractor has to tell.

    Returns:
        The new graph and what is different in it; its notes are those that the old one did not have.

    Raises:
        NothingReadError: None of the papers that are new was extracted.
    """
    step("joining papers", 0, 0)
    formats = {source.sha256: r.format for r in records.values() for source in r.paper.sources}
    papers, notes = join_papers([record.paper for record in records.values()], formats=formats)
    step("extracting", 0, len(papers))
    lost: list[Unread] = []
    stay = {paper.id for paper in papers if paper.id in kept and before.has_text_of(paper)}
    todo = [paper for paper in papers if paper.id not in stay]
    made: list[CachedExtraction] = []
    if todo:
        chosen = extractors.choose(read_by.rpartition(" ")[0])
        made = list(extract_papers(todo, chosen, cache, step, lost.append, on_note))
    missing = {item.paper for item in lost}
    new = [paper.id for paper in papers if not before.has_text_of(paper)]
    if found.papers and new and missing.issuperset(new):
        raise NothingReadError(_nothing("extracted", lost))
    after = {paper.id: paper for paper in papers}
    read_papers = {c.extraction.id: c for c in (*(kept[key] for key in stay), *made)}
    different = [p for p in papers if before.papers.get(p.id) != p]
    fresh = [c for key, c in read_papers.items() if before.extractions.get(key) != c]
    with Catalog.copy(current_generation(generation.parent) / CATALOG, generation / CATALOG) as catalog:
        known = set(json.loads(before.meta.get("notes", "[]")))
        catalog.set_meta({"extractor": read_by, "notes": json.dumps(notes)})
        catalog.remove_records(before.records.keys() - records.keys())
        catalog.put_records({key: records[key] for key in records.keys() - before.records.keys()})
        catalog.remove(before.papers.keys() - after.keys())
        catalog.put(different, fresh)
    base = before.meta["base"]
    extractions = [read_papers[p.id].extraction for p in papers]
    decided = _decisions(generation.parent)
    whole = _write(generation, papers, extractions, base, read_by, decided, step=step, on_note=on_note)
    found = replace(found, notes=tuple(note for note in notes if note not in known))
    found = _with_lost(found, lost)
    write_whole(generation.parent / "unread.tsv", unread_table(found.unread))
    return Changed(
        graph=whole,
        read=found,
        folder=generation.parent,
        added=tuple(sorted(after.keys() - before.papers.keys())),
        removed=tuple(sorted(before.papers.keys() - after.keys())),
        altered=tuple(p.id for p in different if p.id in before.papers),
        extracted=sum(c.key not in cache and c.key != NOT_EXTRACTED for c in made),
    )


def _write(
    generation: Path,
    papers: Sequence[Paper],
    read_papers: Sequence[Extraction],
    base: str,
    read_by: str,
    decided: bytes,
    *,
    with_text: bool = False,
    step: Progress,
    on_note: Note | None,
) -> KnowledgeGraph:
    """Return the graph of papers and their extractions, after writing all that is derived from it.

    The RDF store and the decisions on names go into the generation, `curation.tsv` and `unresolved.tsv`
    into the graph folder.
    """
    step("resolving names", 0, 0)
    curation = parse_curation(decided.decode("utf-8-sig", "replace"))
    whole = assemble(papers, read_papers, base=base, curation=curation)
    step("writing RDF", 0, 0)
    Store.write(generation / RDF, to_quads(whole, extractor=read_by))
    folder, texts = generation.parent, {paper.id: paper for paper in papers}

    def sentence(paper: str, span: Span) -> str:
        text = texts[paper].text(span.field)
        return text[slice(*sentence_around(text, span.start, span.end))]

    rows = unresolved_table(whole.resolution, read_papers, sentence=sentence if with_text else None)
    write_whole(folder / UNRESOLVED, rows)
    if decided:
        write_whole(generation / CURATION, decided)
    if decided != _decisions(folder):
        write_whole(folder / CURATION, decided)
    if on_note is not None:
        for note in whole.resolution.unmatched:
            on_note(str(note))
    return whole


def _decisions(folder: Path) -> bytes:
    """Return the decisions on names in a graph folder as they stand there; nothing if there are none."""
    path = folder / CURATION
    return path.read_bytes() if path.exists() else b""


def _with_lost(found: ReadResult, lost: Sequence[Unread]) -> ReadResult:
    return replace(found, unread=(*found.unread, *lost))


def _cached(folder: Path) -> dict[str, CachedExtraction]:
    """Return the extractions of the graph in force, by cache key; none if there is no readable graph."""
    if not has_graph(folder):
        return {}
    try:
        catalog = Catalog.open(current_generation(folder) / CATALOG)
    except GraphFolderError:
        return {}
    with catalog:
        return {cached.key: cached for cached in catalog.extractions()}


def _read(inputs: Iterable[str | Path], step: Progress) -> ReadResult:
    """Return what was read.

    Raises:
        NothingReadError: No paper could be read.
    """
    found = read(inputs, on_progress=lambda name, count: step(f"reading {name}", count, 0))
    if not found.papers:
        raise NothingReadError(_nothing("read", found.unread))
    return found


def _nothing(done: str, unread: Sequence[Unread]) -> str:
    lines = [f"{u.file}:{u.line}: {u.reason}" if u.line else f"{u.file}: {u.reason}" for u in unread]
    more = f"\n  and {len(lines) - 10} more" if len(lines) > 10 else ""
    return f"no paper could be {done}" + "".join(f"\n  {line}" for line in lines[:10]) + more


def _silent(stage: str, done: int, total: int) -> None:
    """Take a progress report and say nothing."""
    del stage, done, total
