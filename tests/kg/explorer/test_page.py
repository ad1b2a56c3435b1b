"""The page as text: self-contained, the same each time, nothing of a name is markup."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any

import networkx as nx
import pytest

from kg.explorer.data import explorer_data
from kg.explorer.page import explorer_page
from kg.layout import positions

Hostile = tuple[Any, dict[str, list[dict[str, Any]]]]


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.fixture
def page(hostile: Hostile) -> str:
    return explorer_page(explorer_data(*hostile, title="<b>Mine</b>", with_text=True))


def test_refers_to_no_other_file(page: str) -> None:
    parser = _Elements()
    parser.feed(page)
    loading = [
        a
        for tag, a in parser.found
        if tag in {"script", "link", "img", "iframe"} and {"src", "href"} & a.keys()
    ]
    assert loading == []
    assert "sourceMappingURL" not in page
    assert (
        sum("default-src 'none'" in (a.get("content") or "") for tag, a in parser.found if tag == "meta") == 1
    )


def test_names_are_not_markup(page: str) -> None:
    assert "<script>alert" not in page
    assert "<b>Mine" not in page and "<b>bold" not in page
    assert page.count("<script") - page.count("</script>") == page.count('"<script') + page.count("'<script")
    embedded = re.search(r'id="kg-data">(.*?)</script>', page, re.S)
    assert embedded is not None
    assert not set("<>&\u2028") & set(embedded[1])
    assert json.loads(embedded[1])["title"] == "<b>Mine</b>"


def test_same_graph_gives_same_bytes(hostile: Hostile, page: str) -> None:
    graph, evidence = hostile
    turned: Any = nx.MultiDiGraph()
    turned.add_nodes_from(reversed(list(graph.nodes(data=True))))
    turned.add_edges_from(reversed(list(graph.edges(keys=True, data=True))))
    assert positions(turned) == positions(graph)
    assert explorer_page(explorer_data(turned, evidence, title="<b>Mine</b>", with_text=True)) == page


def test_sentences_stay_out_unless_asked_for(hostile: Hostile) -> None:
    graph, evidence = hostile
    evidence["r1"][0]["text"] = "one two three four five six seven eight nine ten"
    data = explorer_data(graph, evidence, title="")
    pieces = [piece for edge in data["edges"] for piece in edge["evidence"]]
    assert pieces and not any("sentence" in piece for piece in pieces)
    assert "eight nine" not in json.dumps(data)


def test_own_script_is_short() -> None:
    assert len(files("kg.explorer").joinpath("explorer.js").read_text(encoding="utf-8").splitlines()) < 200


def test_own_script_makes_no_html_from_text() -> None:
    script = files("kg.explorer").joinpath("explorer.js").read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b", script)
