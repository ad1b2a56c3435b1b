"""What is wrong with a graph, in words: first what is cheap to check, then SHACL.

A graph stands in two places, the catalog with what was read and the RDF store that is derived from it. The
checks hold them against each other, and the store against itself; each names the paper and the stretch of
its text that a fault is about.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Final

from kg.graph import KnowledgeGraph
from kg.model import Evidence, Field, Span
from kg.names import few_words, slug
from kg.progress import Progress
from kg.shacl import rows, validate_store
from kg.store import Store
from kg.terms import AKG, ENTITY_CLASSES, OWN, RELATION_PROPERTIES, ROLE_PROPERTIES, term
from kg.vocab import AFFILIATED, IMPLIED_ROLE, PREFIXES, RELATION, ROLE_RELATION, Namespace

LIMIT: Final = 3000
"""SHACL looks at so many documents and paper graphs at most, unless told to look at all."""

_SPAN: Final = re.compile(r"(?P<paper>.+)#(?P<field>title|abstract)-(?P<start>\d+)-(?P<end>\d+)")
_DECIMAL: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)")
_ELSEWHERE: Final = {AKG.span, AKG.subjectPaper, AKG.objectPaper}
"""What these lead to need not be described: offsets in an IRI, papers that a decision names."""
_IMPLIED: Final = {
    relation: term(f"akg:{ROLE_RELATION[IMPLIED_ROLE[name]]}")
    for name, relation in zip(RELATION, RELATION_PROPERTIES, strict=True)
}
"""From a relation to what it implies of the paper that states it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: what is wrong, at which node, and in which paper and stretch of its text if known.

    `span` is field and offsets, such as `abstract 12-20`.
    """

    problem: str
    node: str | None = None
    paper: str | None = None
    title: str | None = None
    span: str | None = None

    def __str__(self) -> str:
        paper = f"paper {self.paper}" if self.paper else ""
        place = [paper, f"“{few_words(self.title)}”" if self.title else "", self.span or ""]
        where = " ".join(part for part in place if part) or self.node or ""
        return f"{where}: {self.problem}" if where else self.problem


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, what it looked at in words with counts, and what is wrong."""

    name: str
    looked_at: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """All checks of a graph, in order."""

    checks: tuple[Check, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All that is wrong."""
        return tuple(finding for check in self.checks for finding in check.findings)


Edge = tuple[str, str, str]


def validate(
    graph: KnowledgeGraph, store: Store, *, limit: int | None = LIMIT, on_progress: Progress | None = None
) -> Report:
    """Return what is wrong with a graph and its RDF store.

    Args:
        graph: The graph, derived from the catalog.
        store: The RDF store that was written for it.
        limit: SHACL looks at so many documents and paper graphs at most; None for all. The other checks
            always look at everything.
        on_progress: Called with the stage, how much is done, and how much there is.
    """
    both = _Both(graph, store)
    checks: tuple[tuple[str, Callable[[], Check]], ...] = (
        ("counts", both.counts),
        ("spans", both.spans),
        ("evidence", both.evidence),
        ("numbers", both.numbers),
        ("links", both.links),
        ("graphs", both.graphs),
        ("resolution", both.resolution),
        ("terms", both.terms),
        ("shapes", lambda: both.shapes(limit, on_progress)),
    )
    done = []
    for index, (name, check) in enumerate(checks):
        if on_progress is not None:
            on_progress(f"checking {name}", index, len(checks))
        done.append(check())
    return Report(tuple(done))


class _Both:
    """A graph beside its store; each method is one check."""

    def __init__(self, graph: KnowledgeGraph, store: Store) -> None:
        self._graph, self._store = graph, store
        self._names: Namespace = graph.namespace
        self._papers = {paper.id: paper for paper in graph.papers}
        self._resolution = graph.namespace.base + "resolution"

    # What the store says

    def _rows(self, sparql: str) -> Iterator[tuple[str, ...]]:
        return rows(self._store, sparql)

    def _pairs(self, sparql: str) -> dict[str, str]:
        return {row[0]: row[1] for row in self._rows(sparql)}

    @cached_property
    def _types(self) -> dict[str, str]:
        """The class of each node of the default graph."""
        return self._pairs("SELECT ?s ?class WHERE { ?s a ?class }")

    @cached_property
    def _edges(self) -> set[Edge]:
        """The edges of the default graph."""
        return {(s, p, o) for s, p, o in self._rows(f"SELECT ?s ?p ?o WHERE {{ {_any_edge()} ?s ?p ?o }}")}

    @cached_property
    def _said(self) -> set[Edge]:
        """The edges of all paper graphs, between papers and mentions."""
        asked = f"SELECT ?s ?p ?o WHERE {{ {_any_edge()} GRAPH ?g {{ ?s ?p ?o }} }}"
        return {(s, p, o) for s, p, o in self._rows(asked)}

    @cached_property
    def _resolved(self) -> dict[str, str]:
        """From a mention to its entity."""
        asked = f"SELECT ?s ?o WHERE {{ GRAPH <{self._resolution}> {{ ?s <{AKG.resolvedTo}> ?o }} }}"
        return self._pairs(asked)

    @cached_property
    def _mentions(self) -> dict[str, str]:
        """From a mention to the graph that describes it."""
        return self._pairs(f"SELECT ?s ?g WHERE {{ GRAPH ?g {{ ?s <{AKG.mentionName}> ?name }} }}")

    # How a fault is told

    def _in_paper(
        self, problem: str, paper_id: str, span: Span | Evidence | None = None, *, node: str | None = None
    ) -> Finding:
        paper = self._papers.get(paper_id)
        title = paper.title if paper else None
        where = f"{span.field} {span.start}-{span.end}" if span else None
        return Finding(problem, node or self._names.paper(paper_id), paper_id, title, where)

    def _at(self, problem: str, node: str) -> Finding:
        """Return a fault at a node, with the paper that the node is or belongs to."""
        iri, _, fragment = node.partition("#")
        node_id = self._names.node_id(iri) or ""
        kind, _, local = node_id.partition(":")
        if kind != "paper":
            return Finding(problem, node)
        span = _SPAN.fullmatch(node)
        if span:
            return self._in_paper(problem, local, _evidence(span), node=node)
        return self._in_paper(f"#{fragment}: {problem}" if fragment else problem, local, node=node)

    # The checks

    def counts(self) -> Check:
        """Hold the numbers of the catalog against those of the store."""
        graph, classes = self._graph, Counter(self._types.values())
        statements = "SELECT (COUNT(?s) AS ?n) WHERE { GRAPH ?g { ?s rdf:predicate ?p } }"
        stored_statements = int(next(self._rows(statements))[0])
        mentions = {(e.id, slug(m.name)) for e in graph.extractions for m in e.mentions}
        relations = {
            (e.id, slug(r.head), r.type, slug(r.tail)) for e in graph.extractions for r in e.relations
        }
        pairs = [
            ("papers", len(graph.papers), classes[term("fabio:Preprint")]),
            ("entities", len(graph.entities), sum(classes[name] for name in ENTITY_CLASSES)),
            ("edges", len(graph.edges), len(self._edges)),
            ("results", len(graph.results), classes[AKG.Result]),
            ("mentions", len(mentions), len(self._mentions)),
            ("statements", len(relations), stored_statements),
        ]
        found = [
            Finding(f"the catalog gives {ours:,} {what}, the RDF store has {theirs:,}; build the graph again")
            for what, ours, theirs in pairs
            if ours != theirs
        ]
        told = ", ".join(f"{ours:,} {what}" for what, ours, _ in pairs)
        asked = f"SELECT ?n WHERE {{ <{self._names.base}dataset> void:triples ?n }}"
        for (number,) in self._rows(asked):
            if number != str(len(self._store)):
                found.append(Finding(f"the graph says it has {number} triples, it has {len(self._store)}"))
        return Check("counts", f"{told} in catalog and store", tuple(found))

    def spans(self) -> Check:
        """Check that each stretch lies in its text, and that what stands there is what was noted."""
        found: list[Finding] = []
        count = 0
        for extraction in self._graph.extractions:
            if extraction.id not in self._papers:
                found.append(
                    self._in_paper("what was extracted is of no paper of the catalog", extraction.id)
                )
                continue
            noted: list[tuple[str, Span | Evidence]] = [
                (mention.name, span) for mention in extraction.mentions for span in mention.spans
            ]
            noted += [(f"{r.head} {r.type} {r.tail}", r.evidence) for r in extraction.relations]
            noted += [(r.value, r.evidence) for r in extraction.results]
            count += len(noted)
            for what, span in noted:
                problem = self._span_problem(extraction.id, span)
                if problem:
                    found.append(self._in_paper(f"{what}: {problem}", extraction.id, span))
        stored = sorted(
            {row[0] for row in self._rows(f"SELECT ?o WHERE {{ {_anywhere(f'?s <{AKG.span}> ?o')} }}")}
        )
        for node in stored:
            match = _SPAN.fullmatch(node)
            if match is None:
                found.append(self._at("is no IRI of a stretch of text", node))
                continue
            kind, _, local = (self._names.node_id(match["paper"]) or "").partition(":")
            if kind != "paper" or local not in self._papers:
                found.append(Finding("a stretch of text of no paper of the graph", node))
            elif problem := self._span_problem(local, _evidence(match)):
                found.append(self._in_paper(problem, local, _evidence(match), node=node))
        return Check("spans", f"{count:,} in the catalog, {len(stored):,} in the store", tuple(found))

    def _span_problem(self, paper_id: str, span: Span | Evidence) -> str | None:
        text = self._papers[paper_id].text(span.field)
        if not 0 <= span.start < span.end <= len(text):
            return f"not within the {span.field}, which has {len(text):,} characters"
        if isinstance(span, Span) and text[span.start : span.end] != span.text:
            stands = few_words(text[span.start : span.end])
            return f"noted as {few_words(span.text)!r}, but {stands!r} stands there"
        return None

    def evidence(self) -> Check:
        """Check that each edge follows from what papers say, in the catalog and within the store."""
        found: list[Finding] = []
        papers: dict[Edge, str] = {}
        for edge in self._graph.edges:
            iris = self._edge(edge.source, edge.relation, edge.target)
            papers[iris] = edge.support[0].paper if edge.support else ""
            without = [s for s in edge.support if not s.spans and edge.relation != AFFILIATED]
            if without or not edge.support:
                problem = f"no stretch of text shows {_words(iris)}"
                found.append(self._in_paper(problem, without[0].paper) if without else Finding(problem))
        for iris in sorted(self._edges - papers.keys()):
            found.append(self._at(f"{_words(iris)} stands in the store and follows from no paper", iris[0]))
        for iris in sorted(papers.keys() - self._edges):
            found.append(self._in_paper(f"{_words(iris)} is missing in the store", papers[iris]))
        derived = self._derived()
        exempt = {AKG.affiliatedWith, AKG.variantOf}
        for iris in sorted(
            edge for edge in self._edges - derived if edge[1] not in exempt and edge in papers
        ):
            found.append(self._in_paper(f"no paper graph of the store says {_words(iris)}", papers[iris]))
        return Check("evidence", f"{len(papers):,} edges", tuple(found))

    def _edge(self, source: str, relation: str, target: str) -> Edge:
        return self._names.node(source), term(f"akg:{relation}"), self._names.node(target)

    def _derived(self) -> set[Edge]:
        """Return the edges that follow from paper graphs and the resolution of their mentions."""
        found: set[Edge] = set()
        for subject, predicate, value in self._said:
            target = self._resolved.get(value)
            source = self._resolved.get(subject, subject)
            if target is None:
                continue
            found.add((source, predicate, target))
            if predicate in _IMPLIED:
                found.add((subject.partition("#")[0], _IMPLIED[predicate], target))
        return found

    def numbers(self) -> Check:
        """Check that decimals are decimals, values those of the catalog, and confidences within 0 and 1."""
        found: list[Finding] = []
        values = {f"{self._names.base}result/{r.id}": r for r in self._graph.results}
        names = f"VALUES ?p {{ <{AKG.value}> <{AKG.confidence}> <{AKG.parameters}> }}"
        count = 0
        for node, predicate, text in self._rows(
            f"SELECT ?s ?p ?o WHERE {{ {names} {_anywhere('?s ?p ?o')} }}"
        ):
            count += 1
            name = predicate.removeprefix(PREFIXES["akg"])
            result = values.get(node)
            if _DECIMAL.fullmatch(text) is None:
                problem = f"{name} {few_words(text)!r} is no decimal"
            elif predicate == AKG.confidence and not 0 <= Decimal(text) <= 1:
                problem = f"confidence {text} is not between 0 and 1"
            elif predicate == AKG.value and result is not None and Decimal(text) != result.value:
                problem = f"value {text} is {result.value} in the catalog, written {result.written!r}"
            else:
                continue
            found.append(
                self._in_paper(problem, result.paper, result.span, node=node)
                if result
                else self._at(problem, node)
            )
        return Check("numbers", f"{count:,} decimals", tuple(sorted(found, key=str)))

    def links(self) -> Check:
        """Check that each IRI of a paper, entity or other node that is pointed at is described."""
        base = self._names.base
        kinds = "|".join(("paper", "entity", "result", "curation", "source"))
        inside = f'FILTER(isIRI(?o) && REGEX(STR(?o), "^{re.escape(base)}({kinds})/"))'.replace("\\", "\\\\")
        asked = f"SELECT ?s ?p ?o WHERE {{ {_anywhere('?s ?p ?o')} {inside} }}"
        found: dict[str, Finding] = {}
        count = 0
        for subject, predicate, value in self._rows(asked):
            count += 1
            known = value in self._types or value in self._mentions
            if known or predicate in _ELSEWHERE or self._is_record(value):
                continue
            problem = f"leads by {_name(predicate)} to <{value}>, of which the graph says nothing"
            found[f"{subject} {value}"] = self._at(problem, subject)
        return Check("links", f"{count:,} links", tuple(found[key] for key in sorted(found)))

    def _is_record(self, iri: str) -> bool:
        """Return whether an IRI is of a record of a file that is described: the file's, and a position."""
        file, _, position = iri.partition("#")
        return file in self._types and position.isdecimal()

    def graphs(self) -> Check:
        """Check that each plain triple stands once, and that each graph is of a paper and about it."""
        found: list[Finding] = []
        for s, p, o, g in self._rows("SELECT ?s ?p ?o ?g WHERE { ?s ?p ?o . GRAPH ?g { ?s ?p ?o } }"):
            found.append(self._at(f"{_words((s, p, o))} stands in the default graph and again in <{g}>", s))
        names = [row[0] for row in self._rows("SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }")]
        for name in sorted(names):
            if name != self._resolution and self._types.get(name) != term("fabio:Preprint"):
                found.append(self._at("a graph that is of no paper", name))
        strange = (
            "SELECT DISTINCT ?s ?g WHERE { GRAPH ?g { ?s ?p ?o } "
            f"FILTER(?g != <{self._resolution}> && ?s != ?g && !STRSTARTS(STR(?s), CONCAT(STR(?g), '#'))) }}"
        )
        for subject, name in sorted(self._rows(strange)):
            found.append(self._at(f"says something of <{subject}>, which is no part of the paper", name))
        return Check("graphs", f"{len(names):,} graphs beside the default graph", tuple(found))

    def resolution(self) -> Check:
        """Check that each mention stands for an entity that is there, and that it is a mention."""
        found = []
        for mention, entity in sorted(self._resolved.items()):
            if self._types.get(entity) not in ENTITY_CLASSES:
                found.append(self._at(f"stands for <{entity}>, which is no entity of the graph", mention))
            if self._mentions.get(mention) != mention.partition("#")[0]:
                found.append(self._at("is resolved, but the paper's graph has no such mention", mention))
        return Check("resolution", f"{len(self._resolved):,} mentions", tuple(found))

    def terms(self) -> Check:
        """Check that all of our own terms that are used are terms of the ontology."""
        own, found = PREFIXES["akg"], []
        used: dict[str, str] = {}
        for column in ("?p", "?o"):
            asked = (
                f"SELECT {column} (MIN(STR(?s)) AS ?where) WHERE {{ {_anywhere('?s ?p ?o')} "
                f"FILTER(isIRI({column}) && STRSTARTS(STR({column}), '{own}')) }} GROUP BY {column}"
            )
            used.update(self._pairs(asked))
        for name in sorted(used):
            if name.removeprefix(own) not in {*OWN, ""}:
                found.append(self._at(f"{_name(name)} is no term of the ontology", used[name]))
        return Check("terms", f"{len(used):,} terms of our own", tuple(found))

    def shapes(self, limit: int | None, on_progress: Progress | None) -> Check:
        """Run SHACL."""
        done = validate_store(self._store, limit=limit, on_progress=on_progress)
        found = []
        for violation in done.violations:
            value = f" ({_name(violation.path)} is {few_words(violation.value)!r})" if violation.value else ""
            found.append(self._at(violation.message + value, violation.focus))
        part = done.documents < done.all_documents or done.paper_graphs < done.all_paper_graphs
        told = (
            f"{done.documents:,} of {done.all_documents:,} documents and {done.paper_graphs:,} of "
            f"{done.all_paper_graphs:,} paper graphs{', the rest with --all' if part else ''}"
        )
        return Check("shapes", told, tuple(found))


def _any_edge() -> str:
    names = (*ROLE_PROPERTIES, *RELATION_PROPERTIES, AKG.affiliatedWith, AKG.variantOf)
    return f"VALUES ?p {{ {' '.join(f'<{name}>' for name in names)} }}"


def _anywhere(pattern: str) -> str:
    """Return a pattern that holds in the default graph or in any other."""
    return f"{{ {pattern} }} UNION {{ GRAPH ?g {{ {pattern} }} }}"


def _evidence(match: re.Match[str]) -> Evidence:
    field: Field = "title" if match["field"] == "title" else "abstract"
    return Evidence(field, int(match["start"]), int(match["end"]))


def _name(iri: str) -> str:
    """Return the last part of an IRI or short form.

    >>> _name("https://w3id.org/abstractkg/ns#extends"), _name("dcterms:title")
    ('extends', 'title')
    """
    return re.split(r"[#/:]", iri)[-1]


def _words(edge: Iterable[str]) -> str:
    """Return a triple as people read it.

    >>> _words(("https://w3id.org/abstractkg/entity/dapo", "https://w3id.org/abstractkg/ns#extends", "GRPO"))
    '“dapo extends GRPO”'
    """
    return f"“{' '.join(few_words(_name(part)) for part in edge)}”"
