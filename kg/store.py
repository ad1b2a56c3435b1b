"""SPARQL on Oxigraph: load quads, ask queries, with every prefix known."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Final, Self

import pandas as pd
import pyoxigraph as ox
import rdflib
from oxrdflib import OxigraphStore
from pyparsing import ParseException, ParseResults
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue

from kg.errors import GraphFolderError, QueryError, UnknownNameError
from kg.vocab import DEFAULT_BASE, PREFIXES

_PREFIX_LINE: Final = re.compile(r"^\s*prefix\s+([\w-]*):", re.IGNORECASE | re.MULTILINE)
_PARAMETER_LINE: Final = re.compile(r"^# param (\w+): (.*)$", re.MULTILINE)


class Store:
    """An RDF store that answers SPARQL. Reading never changes it."""

    def __init__(self, store: ox.Store, *, base: str = DEFAULT_BASE) -> None:
        self._store = store
        own = {"kg": base, "paper": base + "paper/", "entity": base + "entity/"}
        self.prefixes: dict[str, str] = {**PREFIXES, **own}

    @classmethod
    def in_memory(cls, quads: Iterable[ox.Quad], *, base: str = DEFAULT_BASE) -> Self:
        """Return a store that lives in memory."""
        store = ox.Store()
        store.bulk_extend(quads)
        return cls(store, base=base)

    @classmethod
    def write(cls, folder: Path, quads: Iterable[ox.Quad]) -> None:
        """Write quads to a new store on disk."""
        store = ox.Store(str(folder))
        store.bulk_extend(quads)
        store.flush()
        del store

    @classmethod
    def change(cls, old: Path, folder: Path, *, removed: Iterable[ox.Quad], added: Iterable[ox.Quad]) -> None:
        """Write a new store on disk: the one at `old` without some quads and with others; `old` stays.

        The tables of the old store are never written to again, so the new one holds them by hard links.

        Raises:
            GraphFolderError: `old` is no readable store.
        """
        try:
            _link_store(old, folder)
            store = ox.Store(str(folder))
        except (OSError, ValueError) as error:
            raise GraphFolderError(
                f"{old}: no readable RDF store ({error}); build the graph again"
            ) from error
        for quad in removed:
            store.remove(quad)
        store.extend(added)
        store.flush()
        del store

    @classmethod
    def open(cls, folder: Path, *, base: str = DEFAULT_BASE) -> Self:
        """Return a store on disk, opened for reading.

        Raises:
            GraphFolderError: the folder holds no readable store.
        """
        try:
            return cls(ox.Store.read_only(str(folder)), base=base)
        except (OSError, ValueError) as error:
            raise GraphFolderError(
                f"{folder}: no readable RDF store ({error}); build the graph again"
            ) from error

    def __len__(self) -> int:
        return len(self._store)

    def solve(self, sparql: str) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        """Return the raw answer to a query.

        Raises:
            QueryError: the query does not parse (the message says where) or cannot be evaluated.
        """
        text = self._with_prefixes(sparql)
        if calls_service(text):
            raise QueryError(
                "SERVICE asks another host, and a graph is asked offline; take it out of the query"
            )
        try:
            return self._store.query(text)
        except SyntaxError as error:
            raise QueryError(_syntax_message(error, sparql)) from error
        except (ValueError, OSError, RuntimeError) as error:
            raise QueryError(f"the query cannot be run: {error}") from error

    def query(self, sparql: str) -> pd.DataFrame:
        """Return the answer as a frame: a column a variable, numbers as numbers, absent values as None.

        ASK gives one row `answer`; CONSTRUCT and DESCRIBE give subject, predicate, object.

        Raises:
            QueryError: the query does not parse (the message says where) or cannot be evaluated.

        >>> node = ox.NamedNode("https://w3id.org/abstractkg/entity/grpo")
        >>> label = ox.NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")
        >>> store = Store.in_memory([ox.Quad(node, label, ox.Literal("GRPO"))])
        >>> store.query("SELECT ?name WHERE { entity:grpo skos:prefLabel ?name }").to_dict("records")
        [{'name': 'GRPO'}]
        """
        answer = self.solve(sparql)
        try:
            if isinstance(answer, ox.QueryBoolean):
                return pd.DataFrame({"answer": [bool(answer)]})
            if isinstance(answer, ox.QueryTriples):
                rows = [[plain(t.subject), plain(t.predicate), plain(t.object)] for t in answer]
                return pd.DataFrame(rows, columns=["subject", "predicate", "object"], dtype=object)
            columns = [variable.value for variable in answer.variables]
            records = [[plain(value) for value in solution] for solution in answer]
        except (ValueError, OSError, RuntimeError) as error:
            raise QueryError(f"the query cannot be run: {error}") from error
        return pd.DataFrame(records, columns=columns, dtype=object)

    def dataset(self) -> rdflib.Dataset:
        """Return the store through rdflib's interface (queries still run on Oxigraph)."""
        dataset = rdflib.Dataset(store=OxigraphStore(store=self._store), default_union=False)
        for prefix, iri in self.prefixes.items():
            dataset.bind(prefix, iri)
        return dataset

    def _with_prefixes(self, sparql: str) -> str:
        """Return the query behind one line of prefixes (those that it does not declare itself)."""
        written = {match.casefold() for match in _PREFIX_LINE.findall(sparql)}
        known = (f"PREFIX {p}: <{iri}>" for p, iri in self.prefixes.items() if p.casefold() not in written)
        return " ".join(known) + "\n" + sparql


def _link_store(old: Path, folder: Path) -> None:
    """Copy the files of a store that nobody writes; its tables by hard links where the disk can."""
    folder.mkdir()
    for file in sorted(old.iterdir()):
        if file.suffix == ".sst":
            try:
                os.link(file, folder / file.name)
                continue
            except OSError:
                pass
        if file.name != "LOCK":
            shutil.copyfile(file, folder / file.name)


def calls_service(sparql: str) -> bool:
    """Return whether a query holds a SERVICE pattern, found by parsing, not by its letters.

    >>> calls_service('SELECT * { ?s ?p "SERVICE" }')
    False
    >>> calls_service("SELECT * { SERVICE <http://a/> { ?s ?p ?o } }")
    True
    """
    if "service" not in sparql.casefold():
        return False
    try:
        parsed = parseQuery(sparql)
    except (ParseException, RecursionError):
        return re.search(r"\bservice\b", sparql, re.IGNORECASE) is not None
    todo: list[object] = [parsed]
    while todo:
        part = todo.pop()
        if isinstance(part, CompValue):
            if part.name == "ServiceGraphPattern":
                return True
            todo.extend(part.values())
        elif isinstance(part, list | tuple | ParseResults):
            todo.extend(part)
    return False


def plain(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None) -> object:
    """Return an RDF term as a Python value: IRIs as text, integers and decimals as numbers."""
    if term is None:
        return None
    if isinstance(term, ox.Literal):
        kind = term.datatype.value.removeprefix(PREFIXES["xsd"])
        if kind in {"integer", "int", "long", "nonNegativeInteger"}:
            return int(term.value)
        if kind in {"decimal", "double", "float"}:
            return float(term.value)
        if kind == "boolean":
            return term.value in {"true", "1"}
        return term.value
    return term.value if isinstance(term, ox.NamedNode) else str(term)


def query_names() -> tuple[str, ...]:
    """Return the names of the named queries, sorted."""
    folder = resources.files("kg.queries")
    return tuple(sorted(p.name.removesuffix(".rq") for p in folder.iterdir() if p.name.endswith(".rq")))


def query_text(name: str) -> str:
    """Return the text of a named query.

    Raises:
        UnknownNameError: there is no query of that name.
    """
    if name not in query_names():
        raise UnknownNameError("query", name, query_names())
    return resources.files("kg.queries").joinpath(f"{name}.rq").read_text(encoding="utf-8")


def query_question(name: str) -> str:
    """Return the question that a named query answers: the first line of its file."""
    return query_text(name).partition("\n")[0].removeprefix("# ").strip()


def query_parameters(name: str) -> dict[str, str]:
    """Return the parameters of a named query with their defaults.

    >>> query_parameters("uses")
    {'entity': 'GRPO'}
    """
    return dict(_PARAMETER_LINE.findall(query_text(name)))


def named_query(name: str, **given: str) -> str:
    r"""Return a named query with its parameters filled in as string literals, safely escaped.

    Raises:
        UnknownNameError: there is no query, or no parameter, of that name.

    >>> 'GRPO' in named_query("uses"), r'"A\"B"' in named_query("uses", entity='A"B')
    (True, True)
    """
    parameters = query_parameters(name)
    for key in given:
        if key not in parameters:
            raise UnknownNameError(f"parameter of @{name}", key, parameters)
    text = query_text(name)
    for key, default in parameters.items():
        text = text.replace("{{" + key + "}}", str(ox.Literal(given.get(key, default))))
    return text


def _syntax_message(error: SyntaxError, sparql: str) -> str:
    reason = str(error.args[0] if error.args else error)
    position = re.search(r"(?:at|:)\s*(?:line\s*)?(\d+):(\d+)", reason)
    if position is None:
        return f"the query does not parse: {reason}"
    line = int(position[1]) - 1  # the line of prefixes
    rest = reason[position.end() :].lstrip(": ")
    shown = sparql.splitlines()[line - 1].strip() if 0 < line <= len(sparql.splitlines()) else ""
    return f"the query does not parse at line {line}, column {position[2]}: {rest}\n    {shown}"
