"""The explorer page of a real graph, in Chromium."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kg.pipeline import Built

pytestmark = pytest.mark.browser


def look(chromium_page: Any, file: Path, name: str) -> None:
    """Open a page, search for a name, go to it, click its node, and read the panel."""
    page = chromium_page.page
    page.goto(file.as_uri())
    assert page.locator("#kg-legend button").count() >= 6
    page.fill("#kg-search", name)
    page.keyboard.press("Enter")
    panel = page.locator("#kg-panel:not(.start)")
    panel.wait_for()
    assert name in panel.inner_text()
    page.keyboard.press("Escape")
    at = page.evaluate(
        """name => { const n = kg.data.nodes.find(n => n.label === name);
        const box = document.getElementById("mynetwork");
        kg.network.moveTo({position: {x: n.x, y: n.y}, scale: 2, animation: false});
        const p = kg.network.canvasToDOM(n), at = box.getBoundingClientRect();
        return [p.x + at.left, p.y + at.top]; }""",
        name,
    )
    page.mouse.click(*at)
    panel.wait_for()
    text = panel.inner_text()
    assert name in text and "Papers" in text and "Evidence" in text
    assert chromium_page.requests == [] and chromium_page.messages == []


def test_the_example(chromium_page: Any, example_built: Built) -> None:
    look(chromium_page, example_built.files[0].parent / "explorer.html", "GRPO")


@pytest.mark.shared
def test_the_seeds(chromium_page: Any, seeds_built: Built) -> None:
    look(chromium_page, seeds_built.files[0].parent / "explorer.html", "OpenVLA")
