"""The JSON-LD context leads to the terms of the ontology."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, Final

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.namespace import OWL, RDF, RDFS

from kg.terms import AKG, OWN, REUSED, term
from kg.vocab import PREFIXES
from ontology import json_ld_context, read_text

CONTEXT: Final[dict[str, Any]] = json_ld_context()
NODE: Final = ox.NamedNode("https://w3id.org/abstractkg/paper/1")
Said = dict[str, ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple]


def expand(document: dict[str, Any]) -> Said:
    """Return what a document in our context says of a node, by predicate."""
    text = json.dumps(CONTEXT | {"id": NODE.value} | document)
    quads = list(ox.parse(text, format=ox.RdfFormat.JSON_LD))
    assert all(quad.subject == NODE for quad in quads)
    return {quad.predicate.value: quad.object for quad in quads}


@cache
def ontology() -> rdflib.Graph:
    return rdflib.Graph().parse(data=read_text("abstractkg.ttl"), format="turtle")


@pytest.mark.parametrize("name", [name for name in OWN if name[0].isupper()])
def test_a_class_expands_to_its_iri(name: str) -> None:
    assert expand({"type": name}) == {term("rdf:type"): ox.NamedNode(getattr(AKG, name))}


@pytest.mark.parametrize("name", [name for name in OWN if name[0].islower()])
def test_a_property_expands_to_its_iri_and_range(name: str) -> None:
    iri = getattr(AKG, name)
    said = expand({name: "https://example.org/1"})
    assert list(said) == [iri]
    if (rdflib.URIRef(iri), RDF.type, OWL.ObjectProperty) in ontology():
        assert said[iri] == ox.NamedNode("https://example.org/1")
    else:
        reach = str(ontology().value(rdflib.URIRef(iri), RDFS.range))
        assert said[iri] == ox.Literal("https://example.org/1", datatype=ox.NamedNode(reach))


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


def test_terms_of_others_expand_too() -> None:
    said = expand(
        {"title": "T <b> π0", "position": 2, "author": f"{NODE.value}#author-1", "rdf:subject": "akg:x"}
    )
    assert said == {
        term("dcterms:title"): ox.Literal("T <b> π0"),
        term("schema:position"): ox.Literal("2", datatype=ox.NamedNode(term("xsd:integer"))),
        term("schema:author"): ox.NamedNode(NODE.value + "#author-1"),
        term("rdf:subject"): ox.NamedNode(PREFIXES["akg"] + "x"),
    }
