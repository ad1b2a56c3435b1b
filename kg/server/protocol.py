"""The requests of the SPARQL 1.1 Protocol: from an HTTP request to one query, or to the right status code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from kg.errors import KGError

FORM: Final = "application/x-www-form-urlencoded"
QUERY: Final = "application/sparql-query"
UPDATE: Final = "application/sparql-update"
MAX_BODY: Final = 1_000_000
"""Bytes of a request's body."""
_READ_ONLY: Final = "this endpoint is read-only: it answers queries and takes no updates"


class ProtocolError(KGError):
    """A request that gets no answer; `status` is the HTTP status code."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        self.status, self.headers = status, dict(headers or {})
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks.

    Attributes:
        query: The text of the query, or None if the request has none.
        default_graphs: `default-graph-uri`, in order, each once.
        named_graphs: `named-graph-uri`, in order, each once.
        limit: How many rows or triples of the answer to send; None for all.
        offset: How many to leave out.
    """

    query: str | None
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    limit: int | None = None
    offset: int = 0


def read_get(query_string: bytes) -> Asked:
    """Return what a GET request asks.

    Raises:
        ProtocolError: several queries, an update, text that is not UTF-8, or a wrong number.

    >>> read_get(b"query=ASK%20%7B%7D&default-graph-uri=http://g/").default_graphs
    ('http://g/',)
    """
    parameters = _pairs(query_string, "the query string")
    if any(key == "update" for key, _ in parameters):
        raise ProtocolError(400, "an update needs POST; and " + _READ_ONLY)
    return _asked(parameters)


def read_post(content_type: str | None, query_string: bytes, body: bytes) -> Asked:
    """Return what a POST request asks, directly or as a form.

    Raises:
        ProtocolError: a wrong or missing media type, no query, several, an update, or text that is not UTF-8.

    >>> read_post("application/sparql-query", b"", b"ASK {}").query
    'ASK {}'
    """
    media_type, charset = _media_type(content_type)
    if media_type not in {FORM, QUERY, UPDATE}:
        given = f"not {media_type}" if media_type else "but Content-Type is missing"
        raise ProtocolError(415, f"POST takes {FORM} or {QUERY}, {given}")
    if charset not in {"", "utf-8", "utf8"}:
        raise ProtocolError(415, f"SPARQL is sent in UTF-8, not in {charset}")
    parameters = _pairs(query_string, "the query string")
    if media_type == FORM:
        parameters += _pairs(body, "the form")
    else:
        key = "query" if media_type == QUERY else "update"
        parameters.append((key, _decoded(body, "the body")))
    updates = [value for key, value in parameters if key == "update"]
    if updates:
        if len(updates) > 1 or any(key == "query" for key, _ in parameters):
            raise ProtocolError(400, "one `query`, or one `update`, a request; and " + _READ_ONLY)
        raise ProtocolError(403, _READ_ONLY)
    asked = _asked(parameters)
    if asked.query is None:
        raise ProtocolError(400, "the request has no `query`")
    return asked


def _asked(parameters: list[tuple[str, str]]) -> Asked:
    values: dict[str, list[str]] = {}
    for key, value in parameters:
        values.setdefault(key, []).append(value)
    queries = values.get("query", [])
    if len(queries) > 1:
        raise ProtocolError(400, f"one `query` a request, not {len(queries)}")
    return Asked(
        queries[0] if queries else None,
        tuple(dict.fromkeys(values.get("default-graph-uri", []))),
        tuple(dict.fromkeys(values.get("named-graph-uri", []))),
        _number("limit", values, least=1),
        _number("offset", values, least=0) or 0,
    )


def _number(name: str, values: Mapping[str, list[str]], *, least: int) -> int | None:
    given = values.get(name)
    if given is None:
        return None
    if len(given) > 1 or not (given[0].isascii() and given[0].isdecimal()) or len(given[0]) > 15:
        raise ProtocolError(400, f"`{name}` is one whole number of {least} or more")
    if int(given[0]) < least:
        raise ProtocolError(400, f"`{name}` is one whole number of {least} or more")
    return int(given[0])


def _media_type(content_type: str | None) -> tuple[str, str]:
    """Return the media type and the charset, in lower case, empty if absent."""
    media_type, *parameters = (part.strip() for part in (content_type or "").lower().split(";"))
    charset = ""
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "charset":
            charset = value.strip().strip('"')
    return media_type, charset


def _pairs(data: bytes, where: str) -> list[tuple[str, str]]:
    text = _decoded(data, where)
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=10_000)
    except UnicodeDecodeError as error:
        raise ProtocolError(400, f"{where} is not UTF-8 (byte {error.start})") from error
    except ValueError as error:
        raise ProtocolError(400, f"{where}: {error}") from error


def _decoded(data: bytes, where: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ProtocolError(400, f"{where} is not UTF-8 (byte {error.start})") from error
