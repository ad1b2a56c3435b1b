"""The five real pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.model import Affiliation
from kg.sources import read

pytestmark = pytest.mark.shared


@pytest.fixture
def pages(shared: Path) -> list[Path]:
    return sorted((shared / "seeds").glob("*.txt"))


def test_counts_and_order(pages: list[Path]) -> None:
    result = read(pages)
    assert (result.blocks, len(result.papers), result.repeats) == (272, 233, 39)
    assert (result.unread, result.notes, result.without_abstract) == ((), (), 0)
    assert read([*pages[2:], *pages[:2]]) == result
    assert min(len(paper.abstract) for paper in result.papers) > 500


def test_dates(pages: list[Path]) -> None:
    both = {paper.title: paper for paper in read(pages).papers}
    title = next(title for title in both if title.startswith("A Benchmark for Generalizing Across Diverse"))
    assert both[title].published == "2025-06-11"
    first = {paper.title: paper for paper in read(pages[:1]).papers}
    assert first[title].published == "2025-06-11"
    assert {paper.published for paper in read(pages[2:3]).papers} == {None}


def test_details(pages: list[Path]) -> None:
    papers = read(pages).papers
    organizations = {x for paper in papers for x in paper.organizations}
    assert organizations == {
        Affiliation("Amazon", "amazon"),
        Affiliation("ByteDance", "ByteDance"),
        Affiliation("Databricks", "databricks"),
        Affiliation("OpenDriveLab", "OpenDriveLab"),
        Affiliation("OpenMOSS", "OpenMOSS-Team"),
        Affiliation("Tencent", "tencent"),
        Affiliation("UCLA NLP", "uclanlp"),
    }
    openthink = next(paper for paper in papers if paper.title.startswith("OpenThinkIMG"))
    assert (openthink.num_authors, openthink.comments) == (11, 3)
    assert any(link.kind == "code" for paper in papers for link in paper.urls)
