"""A part of the graph as a graph of its own: papers since a date, entities of some types."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from typing import Final, get_args

from kg.errors import UnknownNameError, UsageError
from kg.extraction_json import keep
from kg.graph import KnowledgeGraph, build_graph
from kg.model import EntityType, Extraction, Mention
from kg.resolve import Resolution

TYPES: Final[tuple[str, ...]] = get_args(EntityType)
_DATE: Final = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")


def check_date(date: str) -> str:
    """Return a date that is written as one can be: year, month or day.

    Raises:
        UsageError: It is not.

    >>> check_date("2025-06")
    '2025-06'
    """
    if not _DATE.fullmatch(date):
        raise UsageError(f"{date!r} is no date; write 2025, 2025-06 or 2025-06-11")
    return date


def find_type(name: str) -> str:
    """Return the entity type that a name means, whatever its case.

    Raises:
        UnknownNameError: There is no such type.

    >>> find_type("method")
    'Method'
    """
    for known in TYPES:
        if known.casefold() == name.casefold():
            return known
    raise UnknownNameError("entity type", name, TYPES)


def select(graph: KnowledgeGraph, *, since: str | None = None, types: Collection[str] = ()) -> KnowledgeGraph:
    """Return the graph of some papers and entities only.

    Args:
        graph: The whole graph; it stays as it is.
        since: Only papers of this day, month or year or later; those without a date go.
        types: Only entities of these types; papers that name none of them go. All without any.

    Returns:
        A graph whose edges, results, evidence and counts come from what is left. Names stay resolved as they
        were. An entity is left if a paper that is left names it, or a variant of it.

    Raises:
        UsageError: `since` is no date.
        UnknownNameError: One of the types is none.
    """
    if since is None and not types:
        return graph
    least = check_date(since) if since is not None else ""
    wanted = {find_type(name) for name in types} or set(TYPES)
    resolution = graph.resolution
    slugs = {entity.slug for entity in graph.entities if entity.type in wanted}
    resolution = replace(
        resolution,
        entities=tuple(e for e in graph.entities if e.slug in slugs),
        of={key: slug for key, slug in resolution.of.items() if slug in slugs},
    )
    papers = {
        p.id: p for p in graph.papers if not least or (p.published is not None and p.published >= least)
    }
    extractions = [_named(e, resolution) for e in graph.extractions if e.id in papers]
    made = build_graph(
        papers.values(),
        extractions,
        resolution,
        namespace=graph.namespace,
    )
    naming: defaultdict[str, set[str]] = defaultdict(set)
    reached: set[str] = set()
    for edge in made.edges:
        reached |= {edge.source, edge.target}
        if edge.source.startswith("paper:"):
            naming[edge.target].add(edge.source)
    entities = tuple(
        replace(e, num_papers=len(naming[f"entity:{e.slug}"]))
        for e in made.entities
        if f"entity:{e.slug}" in reached
    )
    left = {e.slug for e in entities}
    return replace(
        made,
        papers=tuple(p for p in made.papers if not types or f"paper:{p.id}" in reached),
        extractions=tuple(e for e in made.extractions if not types or f"paper:{e.id}" in reached),
        results=tuple(r for r in made.results if not types or f"paper:{r.paper}" in reached),
        resolution=replace(
            resolution,
            entities=entities,
            senses={
                slug: kept
                for slug, senses in resolution.senses.items()
                if (kept := tuple(s for s in senses if s in left))
            },
        ),
        variants={slug: variant for slug, variant in made.variants.items() if slug in left},
    )


def _named(extraction: Extraction, resolution: Resolution) -> Extraction:
    """Return an extraction without the mentions that stand for nothing, nor what is said of them."""

    def known(mention: Mention) -> bool:
        return _find(extraction.id, mention, resolution) is not None

    kept = keep(extraction, known)
    gone = {
        form
        for mention in extraction.mentions
        if not known(mention)
        for form in (mention.name, *mention.surfaces)
    }
    results = tuple(r for r in extraction.results if not gone & {r.subject, r.benchmark, r.baseline})
    return replace(kept, results=results)


def _find(paper: str, mention: Mention, resolution: Resolution) -> str | None:
    return resolution.find(paper, mention.name, organization=mention.type == "Organization")
