"""The ontology defines every term that the graph uses, and defines it fully."""

from __future__ import annotations

from importlib import resources

import rdflib
from rdflib.namespace import OWL, RDF, RDFS, SKOS

from kg.pipeline import Built
from kg.rdf import to_quads
from kg.vocab import AFFILIATED, PREFIXES, RELATION, ROLE_RELATION, VARIANT_OF

AKG = PREFIXES["akg"]


def ontology() -> rdflib.Graph:
    return rdflib.Graph().parse(data=(resources.files("ontology") / "abstractkg.ttl").read_text("utf-8"))


def test_every_term_has_label_definition_and_example() -> None:
    graph = ontology()
    terms = {rdflib.URIRef(str(s)) for s in graph.subjects() if str(s).startswith(AKG)}
    assert len(terms) > 40
    for term in sorted(terms):
        for needed in (RDF.type, RDFS.label, SKOS.definition, SKOS.example):
            assert graph.value(term, needed) is not None, f"{term} has no {needed}"


def test_every_term_of_the_graph_is_defined(example_built: Built) -> None:
    graph = ontology()
    used: set[str] = set()
    for quad in to_quads(example_built.graph, extractor="x"):
        names = (str(term).strip("<>") for term in (quad.predicate, quad.object))
        used |= {name for name in names if name.startswith(AKG)}
    assert len(used) > 20
    for term in sorted(used):
        assert (rdflib.URIRef(term), RDF.type, None) in graph, f"{term} is not in ontology/abstractkg.ttl"


def test_every_edge_is_an_object_property() -> None:
    graph = ontology()
    for name in [*ROLE_RELATION.values(), *RELATION.values(), AFFILIATED, VARIANT_OF]:
        assert (rdflib.URIRef(AKG + name), RDF.type, OWL.ObjectProperty) in graph, name
