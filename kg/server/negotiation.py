"""Content negotiation: which of the forms that can be served a client likes best (RFC 9110, 12.5.1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

HTML: Final = "text/html"
SOLUTION_TYPES: Final[dict[str, str]] = {
    "application/sparql-results+json": "json",
    "application/json": "json",
    "application/sparql-results+xml": "xml",
    "application/xml": "xml",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
}
"""Media types of the answers to SELECT and ASK, the preferred one first, and the format of each."""
GRAPH_TYPES: Final[dict[str, str]] = {
    "text/turtle": "ttl",
    "application/n-triples": "nt",
    "application/ld+json": "jsonld",
    "application/rdf+xml": "rdf",
}
"""Media types of RDF, the preferred one first, and the file extension of each."""


def preferred(accept: str | None, offered: Iterable[str]) -> str | None:
    """Return the offered media type that an Accept header likes best, or None if it takes none of them.

    Args:
        accept: The value of the header; None or nothing means that everything is welcome.
        offered: Media types, the server's own preference first.

    >>> preferred("text/csv;q=0.5, application/json", ["text/csv", "application/json"])
    'application/json'
    >>> preferred("text/*", ["application/json", "text/csv"])
    'text/csv'
    >>> preferred(None, ["text/csv"]), preferred("image/png", ["text/csv"])
    ('text/csv', None)
    """
    ranges = _ranges(accept or "*/*")
    best: tuple[float, int, str] | None = None
    for place, media_type in enumerate(offered):
        quality = _quality(media_type, ranges)
        if quality > 0 and (best is None or quality > best[0]):
            best = (quality, place, media_type)
    return best[2] if best else None


def wants_html(accept: str | None, others: Iterable[str]) -> bool:
    """Return whether a client would rather have a page than any of the `others`; only if it names HTML.

    >>> wants_html("text/html,application/xml;q=0.9,*/*;q=0.8", ["text/turtle"])
    True
    >>> wants_html("*/*", ["text/turtle"])
    False
    """
    ranges = _ranges(accept or "")
    if HTML not in ranges:
        return False
    return all(ranges[HTML] >= _quality(other, ranges) for other in others) and ranges[HTML] > 0


def _ranges(accept: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in accept.split(","):
        media_range, *parameters = (piece.strip() for piece in part.split(";"))
        if media_range:
            found[media_range.lower()] = _q(parameters)
    return found


def _q(parameters: list[str]) -> float:
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "q":
            try:
                return max(0.0, min(1.0, float(value)))
            except ValueError:
                return 0.0
    return 1.0


def _quality(media_type: str, ranges: dict[str, float]) -> float:
    """Return the quality of the most specific range that fits."""
    for media_range in (media_type, media_type.partition("/")[0] + "/*", "*/*"):
        if media_range in ranges:
            return ranges[media_range]
    return 0.0
