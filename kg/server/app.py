"""The ASGI application: which address gives what."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import cache, partial
from importlib import resources
from typing import Any, Final
from urllib.parse import quote, urlencode

import jinja2
import pyoxigraph as ox
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg.model import ENTITY_TYPES
from kg.server import endpoint
from kg.server.charts import month_chart
from kg.server.describe import (
    entity_triples,
    ontology_text,
    ontology_triples,
    paper_triples,
    serialized,
)
from kg.server.index import Named, Titled
from kg.server.live import Generation, Live
from kg.server.negotiation import GRAPH_TYPES, HTML, preferred, wants_html
from kg.server.pages import (
    LINEAGE,
    PAGE,
    ROLE_WORDS,
    TYPE_NAMES,
    WORDS,
    Reader,
    metrics_of,
    outside_links,
    path_of,
    sorted_results,
)
from kg.server.protocol import ProtocolError
from kg.vocab import PREFIXES, Namespace

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""What a page may load: this server's own files."""
_EDITOR_POLICY: Final = POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'; font-src data:")
_HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_EXTENSIONS: Final = {extension: media_type for media_type, extension in GRAPH_TYPES.items()}
_STATIC: Final = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
_SLUG_TYPES: Final = {name: kind for kind, name in TYPE_NAMES.items()}
_SORTS: Final = ("-value", "value", "system", "metric", "date", "confidence")
_LONGEST_SEARCH: Final = 200
_log = logging.getLogger("kg.server")

Handler = Callable[[Request, Generation], Awaitable[Response]]


def create_app(live: Live, *, cors: str = "*") -> Starlette:
    """Return the application that serves a graph folder.

    Args:
        live: The graph, not started; the application starts and closes it.
        cors: The origin whose pages may read answers; `*` for all, empty for none.
    """

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await live.start()
        try:
            yield
        finally:
            await live.close()

    def route(path: str, handler: Handler, methods: Iterable[str] = ("GET",)) -> Route:
        async def answered(request: Request) -> Response:
            async with live.reading() as generation:
                return await handler(request, generation)

        return Route(path, answered, methods=list(methods))

    app = Starlette(
        routes=[
            route("/", _home),
            route("/sparql", _sparql, ("GET", "POST", "OPTIONS")),
            route("/search", _search),
            route("/api/suggest", _suggest),
            route("/ns", _ontology),
            route("/ns.{extension}", _ontology),
            route("/papers", _papers),
            route("/entities/{type_name}", _entities),
            route("/entity/{slug:path}", _entity),
            route("/paper/{paper_id:path}", _paper),
            route("/results/{slug:path}", _leaderboard),
            Route("/static/{name}", _static),
        ],
        lifespan=lifespan,
        exception_handlers={
            ProtocolError: _failed,
            HTTPException: _failed,
            Exception: _failed,
        },
    )
    app.state.live = live
    app.add_middleware(_Headers, cors=cors)
    return app


class _Headers:
    """Adds the headers of safety to every answer, and those of CORS to what programs read."""

    def __init__(self, app: ASGIApp, *, cors: str) -> None:
        self._app, self._cors = app, cors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                extra = dict(_HEADERS)
                if self._cors:
                    extra["Access-Control-Allow-Origin"] = self._cors
                    extra["Access-Control-Expose-Headers"] = "Link, Retry-After, KG-Generation"
                message["headers"] = [
                    *message["headers"],
                    *(
                        (name.lower().encode(), value.encode())
                        for name, value in extra.items()
                        if name.lower().encode() not in given
                    ),
                ]
            await send(message)

        await self._app(scope, receive, with_headers)


async def _sparql(request: Request, generation: Generation) -> Response:
    if request.method == "OPTIONS":
        return Response(
            status_code=204,
            headers={
                "Allow": "GET, HEAD, POST, OPTIONS",
                "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
                "Access-Control-Allow-Headers": "Accept, Content-Type",
                "Access-Control-Max-Age": "86400",
            },
        )
    if endpoint.is_for_reader(request):
        return await _sparql_page(request, generation)
    return await endpoint.answer(request, generation, await endpoint.asked_by(request))


async def _sparql_page(request: Request, generation: Generation) -> Response:
    status, error, following, triples = 200, "", "", ""
    columns: list[str] = []
    rows: list[list[Mapping[str, Any] | None]] = []
    try:
        asked = await endpoint.asked_by(request)
        if asked.query:
            limited = asked if asked.limit else replace(asked, limit=endpoint.SHOWN_ROWS)
            found = await generation.pool.run(await endpoint.task_of(generation, limited, "json", "ttl"))
            if found.kind == "graph":
                triples = found.data.decode()
            else:
                columns, rows = endpoint.table_of(found.data)
            following = endpoint.next_page(request, limited) if found.more else ""
        query = asked.query or ""
    except ProtocolError as refused:
        status, error, query = refused.status, str(refused), request.query_params.get("query", "")
    kept = [(k, v) for k, v in request.query_params.multi_items() if k not in {"limit", "offset"}]
    editor = _static_file("yasgui.js") is not None
    response = _page(
        request,
        "sparql.html",
        status=status,
        query=query,
        error=error,
        columns=columns,
        rows=rows,
        triples=triples,
        following=following,
        link="/sparql?" + urlencode(kept) if query else "",
        examples=await run_in_threadpool(_examples, generation.names),
        prefixes=generation.prefixes,
        local=_local_path(generation),
        editor=editor,
        known=_known(generation.prefixes) if editor else {},
    )
    if editor:
        response.headers["Content-Security-Policy"] = _EDITOR_POLICY
    return response


async def _home(request: Request, generation: Generation) -> Response:
    index = await generation.index()
    overview = index.overview
    return _page(
        request,
        "home.html",
        overview=overview,
        chart=month_chart(overview.months),
    )


async def _search(request: Request, generation: Generation) -> Response:
    index = await generation.index()
    text = request.query_params.get("q", "").strip()[:_LONGEST_SEARCH]
    kind = request.query_params.get("type", "")
    kind = kind if kind in ENTITY_TYPES else ""
    page = _number(request, "page")

    def find() -> dict[str, Any]:
        entities = index.search_entities(text, (page - 1) * PAGE, PAGE + 1, kind)
        titles = [] if kind else index.search_titles(text, (page - 1) * PAGE, PAGE + 1)
        near = index.near(text) if text and not entities and not titles else []
        return {
            "entities": entities[:PAGE],
            "titles": titles[:PAGE],
            "near": near,
            "more": len(entities) > PAGE or len(titles) > PAGE,
        }

    return _page(request, "search.html", text=text, kind=kind, page=page, **await run_in_threadpool(find))


async def _suggest(request: Request, generation: Generation) -> Response:
    index = await generation.index()
    text = request.query_params.get("q", "")[:_LONGEST_SEARCH]
    found = await run_in_threadpool(index.suggest, text)
    rows = [
        {
            "name": one.name if isinstance(one, Named) else one.title,
            "type": one.type if isinstance(one, Named) else "Paper",
            "papers": one.papers if isinstance(one, Named) else None,
            "date": one.date if isinstance(one, Titled) else None,
            "path": path_of(one),
        }
        for one in found
    ]
    return JSONResponse({"schema_version": 1, "query": text, "suggestions": rows})


async def _entities(request: Request, generation: Generation) -> Response:
    kind = _SLUG_TYPES.get(request.path_params["type_name"])
    if kind is None:
        raise ProtocolError(404, f"no such list; there are: {', '.join(_SLUG_TYPES)}")
    index = await generation.index()
    order = request.query_params.get("sort", "papers")
    order = order if order in {"papers", "name", "new"} else "papers"
    page = _number(request, "page")
    rows = await run_in_threadpool(index.entities, kind, order, (page - 1) * PAGE, PAGE)
    total = index.overview.types[kind]
    return _page(request, "entities.html", kind=kind, order=order, rows=rows, **_paging(page, total))


async def _papers(request: Request, generation: Generation) -> Response:
    index = await generation.index()
    page, entity, role = _number(request, "page"), None, ""
    slug = request.query_params.get("entity")
    if slug is None:
        rows, total = index.papers((page - 1) * PAGE, PAGE), index.num_papers
        listed: list[tuple[Titled, tuple[str, ...]]] = [(paper, ()) for paper in rows]
    else:
        entity = index.find_entity(slug)
        if entity is None:
            raise ProtocolError(404, f"no entity {slug!r}")
        role = request.query_params.get("role", "")
        role = role if role in ROLE_WORDS else ""
        found = await run_in_threadpool(index.papers_of, entity.number, role)
        shown = found[(page - 1) * PAGE : page * PAGE].tolist()
        total, listed = len(found), index.with_roles(entity.number, shown)
    return _page(request, "papers.html", rows=listed, entity=entity, role=role, **_paging(page, total))


async def _entity(request: Request, generation: Generation) -> Response:
    slug = request.path_params["slug"]
    index = await generation.index()
    reader = Reader(generation.store, index, generation.catalog, generation.names)
    slug, extension = _split(slug, lambda s: index.find_entity(s) is not None or bool(reader.senses(s)))
    entity = index.find_entity(slug)
    senses = () if entity else await run_in_threadpool(reader.senses, slug)
    if entity is None and not senses:
        raise _Unknown("entity", slug, await run_in_threadpool(index.near, slug.replace("-", " ")))
    iri = generation.names.entity(slug)
    media_type = _wanted(request, extension)
    if media_type != HTML:
        return await _described(lambda: entity_triples(generation.store, iri), media_type, generation)
    if entity is None:
        return _page(request, "senses.html", slug=slug, iri=iri, senses=senses, alternate=iri)
    page = await run_in_threadpool(reader.entity, entity)
    board = await run_in_threadpool(
        lambda: reader.with_evidence(_board(page.on_benchmark, "", "", "-value")[:12])
    )
    own = await run_in_threadpool(lambda: reader.with_evidence(page.of_subject[:8]))
    return _page(
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


async def _leaderboard(request: Request, generation: Generation) -> Response:
    index = await generation.index()
    entity = index.find_entity(request.path_params["slug"])
    if entity is None:
        raise _Unknown("entity", request.path_params["slug"], [])
    reader = Reader(generation.store, index, generation.catalog, generation.names)
    iri = generation.names.entity(entity.slug)
    of = "subject" if request.query_params.get("of") == "subject" else "benchmark"
    found = await run_in_threadpool(reader.results, of, iri)
    metric, kind = request.query_params.get("metric"), request.query_params.get("kind", "")
    order = request.query_params.get("sort", "-value")
    order = order if order in _SORTS else "-value"
    page = _number(request, "page")
    chosen = _board(found, metric, kind, order)
    rows = await run_in_threadpool(reader.with_evidence, chosen[(page - 1) * PAGE : page * PAGE])
    return _page(
        request,
        "leaderboard.html",
        entity=entity,
        of=of,
        rows=rows,
        metric=metric,
        kind=kind,
        order=order,
        metrics=metrics_of(found),
        address=lambda **changes: _changed(request, changes),
        **_paging(page, len(chosen)),
    )


async def _paper(request: Request, generation: Generation) -> Response:
    index = await generation.index()
    paper_id, extension = _split(request.path_params["paper_id"], lambda p: index.find_paper(p) is not None)
    paper = index.find_paper(paper_id)
    if paper is None:
        replaced = await run_in_threadpool(_replaced_by, generation, paper_id)
        if replaced:
            return RedirectResponse(replaced + (f".{extension}" if extension else ""), 301)
        raise _Unknown("paper", paper_id, await run_in_threadpool(index.search_titles, paper_id, 0, 8))
    iri = generation.names.paper(paper.id)
    media_type = _wanted(request, extension)
    if media_type != HTML:
        return await _described(
            lambda: paper_triples(generation.store, iri, generation.names), media_type, generation
        )
    reader = Reader(generation.store, index, generation.catalog, generation.names)
    page = await run_in_threadpool(reader.paper, paper)
    return _page(request, "paper.html", page=page, links=outside_links(page.source, paper.id))


async def _ontology(request: Request, _: Generation) -> Response:
    extension = request.path_params.get("extension")
    media_type = _wanted(request, extension)
    if media_type == HTML:
        return _page(request, "ontology.html", groups=_terms())
    if media_type == "text/turtle":
        return Response(ontology_text(), media_type=media_type, headers={"Vary": "Accept"})
    data = await run_in_threadpool(serialized, ontology_triples(), GRAPH_TYPES[media_type], PREFIXES)
    return Response(data, media_type=media_type, headers={"Vary": "Accept"})


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    data = _static_file(name)
    if data is None:
        raise HTTPException(404)
    media_type = next(kind for end, kind in _STATIC.items() if name.endswith(end))
    return Response(data, media_type=media_type, headers={"Cache-Control": "max-age=3600"})


class _Unknown(ProtocolError):
    """A paper or entity that the graph does not hold; `near` are some that it does."""

    def __init__(self, what: str, name: str, near: Iterable[Named | Titled]) -> None:
        self.near = list(near)
        names = ", ".join(one.slug if isinstance(one, Named) else one.id for one in self.near)
        super().__init__(404, f"no {what} {name!r} in this graph" + (f"; near: {names}" if names else ""))


async def _failed(request: Request, error: Exception) -> Response:
    headers: dict[str, str] = {}
    if isinstance(error, ProtocolError):
        status, message, headers = error.status, str(error), error.headers
    elif isinstance(error, HTTPException):
        status, headers = error.status_code, dict(error.headers or {})
        message = {404: "there is nothing at this address", 405: "this method is not allowed here"}.get(
            status, error.detail
        )
    else:
        _log.exception("%s %s", request.method, request.url.path)
        status, message = 500, "something went wrong here; the server's log says what"
    if request.method in {"GET", "HEAD"} and wants_html(request.headers.get("accept"), GRAPH_TYPES):
        near = error.near if isinstance(error, _Unknown) else []
        response = _page(request, "error.html", status=status, code=status, message=message, near=near)
        response.headers.update(headers)
        return response
    return Response(message + "\n", status, media_type="text/plain; charset=utf-8", headers=headers)


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


def _number(request: Request, name: str) -> int:
    text = request.query_params.get(name, "1")
    return min(max(int(text), 1), 10**6) if text.isascii() and text.isdecimal() and len(text) < 9 else 1


def _paging(page: int, total: int) -> dict[str, int]:
    return {"page": page, "total": total, "pages": max(1, -(-total // PAGE)), "first": (page - 1) * PAGE + 1}


def _changed(request: Request, changes: Mapping[str, str | int | None]) -> str:
    """Return this address with some parameters changed; None takes one out."""
    kept = {k: v for k, v in request.query_params.items() if k not in {"page", *changes}}
    kept |= {key: str(value) for key, value in changes.items() if value is not None}
    return request.url.path + ("?" + urlencode(kept) if kept else "")


def _local_path(generation: Generation) -> Callable[[str], str]:
    base = generation.names.base

    def local(iri: str) -> str:
        for kind in ("entity/", "paper/"):
            if iri.startswith(base + kind):
                return "/" + iri[len(base) :]
        return iri if iri.startswith(("https://", "http://")) else ""

    return local


def _known(prefixes: dict[str, str]) -> dict[str, object]:
    """Return what the editor completes: prefixes, and the classes and properties of the ontology."""
    classes, properties = (rows for _, rows in _terms())
    return {
        "prefixes": prefixes,
        "ownPrefixes": [f"{prefix}: <{iri}>" for prefix, iri in sorted(prefixes.items())],
        "ownClasses": [row["iri"] for row in classes],
        "ownProperties": [row["iri"] for row in properties]
        + [PREFIXES["skos"] + "prefLabel", PREFIXES["skos"] + "altLabel", PREFIXES["dcterms"] + "title"],
    }


@cache
def _examples(names: Namespace) -> list[dict[str, str]]:
    from kg.queries import by_slug, get_query, query_names

    find = partial(by_slug, names=names)
    queries = [get_query(name) for name in query_names()]
    return [{"name": q.name, "question": q.question, "query": q.fill({}, find)} for q in queries]


@cache
def _terms() -> list[tuple[str, list[dict[str, str]]]]:
    """Return the classes and properties of the ontology, each with label, definition and example."""
    said: dict[str, dict[str, str]] = {}
    for triple in ontology_triples():
        if isinstance(triple.subject, ox.NamedNode) and triple.subject.value.startswith(PREFIXES["akg"]):
            key = triple.predicate.value.replace("#", "/").rsplit("/", 1)[-1]
            said.setdefault(triple.subject.value, {}).setdefault(
                key, triple.object.value if not isinstance(triple.object, ox.BlankNode | ox.Triple) else ""
            )
    rows = [
        {"iri": iri, "name": iri.removeprefix(PREFIXES["akg"]), **facts}
        for iri, facts in sorted(said.items())
    ]
    classes = [row for row in rows if row.get("type", "").endswith("Class")]
    return [("Classes", classes), ("Properties", [row for row in rows if row not in classes])]


@cache
def _static_file(name: str) -> bytes | None:
    if "/" in name or name.startswith(".") or not name.endswith(tuple(_STATIC)):
        return None
    file = resources.files("kg.server").joinpath("static", name)
    return file.read_bytes() if file.is_file() else None


def _page(request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
    html = (
        _templates()
        .get_template(template)
        .render(path=request.url.path, address_of=lambda **changes: _changed(request, changes), **values)
    )
    return Response(html, status, media_type=HTML, headers={"Vary": "Accept"})


@cache
def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("kg.server"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters.update(
        count=lambda number: f"{number:,}",
        path=path_of,
        percent=lambda confidence: f"{int(float(confidence) * 100)}%" if confidence else "",
        quote=lambda text: quote(text, safe=""),
    )
    environment.globals.update(types=TYPE_NAMES, roles=ROLE_WORDS)
    return environment
