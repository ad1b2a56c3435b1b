"""The front page, lists of papers and entities, and the search."""

from __future__ import annotations

from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kg.model import ENTITY_TYPES
from kg.server.charts import month_chart
from kg.server.index import Named, Titled
from kg.server.live import Generation
from kg.server.pages import PAGE, ROLE_WORDS, TYPE_NAMES, path_of
from kg.server.protocol import ProtocolError
from kg.server.rendering import number_of, paging, rendered

_SLUG_TYPES: Final = {name: kind for kind, name in TYPE_NAMES.items()}
LONGEST_SEARCH: Final = 200
"""Characters of a search; the rest is not read."""


async def home(request: Request, generation: Generation) -> Response:
    """Answer with the front page."""
    overview = (await generation.memory()).overview
    return rendered(
        request,
        "home.html",
        overview=overview,
        chart=month_chart(overview.months),
    )


async def search(request: Request, generation: Generation) -> Response:
    """Answer with what a search finds."""
    index = await generation.index()
    text = request.query_params.get("q", "").strip()[:LONGEST_SEARCH]
    kind = request.query_params.get("type", "")
    kind = kind if kind in ENTITY_TYPES else ""
    page = number_of(request, "page")

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

    return rendered(request, "search.html", text=text, kind=kind, page=page, **await run_in_threadpool(find))


async def suggest(request: Request, generation: Generation) -> Response:
    """Answer with suggestions, as JSON."""
    index = await generation.index()
    text = request.query_params.get("q", "")[:LONGEST_SEARCH]
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


async def entities(request: Request, generation: Generation) -> Response:
    """Answer with a list of the entities of a type."""
    kind = _SLUG_TYPES.get(request.path_params["type_name"])
    if kind is None:
        raise ProtocolError(404, f"no such list; there are: {', '.join(_SLUG_TYPES)}")
    index = await generation.index()
    order = request.query_params.get("sort", "papers")
    order = order if order in {"papers", "name", "new"} else "papers"
    page = number_of(request, "page")
    rows = await run_in_threadpool(index.entities, kind, order, (page - 1) * PAGE, PAGE)
    total = len(index.of_type(kind))
    return rendered(request, "entities.html", kind=kind, order=order, rows=rows, **paging(page, total))


async def papers(request: Request, generation: Generation) -> Response:
    """Answer with a list of papers, of all or of one entity."""
    index = await generation.index()
    page, entity, role = number_of(request, "page"), None, ""
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
    return rendered(request, "papers.html", rows=listed, entity=entity, role=role, **paging(page, total))
