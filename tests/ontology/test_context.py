"""The JSON-LD context leads to the terms of the ontology."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
import rdflib
from rdflib.namespace import OWL, RDF, RDFS, XSD

from kg.terms import AKG, OWN, REUSED
from kg.vocab import PREFIXES
from ontology import json_ld_context, read_text

CONTEXT: Final[dict[str, Any]] = json_ld_context()
NODE: Final = "https://w3id.org/abstractkg/paper/1"


def expand(document: dict[str, Any]) -> rdflib.Graph:
    dataset = rdflib.Dataset()
    dataset.parse(data=json.dumps(CONTEXT | {"id": NODE} | document), format="json-ld")
    return rdflib.Graph() + dataset.default_graph


@pytest.mark.parametrize("name", [name for name in OWN if name[0].isupper()])
def test_a_class_expands_to_its_iri(name: str) -> None:
    assert set(expand({"type": name})) == {(rdflib.URIRef(NODE), RDF.type, rdflib.URIRef(getattr(AKG, name)))}


@pytest.mark.parametrize("name", [name for name in OWN if name[0].islower()])
def test_a_property_expands_to_its_iri_and_range(name: str) -> None:
    ontology = rdflib.Graph().parse(data=read_text("abstractkg.ttl"), format="turtle")
    node = rdflib.URIRef(getattr(AKG, name))
    subject, predicate, value = next(iter(expand({name: "https://example.org/1"})))
    assert (subject, predicate) == (rdflib.URIRef(NODE), node)
    if (node, RDF.type, OWL.ObjectProperty) in ontology:
        assert value == rdflib.URIRef("https://example.org/1")
    else:
        assert isinstance(value, rdflib.Literal)
        assert (value.datatype or XSD.string) == ontology.value(node, RDFS.range)


def test_it_names_no_other_term() -> None:
    """Every name is a keyword, a prefix, a term of ours, or one of another vocabulary that we use."""
    reused = {PREFIXES[prefix] + name for prefix, names in REUSED.items() for name in names}
    for name, meaning in CONTEXT["@context"].items():
        if name == "@version" or name in OWN:
            continue
        if name in PREFIXES:
            assert meaning == {"@id": PREFIXES[name], "@prefix": True}
        elif isinstance(meaning, str):
            assert meaning in {"@id", "@type"}
        else:
            prefix, _, local = meaning["@id"].partition(":")
            assert PREFIXES[prefix] + local in reused, name


def test_numbers_months_and_text_come_back() -> None:
    graph = expand({"value": "49.08", "month": "2025-06", "title": "T <b>", "prefLabel": "π0", "uses": NODE})
    subject = rdflib.URIRef(NODE)
    assert graph.value(subject, rdflib.URIRef(AKG.value)) == rdflib.Literal("49.08", datatype=XSD.decimal)
    assert graph.value(subject, rdflib.URIRef(AKG.month)) == rdflib.Literal(
        "2025-06", datatype=XSD.gYearMonth
    )
    assert graph.value(subject, rdflib.URIRef(PREFIXES["dcterms"] + "title")) == rdflib.Literal("T <b>")
    assert (subject, rdflib.URIRef(AKG.uses), subject) in graph
