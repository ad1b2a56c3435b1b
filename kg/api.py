"""The class that `kg.open` gives: a graph to ask, in Python."""

from __future__ import annotations

import os
import weakref
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import networkx as nx
import pandas as pd
import rdflib

from kg.catalog import Catalog
from kg.errors import AmbiguousNameError, UnknownNameError, UsageError
from kg.explorer import graph_page, views
from kg.explorer.pyvis_page import view_page
from kg.generations import CATALOG, RDF, hold_current
from kg.graph import (
    PARAMETERS,
    VALUE_KEYS,
    Edge,
    KnowledgeGraph,
    edges_frame,
    entities_frame,
    evidence_frame,
    papers_frame,
    said_by_name,
    to_networkx,
)
from kg.lookup import Lookup
from kg.model import Entity, Extraction, Paper
from kg.names import normal_form, title_key
from kg.resolve.variants import in_family
from kg.sources.identity import find_paper
from kg.store import Store
from kg.vocab import Namespace
from ontology import Alignment, alignments_of


class Graph:
    """A finished graph: frames, entities by any spelling, SPARQL, networkx and rdflib."""

    def __init__(self, data: KnowledgeGraph, folder: Path) -> None:
        self.data = data
        self._generation, held = hold_current(folder)
        self._release = weakref.finalize(self, os.close, held)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the folder: a later build may remove what this graph read."""
        self._release()

    def paper(self, title: str) -> Paper:
        """Return the paper of a title, the start of one, an address or an id.

        Raises:
            UnknownNameError: there is none; the message lists near titles.
            AmbiguousNameError: several titles start so; the message lists them.
        """
        papers = {paper.id: paper for paper in self.data.papers}
        try:
            return papers[find_paper(title, papers.values())]
        except UnknownNameError:
            start = title_key(title)
            begun = [p for p in papers.values() if start and title_key(p.title).startswith(start)]
            if len(begun) > 1:
                candidates = [f"{p.title} <paper:{p.id}>" for p in begun]
                raise AmbiguousNameError(title, candidates) from None
            if not begun:
                raise
            return begun[0]

    def extraction(self, paper: Paper) -> Extraction:
        """Return what was read in a paper of this graph; nothing where it was not extracted."""
        nothing = Extraction(paper.id, paper.title)
        return next((read for read in self.data.extractions if read.id == paper.id), nothing)

    @cached_property
    def read_by(self) -> str:
        """The name of the extractor that read the papers, and the start of its fingerprint."""
        with Catalog.open(self._generation / CATALOG) as catalog:
            return catalog.meta()["extractor"]

    def papers(self) -> pd.DataFrame:
        """Return one row a paper."""
        return papers_frame(self.data)

    def entities(self, entity_type: str | None = None) -> pd.DataFrame:
        """Return one row an entity, of one type if given, most papers first."""
        return entities_frame(self.data, entity_type)

    def edges(self) -> pd.DataFrame:
        """Return one row an edge."""
        return edges_frame(self.data)

    def evidence(self) -> pd.DataFrame:
        """Return one row a span that supports an edge."""
        return evidence_frame(self.data)

    def stats(self) -> dict[str, int]:
        """Return counts of papers, entities by type, edges and results."""
        return self.data.counts()

    def query(self, sparql: str, **parameters: str) -> pd.DataFrame:
        """Return the answer to SPARQL, or to a named query such as `@extends` with its parameters."""
        return self.store.query(sparql, **parameters)

    def to_networkx(self) -> nx.MultiDiGraph[str]:
        """Return the graph as a networkx MultiDiGraph; see `kg.graph.to_networkx` for its keys."""
        return to_networkx(self.data)

    def to_rdflib(self) -> rdflib.Dataset:
        """Return the graph as an rdflib Dataset over Oxigraph."""
        return self.store.dataset()

    def view(
        self,
        name: str | None = None,
        *,
        hops: int | None = None,
        lineage: bool = False,
        benchmark: bool = False,
        limit: int | None = None,
        with_text: bool | None = None,
    ) -> View:
        """Return a page that shows itself in a notebook.

        Args:
            name: An entity or a paper; without it the page is the explorer of the whole graph.
            hops: Show what is so near; without it a paper shows its card, a benchmark what is tested on it,
                and anything else its neighbours.
            lineage: Show what it comes from and what came of it.
            benchmark: Show what is tested on it.
            limit: The most nodes; without it 150, each way of a lineage 24, on a benchmark 48.
            with_text: Whether sentences of the abstracts are shown; without it the explorer shows them and
                a view does not.

        Raises:
            UnknownNameError: Nothing is called so.
            AmbiguousNameError: Several things are.
            UsageError: More than one kind of view is asked for, or there is nothing to show.
        """
        if sum((hops is not None, lineage, benchmark)) > 1:
            raise UsageError("ask for one of hops, lineage and benchmark at a time")
        if name is None:
            if lineage or benchmark:
                raise UsageError("say of what: the name of an entity")
            return View(graph_page(self.data, with_text=with_text is not False))
        most = {} if limit is None else {"limit": limit}
        look = Lookup(self.data, self._edges_of)
        node = self.node(name)
        if node in look.papers and (lineage or benchmark):
            raise UsageError(f"{name!r} is a paper; only an entity has a lineage or is a benchmark")
        if lineage:
            scene = views.lineage_view(look, node, **most)
        elif benchmark or (hops is None and look.node_class(node) == "Benchmark" and look.tested_on(node)):
            scene = views.benchmark_view(look, node, **most)
        elif hops is None and node in look.papers:
            scene = views.paper_view(look, node, **most)
        else:
            scene = views.near_view(look, node, hops=hops or 1, **most)
        return View(view_page(look, scene, with_text=with_text is True))

    def node(self, name: str) -> str:
        """Return the node id of an entity, by any spelling, or of a paper, by title, address or id.

        Raises:
            UnknownNameError: nothing is called so; the message lists near names.
            AmbiguousNameError: several things are; the message lists them.
        """
        if name.startswith("paper:") or not self.find(name):
            try:
                return f"paper:{self.paper(name).id}"
            except UnknownNameError as error:
                near = [*self.near(name), *error.choices][:8]
                raise UnknownNameError("entity or paper", name, near) from None
        return self[name].node

    @cached_property
    def store(self) -> Store:
        """The RDF store of this graph."""
        return Store.open(self._generation / RDF, base=self.data.namespace.base)

    def find(self, name: str) -> tuple[EntityView, ...]:
        """Return the entities that a spelling, slug or IRI may mean, most papers first."""
        node = self.data.namespace.node_id(name) or name
        if node.removeprefix("entity:") in self._by_slug and node.startswith("entity:"):
            return (EntityView(self, self._by_slug[node.removeprefix("entity:")]),)
        if name in self._by_slug and not self._by_name.get(normal_form(name)):
            return (EntityView(self, self._by_slug[name]),)
        found = self._by_name.get(normal_form(name), ())
        return tuple(EntityView(self, e) for e in sorted(found, key=lambda e: (-e.num_papers, e.slug)))

    def __getitem__(self, name: str) -> EntityView:
        """Return the entity of a spelling, slug or IRI.

        Raises:
            UnknownNameError: no entity is called so; the message lists near names.
            AmbiguousNameError: several are; the message lists them.
        """
        found = self.find(name)
        if not found:
            raise UnknownNameError("entity", name, self.near(name))
        exact = [view for view in found if name in {view.name, view.entity.slug}]
        if len(found) > 1 and len(exact) != 1:
            raise AmbiguousNameError(name, [f"{view.name} <{view.iri}>" for view in found])
        return exact[0] if exact else found[0]

    def family(self, name: str) -> pd.DataFrame:
        """Return the entities whose names lead to a shorter one, whether or not an entity bears that.

        So it answers for a family that no paper names by itself. The columns are those of
        `EntityView.variants`; most papers first.
        """
        return self._variants_frame(in_family(name, self.data.entities))

    def _variants_frame(self, entities: Iterable[Entity]) -> pd.DataFrame:
        names = {entity.slug: entity.name for entity in self.data.entities}
        rows = []
        for entity in sorted(entities, key=lambda e: (-e.num_papers, e.slug)):
            variant = self.data.variants.get(entity.slug)
            said = said_by_name(variant.values) if variant else {}
            parent = names.get(variant.parent) if variant and variant.parent else None
            told = [said.get(key) for key in (PARAMETERS, *VALUE_KEYS)]
            iri = self.data.namespace.entity(entity.slug)
            rows.append((entity.name, entity.type, *told, parent, entity.num_papers, iri))
        columns = ["name", "type", PARAMETERS, *VALUE_KEYS, "variant_of", "papers", "iri"]
        return pd.DataFrame(rows, columns=columns, dtype=object)

    def near(self, name: str, limit: int = 8) -> list[str]:
        """Return names of entities that look like a name, best first."""
        from difflib import SequenceMatcher

        form = normal_form(name)
        matcher = SequenceMatcher(b=form)
        scored: list[tuple[float, str]] = []
        for entity in self.data.entities:
            matcher.set_seq1(normal_form(entity.name))
            inside = len(form) > 2 and form in normal_form(entity.name)
            if inside or matcher.quick_ratio() > 0.6:
                scored.append((-max(matcher.ratio(), 0.9 if inside else 0.0), entity.name))
        return [name for score, name in sorted(scored)[:limit] if score <= -0.6]

    @cached_property
    def _by_slug(self) -> dict[str, Entity]:
        return {entity.slug: entity for entity in self.data.entities}

    @cached_property
    def _by_name(self) -> dict[str, list[Entity]]:
        found: defaultdict[str, list[Entity]] = defaultdict(list)
        for entity in self.data.entities:
            for form in sorted({normal_form(n) for n in (entity.name, *entity.aliases)}):
                found[form].append(entity)
        return dict(found)

    @cached_property
    def _variants_of(self) -> dict[str, list[Entity]]:
        found: defaultdict[str, list[Entity]] = defaultdict(list)
        for variant in self.data.variants.values():
            if variant.parent is not None:
                found[variant.parent].append(self._by_slug[variant.slug])
        return dict(found)

    @cached_property
    def _edges_of(self) -> dict[str, list[Edge]]:
        found: defaultdict[str, list[Edge]] = defaultdict(list)
        for edge in self.data.edges:
            found[edge.source].append(edge)
            found[edge.target].append(edge)
        return dict(found)


class EntityView:
    """One entity of an open graph."""

    def __init__(self, graph: Graph, entity: Entity) -> None:
        self._graph, self.entity = graph, entity
        self.node = f"entity:{entity.slug}"
        self.iri = graph.data.namespace.entity(entity.slug)
        self.name, self.type, self.aliases = entity.name, entity.type, entity.aliases

    def __repr__(self) -> str:
        return f"<{self.type} {self.name!r}, {self.entity.num_papers} papers, {self.iri}>"

    def papers(self, *, include_variants: bool = False) -> pd.DataFrame:
        """Return the papers that name it: id, title, published, relation, confidence; newest first.

        With `include_variants`, also those that name its versions, sizes and parts; the column `name` says
        which one each row is about.
        """
        if include_variants:
            views = [self, *(EntityView(self._graph, entity) for entity in self._all_variants())]
            frames = [view.papers().assign(name=view.name) for view in views]
            joined = pd.concat(frames, ignore_index=True)
            joined = joined.sort_values(["id", "relation", "name"], kind="stable")
            return joined.sort_values(
                "published", ascending=False, kind="stable", na_position="last", ignore_index=True
            )
        papers = {f"paper:{paper.id}": paper for paper in self._graph.data.papers}
        rows = [
            (
                papers[e.source].id,
                papers[e.source].title,
                papers[e.source].published,
                e.relation,
                e.confidence,
            )
            for e in self._edges()
            if e.target == self.node and e.source in papers
        ]
        rows.sort(key=lambda row: (row[0], row[3]))
        rows.sort(key=lambda row: row[2] or "", reverse=True)
        return pd.DataFrame(rows, columns=["id", "title", "published", "relation", "confidence"])

    def neighbours(self) -> pd.DataFrame:
        """Return the entities it is related to: relation, direction (`out` or `in`), name, iri, papers."""
        entities = {f"entity:{entity.slug}": entity for entity in self._graph.data.entities}
        namespace: Namespace = self._graph.data.namespace
        rows: list[tuple[Any, ...]] = []
        for edge in self._edges():
            outward = edge.source == self.node
            other = entities.get(edge.target if outward else edge.source)
            if other is not None:
                direction = "out" if outward else "in"
                papers = " ".join(edge.papers)
                rows.append((edge.relation, direction, other.name, namespace.entity(other.slug), papers))
        return pd.DataFrame(sorted(rows), columns=["relation", "direction", "name", "iri", "papers"])

    def variants(self) -> pd.DataFrame:
        """Return its versions, sizes and parts, and theirs, most papers first.

        The columns are name, type, what the name says (parameters, size_written, version, tuning,
        quantisation, snapshot, part), variant_of, papers, iri.
        """
        return self._graph._variants_frame(self._all_variants())

    @property
    def said(self) -> dict[str, str | int]:
        """What its name says: parameters, size_written, version, tuning, quantisation, snapshot, part."""
        variant = self._graph.data.variants.get(self.entity.slug)
        return said_by_name(variant.values) if variant else {}

    @property
    def parent(self) -> EntityView | None:
        """What it is a variant of, if an entity of the graph is."""
        variant = self._graph.data.variants.get(self.entity.slug)
        if variant is None or variant.parent is None:
            return None
        return EntityView(self._graph, self._graph._by_slug[variant.parent])

    @property
    def alignments(self) -> tuple[Alignment, ...]:
        """What it is called elsewhere: Hugging Face, Wikidata, the paper that introduced it."""
        return alignments_of(self.entity.slug, self.type)

    def _all_variants(self) -> list[Entity]:
        found: dict[str, Entity] = {}
        ring = [self.entity.slug]
        while ring:
            fresh = [
                v for slug in ring for v in self._graph._variants_of.get(slug, []) if v.slug not in found
            ]
            found.update((entity.slug, entity) for entity in fresh)
            ring = [entity.slug for entity in fresh]
        return list(found.values())

    def evidence(self) -> pd.DataFrame:
        """Return the spans behind all its edges."""
        frame = self._graph.evidence()
        return frame[frame["edge"].isin([edge.id for edge in self._edges()])].reset_index(drop=True)

    def _edges(self) -> list[Edge]:
        return self._graph._edges_of.get(self.node, [])


class View:
    """A page that shows itself in a notebook and can be saved."""

    def __init__(self, html: str) -> None:
        self.html = html

    def save(self, path: str | Path) -> Path:
        """Write the page to a file and return its path."""
        target = Path(path)
        target.write_text(self.html, encoding="utf-8")
        return target

    def _repr_html_(self) -> str:
        from html import escape

        frame = (
            'sandbox="allow-scripts allow-popups allow-downloads" style="width:100%;height:640px;border:0"'
        )
        return f'<iframe {frame} srcdoc="{escape(self.html)}"></iframe>'
