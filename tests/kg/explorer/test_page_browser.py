"""The page as people meet it, in Chromium."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kg.explorer.data import explorer_data
from kg.explorer.page import explorer_page

pytestmark = pytest.mark.browser
HOSTILE = "<script>alert(1)</script>"
Hostile = tuple[Any, dict[str, list[dict[str, Any]]]]


@pytest.fixture
def address(hostile: Hostile, tmp_path: Path) -> str:
    file = tmp_path / "explorer.html"
    data = explorer_data(*hostile, title="Mine", with_text=True)
    file.write_text(explorer_page(data), encoding="utf-8")
    return file.as_uri()


def _click(watched: Any, node: str) -> None:
    """Click where the node is drawn."""
    at = watched.page.evaluate(
        """id => { const n = kg.data.nodes.find(n => n.id === id), box = document.getElementById("mynetwork");
        const p = kg.network.canvasToDOM(n), at = box.getBoundingClientRect();
        return [p.x + at.left, p.y + at.top]; }""",
        node,
    )
    watched.page.mouse.click(*at)
    # vis-network waits for a second tap before it reports the first.
    watched.page.locator("#kg-panel:not(.start)").wait_for()


def test_opens_quietly_with_a_legend(chromium_page: Any, address: str) -> None:
    page = chromium_page.page
    page.goto(address)
    assert page.locator("#kg-legend button").all_inner_texts()[0].split() == ["Paper", "20"]
    assert page.locator("#kg-legend button").count() == 8
    drawn = """() => { const c = document.querySelector("#mynetwork canvas"), seen = new Set();
        const pixels = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
        for (let i = 0; i < pixels.length; i += 4) if (pixels[i + 3] === 255)
          seen.add("#" + [0, 1, 2].map(k => pixels[i + k].toString(16).padStart(2, "0")).join(""));
        return kg.data.classes.filter(c => seen.has(c.colour)).length; }"""
    assert page.evaluate(f"new Promise(done => requestAnimationFrame(() => done(({drawn})())))") == 8
    page.locator("#kg-legend button").nth(1).click()
    assert page.locator("#kg-legend button").nth(1).get_attribute("aria-pressed") == "false"
    assert page.evaluate("nodes.get().filter(n => n.hidden).every(n => n.group === 'Method')")
    assert chromium_page.requests == [] and chromium_page.messages == []


def test_search_finds_names_and_aliases(chromium_page: Any, address: str) -> None:
    page = chromium_page.page
    page.goto(address)
    page.fill("#kg-search", "also-7")
    assert page.locator("#kg-hits .name").first.inner_text() == "Thing 7"
    page.fill("#kg-search", "grp")
    page.press("#kg-search", "Enter")
    assert page.locator("#kg-panel h2").inner_text() == "GRPO"
    assert page.url.endswith("#entity=grpo")
    page.keyboard.press("Escape")
    assert page.locator("#kg-panel h2").inner_text() == "Start here"
    page.fill("#kg-search", "<script>")
    assert page.locator("#kg-hits .name").first.inner_text() == HOSTILE
    assert chromium_page.requests == [] and chromium_page.messages == []


def test_click_opens_papers_and_evidence(chromium_page: Any, address: str) -> None:
    page = chromium_page.page
    page.goto(address)
    _click(chromium_page, "entity:grpo")
    panel = page.locator("#kg-panel")
    assert panel.locator("h2").inner_text() == "GRPO"
    assert "Papers, newest first" in panel.inner_text() and "Extended by" in panel.inner_text()
    titles = panel.locator("ul").first.locator("li > .go")
    assert titles.count() == 20 and titles.first.inner_text().startswith("Paper 11 about")
    panel.locator("summary").first.click()
    assert panel.locator("mark").first.inner_text() == HOSTILE
    assert panel.locator("blockquote").first.inner_text() == f"Here {HOSTILE} stands <b>bold</b>."
    titles.first.click()
    assert panel.locator("a").first.get_attribute("href") == "https://arxiv.org/abs/2505.00011"
    assert chromium_page.requests == [] and chromium_page.messages == []


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_deep_link_at_both_sizes(chromium_page: Any, address: str, size: tuple[int, int]) -> None:
    page = chromium_page.page
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(address + "#paper=2505.00003")
    assert page.locator("#kg-panel h2").inner_text().startswith("Paper 3 about")
    page.evaluate("kg.select('entity:grpo')")
    page.go_back()
    page.locator("#kg-panel h2", has_text="Paper 3 about").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.getElementById('mynetwork').clientHeight > 200")
    assert chromium_page.requests == [] and chromium_page.messages == []
