"""Fixtures of the explorer: Chromium, and a graph with hostile names.

`pytest_plugins = ["tests.browser"]` makes them known.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import networkx as nx
import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
SOFTWARE_WEBGL = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]
NO_WEBGL = ["--disable-gpu", "--disable-3d-apis"]


@dataclass
class WatchedPage:
    """A page, and what it did that it should not do."""

    page: Page
    requests: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def playwright_driver() -> Iterator[Playwright]:
    """Yield the one driver of browsers."""
    with sync_playwright() as playwright:
        yield playwright


def launch(playwright: Playwright, *flags: str) -> Browser:
    """Start Chromium, or skip (fail where it is required)."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        reason = "Chromium is missing: apt-get install chromium"
        if "browser" in os.environ.get("ABSTRACTKG_REQUIRE", ""):
            pytest.fail(reason)
        pytest.skip(reason)
    return playwright.chromium.launch(executable_path=program, args=[*FLAGS, *flags])


@pytest.fixture(scope="session")
def chromium(playwright_driver: Playwright) -> Iterator[Browser]:
    """Yield one Chromium for the whole run; it draws WebGL in software."""
    browser = launch(playwright_driver, *SOFTWARE_WEBGL)
    yield browser
    browser.close()


@pytest.fixture
def chromium_without_webgl(playwright_driver: Playwright) -> Iterator[WatchedPage]:
    """Yield a fresh page of a Chromium that has no WebGL."""
    browser = launch(playwright_driver, *NO_WEBGL)
    yield watched_page(browser)
    browser.close()


@pytest.fixture
def chromium_page(chromium: Browser) -> Iterator[WatchedPage]:
    """Yield a fresh page of 1280x800 that records foreign requests, console messages and errors."""
    watched = watched_page(chromium)
    yield watched
    watched.page.context.close()


def watched_page(browser: Browser, **options: Any) -> WatchedPage:
    """Open a page that records foreign requests, console messages and errors."""
    size: Any = {"width": 1280, "height": 800}
    context = browser.new_context(**{"viewport": size, "reduced_motion": "reduce", **options})
    watched = WatchedPage(context.new_page())
    watched.page.set_default_timeout(20_000)

    def record(url: str) -> None:
        if not url.startswith(("file:", "data:", "blob:")):
            watched.requests.append(url)

    watched.page.on("request", lambda request: record(request.url))
    watched.page.on("console", lambda message: watched.messages.append(message.text))
    watched.page.on("pageerror", lambda error: watched.messages.append(str(error)))
    watched.page.on("dialog", lambda dialog: watched.messages.append(f"a dialog: {dialog.message}"))
    return watched


HOSTILE = "<script>alert(1)</script>"
NAMES = [HOSTILE, "\"quotes\" & 'more' </script>", "שלום עולם", "x" * 500, "π0 🤖 \u2028line", "GRPO"]


def hostile_graph() -> tuple[Any, dict[str, list[dict[str, Any]]]]:
    """Return twenty papers, forty entities, and evidence for each edge."""
    graph: Any = nx.MultiDiGraph()
    classes = ["Method", "Model", "Benchmark", "Organization", "Task", "Concept", "Metric"]
    iri = "https://w3id.org/abstractkg/"
    for i in range(40):
        label = NAMES[i] if i < len(NAMES) else f"Thing {i}"
        entity = f"entity:{'grpo' if label == 'GRPO' else f'thing-{i}'}"
        graph.add_node(
            entity, label=label, node_class=classes[i % 7], iri=iri + str(i), aliases=f"also-{i} | {i}th"
        )
    entities = sorted(graph)
    for i in range(20):
        paper = f"paper:2505.{i:05d}"
        title = f"Paper {i} about {NAMES[i % len(NAMES)]}"
        graph.add_node(
            paper, label=title, node_class="Paper", iri=iri + paper, published=f"2025-{i % 12 + 1:02d}"
        )
        for entity in ["entity:grpo", *entities[i : i + 4]]:
            key = f"e-{i}-{entity}"
            if not graph.has_edge(paper, entity, key):
                graph.add_edge(
                    paper, entity, key, relation="uses", weight=1, confidence=0.9, papers=f"2505.{i:05d}"
                )
    graph.add_edge(
        entities[1], "entity:grpo", "r1", relation="extends", weight=2, confidence=0.8, papers="2505.00001"
    )
    evidence = {
        key: [
            {
                "paper": f"2505.{i % 20:05d}",
                "field": "abstract",
                "start": 4,
                "end": 8,
                "text": HOSTILE,
                "sentence": f"Here {HOSTILE} stands <b>bold</b>.",
            }
        ]
        for i, (_, _, key) in enumerate(sorted(graph.edges(keys=True)))
    }
    for node, node_class in graph.nodes(data="node_class"):
        if str(node_class) != "Paper":
            graph.nodes[node]["papers"] = graph.in_degree(node)
    return graph, evidence


@pytest.fixture
def hostile() -> tuple[Any, dict[str, list[dict[str, Any]]]]:
    """Give the hostile graph and its evidence."""
    return hostile_graph()
