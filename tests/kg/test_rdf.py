"""RDF of papers, entities, edges, results and evidence: nothing of the model is lost, in any format."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from decimal import Decimal

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.graph import KnowledgeGraph
from kg.model import (
    Affiliation,
    Evidence,
    Extraction,
    Link,
    Mention,
    Paper,
    Relation,
    Result,
    SourceRef,
    Span,
)
from kg.nquads import Quad, iri_of, parse, term
from kg.pipeline import Built, assemble
from kg.rdf import (
    edge_quad,
    entity_quads,
    evidence_quads,
    paper_quads,
    result_quads,
    to_quads,
    typed,
)
from kg.resolve.variants import Values
from kg.serializing import FORMATS, RdfFormat, serialize
from kg.vocab import PREFIXES, Namespace
from kg.writers.whole import whole_quads

NAMES = Namespace()
TITLE = 'Zorb "on" <Zorbs>\n\t🤖 שלום \\ end'
ABSTRACT = (
    "We propose ZorbNet-VL, on GRPO and QQZO-7B. It gains 8.50 points over BaseZorb on VarnBench (zap rate)."
)


def span(text: str, *, field: str = "abstract") -> Span:
    start = ABSTRACT.index(text)
    return Span("abstract", start, start + len(text), text)


SENTENCE = Evidence("abstract", 43, len(ABSTRACT))
PAPER = Paper(
    id="2505.00001",
    title=TITLE,
    abstract=ABSTRACT,
    published="2025-05-13",
    date_written="May 13",
    authors=("Ada Varn", "José Núñez", "Ada Varn"),
    num_authors=4,
    organizations=(Affiliation("Zorb Labs", "zorb-labs"), Affiliation("Varn")),
    categories=("cs.CL", "cs.AI"),
    urls=(
        Link("code", "https://example.org/code"),
        Link("project", "https://example.org/project"),
        Link("page", "https://example.org/page"),
        Link("other", 'https://example.org/a b<c>"100%'),
    ),
    upvotes=42,
    comments=3,
    sources=(SourceRef("monday.txt", "ab" * 32, 7), SourceRef("tuesday.txt", "cd" * 32, 1)),
    replaces=("0123456789ab",),
)
MENTIONS = (
    Mention("ZorbNet-VL", "Model", "introduces", 0.97, (span("ZorbNet-VL"),), None, "one"),
    Mention("GRPO", "Method", "uses", 0.4, (span("GRPO"),), None, "two"),
    Mention("QQZO-7B", "Model", "uses", 0.81, (span("QQZO-7B"),), None, "one"),
    Mention("BaseZorb", "Model", "compares_to", 0.6, (span("BaseZorb"),), None, "one"),
    Mention("VarnBench", "Benchmark", "evaluates_on", 0.9, (span("VarnBench"),), "benchmark", "one"),
    Mention("zap rate", "Metric", "mentions", 0.333, (span("zap rate"),), None, "one"),
)
EXTRACTION = Extraction(
    PAPER.id,
    TITLE,
    MENTIONS,
    (
        Relation("ZorbNet-VL", "outperforms", "BaseZorb", 0.66, SENTENCE),
        Relation("PAPER", "extends", "GRPO", 0.55, Evidence("abstract", 0, 42)),
    ),
    (Result("ZorbNet-VL", "8.50 points", "VarnBench", "zap rate", "BaseZorb", "gain", 0.7, SENTENCE),),
)
OTHER = Paper("ZorbNet again", "We use ZorbNet and QQZO.", id="2505.00002", published="2025-06")
AGAIN = Extraction(
    OTHER.id,
    OTHER.title,
    (
        Mention("ZorbNet", "Model", "uses", 0.9, (Span("abstract", 7, 14, "ZorbNet"),), None, "one"),
        Mention("QQZO", "Model", "uses", 0.9, (Span("abstract", 19, 23, "QQZO"),), None, "one"),
    ),
)


@pytest.fixture(scope="module")
def graph() -> KnowledgeGraph:
    return assemble([PAPER, OTHER], [EXTRACTION, AGAIN])


Triples = set[tuple[str, str, str]]


def short(term: object) -> str:
    """Return a term as a test writes it: IRIs by prefix, literals by their text."""
    assert isinstance(term, ox.NamedNode | ox.Literal)
    if isinstance(term, ox.Literal):
        kind = term.datatype.value.removeprefix(PREFIXES["xsd"])
        return term.value if kind == "string" else f"{term.value}^{kind}"
    for prefix, start in sorted(PREFIXES.items(), key=lambda item: -len(item[1])):
        if term.value.startswith(start):
            return f"{prefix}:{term.value[len(start) :]}"
    return term.value


def triples(quads: Iterable[Quad]) -> Triples:
    return _shortened(parse(quads))


def _shortened(quads: Iterable[ox.Quad]) -> Triples:
    return {(short(q.subject), short(q.predicate), short(q.object)) for q in quads}


@pytest.fixture(scope="module", params=sorted(FORMATS))
def read_back(request: pytest.FixtureRequest, graph: KnowledgeGraph) -> Triples:
    chosen: RdfFormat = request.param
    data = serialize(whole_quads(graph, extractor="one 3f0a"), chosen)
    return _shortened(ox.parse(data, format=FORMATS[chosen]))


def objects(found: Triples, subject: str, predicate: str) -> set[str]:
    return {o for s, p, o in found if (s, p) == (subject, predicate)}


def test_no_field_of_a_paper_is_lost(read_back: Triples) -> None:
    node = "paper:2505.00001"
    expected: dict[str, object] = {
        "title": {TITLE} == objects(read_back, node, "dcterms:title"),
        "abstract": not any(ABSTRACT in o for _, _, o in read_back),  # never handed on
        "id": {PAPER.id} == objects(read_back, node, "fabio:hasArXivId"),
        "published": {"2025-05-13^date"} == objects(read_back, node, "dcterms:issued"),
        "date_written": {"May 13"} == objects(read_back, node, "akg:dateWritten"),
        "authors": [
            objects(read_back, f"{node}#author-{n}", "schema:name") for n in (1, 2, 3)
        ] == [{"Ada Varn"}, {"José Núñez"}, {"Ada Varn"}],
        "num_authors": {"4^integer"} == objects(read_back, node, "akg:numAuthors"),
        "organizations": [
            (
                objects(read_back, f"{node}#organization-{n}", "schema:name"),
                objects(read_back, f"{node}#organization-{n}", "schema:alternateName"),
            )
            for n in (1, 2)
        ] == [({"Zorb Labs"}, {"zorb-labs"}), ({"Varn"}, set())],
        "categories": {"cs.CL", "cs.AI"} == objects(read_back, node, "dcterms:subject"),
        "urls": [
            objects(read_back, node, p)
            for p in ("akg:codeRepository", "akg:projectPage", "foaf:page", "rdfs:seeAlso")
        ] == [
            {"https://example.org/code"},
            {"https://example.org/project"},
            {"https://example.org/page"},
            {"https://example.org/a%20b%3Cc%3E%22100%25"},
        ],
        "upvotes": {"42^integer"} == objects(read_back, node, "akg:upvotes"),
        "comments": {"3^integer"} == objects(read_back, node, "schema:commentCount"),
        "sources": objects(read_back, node, "prov:wasDerivedFrom")
        == {f"kg:source/{'ab' * 32}#7", f"kg:source/{'cd' * 32}#1"}
        and objects(read_back, f"kg:source/{'ab' * 32}", "schema:name") == {"monday.txt"},
        "replaces": {node} == objects(read_back, "paper:0123456789ab", "dcterms:isReplacedBy"),
    }  # fmt: skip
    assert expected.keys() == {field.name for field in fields(Paper)}
    assert [name for name, kept in expected.items() if not kept] == []


def test_authors_are_persons_in_order_and_equal_names_are_not_one_person(read_back: Triples) -> None:
    authors = objects(read_back, "paper:2505.00001", "schema:author")
    assert authors == {f"paper:2505.00001#author-{n}" for n in (1, 2, 3)}
    for author in authors:
        assert objects(read_back, author, "rdf:type") == {"schema:Person"}
        assert objects(read_back, author, "schema:position") == {author[-1] + "^integer"}


@pytest.mark.parametrize("mention", MENTIONS, ids=lambda mention: mention.name)
def test_no_field_of_a_mention_is_lost(read_back: Triples, graph: KnowledgeGraph, mention: Mention) -> None:
    node = "paper:2505.00001#" + mention.name.lower().replace(" ", "-")
    predicates = {"introduces": "introduces", "uses": "uses", "evaluates_on": "evaluatesOn",
                  "compares_to": "comparesTo", "mentions": "mentions"}  # fmt: skip
    spans = {f"paper:2505.00001#abstract-{s.start}-{s.end}" for s in mention.spans}
    said = objects(read_back, node, "akg:extractor") or {"one"}
    kept = {
        "name": objects(read_back, node, "akg:mentionName") == {mention.name},
        "type": objects(read_back, node, "rdf:type") == {f"akg:{mention.type}"},
        "role": ("paper:2505.00001", f"akg:{predicates[mention.role]}", node) in read_back,
        "confidence": objects(read_back, node, "akg:confidence") == {f"{mention.confidence:.3f}^decimal"},
        "spans": objects(read_back, node, "akg:span") == spans,
        "kind": objects(read_back, node, "akg:kind") == ({mention.kind} if mention.kind else set()),
        "extractor": said == {mention.extractor},
    }
    assert kept.keys() == {field.name for field in fields(Mention)}
    assert [name for name, there in kept.items() if not there] == []
    slug = graph.resolution.find(PAPER.id, mention.name)
    assert objects(read_back, node, "akg:resolvedTo") == {f"entity:{slug}"}
    assert objects(read_back, "paper:2505.00001", "akg:extractor") == {"one 3f0a"}


def test_no_field_of_a_relation_is_lost(read_back: Triples) -> None:
    paper = "paper:2505.00001"
    for head, predicate, tail, confidence, shown in (
        (f"{paper}#zorbnet-vl", "akg:outperforms", f"{paper}#basezorb", "0.660", f"43-{len(ABSTRACT)}"),
        (paper, "akg:extends", f"{paper}#grpo", "0.550", "0-42"),
    ):
        assert (head, predicate, tail) in read_back
        (node,) = {
            s for s, p, o in read_back
            if (p, o) == ("rdf:predicate", predicate) and (s, "rdf:object", tail) in read_back
        }  # fmt: skip
        assert objects(read_back, node, "rdf:subject") == {head}
        assert objects(read_back, node, "akg:confidence") == {confidence + "^decimal"}
        assert objects(read_back, node, "akg:span") == {f"{paper}#abstract-{shown}"}
        assert node.startswith(paper + "#"), "a statement names its paper"


def test_no_field_of_a_result_is_lost(read_back: Triples, graph: KnowledgeGraph) -> None:
    (result,) = graph.results
    node = f"kg:result/{result.id}"
    kept = {
        "id": objects(read_back, node, "rdf:type") == {"akg:Result"},
        "paper": objects(read_back, node, "akg:inPaper") == {"paper:2505.00001"},
        "subject": objects(read_back, node, "akg:subject") == {"entity:zorbnet-vl"},
        "benchmark": objects(read_back, node, "akg:benchmark") == {"entity:varnbench"},
        "benchmark_written": objects(read_back, node, "akg:benchmarkWritten") == {"VarnBench"},
        "metric": objects(read_back, node, "akg:metric") == {"zap rate"},
        "value": objects(read_back, node, "akg:value") == {"8.50^decimal"},
        "written": objects(read_back, node, "akg:valueWritten") == {"8.50 points"},
        "baseline": objects(read_back, node, "akg:baseline") == {"entity:basezorb"},
        "baseline_written": objects(read_back, node, "akg:baselineWritten") == {"BaseZorb"},
        "kind": objects(read_back, node, "akg:resultKind") == {"gain"},
        "confidence": objects(read_back, node, "akg:confidence") == {"0.700^decimal"},
        "span": objects(read_back, node, "akg:span") == {f"paper:2505.00001#abstract-43-{len(ABSTRACT)}"},
    }
    assert kept.keys() == {field.name for field in fields(result)}
    assert [name for name, there in kept.items() if not there] == []


def test_entities_edges_and_variants_are_there(read_back: Triples, graph: KnowledgeGraph) -> None:
    for entity in graph.entities:
        node = f"entity:{entity.slug}"
        assert objects(read_back, node, "rdf:type") == {f"akg:{entity.type}"}
        assert objects(read_back, node, "skos:prefLabel") == {entity.name}
        assert objects(read_back, node, "skos:altLabel") == set(entity.aliases)
        assert objects(read_back, node, "akg:numPapers") == {f"{entity.num_papers}^integer"}
        assert objects(read_back, node, "akg:kind") == ({entity.kind} if entity.kind else set())
    for edge in graph.edges:
        assert (edge.source, f"akg:{edge.relation}", edge.target) in read_back
    found = graph.variants["qqzo-7b"]
    assert found.parent == "qqzo" and found.values.size == Decimal(7_000_000_000)
    assert objects(read_back, "entity:qqzo-7b", "akg:parameters") == {"7000000000^decimal"}
    assert objects(read_back, "entity:qqzo-7b", "akg:sizeWritten") == {"7B"}
    assert objects(read_back, "entity:qqzo-7b", "akg:variantOf") == {"entity:qqzo"}
    assert objects(read_back, "entity:qqzo-7b", "akg:variantRule") == {found.rule}
    assert objects(read_back, "entity:qqzo-7b", "akg:variantConfidence") == {
        f"{found.confidence:.3f}^decimal"
    }


def test_every_value_that_a_name_gives_is_written(graph: KnowledgeGraph) -> None:
    values = Values(Decimal("7E+9"), "7B", "2.5", "Instruct", "AWQ", "0528", "Long")
    entity = next(e for e in graph.entities if e.slug == "qqzo-7b")
    found = triples(entity_quads(entity, replace(graph.variants[entity.slug], values=values), NAMES))
    written = {p: o for _, p, o in found}
    assert written["akg:parameters"] == "7000000000^decimal"
    names = {"sizeWritten": "size_written"} | {
        name: name for name in ("version", "tuning", "quantisation", "snapshot", "part")
    }
    for predicate, name in names.items():
        assert written[f"akg:{predicate}"] == getattr(values, name)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30))
def test_decimals_are_written_plainly(value: Decimal) -> None:
    text = typed(value, "decimal").split('"')[1]
    assert "e" not in text.lower() and Decimal(text) == value


def test_without_an_extractor_the_graph_says_what_the_mentions_say() -> None:
    one = replace(EXTRACTION, mentions=tuple(replace(m, extractor="one") for m in MENTIONS))
    found = triples(evidence_quads(one, NAMES, ""))
    assert {(s, o) for s, p, o in found if p == "akg:extractor"} == {("paper:2505.00001", "one")}
    mixed = triples(evidence_quads(EXTRACTION, NAMES, ""))
    assert {o for s, p, o in mixed if p == "akg:extractor" and s == "paper:2505.00001#grpo"} == {"two"}


def test_mentions_of_one_name_are_one_node_with_one_confidence() -> None:
    twice = (MENTIONS[1], replace(MENTIONS[1], role="mentions", confidence=0.9, spans=(span("QQZO-7B"),)))
    quads = list(evidence_quads(Extraction("1", "T", twice), NAMES, "x"))
    assert len(quads) == len(set(quads))
    found = triples(quads)
    assert objects(found, "paper:1#grpo", "akg:confidence") == {"0.900^decimal"}
    assert len(objects(found, "paper:1#grpo", "akg:span")) == 2
    assert {p for s, p, o in found if s == "paper:1" and o == "paper:1#grpo"} == {"akg:uses", "akg:mentions"}


@pytest.mark.parametrize("name", ["Author-1", "abstract-3-7", "Title", "Paper", "Organization 2"])
def test_a_mention_is_never_taken_for_another_part_of_its_paper(name: str) -> None:
    mention = replace(MENTIONS[0], name=name)
    relations = (
        Relation("PAPER", "extends", name, 0.5, SENTENCE),
        Relation(name, "extends", "GRPO", 0.5, SENTENCE),
    )
    extraction = Extraction("1", "T", (mention, MENTIONS[1]), relations)
    evidence = list(evidence_quads(extraction, NAMES, "x"))
    source = list(paper_quads(replace(PAPER, id="1"), NAMES))
    node = NAMES.paper("1")
    taken = {f"{node}#{part}" for part in ("title", "abstract", "paper")}
    taken |= {iri_of(subject) for subject, _, _, _ in source if "#" in subject}
    taken |= {iri_of(value) for _, predicate, value, _ in evidence if predicate == term("akg:span")}
    mentions = {iri_of(subject) for subject, p, _, _ in evidence if p == term("akg:mentionName")}
    assert len(mentions) == 2 and not mentions & taken


def test_each_unit_depends_on_itself_alone(graph: KnowledgeGraph) -> None:
    alone = assemble([PAPER], [EXTRACTION])
    assert set(paper_quads(PAPER, NAMES)) < set(to_quads(alone))
    assert set(evidence_quads(EXTRACTION, NAMES, "x")) < set(to_quads(graph, extractor="x"))
    for edge in graph.edges:
        assert edge_quad(edge.source, edge.relation, edge.target, NAMES) in set(to_quads(graph))
    for result in graph.results:
        assert set(result_quads(result, NAMES)) < set(to_quads(graph))
    quads = list(to_quads(graph))
    assert len(quads) == len(set(quads))


@pytest.mark.parametrize("url", ["github.com/a", "http://[", "https://a.org/%zz", "https://a.org/\u202e🤖"])
def test_no_web_address_is_lost_or_stops_the_writing(url: str) -> None:
    quads = parse(paper_quads(Paper("T", "", id="1", urls=(Link("code", url),)), NAMES))
    (found,) = (q.object for q in quads if str(q.predicate) == term("akg:codeRepository"))
    assert isinstance(found, ox.Literal | ox.NamedNode)
    assert found.value.replace("%25", "%") == url


@pytest.mark.shared
def test_the_seeds_stay_lean(seeds_built: Built) -> None:
    quads = list(to_quads(seeds_built.graph, extractor="default 3f0a9c1b22de"))
    assert len(quads) == len(set(quads)) <= 120 * len(seeds_built.graph.papers)
