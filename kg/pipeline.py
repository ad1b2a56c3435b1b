"""The road that data takes, and the one place that knows its order."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import extractors
from kg.catalog import Cache, CachedExtraction, Catalog, Record
from kg.catalog.names import Names
from kg.changes import (
    PapersChanged,
    change_papers,
    not_extracted,
    records_of,
    write_change,
)
from kg.deriving import derivation, derive, derive_anew, take_in
from kg.engines import Engine, ahead, on_this_machine, worth_starting
from kg.errors import GraphFolderError, NotExportedError, NothingReadError, SourceError, UsageError
from kg.evaluate import Scores, read_gold, read_predicted, score, title_of
from kg.extracting import NOT_EXTRACTED, Lost, cache_key, extract_papers
from kg.extraction_json import confident, keep, to_json
from kg.generations import (
    CATALOG,
    UNFINISHED,
    current_generation,
    has_graph,
    hold_current,
    next_generation,
)
from kg.graph import KnowledgeGraph, build_graph
from kg.memory import give_back_free_memory
from kg.model import Extraction, Paper, Unread
from kg.names import few_words, title_key
from kg.progress import Note, Progress, counted, silent, unheard
from kg.resolve import NO_CURATION, Curation, resolve
from kg.resolve.curation import FILE as CURATION
from kg.resolve.curation import Decision, decisions_in, read_curation, with_decision
from kg.resolve.known import known_names
from kg.resolve.resolver import no_collection
from kg.resolve.rows import resolution
from kg.resolve.unresolved import FILE as UNRESOLVED
from kg.sources import ReadResult, ReadSummary, read
from kg.sources.identity import assign_ids, find_paper
from kg.sources.spool import Spool
from kg.unfinished import Unfinished
from kg.vocab import DEFAULT_BASE, Namespace
from kg.writers import get_writer
from kg.writers.files import check_folder, write_whole
from kg.writers.parts import write_nq_parts
from kg.writers.readme import exports_readme
from kg.writers.whole import whole_quads

EXPORTS = ("ttl", "nq", "graphml")
"""What `kg build --out` writes beside the explorer page and the README."""


@dataclass(frozen=True)
class Built:
    """What a build made and what it could not read; `counts` as `KnowledgeGraph.counts` gives them."""

    counts: Mapping[str, int]
    read: ReadSummary
    folder: Path
    extracted: int
    files: tuple[Path, ...] = ()

    @cached_property
    def graph(self) -> KnowledgeGraph:
        """The graph as it stands in its folder, loaded when it is first asked for."""
        return load(self.folder)


@dataclass(frozen=True, slots=True)
class Changed:
    """What `add` or `remove` made of a graph.

    `added`, `removed` and `altered` are the ids, sorted, of papers that are new, gone, or the same with other
    text, date or source; `replaced` pairs a removed id with the added one that the paper has instead; `read`
    is what the inputs held, with all that was lost (none for `remove`); `counts` is what the graph holds now,
    as `KnowledgeGraph.counts` gives it.
    """

    counts: Mapping[str, int]
    read: ReadSummary
    folder: Path
    added: tuple[str, ...]
    removed: tuple[str, ...]
    altered: tuple[str, ...]
    replaced: tuple[tuple[str, str], ...]
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
    engine: Engine = on_this_machine,
    quads: str | Path | None = None,
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
        engine: Where papers are extracted (`kg.engines.get_engine`); what comes out is the same.
        quads: Where to write what `graph.nq` holds as N-Quads in parts, for stores that hold billions.
        on_progress: Called with the stage, how much is done, and how much there is.
        on_note: Called with what the extractor has to tell (costs, what it dropped), also when it fails.

    Returns:
        The graph, what was read, and the files written. A paper that was not extracted is in the graph
        without entities and listed among the unread; a later build tries it again.

    Raises:
        NothingReadError: No paper could be read, or none extracted; the old graph stays.
        ExtractorError: The extractor cannot be used; the old graph stays.
        UsageError: `base` is no IRI to start others with, or there is nothing for `min_confidence` to act on.
        OSError: The folder of `out` or `quads` cannot be written; the old graph stays.
        NotExportedError: The new graph is in force, but `out` or `quads` could not be written.
        KeyboardInterrupt: Ctrl-C; the message says so where the new graph is in force already.
    """
    folder, step = Path(graph), on_progress or silent
    if min_confidence > 0 and out is None and quads is None:
        raise UsageError("--min-confidence goes with --out or --quads; the graph folder keeps everything")
    for written in (out, quads):
        if written is not None:
            check_folder(Path(written))
    inputs = [inputs] if isinstance(inputs, str | Path) else list(inputs)
    give_back_free_memory()
    Namespace(base)
    chosen = extractors.choose(extractor)
    with ExitStack() as stack:
        loading = stack.enter_context(ExitStack())
        engine = loading.enter_context(ahead(engine, chosen, partial(worth_starting, inputs, folder)))
        found = _read(inputs, step)
        read_by = f"{extractor} {chosen.fingerprint[:12]}"
        generation = stack.enter_context(next_generation(folder, spent=[UNFINISHED]))
        cache = loading.enter_context(_cached(folder))
        unfinished = stack.enter_context(Unfinished(folder))
        lost: list[Unread] = []
        decided = decisions_in(folder) if curation is None else curation.read_bytes()
        with Catalog.create(generation / CATALOG) as catalog, Names(catalog.cursor()) as names:
            catalog.set_meta({"base": base, "extractor": read_by, "notes": json.dumps(found.notes)})
            catalog.put_records(counted(records_of(found), "keeping records", found.blocks, step))
            read_papers = extract_papers(
                found.papers, chosen, cache, step, lost.append, on_note, unfinished, engine
            )
            take_in(catalog, names, read_papers)
            loading.close()
            summary = _with_lost(found.summary, lost)
            del found, read_papers, cache  # the catalog holds them; their temporary files go
            if lost and len(lost) == summary.num_papers:
                raise NothingReadError(_nothing("extracted", lost))
            counts = derive(
                catalog, names, generation, decided, with_text=with_text, step=step, on_note=on_note
            )
        write_whole(folder / "unread.tsv", unread_table(summary.unread))
    built = Built(counts, summary, folder, unfinished.kept)
    if out is None and quads is None:
        return built
    files: tuple[Path, ...] = ()
    with _exporting(built, out or quads):
        handed_on = at_least(load(folder, reasons=False), min_confidence)
        if quads is not None:
            step("writing N-Quads in parts", 0, 0)
            shown = handed_on if with_text else without_long_names(handed_on)
            files = write_nq_parts(whole_quads(shown), Path(quads))
        if out is not None:
            files += export(
                handed_on, Path(out), with_text=with_text, min_confidence=min_confidence, step=step
            )
    return replace(built, files=files)


@contextmanager
def _exporting(built: Built, place: str | Path | None) -> Iterator[None]:
    """Say of what stops the writing of exports that the new graph is in force all the same.

    Raises:
        NotExportedError: An export could not be written.
        KeyboardInterrupt: Ctrl-C, with this message.
    """
    told = f"the new graph stands in {built.folder}, but its exports are not all written"
    again = "run the command again, which reads no paper again, or use `kg export`"
    if built.read.unread:
        again += f"; {len(built.read.unread):,} lost, listed in {built.folder / 'unread.tsv'}"
    try:
        yield
    except KeyboardInterrupt as error:
        raise KeyboardInterrupt(f"interrupted; {told}; {again}") from error
    except OSError as error:
        reason = f"{error.filename2 or error.filename or place}: {error.strerror or error}"
        raise NotExportedError(f"{told} ({reason}); {again}") from error


def add(
    inputs: Iterable[str | Path],
    *,
    graph: str | Path = "graph",
    engine: Engine = on_this_machine,
    on_progress: Progress | None = None,
    on_note: Note | None = None,
) -> Changed:
    """Add papers to a graph: the same graph as one build of all inputs together, whatever their order.

    New records are joined with those that they bear on, so a paper that stands there may get another date,
    title or id. The graph's own extractor reads what it has not read in this text; base and curation stay.

    Args:
        inputs: Files, folders, globs, or `-` for standard input.
        graph: The graph folder; what stands there is replaced when the new graph is finished.
        engine: Where papers are extracted (`kg.engines.get_engine`); what comes out is the same.
        on_progress: Called with the stage, how much is done, and how much there is.
        on_note: Called with what the extractor has to tell.

    Returns:
        What the graph holds now and what is different in it. A paper that was not extracted is in it without
        entities and listed among the unread; a later `add` tries it again.

    Raises:
        GraphFolderError: There is no readable graph in the folder, or another process writes it.
        NothingReadError: No paper could be read, or none of the new ones extracted; the old graph stays.
        ExtractorError: The extractor cannot be used; the old graph stays.
    """
    folder, step = Path(graph), on_progress or silent
    with ExitStack() as stack:
        loading = stack.enter_context(ExitStack())
        chosen = extractors.choose(extractor_of(folder))
        engine = loading.enter_context(ahead(engine, chosen, lambda: 1))
        found = _read(inputs, step)
        lost = _bring_up_to_date(folder, step, on_note, engine)
        generation, old, copied = stack.enter_context(_changing(folder, spent=[UNFINISHED]))
        fresh = dict(records_of(found))
        held = dict(old.records("key", fresh))
        step("joining papers", 0, 0)
        papers = change_papers(old, {key: r for key, r in fresh.items() if key not in held}, {})
        again = [paper for paper in old.papers(not_extracted(old)) if paper.id not in papers.before]
        papers = replace(
            papers,
            before={**papers.before, **{paper.id: paper for paper in again}},
            after={**papers.after, **{paper.id: paper for paper in again}},
        )
        if chosen.name != extractors.DEFAULT:
            copied.result()  # a full disk is told before papers are read that may cost something
        with Unfinished(folder) as unfinished:
            made, missed, count = _read_changed(
                old, papers, engine, retry=True, step=step, on_note=on_note, unfinished=unfinished
            )
        loading.close()
        texts = {key: (paper.title, paper.abstract) for key, paper in papers.before.items()}
        come = {key for key, paper in papers.after.items() if texts.get(key) != (paper.title, paper.abstract)}
        if come and {item.paper for item in missed}.issuperset(come):
            raise NothingReadError(_nothing("extracted", missed))
        with Catalog.open(copied.result(), read_only=False) as new, new.transaction():
            new.put_records((key, record) for key, record in fresh.items() if key not in held)
            counts = write_change(generation, old, new, papers, made, step=step, on_note=on_note)
    summary = replace(found.summary, notes=tuple(sorted(papers.notes)))
    summary = _with_lost(summary, [*lost, *missed])
    write_whole(folder / "unread.tsv", unread_table(summary.unread))
    return _changed(folder, counts, summary, papers, count)


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
        What the graph holds now and what is different in it.

    Raises:
        GraphFolderError: There is no readable graph in the folder, or another process writes it.
        UnknownNameError: One of `papers` means no paper.
        AmbiguousNameError: One of `papers` is the title of several.
        ExtractorError: A paper's text changed, and the extractor cannot be used; the old graph stays.
    """
    folder, step = Path(graph), on_progress or silent
    _bring_up_to_date(folder, step, on_note, None)
    with _changing(folder) as (generation, old, copied):
        leaving = _records_of_papers(old, papers)
        step("joining papers", 0, 0)
        changed = change_papers(old, {}, leaving)
        made, missed, count = _read_changed(
            old, changed, on_this_machine, retry=False, step=step, on_note=on_note
        )
        with Catalog.open(copied.result(), read_only=False) as new, new.transaction():
            new.remove_records(leaving)
            counts = write_change(generation, old, new, changed, made, step=step, on_note=on_note)
    summary = _with_lost(ReadSummary(notes=tuple(sorted(changed.notes))), missed)
    write_whole(folder / "unread.tsv", unread_table(summary.unread))
    return _changed(folder, counts, summary, changed, count)


def rederive(
    graph: str | Path = "graph",
    *,
    decisions: Iterable[Decision] = (),
    on_progress: Progress | None = None,
    on_note: Note | None = None,
) -> Mapping[str, int]:
    """Derive a graph anew from its papers and extractions, as after a change of `curation.tsv`.

    Args:
        graph: The graph folder; what stands there is replaced when the new graph is finished.
        decisions: What to write into `curation.tsv` before.
        on_progress: Called with the stage, how much is done, and how much there is.
        on_note: Called with each line of `curation.tsv` that matches nothing or cannot be read.

    Returns:
        What the graph holds now, as `KnowledgeGraph.counts` gives it.

    Raises:
        GraphFolderError: There is no readable graph in the folder, or another process writes it.
    """
    folder, step = Path(graph), on_progress or silent
    current_generation(folder)
    with next_generation(folder) as generation:
        text = decisions_in(folder).decode("utf-8-sig", "replace")
        for decision in decisions:
            text = with_decision(text, decision)
        with Catalog.copy(current_generation(folder) / CATALOG, generation / CATALOG) as catalog:
            return derive_anew(catalog, generation, text.encode(), step=step, on_note=on_note)


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


@no_collection()
def load(folder: Path, *, reasons: bool = True) -> KnowledgeGraph:
    """Return the graph that stands in a folder, with the decisions on names that it was derived with.

    Args:
        folder: The graph folder.
        reasons: Whether its resolution is to tell why names stand for what they do and what is in doubt; that
            takes deciding them again.

    Returns:
        The graph.
    """
    generation, held = hold_current(folder)
    with ExitStack() as stack:
        stack.callback(os.close, held)
        catalog = stack.enter_context(Catalog.open(generation / CATALOG))
        papers = list(catalog.papers())
        read_papers = [cached.extraction for cached in catalog.extractions()]
        base, curation = catalog.meta()["base"], read_curation(generation / CURATION)
        if reasons:
            return assemble(papers, read_papers, base=base, curation=curation)
        known = resolution(catalog.derived, curation)
        return build_graph(papers, read_papers, known, namespace=Namespace(base))


def extract(
    inputs: Iterable[str | Path],
    *,
    extractor: str = "default",
    on_progress: Progress | None = None,
    on_lost: Lost | None = None,
    on_note: Note | None = None,
) -> tuple[ReadSummary, Iterator[Extraction]]:
    """Return what there is to tell of inputs, and each paper's extraction as it is made; no cache, no graph.

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
    step = on_progress or silent
    chosen = extractors.choose(extractor)
    found = _read(inputs, step)
    fresh = extract_papers(found.papers, chosen, None, step, on_lost, on_note)
    return found.summary, (made.extraction for _, made in fresh if made.key != NOT_EXTRACTED)


def export(
    graph: KnowledgeGraph,
    out: Path,
    *,
    with_text: bool = False,
    min_confidence: float = 0.0,
    step: Progress | None = None,
) -> tuple[Path, ...]:
    """Write the standard exports of a graph into a folder and return the files, sorted."""
    from kg.explorer import graph_page

    tell = step or silent
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

    Texts come from `gold` itself or, joined by title, from `papers`. What could not be read of these goes to
    `on_lost`, and so does a paper that was not extracted and stays without prediction; without `on_lost` that
    is an error. `on_note` is told how many papers have no text, or that none is predicted.

    Raises:
        SourceError: A line of `gold` or `predicted` cannot be read.
        NothingReadError: No paper could be read from `papers`.
        UsageError: `gold` is empty, or there are no texts and no `predicted`.
    """
    rows, inputs = read_gold(gold), list(papers)
    if not rows:
        raise UsageError(f"{gold} holds no annotated papers")
    made = None if predicted is None else read_predicted(predicted)
    found = _read(inputs, on_progress or silent) if inputs else read([gold])
    for item in found.unread if inputs else ():
        if on_lost is None:
            raise SourceError(item.reason, file=item.file, line=item.line)
        on_lost(item)
    titles = [title_key(row["title"]) for row in rows]
    wanted = set(titles)
    chosen = [paper for paper in found.papers if title_key(paper.title) in wanted and paper.abstract]
    told, has = on_note or unheard, {title_key(paper.title) for paper in chosen}
    if made is not None:
        if not {title_of(row) for row in rows} & {title_of(row) for row in made}:
            told(f"{predicted} holds no extraction of an annotated paper; all {len(rows):,} count as missed")
        return SideBySide(rows, made, tuple(chosen))
    if not chosen:
        lacking = f"--papers holds no abstract of a paper of {gold}; they are joined by title"
        without_papers = f"{gold} holds no abstracts; name the files that do with --papers"
        raise UsageError(lacking if inputs else without_papers)
    if without := sum(title not in has for title in titles):
        told(f"{without:,} of {len(rows):,} annotated papers have no text and count as missed")
    fresh = extract_papers(
        chosen, extractors.choose(extractor), None, on_progress or silent, on_lost, on_note
    )
    made = [to_json(cached.extraction) for _, cached in fresh if cached.key != NOT_EXTRACTED]
    return SideBySide(rows, made, tuple(chosen))


def unread_table(unread: Iterable[Unread]) -> bytes:
    """Return what could not be read as TSV: file, line, paper, reason."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter="\t", lineterminator="\n")
    writer.writerow(["file", "line", "paper", "reason"])
    for item in unread:
        writer.writerow([item.file, item.line or "", item.paper or "", item.reason])
    return buffer.getvalue().encode()


def extractor_of(folder: Path) -> str:
    """Return the name of the extractor that a graph was built with.

    Raises:
        GraphFolderError: There is no readable graph in the folder.
    """
    with Catalog.open(current_generation(folder) / CATALOG) as catalog:
        return _name_of(catalog.meta()["extractor"])


def _name_of(read_by: str) -> str:
    """Return the name of an extractor that a graph tells with the start of its fingerprint."""
    return read_by.rpartition(" ")[0]


def _bring_up_to_date(
    folder: Path, step: Progress, on_note: Note | None, engine: Engine | None
) -> tuple[Unread, ...]:
    """Derive a graph anew that other code, lists or decisions on names made, so that a change can be local.

    Args:
        folder: The graph folder.
        step: Takes the progress.
        on_note: Is told why the whole graph is derived, or read, anew.
        engine: Where papers are read again if another version of the extractor read them; None for never.

    Returns:
        What could not be extracted.
    """
    generation = current_generation(folder)
    with Catalog.open(generation / CATALOG) as catalog:
        meta = catalog.meta()
    name = _name_of(meta["extractor"])
    read_by = (
        f"{name} {extractors.choose(name).fingerprint[:12]}" if engine is not None else meta["extractor"]
    )
    tell = on_note or str
    if engine is None or read_by == meta["extractor"]:
        if meta.get("derivation") == derivation() and decisions_in(folder) == decisions_in(generation):
            return ()
        tell("the decisions on names or the version of kg are not those of this graph; it is derived anew")
        rederive(folder, on_progress=step)
        return ()
    tell("the extractor is not the one that read this graph; all of it is read anew")
    lost: list[Unread] = []
    with (
        next_generation(folder, spent=[UNFINISHED]) as fresh,
        Catalog.copy(generation / CATALOG, fresh / CATALOG) as catalog,
        Unfinished(folder) as unfinished,
    ):
        chosen = extractors.choose(name)
        with Catalog.open(generation / CATALOG) as old:
            read_anew = extract_papers(
                Spool(old.papers()), chosen, Cache(old), step, lost.append, on_note, unfinished, engine
            )
            catalog.put([], (made for _, made in read_anew))
            del read_anew
        catalog.set_meta({"extractor": read_by})
        derive_anew(catalog, fresh, decisions_in(folder), step=step, on_note=None)
    return tuple(lost)


def _records_of_papers(catalog: Catalog, names: Iterable[str]) -> dict[str, Record]:
    """Return the records, by key, of the papers that ids, addresses, titles or IRIs mean.

    Raises:
        UnknownNameError: One of the names means no paper.
        AmbiguousNameError: One of them is the title of several.
    """
    heads = list(catalog.record_heads())
    identified, _ = assign_ids([head for _, head in heads])
    base, titles = Namespace(catalog.meta()["base"]), list(catalog.titles())
    meant = {find_paper(base.node_id(name.strip()) or name, titles, identified) for name in names}
    keys = (key for (key, _), paper in zip(heads, identified, strict=True) if paper.id in meant)
    return dict(catalog.records("key", keys))


@contextmanager
def _changing(folder: Path, *, spent: Iterable[str] = ()) -> Iterator[tuple[Path, Catalog, Future[Path]]]:
    """Give the folder of the next generation, the catalog in force, and a copy of its file to be changed.

    The file is copied, and what is known of names looked up, while papers are read.
    """
    with next_generation(folder, spent=[*spent, UNRESOLVED]) as generation, ThreadPoolExecutor(1) as aside:
        current = current_generation(folder) / CATALOG
        copied = aside.submit(shutil.copyfile, current, generation / CATALOG)
        aside.submit(known_names)
        try:
            with Catalog.open(current) as old:
                yield generation, old, copied
        finally:
            aside.shutdown(cancel_futures=True)


def _read_changed(
    old: Catalog,
    papers: PapersChanged,
    engine: Engine,
    *,
    retry: bool,
    step: Progress,
    on_note: Note | None,
    unfinished: Unfinished | None = None,
) -> tuple[dict[str, CachedExtraction], list[Unread], int]:
    """Return the extractions of changed papers by id, what could not be read, and how many were made now.

    A paper whose text is the same is not read again; with `retry` it is if it could not be read before.
    """
    held = {c.extraction.id: c for c in old.extractions("paper_id", papers.before)}
    kept = {
        key: held[key]
        for key, paper in papers.after.items()
        if (was := papers.before.get(key)) is not None
        and (was.title, was.abstract) == (paper.title, paper.abstract)
        and not (retry and held[key].key == NOT_EXTRACTED)
    }
    todo = [paper for key, paper in sorted(papers.after.items()) if key not in kept]
    if not todo:
        return kept, [], 0
    chosen = extractors.choose(_name_of(old.meta()["extractor"]))
    keys = [cache_key(paper, chosen.fingerprint) for paper in todo]
    cache = {cached.key: cached for cached in old.extractions("cache_key", keys)}
    lost: list[Unread] = []
    read_now = extract_papers(todo, chosen, cache, step, lost.append, on_note, unfinished, engine)
    made = [cached for _, cached in read_now]
    if unfinished is not None:
        fresh = unfinished.kept
    else:
        fresh = sum(c.key not in cache and c.key != NOT_EXTRACTED for c in made)
    return kept | {cached.extraction.id: cached for cached in made}, lost, fresh


def _changed(
    folder: Path, counts: Mapping[str, int], found: ReadSummary, papers: PapersChanged, extracted: int
) -> Changed:
    before, after = papers.before, papers.after
    come, gone = after.keys() - before.keys(), before.keys() - after.keys()
    replaced = sorted((was, key) for key in come for was in after[key].replaces if was in gone)
    return Changed(
        counts=counts,
        read=found,
        folder=folder,
        added=tuple(sorted(come)),
        removed=tuple(sorted(gone)),
        altered=tuple(sorted(key for key in after.keys() & before.keys() if after[key] != before[key])),
        replaced=tuple(replaced),
        extracted=extracted,
    )


def _with_lost(found: ReadSummary, lost: Sequence[Unread]) -> ReadSummary:
    return replace(found, unread=(*found.unread, *lost))


@contextmanager
def _cached(folder: Path) -> Iterator[Mapping[str, CachedExtraction]]:
    """Give the extractions of the graph in force, by cache key; none if there is no readable graph."""
    with ExitStack() as stack:
        old: Catalog | None = None
        if has_graph(folder):
            with suppress(GraphFolderError):
                old = stack.enter_context(Catalog.open(current_generation(folder) / CATALOG))
        yield {} if old is None else Cache(old)


@no_collection()
def _read(inputs: Iterable[str | Path], step: Progress) -> ReadResult:
    """Return what was read.

    Raises:
        NothingReadError: No paper could be read.
    """
    found = read(inputs, on_progress=step)
    if not found.papers:
        raise NothingReadError(_nothing("read", found.unread, found.remarks))
    return found


def _nothing(done: str, unread: Sequence[Unread], remarks: Sequence[str] = ()) -> str:
    lines = [f"{u.file}:{u.line}: {u.reason}" if u.line else f"{u.file}: {u.reason}" for u in unread]
    told = [*lines[:10], *([f"and {len(lines) - 10} more"] if len(lines) > 10 else []), *remarks[:10]]
    return f"no paper could be {done}" + "".join(f"\n  {' '.join(line.splitlines())}" for line in told)
