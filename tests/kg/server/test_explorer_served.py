"""The explorer as the server gives it, in Chromium: its graph comes in parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import WatchedPage, watched_page
from tests.kg.explorer.driving import click_node, find, heading, open_page, picture
from tests.kg.server.conftest import Served

pytestmark = pytest.mark.browser


@pytest.fixture
def watched(chromium: Browser, server: Served) -> Iterator[WatchedPage]:
    found = watched_page(chromium)
    yield found
    found.page.context.close()


def asked_only(watched: WatchedPage, server: Served) -> None:
    """Check that the page asked its own server only and complained of nothing."""
    assert watched.requests and all(url.startswith(server.url) for url in watched.requests), watched.requests
    assert watched.messages == []


def in_panel(page: Any, name: str) -> None:
    """Wait until the panel is about a node."""
    expect(page.locator("#panel h2")).to_have_text(name)


def test_overview_is_a_part_and_search_finds_the_rest(watched: WatchedPage, server: Served) -> None:
    page = open_page(watched, server.url + "explore")
    counts = page.evaluate("[abstractkg.model.count, abstractkg.model.shown.reduce((a, b) => a + b)]")
    assert 100 < counts[1] <= counts[0]
    assert page.evaluate("abstractkg.stage.name") == "webgl"
    picture(page, "served-first-view")
    find(page, "grpo")
    in_panel(page, "GRPO")
    assert page.url.endswith("/explore#entity=grpo")
    panel = page.locator("#panel")
    expect(panel.locator(".lead")).to_contain_text("Named in")
    panel.locator("details summary", has_text="Evidence").first.click()
    assert panel.locator("blockquote mark").first.inner_text()
    picture(page, "served-entity")
    asked_only(watched, server)


def test_nodes_that_the_overview_has_not_come_on_demand(chromium: Browser, large_server: Served) -> None:
    watched = watched_page(chromium)
    page = open_page(watched, large_server.url + "explore")
    shown = "abstractkg.model.shown.reduce((a, b) => a + b)"
    at_first = page.evaluate(shown)
    assert at_first <= 1506 < page.evaluate("abstractkg.model.count")
    name = page.evaluate(
        """() => { const {model} = abstractkg;
        const known = (n) => model.find(`entity=foonet${n}`) !== undefined;
        for (let n = 999; ; n -= 1) if (!known(n)) return `FooNet${n}`; }"""
    )
    find(page, name.lower())
    in_panel(page, name)
    key = f"entity={name.lower()}"
    on_map = f"abstractkg.stage.placeOf(abstractkg.model.find('{key}')) !== undefined"
    assert page.evaluate(on_map)
    distance = page.evaluate(
        f"""() => {{ const {{model}} = abstractkg; const i = model.find('{key}');
        return Math.min(...[...model.edgesOf(i)].map((e) => model.other(e, i)).filter((o) => o !== i)
          .map((o) => Math.hypot(model.x[o] - model.x[i], model.y[o] - model.y[i]))); }}"""
    )
    assert 0 < distance < 500
    assert page.evaluate(shown) > at_first
    page.keyboard.press("Escape")
    in_panel(page, "abstractkg")
    assert page.evaluate(shown) == at_first
    click_node(page, "entity=grpo")
    in_panel(page, "GRPO")
    assert page.get_by_role("link", name="All 1,000 papers").get_attribute("href") == "/papers?entity=grpo"
    expect(page.locator("#panel .lead")).to_contain_text("Named in 1,000 papers")
    picture(page, "served-large")
    asked_only(watched, large_server)
    watched.page.context.close()


def test_click_neighbourhood_and_back(watched: WatchedPage, server: Served) -> None:
    page = open_page(watched, server.url + "explore")
    click_node(page, "entity=grpo")
    in_panel(page, "GRPO")
    before = page.locator("#panel").inner_text()
    page.get_by_role("button", name="1 hop").click()
    page.wait_for_url("**#entity=grpo&near=1")
    expect(page.get_by_role("button", name="1 hop")).to_have_attribute("aria-pressed", "true")
    shown = page.evaluate(
        "[...document.querySelectorAll('.type small')].reduce((n, s) => n + +s.textContent, 0)"
    )
    assert 10 < shown <= 150
    picture(page, "served-neighbourhood")
    page.locator("#panel .papers .link").first.click()
    page.wait_for_url("**#paper=*")
    expect(page.locator("#panel .abstract")).not_to_be_empty()
    page.go_back()
    page.wait_for_url("**#entity=grpo&near=1")
    in_panel(page, "GRPO")
    page.go_back()
    page.wait_for_url("**#entity=grpo")
    in_panel(page, "GRPO")
    expect(page.get_by_role("button", name="All", exact=True)).to_have_attribute("aria-pressed", "true")
    assert page.locator("#panel").inner_text() == before
    asked_only(watched, server)


def test_path_comes_from_the_server(watched: WatchedPage, server: Served) -> None:
    page = open_page(watched, server.url + "explore")
    page.keyboard.press("p")
    page.locator("#path-0").fill("grpo")
    page.locator("#path-0-options [role=option]").first.click()
    page.locator("#path-1").fill("dpo")
    page.locator("#path-1-options [role=option]").first.click()
    page.get_by_role("button", name="Show the path").click()
    page.wait_for_url("**#path=grpo..dpo")
    expect(page.locator("#panel .path > li").first).to_contain_text("GRPO")
    expect(page.locator("#panel .path > li").last).to_contain_text("DPO")
    said = server.client.get("/api/path", params={"from": "entity:grpo", "to": "entity:dpo"}).json()
    assert page.locator("#panel .path > li").count() == len(said["path"])
    page.locator("#panel .path summary").first.click()
    assert page.locator("#panel .path blockquote").first.inner_text()
    picture(page, "served-path")
    address = page.url
    page.keyboard.press("Escape")
    again = open_page(watched, address)
    again.reload()
    expect(again.locator("#panel .path > li").last).to_contain_text("DPO")
    asked_only(watched, server)


def test_deep_links_to_what_the_overview_has_not(chromium: Browser, hostile_server: Served) -> None:
    watched = watched_page(chromium)
    for slug, name in (("foonet1", "FooNet1"), ("grpo", "GRPO")):
        watched.page.goto("about:blank")
        page = open_page(watched, f"{hostile_server.url}explore#entity={slug}")
        assert heading(page) == name
    page = open_page(watched, f"{hostile_server.url}explore#paper=2505.00000")
    page.reload()
    in_panel(page, "FooNet0: <script>alert(1)</script> in a title")
    page.goto("about:blank")
    page = open_page(watched, f"{hostile_server.url}explore#entity=nothing-like-this")
    assert heading(page) == "abstractkg"
    asked_only(watched, hostile_server)
    watched.page.context.close()


def test_phone_table_and_the_way_to_the_pages(chromium: Browser, server: Served) -> None:
    watched = watched_page(chromium, viewport={"width": 390, "height": 844}, color_scheme="dark")
    page = open_page(watched, server.url + "explore#entity=grpo")
    in_panel(page, "GRPO")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture(page, "served-phone")
    page.keyboard.press("t")
    assert page.locator("#table tbody tr").count() > 50
    page.get_by_role("link", name="Page of this entity").click()
    page.wait_for_url("**/entity/grpo")
    page.get_by_role("link", name="On the map").click()
    page.wait_for_url("**/explore#entity=grpo")
    in_panel(page, "GRPO")
    asked_only(watched, server)
    watched.page.context.close()


def test_a_server_that_is_gone_is_told(chromium: Browser, server: Served) -> None:
    watched = watched_page(chromium)
    page = open_page(watched, server.url + "explore")
    page.route("**/api/node?*", lambda route: route.abort())
    click_node(page, "entity=grpo")
    in_panel(page, "The server did not answer")
    page.unroute("**/api/node?*")
    page.get_by_role("button", name="Try again").click()
    in_panel(page, "GRPO")
    watched.page.context.close()
