"""KnowledgeGraph to RDF.

The default graph holds every plain triple once. The graph of each paper (its name is the paper's IRI) holds
what that paper says in terms of its own mentions, with evidence. The resolution graph says which entity each
mention stands for. All IRIs are functions of content and there are no blank nodes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Literal

import pyoxigraph as ox

from kg.graph import GraphResult, KnowledgeGraph
from kg.model import PAPER_HEAD, Entity, Evidence, Extraction, Paper, Span
from kg.names import display_name
from kg.names import slug as slug_of
from kg.resolve.variants import Values, Variant
from kg.vocab import PREFIXES, RELATION, ROLE_RELATION, Namespace, fragment, is_arxiv_id
from ontology import alignments_of

RdfFormat = Literal["ttl", "nq", "nt", "trig"]
FORMATS: Final[dict[RdfFormat, ox.RdfFormat]] = {
    "ttl": ox.RdfFormat.TURTLE,
    "nq": ox.RdfFormat.N_QUADS,
    "nt": ox.RdfFormat.N_TRIPLES,
    "trig": ox.RdfFormat.TRIG,
}

_DEFAULT: Final = ox.DefaultGraph()
_TYPE: Final = ox.NamedNode(PREFIXES["rdf"] + "type")
Graph = ox.NamedNode | ox.DefaultGraph
Term = ox.NamedNode | ox.Literal


def _iri(curie: str) -> ox.NamedNode:
    prefix, _, local = curie.partition(":")
    return ox.NamedNode(PREFIXES[prefix] + local)


def _typed(value: object, datatype: str) -> ox.Literal:
    return ox.Literal(str(value), datatype=_iri(f"xsd:{datatype}"))


def span_iri(paper_iri: str, span: Span | Evidence) -> str:
    """Return the IRI of a stretch of a paper's text.

    >>> span_iri("https://w3id.org/abstractkg/paper/1", Span("abstract", 3, 7, "GRPO"))
    'https://w3id.org/abstractkg/paper/1#abstract-3-7'
    """
    return fragment(paper_iri, f"{span.field}-{span.start}-{span.end}")


def to_quads(graph: KnowledgeGraph, *, extractor: str = "") -> Iterator[ox.Quad]:
    """Yield all quads of a graph, paper by paper; `extractor` says who read the papers."""
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
        for mention in extraction.mentions:
            organization = mention.type == "Organization"
            found = graph.resolution.find(extraction.id, mention.name, organization=organization)
            if found is not None:
                yield resolution_quad(extraction.id, mention.name, found, names)


def serialize(quads: Iterable[ox.Quad], rdf_format: RdfFormat) -> bytes:
    """Return quads in a format, sorted, each once; formats without graphs get the default graph only."""
    chosen = set(quads)
    if rdf_format in {"ttl", "nt"}:
        chosen = {quad for quad in chosen if isinstance(quad.graph_name, ox.DefaultGraph)}
    ordered = sorted(chosen, key=_sort_key)
    prefixes = PREFIXES if rdf_format in {"ttl", "trig"} else None
    data = ox.serialize(ordered, format=FORMATS[rdf_format], prefixes=prefixes)
    return data if data is not None else b""


def _sort_key(quad: ox.Quad) -> tuple[str, str, bool, str, str]:
    is_type = quad.predicate != _TYPE
    return (str(quad.graph_name), str(quad.subject), is_type, str(quad.predicate), str(quad.object))


def _facts(
    subject: ox.NamedNode, facts: Iterable[tuple[str, Term | None]], graph: Graph
) -> Iterator[ox.Quad]:
    for predicate, value in facts:
        if value is not None:
            yield ox.Quad(subject, _iri(predicate), value, graph)


def paper_quads(paper: Paper, names: Namespace) -> Iterator[ox.Quad]:
    """Yield what a source says of one paper, in the default graph."""
    node = ox.NamedNode(names.paper(paper.id))
    date = paper.published
    facts: list[tuple[str, Term | None]] = [
        ("rdf:type", _iri("fabio:Preprint")),
        ("dcterms:title", ox.Literal(paper.title)),
    ]
    if is_arxiv_id(paper.id):
        facts.append(("fabio:hasArXivId", ox.Literal(paper.id)))
    if date is not None:
        facts.append(("dcterms:issued", _typed(date, "date" if len(date) == 10 else "gYearMonth")))
        facts.append(("akg:month", _typed(date[:7], "gYearMonth")))
    elif paper.date_written is not None:
        facts.append(("akg:dateWritten", ox.Literal(paper.date_written)))
    for key, number in (("numAuthors", paper.num_authors), ("upvotes", paper.upvotes)):
        if number is not None:
            facts.append((f"akg:{key}", _typed(number, "integer")))
    if paper.comments is not None:
        facts.append(("schema:commentCount", _typed(paper.comments, "integer")))
    facts += [("schema:creditText", ox.Literal(author)) for author in paper.authors]
    facts += [("dcterms:subject", ox.Literal(category)) for category in paper.categories]
    for link in paper.urls:
        predicate = {"code": "akg:codeRepository", "project": "akg:projectPage"}.get(
            link.kind, "rdfs:seeAlso"
        )
        facts.append((predicate, _web_iri(link.url)))
    yield from _facts(node, facts, _DEFAULT)
    for old in paper.replaces:
        yield ox.Quad(ox.NamedNode(names.paper(old)), _iri("dcterms:isReplacedBy"), node, _DEFAULT)


def _web_iri(url: str) -> ox.NamedNode:
    escaped = "".join(c if c > " " and c not in '<>"{}|\\^`' else f"%{ord(c):02X}" for c in url)
    return ox.NamedNode(escaped)


def entity_quads(entity: Entity, variant: Variant | None, names: Namespace) -> Iterator[ox.Quad]:
    """Yield what is known of one entity, its edges apart, in the default graph."""
    facts: list[tuple[str, Term | None]] = [
        ("rdf:type", _iri(f"akg:{entity.type}")),
        ("skos:prefLabel", ox.Literal(entity.name)),
        ("akg:numPapers", _typed(entity.num_papers, "integer")),
        ("akg:kind", ox.Literal(entity.kind) if entity.kind else None),
    ]
    facts += [("skos:altLabel", ox.Literal(alias)) for alias in entity.aliases]
    if variant is not None:
        facts += _values(variant.values)
    facts += [(a.predicate, ox.NamedNode(a.object)) for a in alignments_of(entity.slug, entity.type)]
    yield from _facts(ox.NamedNode(names.entity(entity.slug)), facts, _DEFAULT)


def disambiguation_quads(slug: str, senses: Iterable[str], names: Namespace) -> Iterator[ox.Quad]:
    """Yield the node of a form with several readings; `senses` are the slugs of these."""
    node = ox.NamedNode(names.entity(slug))
    yield ox.Quad(node, _TYPE, _iri("akg:Disambiguation"), _DEFAULT)
    for sense in senses:
        yield ox.Quad(node, _iri("akg:sense"), ox.NamedNode(names.entity(sense)), _DEFAULT)


def edge_quad(source: str, relation: str, target: str, names: Namespace) -> ox.Quad:
    """Return the plain triple of an edge between two node ids."""
    subject, value = ox.NamedNode(names.node(source)), ox.NamedNode(names.node(target))
    return ox.Quad(subject, _iri(f"akg:{relation}"), value, _DEFAULT)


def resolution_quad(paper_id: str, name: str, slug: str, names: Namespace) -> ox.Quad:
    """Return which entity a name of one paper stands for, in the resolution graph."""
    mention, entity = _mention_iri(names.paper(paper_id), name), ox.NamedNode(names.entity(slug))
    return ox.Quad(mention, _iri("akg:resolvedTo"), entity, ox.NamedNode(names.base + "resolution"))


def _values(values: Values) -> list[tuple[str, Term | None]]:
    """Return what a name says of its bearer, as facts."""
    said: list[tuple[str, Term | None]] = [
        (f"akg:{predicate}", ox.Literal(text) if text else None)
        for predicate, text in (
            ("sizeWritten", values.size_written),
            ("version", values.version),
            ("tuning", values.tuning),
            ("quantisation", values.quantisation),
            ("snapshot", values.snapshot),
            ("part", values.part),
        )
    ]
    return [*said, ("akg:parameters", _typed(values.size, "decimal") if values.size is not None else None)]


def result_quads(result: GraphResult, names: Namespace) -> Iterator[ox.Quad]:
    """Yield one reported number, in the default graph."""
    node = ox.NamedNode(f"{names.base}result/{result.id}")
    paper = names.paper(result.paper)
    facts: list[tuple[str, Term | None]] = [
        ("rdf:type", _iri("akg:Result")),
        ("akg:inPaper", ox.NamedNode(paper)),
        ("akg:subject", ox.NamedNode(names.node(result.subject))),
        ("akg:benchmark", ox.NamedNode(names.node(result.benchmark)) if result.benchmark else None),
        (
            "akg:benchmarkWritten",
            ox.Literal(result.benchmark_written)
            if result.benchmark_written and not result.benchmark
            else None,
        ),
        ("akg:metric", ox.Literal(result.metric) if result.metric else None),
        ("akg:value", _typed(result.value, "decimal") if result.value is not None else None),
        ("akg:valueWritten", ox.Literal(result.written)),
        ("akg:baseline", ox.NamedNode(names.node(result.baseline)) if result.baseline else None),
        ("akg:resultKind", ox.Literal(result.kind)),
        ("akg:confidence", _typed(f"{result.confidence:.3f}", "decimal")),
        ("akg:span", ox.NamedNode(span_iri(paper, result.span))),
    ]
    yield from _facts(node, facts, _DEFAULT)


def _mention_iri(paper_iri: str, name: str) -> ox.NamedNode:
    return ox.NamedNode(fragment(paper_iri, slug_of(name)))


def evidence_quads(extraction: Extraction, names: Namespace, extractor: str) -> Iterator[ox.Quad]:
    """Yield the graph of one paper: its mentions and statements, each with the spans that show it."""
    iri = names.paper(extraction.id)
    graph = paper = ox.NamedNode(iri)
    if extractor:
        yield ox.Quad(graph, _iri("akg:extractor"), ox.Literal(extractor), graph)
    for mention in extraction.mentions:
        node = _mention_iri(iri, mention.name)
        yield ox.Quad(paper, _iri(f"akg:{ROLE_RELATION[mention.role]}"), node, graph)
        facts: list[tuple[str, Term | None]] = [
            ("rdf:type", _iri(f"akg:{mention.type}")),
            ("akg:mentionName", ox.Literal(display_name(mention.name))),
            ("akg:confidence", _typed(f"{mention.confidence:.3f}", "decimal")),
        ]
        facts += [("akg:span", ox.NamedNode(span_iri(iri, span))) for span in mention.spans]
        yield from _facts(node, facts, graph)
    for relation in extraction.relations:
        head = paper if relation.head == PAPER_HEAD else _mention_iri(iri, relation.head)
        tail = _mention_iri(iri, relation.tail)
        predicate = RELATION[relation.type]
        yield ox.Quad(head, _iri(f"akg:{predicate}"), tail, graph)
        local = f"{slug_of(relation.head)}.{predicate}.{slug_of(relation.tail)}"
        node = ox.NamedNode(fragment(iri, local))
        yield from _facts(
            node,
            [
                ("rdf:subject", head),
                ("rdf:predicate", _iri(f"akg:{predicate}")),
                ("rdf:object", tail),
                ("akg:confidence", _typed(f"{relation.confidence:.3f}", "decimal")),
                ("akg:span", ox.NamedNode(span_iri(iri, relation.evidence))),
            ],
            graph,
        )
