"""Pages from templates, files as they are, and what addresses say of a page."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final
from urllib.parse import quote, urlencode

import jinja2
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from kg.server.negotiation import HTML
from kg.server.pages import PAGE, ROLE_WORDS, TYPE_NAMES, path_of

_STATIC: Final = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}


def number_of(request: Request, name: str) -> int:
    """Return a parameter that is a number of 1 or more; 1 where it is none."""
    text = request.query_params.get(name, "1")
    return min(max(int(text), 1), 10**6) if text.isascii() and text.isdecimal() and len(text) < 9 else 1


def paging(page: int, total: int) -> dict[str, int]:
    """Return what a list says of its pages."""
    return {"page": page, "total": total, "pages": max(1, -(-total // PAGE)), "first": (page - 1) * PAGE + 1}


def changed(request: Request, changes: Mapping[str, str | int | None]) -> str:
    """Return this address with some parameters changed; None takes one out."""
    kept = {k: v for k, v in request.query_params.items() if k not in {"page", *changes}}
    kept |= {key: str(value) for key, value in changes.items() if value is not None}
    return request.url.path + ("?" + urlencode(kept) if kept else "")


@cache
def static_file(name: str) -> bytes | None:
    """Return a file of `static`, or None."""
    if "/" in name or name.startswith(".") or not name.endswith(tuple(_STATIC)):
        return None
    file = resources.files("kg.server").joinpath("static", name)
    return file.read_bytes() if file.is_file() else None


async def static(request: Request) -> Response:
    """Answer with a file."""
    name = request.path_params["name"]
    data = static_file(name)
    if data is None:
        raise HTTPException(404)
    media_type = next(kind for end, kind in _STATIC.items() if name.endswith(end))
    return Response(data, media_type=media_type, headers={"Cache-Control": "max-age=3600"})


def rendered(request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
    """Return a page made from a template."""
    html = (
        _templates()
        .get_template(template)
        .render(path=request.url.path, address_of=lambda **changes: changed(request, changes), **values)
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
