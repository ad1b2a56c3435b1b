"""KnowledgeGraph to RDF.

The default graph holds every plain triple once. The graph of each paper (its name is the paper's IRI) holds
what that paper says in terms of its own mentions, with evidence. The resolution graph says which entity each
mention stands for. All IRIs are functions of content and there are no blank nodes.

Each quad that belongs to one paper, entity, edge or result comes from one function here and depends on
nothing else; what is said of the graph as a whole comes from `kg.dataset`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Final
from urllib.parse import quote

import pyoxigraph as ox

from kg.graph import GraphResult, KnowledgeGraph
from kg.model import PAPER_HEAD, Entity, Evidence, Extraction, Mention, Paper, Relation, Span
from kg.names import display_name
from kg.names import slug as slug_of
from kg.nquads import Quad, Term, iri_of, iriref, literal, term
from kg.resolve.variants import Variant
from kg.terms import check_terms
from kg.vocab import RELATION, ROLE_RELATION, Namespace, is_arxiv_id
from ontology import alignments_of

Fact = tuple[str, Term | None]
"""A predicate in its short form and its value, if there is one."""

_DEFAULT: Final = ""
_LINK: Final = {
    "code": "akg:codeRepository",
    "project": "akg:projectPage",
    "page": "foaf:page",
    "other": "rdfs:seeAlso",
}
_PAPER: Final = "paper"
# Parts of a paper that are no mentions: itself in a statement, fields, authors, organisation lines, spans.
_PART: Final = re.compile(r"paper|title|abstract|(?:author|organization|title|abstract)-[0-9-]+")


def typed(value: object, datatype: str) -> Term:
    """Return a literal of an XSD datatype, a decimal without exponent.

    >>> typed(Decimal("7E+9"), "decimal"), typed(3, "integer")
    ('"7000000000"^^<http://www.w3.org/2001/XMLSchema#decimal>', '"3"^^<http://www.w3.org/2001/XMLSchema#integer>')
    """
    return literal(f"{value:f}" if isinstance(value, Decimal) else str(value), datatype=datatype)


@lru_cache(maxsize=1001)
def thousandths(confidence: float) -> Term:
    """Return a confidence as a decimal with three digits.

    >>> thousandths(0.97).partition("^^")[0]
    '"0.970"'
    """
    return typed(f"{confidence:.3f}", "decimal")


def statements(subject: Term, facts: Iterable[Fact], graph: Term = _DEFAULT) -> Iterator[Quad]:
    """Yield a quad for each predicate (in its short form) that has a value."""
    for predicate, value in facts:
        if value is not None:
            yield subject, term(predicate), value, graph


def span_iri(paper_iri: str, span: Span | Evidence) -> str:
    """Return the IRI of a stretch of a paper's text.

    >>> span_iri("https://w3id.org/abstractkg/paper/1", Span("abstract", 3, 7, "GRPO"))
    'https://w3id.org/abstractkg/paper/1#abstract-3-7'
    """
    return f"{paper_iri}#{span.field}-{span.start}-{span.end}"


def mention_iri(paper_iri: str, name: str) -> str:
    """Return the IRI of what a paper names, a part of the paper's own.

    >>> mention_iri("https://w3id.org/abstractkg/paper/1", "GRPO")
    'https://w3id.org/abstractkg/paper/1#grpo'
    """
    return f"{paper_iri}#{_local(name)}"


@lru_cache(maxsize=1 << 17)
def _node(node_id: str, names: Namespace) -> Term:
    return iriref(names.node(node_id))


def _entity(slug: str, names: Namespace) -> Term:
    return _node("entity:" + slug, names)


@lru_cache(maxsize=1 << 16)
def _local(name: str) -> str:
    slug = slug_of(name)
    return quote(slug + "~" if _PART.fullmatch(slug) else slug, safe="~.")


def to_quads(graph: KnowledgeGraph, *, extractor: str = "") -> Iterator[Quad]:
    """Yield the quads of all papers, entities, edges and results.

    Args:
        graph: The graph.
        extractor: Name and fingerprint of what read the papers; without it, the names in the mentions.

    Yields:
        Each quad once, papers and entities first, then edges and results, then the evidence.
    """
    names = graph.namespace
    for paper in graph.papers:
        yield from paper_quads(paper, names)
    for entity in graph.entities:
        yield from entity_quads(entity, graph.variants.get(entity.slug), names)
    taken = {entity.slug for entity in graph.entities}
    for ambiguous, slugs in sorted(graph.resolution.senses.items()):
        if ambiguous not in taken:
            yield from disambiguation_quads(ambiguous, slugs, names)
    for edge in graph.edges:
        yield edge_quad(edge.source, edge.relation, edge.target, names)
    for result in graph.results:
        yield from result_quads(result, names)
    for extraction in graph.extractions:
        yield from evidence_quads(extraction, names, extractor)
        yield from dict.fromkeys(_resolution(graph, extraction))


def _resolution(graph: KnowledgeGraph, extraction: Extraction) -> Iterator[Quad]:
    for mention in extraction.mentions:
        organization = mention.type == "Organization"
        found = graph.resolution.find(extraction.id, mention.name, organization=organization)
        if found is not None:
            yield resolution_quad(extraction.id, mention.name, found, graph.namespace)


def paper_quads(paper: Paper, names: Namespace) -> Iterator[Quad]:
    """Yield what a source says of one paper, in the default graph.

    No two authors are taken for one person: each is a part of the paper, whatever others are called.
    """
    iri = names.paper(paper.id)
    node, date = iriref(iri), paper.published
    facts: list[Fact] = [
        ("rdf:type", term("fabio:Preprint")),
        ("dcterms:title", literal(paper.title)),
        ("fabio:hasArXivId", literal(paper.id) if is_arxiv_id(paper.id) else None),
    ]
    if date is not None:
        facts.append(("dcterms:issued", typed(date, "date" if len(date) == 10 else "gYearMonth")))
        facts.append(("akg:month", typed(date[:7], "gYearMonth")))
    if paper.date_written != date:
        facts.append(("akg:dateWritten", _text(paper.date_written)))
    for predicate, number in (
        ("akg:numAuthors", None if paper.num_authors == len(paper.authors) else paper.num_authors),
        ("akg:upvotes", paper.upvotes),
        ("schema:commentCount", paper.comments),
    ):
        facts.append((predicate, None if number is None else typed(number, "integer")))
    facts += [("dcterms:subject", literal(category)) for category in paper.categories]
    facts += [(_LINK[link.kind], _web_address(link.url)) for link in paper.urls]
    for source in paper.sources:
        record = f"{source_iri(source.sha256, names)}#{source.position}"
        facts.append(("prov:wasDerivedFrom", iriref(record)))
    yield from statements(node, dict.fromkeys(facts))
    for old in paper.replaces:
        yield iriref(names.paper(old)), term("dcterms:isReplacedBy"), node, _DEFAULT
    for place, author in enumerate(paper.authors, 1):
        person = iriref(f"{iri}#author-{place}")
        yield node, term("schema:author"), person, _DEFAULT
        said = ("rdf:type", term("schema:Person")), ("schema:name", literal(author))
        yield from statements(person, (*said, ("schema:position", typed(place, "integer"))))
    for place, line in enumerate(paper.organizations, 1):
        organization = iriref(f"{iri}#organization-{place}")
        yield node, term("schema:sourceOrganization"), organization, _DEFAULT
        said = ("rdf:type", term("schema:Organization")), ("schema:name", literal(line.name))
        yield from statements(organization, (*said, ("schema:alternateName", _text(line.handle))))


def source_iri(sha256: str, names: Namespace) -> str:
    """Return the IRI of a file that was read, by the hash of its bytes; its records are its parts."""
    return f"{names.base}source/{sha256}"


def entity_quads(entity: Entity, variant: Variant | None, names: Namespace) -> Iterator[Quad]:
    """Yield what is known of one entity, its edges apart, in the default graph."""
    facts: list[Fact] = [
        ("rdf:type", term(f"akg:{entity.type}")),
        ("skos:prefLabel", literal(entity.name)),
        ("akg:numPapers", typed(entity.num_papers, "integer")),
        ("akg:kind", _text(entity.kind)),
    ]
    facts += [("skos:altLabel", literal(alias)) for alias in entity.aliases]
    if variant is not None:
        facts += _said_by_name(variant)
    facts += [(a.predicate, iriref(a.object)) for a in alignments_of(entity.slug, entity.type)]
    yield from statements(_entity(entity.slug, names), facts)


def _said_by_name(variant: Variant) -> Iterator[Fact]:
    """Yield what a name says of its bearer, and by which rule it is a variant of another."""
    values = variant.values
    if values.size is not None:
        yield "akg:parameters", typed(values.size, "decimal")
    yield "akg:sizeWritten", _text(values.size_written)
    yield "akg:version", _text(values.version)
    yield "akg:tuning", _text(values.tuning)
    yield "akg:quantisation", _text(values.quantisation)
    yield "akg:snapshot", _text(values.snapshot)
    yield "akg:part", _text(values.part)
    if variant.parent is not None:
        yield "akg:variantRule", _text(variant.rule)
        yield "akg:variantConfidence", thousandths(variant.confidence)


def disambiguation_quads(slug: str, senses: Iterable[str], names: Namespace) -> Iterator[Quad]:
    """Yield the node of a form with several readings; `senses` are the slugs of these."""
    facts: list[Fact] = [("rdf:type", term("akg:Disambiguation"))]
    facts += [("akg:sense", _entity(sense, names)) for sense in senses]
    yield from statements(_entity(slug, names), facts)


def edge_quad(source: str, relation: str, target: str, names: Namespace) -> Quad:
    """Return the plain triple of an edge between two node ids."""
    subject, value = _node(source, names), _node(target, names)
    return subject, term(f"akg:{relation}"), value, _DEFAULT


def resolution_quad(paper_id: str, name: str, slug: str, names: Namespace) -> Quad:
    """Return which entity a name of one paper stands for, in the resolution graph."""
    mention = iriref(mention_iri(names.paper(paper_id), name))
    return mention, term("akg:resolvedTo"), _entity(slug, names), resolution_graph(names)


@lru_cache(maxsize=16)
def resolution_graph(names: Namespace) -> Term:
    """Return the name of the graph that says which entity each mention stands for."""
    return iriref(names.base + "resolution")


def result_quads(result: GraphResult, names: Namespace) -> Iterator[Quad]:
    """Yield one reported number, in the default graph."""
    paper = names.paper(result.paper)
    facts: list[Fact] = [
        ("rdf:type", term("akg:Result")),
        ("akg:inPaper", iriref(paper)),
        ("akg:subject", _node(result.subject, names)),
        ("akg:benchmark", _node(result.benchmark, names) if result.benchmark else None),
        ("akg:benchmarkWritten", _text(result.benchmark_written)),
        ("akg:metric", _text(result.metric)),
        ("akg:value", None if result.value is None else typed(result.value, "decimal")),
        ("akg:valueWritten", literal(result.written)),
        ("akg:baseline", _node(result.baseline, names) if result.baseline else None),
        ("akg:baselineWritten", _text(result.baseline_written)),
        ("akg:resultKind", literal(result.kind)),
        ("akg:confidence", thousandths(result.confidence)),
        ("akg:span", iriref(span_iri(paper, result.span))),
    ]
    yield from statements(iriref(f"{names.base}result/{result.id}"), facts)


def evidence_quads(extraction: Extraction, names: Namespace, extractor: str) -> Iterator[Quad]:
    """Yield the graph of one paper: its mentions and statements, each with the spans that show it.

    Mentions of one name are one node, with all types, roles and spans and the highest confidence; so are
    relations of one kind between the same two.

    Args:
        extraction: What was read in the paper.
        names: The IRIs of the graph.
        extractor: Name and fingerprint of what read it. Where a mention's own extractor is another, that
            stands with the mention; if this is empty, the name that all mentions give.
    """
    iri = names.paper(extraction.id)
    graph = iriref(iri)
    own = {mention.extractor for mention in extraction.mentions}
    read_by = extractor or (own.copy().pop() if len(own) == 1 else "")
    if read_by:
        yield graph, term("akg:extractor"), literal(read_by), graph
    name = read_by.rpartition(" ")[0] or read_by
    mentions: defaultdict[str, list[Mention]] = defaultdict(list)
    for mention in extraction.mentions:
        mentions[mention_iri(iri, mention.name)].append(mention)
    for named, found in mentions.items():
        yield from _mention(iriref(named), found, graph, name)
    relations: defaultdict[tuple[str, str, str], list[Relation]] = defaultdict(list)
    for relation in extraction.relations:
        head = _PAPER if relation.head == PAPER_HEAD else _local(relation.head)
        tail = _local(relation.tail)
        relations[head, RELATION[relation.type], tail].append(relation)
    for (head, predicate, tail), stated in relations.items():
        subject = graph if head == _PAPER else iriref(f"{iri}#{head}")
        node = iriref(f"{iri}#{head}.{predicate}.{tail}")
        yield from _statement(node, subject, predicate, iriref(f"{iri}#{tail}"), stated, graph)


def _mention(node: Term, mentions: list[Mention], paper: Term, extractor: str) -> Iterator[Quad]:
    for role in dict.fromkeys(mention.role for mention in mentions):
        yield paper, term(f"akg:{ROLE_RELATION[role]}"), node, paper
    facts: list[Fact] = [
        ("akg:mentionName", literal(display_name(mentions[0].name))),
        ("akg:confidence", thousandths(max(m.confidence for m in mentions))),
    ]
    for mention in mentions:
        facts.append(("rdf:type", term(f"akg:{mention.type}")))
        facts.append(("akg:kind", _text(mention.kind)))
        facts.append(("akg:extractor", _text(mention.extractor if mention.extractor != extractor else None)))
        facts += [("akg:span", iriref(span_iri(iri_of(paper), span))) for span in mention.spans]
    yield from statements(node, dict.fromkeys(facts), paper)


def _statement(
    node: Term,
    head: Term,
    predicate: str,
    tail: Term,
    stated: list[Relation],
    paper: Term,
) -> Iterator[Quad]:
    yield head, term(f"akg:{predicate}"), tail, paper
    facts: list[Fact] = [
        ("rdf:subject", head),
        ("rdf:predicate", term(f"akg:{predicate}")),
        ("rdf:object", tail),
        ("akg:confidence", thousandths(max(r.confidence for r in stated))),
    ]
    facts += [("akg:span", iriref(span_iri(iri_of(paper), r.evidence))) for r in stated]
    yield from statements(node, dict.fromkeys(facts), paper)


def _text(text: str | None) -> Term | None:
    return literal(text) if text else None


def _web_address(url: str) -> Term:
    """Return a web address as an IRI, or as a literal if it is none."""
    escaped = "".join(c if c > " " and c not in '<>"{}|\\^`' else f"%{ord(c):02X}" for c in url)
    escaped = re.sub("%(?![0-9A-Fa-f]{2})", "%25", escaped)
    try:
        return iriref(ox.NamedNode(escaped).value)
    except ValueError:
        return typed(url, "anyURI")


check_terms(__name__, globals())
