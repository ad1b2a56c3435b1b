"""Every term is defined, mapped to terms that exist, and the one that Python names."""

from __future__ import annotations

import sys
import types
from functools import cache
from pathlib import Path
from typing import Final

import pytest
import rdflib
from rdflib.namespace import DCTERMS, OWL, RDF, RDFS, SDO, SKOS, VANN

from kg.errors import UnknownNameError
from kg.nquads import iri_of
from kg.pipeline import Built
from kg.rdf import to_quads
from kg.terms import AKG, ENTITY_CLASSES, OWN, RELATION_PROPERTIES, REUSED, ROLE_PROPERTIES, term
from kg.vocab import AFFILIATED, PREFIXES, RELATION, ROLE_RELATION, VARIANT_OF
from ontology import read_text
from tests.ontology.vocabularies import exists

NAMESPACE: Final = PREFIXES["akg"]
ONTOLOGY: Final = rdflib.URIRef("https://w3id.org/abstractkg/ns")
KINDS: Final = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty)
NO_RANGE: Final = {"introducedIn", "codeRepository", "projectPage"}
"""Properties that lead to web addresses of which the graph says nothing."""


@cache
def ontology() -> rdflib.Graph:
    return rdflib.Graph().parse(data=read_text("abstractkg.ttl"), format="turtle")


def own(name: str) -> rdflib.URIRef:
    return rdflib.URIRef(NAMESPACE + name)


def test_python_names_are_those_of_the_file() -> None:
    written = {str(s).removeprefix(NAMESPACE) for s in ontology().subjects() if str(s).startswith(NAMESPACE)}
    assert len(written) > 60
    assert set(OWN) == written
    for name in OWN:
        assert getattr(AKG, name) == NAMESPACE + name == term(f"akg:{name}")


def test_a_misspelt_name_fails() -> None:
    with pytest.raises(AttributeError):
        AKG.extend  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(UnknownNameError, match="akg:extends"):
        term("akg:extend")
    with pytest.raises(UnknownNameError, match="fabio:hasArXivId"):
        term("fabio:hasArXivID")
    with pytest.raises(UnknownNameError, match="no term called 'nothing'"):
        term("nothing")


def test_the_header_says_what_it_is() -> None:
    graph = ontology()
    assert (ONTOLOGY, RDF.type, OWL.Ontology) in graph
    for needed in (DCTERMS.title, DCTERMS.description, DCTERMS.license, DCTERMS.creator, OWL.versionInfo):
        assert graph.value(ONTOLOGY, needed) is not None, needed
    assert graph.value(graph.value(ONTOLOGY, DCTERMS.creator), SDO.name) == rdflib.Literal("abstractkg")
    assert str(graph.value(ONTOLOGY, VANN.preferredNamespacePrefix)) == "akg"
    assert str(graph.value(ONTOLOGY, VANN.preferredNamespaceUri)) == NAMESPACE


@pytest.mark.parametrize("name", OWN)
def test_each_term_is_defined(name: str) -> None:
    graph, node = ontology(), own(name)
    assert sum((node, RDF.type, kind) in graph for kind in KINDS) == 1
    assert (node, RDFS.isDefinedBy, ONTOLOGY) in graph
    for needed in (RDFS.label, SKOS.definition):
        values = list(graph.objects(node, needed))
        assert len(values) == 1 and isinstance(values[0], rdflib.Literal) and values[0].language == "en"
    assert graph.value(node, SKOS.example) is not None or list(graph.objects(node, SKOS.example))
    if name[0].isupper():
        assert (node, RDF.type, OWL.Class) in graph
        assert graph.value(node, RDFS.subClassOf, any=True) is not None
    else:
        assert graph.value(node, RDFS.domain) is not None
        assert name in NO_RANGE or graph.value(node, RDFS.range) is not None


@pytest.mark.parametrize("name", [name for name in OWN if name[0].islower()])
def test_a_range_fits_the_kind_of_property(name: str) -> None:
    graph, node = ontology(), own(name)
    reach = graph.value(node, RDFS.range)
    is_data = str(reach).startswith(PREFIXES["xsd"])
    assert is_data == ((node, RDF.type, OWL.DatatypeProperty) in graph)


def test_every_class_of_entities_is_a_subclass_of_another_vocabulary() -> None:
    graph = ontology()
    for name in ENTITY_CLASSES:
        above = set(graph.objects(rdflib.URIRef(name), RDFS.subClassOf))
        assert rdflib.URIRef(AKG.Entity) in above
        assert any(not str(iri).startswith(NAMESPACE) for iri in above), name


def test_every_iri_of_the_file_exists() -> None:
    plain = {
        str(part)
        for triple in ontology()
        for part in triple
        if isinstance(part, rdflib.URIRef) and not str(part).startswith("https://w3id.org/abstractkg/")
    } - {"https://spdx.org/licenses/MIT"}
    assert len(plain) > 50
    assert not {iri for iri in plain if not exists(iri)}
    ours = {str(o) for o in ontology().objects() if isinstance(o, rdflib.URIRef)}
    assert {iri for iri in ours if iri.startswith(NAMESPACE)} <= {NAMESPACE + name for name in OWN}


def test_every_reused_term_exists() -> None:
    for prefix, names in REUSED.items():
        for name in sorted(names):
            assert exists(PREFIXES[prefix] + name), f"{prefix}:{name}"


def test_every_term_of_the_graph_is_known(example_built: Built) -> None:
    """Each predicate and class that is written has a name in Python, and ours stand in the ontology."""
    used: set[str] = set()
    for _, predicate, value, _ in to_quads(example_built.graph, extractor="x"):
        used.add(iri_of(predicate))
        name = value.strip("<>")
        if iri_of(predicate) == term("rdf:type") or name.startswith(NAMESPACE):
            used.add(name)
    known = {PREFIXES["akg"] + name for name in OWN}
    known |= {PREFIXES[prefix] + name for prefix, names in REUSED.items() for name in names}
    assert len(used) > 30
    assert not used - known


def test_every_edge_is_an_object_property() -> None:
    graph = ontology()
    for name in [*ROLE_RELATION.values(), *RELATION.values(), AFFILIATED, VARIANT_OF]:
        assert (own(name), RDF.type, OWL.ObjectProperty) in graph, name
    for iri in ROLE_PROPERTIES:
        assert (rdflib.URIRef(iri), RDFS.subPropertyOf, rdflib.URIRef(AKG.involves)) in graph
    assert len(RELATION_PROPERTIES) == len(RELATION)


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("kg/rdf.py", '"dcterms:title"', '"dcterms:titel"'),
        ("kg/rdf.py", '"akg:resolvedTo"', '"akg:resolvdTo"'),
        ("kg/dataset.py", '"void:classPartition"', '"void:classPartitions"'),
        ("kg/writers/annotations.py", '"oa:hasTarget"', '"oa:hasTargets"'),
    ],
)
def test_a_misspelt_term_fails_at_import(name: str, right: str, wrong: str) -> None:
    text = (Path(__file__).parents[2] / name).read_text(encoding="utf-8")
    assert right in text
    module = types.ModuleType("misspelt")
    sys.modules["misspelt"] = module
    try:
        with pytest.raises(UnknownNameError, match=wrong.strip('"')):
            exec(compile(text.replace(right, wrong), name, "exec"), module.__dict__)
    finally:
        del sys.modules["misspelt"]
