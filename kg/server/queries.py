"""The page of the SPARQL endpoint: a form, its answer as a table, and examples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, partial
from typing import Any, Final
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from kg.server import endpoint
from kg.server.live import Generation
from kg.server.protocol import ProtocolError
from kg.server.rendering import rendered, static_file
from kg.server.safety import POLICY
from kg.server.terms import terms
from kg.vocab import PREFIXES, Namespace

_EDITOR_POLICY: Final = POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'; font-src data:")


async def sparql(request: Request, generation: Generation) -> Response:
    """Answer a query, or with the page to ask one."""
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
    editor = static_file("yasgui.js") is not None
    response = rendered(
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
    classes, properties = (rows for _, rows in terms())
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
