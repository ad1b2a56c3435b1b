"""Each constraint of the shapes fires on a graph that breaks it, and on no whole one.

The broken graphs are made from a whole one, by a rule for each kind of constraint: `sh:minCount` is broken by
taking the values away, `sh:class` by a value of no class, and so on. So no constraint can be forgotten, and
one that cannot fire, because its path is misspelt or its target goes with what it guards, fails here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import pyshacl
import pytest
import rdflib
from rdflib import RDF, RDFS, BNode, Literal, URIRef
from rdflib.namespace import OWL, SH, XSD

from kg.pipeline import Built
from kg.shacl import EVIDENCE_SHAPES, SHAPES, violations
from kg.terms import OWN, term
from kg.vocab import PREFIXES
from ontology import read_text
from tests.ontology.vocabularies import exists

IN: Final = URIRef(f"{SH}in")
CLASS: Final = URIRef(f"{SH}class")
NOTHING: Final = URIRef("https://example.org/nothing")
_PREFIXES: Final = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())

FACTS: Final = """
paper:2402.03300 a fabio:Preprint ;
    dcterms:title "DeepSeekMath" ; dcterms:issued "2024-02-05"^^xsd:date ;
    akg:month "2024-02"^^xsd:gYearMonth ; akg:dateWritten "Feb 5" ; fabio:hasArXivId "2402.03300" ;
    akg:numAuthors 2 ; akg:upvotes 7 ; schema:commentCount 3 ;
    schema:author <https://w3id.org/abstractkg/paper/2402.03300#author-1> ;
    schema:sourceOrganization <https://w3id.org/abstractkg/paper/2402.03300#organization-1> ;
    akg:codeRepository <https://github.com/deepseek-ai/DeepSeek-Math> ;
    akg:projectPage <https://example.org/> ;
    akg:introduces entity:grpo ; akg:uses entity:grpo ; akg:evaluatesOn entity:math500 ;
    akg:comparesTo entity:ppo ; akg:mentions entity:ppo ; akg:affiliatedWith entity:deepseek ;
    akg:extends entity:ppo ; akg:builtOn entity:ppo ; akg:partOf entity:ppo ; akg:trainedOn entity:math500 ;
    akg:evaluatedOn entity:math500 ; akg:outperforms entity:ppo .
paper:0123456789ab dcterms:isReplacedBy paper:2402.03300 .
<https://w3id.org/abstractkg/paper/2402.03300#author-1> a schema:Person ;
    schema:name "A. Author" ; schema:position 1 .
<https://w3id.org/abstractkg/paper/2402.03300#organization-1> a schema:Organization ;
    schema:name "DeepSeek" ; schema:alternateName "deepseek-ai" .
entity:grpo a akg:Method ; skos:prefLabel "GRPO" ; skos:altLabel "Group Relative Policy Optimization" ;
    akg:numPapers 17 ; akg:extends entity:ppo ; akg:builtOn entity:ppo ; akg:partOf entity:ppo ;
    akg:trainedOn entity:math500 ; akg:evaluatedOn entity:math500 ; akg:outperforms entity:ppo ;
    akg:variantOf entity:ppo ; akg:variantRule "size" ; akg:variantConfidence 0.95 ;
    akg:introducedIn <https://arxiv.org/abs/2402.03300> ; skos:exactMatch <https://example.org/grpo> ;
    akg:parameters 7000000000.0 ; akg:sizeWritten "7B" ; akg:version "2" ; akg:tuning "Instruct" ;
    akg:quantisation "AWQ" ; akg:snapshot "2024-08-06" ; akg:part "Long" .
entity:ppo a akg:Method ; skos:prefLabel "PPO" ; akg:numPapers 1 .
entity:math500 a akg:Benchmark ; skos:prefLabel "MATH500" ; akg:numPapers 1 ; akg:kind "benchmark" .
entity:deepseek a akg:Organization ; skos:prefLabel "DeepSeek" ; akg:numPapers 1 .
entity:po a akg:Disambiguation ; akg:sense entity:grpo, entity:ppo .
<https://w3id.org/abstractkg/result/1> a akg:Result ;
    akg:inPaper paper:2402.03300 ; akg:subject entity:grpo ; akg:benchmark entity:math500 ;
    akg:benchmarkWritten "MATH500" ; akg:metric "pass@1" ; akg:value 51.7 ; akg:valueWritten "51.7%" ;
    akg:baseline entity:ppo ; akg:baselineWritten "PPO" ; akg:resultKind "absolute" ; akg:confidence 0.912 ;
    akg:span <https://w3id.org/abstractkg/paper/2402.03300#abstract-3-70> .
@prefix part: <https://w3id.org/abstractkg/dataset#> .
kg:dataset a void:Dataset, dcat:Dataset ; dcterms:title "A graph" ;
    dcterms:license <https://spdx.org/licenses/MIT> ; void:triples 100 ; prov:wasGeneratedBy kg:build ;
    void:subset part:facts ; dcat:distribution part:file ; sh:declare part:prefix .
part:facts a void:Dataset ; void:triples 60 ; void:classPartition part:class ;
    void:propertyPartition part:property .
part:class void:class akg:Method ; void:entities 2 .
part:property void:property dcterms:title ; void:triples 1 .
part:file a dcat:Distribution ; dcterms:title "graph.ttl" ; dcterms:license <https://spdx.org/licenses/MIT> ;
    dcat:mediaType <https://www.iana.org/assignments/media-types/text/turtle> .
part:prefix sh:prefix "akg" ; sh:namespace "https://w3id.org/abstractkg/ns#"^^xsd:anyURI .
part:query a sh:SPARQLExecutable ; rdfs:comment "Which methods are there?" ; sh:prefixes kg:dataset .
kg:build a prov:Activity ; prov:wasAssociatedWith kg:software ;
    prov:used <https://w3id.org/abstractkg/source/ab> .
kg:software a prov:SoftwareAgent .
<https://w3id.org/abstractkg/source/ab> a prov:Entity .
"""
EVIDENCE: Final = """
@prefix p: <https://w3id.org/abstractkg/paper/2402.03300#> .
paper:2402.03300 akg:introduces p:grpo ; akg:comparesTo p:ppo .
p:grpo a akg:Method ; akg:mentionName "GRPO" ; akg:confidence 0.973 ; akg:extractor "known" ;
    akg:span p:abstract-0-4 ; akg:extends p:ppo .
p:ppo a akg:Benchmark ; akg:kind "benchmark" ; akg:mentionName "PPO" ; akg:confidence 1.0 ;
    akg:extractor "known" ; akg:span p:title-3-6 .
p:grpo.extends.ppo rdf:subject p:grpo ; rdf:predicate akg:extends ; rdf:object p:ppo ; akg:confidence 0.5 ;
    akg:span p:abstract-0-40 .
"""
RESOLUTION: Final = """
@prefix p: <https://w3id.org/abstractkg/paper/2402.03300#> .
p:grpo akg:resolvedTo entity:grpo .
entity:grpo a akg:Method .
<https://w3id.org/abstractkg/curation/1> a akg:CurationDecision ; akg:action "merge" ;
    akg:subjectWritten "MetaWorld" ; akg:objectWritten "Meta-World" ;
    akg:subjectType akg:Benchmark ; akg:objectType akg:Benchmark ; akg:subjectPaper paper:2402.03300 ;
    akg:objectPaper paper:2402.03300 ; akg:newValue "Meta-World" .
"""
GRAPHS: Final = {
    "MentionShape": EVIDENCE,
    "StatementShape": EVIDENCE,
    "ResolutionShape": RESOLUTION,
    "CurationShape": RESOLUTION,
}
"""The graph that each shape is for; the default graph for all others."""


@cache
def shapes() -> rdflib.Graph:
    return rdflib.Graph().parse(data=read_text("shapes.ttl"), format="turtle")


def parse(turtle: str) -> rdflib.Graph:
    graph = rdflib.Graph().parse(data=_PREFIXES + turtle, format="turtle")
    for name in ("Method", "Model", "Benchmark", "Organization", "Task", "Concept", "Metric"):
        graph.add((URIRef(term(f"akg:{name}")), RDFS.subClassOf, URIRef(term("akg:Entity"))))
    return graph


@dataclass(frozen=True, slots=True)
class Constraint:
    """One constraint of one property of one shape: `kind` is its parameter, such as `minCount`."""

    shape: str
    path: str
    kind: str
    parameter: rdflib.term.Node
    property_shape: rdflib.term.Node

    @property
    def label(self) -> str:
        return f"{self.shape}-{self.path}-{self.kind}"


def members(node: rdflib.term.Node | None) -> list[rdflib.term.Node]:
    assert node is not None
    return list(shapes().items(node))


def path_name(path: rdflib.term.Node) -> str:
    """Return a path as text: the IRI of a property, `^` before that of an inverse one."""
    if isinstance(path, URIRef):
        return str(path)
    inverse = shapes().value(path, SH.inversePath)
    if inverse is not None:
        return f"^{inverse}"
    parts = members(shapes().value(path, SH.alternativePath))
    return "|".join(path_name(part) for part in parts)


def constraints() -> list[Constraint]:
    found = []
    for shape in shapes().subjects(RDF.type, SH.NodeShape):
        for property_shape in shapes().objects(shape, SH.property):
            path = shapes().value(property_shape, SH.path)
            assert path is not None
            for predicate, parameter in shapes().predicate_objects(property_shape):
                kind = str(predicate).removeprefix(str(SH))
                if kind not in {"path", "message", "qualifiedValueShape"}:
                    name = str(shape).removeprefix(SHAPES)
                    found.append(Constraint(name, path_name(path), kind, parameter, property_shape))
    return sorted(found, key=lambda c: (c.label, str(c.parameter)))


CONSTRAINTS: Final = constraints()


def wrong_values(constraint: Constraint) -> list[rdflib.term.Node] | None:
    """Return values that break a constraint in place of those that stand there; None: one too many."""
    parameter = constraint.parameter
    if constraint.kind in {"minCount", "qualifiedMinCount", "hasValue"}:
        return []
    if constraint.kind in {"class", "or"}:
        return [NOTHING]
    if constraint.kind == "nodeKind":
        return [Literal("no IRI")]
    if constraint.kind == "datatype":
        return [Literal("x", datatype=XSD.token)]
    if constraint.kind == "minLength":
        return [Literal("")]
    if constraint.kind == "in":
        first = members(parameter)[0]
        return [Literal("nonsense") if isinstance(first, Literal) else NOTHING]
    if constraint.kind == "pattern":
        is_iri = shapes().value(constraint.property_shape, SH.nodeKind) == SH.IRI
        return [NOTHING if is_iri else Literal("nonsense")]
    if constraint.kind in {"minInclusive", "minExclusive", "maxInclusive"}:
        assert isinstance(parameter, Literal)
        beyond = 1 if constraint.kind == "maxInclusive" else -1
        return [Literal(parameter.value + beyond, datatype=parameter.datatype)]
    assert constraint.kind in {"maxCount", "qualifiedMaxCount"}, f"no rule for sh:{constraint.kind}"
    return None


def focus_of(constraint: Constraint, graph: rdflib.Graph) -> URIRef:
    """Return a node that the shape targets and that has a value at the path, if any has."""
    shape, targets = URIRef(SHAPES + constraint.shape), set[rdflib.term.Node]()
    for kind in shapes().objects(shape, SH.targetClass):
        targets |= set(graph.subjects(RDF.type, kind))
    for predicate in shapes().objects(shape, SH.targetSubjectsOf):
        targets |= set(graph.subjects(predicate, None))
    for predicate in shapes().objects(shape, SH.targetObjectsOf):
        targets |= set(graph.objects(None, predicate))
    having = [node for node in targets if values(graph, node, constraint.path)]
    chosen = max(having or targets, key=str)
    assert isinstance(chosen, URIRef)
    return chosen


def values(graph: rdflib.Graph, node: rdflib.term.Node, path: str) -> list[rdflib.term.Node]:
    found: list[rdflib.term.Node] = []
    for part in path.split("|"):
        inverse, name = part.startswith("^"), URIRef(part.removeprefix("^"))
        found += graph.subjects(name, node) if inverse else graph.objects(node, name)
    return found


def put(graph: rdflib.Graph, node: URIRef, path: str, value: rdflib.term.Node) -> None:
    part = path.split("|")[0]
    name = URIRef(part.removeprefix("^"))
    graph.add((value, name, node) if part.startswith("^") else (node, name, value))


def take_away(graph: rdflib.Graph, node: URIRef, path: str, value: rdflib.term.Node | None) -> None:
    for part in path.split("|"):
        name = URIRef(part.removeprefix("^"))
        graph.remove((value, name, node) if part.startswith("^") else (node, name, value))


def break_it(graph: rdflib.Graph, constraint: Constraint, focus: URIRef) -> None:
    wrong = wrong_values(constraint)
    if constraint.kind == "hasValue":
        take_away(graph, focus, constraint.path, constraint.parameter)
    elif constraint.kind == "qualifiedMaxCount":
        qualified = shapes().value(constraint.property_shape, SH.qualifiedValueShape)
        for member in members(shapes().value(qualified, IN)):
            put(graph, focus, constraint.path, member)
    elif wrong is None:
        assert isinstance(constraint.parameter, Literal)
        for number in range(int(constraint.parameter) + 1):
            put(graph, focus, constraint.path, URIRef(f"https://example.org/{number}"))
    else:
        take_away(graph, focus, constraint.path, None)
        for value in wrong:
            put(graph, focus, constraint.path, value)


def test_there_are_many_constraints() -> None:
    assert len(CONSTRAINTS) > 150
    assert len({c.shape for c in CONSTRAINTS}) == len(set(shapes().subjects(RDF.type, SH.NodeShape)))


@pytest.mark.parametrize("turtle", [FACTS, EVIDENCE, RESOLUTION], ids=["facts", "evidence", "resolution"])
def test_nothing_fires_on_a_whole_graph(turtle: str) -> None:
    used = EVIDENCE_SHAPES if turtle == EVIDENCE else None
    focus = None
    if turtle == RESOLUTION:  # the class of the entity stands there to be looked up
        focus = [str(s) for s in parse(turtle).subjects() if "/entity/" not in str(s)]
    assert violations(parse(turtle), nodes=focus, shapes=used) == []


def test_nothing_fires_on_all_graphs_together() -> None:
    assert violations(parse(FACTS + EVIDENCE + RESOLUTION)) == []


@pytest.mark.parametrize("constraint", CONSTRAINTS, ids=lambda c: c.label)
def test_each_constraint_fires(constraint: Constraint) -> None:
    graph = parse(GRAPHS.get(constraint.shape, FACTS))
    focus = focus_of(constraint, graph)
    if constraint.parameter != Literal(0):
        assert values(graph, focus, constraint.path), "the whole graph lacks what the constraint is about"
    break_it(graph, constraint, focus)
    used = [SHAPES + constraint.shape]
    conforms, report, _ = pyshacl.validate(graph, shacl_graph=shapes(), use_shapes=used)
    assert not conforms and isinstance(report, rdflib.Graph)
    name = constraint.kind[0].upper() + constraint.kind[1:]
    component = URIRef(f"{SH}{name}ConstraintComponent")
    fired = [
        result
        for result in report.subjects(SH.sourceConstraintComponent, component)
        if report.value(result, SH.focusNode) == focus
        and report.value(result, SH.resultMessage) == shapes().value(constraint.property_shape, SH.message)
    ]
    assert fired


def test_every_property_says_what_is_wrong_in_words() -> None:
    for property_shape in shapes().objects(None, SH.property):
        message = shapes().value(property_shape, SH.message)
        assert isinstance(message, Literal) and len(message) > 15 and str(message).endswith(".")


def test_every_path_and_class_is_a_term() -> None:
    """A path that misspells the property that it guards would never fire."""
    ontology = rdflib.Graph().parse(data=read_text("abstractkg.ttl"), format="turtle")
    places: dict[str, set[rdflib.term.Node]] = {"property": set(), "class": set()}
    for predicate in (SH.path, SH.inversePath, SH.targetSubjectsOf, SH.targetObjectsOf):
        places["property"] |= set(shapes().objects(None, predicate))
    for predicate in (SH.targetClass, CLASS):
        places["class"] |= set(shapes().objects(None, predicate))
    for kind, terms in places.items():
        assert terms
        for node in terms:
            if isinstance(node, BNode):
                continue
            iri = str(node)
            if iri.startswith(PREFIXES["akg"]):
                assert iri.removeprefix(PREFIXES["akg"]) in OWN, iri
                assert (kind == "class") == ((node, RDF.type, OWL.Class) in ontology), iri
            else:
                assert exists(iri), iri


def test_every_term_of_ours_in_the_file_is_in_the_ontology() -> None:
    used = {str(part) for triple in shapes() for part in triple if str(part).startswith(PREFIXES["akg"])}
    assert not {iri for iri in used if iri.removeprefix(PREFIXES["akg"]) not in OWN}


def test_the_shapes_are_well_formed() -> None:
    conforms, _, text = pyshacl.validate(parse(FACTS), shacl_graph=shapes(), meta_shacl=True)
    assert conforms, text


def test_other_programs_can_use_them(example_built: Built) -> None:
    """Whoever takes `graph.ttl`, the shapes and the ontology, as the docs say, finds it whole, or broken."""
    graph = rdflib.Graph().parse(example_built.folder.parent / "out" / "graph.ttl")
    ontology = rdflib.Graph().parse(data=read_text("abstractkg.ttl"), format="turtle")
    conforms, _, text = pyshacl.validate(graph, shacl_graph=shapes(), ont_graph=ontology)
    assert conforms, text
    paper = graph.value(None, RDF.type, URIRef(term("fabio:Preprint")))
    assert paper is not None
    graph.add((paper, URIRef(term("akg:uses")), NOTHING))
    conforms, _, text = pyshacl.validate(graph, shacl_graph=shapes(), ont_graph=ontology)
    assert not conforms and "What a paper uses is an entity of the graph." in text
