"""The report: its numbers are the graph's, its bytes the same each time, and nothing of a name is markup."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kg.graph import KnowledgeGraph
from kg.lookup import Lookup
from kg.pipeline import Built
from kg.report import write_report
from kg.report.sections import NO_DATES, Section, report_sections, time_bins
from tests.kg.hostile import NAMES, SCRIPT, hostile_graph
from tests.test_no_abstract_text import runs


def _sections(graph: KnowledgeGraph, **options: Any) -> dict[str, Section]:
    return {section.id: section for section in report_sections(Lookup(graph), **options)}


def test_same_bytes(example_built: Built, tmp_path: Path) -> None:
    first = write_report(example_built.graph, tmp_path / "a", figures=True)
    second = write_report(example_built.graph, tmp_path / "b", figures=True)
    assert [f.name for f in first] == [f.name for f in second] and len(first) > 10
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name
    dated = re.compile(rb"dc:date|matplotlib version|<dc:|Software")
    assert not [file for file in first if dated.search(file.read_bytes())]


def test_numbers_are_those_of_the_graph(example_built: Built) -> None:
    graph = example_built.graph
    found = _sections(graph)
    dates = {f"paper:{p.id}": p.published for p in graph.papers}
    methods = {f"entity:{e.slug}": e.name for e in graph.entities if e.type == "Method"}
    named: Counter[str] = Counter()
    pairs = {
        (e.source, e.target)
        for e in graph.edges
        if e.target in methods and e.source.startswith("paper:") and e.relation != "affiliatedWith"
    }
    for paper, method in pairs:
        named[methods[method]] += dates[paper] is not None
    for name, *counts in found["methods-over-time"].rows[1:]:
        assert sum(map(int, counts)) <= named[name]
    top = found["methods-over-time"].rows[1]
    assert named[top[0]] == max(named.values())
    built: dict[str, set[str]] = {}
    names = {f"entity:{e.slug}": e for e in graph.entities}
    for e in graph.edges:
        if e.relation == "builtOn" and names[e.target].type == "Model":
            built.setdefault(names[e.target].name, set()).update(e.papers)
    rows = found["base-models"].rows
    assert {row[0]: int(row[1]) for row in rows}.items() <= {k: len(v) for k, v in built.items()}.items()
    assert int(rows[0][1]) == max(map(len, built.values()))
    assert len(found["reported-results"].rows) > 0


def test_newcomers_are_new(example_built: Built) -> None:
    section = _sections(example_built.graph, since="2020")["newcomers"]
    look = Lookup(example_built.graph)
    assert section.rows and all(row[2] >= "2020" for row in section.rows)
    for name, _, first, count in section.rows:
        node = next(n for n in look.entities if look.name(n) == name)
        papers = {e.source for e in look.edges(node) if e.source in look.papers and e.target == node}
        dates = [look.papers[p].published for p in papers]
        assert len(papers) == int(count) and None not in dates
        assert min(d for d in dates if d) == first
    empty = _sections(example_built.graph, since="2199")["newcomers"]
    assert "Nothing is first named since 2199" in empty.finding and empty.draw is None


def test_a_heat_map_counts_papers() -> None:
    section = _sections(hostile_graph())["who-evaluates-on-what"]
    assert section.columns[1:] == ("MATH500",)
    assert section.rows[0] == ("GRPO", "6") and {row[1] for row in section.rows[1:]} == {"1"}


@pytest.mark.parametrize("form", ["html", "md"])
def test_a_graph_without_anything_says_so(form: str, tmp_path: Path) -> None:
    graph = hostile_graph(dates=False)
    found = _sections(graph)
    assert found["methods-over-time"].finding == found["newcomers"].finding == NO_DATES
    bare = replace(
        graph,
        papers=(), extractions=(), edges=(), results=(),
        resolution=replace(graph.resolution, entities=()),
    )  # fmt: skip
    for section in _sections(bare).values():
        assert section.draw is None and section.finding.endswith(".")
    for one, name in ((graph, "undated"), (bare, "bare")):
        report = write_report(one, tmp_path / name, form=form)[0].read_text(encoding="utf-8")
        assert NO_DATES in report


def test_names_are_text(tmp_path: Path) -> None:
    graph = hostile_graph()
    page = write_report(graph, tmp_path, root="entity:grpo")[0].read_text(encoding="utf-8")
    assert SCRIPT not in page and "<script" not in page and "javascript:" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    text = write_report(graph, tmp_path, form="md")[0].read_text(encoding="utf-8")
    assert SCRIPT not in text
    table = [line for line in text.splitlines() if line.startswith("| a \\| b")]
    assert table and all("\\*c\\*" in line for line in table)
    assert NAMES[2] in text


def test_no_sentence_of_an_abstract(example_built: Built, tmp_path: Path) -> None:
    graph = example_built.graph
    titles = {run for p in graph.papers for run in runs(p.title)}
    forbidden = {run for p in graph.papers for run in runs(p.abstract)} - titles
    for form in ("html", "md"):
        text = write_report(graph, tmp_path, form=form)[0].read_text(encoding="utf-8")
        assert not runs(re.sub(r"<[^>]*>|\|", " . ", text)) & forbidden


def test_bins_follow_the_span() -> None:
    months, _ = time_bins(["2024-01", "2025-01-31"])
    assert len(months) == 13 and months[0] == "2024-01"
    quarters, of = time_bins(["2020-02", "2025-01"])
    assert len(quarters) == 21 and of("2020-02") == quarters[0] == "2020 Q1"
    years, _ = time_bins(["2001", "2025-01"])
    assert years == [str(year) for year in range(2001, 2026)]
    late, _ = time_bins(["1998-01", *["2024-05"] * 60])
    assert late == ["2024-05"]


@pytest.mark.browser
@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_opens_quietly(chromium_page: Any, tmp_path: Path, size: tuple[int, int]) -> None:
    page = chromium_page.page
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(write_report(hostile_graph(), tmp_path)[0].as_uri())
    assert page.locator("svg[role=img]").count() >= 5
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))
    used = page.evaluate("[...document.querySelectorAll('use')].map(e => e.href.baseVal.slice(1))")
    assert used and set(used) <= set(ids)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert chromium_page.requests == [] and chromium_page.messages == []
