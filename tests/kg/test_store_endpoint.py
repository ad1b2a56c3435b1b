"""`kg query --endpoint`: the same questions to a SPARQL endpoint over HTTP."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.endpoint import Endpoint
from kg.errors import QueryError, UnknownNameError, UsageError
from kg.generations import RDF, current_generation
from kg.pipeline import Built
from kg.store import open_store
from tests.kg.sparql_server import serving

Served = tuple[str, list[tuple[str, str, str]]]


@pytest.fixture(scope="module")
def served(example_built: Built) -> Iterator[Served]:
    store = ox.Store.read_only(str(current_generation(example_built.folder) / RDF))
    with serving(store) as (address, asked):
        yield f"{address}/sparql", asked


@pytest.mark.parametrize(
    ("query", "given"),
    [
        ("@extends", {"method": "PPO"}),
        ("@uses", {"entity": "group relative policy optimization"}),
        ("@top", {"type": "Method", "limit": "5"}),
        ("@mentions-of", {"entity": "PPO"}),
        ("@graph-of", {"entity": "GRPO"}),
        ("ASK { ?m a akg:Method }", {}),
        ("SELECT ?p WHERE { entity:grpo ?p ?o } ORDER BY ?p", {}),
    ],
)
def test_answers_are_those_of_the_folder(
    served: Served, example_built: Built, query: str, given: dict[str, str]
) -> None:
    there, here = (
        Endpoint(served[0]).query(query, **given),
        open_store(example_built.folder).query(query, **given),
    )
    assert len(here)
    columns = list(here.columns)
    assert sorted(map(repr, there[columns].to_numpy().tolist())) == sorted(
        map(repr, here.to_numpy().tolist())
    )


def test_only_prefixes_in_use_are_sent_and_long_queries_are_posted(served: Served) -> None:
    address, asked = served
    asked.clear()
    Endpoint(address).query("SELECT ?m WHERE { ?m a akg:Method } LIMIT 1")
    method, accept, sent = asked[-1]
    assert method == "GET" and "application/sparql-results+json" in accept
    assert sent.splitlines() == [
        "PREFIX akg: <https://w3id.org/abstractkg/ns#>",
        "SELECT ?m WHERE { ?m a akg:Method } LIMIT 1",
    ]
    Endpoint(address).query("@search", words="x" * 10_000)
    assert asked[-1][0] == "POST" and "x" * 10_000 in asked[-1][2]


def test_the_base_of_the_endpoint_is_taken_from_its_data() -> None:
    lines = (
        "<http://x.org/kg/paper/1> a <http://purl.org/spar/fabio/Preprint> ; "
        "<http://purl.org/dc/terms/title> 'On Zorbs' ; "
        "<https://w3id.org/abstractkg/ns#uses> <http://x.org/kg/entity/zorb> . "
        "<http://x.org/kg/entity/zorb> a <https://w3id.org/abstractkg/ns#Method> ; "
        "<http://www.w3.org/2004/02/skos/core#prefLabel> 'Zorb' ."
    )
    store = ox.Store()
    store.load(lines, format=ox.RdfFormat.TURTLE)
    with serving(store) as (address, _):
        endpoint = Endpoint(f"{address}/sparql?apikey=1")
        assert endpoint.prefixes["entity"] == "http://x.org/kg/entity/"
        assert list(endpoint.query("@uses", entity="Zorb")["title"]) == ["On Zorbs"]
        with pytest.raises(UnknownNameError, match="there are: Zorb"):
            endpoint.query("@uses", entity="Zob")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/page", "answers with text/html, not with SPARQL results"),
        ("/broken", "its answer is broken"),
        ("/busy", "HTTP 503 Service Unavailable: over the limit of 10 s"),
        ("/slow", "no answer within 0.3 s"),
    ],
)
def test_what_an_endpoint_may_do_wrong(path: str, message: str) -> None:
    with serving(ox.Store()) as (address, _), pytest.raises(QueryError) as caught:
        Endpoint(address + path, seconds=0.3).ask("SELECT * { ?s ?p ?o }", {})
    assert message in str(caught.value) and str(caught.value).startswith(address)


def test_a_malformed_query_is_told_as_here(served: Served) -> None:
    with pytest.raises(QueryError, match="line 1, column 24: found `}`"):
        Endpoint(served[0]).query("SELECT ?x WHERE { ?x a }")


def test_no_server_and_no_address() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(QueryError, match=r"cannot be reached \(Connection refused\)"):
        Endpoint(f"http://127.0.0.1:{port}/sparql").query("ASK {}")
    for wrong in ("file:///etc/passwd", "localhost/sparql", "ftp://x.org/"):
        with pytest.raises(UsageError, match="is no address of an endpoint"):
            Endpoint(wrong)


def test_the_command(runner: CliRunner, served: Served, example_built: Built) -> None:
    ask = ["query", "@uses", "entity=PPO", "--format", "json"]
    there = runner.invoke(main, [*ask, "--endpoint", served[0]])
    here = runner.invoke(main, [*ask, "--graph", str(example_built.folder)])
    assert there.exit_code == here.exit_code == 0
    assert json.loads(there.stdout) == json.loads(here.stdout)
    assert not Path("graph").exists()
    explained = runner.invoke(main, ["query", "@uses", "--explain", "--endpoint", served[0]])
    assert "Project" in explained.stdout and "evaluate " in explained.stdout
    wrong = runner.invoke(main, ["query", "ASK {}", "--endpoint", "http://127.0.0.1:1/sparql"])
    assert wrong.exit_code == 2 and "cannot be reached" in wrong.stderr
