"""What the pages show, as values: read from one generation, ready for a template."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Final

import pyoxigraph as ox

from kg.catalog import Catalog
from kg.model import ENTITY_TYPES, Paper
from kg.names import clean_latex
from kg.server.charts import Chart, month_chart
from kg.server.index import ROLES, Index, Named, Titled
from kg.server.text import Piece, Place, marked, place_of
from kg.vocab import PREFIXES, Namespace, arxiv_page

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "extends": ("Extends", "Extended by"),
    "builtOn": ("Built on", "Base of"),
    "variantOf": ("Variant of", "Variants"),
    "partOf": ("Part of", "Parts"),
    "outperforms": ("Said to outperform", "Said to be outperformed by"),
    "trainedOn": ("Trained on", "Training data of"),
    "evaluatedOn": ("Evaluated on", "Evaluated here"),
}
"""Each relation between entities, read forwards and backwards."""
LINEAGE: Final = ("extends", "builtOn", "variantOf", "partOf")
ROLE_WORDS: Final[Mapping[str, str]] = {
    "introduces": "introduces",
    "uses": "uses",
    "evaluatesOn": "evaluates on",
    "comparesTo": "compares to",
    "mentions": "mentions",
    "affiliatedWith": "affiliated with",
}
_SAID: Final = {
    "parameters": "parameters",
    "sizeWritten": "size",
    "version": "version",
    "tuning": "tuning",
    "quantisation": "quantisation",
    "snapshot": "snapshot",
    "part": "part",
}
PAGE: Final = 50
"""Rows of a page of a list."""
_DEFAULT: Final = ox.DefaultGraph()
_AKG: Final = PREFIXES["akg"]


@dataclass(frozen=True, slots=True)
class Linked:
    """An entity or a paper that another one is related to; `node` is its number in the outline."""

    node: int
    path: str
    name: str
    type: str
    papers: int


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A paper in a list, with what it does with the entity of the page."""

    paper: Titled
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reported:
    """A number that a paper reports."""

    subject: Linked | None
    benchmark: Linked | None
    benchmark_written: str
    metric: str
    written: str
    value: Decimal | None
    kind: str
    baseline: Linked | None
    paper: Titled
    confidence: str
    place: Place | None
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class EntityPage:
    """All that the page of an entity shows."""

    iri: str
    entity: Named
    kind: str
    aliases: tuple[str, ...]
    said: tuple[tuple[str, str], ...]
    elsewhere: tuple[tuple[str, str], ...]
    senses: tuple[Linked, ...]
    introduced_by: tuple[Titled, ...]
    num_papers: int
    chart: Chart | None
    papers: tuple[PaperRow, ...]
    related: Mapping[str, tuple[Linked, ...]]
    on_benchmark: tuple[Reported, ...]
    of_subject: tuple[Reported, ...]
    neighbours: Mapping[str, Sequence[tuple[Named, int]]]


@dataclass(frozen=True, slots=True)
class NamedInPaper:
    """An entity that a paper names: in which role, how sure, and where."""

    entity: Linked
    role: str
    confidence: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Stated:
    """A relation that a paper states."""

    head: Linked | None
    words: str
    tail: Linked | None
    confidence: str
    place: Place | None
    evidence: str


@dataclass(frozen=True, slots=True)
class PaperPage:
    """All that the page of a paper shows; a `key` of a piece of text is the path of an entity."""

    iri: str
    paper: Titled
    source: Paper | None
    authors: tuple[str, ...]
    organizations: tuple[Linked, ...]
    title: tuple[Piece, ...]
    abstract: tuple[Piece, ...]
    named: Mapping[str, tuple[NamedInPaper, ...]]
    stated: tuple[Stated, ...]
    results: tuple[Reported, ...]


class Reader:
    """Reads pages from the store, the index and the catalog of one generation."""

    def __init__(self, store: ox.Store, index: Index, catalog: Catalog, names: Namespace) -> None:
        self._store, self._index, self._catalog, self._names = store, index, catalog, names

    def path(self, iri: str) -> str:
        """Return where this server answers for an IRI; another's IRI stays."""
        base = self._names.base
        return "/" + iri[len(base) :] if iri.startswith(base) else iri

    def linked(self, iri: str) -> Linked | None:
        """Return an entity or paper by its IRI, or None if the graph holds no such."""
        node = self._names.node_id(iri) or ""
        kind, _, local = node.partition(":")
        if kind == "entity" and (entity := self._index.find_entity(local)):
            return Linked(entity.number, self.path(iri), entity.name, entity.type, entity.papers)
        if kind == "paper" and (paper := self._index.find_paper(local)):
            return Linked(len(self._index) + paper.number, self.path(iri), paper.title, "Paper", 1)
        return None

    def senses(self, slug: str) -> tuple[Linked, ...]:
        """Return what an ambiguous name may mean, most papers first; nothing if it is not ambiguous."""
        return self._links(self._values(self._names.entity(slug)).get("sense", []))

    def entity(self, entity: Named, *, rows: int = 12) -> EntityPage:
        """Return the page of an entity, with its newest papers."""
        iri = self._names.entity(entity.slug)
        facts = self._values(iri)
        papers = self._index.papers_of(entity.number)
        related: dict[str, tuple[Linked, ...]] = {}
        for relation in WORDS:
            forwards, backwards = WORDS[relation]
            if found := self._links(facts.get(relation, [])):
                related[forwards] = found
            if found := self._links(self._subjects(relation, iri)):
                related[backwards] = found
        ambiguous = [other for other in self._subjects("sense", iri) if other != iri]
        senses = [s for other in ambiguous for s in self._values(other).get("sense", []) if s != iri]
        return EntityPage(
            iri=iri,
            entity=entity,
            kind=facts.get("kind", [""])[0],
            aliases=tuple(sorted(facts.get("altLabel", []), key=lambda a: (a.casefold(), a))),
            said=tuple((word, facts[key][0]) for key, word in _SAID.items() if key in facts),
            elsewhere=tuple(
                (words, url)
                for key, words in (("exactMatch", "Same as"), ("closeMatch", "Close to"))
                for url in sorted(facts.get(key, []))
            )
            + tuple(("First in", url) for url in sorted(facts.get("introducedIn", []))),
            senses=self._links(senses),
            introduced_by=tuple(self._index.papers_with(entity.number, "introduces")[::-1]),
            num_papers=len(papers),
            chart=month_chart(self._index.months(papers.tolist())),
            papers=tuple(
                PaperRow(paper, roles)
                for paper, roles in self._index.with_roles(entity.number, papers[:rows].tolist())
            ),
            related=related,
            on_benchmark=self.results("benchmark", iri),
            of_subject=self.results("subject", iri),
            neighbours=self._index.neighbours(entity.number, 8),
        )

    def results(self, predicate: str, iri: str) -> tuple[Reported, ...]:
        """Return the numbers whose subject, benchmark or paper is `iri`.

        Those on known benchmarks come first, then the surest.
        """
        nodes: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
        rows = self._store.query(f"SELECT ?r ?p ?o {{ ?r <{_AKG}{predicate}> {ox.NamedNode(iri)} ; ?p ?o }}")
        if isinstance(rows, ox.QuerySolutions):
            for node, fact, value in rows:
                nodes[node.value].setdefault(_local(fact), []).append(_value(value))
        found = [r for node in sorted(nodes) if (r := self._reported(nodes[node]))]
        found.sort(key=lambda r: (not r.benchmark, -float(r.confidence or 0), r.paper.number, r.written))
        return tuple(found)

    def with_evidence(self, results: Iterable[Reported]) -> list[Reported]:
        """Return results with the words of their papers that report them."""
        listed = list(results)
        papers = {paper.id: paper for paper in self._catalog.papers(r.paper.id for r in listed)}
        return [replace(r, evidence=_words(papers.get(r.paper.id), r.place)) for r in listed]

    def paper(self, paper: Titled) -> PaperPage:
        """Return the page of a paper."""
        iri = self._names.paper(paper.id)
        source = next(self._catalog.papers([paper.id]), None)
        facts = self._values(iri)
        graph = ox.NamedNode(iri)
        nodes: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for quad in self._store.quads_for_pattern(None, None, None, graph):
            if isinstance(quad.subject, ox.NamedNode):
                nodes[quad.subject.value][_local(quad.predicate)].append(_value(quad.object))
        meant = {node: self._meant(node) for node in nodes if "mentionName" in nodes[node]}
        roles = {node: role for role in ROLES for node in nodes[iri].get(role, [])}
        named: defaultdict[str, list[NamedInPaper]] = defaultdict(list)
        marks: dict[Place, str] = {}
        for node, entity in sorted(meant.items()):
            if entity is None:
                continue
            places = tuple(sorted(_places(nodes[node]["span"]), key=lambda p: (p.field, p.start)))
            marks.update(dict.fromkeys(places, entity.path))
            role = roles.get(node, "mentions")
            named[role].append(NamedInPaper(entity, role, nodes[node]["confidence"][0], places))
        for listed in named.values():
            listed.sort(key=lambda n: (-float(n.confidence), n.entity.name))
        stated = []
        for node in sorted(nodes):
            said = nodes[node]
            if "predicate" in said and "subject" in said and "object" in said:
                head, tail = said["subject"][0], said["object"][0]
                place = next(iter(_places(said["span"])), None)
                relation = said["predicate"][0].removeprefix(_AKG)
                forwards = WORDS.get(relation, (relation, relation))[0].lower()
                stated.append(
                    Stated(
                        meant.get(head),
                        forwards,
                        meant.get(tail),
                        said["confidence"][0],
                        place,
                        _words(source, place),
                    )
                )
        results = self.with_evidence(self.results("inPaper", iri))
        anchors = [p for p in (*(s.place for s in stated), *(r.place for r in results)) if p]
        return PaperPage(
            iri=iri,
            paper=paper,
            source=source,
            authors=self._authors(facts),
            organizations=self._links(facts.get("affiliatedWith", [])),
            title=tuple(_pieces("title", paper.title, marks, anchors)),
            abstract=tuple(_pieces("abstract", source.abstract if source else "", marks, anchors)),
            named={role: tuple(named[role]) for role in ROLES if role in named},
            stated=tuple(stated),
            results=tuple(results),
        )

    def _authors(self, facts: Mapping[str, list[str]]) -> tuple[str, ...]:
        """Return the authors in their order."""
        placed = []
        for node in facts.get("author", []):
            said = self._values(node)
            placed.append((int(said.get("position", ["0"])[0]), said.get("name", [""])[0]))
        return tuple(name for _, name in sorted(placed))

    def _meant(self, mention: str) -> Linked | None:
        graph = ox.NamedNode(self._names.base + "resolution")
        found = self._store.quads_for_pattern(
            ox.NamedNode(mention), ox.NamedNode(_AKG + "resolvedTo"), None, graph
        )
        entities = (quad.object for quad in found)
        return next((self.linked(e.value) for e in entities if isinstance(e, ox.NamedNode)), None)

    def _reported(self, facts: Mapping[str, list[str]]) -> Reported | None:
        paper_iri = facts.get("inPaper", [""])[0]
        paper_id = (self._names.node_id(paper_iri) or "").removeprefix("paper:")
        paper = self._index.find_paper(paper_id)
        if paper is None:
            return None
        one = {key: values[0] for key, values in facts.items()}
        try:
            value = Decimal(one["value"]) if "value" in one else None
        except InvalidOperation:
            value = None
        return Reported(
            subject=self.linked(one.get("subject", "")),
            benchmark=self.linked(one.get("benchmark", "")),
            benchmark_written=one.get("benchmarkWritten", ""),
            metric=clean_latex(one.get("metric", "")),
            written=clean_latex(one.get("valueWritten", "")),
            value=value,
            kind=one.get("resultKind", ""),
            baseline=self.linked(one.get("baseline", "")),
            paper=paper,
            confidence=one.get("confidence", ""),
            place=next(iter(_places(facts.get("span", []))), None),
        )

    def _values(self, iri: str) -> dict[str, list[str]]:
        """Return the plain facts of a node: local name of the predicate to values, sorted."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for quad in self._store.quads_for_pattern(ox.NamedNode(iri), None, None, _DEFAULT):
            found[_local(quad.predicate)].append(_value(quad.object))
        return {key: sorted(values) for key, values in found.items()}

    def _subjects(self, predicate: str, iri: str) -> list[str]:
        found = self._store.quads_for_pattern(
            None, ox.NamedNode(_AKG + predicate), ox.NamedNode(iri), _DEFAULT
        )
        return sorted(quad.subject.value for quad in found if isinstance(quad.subject, ox.NamedNode))

    def _links(self, iris: Iterable[str]) -> tuple[Linked, ...]:
        found = {linked.path: linked for iri in iris if (linked := self.linked(iri))}
        return tuple(sorted(found.values(), key=lambda one: (-one.papers, one.name, one.path)))


def path_of(thing: Named | Titled | Linked) -> str:
    """Return where the page of a thing is."""
    if isinstance(thing, Linked):
        return thing.path
    names = Namespace("http://x/")
    iri = names.entity(thing.slug) if isinstance(thing, Named) else names.paper(thing.id)
    return iri[len("http://x") :]


def sorted_results(results: Iterable[Reported], order: str) -> list[Reported]:
    """Return results in an order: `value` or `-value`, `system`, `metric`, `date`, `confidence`."""
    listed = sorted(results, key=lambda r: (r.paper.number, r.written, _subject(r)))
    if order in {"value", "-value"}:
        known = [r for r in listed if r.value is not None]
        known.sort(key=lambda r: r.value or Decimal(0), reverse=order == "-value")
        return known + [r for r in listed if r.value is None]
    if order == "system":
        return sorted(listed, key=lambda r: _subject(r).casefold())
    if order == "metric":
        return sorted(listed, key=lambda r: (not r.metric, r.metric.casefold()))
    if order == "confidence":
        return sorted(listed, key=lambda r: -float(r.confidence or 0))
    return listed


def metrics_of(results: Iterable[Reported]) -> list[tuple[str, int]]:
    """Return the metrics of results with their counts, most used first; an empty name for none."""
    counted: defaultdict[str, int] = defaultdict(int)
    for result in results:
        counted[result.metric] += 1
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))


def outside_links(source: Paper | None, paper_id: str) -> list[tuple[str, str]]:
    """Return the web addresses of a paper with a word for each; only those a browser may follow."""
    page = arxiv_page(paper_id)
    found = [("arXiv", page)] if page is not None else []
    for link in source.urls if source else ():
        words = {"code": "Code", "project": "Project page", "page": "Paper"}.get(link.kind, "Link")
        if link.url.startswith(("https://", "http://")):
            found.append((words, link.url))
    return list(dict.fromkeys(found))


def _subject(result: Reported) -> str:
    return result.subject.name if result.subject else ""


def _pieces(name: str, text: str, marks: Mapping[Place, str], anchors: Iterable[Place]) -> list[Piece]:
    here = {place: path for place, path in marks.items() if place.field == name}
    return marked(text, here, [place for place in anchors if place.field == name])


def _words(paper: Paper | None, place: Place | None) -> str:
    if paper is None or place is None:
        return ""
    text = paper.title if place.field == "title" else paper.abstract
    return text[place.start : place.end]


def _places(iris: Iterable[str]) -> list[Place]:
    return [place for iri in iris if (place := place_of(iri))]


def _local(predicate: ox.NamedNode) -> str:
    return predicate.value.replace("#", "/").rsplit("/", 1)[-1]


def _value(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> str:
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else str(term)


TYPE_NAMES: Final = dict(
    zip(
        ENTITY_TYPES,
        ("methods", "models", "benchmarks", "organisations", "tasks", "concepts", "metrics"),
        strict=True,
    )
)
"""The plural of each type, as pages and addresses have it."""
