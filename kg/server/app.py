"""The ASGI application: which address gives what."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kg.server import explore, lists, queries, things
from kg.server.live import Generation, Live
from kg.server.negotiation import GRAPH_TYPES, wants_html
from kg.server.protocol import ProtocolError
from kg.server.rendering import rendered, static
from kg.server.safety import Headers

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
            route("/", lists.home),
            route("/explore", explore.explorer),
            route("/api/explorer", explore.overview),
            route("/api/nodes", explore.nodes),
            route("/api/node", explore.details),
            route("/api/neighbourhood", explore.neighbourhood),
            route("/api/path", explore.path),
            route("/api/search", explore.search),
            route("/api/suggest", lists.suggest),
            route("/sparql", queries.sparql, ("GET", "POST", "OPTIONS")),
            route("/search", lists.search),
            route("/ns", things.ontology),
            route("/ns.{extension}", things.ontology),
            route("/papers", lists.papers),
            route("/entities/{type_name}", lists.entities),
            route("/entity/{slug:path}", things.entity),
            route("/paper/{paper_id:path}", things.paper),
            route("/results/{slug:path}", things.leaderboard),
            Route("/static/{name}", static),
        ],
        lifespan=lifespan,
        exception_handlers={
            ProtocolError: _failed,
            HTTPException: _failed,
            Exception: _failed,
        },
    )
    app.state.live = live
    app.add_middleware(Headers, cors=cors)
    return app


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
        near = error.near if isinstance(error, things.Unknown) else []
        response = rendered(request, "error.html", status=status, code=status, message=message, near=near)
        response.headers.update(headers)
        return response
    return Response(message + "\n", status, media_type="text/plain; charset=utf-8", headers=headers)
