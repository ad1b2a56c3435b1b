"""What the graph says of one thing, as RDF, and what the server says of itself."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from importlib import resources

import pyoxigraph as ox

from kg.server.worker import write_triples
from kg.vocab import PREFIXES, Namespace

_DEFAULT = ox.DefaultGraph()
_SD = "http://www.w3.org/ns/sparql-service-description#"


def entity_triples(store: ox.Store, iri: str) -> list[ox.Triple]:
    """Return all plain triples that an entity stands in, as subject or as object."""
    node = ox.NamedNode(iri)
    return _once(
        [
            *store.quads_for_pattern(node, None, None, _DEFAULT),
            *store.quads_for_pattern(None, None, node, _DEFAULT),
        ]
    )


def paper_triples(store: ox.Store, iri: str, names: Namespace) -> list[ox.Triple]:
    """Return what the graph says of a paper: facts, authors, results, evidence, and what its names mean."""
    paper, resolution = ox.NamedNode(iri), ox.NamedNode(names.base + "resolution")

    def quads() -> Iterator[ox.Quad]:
        own = list(store.quads_for_pattern(paper, None, None, _DEFAULT))
        parts = [q.object for q in own if isinstance(q.object, ox.NamedNode)]
        parts = [part for part in parts if part.value.startswith(iri + "#")]
        results = [q.subject for q in store.quads_for_pattern(None, _akg("inPaper"), paper, _DEFAULT)]
        evidence = list(store.quads_for_pattern(None, None, None, paper))
        mentions = {quad.subject for quad in evidence}
        yield from own
        yield from evidence
        for node in [*parts, *results]:
            yield from store.quads_for_pattern(node, None, None, _DEFAULT)
        for mention in mentions:
            yield from store.quads_for_pattern(mention, _akg("resolvedTo"), None, resolution)
        yield from store.quads_for_pattern(None, None, paper, _DEFAULT)

    return _once(quads())


def service_triples(endpoint: str) -> list[ox.Triple]:
    """Return the SPARQL 1.1 service description of an endpoint.

    >>> len(service_triples("http://127.0.0.1:8000/sparql")) > 10
    True
    """
    service, data = ox.NamedNode(endpoint), ox.NamedNode(endpoint + "#dataset")
    graph = ox.NamedNode(endpoint + "#default-graph")
    formats = ["SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV"]
    formats += ["Turtle", "N-Triples", "JSON-LD", "RDF_XML"]
    facts = [
        (service, PREFIXES["rdf"] + "type", ox.NamedNode(_SD + "Service")),
        (service, _SD + "endpoint", service),
        (service, _SD + "supportedLanguage", ox.NamedNode(_SD + "SPARQL11Query")),
        (service, _SD + "defaultDataset", data),
        (data, PREFIXES["rdf"] + "type", ox.NamedNode(_SD + "Dataset")),
        (data, _SD + "defaultGraph", graph),
        (graph, PREFIXES["rdf"] + "type", ox.NamedNode(_SD + "Graph")),
        *(
            (service, _SD + "resultFormat", ox.NamedNode(f"http://www.w3.org/ns/formats/{name}"))
            for name in formats
        ),
    ]
    return _once(ox.Triple(s, ox.NamedNode(p), o) for s, p, o in facts)


def ontology_text() -> bytes:
    """Return the ontology as it stands in its file, in Turtle."""
    return resources.files("ontology").joinpath("abstractkg.ttl").read_bytes()


def ontology_triples() -> list[ox.Triple]:
    """Return the triples of the ontology."""
    return _once(quad.triple for quad in ox.parse(ontology_text(), ox.RdfFormat.TURTLE))


def serialized(triples: Iterable[ox.Triple], form: str, prefixes: dict[str, str]) -> bytes:
    """Return triples in an RDF format (`ttl`, `nt`, `jsonld`, `rdf`), with the prefixes that they use."""
    listed = list(triples)
    used = {iri for triple in listed for iri in _iris(triple)}
    known = {p: start for p, start in prefixes.items() if any(iri.startswith(start) for iri in used)}
    out = io.BytesIO()
    write_triples(listed, form, known, out)
    return out.getvalue()


def _iris(triple: ox.Triple) -> Iterator[str]:
    for term in (triple.subject, triple.predicate, triple.object):
        if isinstance(term, ox.NamedNode):
            yield term.value
        elif isinstance(term, ox.Literal):
            yield term.datatype.value


def _akg(name: str) -> ox.NamedNode:
    return ox.NamedNode(PREFIXES["akg"] + name)


def _once(quads: Iterable[ox.Quad | ox.Triple]) -> list[ox.Triple]:
    """Return triples, each once, sorted."""
    return sorted({q.triple if isinstance(q, ox.Quad) else q for q in quads}, key=str)
