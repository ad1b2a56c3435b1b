"""How fast `kg serve` answers, beside the same queries asked in this process.

    python -m tests.benchmarks.serving GRAPH

prints a table: the median of pages, suggestions and the explorer's parts over loopback, the explorer in
Chromium, and of the fast ones of the named queries in process and over HTTP (JSON), each asked `RUNS` times
after one that is not counted.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import pyoxigraph as ox
from playwright.sync_api import sync_playwright

from kg.generations import RDF, current_generation
from kg.queries import named_query, query_names
from kg.vocab import PREFIXES
from tests.browser import SOFTWARE_WEBGL, launch, watched_page
from tests.kg.server.conftest import Served, serving

RUNS: Final = 5
SLOW: Final = 0.5
"""Seconds from which on a query is left out: what HTTP adds would drown in its own time."""
PAGES: Final = {
    "front page": "/",
    "entity page, GRPO": "/entity/grpo",
    "entity page, ImageNet": "/entity/imagenet",
    "entity page of most papers": "/entity/large-language-model",
    "leaderboard of ImageNet": "/results/imagenet",
    "list of methods by name": "/entities/methods?sort=name&page=100",
    "search page": "/search?q=qwen2.5",
    "suggestions": "/api/suggest?q=tran",
    "explorer: first part": "/api/explorer",
    "explorer: search": "/api/search?q=tran",
    "explorer: panel of GRPO": "/api/node?node=entity:grpo",
    "explorer: panel of ImageNet": "/api/node?node=entity:imagenet",
    "explorer: 2 hops around GRPO": "/api/neighbourhood?node=entity:grpo&hops=2",
    "explorer: path": "/api/path?from=entity:grpo&to=entity:imagenet",
    "RDF of GRPO": "/entity/grpo.ttl",
}


def median(run: Callable[[], object]) -> float:
    """Return the median time of a call in milliseconds."""
    run()
    times = []
    for _ in range(RUNS):
        began = time.perf_counter()
        run()
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


def in_process(store: ox.Store, query: str) -> bytes:
    """Return the answer of raw pyoxigraph as JSON."""
    found = store.query(query, prefixes=PREFIXES)
    assert isinstance(found, ox.QuerySolutions)
    return found.serialize(format=ox.QueryResultsFormat.JSON) or b""


def over_http(served: Served, query: str) -> bytes:
    """Return the answer of the endpoint."""
    done = served.client.post("/sparql", data={"query": query})
    assert done.status_code == 200, done.text
    return done.content


def get(served: Served, address: str) -> None:
    """Ask for a page."""
    done = served.client.get(address, headers={"Accept": "text/html"})
    assert done.status_code == 200, (address, done.status_code)


def in_browser(served: Served) -> None:
    """Print how long the explorer takes from navigation until it answers a search and opens a panel."""
    with sync_playwright() as playwright:
        browser = launch(playwright, *SOFTWARE_WEBGL)
        ready, found, opened = [], [], []
        for _ in range(RUNS):
            page = watched_page(browser).page
            began = time.perf_counter()
            page.goto(f"{served.url}explore")
            page.locator("html[data-ready]").wait_for()
            ready.append(time.perf_counter() - began)
            page.keyboard.press("/")
            page.keyboard.type("grpo")
            page.locator("#search-options [role=option]").first.wait_for()
            found.append(time.perf_counter() - began)
            page.keyboard.press("Enter")
            page.locator("#panel h2", has_text="GRPO").wait_for()
            opened.append(time.perf_counter() - began)
            page.context.close()
        browser.close()
    for name, times in (("ready", ready), ("search answered", found), ("panel open", opened)):
        print(f"explorer {name:<23}{min(times):8.2f} s fastest {statistics.median(times):8.2f} s median")


def main(graph: Path) -> None:
    """Measure and print."""
    began = time.perf_counter()
    with serving(graph, "--timeout", "60", "--workers", "1") as served:
        print(f"answers SPARQL after {time.perf_counter() - began:.1f} s")
        while served.client.get("/").status_code == 503:
            time.sleep(0.1)
        print(f"answers with pages after {time.perf_counter() - began:.1f} s")
        for name, address in PAGES.items():
            print(f"{name:<32}{median(partial(get, served, address)):8.1f} ms")
        in_browser(served)
        store = ox.Store.read_only(str(current_generation(graph) / RDF))
        more = []
        for name in query_names():
            query = named_query(name)
            if "CONSTRUCT" in query:  # answered in another form
                continue
            began = time.perf_counter()
            in_process(store, query)
            if time.perf_counter() - began > SLOW:
                continue
            raw = median(partial(in_process, store, query))
            http = median(partial(over_http, served, query))
            more.append(http - raw)
            print(f"@{name:<31}{raw:8.1f} ms in process {http:8.1f} ms over HTTP")
        print(f"over HTTP, median of {len(more)} queries: {statistics.median(more):+.1f} ms")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
