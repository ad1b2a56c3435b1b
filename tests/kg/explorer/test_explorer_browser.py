"""The explorer of a real graph as people use it, in Chromium with WebGL in software."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

import kg
from kg.explorer import graph_page
from kg.pipeline import Built
from tests.browser import WatchedPage, watched_page
from tests.kg.explorer.driving import click_node, find, heading, open_page, picture, quiet

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(example_built: Built, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of the explorer of the example, with text."""
    file = tmp_path_factory.mktemp("explorer") / "explorer.html"
    with kg.open(example_built.folder) as graph:
        file.write_text(graph_page(graph.data, with_text=True), encoding="utf-8")
    return file.as_uri()


def colours_drawn(page: Any) -> int:
    """Return how many classes have their colour somewhere on the map."""
    pixels = """async () => { const image = await createImageBitmap(await abstractkg.stage.png());
        const canvas = new OffscreenCanvas(image.width, image.height), context = canvas.getContext("2d");
        context.drawImage(image, 0, 0);
        const {data} = context.getImageData(0, 0, image.width, image.height), seen = new Set();
        for (let i = 0; i < data.length; i += 4)
          seen.add("#" + [0, 1, 2].map(k => data[i + k].toString(16).padStart(2, "0")).join(""));
        return abstractkg.model.classes.filter(c => c.name !== "Paper" && seen.has(c.colour)).length; }"""
    return int(page.evaluate(pixels))


def shown(page: Any) -> int:
    """Return how many nodes the legend counts."""
    return sum(int(text.replace(",", "")) for text in page.locator("#filters .type small").all_inner_texts())


def test_first_view(chromium_page: WatchedPage, address: str) -> None:
    page = open_page(chromium_page, address)
    assert page.evaluate("abstractkg.stage.name") == "webgl"
    picture(page, "first-view")
    assert page.locator("#hint").is_visible()
    page.click("#hint-close")
    assert page.locator("#hint").count() == 0
    page.reload()
    page.locator("html[data-ready]").wait_for()
    assert page.locator("#hint").count() == 0
    assert colours_drawn(page) >= 5
    assert page.locator("#panel .chip").count() >= 10
    quiet(chromium_page)


def test_search_click_and_evidence(chromium_page: WatchedPage, address: str) -> None:
    page = open_page(chromium_page, address)
    name, alias = page.evaluate(
        """() => { const {model} = abstractkg;
        for (let i = 0; ; i += 1) for (const alias of model.aliases(i))
          if (!alias.toLowerCase().includes(model.label(i).toLowerCase()))
            return [model.label(i), alias]; }"""
    )
    find(page, alias)
    assert heading(page) == name
    find(page, "grpo")
    assert heading(page) == "GRPO"
    assert page.url.endswith("#entity=grpo")
    page.keyboard.press("Escape")
    assert heading(page) == "abstractkg" and page.url.endswith("#")
    click_node(page, "entity=grpo")
    assert heading(page) == "GRPO"
    panel = page.locator("#panel")
    assert "Papers, newest first" in panel.inner_text() and "Named in" in panel.inner_text()
    page.locator("#panel .papers summary").first.click()
    quote = page.locator("#panel .papers blockquote").first
    assert "GRPO" in quote.locator("mark").all_inner_texts()
    assert len(quote.inner_text()) > 60
    assert page.locator(".sparkline rect").count() > 2
    picture(page, "entity")
    page.locator("#panel .papers .link").first.click()
    assert page.locator("#panel .kicker").inner_text().startswith("Paper")
    picture(page, "paper")
    quiet(chromium_page)


def test_typo_and_nothing_found(chromium_page: WatchedPage, address: str) -> None:
    page = open_page(chromium_page, address)
    page.fill("#search", "reinforcment lerning")
    assert "reinforcement learning" in page.locator("#search-options [role=option]").first.inner_text()
    page.fill("#search", "zzzqqq")
    assert page.locator("#search-options").inner_text().startswith("Nothing by that name")
    quiet(chromium_page)


def test_back_and_deep_links(chromium_page: WatchedPage, address: str) -> None:
    page = open_page(chromium_page, address + "#entity=grpo")
    assert heading(page) == "GRPO"
    link = page.locator("#panel .papers .link").first
    title = link.inner_text()
    link.click()
    assert heading(page) == title
    page.go_back()
    page.locator("#panel h2", has_text="GRPO").wait_for()
    page.go_forward()
    page.locator("#panel h2", has_text=title).wait_for()
    page.goto(address + "#entity=no-such-thing")
    page.reload()
    page.locator("html[data-ready]").wait_for()
    assert heading(page) == "abstractkg"
    quiet(chromium_page)


def test_facets_and_time(chromium_page: WatchedPage, address: str) -> None:
    page = open_page(chromium_page, address)
    everything = shown(page)
    page.locator("#filters .type", has_text="Method").click()
    assert page.locator("#filters .type", has_text="Method").get_attribute("aria-pressed") == "false"
    assert shown(page) < everything and "hide=Method" in page.url
    page.locator("#filters .more").click()
    assert shown(page) == everything
    page.locator("#task").select_option(index=1)
    narrowed = shown(page)
    assert 0 < narrowed < everything
    page.locator("#filters .more").click()
    page.focus("#time-from")
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("location.hash.includes('from=')")
    assert shown(page) < everything
    assert (
        page.locator("#time-from").get_attribute("aria-valuetext")
        in page.locator("#timeline output").inner_text()
    )
    picture(page, "time")
    page.reload()
    page.locator("html[data-ready]").wait_for()
    assert shown(page) < everything
    page.get_by_role("button", name="All time").click()
    assert shown(page) == everything
    quiet(chromium_page)


def test_nothing_left_says_so(chromium_page: WatchedPage, address: str) -> None:
    page = open_page(chromium_page, address)
    for button in page.locator("#filters .type").all():
        button.click()
    assert "Nothing fits these choices" in page.locator("#notice").inner_text()
    page.keyboard.press("t")
    assert "Nothing fits these choices" in page.locator("#table").inner_text()
    picture(page, "empty")
    page.keyboard.press("t")
    page.click("#widen")
    assert shown(page) > 50
    quiet(chromium_page)


def test_neighbourhood(chromium_page: WatchedPage, address: str) -> None:
    page = open_page(chromium_page, address + "#entity=grpo")
    everything = shown(page)
    page.locator(".tools button", has_text="1 hop").click()
    one = shown(page)
    picture(page, "neighbourhood")
    page.locator(".tools button", has_text="2 hops").click()
    two = shown(page)
    assert 1 < one < two <= 150 and two < everything
    page.locator(".tools button", has_text="All").click()
    assert shown(page) == everything
    quiet(chromium_page)


def test_path(chromium_page: WatchedPage, address: str) -> None:
    page = open_page(chromium_page, address)
    page.keyboard.press("p")
    page.locator("dialog[open]").wait_for()
    for name, other in (("path-0", "DPO"), ("path-1", "GRPO")):
        page.fill(f"#{name}", other)
        page.press(f"#{name}", "Enter")
    page.get_by_role("button", name="Show the path").click()
    assert heading(page) == "DPO to GRPO"
    steps = page.locator(".path > li").count()
    assert steps >= 2 and page.locator(".path details").count() >= 1
    assert "path=dpo..grpo" in page.url
    picture(page, "path")
    page.reload()
    page.locator("html[data-ready]").wait_for()
    assert page.locator(".path > li").count() == steps
    page.keyboard.press("Escape")
    assert heading(page) == "abstractkg"
    quiet(chromium_page)


def test_table_and_csv(chromium_page: WatchedPage, address: str) -> None:
    page = open_page(chromium_page, address)
    entities = shown(page) - int(page.locator("#filters .type small").first.inner_text())
    page.click("#show-table")
    assert page.locator("#table tbody tr").count() == min(entities, 200)
    picture(page, "table")
    page.get_by_role("button", name="Name", exact=True).click()
    first = page.locator("#table tbody .link").first.inner_text()
    with page.expect_download() as waiting:
        page.click("#csv")
    rows = list(csv.reader(io.StringIO(waiting.value.path().read_text(encoding="utf-8-sig"))))
    assert rows[0] == ["name", "type", "papers", "first_seen", "last_seen", "ties", "iri"]
    assert len(rows) == entities + 1 and rows[1][0] == first
    page.locator("#table .tablebar button", has_text="Papers").click()
    assert page.locator("#table th").first.inner_text().startswith("Title")
    page.locator("#table tbody .link").first.click()
    assert page.locator("#panel .kicker").inner_text().startswith("Paper")
    quiet(chromium_page)


def test_pictures_to_save(chromium_page: WatchedPage, address: str) -> None:
    page = open_page(chromium_page, address)
    for kind, start in (("png", b"\x89PNG"), ("svg", b"<svg xmlns=")):
        page.locator(".menu summary").click()
        with page.expect_download() as waiting:
            page.click(f"#{kind}")
        data = Path(waiting.value.path()).read_bytes()
        assert data.startswith(start) and len(data) > 20_000
    import xml.etree.ElementTree as ET

    svg = ET.fromstring(data)
    texts = ["".join(element.itertext()) for element in svg if element.tag.endswith("text")]
    assert "GRPO" in texts and len(texts) > 15
    quiet(chromium_page)


def test_keyboard_alone(chromium_page: WatchedPage, address: str) -> None:
    page = open_page(chromium_page, address)
    page.focus("#map")
    page.keyboard.press("ArrowRight")
    named = page.locator("#announcer").inner_text()
    assert ", " in named
    page.keyboard.press("Enter")
    assert named.startswith(heading(page))
    page.keyboard.press("Escape")
    assert heading(page) == "abstractkg"
    page.keyboard.press("?")
    assert "What am I looking at?" in page.locator("dialog[open]").inner_text()
    picture(page, "about")
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    visited = []
    for _ in range(40):
        page.keyboard.press("Tab")
        visited.append(
            page.evaluate("document.activeElement.id || document.activeElement.closest('[id]')?.id || 'body'")
        )
    order = [name for name in ("show-map", "path", "filters", "map", "time-from", "panel") if name in visited]
    assert order == ["show-map", "path", "filters", "map", "time-from", "panel"]
    assert [visited.index(name) for name in order] == sorted(visited.index(name) for name in order)
    quiet(chromium_page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 800), (390, 844)], ids=["desk", "phone"])
def test_contrast_and_width(chromium: Browser, address: str, scheme: str, size: tuple[int, int]) -> None:
    watched = watched_page(
        chromium, viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, has_touch=size[0] < 500
    )
    page = open_page(watched, address)
    picture(page, f"start-{scheme}-{size[0]}")
    page.goto(address + "#entity=grpo")
    page.locator("#panel h2", has_text="GRPO").wait_for()
    picture(page, f"entity-{scheme}-{size[0]}")
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.getElementById('map').clientHeight") > 200
    beyond = """() => [...document.querySelectorAll("#top button, #top summary, #top input")]
        .filter(e => e.checkVisibility() && e.getBoundingClientRect().right > innerWidth).map(e => e.id)"""
    assert page.evaluate(beyond) == []
    # WCAG 2.2, 1.4.3: text against what is behind it.
    weak = page.evaluate(
        """() => {
        const light = c => { const [r, g, b] = c.match(/[\\d.]+/g).slice(0, 3).map(v => v / 255)
            .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
          return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
        const behind = e => { for (; e; e = e.parentElement) {
          const c = getComputedStyle(e).backgroundColor; if (!/, 0\\)|transparent/.test(c)) return c; } };
        const weak = new Set();
        for (const e of document.querySelectorAll("body *")) {
          if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
          if (!e.checkVisibility() || e.closest("script, noscript, style, option, :disabled")) continue;
          const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x);
          if ((a + 0.05) / (b + 0.05) < 4.5) weak.add(`${e.tagName}.${e.className} ${e.textContent}`);
        }
        return [...weak]; }"""
    )
    assert weak == []
    quiet(watched)
    watched.page.context.close()


def test_theme_can_be_chosen(chromium_page: WatchedPage, address: str) -> None:
    page = open_page(chromium_page, address)
    page.click("#theme")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.reload()
    page.locator("html[data-ready]").wait_for()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    quiet(chromium_page)


def test_in_a_sandboxed_frame(chromium_page: WatchedPage, address: str, tmp_path: Path) -> None:
    """As a notebook shows it: no storage, no history."""
    from kg.api import View

    frame = tmp_path / "frame.html"
    page_file = Path(address.removeprefix("file://"))
    frame.write_text(View(page_file.read_text(encoding="utf-8"))._repr_html_(), encoding="utf-8")
    page = chromium_page.page
    page.goto(frame.as_uri())
    inside = page.frame_locator("iframe")
    inside.locator("html[data-ready]").wait_for()
    inside.locator("#search").fill("grpo")
    inside.locator("#search").press("Enter")
    assert inside.locator("#panel h2").inner_text() == "GRPO"
    quiet(chromium_page)


@pytest.mark.shared
def test_the_seeds_fit_in_four_megabytes_and_work(chromium_page: WatchedPage, seeds_built: Built) -> None:
    file = seeds_built.files[0].parent / "explorer.html"
    assert file.stat().st_size < 4_000_000
    page = open_page(chromium_page, file.as_uri())
    picture(page, "seeds")
    find(page, "OpenVLA")
    assert heading(page) == "OpenVLA"
    page.keyboard.press("Escape")
    click_node(page, "entity=openvla")
    assert heading(page) == "OpenVLA"
    assert page.locator("#panel blockquote mark").count() > 0
    quiet(chromium_page)
