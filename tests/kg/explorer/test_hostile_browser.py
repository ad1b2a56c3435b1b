"""Names that would break a careless page are shown as the text that they are."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from kg.explorer import graph_page
from tests.browser import WatchedPage
from tests.kg.explorer.driving import find, heading, open_page, picture, quiet
from tests.kg.explorer.hostile import FORMULA, NAMES, SCRIPT, hostile_graph

pytestmark = pytest.mark.browser


@pytest.fixture
def address(tmp_path: Path) -> str:
    file = tmp_path / "explorer.html"
    file.write_text(graph_page(hostile_graph(), title="<b>Mine</b>", with_text=True), encoding="utf-8")
    return file.as_uri()


@pytest.mark.parametrize("number", range(len(NAMES)))
def test_names_are_text(chromium_page: WatchedPage, address: str, number: int) -> None:
    page = open_page(chromium_page, address)
    if NAMES[number] != "GRPO":
        find(page, f"also-{number}")
        assert page.locator("#panel h2").evaluate("e => e.textContent") == NAMES[number]
        picture(page, f"hostile-{number}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    quiet(chromium_page)


def test_evidence_is_cut_at_code_points(chromium_page: WatchedPage, address: str) -> None:
    page = open_page(chromium_page, address + "#entity=thing-0")
    page.locator("#panel .papers summary").first.click()
    quote = page.locator("#panel .papers blockquote").first
    assert quote.locator("mark").inner_text() == SCRIPT
    assert f"𝒜 🤖 Here {SCRIPT} stands <b>bold</b>." in quote.inner_text()
    assert heading(page) == SCRIPT
    quiet(chromium_page)


def test_formulas_do_not_run_in_a_spreadsheet(chromium_page: WatchedPage, address: str) -> None:
    page = open_page(chromium_page, address + "#view=table")
    with page.expect_download() as waiting:
        page.click("#csv")
    rows = list(csv.reader(io.StringIO(waiting.value.path().read_text(encoding="utf-8-sig"), newline="")))
    names = {row[0] for row in rows[1:]}
    assert f"'{FORMULA}" in names and FORMULA not in names
    assert {name for name in NAMES if name != FORMULA} <= names
    quiet(chromium_page)


def test_results_are_a_table(chromium_page: WatchedPage, address: str) -> None:
    page = open_page(chromium_page, address + "#entity=grpo")
    results = page.locator("#panel table")
    assert results.locator("tbody tr").count() == 20
    assert NAMES[2] in results.inner_text() and "4.5%" in results.inner_text()
    quiet(chromium_page)
