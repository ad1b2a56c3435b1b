"""Evidence as Web Annotations (https://www.w3.org/TR/annotation-model/), for annotation tools.

Each mention is an annotation that identifies an entity in stretches of a paper's title or abstract; each
relation is one that describes a stretch by a statement of the graph. Names are quoted, sentences are not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kg.dataset import prefixes
from kg.graph import KnowledgeGraph
from kg.model import Evidence, Extraction, Span
from kg.names import few_words
from kg.rdf import Fact, evidence_quads, mention_iri, span_iri, statements, term, typed
from kg.serializing import serialize
from kg.terms import check_terms
from kg.vocab import Namespace
from kg.writers.files import write_whole

_SUBJECT: Final = term("rdf:subject")
_REIFIED: Final = (_SUBJECT, term("rdf:predicate"), term("rdf:object"))
_OF_THE_NOTE: Final = {
    term("akg:span"): term("oa:hasTarget"),
    term("akg:confidence"): term("akg:confidence"),
}


def write_annotations(graph: KnowledgeGraph, path: Path) -> None:
    """Write the annotations of all papers as JSON-LD that brings its context along."""
    quads = annotation_quads(graph)
    write_whole(path, serialize(quads, "jsonld", prefixes=prefixes(graph.namespace)))


def annotation_quads(graph: KnowledgeGraph) -> Iterator[ox.Quad]:
    """Yield an annotation for each mention that stands for an entity and for each statement."""
    for extraction in graph.extractions:
        yield from _of_paper(extraction, _entities(graph, extraction), graph.namespace)


def _entities(graph: KnowledgeGraph, extraction: Extraction) -> dict[str, ox.NamedNode]:
    """Return which entity each mention of a paper stands for, by the IRI of the mention."""
    names = graph.namespace
    found: dict[str, ox.NamedNode] = {}
    for mention in extraction.mentions:
        organization = mention.type == "Organization"
        slug = graph.resolution.find(extraction.id, mention.name, organization=organization)
        if slug is not None:
            iri = mention_iri(names.paper(extraction.id), mention.name)
            found[iri] = ox.NamedNode(names.entity(slug))
    return found


def _of_paper(
    extraction: Extraction, entities: Mapping[str, ox.NamedNode], names: Namespace
) -> Iterator[ox.Quad]:
    paper = names.paper(extraction.id)
    default = ox.DefaultGraph()
    evidence = sorted(evidence_quads(extraction, names, ""), key=lambda quad: str(quad.subject))
    for node, group in groupby(evidence, lambda quad: quad.subject):
        about = list(group)
        statement = any(quad.predicate == _SUBJECT for quad in about)
        if not isinstance(node, ox.NamedNode) or not (statement or node.value in entities):
            continue
        note = ox.NamedNode(node.value + ".annotation")
        facts: list[Fact] = [
            ("rdf:type", term("oa:Annotation")),
            ("oa:motivatedBy", term("oa:describing" if statement else "oa:identifying")),
            ("oa:hasBody", node if statement else entities[node.value]),
        ]
        yield from statements(note, facts)
        for quad in about:
            if quad.predicate in _OF_THE_NOTE:
                yield ox.Quad(note, _OF_THE_NOTE[quad.predicate], quad.object)
            elif statement and quad.predicate in _REIFIED:
                yield ox.Quad(node, quad.predicate, quad.object, default)
    for mention in extraction.mentions:
        if mention_iri(paper, mention.name) in entities:
            for span in mention.spans:
                yield from _target(paper, span, few_words(span.text) == span.text)
    for relation in extraction.relations:
        yield from _target(paper, relation.evidence, False)


def _target(paper: str, span: Span | Evidence, quoted: bool) -> Iterator[ox.Quad]:
    """Yield a stretch of a field of a paper, selected by position and, for a name, by its text."""
    node = ox.NamedNode(span_iri(paper, span))
    position, quotation = ox.NamedNode(node.value + ".position"), ox.NamedNode(node.value + ".quote")
    yield from statements(
        node,
        [
            ("rdf:type", term("oa:SpecificResource")),
            ("oa:hasSource", ox.NamedNode(f"{paper}#{span.field}")),
            ("oa:hasSelector", position),
        ],
    )
    yield from statements(
        position,
        [
            ("rdf:type", term("oa:TextPositionSelector")),
            ("oa:start", typed(span.start, "nonNegativeInteger")),
            ("oa:end", typed(span.end, "nonNegativeInteger")),
        ],
    )
    if quoted and isinstance(span, Span):
        yield ox.Quad(node, term("oa:hasSelector"), quotation)
        said = ("rdf:type", term("oa:TextQuoteSelector")), ("oa:exact", ox.Literal(span.text))
        yield from statements(quotation, said)


check_terms(__name__, globals())
