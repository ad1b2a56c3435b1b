"""SPARQL on Oxigraph: load quads, ask queries, with every prefix known."""

from __future__ import annotations

import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self
from weakref import finalize

import pyoxigraph as ox

from kg.answers import Answer, frame
from kg.errors import AmbiguousNameError, GraphFolderError, QueryError, UnknownNameError
from kg.generations import RDF, hold_current
from kg.names import normal_form, slug, title_key
from kg.nquads import Quad, document, parse
from kg.queries import get_query
from kg.syntax import calls_service, explain_fault
from kg.vocab import DEFAULT_BASE, PREFIXES, Namespace

if TYPE_CHECKING:
    import pandas as pd
    import rdflib

_NEAR: Final = 8
_FAULTS: Final = (OSError, RuntimeError, ValueError)
"""What pyoxigraph raises for a store that is damaged or cannot be written."""
_AT_ONCE: Final = 50_000
"""Quads that are loaded at once: ten times as many take half a gigabyte and no less time."""


class Source(ABC):
    """What answers SPARQL: a store here, or an endpoint elsewhere. Asking never changes it."""

    @abstractmethod
    def ask(self, sparql: str, prefixes: Mapping[str, str]) -> Answer:
        """Return the raw answer to a query that may use these prefixes without declaring them."""

    @cached_property
    def names(self) -> Namespace:
        """The IRIs of the graph: under the base that those of its papers and entities have."""
        for term, kind in (("fabio:Preprint", "paper"), ("akg:Method", "entity"), ("akg:Model", "entity")):
            answer = self.ask(f"SELECT ?node WHERE {{ ?node a {term} }} LIMIT 1", PREFIXES)
            for row in answer if isinstance(answer, ox.QuerySolutions) else ():
                return Namespace(row["node"].value.rpartition(f"{kind}/")[0])
        return Namespace()

    @cached_property
    def prefixes(self) -> dict[str, str]:
        """The prefixes that a query knows without declaring them; `kg`, `paper`, `entity` are the graph's."""
        base = self.names.base
        return {**PREFIXES, "kg": base, "paper": base + "paper/", "entity": base + "entity/"}

    def text(self, query: str, parameters: Mapping[str, str] | None = None) -> str:
        """Return the SPARQL of a query: the text itself, or `@name` with its parameters filled in.

        Raises:
            UnknownNameError: there is no named query, parameter, entity or paper of a name.
            QueryError: parameters were given to a query that is not a named one.
        """
        if query.startswith("@"):
            return get_query(query[1:]).fill(parameters or {}, self.find)
        if parameters:
            raise QueryError("parameters go with a named query such as @extends")
        return query

    def solve(self, query: str, parameters: Mapping[str, str] | None = None) -> Answer:
        """Return the raw answer to SPARQL, or to `@name` with its parameters.

        Raises:
            QueryError: the query does not parse (the message says where) or cannot be evaluated.
            UnknownNameError: there is no named query, parameter, entity or paper of a name.
        """
        return self.ask(self.text(query, parameters), self.prefixes)

    def query(self, sparql: str, **parameters: str) -> pd.DataFrame:
        """Return the answer as a frame: a column a variable, numbers as numbers, absent values as None.

        ASK gives one row `answer`; CONSTRUCT and DESCRIBE give subject, predicate, object.

        Raises:
            QueryError: the query does not parse (the message says where) or cannot be evaluated.
            UnknownNameError: there is no named query, parameter, entity or paper of a name.

        >>> node = ox.NamedNode("https://w3id.org/abstractkg/entity/grpo")
        >>> label = ox.NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")
        >>> store = Store.in_memory([ox.Quad(node, label, ox.Literal("GRPO"))])
        >>> store.query("SELECT ?name WHERE { entity:grpo skos:prefLabel ?name }").to_dict("records")
        [{'name': 'GRPO'}]
        """
        try:
            return frame(self.solve(sparql, parameters))
        except (ValueError, OSError, RuntimeError) as error:
            raise QueryError(f"the query cannot be run: {error}") from error

    def find(self, kind: str, name: str) -> tuple[str, ...]:
        """Return the IRIs of the entities or papers (`kind`) that bear a name, sorted.

        An entity is called by its IRI (`entity:grpo` is one too), else by its name, else by an alias as it is
        written, else by any of these in another spelling (see `kg.names.normal_form`). A paper is called by
        its IRI, its id, its title, or the start of one.

        Raises:
            UnknownNameError: there is none; the message lists near names.
            AmbiguousNameError: several titles start so; the message lists them.
        """
        iri = self._given_iri(kind, name)
        if iri is not None:
            return (iri,)
        found = self._find_entity(name) if kind == "entity" else self._find_paper(name)
        if not found:
            raise UnknownNameError(kind, name, self._near(kind, name))
        return found

    def _given_iri(self, kind: str, name: str) -> str | None:
        for start in (f"{kind}:", f"{self.names.base}{kind}/"):
            if name.startswith(start):
                local = name.removeprefix(start)
                return self.prefixes[kind] + local
        return None

    def _find_entity(self, name: str) -> tuple[str, ...]:
        said, own = ox.Literal(name), ox.NamedNode(self.names.entity(slug(name)))
        asked = self._rows(f"""SELECT DISTINCT ?rank ?entity WHERE {{
            {{ ?entity skos:prefLabel {said} BIND(1 AS ?rank) }}
            UNION {{ ?entity skos:altLabel {said} BIND(2 AS ?rank) }}
            UNION {{ VALUES ?entity {{ {own} }} ?entity skos:prefLabel ?label BIND(3 AS ?rank) }}
        }}""")
        if asked:
            best = min(rank for rank, _ in asked)
            return tuple(sorted(iri for rank, iri in asked if rank == best))
        form = normal_form(name)
        labels = self._labels_like(name)
        return tuple(sorted({iri for iri, label in labels if form and normal_form(label) == form}))

    def _labels_like(self, name: str) -> list[list[str]]:
        """Return the entities and labels that start with the letter of a name, in either case."""
        start = ox.Literal(name[:1].casefold())
        return self._rows(f"""SELECT DISTINCT ?entity ?label WHERE {{
            {{ ?entity skos:prefLabel ?label }} UNION {{ ?entity skos:altLabel ?label }}
            FILTER(STRSTARTS(LCASE(?label), {start}))
        }}""")

    def _find_paper(self, name: str) -> tuple[str, ...]:
        said, own = ox.Literal(name), ox.NamedNode(self.names.paper(name))
        exact = self._rows(f"""SELECT DISTINCT ?paper WHERE {{
            {{ ?paper dcterms:title {said} }}
            UNION {{ VALUES ?paper {{ {own} }} ?paper dcterms:title ?title }}
        }}""")
        return tuple(sorted(iri for (iri,) in exact)) or self._find_title(name)

    def _find_title(self, name: str) -> tuple[str, ...]:
        """Return the papers whose title is a name in another spelling, else the one that starts with it."""
        key = title_key(name)
        titles = sorted(
            self._rows("SELECT ?title ?paper WHERE { ?paper a fabio:Preprint ; dcterms:title ?title }")
        )
        begun = [(title, iri) for title, iri in titles if key and title_key(title).startswith(key)]
        same = tuple(iri for title, iri in begun if title_key(title) == key)
        if not same and len(begun) > 1:
            raise AmbiguousNameError(name, [f"{title} <{iri}>" for title, iri in begun[:_NEAR]])
        return same or tuple(iri for _, iri in begun)

    def _near(self, kind: str, name: str) -> list[str]:
        from difflib import get_close_matches

        if kind == "entity":
            labels = {label for _, label in self._labels_like(name)}
        else:
            labels = {title for (title,) in self._rows("SELECT ?title WHERE { ?paper dcterms:title ?title }")}
        by_form = {label.casefold(): label for label in sorted(labels)}
        return [by_form[form] for form in get_close_matches(name.casefold(), sorted(by_form), _NEAR)]

    def _rows(self, sparql: str) -> list[list[str]]:
        answer = self.ask(sparql, self.prefixes)
        rows = answer if isinstance(answer, ox.QuerySolutions) else ()
        return [[term.value for term in row] for row in rows]


class Store(Source):
    """An RDF store that answers SPARQL. Reading never changes it."""

    def __init__(self, store: ox.Store, *, base: str | None = None) -> None:
        self._store = store
        if base is not None:
            self.names = Namespace(base)

    @classmethod
    def in_memory(cls, quads: Iterable[ox.Quad], *, base: str = DEFAULT_BASE) -> Self:
        """Return a store that lives in memory."""
        store = ox.Store()
        store.bulk_extend(quads)
        return cls(store, base=base)

    @classmethod
    def write(cls, folder: Path, quads: Iterable[Quad]) -> None:
        """Write quads to a new store on disk, some at a time: these are loaded while the next are made.

        Raises:
            GraphFolderError: the disk is full, or cannot be written for another reason.
        """
        with _writing(folder), ThreadPoolExecutor(1) as loader:
            store, rest = ox.Store(str(folder)), iter(quads)
            loading: Future[None] | None = None
            while some := list(islice(rest, _AT_ONCE)):
                text = document(some)
                if loading is not None:
                    loading.result()
                loading = loader.submit(store.bulk_load, text, format=ox.RdfFormat.N_QUADS, lenient=True)
            if loading is not None:
                loading.result()
            store.flush()
            del store

    @classmethod
    def change(cls, old: Path, folder: Path, *, removed: Iterable[Quad], added: Iterable[Quad]) -> None:
        """Write a new store on disk: the one at `old` without some quads and with others; `old` stays.

        The tables of the old store are never written to again, so the new one holds them by hard links.

        Raises:
            GraphFolderError: `old` is no readable store, or the disk is full.
        """
        with _reading(old):
            ox.Store.read_only(str(old))  # opened for writing, a folder without a store becomes one
        with _writing(folder):
            _link_store(old, folder)
            store = ox.Store(str(folder))
            for quad in parse(removed):
                store.remove(quad)
            store.extend(parse(added))
            store.flush()
            del store

    @classmethod
    def open(cls, folder: Path, *, base: str | None = None) -> Self:
        """Return a store on disk, opened for reading; the base of its IRIs is read from it, unless given.

        Raises:
            GraphFolderError: the folder holds no readable store.
        """
        with _reading(folder):
            return cls(ox.Store.read_only(str(folder)), base=base)

    def __len__(self) -> int:
        return len(self._store)

    def ask(self, sparql: str, prefixes: Mapping[str, str]) -> Answer:
        """Return the raw answer to a query that may use these prefixes without declaring them.

        Raises:
            QueryError: the query does not parse (the message says where) or cannot be evaluated.
        """
        if calls_service(sparql):
            raise QueryError(
                "SERVICE asks another host, and a graph is asked offline; take it out of the query"
            )
        try:
            return self._store.query(sparql, prefixes=dict(prefixes))
        except SyntaxError as error:
            where = explain_fault(sparql, prefixes) or str(error)
            raise QueryError(f"the query does not parse at {where}") from error
        except (ValueError, OSError, RuntimeError) as error:
            raise QueryError(f"the query cannot be run: {error}") from error

    def quads(self) -> Iterator[ox.Quad]:
        """Yield all quads."""
        return iter(self._store)

    def count(
        self,
        subject: ox.NamedNode | None,
        predicate: ox.NamedNode | None,
        value: ox.NamedNode | ox.Literal | None,
        graph: ox.NamedNode | ox.DefaultGraph | None,
        *,
        most: int,
    ) -> int:
        """Return how many quads match a pattern (None for any term), counted up to `most`."""
        found = self._store.quads_for_pattern(subject, predicate, value, graph)
        return sum(1 for _ in islice(found, most))

    def dataset(self) -> rdflib.Dataset:
        """Return the store through rdflib's interface (queries still run on Oxigraph)."""
        import rdflib
        from oxrdflib import OxigraphStore

        dataset = rdflib.Dataset(store=OxigraphStore(store=self._store), default_union=False)
        for prefix, iri in self.prefixes.items():
            dataset.bind(prefix, iri)
        return dataset


@contextmanager
def _reading(folder: Path) -> Iterator[None]:
    """Say of what goes wrong inside that a store cannot be read."""
    try:
        yield
    except _FAULTS as error:
        raise GraphFolderError(
            f"{folder}: no readable RDF store ({_first_line(error)}); build the graph again with `kg build`"
        ) from error


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Say of what goes wrong inside that a store cannot be written."""
    try:
        yield
    except _FAULTS as error:
        raise GraphFolderError(
            f"{folder}: the RDF store cannot be written ({_first_line(error)}); the graph stays as it was; "
            "free some space if the disk is full, else build the graph again with `kg build`"
        ) from error


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


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


def open_store(folder: Path) -> Store:
    """Return the RDF store of a graph folder, without loading anything else of it.

    While it is used, its generation is not removed.
    """
    generation, held = hold_current(folder)
    try:
        store = Store.open(generation / RDF)
    except BaseException:
        os.close(held)
        raise
    finalize(store, os.close, held)
    return store
