"""What a query asks the store to do, as a tree, and how long each stage of it takes.

Oxigraph does not show its plan. Shown is the algebra of the query by the SPARQL specification, the innermost
done first, with how many quads each pattern matches by itself; Oxigraph orders a block's patterns itself.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import pyoxigraph as ox
from rdflib.paths import Path
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import BNode, Literal, URIRef, Variable

from kg.answers import columns_and_rows, write_answer
from kg.store import Source, Store

MOST: Final = 1_000_000
"""Matches of a pattern are counted up to this."""

_HIDDEN: Final = frozenset({"ToMultiSet", "SelectQuery", "ConstructQuery", "AskQuery", "DescribeQuery"})


def plan_lines(sparql: str, source: Source) -> list[str]:
    """Return the algebra of a query, a line an operator; patterns with their matches if `source` is a store.

    >>> query = "SELECT ?n { ?m a akg:Method ; skos:prefLabel ?n } LIMIT 5"
    >>> print("\\n".join(plan_lines(query, Store.in_memory([]))))
    Slice 0 to 5
      Project ?n
        BGP
          ?m rdf:type akg:Method                                 0 quads
          ?m skos:prefLabel ?n                                   0 quads
    """
    algebra = translateQuery(parseQuery(sparql), None, source.prefixes).algebra
    printer = _Printer(source)
    return list(printer.lines(algebra, 0, ox.DefaultGraph()))


def timed_lines(sparql: str, source: Source) -> list[str]:
    """Return how many rows a query gives and the milliseconds of its stages, a line each.

    Parsing is timed on an empty store; evaluation by itself, the first time and again; what is written is the
    difference to a third time in which the answer is written as JSON (N-Triples for triples).
    """
    prefixes = source.prefixes
    parsed = _milliseconds(lambda: ox.Store().query(sparql, prefixes=prefixes))
    rows, first = _timed_rows(sparql, source)
    _, again = _timed_rows(sparql, source)
    out = io.BytesIO()

    def write() -> None:
        answer = source.ask(sparql, prefixes)
        write_answer(answer, "nt" if isinstance(answer, ox.QueryTriples) else "json", out)

    written = max(0.0, _milliseconds(write) - again)
    return [
        f"rows       {rows:,}",
        f"parse      {parsed:.1f} ms",
        f"evaluate   {max(0.0, first - parsed):.1f} ms ({max(0.0, again - parsed):.1f} ms again)",
        f"serialise  {written:.1f} ms ({len(out.getvalue()):,} bytes)",
    ]


def _timed_rows(sparql: str, source: Source) -> tuple[int, float]:
    start = time.perf_counter()
    rows = sum(1 for _ in columns_and_rows(source.ask(sparql, source.prefixes))[1])
    return rows, 1000 * (time.perf_counter() - start)


def _milliseconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return 1000 * (time.perf_counter() - start)


class _Printer:
    def __init__(self, source: Source) -> None:
        self._source = source

    def lines(self, part: CompValue, depth: int, graph: Any) -> Iterator[str]:
        """Yield the lines of an operator and of what it works on; `graph` is where its patterns match."""
        if part.name not in _HIDDEN:
            yield "  " * depth + " ".join(filter(None, (part.name, self._detail(part))))
            depth += 1
        if part.name == "Graph":
            graph = None if isinstance(part.term, Variable) else self._ox(part.term)
        for triple in dict(part).get("triples", ()):
            pattern = " ".join(self.term(term) for term in triple)
            yield f"{'  ' * depth}{pattern:<{max(1, 60 - 2 * depth)}} {self._matches(triple, graph)}".rstrip()
        for key in ("p", "p1", "p2"):
            if key in part and isinstance(part[key], CompValue):
                yield from self.lines(part[key], depth, graph)

    def _detail(self, part: CompValue) -> str:
        match part.name:
            case "Slice":
                end = f"to {part.start + part.length}" if part.length is not None else "on"
                return f"{part.start} {end}"
            case "Project":
                return " ".join(self.term(variable) for variable in part.PV)
            case "Extend":
                return f"{self.term(part.var)} := {self.term(part.expr)}"
            case "Graph":
                return self.term(part.term)
            case "values":
                return f"{len(part.res)} rows"
            case "OrderBy":
                return ", ".join(f"{c.order or 'ASC'}({self.term(c.expr)})" for c in part.expr)
            case "AggregateJoin":
                return ", ".join(
                    f"{self.term(a.res)} := {a.name.split('_')[1]}({self.term(a.vars)})" for a in part.A
                )
            case "Filter" | "LeftJoin" | "Group":
                return self.term(part.expr) if "expr" in part and part.expr is not None else ""
        return ""

    def term(self, term: object) -> str:
        """Return a term, path or expression in short."""
        if isinstance(term, CompValue):
            inner = ", ".join(
                self.term(value)
                for key, value in term.items()
                if key != "_vars" and not (key == "graph" and isinstance(value, CompValue))
            )
            return f"{term.name.removeprefix('Builtin_').removesuffix('Expression')}({inner})"
        if isinstance(term, list | tuple):
            return " ".join(self.term(value) for value in term)
        if isinstance(term, Variable):
            return f"?{term}"
        if isinstance(term, Path):
            return self._short(str(term).removeprefix("Path(").removesuffix(")"))
        if isinstance(term, URIRef):
            return self._short(str(term)) if self._short(str(term)) != str(term) else term.n3()
        return term.n3() if isinstance(term, Literal | BNode) else str(term)

    def _short(self, text: str) -> str:
        prefixes: Mapping[str, str] = self._source.prefixes
        for prefix, iri in sorted(prefixes.items(), key=lambda item: -len(item[1])):
            text = text.replace(iri, f"{prefix}:")
        return text

    def _matches(self, triple: tuple[object, object, object], graph: Any) -> str:
        if not isinstance(self._source, Store) or any(isinstance(term, Path) for term in triple):
            return ""
        subject, predicate, value = (self._ox(term) for term in triple)
        count = self._source.count(subject, predicate, value, graph, most=MOST)
        return f"{count:,}{'+' if count == MOST else ''} quads"

    @staticmethod
    def _ox(term: object) -> Any:
        if isinstance(term, URIRef):
            return ox.NamedNode(str(term))
        if isinstance(term, Literal):
            if term.language:
                return ox.Literal(str(term), language=term.language)
            kind = ox.NamedNode(str(term.datatype)) if term.datatype else None
            return ox.Literal(str(term), datatype=kind)
        return None
