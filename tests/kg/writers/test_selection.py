"""A part of a graph is a graph: nothing dangles, and counts come from what is left."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.errors import UnknownNameError, UsageError
from kg.graph import KnowledgeGraph
from kg.pipeline import Built
from kg.writers import WRITERS
from kg.writers.selection import select
from tests.kg.hostile import hostile_graph


def whole(graph: KnowledgeGraph) -> None:
    """Assert that edges and results lead to what the graph holds, and that entities count their papers."""
    nodes = {f"paper:{p.id}" for p in graph.papers} | {f"entity:{e.slug}" for e in graph.entities}
    for edge in graph.edges:
        assert {edge.source, edge.target} <= nodes
        assert {f"paper:{paper}" for paper in edge.papers} <= nodes
    for result in graph.results:
        assert {f"paper:{result.paper}", result.subject, result.benchmark or result.subject} <= nodes
    for entity in graph.entities:
        naming = {e.source for e in graph.edges if e.target == f"entity:{entity.slug}"}
        assert entity.num_papers == sum(node.startswith("paper:") for node in naming)
    assert {e.id for e in graph.extractions} == {p.id for p in graph.papers}


@pytest.mark.parametrize(
    ("since", "types"),
    [("2022", ()), (None, ("Method",)), ("2020-06", ("benchmark", "MODEL")), (None, ("Organization",))],
)
def test_a_part_is_whole(example_built: Built, since: str | None, types: tuple[str, ...]) -> None:
    graph = example_built.graph
    part = select(graph, since=since, types=types)
    whole(part)
    assert 0 < len(part.papers) < len(graph.papers)
    if since:
        assert all(p.published is not None and p.published >= since for p in part.papers)
    if types:
        assert {e.type for e in part.entities} == {t.capitalize() for t in types}
    again = select(part, since=since, types=types)
    assert (again.papers, again.entities, again.edges) == (part.papers, part.entities, part.edges)


def test_edges_keep_only_the_support_that_is_left() -> None:
    graph = hostile_graph()
    part = select(graph, since="2025-03")
    whole(part)
    assert [p.id for p in part.papers] == [f"2505.{i:05d}" for i in (2, 3, 4)]
    grpo = next(e for e in part.entities if e.slug == "grpo")
    assert grpo.num_papers == 3
    assert len(part.results) == 3 and len(graph.results) == 6


def test_nothing_asked_is_nothing_changed(example_built: Built) -> None:
    assert select(example_built.graph) is example_built.graph


def test_wrong_dates_and_types_say_so() -> None:
    with pytest.raises(UsageError, match="'June' is no date; write 2025, 2025-06"):
        select(hostile_graph(), since="June")
    with pytest.raises(UnknownNameError, match="no entity type called 'Paper'; there are: Method"):
        select(hostile_graph(), types=["Paper"])


@pytest.mark.parametrize("form", sorted(WRITERS))
def test_every_format_writes_a_part(form: str, example_built: Built, tmp_path: Path) -> None:
    part = select(example_built.graph, since="2022", types=["Method"])
    WRITERS[form].write(part, tmp_path / "part")
    text = (tmp_path / "part").read_text(encoding="utf-8", errors="replace")
    gone = {f"{e.slug}" for e in example_built.graph.entities} - {e.slug for e in part.entities}
    assert gone
    if form in {"graphml", "gexf", "csv"}:
        assert not [slug for slug in gone if f'"entity:{slug}"' in text or f",entity:{slug}," in text]
    elif form == "facts":
        assert not [slug for slug in gone if f"/entity/{slug}>" in text]
