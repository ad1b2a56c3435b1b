"""`kg validate` says nothing of a whole graph, and of a broken one what is wrong and where."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.generations import RDF, current_generation
from kg.graph import KnowledgeGraph, build_graph
from kg.model import Evidence, Extraction, Mention, Paper, Relation, Result, Span
from kg.nquads import parse
from kg.pipeline import Built
from kg.rdf import to_quads
from kg.resolve import resolve
from kg.shacl import MANY, spread, validate_store
from kg.store import Store
from kg.terms import AKG, term
from kg.validate import Report, validate

BASE: Final = "https://w3id.org/abstractkg/"
PAPER: Final = BASE + "paper/2501.00001"
ABSTRACT: Final = "We propose ZetaPO, which extends GRPO, and test it on GSM8K: it reaches 51.7% 𝒜 accuracy."


def span(text: str) -> Span:
    start = ABSTRACT.index(text)
    return Span("abstract", start, start + len(text), text)


def whole_graph() -> KnowledgeGraph:
    whole = Evidence("abstract", 0, len(ABSTRACT))
    paper = Paper("ZetaPO: More of It", ABSTRACT, id="2501.00001", published="2025-01-02", num_authors=2)
    mentions = (
        Mention("ZetaPO", "Method", "introduces", 0.9, (span("ZetaPO"),)),
        Mention("GRPO", "Method", "uses", 0.8, (span("GRPO"),)),
        Mention("GSM8K", "Benchmark", "evaluates_on", 0.8, (span("GSM8K"),), kind="benchmark"),
    )
    relations = (
        Relation("ZetaPO", "extends", "GRPO", 0.7, whole),
        Relation("PAPER", "evaluated_on", "GSM8K", 0.6, whole),
    )
    results = (Result("ZetaPO", "51.7%", "GSM8K", "accuracy", None, "absolute", 0.6, whole),)
    read = [Extraction(paper.id, paper.title, mentions, relations, results)]
    return build_graph([paper], read, resolve([paper], read))


GRAPH: Final = whole_graph()
QUADS: Final = tuple(parse(to_quads(GRAPH, extractor="default 1")))


def iri(short: str) -> ox.NamedNode:
    return ox.NamedNode(short if "://" in short else term(short))


def of(
    subject: str, predicate: str, value: str | ox.Literal | None = None, graph: str | None = None
) -> Callable[[ox.Quad], bool]:
    """Return whether a quad is this one; `value` and `graph` None is any."""
    wanted = iri(value) if isinstance(value, str) else value

    def fits(quad: ox.Quad) -> bool:
        named = getattr(quad.graph_name, "value", None)
        return (
            (quad.subject, quad.predicate) == (ox.NamedNode(subject), iri(predicate))
            and wanted in (None, quad.object)
            and graph in (None, named)
        )

    return fits


def said(subject: str, predicate: str, value: str | ox.Literal, graph: str | None = None) -> ox.Quad:
    named = ox.NamedNode(graph) if graph else ox.DefaultGraph()
    return ox.Quad(
        ox.NamedNode(subject), iri(predicate), iri(value) if isinstance(value, str) else value, named
    )


def report(
    *,
    without: Callable[[ox.Quad], bool] | None = None,
    more: Iterable[ox.Quad] = (),
    graph: KnowledgeGraph = GRAPH,
) -> Report:
    """Return what is wrong with the whole graph after a change of its store or its catalog."""
    left = [quad for quad in QUADS if without is None or not without(quad)]
    assert without is None or len(left) < len(QUADS), "there was nothing to take away"
    return validate(graph, Store.in_memory([*left, *more]))


def problems(found: Report, check: str) -> list[str]:
    return [str(finding) for each in found.checks if each.name == check for finding in each.findings]


def decimal(text: str) -> ox.Literal:
    return ox.Literal(text, datatype=iri("xsd:decimal"))


def with_mention(**changes: object) -> KnowledgeGraph:
    """Return the whole graph, its first mention changed in the catalog only."""
    read = GRAPH.extractions[0]
    changed = replace(read.mentions[0], **changes)  # type: ignore[arg-type]
    return replace(GRAPH, extractions=(replace(read, mentions=(changed, *read.mentions[1:])),))


def test_nothing_is_wrong_with_a_whole_graph() -> None:
    found = report()
    assert found.findings == ()
    assert [check.name for check in found.checks] == [
        "counts",
        "spans",
        "evidence",
        "numbers",
        "links",
        "graphs",
        "resolution",
        "terms",
        "shapes",
    ]
    told = {check.name: check.looked_at for check in found.checks}
    assert told["counts"].startswith("1 papers, 3 entities, ")
    assert told["shapes"] == "5 of 5 documents and 1 of 1 paper graphs"


def test_counts_that_differ() -> None:
    node = f"{BASE}entity/zetapo"
    found = problems(report(without=of(node, "rdf:type")), "counts")
    assert found == ["the catalog gives 3 entities, the RDF store has 2; build the graph again"]


def test_a_span_whose_text_is_another() -> None:
    wrong = replace(span("ZetaPO"), text="DAPO")
    found = problems(report(graph=with_mention(spans=(wrong,))), "spans")
    assert found == [
        "paper 2501.00001 “ZetaPO: More of It” abstract 11-17: "
        "ZetaPO: noted as 'DAPO', but 'ZetaPO' stands there"
    ]


def test_a_span_outside_its_text() -> None:
    outside = Span("title", 10, 99, "x")
    found = problems(report(graph=with_mention(spans=(outside,))), "spans")
    assert found == [
        "paper 2501.00001 “ZetaPO: More of It” title 10-99: "
        "ZetaPO: not within the title, which has 18 characters"
    ]


@pytest.mark.parametrize(
    ("local", "problem"),
    [
        ("abstract-5-999", "not within the abstract, which has 89 characters"),
        ("abstract-7-7", "not within the abstract, which has 89 characters"),
        ("somewhere", "#somewhere: is no IRI of a stretch of text"),
    ],
)
def test_a_span_of_the_store_outside_its_text(local: str, problem: str) -> None:
    more = [said(f"{PAPER}#grpo", "akg:span", f"{PAPER}#{local}", PAPER)]
    assert any(line.endswith(problem) for line in problems(report(more=more), "spans"))


def test_characters_are_code_points() -> None:
    """The text before a span may hold characters of two UTF-16 units."""
    assert "𝒜" in ABSTRACT and len(ABSTRACT) == 89
    more = [said(f"{PAPER}#grpo", "akg:span", f"{PAPER}#abstract-80-89", PAPER)]
    assert problems(report(more=more), "spans") == []


def test_an_edge_that_follows_from_nothing() -> None:
    more = [said(f"{BASE}entity/grpo", "akg:outperforms", f"{BASE}entity/zetapo")]
    found = problems(report(more=more), "evidence")
    assert found == [
        f"{BASE}entity/grpo: “grpo outperforms zetapo” stands in the store and follows from no paper"
    ]


def test_an_edge_that_is_missing() -> None:
    gone = of(f"{BASE}entity/zetapo", "akg:extends", graph=None)
    found = problems(report(without=gone), "evidence")
    assert found == ["paper 2501.00001 “ZetaPO: More of It”: “zetapo extends grpo” is missing in the store"]


def test_an_edge_whose_paper_does_not_say_it() -> None:
    found = problems(report(without=of(f"{PAPER}#zetapo", "akg:extends", graph=PAPER)), "evidence")
    assert found == [
        "paper 2501.00001 “ZetaPO: More of It”: no paper graph of the store says “zetapo extends grpo”"
    ]


def test_an_edge_without_a_stretch_of_text() -> None:
    edge = GRAPH.edges[0]
    bare = replace(edge, support=tuple(replace(support, spans=()) for support in edge.support))
    found = problems(report(graph=replace(GRAPH, edges=(bare, *GRAPH.edges[1:]))), "evidence")
    assert len(found) == 1 and "no stretch of text shows" in found[0] and "2501.00001" in found[0]


@pytest.mark.parametrize(
    ("predicate", "text", "problem"),
    [
        ("akg:value", "51,7", "value '51,7' is no decimal"),
        ("akg:value", "15.7", "value 15.7 is 51.7 in the catalog, written '51.7%'"),
        ("akg:confidence", "1.5", "confidence 1.5 is not between 0 and 1"),
    ],
)
def test_numbers(predicate: str, text: str, problem: str) -> None:
    node = f"{BASE}result/{GRAPH.results[0].id}"
    found = problems(
        report(without=of(node, predicate), more=[said(node, predicate, decimal(text))]), "numbers"
    )
    assert found == [f"paper 2501.00001 “ZetaPO: More of It” abstract 0-89: {problem}"]


def test_a_link_to_nothing() -> None:
    more = [said(PAPER, "akg:uses", f"{BASE}entity/nobody")]
    found = problems(report(more=more), "links")
    assert found == [
        "paper 2501.00001 “ZetaPO: More of It”: "
        f"leads by uses to <{BASE}entity/nobody>, of which the graph says nothing"
    ]


def test_a_mention_that_is_not_described() -> None:
    found = problems(report(without=of(f"{PAPER}#grpo", "akg:mentionName")), "links")
    assert any(f"leads by uses to <{PAPER}#grpo>" in line for line in found)


def test_a_triple_that_stands_twice() -> None:
    more = [said(PAPER, "akg:introduces", f"{BASE}entity/zetapo", PAPER)]
    found = problems(report(more=more), "graphs")
    assert len(found) == 1 and "stands in the default graph and again in" in found[0]


def test_a_graph_of_no_paper_and_about_another() -> None:
    other = f"{BASE}paper/2501.99999"
    more = [
        said(other, "akg:extractor", ox.Literal("x"), other),
        said(f"{BASE}entity/grpo", "akg:extractor", ox.Literal("x"), PAPER),
    ]
    found = problems(report(more=more), "graphs")
    assert found == [
        "paper 2501.99999: a graph that is of no paper",
        "paper 2501.00001 “ZetaPO: More of It”: "
        f"says something of <{BASE}entity/grpo>, which is no part of the paper",
    ]


def test_a_mention_that_stands_for_nothing() -> None:
    more = [said(f"{PAPER}#nobody", "akg:resolvedTo", f"{BASE}entity/nobody", f"{BASE}resolution")]
    found = problems(report(more=more), "resolution")
    assert [line.partition(": #nobody: ")[2] for line in found] == [
        f"stands for <{BASE}entity/nobody>, which is no entity of the graph",
        "is resolved, but the paper's graph has no such mention",
    ]


def test_a_term_that_is_none() -> None:
    own = AKG.extends.removesuffix("extends")
    more = [said(PAPER, own + "extend", ox.Literal("x")), said(PAPER, "rdf:type", own + "Papers")]
    found = problems(report(more=more), "terms")
    assert [line.partition("”: ")[2] for line in found] == [
        "Papers is no term of the ontology",
        "extend is no term of the ontology",
    ]


def test_shapes_name_the_paper_and_the_value() -> None:
    more = [
        said(PAPER, "fabio:hasArXivId", ox.Literal("not an id")),
        said(f"{PAPER}#grpo", "akg:confidence", decimal("7.5"), PAPER),
        said(f"{PAPER}#grpo", "akg:resolvedTo", f"{PAPER}", f"{BASE}resolution"),
    ]
    found = problems(report(more=more), "shapes")
    start = "paper 2501.00001 “ZetaPO: More of It”: "
    assert f"{start}A paper has at most one arXiv id, without version. (hasArXivId is 'not an id')" in found
    assert f"{start}#grpo: A confidence is one decimal from 0 to 1. (confidence is '7.5')" in found
    assert any(line.startswith(f"{start}#grpo: A mention stands for exactly one entity") for line in found)


def test_what_the_graph_says_of_itself_is_looked_at() -> None:
    source = f"{BASE}source/ab"
    more = [
        said(f"{BASE}dataset", "rdf:type", "void:Dataset"),
        said(f"{BASE}dataset", "prov:wasGeneratedBy", f"{BASE}build"),
        said(f"{BASE}dataset", "void:triples", ox.Literal(7)),
        said(f"{BASE}build", "rdf:type", "prov:Activity"),
        said(f"{BASE}build", "prov:used", source),
    ]
    found = report(more=more)
    assert problems(found, "counts") == [f"the graph says it has 7 triples, it has {len(QUADS) + len(more)}"]
    assert problems(found, "links") == [
        f"{BASE}build: leads by used to <{source}>, of which the graph says nothing"
    ]
    shapes = problems(found, "shapes")
    assert f"{BASE}dataset: A graph has exactly one licence, an IRI." in shapes
    assert f"{BASE}build: A build is associated with exactly one software agent." in shapes
    assert any(
        line.startswith(f"{BASE}build: What a build used is an entity of provenance") for line in shapes
    )


def test_a_document_of_many_nodes() -> None:
    """So many authors that they are not told to pySHACL one by one; one of them has no name."""
    people = [f"{PAPER}#author-{number}" for number in range(1, MANY + 2)]
    more = [said(PAPER, "schema:author", person) for person in people]
    more += [said(person, "rdf:type", "schema:Person") for person in people]
    more += [said(person, "schema:name", ox.Literal("A. Author")) for person in people[1:]]
    more += [said(person, "schema:position", ox.Literal(n)) for n, person in enumerate(people, 1)]
    assert problems(report(more=more), "shapes") == [
        "paper 2501.00001 “ZetaPO: More of It”: #author-1: "
        "An author has exactly one name, and it is not empty."
    ]


def test_what_is_looked_at_is_told() -> None:
    store = Store.in_memory(QUADS)
    part = validate(GRAPH, store, limit=2).checks[-1]
    assert part.looked_at == "2 of 5 documents and 1 of 1 paper graphs, the rest with --all"
    done = validate_store(store, limit=2)
    assert (done.documents, done.all_documents) == (2, 5)
    assert spread([str(n) for n in range(10)], 3) == ["0", "3", "6"]


def test_progress_is_reported() -> None:
    steps: list[tuple[str, int, int]] = []
    validate(GRAPH, Store.in_memory(QUADS), on_progress=lambda *step: steps.append(step))
    assert ("checking counts", 0, 9) in steps
    assert ("validating", 5, 6) in steps


# On the command line


def test_the_example_graph_is_whole(runner: CliRunner, example_built: Built) -> None:
    done = runner.invoke(main, ["validate", "--graph", str(example_built.folder)])
    assert done.exit_code == 0, done.stdout
    assert len(done.stdout.splitlines()) == 9 and "wrong" not in done.stdout


def test_the_graph_of_the_seeds_is_whole(runner: CliRunner, seeds_built: Built) -> None:
    done = runner.invoke(main, ["validate", "--all", "--graph", str(seeds_built.folder)])
    assert done.exit_code == 0, done.stdout
    assert "--all" not in done.stdout


def test_a_broken_graph(runner: CliRunner, example_built: Built, tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    shutil.copytree(example_built.folder, folder)
    store = ox.Store(str(current_generation(folder) / RDF))
    paper = example_built.graph.papers[0]
    node = example_built.graph.namespace.paper(paper.id)
    store.remove(next(store.quads_for_pattern(ox.NamedNode(node), iri("dcterms:title"), None)))
    store.flush()
    del store
    done = runner.invoke(main, ["validate", "--graph", str(folder)])
    assert done.exit_code == 1
    assert f"paper {paper.id} “" in done.stdout
    assert "A paper has exactly one title, and it is not empty." in done.stdout
    answer = runner.invoke(main, ["validate", "--graph", str(folder), "--json"])
    assert answer.exit_code == 1
    told = json.loads(answer.stdout)
    assert (told["schema_version"], told["valid"]) == (1, False)
    assert [check["name"] for check in told["checks"] if check["findings"]] == ["counts", "shapes"]
    finding = told["checks"][-1]["findings"][0]
    assert (finding["node"], finding["paper"], finding["title"]) == (node, paper.id, paper.title)


def test_no_graph(runner: CliRunner, tmp_path: Path) -> None:
    done = runner.invoke(main, ["validate", "--graph", str(tmp_path / "none")])
    assert done.exit_code == 2 and "no graph there" in done.stderr


def test_a_catalog_that_does_not_open(runner: CliRunner, example_built: Built, tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    shutil.copytree(example_built.folder, folder)
    (current_generation(folder) / "catalog.duckdb").write_bytes(b"no catalog")
    done = runner.invoke(main, ["validate", "--graph", str(folder)])
    assert done.exit_code == 2 and "not a readable catalog" in done.stderr
