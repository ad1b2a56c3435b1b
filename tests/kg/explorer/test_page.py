"""The page as text: self-contained, the same each time, nothing of a name is markup."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from kg.errors import MissingBundleError
from kg.explorer import graph_page
from kg.explorer.page import bundled
from tests.kg.explorer.hostile import hostile_graph

ROOT = Path(__file__).parents[3]
SOURCES = sorted((ROOT / "kg/explorer/src").glob("*.js"))


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def page() -> str:
    return graph_page(hostile_graph(), title="<b>Mine</b>", with_text=True)


def test_refers_to_no_other_file(page: str) -> None:
    parser = _Elements()
    parser.feed(page)
    loading = [tag for tag, attributes in parser.found if {"src", "href", "srcset"} & attributes.keys()]
    assert loading == []
    assert "sourceMappingURL" not in page


def test_policy_allows_this_script_only(page: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    script = re.search(r"<script>(.*?)</script>\n</body>", page, re.S)
    assert policy and script
    digest = base64.b64encode(hashlib.sha256(script[1].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in policy[1]
    assert policy[1].startswith("default-src 'none';") and "unsafe" not in policy[1]


def test_names_are_not_markup(page: str) -> None:
    assert "<script>alert" not in page
    assert "<b>Mine" not in page and "<b>bold" not in page
    embedded = re.search(r'id="data">(.*?)</script>', page, re.S)
    assert embedded is not None
    assert not set("<>&\u2028") & set(embedded[1])
    assert json.loads(embedded[1])["title"] == "<b>Mine</b>"


def test_same_graph_gives_same_bytes(page: str) -> None:
    assert graph_page(hostile_graph(reverse=True), title="<b>Mine</b>", with_text=True) == page


def test_licences_of_the_parts_are_in_the_page(page: str) -> None:
    listed = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    for name in listed.keys() - {"@zazuko/yasgui"}:
        assert f"{name} {listed[name]} (MIT)" in page


def test_a_missing_bundle_says_what_to_do() -> None:
    with pytest.raises(MissingBundleError, match="make bundle"):
        bundled("nothing.js")


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_own_script_makes_no_html_from_text(source: Path) -> None:
    text = source.read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b", text)
    assert len(text.splitlines()) < 340


def test_parts_have_exact_versions_and_no_foreign_host() -> None:
    declared = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    for version in (declared["dependencies"] | declared["devDependencies"]).values():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    for name, entry in lock["packages"].items():
        assert entry.get("resolved", "https://registry.npmjs.org/").startswith("https://registry.npmjs.org/")
        assert not name or entry["integrity"].startswith("sha512-")
