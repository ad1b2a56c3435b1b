"""What is new, gone and changed between two graphs, against what the graphs themselves hold."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.diff import Diff, compare
from kg.errors import GraphFolderError, KGError, SourceError
from kg.graph import KnowledgeGraph
from kg.pipeline import Built, add, build, load, rederive, remove
from kg.resolve.curation import Action, Decision, Subject
from kg.writers import get_writer
from tests.kg import made_up
from tests.kg.made_up import made

pytestmark = pytest.mark.usefixtures("made_up_extractor")


def supports(graph: KnowledgeGraph, slugs: dict[str, str] | None = None) -> set[tuple[str, str, str, str]]:
    """Return who supports which edge, the slugs replaced by others; no edge from a thing to itself."""
    nodes = {f"entity:{old}": f"entity:{new}" for old, new in (slugs or {}).items()}
    found = {
        (paper, nodes.get(e.source, e.source), e.relation, nodes.get(e.target, e.target))
        for e in graph.edges
        for paper in e.papers
    }
    return {(paper, source, *rest) for paper, source, *rest in found if source != rest[-1]}  # type: ignore[misc]


@settings(max_examples=6)
@given(pages=made_up.pages, cut=st.integers(0, 6), skip=st.integers(0, 3))
def test_it_says_what_differs_in_what_two_graphs_hold(
    pages: list[list[dict[str, Any]]], cut: int, skip: int
) -> None:
    """The sets of the loaded graphs, computed here, are what the comparison counts and lists."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        old = made(folder, *(r for page in pages[: cut + 1] for r in page), graph="old")
        new = made(folder, *(r for page in pages[min(skip, len(pages) - 1) :] for r in page), graph="new")
        was, now, found = load(old), load(new), compare(old, new)
    assert {p.id for p in found.papers.new.rows} == {p.id for p in now.papers} - {p.id for p in was.papers}
    assert {p.id for p in found.papers.gone.rows} == {p.id for p in was.papers} - {p.id for p in now.papers}
    before = {paper.id: (paper.title, paper.published, paper.abstract) for paper in was.papers}
    after = {paper.id: (paper.title, paper.published, paper.abstract) for paper in now.papers}
    both = before.keys() & after.keys()
    assert {p.id for p in found.papers.changed.rows} == {k for k in both if before[k] != after[k]}
    slugs = {m.old: m.new for m in found.moves.rows if m.how in {"renamed", "merged"}}
    old_slugs, new_slugs = {e.slug for e in was.entities}, {e.slug for e in now.entities}
    assert slugs.keys() <= old_slugs - new_slugs
    assert {e.slug for e in found.entities.gone.rows} == old_slugs - new_slugs - slugs.keys()
    born = new_slugs - old_slugs
    assert {e.slug for e in found.entities.new.rows} == born - set(slugs.values())
    come = supports(now) - supports(was, slugs)
    went = supports(was, slugs) - supports(now)
    assert (found.evidence.new.count, found.evidence.gone.count) == (len(come), len(went))
    for listed, papers in ((come, "gained"), (went, "lost")):
        sections = (found.edges.new, found.edges.gone, found.edges.changed)
        rows = [row for section in sections for row in section.rows]
        assert listed == {(p, r.source, r.relation, r.target) for r in rows for p in getattr(r, papers)}
    were, are = ({support[1:] for support in side} for side in (supports(was, slugs), supports(now)))
    assert {(e.source, e.relation, e.target) for e in found.edges.new.rows} == are - were
    assert {(e.source, e.relation, e.target) for e in found.edges.gone.rows} == were - are


@pytest.mark.parametrize("form", ["nq", "trig", "jsonld"])
def test_a_graph_is_the_same_as_its_export(form: str, example_built: Built, tmp_path: Path) -> None:
    exported = tmp_path / f"graph.{form}"
    get_writer(form).write(load(example_built.folder), exported)
    for old, new in ((exported, example_built.folder), (example_built.folder, exported)):
        assert not compare(old, new)
    assert not compare(example_built.folder, example_built.folder)


def test_an_export_tells_the_same_as_the_folder_it_was(example_built: Built, tmp_path: Path) -> None:
    """Two papers leave; what went is the same told from the folder and from its export."""
    later = shutil.copytree(example_built.folder, tmp_path / "later")
    leaving = [paper.id for paper in example_built.graph.papers[:2]]
    remove(leaving, graph=later)
    exported = tmp_path / "graph.nq"
    get_writer("nq").write(load(example_built.folder), exported)
    found = compare(example_built.folder, later)
    assert {note.id for note in found.papers.gone.rows} == set(leaving)
    assert found.edges.gone.count and found.entities.gone.count
    assert compare(exported, later).to_json() == found.to_json()


def test_what_is_new_one_way_is_gone_the_other(example_built: Built, tmp_path: Path) -> None:
    later = shutil.copytree(example_built.folder, tmp_path / "later")
    remove([example_built.graph.papers[0].id], graph=later)
    there, back = compare(example_built.folder, later), compare(later, example_built.folder)
    for what, counted in there.counts.items():
        assert counted == back.counts[what]._replace(new=back.counts[what].gone, gone=back.counts[what].new)
    assert there.entities.gone.rows == back.entities.new.rows
    assert there.results.gone.rows == back.results.new.rows


PAPERS = (
    {"id": "2505.00001", "title": "One", "abstract": "M/i/ZorbNet; M/u/GRPO;", "date": "2025-05-13"},
    {"id": "2505.00002", "title": "Two", "abstract": "M/u/ZorbNet; B/i/VarnBench;", "date": "2025-05-14"},
    {"id": "2505.00003", "title": "Three", "abstract": "M/u/VarnNet; B/e/VarnBench;", "date": "2025-06-01"},
)


def decided(tmp_path: Path, action: Action, label: str, *, to: str | None = None, value: str = "") -> Diff:
    """Return what a decision on a name of `PAPERS` changes."""
    old = made(tmp_path, *PAPERS)
    shutil.rmtree(tmp_path / "new", ignore_errors=True)
    new = shutil.copytree(old, tmp_path / "new")
    rederive(new, decisions=[Decision(action, Subject(label), Subject(to) if to else None, value or None)])
    return compare(old, new)


def test_an_entity_that_became_part_of_another_is_told_as_that(tmp_path: Path) -> None:
    found = decided(tmp_path, "merge", "VarnNet", to="ZorbNet")
    (move,) = found.moves.rows
    assert (move.old, move.new, move.how, move.papers) == ("varnnet", "zorbnet", "merged", 1)
    assert not found.entities.new.count and not found.entities.gone.count
    assert not found.edges.gone.count and not found.evidence.new.count
    (changed,) = found.entities.changed.rows
    assert (changed.name, changed.aliases_new) == ("ZorbNet", ("VarnNet",))


def test_an_entity_that_came_apart_is_told_as_that(tmp_path: Path) -> None:
    old = made(tmp_path, *PAPERS)
    new = shutil.copytree(old, tmp_path / "new")
    rederive(old, decisions=[Decision("merge", Subject("VarnNet"), Subject("ZorbNet"))])
    found = compare(old, new)
    (move,) = found.moves.rows
    assert (move.old, move.new, move.how) == ("zorbnet", "varnnet", "split")
    assert [note.slug for note in found.entities.new.rows] == ["varnnet"]


def test_another_name_and_another_type_are_changes(tmp_path: Path) -> None:
    renamed = decided(tmp_path, "rename", "VarnNet", value="Varn Engine")
    (move,) = renamed.moves.rows
    assert (move.old, move.new_name, move.how) == ("varnnet", "Varn Engine", "renamed")
    assert not renamed.entities.new.count and not renamed.entities.gone.count
    assert not renamed.edges
    spelled = decided(tmp_path, "rename", "VarnNet", value="VARNNet")
    (change,) = spelled.entities.changed.rows
    assert (change.old_name, change.name) == ("VarnNet", "VARNNet")
    retyped = decided(tmp_path, "retype", "VarnNet", value="Model")
    (change,) = retyped.entities.changed.rows
    assert (change.old_type, change.type) == ("Method", "Model")


def test_a_paper_that_got_another_id_date_or_text_is_told_as_that(tmp_path: Path) -> None:
    unnamed = {**PAPERS[0], "id": ""}
    old = made(tmp_path, unnamed, *PAPERS[1:], graph="old")
    new = shutil.copytree(old, tmp_path / "new")
    add([made_up.write_page(tmp_path / "more.jsonl", [PAPERS[0]])], graph=new)
    found = compare(old, new)
    (gone,) = found.papers.gone.rows
    assert gone.replaced_by == "2505.00001"
    assert [note.id for note in found.papers.new.rows] == ["2505.00001"]
    later = made(
        tmp_path,
        {**PAPERS[0], "date": "2025-05-20"},
        {**PAPERS[1], "title": "Two, again"},
        {**PAPERS[2], "abstract": "B/e/VarnBench; and so on M/u/VarnNet;"},
        graph="later",
    )
    found = compare(made(tmp_path, *PAPERS), later)
    one, three, two = sorted(found.papers.changed.rows, key=lambda change: change.title)
    assert (one.old_published, one.published) == ("2025-05-13", "2025-05-20")
    assert (two.old_title, two.title, two.text_changed) == ("Two", "Two, again", False)
    assert three.text_changed is True
    moved = {(note.paper, note.relation) for note in found.evidence.changed.rows}
    assert moved == {("2505.00003", "uses"), ("2505.00003", "evaluatesOn")}


def test_a_result_with_another_value_is_one_change(tmp_path: Path) -> None:
    def graph(name: str, value: str) -> Path:
        abstract = f"We introduce ZorbNet, a new method. ZorbNet achieves {value}% accuracy on MATH500."
        record = {"id": "2505.00001", "title": "ZorbNet", "abstract": abstract, "date": "2025-05-13"}
        return build([made_up.write_page(tmp_path / f"{name}.jsonl", [record])], graph=tmp_path / name).folder

    found = compare(graph("old", "45.3"), graph("new", "47.1"))
    (change,) = found.results.changed.rows
    assert (change.old.written, change.new.written) == ("45.3%", "47.1%")
    assert found.results.counts == (0, 0, 1)
    assert found.papers.changed.rows[0].text_changed


def test_what_tells_most_comes_first_and_a_limit_only_shortens(example_built: Built, tmp_path: Path) -> None:
    old = made(tmp_path, PAPERS[0])
    whole, short = (compare(old, example_built.folder, limit=limit) for limit in (None, 3))
    assert whole.counts == short.counts
    assert whole.entities.new.rows[:3] == short.entities.new.rows
    assert whole.results.new.rows[:3] == short.results.new.rows
    assert compare(old, example_built.folder, limit=0).counts == whole.counts
    introduced = [bool(note.introduced_by) for note in whole.entities.new.rows]
    assert introduced == sorted(introduced, reverse=True) and len(set(introduced)) == 2
    assert whole.entities.new.count == len(whole.entities.new.rows)
    papers = Counter(edge.papers for edge in whole.edges.new.rows)
    assert [edge.papers for edge in whole.edges.new.rows] == sorted(papers.elements(), reverse=True)


def test_the_order_in_which_papers_came_makes_no_difference(tmp_path: Path) -> None:
    old = made(tmp_path, PAPERS[0])
    told = [
        json.dumps(compare(old, made(tmp_path, *records, graph=name)).to_json())
        for name, records in (("forth", PAPERS), ("back", PAPERS[::-1]))
    ]
    assert told[0] == told[1]


def test_graphs_with_other_bases_have_the_same_nodes(tmp_path: Path) -> None:
    page = made_up.write_page(tmp_path / "page.jsonl", list(PAPERS))
    old = build([page], graph=tmp_path / "old", extractor=made_up.NAME).folder
    new = build([page], graph=tmp_path / "new", extractor=made_up.NAME, base="https://example.org/k/").folder
    assert not compare(old, new)
    exported = tmp_path / "new.nq"
    get_writer("nq").write(load(new), exported)
    assert not compare(old, exported)


@pytest.mark.parametrize(
    ("name", "text", "error", "told"),
    [
        ("missing", None, GraphFolderError, "no graph folder and no exported file"),
        ("graph.ttl", "", SourceError, "do not say which paper"),
        ("graph.nq", "<a> <b> .", SourceError, "broken RDF"),
        ("graph.nq", "\xff", SourceError, "broken RDF"),
    ],
)
def test_what_is_no_graph_is_refused(
    name: str, text: str | None, error: type[KGError], told: str, tmp_path: Path
) -> None:
    graph = made(tmp_path, *PAPERS)
    path = tmp_path / name
    if text is not None:
        path.write_text(text, encoding="latin-1")
    for old, new in ((path, graph), (graph, path)):
        with pytest.raises(error, match=told) as caught:
            compare(old, new)
        assert str(path) in str(caught.value)


def test_an_empty_export_is_a_graph_without_papers(tmp_path: Path) -> None:
    graph = made(tmp_path, *PAPERS)
    (tmp_path / "empty.nq").touch()
    found = compare(tmp_path / "empty.nq", graph)
    assert found.papers.counts == (3, 0, 0)
    assert compare(graph, tmp_path / "empty.nq").papers.counts == (0, 3, 0)
