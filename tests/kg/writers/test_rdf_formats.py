"""RDF files: each gives back what was written, in rdflib and in Oxigraph, and is always the same bytes."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import example, given
from hypothesis import strategies as st
from rdflib.graph import DATASET_DEFAULT_GRAPH_ID

from kg import nquads
from kg.pipeline import Built
from kg.serializing import FORMATS, WITHOUT_GRAPHS, RdfFormat, serialize
from kg.vocab import PREFIXES
from kg.writers import WRITERS, get_writer
from kg.writers.whole import whole_quads

RDFLIB: Final = {"jsonld": "json-ld", "nq": "nquads", "nt": "nt", "trig": "trig", "ttl": "turtle"}
Quad = tuple[str, str, str, str]
# rdflib warns of its own parsers of TriG and JSON-LD.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")


@contextmanager
def literals_as_they_stand() -> Iterator[None]:
    """Keep rdflib from writing literals anew: it turns the month 2025-05 into a day."""
    before, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
    try:
        yield
    finally:
        rdflib.NORMALIZE_LITERALS = before


def with_oxigraph(data: bytes, rdf_format: RdfFormat) -> set[Quad]:
    return {written(quad) for quad in ox.parse(data, format=FORMATS[rdf_format])}


def with_rdflib(data: bytes, rdf_format: RdfFormat) -> set[Quad]:
    dataset = rdflib.Dataset()
    with literals_as_they_stand():
        dataset.parse(data=data, format=RDFLIB[rdf_format])
    found: set[Quad] = set()
    for graph in dataset.graphs():
        name = "" if graph.identifier == DATASET_DEFAULT_GRAPH_ID else graph.identifier.n3()
        found |= {(s.n3(), p.n3(), of_rdflib(o), name) for s, p, o in graph}
    return found


def of_rdflib(term: rdflib.term.Node) -> str:
    if isinstance(term, rdflib.Literal):
        return repr((str(term), str(term.datatype or PREFIXES["xsd"] + "string"), term.language))
    return term.n3()


def written(quad: ox.Quad, *, grouped: bool = True) -> Quad:
    graph, value = quad.graph_name, quad.object
    shown = str(value)
    if isinstance(value, ox.Literal):
        kind = PREFIXES["xsd"] + "string" if value.language else value.datatype.value
        shown = repr((value.value, kind, value.language))
    name = str(graph) if grouped and isinstance(graph, ox.NamedNode) else ""
    return (str(quad.subject), str(quad.predicate), shown, name)


@pytest.mark.parametrize("rdf_format", sorted(FORMATS))
def test_each_format_comes_back_the_same(example_built: Built, tmp_path: Path, rdf_format: RdfFormat) -> None:
    quads = set(nquads.parse(whole_quads(example_built.graph)))
    expected = {written(quad, grouped=rdf_format not in WITHOUT_GRAPHS) for quad in quads}
    assert len(expected) == len(quads), "no triple stands in two graphs"
    path = tmp_path / "file"
    get_writer(rdf_format).write(example_built.graph, path)
    data = path.read_bytes()
    assert with_oxigraph(data, rdf_format) == expected
    assert with_rdflib(data, rdf_format) == expected


@pytest.mark.parametrize("rdf_format", sorted(FORMATS))
def test_the_order_of_quads_changes_no_byte(example_built: Built, rdf_format: RdfFormat) -> None:
    quads = list(whole_quads(example_built.graph))
    shuffled = random.Random(rdf_format).sample(quads, len(quads)) + quads[:100]
    assert serialize(shuffled, rdf_format) == serialize(quads, rdf_format)


def test_the_hash_seed_changes_no_byte(example_built: Built, tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from kg.pipeline import load
from kg.writers import WRITERS
graph, out = load(Path(sys.argv[1])), Path(sys.argv[2])
for writer in WRITERS.values():
    writer.write(graph, out / writer.file)
"""
    command = [sys.executable, "-c", code, str(example_built.folder), str(tmp_path)]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": "7"})
    for name, writer in WRITERS.items():
        writer.write(example_built.graph, tmp_path / "here")
        assert (tmp_path / writer.file).read_bytes() == (tmp_path / "here").read_bytes(), name


def test_facts_are_the_default_graph_without_the_rest(example_built: Built, tmp_path: Path) -> None:
    get_writer("facts").write(example_built.graph, tmp_path / "facts.ttl")
    facts = with_oxigraph((tmp_path / "facts.ttl").read_bytes(), "ttl")
    whole = {written(quad) for quad in nquads.parse(whole_quads(example_built.graph))}
    assert facts < whole and all(graph == "" for *_, graph in facts)
    assert not any("void#" in predicate or "mentionName" in predicate for _, predicate, _, _ in facts)
    methods = {s for s, p, o, _ in facts if p.endswith("#type>") and o.endswith("ns#Method>")}
    assert len(methods) == example_built.graph.counts()["Method"]


HARD: Final = (
    'a "quoted" \\ name\\',
    "<script>&amp;</script>",
    "line\nbreak\rand\ttab\x0b\x0c\x85\u2028",
    "🤖𝒜 \u202eשלום\u202c مرحبا e\u0301",
    "\x01\x1f\x7f\ufffe",
    "@id @type _:b [] {} ^^ ''' \"\"\" #",
    "x" * 10_000,
    "",
    " ",
)
TEXT: Final = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40)
LOCAL: Final = st.text(
    st.characters(categories=["L", "N"], include_characters="-._~#/%:@!$&'()*+,;=🤖"), max_size=20
)


@pytest.mark.parametrize("rdf_format", sorted(FORMATS))
@given(
    texts=st.lists(TEXT, min_size=1, max_size=4), local=LOCAL, language=st.sampled_from([None, "en", "ar"])
)
@example(texts=list(HARD), local="x", language=None)
@example(texts=list(HARD), local="x" * 10_000, language="he")
@example(texts=["7E+9"], local="//two", language=None)
@example(texts=["type"], local=".", language=None)
def test_hard_literals_and_iris_come_back(
    rdf_format: RdfFormat, texts: list[str], local: str, language: str | None
) -> None:
    node = named(PREFIXES["entity"] + local)
    label, kind = ox.NamedNode(PREFIXES["skos"] + "prefLabel"), ox.NamedNode(PREFIXES["rdf"] + "type")
    quads = [ox.Quad(node, label, ox.Literal(text, language=language)) for text in texts]
    quads += [ox.Quad(node, label, ox.Literal(text, datatype=node), node) for text in texts]
    quads += [
        ox.Quad(node, kind, node),
        ox.Quad(node, node, node, node),
        ox.Quad(node, kind, ox.Literal("x")),
    ]
    expected = {written(quad, grouped=rdf_format not in WITHOUT_GRAPHS) for quad in quads}
    data = serialize(map(as_text, quads), rdf_format)
    assert with_oxigraph(data, rdf_format) == expected
    assert serialize(map(as_text, quads[::-1]), rdf_format) == data
    if rdf_format == "nq":
        assert {written(q) for q in ox.parse(data, format=ox.RdfFormat.N_QUADS)} == expected


def as_text(quad: ox.Quad) -> nquads.Quad:
    graph = quad.graph_name
    name = "" if isinstance(graph, ox.DefaultGraph) else str(graph)
    return str(quad.subject), str(quad.predicate), str(quad.object), name


def named(iri: str) -> ox.NamedNode:
    """Return an IRI, its percent signs made right where they are not."""
    try:
        return ox.NamedNode(iri)
    except ValueError:
        return ox.NamedNode(iri.replace("%", "%25"))


@pytest.mark.parametrize("rdf_format", sorted(FORMATS))
def test_hard_literals_come_back_in_rdflib(rdf_format: RdfFormat) -> None:
    node, label = ox.NamedNode(PREFIXES["entity"] + "a"), ox.NamedNode(PREFIXES["skos"] + "altLabel")
    quads = [ox.Quad(node, label, ox.Literal(text)) for text in HARD]
    assert with_rdflib(serialize(map(as_text, quads), rdf_format), rdf_format) == {
        written(quad) for quad in quads
    }


def test_an_iri_whose_scheme_is_a_prefix_is_not_taken_for_a_short_form() -> None:
    quads = [
        ox.Quad(ox.NamedNode("org:zorb"), ox.NamedNode("skos:x"), ox.NamedNode(PREFIXES["org"] + "zorb"))
    ]
    for rdf_format in FORMATS:
        assert with_oxigraph(serialize(map(as_text, quads), rdf_format), rdf_format) == {written(quads[0])}
