"""The page that documents the ontology."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kg.terms import AKG, OWN
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return the page, made twice, in processes whose hash seeds differ."""
    folder = tmp_path_factory.mktemp("page")
    texts = []
    for seed in ("1", "2"):
        target = folder / "deep" / f"{seed}.html"
        command = [sys.executable, "-m", "tests.ontology.page", str(target)]
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        texts.append(target.read_text(encoding="utf-8"))
    return texts


def test_the_same_ontology_gives_the_same_page(pages: list[str]) -> None:
    assert pages[0] == pages[1]


@pytest.mark.parametrize("name", OWN)
def test_every_term_has_its_place(pages: list[str], name: str) -> None:
    assert f"<code>{getattr(AKG, name)}</code>" in pages[0]


def test_the_page_shows_domains_and_mappings(pages: list[str]) -> None:
    place = pages[0][pages[0].index(f"<code>{AKG.trainedOn}</code>") :]
    place = place[: place.index("<code>", 10)]
    assert 'href="https://w3id.org/fair4ml#trainedOn"' in place
    assert 'href="#Entity"' in place and "fabio/Preprint" in place


def test_the_page_needs_nothing_else(pages: list[str]) -> None:
    loaded = re.findall(r"<(?:link|script|img|iframe|object|embed)\b[^>]*?(?:src|href)=\"([^\"]*)", pages[0])
    assert all(address.startswith("data:") for address in loaded)
    assert "@import" not in pages[0] and not re.search(r"url\(\s*['\"]?https?:", pages[0])


def test_make_docs_makes_it() -> None:
    makefile = Path(ROOT, "Makefile").read_text(encoding="utf-8")
    assert "python -m tests.ontology.page build/docs/ontology.html" in makefile
    assert "make docs" in makefile
