"""`/sparql`: the SPARQL 1.1 Protocol for programs, and for a browser the same as a page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pyoxigraph as ox
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from kg.server.describe import serialized, service_triples
from kg.server.live import Generation
from kg.server.negotiation import GRAPH_TYPES, SOLUTION_TYPES, preferred, wants_html
from kg.server.pool import Task
from kg.server.protocol import MAX_BODY, Asked, ProtocolError, read_get, read_post

SHOWN_ROWS = 200
"""Rows of an answer that the page shows at once."""


async def asked_by(request: Request) -> Asked:
    """Return what a request asks.

    Raises:
        ProtocolError: the request is not one of the protocol, or its body is too large.
    """
    query_string = bytes(request.scope["query_string"])
    if request.method != "POST":
        return read_get(query_string)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise ProtocolError(413, f"the body has more than {MAX_BODY:,} bytes")
    return read_post(request.headers.get("content-type"), query_string, bytes(body))


async def answer(request: Request, generation: Generation, asked: Asked) -> Response:
    """Return the answer to a request of a program.

    Raises:
        ProtocolError: the request gets no answer; it knows its status.
    """
    accept = _accept(request)
    if asked.query is None:
        return _description(request, accept)
    solutions, graph = preferred(accept, SOLUTION_TYPES), preferred(accept, GRAPH_TYPES)
    if solutions is None and graph is None:
        raise ProtocolError(406, _not_acceptable(accept))
    task = await task_of(generation, asked, SOLUTION_TYPES.get(solutions or ""), GRAPH_TYPES.get(graph or ""))
    try:
        found = await generation.pool.run(task)
    except ProtocolError as error:
        if error.status == 406:
            raise ProtocolError(406, _not_acceptable(accept)) from None
        raise
    media_type = str(graph if found.kind == "graph" else solutions)
    headers = {"Vary": "Accept", "KG-Generation": generation.folder.name}
    if found.more and asked.limit:
        headers["Link"] = f'<{next_page(request, asked)}>; rel="next"'
    return Response(found.data, media_type=media_type, headers=headers)


async def task_of(generation: Generation, asked: Asked, solutions: str | None, graph: str | None) -> Task:
    """Return the task for a worker.

    Raises:
        ProtocolError: 403 for a query that asks another host, 400 for a graph that is no IRI.
    """
    query = asked.query or ""
    if "service" in query.casefold() and await run_in_threadpool(_calls_service, query, generation.prefixes):
        raise ProtocolError(403, "SERVICE asks another host, which this endpoint does not; take it out")
    for iri in (*asked.default_graphs, *asked.named_graphs):
        try:
            ox.NamedNode(iri)
        except ValueError as error:
            raise ProtocolError(400, f"{iri!r} is no IRI of a graph") from error
    given = bool(asked.default_graphs or asked.named_graphs)
    return Task(
        query,
        generation.prefixes,
        solutions,
        graph,
        default=asked.default_graphs if given else None,
        named=asked.named_graphs if given else None,
        limit=asked.limit,
        offset=asked.offset,
    )


def _not_acceptable(accept: str | None) -> str:
    return (
        f"Accept is {accept!r}, but SELECT and ASK give {', '.join(SOLUTION_TYPES)}, "
        f"CONSTRUCT and DESCRIBE give {', '.join(GRAPH_TYPES)}"
    )


def is_for_reader(request: Request) -> bool:
    """Return whether the request comes from a browser that wants a page."""
    accept = _accept(request)
    return request.method in {"GET", "HEAD"} and wants_html(accept, [*SOLUTION_TYPES, *GRAPH_TYPES])


def next_page(request: Request, asked: Asked) -> str:
    """Return the address of the next page of an answer (relative, with the query in it)."""
    parameters = [("query", asked.query or "")]
    parameters += [("default-graph-uri", iri) for iri in asked.default_graphs]
    parameters += [("named-graph-uri", iri) for iri in asked.named_graphs]
    if request.method != "POST":
        kept = parse_qsl(request.url.query, keep_blank_values=True)
        parameters = [(key, value) for key, value in kept if key not in {"limit", "offset"}]
    limit = asked.limit or SHOWN_ROWS
    parameters += [("limit", str(limit)), ("offset", str(asked.offset + limit))]
    return f"{request.url.path}?{urlencode(parameters)}"


def table_of(data: bytes) -> tuple[list[str], list[list[Mapping[str, Any] | None]]]:
    """Return the columns and rows of SPARQL results in JSON; an ASK gives one row.

    >>> table_of(b'{"head":{},"boolean":true}')
    (['answer'], [[{'type': 'literal', 'value': 'true'}]])
    """
    found = json.loads(data)
    if "boolean" in found:
        return ["answer"], [[{"type": "literal", "value": str(found["boolean"]).lower()}]]
    columns = list(found["head"].get("vars", []))
    return columns, [[row.get(column) for column in columns] for row in found["results"]["bindings"]]


def _description(request: Request, accept: str | None) -> Response:
    """Return the service description, where nothing is asked."""
    if request.url.query:
        raise ProtocolError(400, "the request has no `query`")
    media_type = preferred(accept, GRAPH_TYPES)
    if media_type is None:
        if preferred(accept, SOLUTION_TYPES):
            raise ProtocolError(400, "the request has no `query`")
        raise ProtocolError(406, _not_acceptable(accept))
    triples = service_triples(str(request.url.replace(query="")))
    prefixes = {"sd": "http://www.w3.org/ns/sparql-service-description#"}
    data = serialized(triples, GRAPH_TYPES[media_type], prefixes)
    return Response(data, media_type=media_type, headers={"Vary": "Accept"})


def _accept(request: Request) -> str | None:
    """Return what all Accept headers of a request say together."""
    return ", ".join(request.headers.getlist("accept")) or None


def _calls_service(query: str, prefixes: Mapping[str, str]) -> bool:
    from kg.syntax import calls_service

    declared = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in prefixes.items())
    return calls_service(declared + query)
