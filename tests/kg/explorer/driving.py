"""What the browser tests share: opening a page, pointing at nodes, and pictures kept to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.browser import WatchedPage

SCREENSHOTS = Path(__file__).parents[3] / "build" / "screenshots"


def open_page(watched: WatchedPage, address: str) -> Any:
    """Open a page and wait until it can be used."""
    watched.page.goto(address)
    watched.page.locator("html[data-ready]").wait_for()
    return watched.page


def picture(page: Any, name: str) -> None:
    """Keep a picture of the page in `build/screenshots`."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


def click_node(page: Any, key: str) -> None:
    """Click where a node is drawn, as somebody who has read the hint that may lie over it."""
    hint = page.get_by_role("button", name="Got it")
    if hint.is_visible():
        hint.click()
    at = page.evaluate(
        """async key => {
        await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
        const {x, y} = abstractkg.stage.placeOf(abstractkg.model.find(key));
        const box = document.getElementById("map").getBoundingClientRect();
        return [x + box.left, y + box.top]; }""",
        key,
    )
    page.mouse.move(*at)
    page.mouse.click(*at)


def find(page: Any, typed: str) -> None:
    """Search and take the first suggestion."""
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type(typed)
    page.locator("#search-options [role=option]").first.wait_for()
    page.keyboard.press("Enter")


def heading(page: Any) -> str:
    """Return the heading of the panel."""
    return str(page.locator("#panel h2").inner_text())


def quiet(watched: WatchedPage) -> None:
    """Check that the page asked nobody for anything and complained of nothing."""
    assert watched.requests == [] and watched.messages == []
