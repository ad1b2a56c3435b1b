"""What stands at the IRI of an entity or a paper: its page, or RDF about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import pyoxigraph as ox
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kg.server.describe import entity_triples, ontology_text, ontology_triples, paper_triples, serialized
from kg.server.index import Named, Titled
from kg.server.live import Generation
from kg.server.negotiation import GRAPH_TYPES, HTML, preferred, wants_html
from kg.server.pages import LINEAGE, PAGE, WORDS, Reader, metrics_of, outside_links, sorted_results
from kg.server.protocol import ProtocolError
from kg.server.rendering import changed, number_of, paging, rendered
from kg.server.terms import terms
from kg.vocab import PREFIXES

_EXTENSIONS: Final = {extension: media_type for media_type, extension in GRAPH_TYPES.items()}
_SORTS: Final = ("-value", "value", "system", "metric", "date", "confidence")


class Unknown(ProtocolError):
    """A paper or entity that the graph does not hold; `near` are some that it does."""

    def __init__(self, what: str, name: str, near: Iterable[Named | Titled]) -> None:
        self.near = list(near)
        names = ", ".join(one.slug if isinstance(one, Named) else one.id for one in self.near)
        super().__init__(404, f"no {what} {name!r} in this graph" + (f"; near: {names}" if names else ""))


async def entity(request: Request, generation: Generation) -> Response:
    """Answer with an entity, or with what an ambiguous name may mean."""
    slug = request.path_params["slug"]
    index = await generation.index()
    reader = Reader(generation.store, index, generation.catalog, generation.names)
    slug, extension = _split(slug, lambda s: index.find_entity(s) is not None or bool(reader.senses(s)))
    entity = index.find_entity(slug)
    senses = () if entity else await run_in_threadpool(reader.senses, slug)
    if entity is None and not senses:
        raise Unknown("entity", slug, await run_in_threadpool(index.near, slug.replace("-", " ")))
    iri = generation.names.entity(slug)
    media_type = _wanted(request, extension)
    if media_type != HTML:
        return await _described(lambda: entity_triples(generation.store, iri), media_type, generation)
    if entity is None:
        return rendered(request, "senses.html", slug=slug, iri=iri, senses=senses, alternate=iri)
    page = await run_in_threadpool(reader.entity, entity)
    board = await run_in_threadpool(
        lambda: reader.with_evidence(_board(page.on_benchmark, "", "", "-value")[:12])
    )
    own = await run_in_threadpool(lambda: reader.with_evidence(page.of_subject[:8]))
    return rendered(
        request,
        "entity.html",
        page=page,
        board=board,
        own=own,
        metrics=metrics_of(page.on_benchmark),
        lineage={
            words: page.related[words]
            for relation in LINEAGE
            for words in reversed(WORDS[relation])
            if words in page.related
        },
        other={
            words: page.related[words]
            for relation in WORDS
            if relation not in LINEAGE
            for words in WORDS[relation]
            if words in page.related
        },
    )


async def leaderboard(request: Request, generation: Generation) -> Response:
    """Answer with the numbers reported on a benchmark or of a method."""
    index = await generation.index()
    entity = index.find_entity(request.path_params["slug"])
    if entity is None:
        raise Unknown("entity", request.path_params["slug"], [])
    reader = Reader(generation.store, index, generation.catalog, generation.names)
    iri = generation.names.entity(entity.slug)
    of = "subject" if request.query_params.get("of") == "subject" else "benchmark"
    found = await run_in_threadpool(reader.results, of, iri)
    metric, kind = request.query_params.get("metric"), request.query_params.get("kind", "")
    order = request.query_params.get("sort", "-value")
    order = order if order in _SORTS else "-value"
    page = number_of(request, "page")
    chosen = _board(found, metric, kind, order)
    rows = await run_in_threadpool(reader.with_evidence, chosen[(page - 1) * PAGE : page * PAGE])
    return rendered(
        request,
        "leaderboard.html",
        entity=entity,
        of=of,
        rows=rows,
        metric=metric,
        kind=kind,
        order=order,
        metrics=metrics_of(found),
        address=lambda **changes: changed(request, changes),
        **paging(page, len(chosen)),
    )


async def paper(request: Request, generation: Generation) -> Response:
    """Answer with a paper."""
    index = await generation.index()
    paper_id, extension = _split(request.path_params["paper_id"], lambda p: index.find_paper(p) is not None)
    paper = index.find_paper(paper_id)
    if paper is None:
        replaced = await run_in_threadpool(_replaced_by, generation, paper_id)
        if replaced:
            return RedirectResponse(replaced + (f".{extension}" if extension else ""), 301)
        raise Unknown("paper", paper_id, await run_in_threadpool(index.search_titles, paper_id, 0, 8))
    iri = generation.names.paper(paper.id)
    media_type = _wanted(request, extension)
    if media_type != HTML:
        return await _described(
            lambda: paper_triples(generation.store, iri, generation.names), media_type, generation
        )
    reader = Reader(generation.store, index, generation.catalog, generation.names)
    page = await run_in_threadpool(reader.paper, paper)
    return rendered(request, "paper.html", page=page, links=outside_links(page.source, paper.id))


async def ontology(request: Request, _: Generation) -> Response:
    """Answer with the terms of the ontology."""
    extension = request.path_params.get("extension")
    media_type = _wanted(request, extension)
    if media_type == HTML:
        return rendered(request, "ontology.html", groups=terms())
    if media_type == "text/turtle":
        return Response(ontology_text(), media_type=media_type, headers={"Vary": "Accept"})
    data = await run_in_threadpool(serialized, ontology_triples(), GRAPH_TYPES[media_type], PREFIXES)
    return Response(data, media_type=media_type, headers={"Vary": "Accept"})


async def _described(
    triples: Callable[[], Iterable[ox.Triple]], media_type: str, generation: Generation
) -> Response:
    def make() -> bytes:
        return serialized(triples(), GRAPH_TYPES[media_type], generation.prefixes)

    headers = {"Vary": "Accept", "KG-Generation": generation.folder.name}
    return Response(await run_in_threadpool(make), media_type=media_type, headers=headers)


def _wanted(request: Request, extension: str | None) -> str:
    """Return the media type that a request for a thing wants: HTML or one of RDF."""
    if extension == "html":
        return HTML
    if extension:
        if extension not in _EXTENSIONS:
            raise ProtocolError(404, f"no form .{extension}; there are: html, {', '.join(_EXTENSIONS)}")
        return _EXTENSIONS[extension]
    accept = ", ".join(request.headers.getlist("accept")) or None
    if accept is None or wants_html(accept, GRAPH_TYPES):
        return HTML if accept else "text/turtle"
    media_type = preferred(accept, [*GRAPH_TYPES, HTML])
    if media_type is None:
        raise ProtocolError(406, f"Accept is {accept!r}, but there are: {HTML}, {', '.join(GRAPH_TYPES)}")
    return media_type


def _split(name: str, known: Callable[[str], bool]) -> tuple[str, str | None]:
    """Return a name without an extension that asks for a form; a name that is known keeps all of itself."""
    if known(name):
        return name, None
    for extension in ("html", *_EXTENSIONS):
        if name.endswith("." + extension):
            return name[: -len(extension) - 1], extension
    return name, None


def _replaced_by(generation: Generation, paper_id: str) -> str:
    """Return the path of the paper that an old IRI was replaced by, or nothing."""
    old = ox.NamedNode(generation.names.paper(paper_id))
    predicate = ox.NamedNode(PREFIXES["dcterms"] + "isReplacedBy")
    for quad in generation.store.quads_for_pattern(old, predicate, None, ox.DefaultGraph()):
        if isinstance(quad.object, ox.NamedNode):
            return "/" + quad.object.value.removeprefix(generation.names.base)
    return ""


def _board(found: Iterable[Any], metric: str | None, kind: str, order: str) -> list[Any]:
    """Return results of one metric and kind, in order.

    Values are comparable within a metric only: by value, absolute numbers come first, then the metric that
    most results have; those without a metric last.
    """
    chosen = [r for r in found if (not metric or r.metric == metric) and (not kind or r.kind == kind)]
    listed = sorted_results(chosen, order)
    if kind or order not in {"-value", "value"}:
        return listed
    rank = {name: (not name, place) for place, (name, _) in enumerate(metrics_of(chosen))}
    return sorted(listed, key=lambda r: (r.kind != "absolute", *rank[r.metric]))
