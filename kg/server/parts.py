"""The explorer's data in parts: what its page asks for, as the columns of `kg.columns`.

Nodes have the numbers of the outline: entities, then papers. A part holds nodes, edges between nodes that it
or an earlier part holds, and evidence where papers were read for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from kg.catalog import Catalog, Outline
from kg.catalog.derived import Derived
from kg.catalog.outline import Ints
from kg.columns import class_rows, edge_columns, entity_columns, paper_columns, relation_rows
from kg.graph import Edge, EdgeKey, PaperReader, Support
from kg.layout import PAPER, arrange
from kg.model import ENTITY_TYPES, Paper
from kg.names import few_words
from kg.resolve import rows as entity_rows
from kg.server.index import ROLES, Index, Titled
from kg.server.network import Network
from kg.server.pages import Reader, Reported
from kg.vocab import VARIANT_OF, Namespace

Part = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Read:
    """Papers that were read, and what they say for each edge."""

    numbers: Sequence[int]
    papers: Sequence[Paper]
    support: Mapping[tuple[EdgeKey, str], Sequence[Support]]


_DRAWN: Final = 1500
"""Nodes of the overview."""
_NEWEST: Final = 6
"""Newest papers that the start page lists."""
_PAPERS: Final = 40
"""Papers of an entity that its panel lists with evidence."""
_TIES: Final = 24
"""Ties of one kind that the panel of an entity lists."""
_READ: Final = 8
"""Ties of one kind whose evidence is read."""
_RESULTS: Final = 60
_SHOWN_FIRST: Final = {"Method": 4, "Model": 4, "Benchmark": 4, "Organization": 4, "Task": 2}
"""What a paper counts for an entity where the overview is chosen; concepts are named most and say least."""
_COMPANIONS: Final = 12


class Parts:
    """Makes parts of one generation; safe to use from several threads."""

    def __init__(self, outline: Outline, index: Index, catalog: Catalog, names: Namespace) -> None:
        self._outline, self._index, self._catalog, self._names = outline, index, catalog, names
        self._network = Network(outline)
        self._entities = len(outline.entities)
        self._weight = [_SHOWN_FIRST.get(entity.type, 1) * entity.num_papers for entity in outline.entities]
        relation = {name: number for number, name in enumerate(outline.relations)}.get(VARIANT_OF, -1)
        sources = outline.edges[outline.edges[:, 1] == relation, 0]
        self._variants = {outline.entities[node].slug for node in set(sources.tolist())}
        counts = {kind: len(index.of_type(kind)) for kind in ENTITY_TYPES}
        papers = {PAPER: index.num_papers} if index.num_papers else {}
        self._classes = class_rows({kind: n for kind, n in counts.items() if n} | papers)
        self._relations = relation_rows(outline.relations)

    def find(self, node: str) -> int | None:
        """Return the number of `entity:<slug>` or `paper:<id>`, or None."""
        kind, _, local = node.partition(":")
        if kind == "entity" and (entity := self._index.find_entity(local)):
            return entity.number
        if kind == "paper" and (paper := self._index.find_paper(local)):
            return self._entities + paper.number
        return None

    def overview(self, title: str) -> Part:
        """Return the head of the data and the strongest part of the graph, laid out."""
        import networkx as nx

        papers = range(self._entities, self._entities + min(_NEWEST, self._index.num_papers))
        nodes = sorted({*self._network.strongest(_DRAWN, self._weight), *papers})
        rows = self._network.among(nodes)
        graph: nx.Graph[str] = nx.Graph()
        for node in nodes:
            graph.add_node(self._id(node), node_class=self._class(node))
        graph.add_edges_from((self._id(source), self._id(target)) for source, _, target, _ in rows.tolist())
        found = arrange(graph)
        part = self._part(nodes, self._edges(rows, {}))
        part["nodes"] |= {
            "x": [int(found.places[self._id(node)][0]) for node in nodes],
            "y": [int(found.places[self._id(node)][1]) for node in nodes],
            "group": [found.groups[self._id(node)] for node in nodes],
        }
        return {
            "title": title,
            "with_text": True,
            "base": self._names.base,
            "counts": {"entities": self._entities, "papers": self._index.num_papers},
            "classes": self._classes,
            "relations": self._relations,
            "months": self._index.months(range(self._index.num_papers)),
            **part,
        }

    def bare(self, nodes: Iterable[int]) -> Part:
        """Return some nodes without edges."""
        return self._part(sorted(set(nodes)), ())

    def neighbourhood(self, node: int, hops: int, limit: int) -> Part:
        """Return the strongest nodes around a node and the edges among them, without evidence."""
        nodes = sorted(self._network.neighbourhood(node, hops, limit))
        return self._part(nodes, self._edges(self._network.among(nodes), {})) | {"show": nodes}

    def path(self, start: int, end: int) -> Part:
        """Return a shortest path: its nodes in order (`path`, None if none), edges and evidence."""
        nodes = self._network.path(start, end)
        if nodes is None:
            return self._part(sorted({start, end}), ()) | {"path": None, "show": []}
        rows = [row for a, b in pairwise(nodes) for row in self._network.among([a, b]).tolist()]
        saying = dict.fromkeys(row[3] for row in rows)
        read = self._read(list(saying)[: 4 * len(nodes)])
        everything = {*nodes, *(self._entities + paper for paper in read.numbers)}
        edges = self._edges(rows, read.support)
        return self._part(sorted(everything), edges, read) | {"path": nodes, "show": nodes}

    def details(self, node: int, reader: Reader) -> Part:
        """Return what the panel of an entity or a paper shows, with evidence."""
        return self._paper(node, reader) if node >= self._entities else self._entity(node, reader)

    def _paper(self, node: int, reader: Reader) -> Part:
        paper = self._index.paper(node - self._entities)
        named = {int(row[2]) for row in self._network.at(node)}
        read = self._read([paper.number])
        results = reader.results("inPaper", self._names.paper(paper.id))[:_RESULTS]
        nodes = {node, *named, *_nodes_of(results, self._entities)}
        edges = self._edges(self._network.among({node, *named}), read.support)
        part = self._part(sorted(nodes), edges, read)
        return part | {"results": self._results(results), "show": sorted({node, *named})}

    def _entity(self, node: int, reader: Reader) -> Part:
        papers = self._index.papers_of(node)
        shown = papers[:_PAPERS].tolist()
        ties, saying = self._ties(node)
        introducing = self._index.papers_in_role("introduces", node)[::-1].tolist()
        iri = self._names.entity(self._index.entity(node).slug)
        on_it = [*reader.results("benchmark", iri), *reader.results("subject", iri)]
        results = on_it[:_RESULTS]
        companions = self._index.companions(node, _COMPANIONS)
        read = self._read(dict.fromkeys([*shown, *saying]))
        show = {node, *ties, *(self._entities + n for n in shown), *(other for other, _ in companions)}
        nodes = {
            *show,
            *(self._entities + n for n in [*read.numbers, *introducing[:_READ]]),
            *_nodes_of(results, self._entities),
        }
        edges = self._edges(self._network.among(show), read.support)
        months = self._index.months(papers.tolist())
        dates = (
            [date for n in papers[[0, -1]].tolist() if (date := self._index.paper(n).date)]
            if len(papers)
            else []
        )
        return self._part(sorted(nodes), edges, read) | {
            "results": self._results(results),
            "show": sorted(show),
            "facts": {
                "node": node,
                "papers": len(papers),
                "listed": [self._entities + n for n in shown],
                "introduced": [self._entities + n for n in introducing[:_READ]],
                "dates": sorted(dates),
                "roles": {role: len(self._index.papers_in_role(role, node)) for role in ROLES},
                "months": months,
                "companions": companions,
                "results": len(on_it),
            },
        }

    def _ties(self, node: int) -> tuple[list[int], list[int]]:
        """Return the entities that an entity has ties of some kind to, and papers that say so."""
        papers: defaultdict[tuple[int, bool, int], list[int]] = defaultdict(list)
        for source, relation, target, paper in self._network.at(node).tolist():
            if source < self._entities:
                papers[relation, source == node, target if source == node else source].append(paper)
        by_kind: defaultdict[tuple[int, bool], list[tuple[int, int, int]]] = defaultdict(list)
        for (relation, forwards, other), saying in papers.items():
            by_kind[relation, forwards].append((-len(saying), other, min(saying)))
        best = [sorted(found) for _, found in sorted(by_kind.items())]
        ties = [other for found in best for _, other, _ in found[:_TIES]]
        return ties, [paper for found in best for _, _, paper in found[:_READ]]

    def _part(self, nodes: Sequence[int], edges: Sequence[Edge], read: _Read | None = None) -> Part:
        """Return the columns of nodes, in ascending order, and of edges."""
        entities = [node for node in nodes if node < self._entities]
        titled = [self._index.paper(node - self._entities) for node in nodes if node >= self._entities]
        papers = self._papers(titled, read)
        columns = entity_columns(
            [self._outline.entities[node] for node in entities],
            {row[0]: number for number, row in enumerate(self._classes)},
            self._names,
        )
        listed = paper_columns(papers, self._names, with_text=read is not None)
        if read is not None:
            texts = {paper.id for paper in read.papers}
            listed["abstract"] = [p.abstract if p.id in texts else None for p in papers]
        mentioned = {end for edge in edges for end in (edge.source, edge.target)}
        saying = {f"paper:{support.paper}" for edge in edges for support in edge.support}
        numbers = {name: number for name in mentioned | saying if (number := self.find(name)) is not None}
        return {
            "nodes": {"degree": [int(self._network.degree[node]) for node in nodes]},
            "entities": {
                "number": entities,
                "papers": [self._outline.entities[node].num_papers for node in entities],
                **columns,
            },
            "papers": {"number": [self._entities + paper.number for paper in titled], **listed},
            **edge_columns(
                edges,
                numbers,
                [row[0] for row in self._relations],
                {paper.id: paper for paper in read.papers} if read else {},
            ),
            "results": [],
        }

    def _papers(self, titled: Iterable[Titled], read: _Read | None) -> list[Paper]:
        wanted = [paper.id for paper in titled]
        known = {paper.id: paper for paper in read.papers} if read else {}
        known |= {paper.id: paper for paper in self._catalog.papers(set(wanted) - known.keys())}
        return [known[paper] for paper in wanted]

    def _edges(
        self, rows: Ints | Sequence[Sequence[int]], support: Mapping[tuple[EdgeKey, str], Sequence[Support]]
    ) -> list[Edge]:
        """Return rows of the outline as edges, with the evidence that was read for them."""
        papers: defaultdict[tuple[int, int, int], list[int]] = defaultdict(list)
        for row in rows:
            source, relation, target, paper = map(int, row)
            papers[source, relation, target].append(paper)
        edges = []
        for (source, relation, target), saying in papers.items():
            key = (self._id(source), self._outline.relations[relation], self._id(target))
            found: list[Support] = []
            for said_in in (self._outline.papers[number].id for number in saying):
                # How sure a paper is stands in its extraction, which is read for evidence only.
                found += support.get((key, said_in), [Support(said_in, (), 0.0, "")])
            edges.append(Edge(" ".join(key), *key, tuple(found), None))
        return edges

    def _read(self, numbers: Iterable[int]) -> _Read:
        """Read what some papers say, for each edge."""
        listed = list(numbers)
        ids = {self._index.paper(number).id for number in listed}
        derived = Derived(self._catalog.cursor())
        slugs = derived.slugs(ids)
        named = self._variants & set(slugs.values())
        rows = derived.entities("slug", named) if named else []
        variants = {row.slug: found for row in rows if (found := entity_rows.variant(row)) is not None}
        papers = list(self._catalog.papers(ids))
        extractions = {e.extraction.id: e.extraction for e in self._catalog.extractions("paper_id", ids)}
        support: defaultdict[tuple[EdgeKey, str], list[Support]] = defaultdict(list)
        for paper in papers:
            for key, item in PaperReader(paper, extractions.get(paper.id), slugs).supports(variants):
                support[key, paper.id].append(item)
        return _Read(listed, papers, support)

    def _results(self, results: Iterable[Reported]) -> list[list[Any]]:
        return [_result_row(result, self._entities) for result in results]

    def _id(self, node: int) -> str:
        if node < self._entities:
            return f"entity:{self._outline.entities[node].slug}"
        return f"paper:{self._outline.papers[node - self._entities].id}"

    def _class(self, node: int) -> str:
        return PAPER if node >= self._entities else self._outline.entities[node].type


def _nodes_of(results: Iterable[Reported], entities: int) -> set[int]:
    """Return the nodes that results name."""
    found: set[int] = set()
    for result in results:
        found.add(entities + result.paper.number)
        found |= {one.node for one in (result.subject, result.benchmark, result.baseline) if one}
    return found


def _result_row(result: Reported, entities: int) -> list[Any]:
    """Return a result as `kg.columns.result_row` does."""
    paper = entities + result.paper.number
    place = result.place
    return [
        paper,
        result.subject.node if result.subject else paper,
        result.benchmark.node if result.benchmark else few_words(result.benchmark_written) or None,
        few_words(result.metric) or None,
        few_words(result.written),
        None if result.value is None else float(result.value),
        result.baseline.node if result.baseline else None,
        result.kind,
        int(place is not None and place.field == "title"),
        place.start if place else 0,
        place.end - place.start if place else 0,
    ]
