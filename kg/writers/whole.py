"""The whole RDF of a graph: its facts and evidence, and what is said of the graph itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib.metadata import PackageNotFoundError, version

from kg.dataset import Counts, Distribution, Example, Provenance, about_quads, count
from kg.graph import KnowledgeGraph
from kg.model import Paper
from kg.nquads import Quad
from kg.queries import by_slug, get_query, query_names
from kg.rdf import to_quads
from kg.resolve.curation import Decision
from kg.vocab import Namespace


def whole_quads(graph: KnowledgeGraph, *, extractor: str = "") -> Iterator[Quad]:
    """Return all quads of a graph, what is said of the graph itself last.

    Args:
        graph: The graph.
        extractor: Name and fingerprint of what read the papers; empty where they are not known.

    Returns:
        Each quad once.
    """
    said = partial(
        about,
        names=graph.namespace,
        sources=sources_of(graph.papers),
        decisions=graph.resolution.curation.decisions,
        extractor=extractor,
    )
    return with_about(to_quads(graph, extractor=extractor), graph.namespace, said)


def with_about(
    quads: Iterable[Quad], names: Namespace, said: Callable[[Counts], Iterable[Quad]]
) -> Iterator[Quad]:
    """Yield the quads of a graph, and then what is said of the graph itself.

    Args:
        quads: Each quad once.
        names: The IRIs of the graph.
        said: Gives what is said of a graph with so many quads.
    """
    counts = Counts()
    for some in _chunks(iter(quads)):
        counts += count(some, names)
        yield from some
    yield from said(counts)


def about(
    counts: Counts,
    names: Namespace,
    sources: Iterable[tuple[str, str]],
    *,
    decisions: Iterable[Decision] = (),
    extractor: str = "",
) -> list[Quad]:
    """Return what is said of a graph itself: counts, files, example queries, provenance, decisions.

    Args:
        counts: What the graph has without these quads.
        names: The IRIs of the graph.
        sources: The files that its papers come from, each with the hash of its bytes.
        decisions: What people decided on names.
        extractor: Name and fingerprint of what read the papers; empty where they are not known.
    """
    return about_quads(
        counts,
        names,
        examples=examples(names),
        distributions=distributions(),
        provenance=Provenance(tuple(sorted(set(sources))), software_version(), extractor),
        decisions=decisions,
    )


def sources_of(papers: Iterable[Paper]) -> set[tuple[str, str]]:
    """Return the files that papers come from, each with the hash of its bytes."""
    return {(source.file, source.sha256) for paper in papers for source in paper.sources}


def examples(names: Namespace) -> list[Example]:
    """Return the named queries, their parameters filled with what they stand for by default."""
    find = partial(by_slug, names=names)
    queries = [get_query(name) for name in query_names()]
    return [Example(query.name, query.question, query.fill({}, find)) for query in queries]


def distributions() -> list[Distribution]:
    """Return the files that a graph can be had as, by name."""
    from kg.writers import WRITERS

    found = (Distribution(w.file, w.media_type, w.holds) for w in WRITERS.values())
    return sorted(found, key=lambda distribution: distribution.file)


def software_version() -> str:
    """Return the version of this software; empty if it is not installed."""
    try:
        return version("abstractkg")
    except PackageNotFoundError:
        return ""


def _chunks(quads: Iterator[Quad], size: int = 20_000) -> Iterator[list[Quad]]:
    while some := [quad for _, quad in zip(range(size), quads, strict=False)]:
        yield some
