"""The road that data takes, and the one place that knows its order."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import extractors
from extractors.running import outcomes
from kg.catalog import CachedExtraction, Catalog
from kg.errors import ExtractionError, GraphFolderError, NothingReadError, UsageError
from kg.evaluate import Scores, read_gold, read_predicted, score
from kg.explorer import graph_page
from kg.extraction_json import confident, keep, to_json
from kg.generations import CATALOG, RDF, current_generation, has_graph, next_generation
from kg.graph import KnowledgeGraph, build_graph
from kg.model import Extraction, Paper, Unread
from kg.names import few_words, title_key
from kg.rdf import to_quads
from kg.resolve import resolve
from kg.sources import ReadResult, read
from kg.store import Store
from kg.vocab import DEFAULT_BASE, Namespace
from kg.writers import get_writer
from kg.writers.files import write_whole
from kg.writers.readme import exports_readme

Progress = Callable[[str, int, int], None]
Note = Callable[[str], None]
Lost = Callable[[Unread], None]
NOT_EXTRACTED: Final = ""
"""Cache key of the empty extraction that stands for a paper which was not extracted: no key is like it."""
NO_CACHE: Final = "-"
"""Cache key of an extraction that is not kept."""
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
        with_text: Whether the explorer page may carry sentences of the abstracts.
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
        read_papers = list(_extract(found.papers, chosen, cache, step, lost.append, on_note))
        if lost and len(lost) == len(found.papers):
            raise NothingReadError(_nothing("extracted", lost))
        found = _with_lost(found, lost)
        with Catalog.create(generation / CATALOG) as catalog:
            catalog.set_meta({"base": base, "extractor": read_by})
            catalog.put(found.papers, read_papers)
        step("resolving names", 0, 0)
        whole = assemble(found.papers, (c.extraction for c in read_papers), base=base)
        step("writing RDF", 0, 0)
        Store.write(generation / RDF, to_quads(whole, extractor=read_by))
        write_whole(folder / "unread.tsv", unread_table(found.unread))
    files: tuple[Path, ...] = ()
    if out is not None:
        handed_on = at_least(whole, min_confidence)
        files = export(handed_on, Path(out), with_text=with_text, min_confidence=min_confidence, step=step)
    fresh = sum(c.key not in cache and c.key != NOT_EXTRACTED for c in read_papers)
    return Built(whole, found, folder, fresh, files)


def assemble(
    papers: Sequence[Paper], extractions: Iterable[Extraction], *, base: str = DEFAULT_BASE
) -> KnowledgeGraph:
    """Return the graph of papers and their extractions: names resolved, edges joined."""
    read_papers = list(extractions)
    resolution = resolve(papers, read_papers)
    return build_graph(papers, read_papers, resolution, namespace=Namespace(base))


def at_least(graph: KnowledgeGraph, confidence: float) -> KnowledgeGraph:
    """Return the graph of what is at least so sure; the same graph at 0."""
    if confidence <= 0:
        return graph
    sure = [confident(extraction, confidence) for extraction in graph.extractions]
    return assemble(graph.papers, sure, base=graph.namespace.base)


def load(folder: Path) -> KnowledgeGraph:
    """Return the graph that stands in a folder."""
    with Catalog.open(current_generation(folder) / CATALOG) as catalog:
        papers = list(catalog.papers())
        read_papers = [cached.extraction for cached in catalog.extractions()]
        return assemble(papers, read_papers, base=catalog.meta()["base"])


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
    fresh = _extract(found.papers, chosen, None, step, on_lost, on_note)
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
    whole = graph if unchanged else assemble(graph.papers, short, base=graph.namespace.base)
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
    fresh = _extract(chosen, extractors.choose(extractor), None, on_progress or _silent, on_lost, on_note)
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


def _extract(
    papers: Sequence[Paper],
    chosen: extractors.Chosen,
    cache: Mapping[str, CachedExtraction] | None,
    step: Progress,
    on_lost: Lost | None,
    on_note: Note | None,
) -> Iterator[CachedExtraction]:
    """Yield each paper's extraction, from the cache where text and extractor are the same.

    A paper that was not extracted goes to `on_lost`; an empty extraction under `NOT_EXTRACTED` stands for it.

    Args:
        papers: What to read, in this order.
        chosen: The extractor; it is not loaded if the cache has everything.
        cache: Extractions by key; None for no cache and empty keys.
        step: Takes the progress.
        on_lost: Takes the papers that were not extracted.
        on_note: Takes what the extractor has to tell, once, whatever happens.

    Raises:
        ExtractionError: A paper was not extracted, and there is no `on_lost`.
    """
    keys = [NO_CACHE if cache is None else _key(paper, chosen.fingerprint) for paper in papers]
    held = [_held(cache or {}, key, paper) for key, paper in zip(keys, papers, strict=True)]
    todo = [paper for paper, cached in zip(papers, held, strict=True) if cached is None]
    fresh = outcomes(todo, chosen.extract) if todo else iter(())
    try:
        for done, (paper, key, cached) in enumerate(zip(papers, keys, held, strict=True)):
            step("extracting", done, len(papers))
            if cached is not None:
                yield cached
                continue
            made = next(fresh)
            if isinstance(made, Extraction):
                yield CachedExtraction(key, made)
                continue
            if on_lost is None:
                raise ExtractionError(_not_extracted(paper, made).reason) from made
            on_lost(_not_extracted(paper, made))
            yield CachedExtraction(NOT_EXTRACTED, Extraction(paper.id, paper.title))
    finally:
        if on_note is not None:
            for note in filter(None, (chosen.warning, *chosen.notes())):
                on_note(note)
    step("extracting", len(papers), len(papers))


def _held(cache: Mapping[str, CachedExtraction], key: str, paper: Paper) -> CachedExtraction | None:
    cached = cache.get(key)
    return cached if cached is not None and cached.extraction.id == paper.id else None


def _not_extracted(paper: Paper, error: ExtractionError) -> Unread:
    source = paper.sources[0] if paper.sources else None
    reason = f"paper {paper.id or paper.title} was not extracted: {error}"
    return Unread(file=source.file if source else "", line=None, reason=reason, paper=paper.id or None)


def _with_lost(found: ReadResult, lost: Sequence[Unread]) -> ReadResult:
    return replace(found, unread=(*found.unread, *lost))


def _key(paper: Paper, fingerprint: str) -> str:
    text = "\x1f".join([paper.title, paper.abstract, fingerprint])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


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
