"""The pages in a real browser: nothing from other hosts, no errors, usable by keyboard, at any width."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.kg.server.conftest import Served

pytestmark = pytest.mark.browser

ADDRESSES = [
    "",
    "entity/grpo",
    "entity/math500",
    "results/math500",
    "paper/2505.00000",
    "paper/2505.00003",
    "entities/methods",
    "papers",
    "search?q=foonet",
    "sparql?query=SELECT * { ?p dcterms:title ?t }",
    "ns",
]


@pytest.fixture(params=[("light", 1280), ("dark", 390)], ids=["wide-light", "phone-dark"])
def page(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    scheme, width = request.param
    context = chromium.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    yield context.new_page()
    context.close()


def test_pages_ask_nobody_else_and_fit(page: Page, hostile_server: Served, tmp_path: Path) -> None:
    foreign: list[str] = []
    errors: list[str] = []
    page.on("request", lambda r: foreign.append(r.url) if not r.url.startswith(hostile_server.url) else None)
    page.on("console", lambda message: errors.append(message.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("dialog", lambda dialog: errors.append(f"a dialog: {dialog.message}"))
    for number, address in enumerate(ADDRESSES):
        answer = page.goto(hostile_server.url + address)
        assert answer is not None and answer.status == 200, address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{address} is too wide"
        assert page.locator("h1").count() == 1
        page.screenshot(path=tmp_path / f"{number}.png")
    assert not foreign and not errors, (foreign, errors)


def test_colours_have_contrast(page: Page, hostile_server: Served) -> None:
    """WCAG AA: 4.5 to 1 for all text that is shown; the foreign editor has colours of its own."""
    for address in ADDRESSES:
        page.goto(hostile_server.url + address)
        assert page.evaluate(CONTRAST) == [], address


CONTRAST = """() => {
  const channel = (v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const back = (node) => {
    for (; node; node = node.parentElement) {
      const colour = parse(getComputedStyle(node).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const weak = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !node.checkVisibility()) continue;
    if (["OPTION", "title"].includes(node.tagName) || node.closest("#editor")) continue;
    const [a, b] = [light(parse(getComputedStyle(node).color)), light(back(node))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) weak.add(node.outerHTML.slice(0, 80));
  }
  return [...weak];
}"""


def test_suggestions_by_keyboard(page: Page, hostile_server: Served) -> None:
    page.goto(hostile_server.url)
    box = page.get_by_role("combobox")
    box.press_sequentially("foonet1", delay=5)
    page.get_by_role("option").first.wait_for()
    box.press("ArrowDown")
    assert box.get_attribute("aria-activedescendant") == "suggestion-0"
    box.press("Enter")
    page.wait_for_url("**/entity/foonet1")
    page.go_back()
    box.fill("grpo")
    page.get_by_role("option").first.wait_for()
    box.press("Escape")
    assert page.get_by_role("option").count() == 0
    box.press("Enter")
    page.wait_for_url("**/search?q=grpo")


def test_everything_reads_without_scripts(chromium: Browser, hostile_server: Served) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(hostile_server.url)
    page.get_by_label("Search methods").fill("FooNet2")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="FooNet2", exact=True).click()
    assert page.locator("h1").inner_text() == "FooNet2"
    page.get_by_role("link", name="SPARQL", exact=True).click()
    page.locator("#query").fill("SELECT ?n { entity:grpo skos:prefLabel ?n }")
    page.get_by_role("button", name="Run").click()
    assert page.locator("#answer td").all_inner_texts() == ["GRPO"]
    context.close()


def test_the_editor_asks_this_server_only(chromium: Browser, hostile_server: Served) -> None:
    """Runs where the editor is built in (see docs/serve.md)."""
    if hostile_server.client.get("/static/yasgui.js").status_code == 404:
        pytest.skip("the SPARQL editor is not built in")
    page = chromium.new_page()
    foreign: list[str] = []
    errors: list[str] = []
    page.on("request", lambda r: foreign.append(r.url) if r.url.startswith("http") else None)
    page.on("console", lambda message: errors.append(message.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(hostile_server.url + "sparql?query=SELECT ?n { entity:grpo skos:prefLabel ?n }")
    page.get_by_text("1 result in").wait_for()
    page.locator(".CodeMirror").first.click()
    page.keyboard.press("Control+A")
    page.keyboard.type("SELECT * { ?s a akg:Bench")
    page.keyboard.press("Control+Space")
    expect(page.locator(".CodeMirror-hints")).to_contain_text("akg:Benchmark")
    assert not errors
    assert all(url.startswith(hostile_server.url) for url in foreign), foreign
    page.close()
