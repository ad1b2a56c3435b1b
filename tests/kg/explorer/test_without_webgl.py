"""Where a browser has no WebGL there is a simpler map, and the table."""

from __future__ import annotations

import pytest

from kg.pipeline import Built
from tests.browser import WatchedPage
from tests.kg.explorer.driving import click_node, find, heading, open_page, picture, quiet

pytestmark = pytest.mark.browser


def test_simpler_map(chromium_without_webgl: WatchedPage, example_built: Built) -> None:
    watched = chromium_without_webgl
    page = open_page(watched, (example_built.files[0].parent / "explorer.html").as_uri())
    assert page.evaluate("document.createElement('canvas').getContext('webgl2')") is None
    assert page.evaluate("abstractkg.stage.name") == "canvas"
    picture(page, "without-webgl")
    assert "no WebGL" in page.locator("#notice").inner_text()
    click_node(page, "entity=grpo")
    assert heading(page) == "GRPO"
    find(page, "DPO")
    assert heading(page) == "DPO"
    page.mouse.move(500, 400)
    before = page.evaluate("abstractkg.stage.view.ratio()")
    page.mouse.wheel(0, -300)
    page.wait_for_function(f"abstractkg.stage.view.ratio() < {before}")
    page.mouse.down()
    page.mouse.move(560, 430, steps=4)
    page.mouse.up()
    assert heading(page) == "DPO"
    page.keyboard.press("t")
    assert page.locator("#table tbody tr").count() > 50
    quiet(watched)
