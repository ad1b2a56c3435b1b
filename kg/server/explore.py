"""The explorer: its page, and the parts of the graph that the page asks for, as JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from kg.server.index import Titled
from kg.server.lists import LONGEST_SEARCH
from kg.server.live import Generation, json_bytes
from kg.server.pages import Reader
from kg.server.parts import Part, Parts
from kg.server.protocol import ProtocolError
from kg.server.rendering import rendered, static_file

_PATIENCE: Final = 30.0
"""Seconds that the explorer waits for the graph to be read; a 503 would be an error in its console."""
_MOST_NODES: Final = 150
"""Nodes of a neighbourhood."""
_MOST_FOUND: Final = 20


async def explorer(request: Request, _: Generation) -> Response:
    """Answer with the page."""
    made = static_file("explorer.js") is not None
    return rendered(request, "explore.html", made=made, status=200 if made else 503)


async def overview(_: Request, generation: Generation) -> Response:
    """Answer with the strongest part of the graph, laid out."""
    return _json(await generation.map(wait=_PATIENCE))


async def nodes(request: Request, generation: Generation) -> Response:
    """Answer with some nodes alone; those that the graph does not hold are left out."""
    parts = (await generation.memory(wait=_PATIENCE)).parts
    wanted = request.query_params.getlist("node")[:_MOST_FOUND]
    found = [number for node in wanted if (number := parts.find(node)) is not None]
    return await _answer(generation, lambda: parts.bare(found))


async def details(request: Request, generation: Generation) -> Response:
    """Answer with what the panel of an entity or a paper shows."""
    memory = await generation.memory(wait=_PATIENCE)
    number = _node(request, memory.parts, "node")
    reader = Reader(generation.store, memory.index, generation.catalog, generation.names)
    return await _answer(generation, lambda: memory.parts.details(number, reader))


async def neighbourhood(request: Request, generation: Generation) -> Response:
    """Answer with the strongest nodes around a node."""
    parts = (await generation.memory(wait=_PATIENCE)).parts
    number = _node(request, parts, "node")
    hops, limit = _within(request, "hops", 1, 2), _within(request, "limit", _MOST_NODES, _MOST_NODES)
    return await _answer(generation, lambda: parts.neighbourhood(number, hops, limit))


async def path(request: Request, generation: Generation) -> Response:
    """Answer with a shortest path between two nodes."""
    parts = (await generation.memory(wait=_PATIENCE)).parts
    start, end = _node(request, parts, "from"), _node(request, parts, "to")
    return await _answer(generation, lambda: parts.path(start, end))


async def search(request: Request, generation: Generation) -> Response:
    """Answer with the nodes that a reader who has typed something may mean, the best first (`found`)."""
    memory = await generation.memory(wait=_PATIENCE)
    text = request.query_params.get("q", "")[:LONGEST_SEARCH]
    limit = _within(request, "limit", 8, _MOST_FOUND)
    index = memory.index

    def find() -> Part:
        if request.query_params.get("only") == "entities":
            found = [one.number for one in index.search_entities(text, 0, limit)]
        else:
            suggested = index.suggest(text, limit)
            found = [len(index) + o.number if isinstance(o, Titled) else o.number for o in suggested]
        return memory.parts.bare(found) | {"found": found}

    return await _answer(generation, find)


def _node(request: Request, parts: Parts, name: str) -> int:
    """Return the number of the node that a parameter names."""
    wanted = request.query_params.get(name)
    if wanted is None:
        raise ProtocolError(400, f"{name}= is missing: entity:<slug> or paper:<id>")
    number = parts.find(wanted)
    if number is None:
        raise ProtocolError(404, f"no node {wanted!r} in this graph; nodes are entity:<slug> or paper:<id>")
    return number


def _within(request: Request, name: str, default: int, most: int) -> int:
    text = request.query_params.get(name, str(default))
    if not (text.isascii() and text.isdecimal() and len(text) < 9 and int(text) >= 1):
        raise ProtocolError(400, f"{name}={text!r} is not a number from 1 to {most}")
    return min(int(text), most)


async def _answer(generation: Generation, make: Callable[[], Part]) -> Response:
    return _json(json_bytes(generation.folder.name, await run_in_threadpool(make)))


def _json(data: bytes) -> Response:
    return Response(data, media_type="application/json")
