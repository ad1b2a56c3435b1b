"""Web Annotations: every mention and statement, selected by position, names quoted and no sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from kg.names import few_words
from kg.nquads import parse
from kg.pipeline import Built
from kg.rdf import mention_iri
from kg.terms import term
from kg.vocab import PREFIXES
from kg.writers import get_writer
from kg.writers.annotations import annotation_quads

PROLOGUE = "".join(f"PREFIX {p}: <{iri}>\n" for p, iri in PREFIXES.items())


@pytest.fixture(scope="module")
def store(example_built: Built) -> ox.Store:
    found = ox.Store()
    found.extend(parse(annotation_quads(example_built.graph)))
    return found


def values(store: ox.Store, sparql: str) -> list[tuple[str, ...]]:
    answer = store.query(PROLOGUE + sparql)
    assert isinstance(answer, ox.QuerySolutions)
    return [tuple("" if term is None else getattr(term, "value", "") for term in row) for row in answer]


def test_each_mention_is_annotated_where_it_stands(store: ox.Store, example_built: Built) -> None:
    graph = example_built.graph
    asked = """SELECT ?note ?body ?source ?start ?end ?exact { ?note a oa:Annotation ; oa:hasBody ?body ;
        oa:motivatedBy oa:identifying ; oa:hasTarget ?target .
        ?target oa:hasSource ?source ; oa:hasSelector ?p .
        ?p a oa:TextPositionSelector ; oa:start ?start ; oa:end ?end
        OPTIONAL { ?target oa:hasSelector ?q . ?q a oa:TextQuoteSelector ; oa:exact ?exact } }"""
    expected: set[tuple[str, ...]] = set()
    for extraction in graph.extractions:
        paper = graph.namespace.paper(extraction.id)
        for mention in extraction.mentions:
            slug = graph.resolution.find(
                extraction.id, mention.name, organization=mention.type == "Organization"
            )
            if slug is None:
                continue
            note, body = mention_iri(paper, mention.name) + ".annotation", graph.namespace.entity(slug)
            for span in mention.spans:
                quote = span.text if few_words(span.text) == span.text else ""
                source = f"{paper}#{span.field}"
                expected.add((note, body, source, str(span.start), str(span.end), quote))
    assert set(values(store, asked)) == expected and len(expected) > 500


def test_each_statement_is_annotated_with_itself(store: ox.Store, example_built: Built) -> None:
    asked = """SELECT DISTINCT ?s ?p ?o { ?note oa:motivatedBy oa:describing ;
        oa:hasBody ?body ; oa:hasTarget ?t ; akg:confidence ?c .
        ?body rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o .
        ?t oa:hasSelector [ a oa:TextPositionSelector ] }"""
    relations = {(e.id, r.head, r.type, r.tail) for e in example_built.graph.extractions for r in e.relations}
    assert len(values(store, asked)) == len(relations) > 20


def test_no_sentence_is_quoted(store: ox.Store) -> None:
    quotes = [text for (text,) in values(store, "SELECT ?text { ?q oa:exact ?text }")]
    assert quotes and all(few_words(text) == text for text in quotes)


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_the_file_needs_no_other_host_and_loads(example_built: Built, tmp_path: Path) -> None:
    get_writer("annotations").write(example_built.graph, tmp_path / "a.jsonld")
    data = json.loads((tmp_path / "a.jsonld").read_bytes())
    assert isinstance(data["@context"], dict)
    graph = rdflib.Graph().parse(tmp_path / "a.jsonld", format="json-ld")
    assert len(graph) == len(set(annotation_quads(example_built.graph)))
    assert (None, rdflib.RDF.type, rdflib.URIRef(term("oa:Annotation"))) in graph
