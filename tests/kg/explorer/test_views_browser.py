"""Views as people meet them, in Chromium."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from kg.explorer.pyvis_page import view_page
from kg.lookup import Lookup
from tests.kg.explorer.test_views import VIEWS
from tests.kg.hostile import SCRIPT, hostile_graph

pytestmark = pytest.mark.browser


@pytest.fixture(params=sorted(VIEWS))
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    look = Lookup(hostile_graph())
    file = tmp_path / f"{request.param}.html"
    file.write_text(view_page(look, VIEWS[request.param](look), with_text=True), encoding="utf-8")
    return file.as_uri()


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_opens_quietly_at_both_sizes(chromium_page: Any, address: str, size: tuple[int, int]) -> None:
    page = chromium_page.page
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(address)
    assert page.evaluate("typeof network.getScale()") == "number"
    assert page.locator(".legend li").count() >= 2
    assert page.locator("#panel section:not([hidden])").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.getElementById('mynetwork').clientHeight > 300")
    root = page.evaluate("network.canvasToDOM(network.getPosition(document.body.dataset.root))")
    box = page.locator("#mynetwork").bounding_box()
    assert 0 < root["x"] < box["width"] and 0 < root["y"] < box["height"]
    if folder := os.environ.get("ABSTRACTKG_SCREENSHOTS"):
        name = Path(address).stem
        page.screenshot(path=Path(folder, f"view-{name}-{size[0]}.png"))
    assert chromium_page.requests == [] and chromium_page.messages == []


def test_a_click_opens_what_is_there(chromium_page: Any, address: str) -> None:
    page = chromium_page.page
    page.goto(address)
    other = page.evaluate(
        "nodes.get().find(n => n.id.startsWith('entity') && n.id !== document.body.dataset.root)"
    )
    place = page.evaluate("id => network.canvasToDOM(network.getPosition(id))", other["id"])
    box = page.locator("#mynetwork").bounding_box()
    page.mouse.move(box["x"] + place["x"] + 1, box["y"] + place["y"] + 1)
    page.mouse.click(box["x"] + place["x"], box["y"] + place["y"])
    section = page.locator(f'#panel section[data-node="{other["id"]}"]')
    section.wait_for(state="visible")
    assert section.locator("h2").inner_text() in page.title() + page.locator("body").inner_text()
    assert chromium_page.requests == [] and chromium_page.messages == []


def test_tooltips_are_text(chromium_page: Any, address: str) -> None:
    page = chromium_page.page
    page.goto(address)
    hostile = page.evaluate("nodes.get().find(n => (n.title || '').includes('<script>')).id")
    page.evaluate("id => network.moveTo({position: network.getPosition(id)})", hostile)
    place = page.evaluate("id => network.canvasToDOM(network.getPosition(id))", hostile)
    box = page.locator("#mynetwork").bounding_box()
    page.mouse.move(box["x"] + place["x"] - 3, box["y"] + place["y"])
    page.mouse.move(box["x"] + place["x"], box["y"] + place["y"])
    tooltip = page.locator("div.vis-tooltip")
    tooltip.wait_for(state="visible")
    assert SCRIPT in tooltip.inner_text() and tooltip.locator("script").count() == 0
    assert page.evaluate("edges.get().every(e => e.title.includes('% sure'))")
    assert chromium_page.requests == [] and chromium_page.messages == []


def test_the_keyboard_reaches_everything(chromium_page: Any, address: str) -> None:
    page = chromium_page.page
    page.goto(address)
    page.locator("#panel > details > summary").focus()
    page.keyboard.press("Enter")
    button = page.locator("#panel > details button.go").last
    wanted = button.get_attribute("data-go")
    button.focus()
    page.keyboard.press("Enter")
    shown = page.locator("#panel section:not([hidden])")
    assert shown.get_attribute("data-node") == wanted
    assert page.evaluate("document.activeElement.tagName") == "H2"
    assert page.evaluate("network.getSelectedNodes()") == [wanted]
    assert chromium_page.requests == [] and chromium_page.messages == []
