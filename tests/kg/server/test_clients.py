"""Real clients against the endpoint: rdflib, SPARQLWrapper, curl."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import pytest
from rdflib import URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from rdflib.term import Literal
from SPARQLWrapper import CSV, JSON, POST, POSTDIRECTLY, TURTLE, XML, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

from tests.kg.server.conftest import Served

NAME = "SELECT ?n WHERE { <https://w3id.org/abstractkg/entity/grpo> skos:prefLabel ?n }"
LABEL = URIRef("http://www.w3.org/2004/02/skos/core#prefLabel")
GRPO = URIRef("https://w3id.org/abstractkg/entity/grpo")


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
@pytest.mark.parametrize("form", ["json", "xml", "csv", "tsv"])
def test_rdflib(server: Served, method: Any, form: str) -> None:
    store = SPARQLStore(server.url + "sparql", returnFormat=form, method=method)
    rows: list[Any] = list(store.query(NAME))
    assert [str(row[0]) for row in rows] == ["GRPO"]
    if form in {"json", "xml"}:  # SPARQL defines no CSV or TSV of a truth value
        assert bool(store.query("ASK { ?s a akg:Method }"))


def test_rdflib_as_a_graph(server: Served) -> None:
    from rdflib import Graph

    graph = Graph(SPARQLStore(server.url + "sparql"))
    assert graph.value(GRPO, LABEL) == Literal("GRPO")
    assert (GRPO, LABEL, Literal("GRPO")) in graph
    assert len(graph) > 100


@pytest.mark.parametrize("method", ["GET", POST])
@pytest.mark.parametrize("how", ["urlencoded", POSTDIRECTLY])
def test_sparqlwrapper(server: Served, method: str, how: str) -> None:
    wrapper = SPARQLWrapper(server.url + "sparql")
    wrapper.setMethod(method)
    wrapper.setRequestMethod(how)
    wrapper.setQuery(NAME)
    for form in (JSON, XML, CSV):
        wrapper.setReturnFormat(form)
        answer: Any = wrapper.query().convert()
        text = json.dumps(answer) if form == JSON else answer.toxml() if form == XML else answer.decode()
        assert "GRPO" in text
    wrapper.setReturnFormat(TURTLE)
    wrapper.setQuery("DESCRIBE <https://w3id.org/abstractkg/entity/grpo>")
    described: Any = wrapper.query().convert()
    assert b"GRPO" in described
    wrapper.setReturnFormat(JSON)
    wrapper.setQuery("SELECT nothing")
    with pytest.raises(QueryBadFormed, match="does not parse"):
        wrapper.query()


def test_curl(server: Served) -> None:
    program = shutil.which("curl")
    if program is None:
        pytest.skip("curl is missing")
    url = server.url + "sparql"

    def curl(*arguments: str) -> str:
        return subprocess.run(
            [program, "-sS", "--noproxy", "*", *arguments], capture_output=True, text=True, check=True
        ).stdout

    assert curl("--data-urlencode", f"query={NAME}", "-H", "Accept: text/csv", url).split() == ["n", "GRPO"]
    assert curl("-G", "--data-urlencode", f"query={NAME}", "-H", "Accept: text/csv", url).split()[1] == "GRPO"
    direct = ["--data-binary", NAME, "-H", "Content-Type: application/sparql-query", url]
    assert json.loads(curl(*direct))["results"]["bindings"][0]["n"]["value"] == "GRPO"
    assert 'skos:prefLabel "GRPO"' in curl(server.url + "entity/grpo")
