"""Addresses of things and the pages of the graph, without a browser."""

from __future__ import annotations

import html
import re

import httpx
import pyoxigraph as ox
import pytest

from kg.catalog import Catalog
from kg.generations import CATALOG, current_generation
from kg.pipeline import Built
from tests.kg.server.conftest import Served
from tests.kg.server.made import SCRIPT

PAGE = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
GRPO = ox.NamedNode("https://w3id.org/abstractkg/entity/grpo")
FORMS = {
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
}


@pytest.fixture(scope="module")
def client(server: Served) -> httpx.Client:
    return server.client


def read(done: httpx.Response) -> set[ox.Triple]:
    assert done.status_code == 200, done.text
    form = ox.RdfFormat.from_media_type(done.headers["content-type"].partition(";")[0])
    found = ox.Dataset(ox.parse(done.content, form))
    found.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return {quad.triple for quad in found}


def test_an_entity_answers_with_a_page_or_with_rdf(client: httpx.Client) -> None:
    page = client.get("/entity/grpo", headers=PAGE)
    assert page.status_code == 200 and page.headers["content-type"].startswith("text/html")
    assert '<h1 dir="auto">GRPO</h1>' in page.text and page.headers["vary"] == "Accept"
    triples = read(client.get("/entity/grpo", headers={"Accept": "text/turtle"}))
    label = ox.NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")
    assert ox.Triple(GRPO, label, ox.Literal("GRPO")) in triples
    assert any(triple.object == GRPO for triple in triples)
    for extension, media_type in FORMS.items():
        assert read(client.get("/entity/grpo", headers={"Accept": media_type})) == triples
        by_name = client.get(f"/entity/grpo.{extension}", headers=PAGE)
        assert by_name.headers["content-type"].startswith(media_type)
        assert read(by_name) == triples
    assert client.get("/entity/grpo.html").text == page.text
    assert client.get("/entity/grpo", headers={"Accept": "image/png"}).status_code == 406


def test_a_paper_answers_with_its_evidence(client: httpx.Client, example_built: Built) -> None:
    with Catalog.open(current_generation(example_built.folder) / CATALOG) as catalog:
        papers = list(catalog.papers())
    for paper in papers:
        page = client.get(f"/paper/{paper.id}", headers=PAGE)
        assert page.status_code == 200
        text = html.unescape(re.sub(r"<[^>]+>", "", page.text))
        assert paper.title in text
        assert paper.abstract in text  # the marks take no letter away
        for anchor in re.findall(r'href="#((?:title|abstract)-\d+-\d+)"', page.text):
            assert f'id="{anchor}"' in page.text
    triples = read(client.get(f"/paper/{papers[0].id}.nt"))
    predicates = {triple.predicate.value.partition("#")[2] for triple in triples}
    assert {"mentionName", "span", "confidence", "resolvedTo"} <= predicates


def test_every_page_that_is_linked_is_there(client: httpx.Client) -> None:
    """Every address on every kind of page answers, and none points to what only scripts could reach."""
    seen: set[str] = set()
    todo = ["/", "/papers", "/entities/methods", "/search?q=grpo", "/ns", "/sparql", "/entity/grpo"]
    while todo:
        address = todo.pop()
        done = client.get(address, headers=PAGE)
        assert done.status_code == 200, address
        kind = address.split("?")[0].split("/")[1]
        if len([a for a in seen if a.split("?")[0].split("/")[1] == kind]) > 25:
            continue
        if done.headers["content-type"].startswith("text/html"):
            for link in re.findall(r'(?:href|src)="(/[^"#]*)', done.text):
                link = html.unescape(link)
                if link not in seen:
                    seen.add(link)
                    todo.append(link)
    assert len(seen) > 100


def test_what_is_not_there(client: httpx.Client) -> None:
    done = client.get("/entity/grpoo", headers=PAGE)
    assert done.status_code == 404 and 'href="/entity/grpo"' in done.text
    plain = client.get("/entity/grpoo", headers={"Accept": "text/turtle"})
    assert plain.status_code == 404 and "near: grpo" in plain.text
    for address in ("/paper/9999.99999", "/entities/nothing", "/nowhere", "/static/none.css", "/entity/%00"):
        assert client.get(address, headers=PAGE).status_code == 404, address
    assert client.post("/entity/grpo").status_code == 405


def test_the_ontology(client: httpx.Client) -> None:
    assert "akg:extends" in client.get("/ns", headers=PAGE).text
    triples = read(client.get("/ns", headers={"Accept": "text/turtle"}))
    other = read(client.get("/ns.jsonld"))
    # blank nodes have other names in each answer
    assert len(other) == len(triples) > 50
    assert named_only(other) == named_only(triples)


def named_only(triples: set[ox.Triple]) -> set[ox.Triple]:
    blank = ox.BlankNode
    return {t for t in triples if not isinstance(t.subject, blank) and not isinstance(t.object, blank)}


def test_lists_have_pages_and_orders(client: httpx.Client) -> None:
    first = client.get("/entities/methods", headers=PAGE).text
    names = re.findall(r'<tr><td><a href="/entity/[^"]+" dir="auto">([^<]+)', first)
    by_name = client.get("/entities/methods?sort=name", headers=PAGE).text
    sorted_names = re.findall(r'<tr><td><a href="/entity/[^"]+" dir="auto">([^<]+)', by_name)
    assert names != sorted_names
    assert client.get("/entities/methods?page=9999", headers=PAGE).status_code == 200
    assert client.get("/entities/methods?page=x", headers=PAGE).text == first


def test_search_and_suggestions(client: httpx.Client) -> None:
    found = client.get("/api/suggest?q=grp").json()["suggestions"]
    assert found[0] == {
        "name": "GRPO",
        "type": "Method",
        "papers": found[0]["papers"],
        "date": None,
        "path": "/entity/grpo",
    }
    assert client.get("/api/suggest?q=").json()["suggestions"] == []
    for text in ('"', "*", "a OR b", "NEAR(", "x" * 5000, "🤖", "\x00", "' --"):
        done = client.get("/api/suggest", params={"q": text})
        assert done.status_code == 200, text
        assert client.get("/search", params={"q": text}, headers=PAGE).status_code == 200, text
    near = client.get("/search?q=grppo", headers=PAGE).text
    assert "Nothing bears this name" in near and 'href="/entity/grpo"' in near
    long_form = client.get("/api/suggest?q=group relative").json()["suggestions"]
    assert long_form[0]["path"] == "/entity/grpo"


def test_headers_of_safety(client: httpx.Client) -> None:
    for address in ("/", "/entity/grpo", "/sparql", "/nowhere", "/api/suggest?q=a"):
        headers = client.get(address, headers=PAGE).headers
        assert "default-src 'none'" in headers["content-security-policy"], address
        assert headers["x-content-type-options"] == "nosniff"


def test_hostile_text_is_shown_as_text(hostile_server: Served) -> None:
    client = hostile_server.client
    pages = ["/", "/papers", "/entities/methods", "/search?q=script", "/search", "/entity/grpo"]
    pages += [f"/paper/2505.0000{number}" for number in range(5)]
    pages += [
        f"/search?q={SCRIPT}",
        f"/entity/{SCRIPT}",
        f"/sparql?query={SCRIPT}",
        f"/papers?entity={SCRIPT}",
    ]
    pages += ["/sparql?query=SELECT * { ?p dcterms:title ?t }", "/results/math500"]
    for address in pages:
        text = client.get(address, headers=PAGE).text
        assert "<script>alert" not in text, address
        scripts = re.findall(r"<script[^>]*>(.*?)</script>", text, re.DOTALL)
        assert not any(scripts), address  # only files of this server
    shown = client.get("/paper/2505.00000", headers=PAGE).text
    assert "&lt;script&gt;" in shown
    assert "שלום" in client.get("/paper/2505.00002", headers=PAGE).text
    assert "long" * 123 in client.get("/paper/2505.00003", headers=PAGE).text
    read(client.get("/paper/2505.00001.rdf"))


def test_a_leaderboard_sorts_and_filters(hostile_server: Served) -> None:
    def values(query: str) -> list[str]:
        page = hostile_server.client.get("/results/math500" + query, headers=PAGE)
        assert page.status_code == 200, page.text
        return re.findall(r'<b dir="auto">([^<]+)</b>', page.text)

    assert values("") == ["94.5%", "93.5%", "92.5%", "91.5%", "90.5%"]
    assert values("?sort=value") == ["90.5%", "91.5%", "92.5%", "93.5%", "94.5%"]
    assert values("?metric=nothing") == []
    assert values("?metric=accuracy&kind=absolute") == values("")
