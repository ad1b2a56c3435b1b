"""A SPARQL endpoint elsewhere, asked over HTTP with the same queries as a store here."""

from __future__ import annotations

from collections.abc import Mapping
from http.client import HTTPException
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

import pyoxigraph as ox

from kg.answers import Answer
from kg.errors import QueryError, UsageError
from kg.store import Source
from kg.syntax import explain_fault, prologue, used_prefixes

_ROWS: Final = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
}
_TRIPLES: Final = {
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
}
_ACCEPT: Final = (
    "application/sparql-results+json, application/n-triples;q=0.9, "
    "text/turtle;q=0.8, application/sparql-results+xml;q=0.7, application/rdf+xml;q=0.6"
)
_LONGEST_GET: Final = 2000
"""Characters of an address that every server takes; a longer query goes as a POST form."""
_MOST_SAID: Final = 500
SECONDS: Final = 60.0


class Endpoint(Source):
    """A SPARQL 1.1 Protocol endpoint; `seconds` is how long one step of an answer may take.

    Raises:
        UsageError: the address is none of HTTP.
    """

    def __init__(self, url: str, *, seconds: float = SECONDS) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise UsageError(
                f"{url!r} is no address of an endpoint; write one such as http://localhost:8080/sparql"
            )
        self.url, self._seconds = url, seconds

    def ask(self, sparql: str, prefixes: Mapping[str, str]) -> Answer:
        """Return the raw answer to a query that may use these prefixes without declaring them.

        Raises:
            QueryError: the endpoint does not answer, or not with what SPARQL answers are written in.
        """
        used = used_prefixes(sparql, prefixes)
        text = f"{prologue(used.items())}\n{sparql}" if used else sparql
        kind, body = self._get(text, sparql, prefixes)
        try:
            if kind in _ROWS:
                return ox.parse_query_results(body, _ROWS[kind])
            if kind in _TRIPLES:
                return _triples(body, _TRIPLES[kind])
        except (SyntaxError, ValueError) as error:
            raise QueryError(f"{self.url}: its answer is broken ({error})") from error
        raise QueryError(
            f"{self.url}: answers with {kind or 'no media type'}, not with SPARQL results; is it an endpoint?"
        )

    def _get(self, text: str, sparql: str, prefixes: Mapping[str, str]) -> tuple[str, bytes]:
        """Return the media type and the bytes of the answer."""
        form = urlencode({"query": text})
        headers = {"Accept": _ACCEPT, "User-Agent": "abstractkg"}
        address = f"{self.url}{'&' if urlsplit(self.url).query else '?'}{form}"
        if len(address) <= _LONGEST_GET:
            request = Request(address, headers=headers)
        else:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            request = Request(self.url, data=form.encode("ascii"), headers=headers)
        try:
            with urlopen(request, timeout=self._seconds) as response:
                return response.headers.get_content_type(), response.read()
        except HTTPError as error:
            with error:
                said = error.read(_MOST_SAID).decode(errors="replace").strip()
            fault = explain_fault(sparql, prefixes) if error.code == 400 else None
            if fault is not None:
                raise QueryError(f"the query does not parse at {fault}") from error
            raise QueryError(
                f"{self.url}: HTTP {error.code} {error.reason}{': ' + said if said else ''}"
            ) from error
        except TimeoutError as error:
            raise QueryError(f"{self.url}: no answer within {self._seconds:g} s; see --timeout") from error
        except URLError as error:
            if isinstance(error.reason, TimeoutError):
                raise QueryError(
                    f"{self.url}: no answer within {self._seconds:g} s; see --timeout"
                ) from error
            reason = getattr(error.reason, "strerror", None) or error.reason
            raise QueryError(f"{self.url}: cannot be reached ({reason})") from error
        except (HTTPException, OSError) as error:
            raise QueryError(f"{self.url}: the answer broke off ({error})") from error


def _triples(body: bytes, form: ox.RdfFormat) -> ox.QueryTriples:
    store = ox.Store()
    store.bulk_extend(ox.parse(body, form))
    answer = store.query("CONSTRUCT WHERE { ?s ?p ?o }")
    if not isinstance(answer, ox.QueryTriples):
        raise TypeError("CONSTRUCT gives triples")
    return answer
