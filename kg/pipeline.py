"""The road that data takes, and the one place that knows its order."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import extractors
from kg.catalog import CachedExtraction, Catalog
from kg.errors import GraphFolderError, NothingReadError, UsageError
from kg.evaluate import Scores, read_gold, score
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
) -> Built:
    """Build a graph folder from pages, dumps and lists; with `out`, write the exports too.

    Args:
        inputs: Files, folders, globs, or `-` for standard input.
        graph: The graph folder; a graph that stands there is replaced when this one is finished.
        out: Where to write `graph.ttl`, `graph.nq`, `graph.graphml`, `explorer.html` and `README.md`.
        extractor: A name of `extractors.EXTRACTORS`.
        base: The IRI that all IRIs of the graph start with.
        with_text: Whether the explorer page may carry sentences of the abstracts.
        min_confidence: What is less sure stays out of the exports (the graph folder keeps all).
        on_progress: Called with the stage, how much is done, and how much there is.

    Returns:
        The graph, what was read, and the files written.

    Raises:
        NothingReadError: No paper could be read; the old graph stays.
        UsageError: `base` is no IRI to start others with.
    """
    folder, step = Path(graph), on_progress or _silent
    Namespace(base)
    found = _read(inputs, step)
    cache = _cached(folder)
    fingerprint = extractors.fingerprint(extractor)
    read_by = f"{extractor} {fingerprint[:12]}"
    with next_generation(folder) as generation:
        read_papers = list(_extract(found.papers, extractor, fingerprint, cache, step))
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
    fresh = sum(c.key not in cache for c in read_papers)
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
    inputs: Iterable[str | Path], *, extractor: str = "default", on_progress: Progress | None = None
) -> tuple[ReadResult, Iterator[Extraction]]:
    """Return what was read, and the extraction of each paper as it is made; no cache, no graph.

    Raises:
        NothingReadError: No paper could be read.
    """
    step = on_progress or _silent
    found = _read(inputs, step)
    fresh = _extract(found.papers, extractor, "", {}, step)
    return found, (cached.extraction for cached in fresh)


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

    Texts come from `gold` itself or, joined by title, from `papers`.

    Raises:
        UsageError: `gold` has no texts and `papers` gives none.
    """
    rows = read_gold(gold)
    if predicted is not None:
        return score(rows, read_gold(predicted))
    sources = list(papers) or [gold]
    found = read(sources)
    wanted = {title_key(row["title"]) for row in rows}
    chosen = [paper for paper in found.papers if title_key(paper.title) in wanted and paper.abstract]
    if not chosen:
        raise UsageError(f"{gold} holds no abstracts; name the files that do with --papers")
    fresh = _extract(chosen, extractor, "", {}, on_progress or _silent)
    return score(rows, [to_json(cached.extraction) for cached in fresh])


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
    extractor: str,
    fingerprint: str,
    cache: dict[str, CachedExtraction],
    step: Progress,
) -> Iterator[CachedExtraction]:
    """Yield each paper's extraction, from the cache where text and extractor are the same."""
    run: Callable[[Paper], Extraction] | None = None
    for done, paper in enumerate(papers):
        step("extracting", done, len(papers))
        key = _key(paper, fingerprint)
        cached = cache.get(key)
        if cached is None or cached.extraction.id != paper.id:
            run = run or extractors.load(extractor)
            cached = CachedExtraction(key, run(paper))
        yield cached
    step("extracting", len(papers), len(papers))


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
        raise NothingReadError(_nothing(found.unread))
    return found


def _nothing(unread: Sequence[Unread]) -> str:
    lines = [f"{u.file}:{u.line}: {u.reason}" if u.line else f"{u.file}: {u.reason}" for u in unread]
    more = f"\n  and {len(lines) - 10} more" if len(lines) > 10 else ""
    return "no paper could be read" + "".join(f"\n  {line}" for line in lines[:10]) + more


def _silent(stage: str, done: int, total: int) -> None:
    """Take a progress report and say nothing."""
    del stage, done, total
