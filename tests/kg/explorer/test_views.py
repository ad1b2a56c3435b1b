"""Views as values and as text: what is in them, in which order, and that nothing of a name is markup."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

import pytest

import kg
from kg.errors import UsageError
from kg.explorer.pyvis_page import network, view_page
from kg.explorer.scene import Scene
from kg.explorer.views import benchmark_view, lineage_view, near_view, paper_view
from kg.graph import KnowledgeGraph
from kg.lookup import Lookup
from kg.pipeline import Built
from tests.kg.hostile import NAMES, SCRIPT, hostile_graph

View = Callable[[Lookup], Scene]
VIEWS: dict[str, View] = {
    "near": lambda look: near_view(look, "entity:grpo", hops=2),
    "lineage": lambda look: lineage_view(look, "entity:grpo"),
    "paper": lambda look: paper_view(look, "paper:2505.00000"),
    "benchmark": lambda look: benchmark_view(look, "entity:math500"),
}


@pytest.fixture(scope="module")
def hostile_look() -> Lookup:
    return Lookup(hostile_graph())


class _Page(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        given = dict(attrs)
        if tag == "a":
            self.links.append(given.get("href") or "")
        elif "src" in given or (tag == "link" and "href" in given):
            self.loaded.append(str(given))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.mark.parametrize("name", VIEWS)
def test_a_page_is_alone_and_the_same_each_time(name: str, hostile_look: Lookup) -> None:
    page = view_page(hostile_look, VIEWS[name](hostile_look), with_text=True)
    again = Lookup(hostile_graph())
    assert view_page(again, VIEWS[name](again), with_text=True) == page
    read = _Page(page)
    assert read.loaded == [] and "default-src 'none'" in page
    assert set(re.findall(r"https?://[\w./-]*cdn[\w./-]*|https?://[\w.]*jsdelivr[\w./]*", page)) == set()
    assert read.tags["script"] == 4  # utils and vis-network of pyvis, the network, our own
    assert "sourceMappingURL" not in page


@pytest.mark.parametrize("name", VIEWS)
def test_names_are_text(name: str, hostile_look: Lookup) -> None:
    scene = VIEWS[name](hostile_look)
    page = view_page(hostile_look, scene, with_text=True)
    assert SCRIPT not in page
    texts = " ".join(_Page(page).texts)
    assert SCRIPT in texts
    for node in scene.nodes:
        assert node.name in texts
        assert len(node.label) < 60
    assert not any(link.startswith("javascript:") for link in _Page(page).links)


def test_papers_are_linked(hostile_look: Lookup) -> None:
    links = _Page(view_page(hostile_look, VIEWS["near"](hostile_look))).links
    assert "https://arxiv.org/abs/2505.00001" in links
    assert 'https://example.org/1?a="b"&c=<d>' in links


def test_sentences_only_when_asked_for(hostile_look: Lookup) -> None:
    scene = VIEWS["near"](hostile_look)
    plain, told = (view_page(hostile_look, scene, with_text=yes) for yes in (False, True))
    assert "We extend" not in plain and plain.count("<mark>") == 0
    assert "We extend" in told and "<mark>GRPO</mark>" in told


def test_the_network_has_text_ids_places_and_no_physics(hostile_look: Lookup) -> None:
    net = network(hostile_look, VIEWS["benchmark"](hostile_look))
    assert all(isinstance(node["id"], str) and {"x", "y"} <= node.keys() for node in net.nodes)
    assert all("label" not in node or node["label"] == " " for node in net.nodes)
    ids = [edge["id"] for edge in net.edges]
    assert len(ids) == len(set(ids)) > 0
    assert '"physics": {"enabled": false}' in net.generate_html()


def test_near_is_capped_strongest_first(example_built: Built) -> None:
    look = Lookup(example_built.graph)
    whole = near_view(look, "entity:ppo", hops=2, limit=10_000)
    capped = near_view(look, "entity:ppo", hops=2, limit=30)
    assert len(whole.nodes) > len(capped.nodes) == 30
    assert "left out" in capped.note and whole.note == ""
    classes = Counter(node.node_class == "Paper" for node in capped.nodes)
    assert classes[True] >= 10 and classes[False] >= 10
    one = near_view(look, "entity:ppo", limit=7)
    direct = {e.source if e.target == "entity:ppo" else e.target for e in look.edges("entity:ppo")}
    taken = {node.id for node in one.nodes} - {"entity:ppo"}
    assert taken <= direct and len(taken) == 6

    def score(node: str) -> float:
        return sum(
            len(e.papers) * e.confidence for e in look.edges("entity:ppo") if node in {e.source, e.target}
        )

    papers = {node for node in direct if node in look.papers}
    left, kept = papers - taken, papers & taken
    assert max(map(score, left)) <= min(map(score, kept)) + 1e-9


def test_a_benchmark_shows_what_is_tested_oldest_first(hostile_look: Lookup) -> None:
    scene = VIEWS["benchmark"](hostile_look)
    column = sorted((n for n in scene.nodes if n.id != "entity:math500"), key=lambda n: n.y)
    assert [node.name for node in column] == list(NAMES)
    assert [re.findall(r"4\d\.5%", node.label) for node in column] == [[f"4{i}.5%"] for i in range(6)]
    assert {(e.relation, e.target) for e in scene.edges} == {("evaluatedOn", "entity:math500")}


def test_a_lineage_has_layers(example_built: Built) -> None:
    look = Lookup(example_built.graph)
    roots = [e.target for e in example_built.graph.edges if e.relation == "extends"]
    assert roots
    for root in sorted(set(roots)):
        scene = lineage_view(look, root)
        at = {node.id: node.x for node in scene.nodes}
        assert len({(n.x, n.y) for n in scene.nodes}) == len(scene.nodes)
        for edge in scene.edges:
            if edge.curve == "across":
                assert at[edge.target] < at[edge.source], "the older stands to the left"


def test_no_lineage_and_no_tests_say_so(hostile_look: Lookup) -> None:
    with pytest.raises(UsageError, match="nothing in this graph extends 'MATH500'"):
        lineage_view(hostile_look, "entity:math500")
    with pytest.raises(UsageError, match="nothing in this graph is evaluated on 'GRPO'"):
        benchmark_view(hostile_look, "entity:grpo")


def test_a_paper_of_nothing_has_a_card(hostile_look: Lookup) -> None:
    graph: KnowledgeGraph = hostile_look.graph
    bare = replace(graph.papers[0], id="2506.00001", title="Nothing")
    look = Lookup(replace(graph, papers=(*graph.papers, bare)))
    scene = paper_view(look, "paper:2506.00001")
    assert [node.name for node in scene.nodes] == ["Nothing"] and "Nothing" in view_page(look, scene)


def test_the_api_shows_the_same(example_built: Built) -> None:
    with kg.open(example_built.folder) as graph:
        look = Lookup(graph.data)
        near = view_page(look, near_view(look, graph["PPO"].node, hops=2))
        assert graph.view("PPO", hops=2).html == near
        notebook = graph.view("PPO", hops=2)._repr_html_()
        assert notebook.startswith("<iframe sandbox=") and "<script" not in notebook
        title = graph.data.papers[0].title
        assert graph.view(title).html == view_page(look, paper_view(look, f"paper:{graph.data.papers[0].id}"))
        with pytest.raises(UsageError, match="one of hops, lineage and benchmark"):
            graph.view("PPO", hops=1, lineage=True)
        with pytest.raises(UsageError, match="is a paper"):
            graph.view(title, lineage=True)
        with pytest.raises(UsageError, match=r"no entity or paper called 'PPOO'.*PPO"):
            graph.view("PPOO")
