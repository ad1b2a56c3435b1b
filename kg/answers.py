"""Answers to SPARQL queries: as plain values, as a frame, and written in each format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import IO, TYPE_CHECKING, Final, Literal

import pyoxigraph as ox

from kg.cells import csv_lines, tsv_lines
from kg.errors import UsageError
from kg.vocab import PREFIXES

if TYPE_CHECKING:
    import pandas as pd

Answer = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples
"""What a query gives: rows (SELECT), yes or no (ASK), or triples (CONSTRUCT, DESCRIBE)."""

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
AnswerFormat = Literal["tsv", "csv", "json", "xml", "ttl", "nt"]

_RESULTS: Final = {"json": ox.QueryResultsFormat.JSON, "xml": ox.QueryResultsFormat.XML}
_GRAPHS: Final = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "json": ox.RdfFormat.JSON_LD,
    "xml": ox.RdfFormat.RDF_XML,
}
_WHOLE: Final = frozenset({"integer", "int", "long", "nonNegativeInteger"})
_BROKEN: Final = frozenset({"decimal", "double", "float"})


def plain(term: Term | None) -> object:
    """Return an RDF term as a Python value: IRIs as text, integers and decimals as numbers.

    >>> plain(ox.Literal(3)), plain(ox.NamedNode("a:b")), plain(None)
    (3, 'a:b', None)
    """
    if term is None:
        return None
    if isinstance(term, ox.Literal):
        kind = term.datatype.value.removeprefix(PREFIXES["xsd"])
        if kind in _WHOLE:
            return int(term.value)
        if kind in _BROKEN:
            return float(term.value)
        if kind == "boolean":
            return term.value in {"true", "1"}
        return term.value
    return term.value if isinstance(term, ox.NamedNode) else str(term)


def columns_and_rows(answer: Answer) -> tuple[list[str], Iterator[list[object]]]:
    """Return the columns of an answer and its rows as plain values, read as they are wanted.

    ASK gives one row `answer`; CONSTRUCT and DESCRIBE give subject, predicate, object.
    """
    if isinstance(answer, ox.QueryBoolean):
        return ["answer"], iter([[bool(answer)]])
    if isinstance(answer, ox.QueryTriples):
        triples = ([plain(t.subject), plain(t.predicate), plain(t.object)] for t in answer)
        return ["subject", "predicate", "object"], triples
    return [v.value for v in answer.variables], ([plain(term) for term in row] for row in answer)


def frame(answer: Answer) -> pd.DataFrame:
    """Return an answer as a frame: a column a variable, numbers as numbers, absent values as None."""
    import pandas as pd

    columns, rows = columns_and_rows(answer)
    return pd.DataFrame(list(rows), columns=columns, dtype=object)


def write_answer(
    answer: Answer, form: AnswerFormat, out: IO[bytes], *, prefixes: Mapping[str, str] = PREFIXES
) -> None:
    """Write an answer: `json` and `xml` are the SPARQL results formats, JSON-LD and RDF/XML for triples.

    `csv` guards cells that a spreadsheet would run; `tsv` escapes tabs and line breaks. Triples are sorted.

    Raises:
        UsageError: rows were asked for as `ttl` or `nt`, or yes or no as triples.
    """
    if isinstance(answer, ox.QueryTriples) and form in _GRAPHS:
        triples = sorted(answer, key=lambda t: (str(t.subject), t.predicate.value, str(t.object)))
        known = None if form == "nt" else dict(prefixes)
        ox.serialize(triples, out, format=_GRAPHS[form], prefixes=known)
    elif isinstance(answer, ox.QueryTriples) or form not in _GRAPHS:
        columns, rows = columns_and_rows(answer)
        lines = csv_lines(columns, rows) if form == "csv" else tsv_lines(columns, rows)
        out.writelines(line.encode() for line in lines)
    elif form in _RESULTS:
        answer.serialize(out, format=_RESULTS[form])
    else:
        raise UsageError(
            f"only CONSTRUCT and DESCRIBE give triples for {form}; ask for csv, tsv, json or xml"
        )
