"""Evidence as Web Annotations (https://www.w3.org/TR/annotation-model/), for annotation tools.

Each mention is an annotation that identifies an entity in stretches of a paper's title or abstract; each
relation is one that describes a stretch by a statement of the graph. Names are quoted, sentences are not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final

from kg.dataset import prefixes
from kg.graph import KnowledgeGraph
from kg.model import Evidence, Extraction, Span
from kg.names import few_words
from kg.nquads import Quad, Term, iri_of, iriref, literal, term
from kg.rdf import Fact, evidence_quads, mention_iri, span_iri, statements, typed
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


def annotation_quads(graph: KnowledgeGraph) -> Iterator[Quad]:
    """Yield an annotation for each mention that stands for an entity and for each statement."""
    for extraction in graph.extractions:
        yield from _of_paper(extraction, _entities(graph, extraction), graph.namespace)


def _entities(graph: KnowledgeGraph, extraction: Extraction) -> dict[Term, Term]:
    """Return which entity each mention of a paper stands for, by mention."""
    names = graph.namespace
    found: dict[Term, Term] = {}
    for mention in extraction.mentions:
        organization = mention.type == "Organization"
        slug = graph.resolution.find(extraction.id, mention.name, organization=organization)
        if slug is not None:
            node = iriref(mention_iri(names.paper(extraction.id), mention.name))
            found[node] = iriref(names.entity(slug))
    return found


def _of_paper(extraction: Extraction, entities: Mapping[Term, Term], names: Namespace) -> Iterator[Quad]:
    paper = names.paper(extraction.id)
    evidence = sorted(evidence_quads(extraction, names, ""), key=itemgetter(0))
    for node, group in groupby(evidence, itemgetter(0)):
        about = [(predicate, value) for _, predicate, value, _ in group]
        statement = any(predicate == _SUBJECT for predicate, _ in about)
        if not (statement or node in entities):
            continue
        note = iriref(iri_of(node) + ".annotation")
        facts: list[Fact] = [
            ("rdf:type", term("oa:Annotation")),
            ("oa:motivatedBy", term("oa:describing" if statement else "oa:identifying")),
            ("oa:hasBody", node if statement else entities[node]),
        ]
        yield from statements(note, facts)
        for predicate, value in about:
            if predicate in _OF_THE_NOTE:
                yield note, _OF_THE_NOTE[predicate], value, ""
            elif statement and predicate in _REIFIED:
                yield node, predicate, value, ""
    for mention in extraction.mentions:
        if iriref(mention_iri(paper, mention.name)) in entities:
            for span in mention.spans:
                yield from _target(paper, span, few_words(span.text) == span.text)
    for relation in extraction.relations:
        yield from _target(paper, relation.evidence, False)


def _target(paper: str, span: Span | Evidence, quoted: bool) -> Iterator[Quad]:
    """Yield a stretch of a field of a paper, selected by position and, for a name, by its text."""
    stretch = span_iri(paper, span)
    node, position, quotation = iriref(stretch), iriref(stretch + ".position"), iriref(stretch + ".quote")
    yield from statements(
        node,
        [
            ("rdf:type", term("oa:SpecificResource")),
            ("oa:hasSource", iriref(f"{paper}#{span.field}")),
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
        yield node, term("oa:hasSelector"), quotation, ""
        said = ("rdf:type", term("oa:TextQuoteSelector")), ("oa:exact", literal(span.text))
        yield from statements(quotation, said)


check_terms(__name__, globals())
