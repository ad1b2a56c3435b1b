"""What a graph says of itself: counts that are true, queries that run, provenance without time, decisions."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pyoxigraph as ox
import pytest
import rdflib

from kg.dataset import Counts, Example, about_quads, count, curation_quads, prefixes
from kg.graph import KnowledgeGraph
from kg.nquads import parse
from kg.pipeline import Built
from kg.queries import get_query, query_names
from kg.rdf import to_quads
from kg.resolve.curation import Decision, Subject
from kg.vocab import DEFAULT_BASE, PREFIXES, Namespace
from kg.writers import WRITERS, get_writer
from kg.writers.whole import software_version, whole_quads

NAMES: Final = Namespace()
PROLOGUE: Final = "".join(f"PREFIX {p}: <{iri}>\n" for p, iri in prefixes(NAMES).items())


@pytest.fixture(scope="module")
def store(example_built: Built) -> ox.Store:
    found = ox.Store()
    found.extend(parse(whole_quads(example_built.graph, extractor="default 3f0a9c1b22de")))
    return found


def rows(store: ox.Store, sparql: str) -> list[tuple[str, ...]]:
    answer = store.query(PROLOGUE + sparql)
    assert isinstance(answer, ox.QuerySolutions)
    return [tuple("" if term is None else getattr(term, "value", "") for term in row) for row in answer]


def pairs(store: ox.Store, sparql: str) -> dict[str, int]:
    return {key: int(value) for key, value in rows(store, sparql)}


def number(store: ox.Store, sparql: str) -> int:
    ((found,),) = rows(store, sparql)
    return int(found)


def test_the_counts_are_those_of_the_graph_with_its_description(store: ox.Store) -> None:
    declared = pairs(store, "SELECT ?d ?n { ?d a void:Dataset ; void:triples ?n }")
    everywhere = "SELECT (COUNT(*) AS ?n) { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
    resolution = "SELECT (COUNT(*) AS ?n) { GRAPH kg:resolution { ?s ?p ?o } }"
    evidence = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } FILTER(?g != kg:resolution) }"
    base = DEFAULT_BASE + "dataset"
    assert declared == {
        base: number(store, everywhere),
        base + "#facts": number(store, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"),
        base + "#evidence": number(store, evidence),
        base + "#resolution": number(store, resolution),
    }


@pytest.mark.parametrize(
    ("part", "pattern"),
    [
        ("facts", "?s ?p ?o"),
        ("evidence", "GRAPH ?g { ?s ?p ?o } FILTER(?g != kg:resolution)"),
        ("resolution", "GRAPH kg:resolution { ?s ?p ?o }"),
    ],
)
def test_property_partitions_are_true(store: ox.Store, part: str, pattern: str) -> None:
    node = f"<{DEFAULT_BASE}dataset#{part}>"
    partition = "void:propertyPartition [ void:property ?p ; void:triples ?n ]"
    declared = pairs(store, f"SELECT ?p ?n {{ {node} {partition} }}")
    assert declared == pairs(store, f"SELECT ?p (COUNT(*) AS ?n) {{ {pattern} }} GROUP BY ?p")
    assert number(store, f"SELECT ?n {{ {node} void:properties ?n }}") == len(declared)


def test_class_partitions_are_true(store: ox.Store) -> None:
    asked = "SELECT ?c ?n { ?d void:classPartition [ void:class ?c ; void:entities ?n ] }"
    declared = pairs(store, asked)
    assert declared == pairs(store, "SELECT ?c (COUNT(DISTINCT ?s) AS ?n) { ?s a ?c } GROUP BY ?c")
    assert number(store, "SELECT ?n { ?d void:classes ?n }") == len(declared)


def test_an_editor_learns_which_properties_a_class_has(store: ox.Store) -> None:
    """The query is the one by which editors complete: class partition, then its property partitions."""
    declared = set(
        rows(store, "SELECT ?c ?p { ?x void:class ?c ; void:propertyPartition [ void:property ?p ] }")
    )
    there = set(rows(store, "SELECT DISTINCT ?c ?p { ?s a ?c ; ?p ?o }"))
    own = ("void#", "dcat#", "shacl#", "prov#", "schema.org/Dataset")
    missing = {(c, p) for c, p in there - declared if not any(name in c for name in own)}
    assert missing == set()
    counted = rows(
        store,
        """SELECT ?c ?p ?n { ?x void:class ?c ;
            void:propertyPartition [ void:property ?p ; void:triples ?n ] }""",
    )
    assert {c for c, _, _ in counted} >= {PREFIXES["fabio"] + "Preprint", PREFIXES["akg"] + "Result"}
    for of_class, predicate, triples in counted:
        asked = f"SELECT (COUNT(*) AS ?n) {{ ?s a <{of_class}> ; <{predicate}> ?o }}"
        assert number(store, asked) == int(triples), (of_class, predicate)


def test_the_description_loads_in_rdflib_and_says_the_same(example_built: Built, tmp_path: Path) -> None:
    get_writer("void").write(example_built.graph, tmp_path / "void.ttl")
    data = (tmp_path / "void.ttl").read_bytes()
    graph = rdflib.Graph().parse(data=data, format="turtle")
    assert len(graph) == len(list(ox.parse(data, format=ox.RdfFormat.TURTLE)))
    whole = ox.Store()
    whole.extend(parse(whole_quads(example_built.graph)))
    asked = "SELECT ?d ?n { ?d void:triples ?n } ORDER BY ?d"
    found = [tuple(map(str, row)) for row in graph.query(PROLOGUE + asked)]  # type: ignore[arg-type]
    assert found == rows(whole, asked) and len(found) > 50


def test_each_named_query_is_an_example_that_runs(store: ox.Store) -> None:
    asked = """SELECT ?label ?comment ?query {
        ?q a sh:SPARQLExecutable ; rdfs:label ?label ; rdfs:comment ?comment ; sh:prefixes ?d
        OPTIONAL { ?q sh:select ?select } OPTIONAL { ?q sh:ask ?ask } OPTIONAL { ?q sh:construct ?construct }
        BIND(COALESCE(?select, ?ask, ?construct) AS ?query) } ORDER BY ?label"""
    found = rows(store, asked)
    assert [label for label, _, _ in found] == list(query_names())
    declared = rows(store, "SELECT ?p ?n { kg:dataset sh:declare [ sh:prefix ?p ; sh:namespace ?n ] }")
    prologue = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in declared)
    for label, comment, query in found:
        assert comment == get_query(label).question and "{{" not in query and not query.startswith("#")
        store.query(prologue + query)
    assert any(list(store.query(prologue + query)) for _, _, query in found)  # type: ignore[arg-type]


def test_an_example_that_constructs_or_asks_says_so() -> None:
    examples = [
        Example("c", "?", "# What?\n# param a: b\nCONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"),
        Example("a", "?", "PREFIX x: <http://select.org/>\nASK { ?s ?p ?o }"),
    ]
    store = ox.Store()
    store.extend(parse(about_quads(Counts(), NAMES, examples=examples)))
    assert rows(store, "SELECT ?q { ?x a sh:SPARQLConstructExecutable ; sh:construct ?q }") == [
        ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }",)
    ]
    assert len(rows(store, "SELECT ?q { ?x a sh:SPARQLAskExecutable ; sh:ask ?q }")) == 1


def test_every_file_is_a_distribution_with_its_media_type(store: ox.Store) -> None:
    asked = "SELECT ?t ?m { kg:dataset dcat:distribution [ dcterms:title ?t ; dcat:mediaType ?m ] }"
    media = "https://www.iana.org/assignments/media-types/"
    assert {t: m.removeprefix(media) for t, m in rows(store, asked)} == {
        writer.file: writer.media_type for writer in WRITERS.values()
    }
    ((title, licence, space),) = rows(
        store,
        """SELECT ?t ?l ?u { kg:dataset a dcat:Dataset ; dcterms:title ?t ;
            dcterms:license ?l ; void:uriSpace ?u }""",
    )
    assert title and licence.startswith("https://creativecommons.org/") and space == DEFAULT_BASE


def test_provenance_names_files_versions_and_extractor_but_no_time(
    store: ox.Store, example_built: Built
) -> None:
    asked = """SELECT ?e ?v ?f ?s { kg:dataset prov:wasGeneratedBy ?b .
        ?b a prov:Activity ; akg:extractor ?e ; prov:used ?s ;
            prov:wasAssociatedWith [ schema:softwareVersion ?v ] . ?s schema:name ?f }"""
    ((extractor, version, file, source),) = rows(store, asked)
    assert (extractor, version, file) == ("default 3f0a9c1b22de", software_version(), "daily-papers.txt")
    papers = rows(
        store, f"SELECT DISTINCT ?p {{ ?p prov:wasDerivedFrom ?r FILTER(STRSTARTS(STR(?r), '{source}#')) }}"
    )
    assert len(papers) == len(example_built.graph.papers)
    assert not rows(store, "SELECT ?s { ?s ?p ?o FILTER(DATATYPE(?o) = xsd:dateTime) }")


def decisions() -> list[Decision]:
    return [
        Decision(
            "merge", Subject("GRPO", "Method", "1"), Subject("Group RPO"), comment='so "it" is', author="me"
        ),
        Decision("rename", Subject("grpo"), value="GRPO"),
        Decision("drop", Subject("the paper")),
    ]


def test_decisions_of_people_stand_in_the_resolution_graph() -> None:
    store = ox.Store()
    store.extend(parse(about_quads(Counts(), NAMES, decisions=decisions())))
    asked = """SELECT ?a ?s ?t ?p ?o ?v ?c ?w { GRAPH kg:resolution {
        ?d a akg:CurationDecision ; akg:action ?a ; akg:subjectWritten ?s
        OPTIONAL { ?d akg:subjectType ?t } OPTIONAL { ?d akg:subjectPaper ?p }
        OPTIONAL { ?d akg:objectWritten ?o } OPTIONAL { ?d akg:newValue ?v }
        OPTIONAL { ?d rdfs:comment ?c } OPTIONAL { ?d dcterms:creator ?w } } } ORDER BY ?a"""
    assert rows(store, asked) == [
        ("drop", "the paper", "", "", "", "", "", ""),
        ("merge", "GRPO", PREFIXES["akg"] + "Method", NAMES.paper("1"), "Group RPO", "", 'so "it" is', "me"),
        ("rename", "grpo", "", "", "", "GRPO", "", ""),
    ]


def test_the_iri_of_a_decision_is_a_function_of_the_decision() -> None:
    forwards, backwards = (
        set(curation_quads(decisions(), NAMES)),
        set(curation_quads(decisions()[::-1], NAMES)),
    )
    assert forwards == backwards
    assert len({subject for subject, _, _, _ in forwards}) == 3


def test_counts_follow_what_is_added_and_taken_away(example_built: Built) -> None:
    quads = list(to_quads(example_built.graph))
    before, gone, new = quads[: len(quads) // 2], quads[:100], quads[len(quads) // 2 :]
    changed = count(before, NAMES) - count(gone, NAMES) + count(new, NAMES)
    assert changed == count(quads[100:], NAMES)
    assert changed.triples() == sum(not graph for _, _, _, graph in quads[100:])


def test_another_base_is_described_under_that_base(example_built: Built) -> None:
    graph = example_built.graph
    names = Namespace("https://example.org/mine/")
    mine = KnowledgeGraph(
        graph.papers, graph.extractions, graph.resolution, graph.edges, graph.results, names
    )
    quads = list(whole_quads(mine))
    assert not any(
        DEFAULT_BASE in str(quad).replace(PREFIXES["akg"], "").replace(PREFIXES["akg"][:-1], "")
        for quad in quads
    )
    usual = count(to_quads(graph), NAMES)
    assert count(to_quads(mine), names).classes() == usual.classes()
