"""Adding and removing papers: the same graph as one build, whatever the way to it."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import extractors
import kg
from kg.catalog import Catalog, Record
from kg.cli import main
from kg.errors import AmbiguousNameError, GraphFolderError, NothingReadError, UnknownNameError
from kg.generations import CATALOG, current_generation
from kg.graph import KnowledgeGraph
from kg.model import Extraction, Paper
from kg.pipeline import Built, add, assemble, build, load, rederive, remove
from kg.resolve.curation import Decision, Subject
from kg.sources import read
from kg.sources.identity import assign_ids, join_papers
from kg.store import Store
from kg.writers import get_writer
from tests.kg import made_up

EXPORTED = ("ttl", "nq", "graphml")


pytestmark = pytest.mark.usefixtures("made_up_extractor")


def exported(graph: KnowledgeGraph, folder: Path) -> list[bytes]:
    """Return the exports of a graph."""
    out = []
    for name in EXPORTED:
        get_writer(name).write(graph, folder / name)
        out.append((folder / name).read_bytes())
    return out


def stored(folder: Path) -> list[str]:
    """Return what the RDF store of a graph folder holds, sorted."""
    with kg.open(folder) as graph:
        frame = graph.query("SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }")
    return sorted(map(repr, frame.itertuples(index=False)))


def records_in_force(folder: Path) -> list[Record]:
    """Return the records that stand in a graph folder."""
    with Catalog.open(current_generation(folder) / CATALOG) as catalog:
        return [record for _, record in catalog.records()]


def derived(folder: Path) -> dict[str, list[str]]:
    """Return what is kept of all that was derived in a graph folder, by table, sorted."""
    with duckdb.connect(str(current_generation(folder) / CATALOG), read_only=True) as db:
        return {
            table: sorted(map(repr, db.execute(f"select * from {table}").fetchall()))
            for table in ("occurrences", "entities", "nodes", "senses", "matched", "supports", "results")
        }


def remaining(folder: Path) -> KnowledgeGraph:
    """Return the graph of the records that stand in a folder, made by the pure functions alone."""
    records = records_in_force(folder)
    formats = {source.sha256: r.format for r in records for source in r.paper.sources}
    papers, _ = join_papers([record.paper for record in records], formats=formats)
    joined = tuple(papers)
    return assemble(joined, [made_up.extract(paper) for paper in joined])


def test_a_change_after_one_that_failed_in_the_same_process(tmp_path: Path) -> None:
    papers = [{"title": f"Paper {n}", "abstract": "M/u/GRPO;"} for n in range(6)]
    one = made_up.write_page(tmp_path / "1.jsonl", papers[:5])
    two = made_up.write_page(tmp_path / "2.jsonl", papers[5:])
    folder = tmp_path / "g"
    build([one], graph=folder)

    def fail(stage: str, done: int, total: int) -> None:
        del done, total
        if stage == "joining papers":
            raise KeyboardInterrupt

    kept: list[BaseException] = []  # as a notebook does, with all that its frames hold
    with pytest.raises(UnknownNameError) as refused:
        remove(["nosuch"], graph=folder)
    kept.append(refused.value)
    with pytest.raises(KeyboardInterrupt) as stopped:
        add([two], graph=folder, on_progress=fail)
    kept.append(stopped.value)
    assert add([two], graph=folder).counts["papers"] == 6
    with Catalog.open(current_generation(folder) / CATALOG) as catalog:
        assert catalog.count() == 6
    remove(["Paper 0"], graph=folder)
    build([one, two], graph=tmp_path / "whole")
    remove(["Paper 0"], graph=tmp_path / "whole")
    assert derived(folder) == derived(tmp_path / "whole")
    assert stored(folder) == stored(tmp_path / "whole")
    assert len(kept) == 2


@settings(max_examples=12)
@given(pages=made_up.pages, data=st.data())
def test_any_way_to_the_same_papers_gives_the_same_bytes(
    pages: list[list[dict[str, Any]]], data: st.DataObject
) -> None:
    """Pages added in any order and in pieces, papers taken out in between and added again."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = [made_up.write_page(folder / f"{i}.jsonl", page) for i, page in enumerate(pages)]
        order = data.draw(st.permutations(files), label="order")
        cuts = data.draw(st.sets(st.integers(1, len(files) - 1)), label="cuts")
        bounds = [0, *sorted(cuts), len(files)]
        pieces = [order[a:b] for a, b in pairwise(bounds)]
        present = list(read(pieces[0]).records)
        build(pieces[0], graph=folder / "g", extractor=made_up.NAME)
        for piece in pieces[1:]:
            ids = [paper.id for paper in load(folder / "g").papers]
            gone = data.draw(st.sets(st.sampled_from(ids) if ids else st.nothing()), label="removed")
            if gone:
                identified, _ = assign_ids(present)
                present = [r for r, i in zip(present, identified, strict=True) if i.id not in gone]
                removed = remove(gone, graph=folder / "g")
                assert set(removed.removed) >= gone
                assert {paper.id for paper in load(removed.folder).papers} == set(ids) - set(removed.removed)
            present += read(piece).records
            add(piece, graph=folder / "g")
        assert {r.paper for r in records_in_force(folder / "g")} == set(present)
        assert exported(load(folder / "g"), folder) == exported(remaining(folder / "g"), folder)
        whole = build(files, graph=folder / "whole", extractor=made_up.NAME)
        again = add(files, graph=folder / "g")
        assert exported(load(again.folder), folder) == exported(whole.graph, folder)
        assert exported(load(folder / "g"), folder) == exported(load(folder / "whole"), folder)
        assert stored(folder / "g") == stored(folder / "whole")
        assert derived(folder / "g") == derived(folder / "whole")
        assert again.counts == whole.graph.counts()


@settings(max_examples=150)
@given(pages=made_up.pages, seed=st.integers(0, 9))
def test_the_order_of_papers_changes_no_name(pages: list[list[dict[str, Any]]], seed: int) -> None:
    papers = [
        Paper(record["title"], record["abstract"], id=f"{i}-{j}")
        for i, page in enumerate(pages)
        for j, record in enumerate(page)
    ]
    shuffled = random.Random(seed).sample(papers, len(papers))
    one, other = (assemble(given, map(made_up.extract, given)) for given in (papers, shuffled))
    assert one.resolution == other.resolution
    assert one == other


@settings(max_examples=150)
@given(page=st.lists(made_up.records, min_size=2, max_size=9), seed=st.integers(0, 9))
def test_records_join_the_same_in_any_order_and_however_often(page: list[dict[str, Any]], seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = [r for n in range(0, len(page), 3) for r in records_in(page[n : n + 3], Path(folder), n)]
    shuffled = random.Random(seed).sample([*found, *found[::2]], len(found) + len(found[::2]))
    (papers, notes), (others, same) = join_papers(shuffled), join_papers(found)
    assert (list(papers), notes) == (list(others), same)


def records_in(page: list[dict[str, Any]], folder: Path, number: int) -> Sequence[Paper]:
    """Return the records of a page, as its reader gives them."""
    return read([made_up.write_page(folder / f"{number}.jsonl", page)]).records


def test_the_example_in_pieces(example: Path, tmp_path: Path) -> None:
    """The real extractor: a page cut in three, added in two orders, with retractions, is the page."""
    found = read([example])
    rows = [
        {"title": p.title, "abstract": p.abstract, "date": p.date_written, "numAuthors": p.num_authors,
         "organization": [{"name": o.name, "handle": o.handle} for o in p.organizations]}
        for p in found.papers
    ]  # fmt: skip
    pages = [made_up.write_page(tmp_path / f"{n}.jsonl", rows[n::3]) for n in range(3)]
    whole = build(pages, graph=tmp_path / "whole")
    expected = exported(whole.graph, tmp_path)
    assert whole.extracted == 50
    for folder, order in (("a", (0, 1, 2)), ("b", (2, 0, 1))):
        graph = tmp_path / folder
        build([pages[order[0]]], graph=graph)
        second = add([pages[order[1]]], graph=graph)
        assert (len(second.added), second.removed, second.altered) == (second.extracted, (), ())
        gone = [paper.id for paper in read([pages[order[0]]]).papers[::5]]
        removed = remove(gone, graph=graph)
        assert removed.removed == tuple(sorted(gone)) and removed.extracted == 0
        add([pages[order[2]]], graph=graph)
        assert exported(load(add([pages[order[0]]], graph=graph).folder), tmp_path) == expected
        assert exported(load(graph), tmp_path) == expected
        assert stored(graph) == stored(tmp_path / "whole")
        assert derived(graph) == derived(tmp_path / "whole")


@pytest.mark.shared
def test_the_seed_pages_one_by_one(seeds: list[Path], seeds_built: Built, tmp_path: Path) -> None:
    """Pages that share papers, and help each other to years, added in an order that is not theirs."""
    order = random.Random(4).sample(seeds, len(seeds))
    build(order[:1], graph=tmp_path / "g")
    for seed in order[1:]:
        changed = add([seed], graph=tmp_path / "g")
    assert exported(load(changed.folder), tmp_path) == exported(seeds_built.graph, tmp_path)
    assert stored(changed.folder) == stored(seeds_built.folder)
    assert derived(changed.folder) == derived(seeds_built.folder)
    gone = [paper.id for paper in load(changed.folder).papers[::9]]
    remove(gone, graph=tmp_path / "g")
    assert exported(load(add(seeds, graph=tmp_path / "g").folder), tmp_path) == exported(
        seeds_built.graph, tmp_path
    )


def page(path: Path, *records: dict[str, Any]) -> Path:
    return made_up.write_page(path, list(records))


def test_one_paper_with_two_titles_keeps_one_whatever_came_first(tmp_path: Path) -> None:
    one = page(tmp_path / "1.jsonl", {"id": "2505.00001", "title": "Zorbs", "abstract": "M/i/QQZO;"})
    two = page(tmp_path / "2.jsonl", {"id": "2505.00001v2", "title": "On Zorbs", "abstract": "M/i/QQZO;"})
    build([one], graph=tmp_path / "a", extractor=made_up.NAME)
    build([two], graph=tmp_path / "b", extractor=made_up.NAME)
    renamed, kept = add([two], graph=tmp_path / "a"), add([one], graph=tmp_path / "b")
    assert (
        [p.title for p in load(renamed.folder).papers]
        == [p.title for p in load(kept.folder).papers]
        == ["On Zorbs"]
    )
    assert (renamed.altered, kept.altered) == (("2505.00001",), ("2505.00001",))
    assert (renamed.extracted, kept.extracted) == (1, 0)
    assert remove(["Zorbs"], graph=tmp_path / "a").removed == ("2505.00001",)


def test_a_later_page_dates_an_earlier_one(tmp_path: Path) -> None:
    undated = page(
        tmp_path / "1.jsonl",
        {"title": "On Zorbs", "abstract": "", "date": "Jun 11"},
        {"title": "Varn", "abstract": "", "date": "May 2"},
    )
    dated = page(tmp_path / "2.jsonl", {"title": "on zorbs", "abstract": "", "date": "Jun 11, 2025"})
    built = build([undated], graph=tmp_path / "g", extractor=made_up.NAME)
    assert {p.published for p in built.graph.papers} == {None}
    changed = add([dated], graph=tmp_path / "g")
    assert {p.title: p.published for p in load(changed.folder).papers}["Varn"] == "2025-05-02"
    assert len(changed.altered) == 2 and changed.extracted == 0


def test_a_paper_that_gets_its_arxiv_id_leaves_its_old_one(tmp_path: Path) -> None:
    without = page(tmp_path / "1.jsonl", {"title": "On Zorbs", "abstract": "M/i/QQZO;"})
    with_id = page(tmp_path / "2.jsonl", {"title": "On Zorbs", "id": "2505.00001"})
    (old,) = build([without], graph=tmp_path / "g", extractor=made_up.NAME).graph.papers
    changed = add([with_id], graph=tmp_path / "g")
    assert (changed.added, changed.removed, changed.extracted) == (("2505.00001",), (old.id,), 0)
    assert changed.replaced == ((old.id, "2505.00001"),)
    assert load(changed.folder).papers[0].replaces == (old.id,)
    assert remove([old.id], graph=tmp_path / "g").removed == ("2505.00001",)


def test_the_command_counts_a_paper_that_gets_its_arxiv_id_once(tmp_path: Path) -> None:
    without = page(tmp_path / "1.jsonl", {"title": "On Zorbs", "abstract": "M/i/QQZO;"})
    build([without], graph=tmp_path / "g", extractor=made_up.NAME)
    with_id = {"title": "On Zorbs", "id": "2505.00001"}
    later = page(tmp_path / "2.jsonl", with_id, {"title": "Varn", "abstract": "M/i/QQVN;"})
    told = CliRunner().invoke(main, ["add", str(later), "--graph", str(tmp_path / "g")]).stdout
    counted = [line.split(maxsplit=1) for line in told.splitlines()[:4]]
    assert counted == [
        ["1", "paper added"],
        ["0", "papers removed"],
        ["0", "papers altered"],
        ["1", "paper given another id"],
    ]


def test_what_only_a_removed_paper_supported_goes(tmp_path: Path) -> None:
    file = page(
        tmp_path / "1.jsonl",
        {"id": "2505.00001", "title": "On Zorbs", "abstract": "M/i/QQZO; M/u/GRPO;"},
        {"id": "2505.00002", "title": "Varn", "abstract": "M/u/GRPO;"},
    )
    build([file], graph=tmp_path / "g", extractor=made_up.NAME)
    changed = remove(["https://arxiv.org/abs/2505.00001v3"], graph=tmp_path / "g")
    assert [e.name for e in load(changed.folder).entities] == ["GRPO"]
    assert {e.source for e in load(changed.folder).edges} == {"paper:2505.00002"}
    assert not any("2505.00001" in line for line in stored(tmp_path / "g"))
    assert remove(["varn"], graph=tmp_path / "g").counts["papers"] == 0
    with pytest.raises(UnknownNameError):
        remove(["varn"], graph=tmp_path / "g")
    assert add([file], graph=tmp_path / "g").counts["papers"] == 2


def test_only_new_notes_are_told(tmp_path: Path) -> None:
    bearers = [{"id": f"2505.0000{n}", "title": "On Zorbs", "abstract": ""} for n in (1, 2)]
    file = page(tmp_path / "1.jsonl", *bearers, {"title": "On Zorbs", "abstract": "M/u/GRPO;"})
    other = page(tmp_path / "2.jsonl", {"title": "Varn", "abstract": ""})
    assert len(build([file], graph=tmp_path / "g", extractor=made_up.NAME).read.notes) == 1
    assert add([other], graph=tmp_path / "g").read.notes == ()
    joined = remove(["2505.00001"], graph=tmp_path / "g")
    assert {p.id: p.abstract for p in load(joined.folder).papers}["2505.00002"] == "M/u/GRPO;"
    assert len(load(joined.folder).papers) == 2 and joined.extracted == 0
    assert len(add([file], graph=tmp_path / "g").read.notes) == 1


def test_decisions_on_names_stay(tmp_path: Path) -> None:
    """Decisions made on a part, papers added and taken out after: one build under the same decisions."""
    items = made_up.MENTIONED
    files = [
        page(tmp_path / f"{n}.jsonl", {"title": f"Varn {n}", "abstract": " ".join(items[n : n + 9])})
        for n in range(0, len(items), 4)
    ]
    decisions = [
        Decision("merge", Subject("Varn-Bench 2025"), Subject("ZorbNet", "Model")),
        Decision("split", Subject("Zorb-Net"), Subject("ZorbNet")),
        Decision("rename", Subject("GRPO"), value="Group RPO"),
        Decision("drop", Subject("quell rate")),
    ]
    build(files[:2], graph=tmp_path / "g", extractor=made_up.NAME)
    rederive(tmp_path / "g", decisions=decisions)
    add(files[4:], graph=tmp_path / "g")
    remove(["Varn 20", "Varn 0"], graph=tmp_path / "g")
    piecewise = add([*files[:1], *files[2:]], graph=tmp_path / "g")
    whole = build(
        files, graph=tmp_path / "whole", extractor=made_up.NAME, curation=tmp_path / "g" / "curation.tsv"
    )
    plain = build(files, graph=tmp_path / "plain", extractor=made_up.NAME)
    assert exported(load(piecewise.folder), tmp_path) == exported(whole.graph, tmp_path)
    assert exported(load(tmp_path / "g"), tmp_path) == exported(whole.graph, tmp_path)
    assert whole.graph.entities != plain.graph.entities


def test_a_graph_without_papers_is_exported(tmp_path: Path, runner: CliRunner) -> None:
    file = page(tmp_path / "1.jsonl", {"title": "Varn", "abstract": "M/u/GRPO;"})
    build([file], graph="graph", extractor=made_up.NAME)
    assert runner.invoke(main, ["remove", "Varn"]).exit_code == 0
    for name in EXPORTED:
        assert runner.invoke(main, ["export", name]).exit_code == 0
    assert runner.invoke(main, ["stats"]).exit_code == 0


def test_a_name_that_means_no_paper_or_two_removes_nothing(tmp_path: Path) -> None:
    file = page(
        tmp_path / "1.jsonl",
        {"id": "2505.00001", "title": "On Zorbs", "abstract": ""},
        {"id": "2505.00002", "title": "On zorbs", "abstract": ""},
        {"id": "2505.00003", "title": "Varn", "abstract": ""},
    )
    build([file], graph=tmp_path / "g", extractor=made_up.NAME)
    with pytest.raises(AmbiguousNameError, match=r"2505\.00002"):
        remove(["Varn", "On Zorbs"], graph=tmp_path / "g")
    with pytest.raises(UnknownNameError, match="Varn"):
        remove(["Varn", "Varns"], graph=tmp_path / "g")
    assert len(load(tmp_path / "g").papers) == 3


def test_add_and_remove_need_a_graph(tmp_path: Path) -> None:
    file = page(tmp_path / "1.jsonl", {"title": "Varn"})
    with pytest.raises(GraphFolderError, match="no graph there"):
        add([file], graph=tmp_path / "g")
    with pytest.raises(GraphFolderError, match="no graph there"):
        remove(["Varn"], graph=tmp_path / "g")
    assert not (tmp_path / "g").exists()


def test_a_failed_add_leaves_the_old_graph(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = page(tmp_path / "1.jsonl", {"title": "Varn", "abstract": "M/u/GRPO;"})
    two = page(tmp_path / "2.jsonl", {"title": "On Zorbs", "abstract": "M/u/QQZO;"})
    build([one], graph=tmp_path / "g", extractor=made_up.NAME)
    before = stored(tmp_path / "g")

    def fail(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Store, "change", fail)
        with pytest.raises(KeyboardInterrupt):
            add([two], graph=tmp_path / "g")
        with pytest.raises(KeyboardInterrupt):
            remove(["Varn"], graph=tmp_path / "g")
    assert stored(tmp_path / "g") == before
    assert [path.name for path in (tmp_path / "g").glob("gen-*")] == ["gen-1"]
    assert len(load(add([two], graph=tmp_path / "g").folder).papers) == 2


def test_what_cannot_be_extracted_is_lost_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runner: CliRunner
) -> None:
    good = page(tmp_path / "1.jsonl", {"title": "Varn", "abstract": "M/u/GRPO;"})
    bad = page(tmp_path / "2.jsonl", {"title": "On Zorbs", "abstract": "M/u/QQZO;"})
    both = page(tmp_path / "3.jsonl", {"title": "More Varn"}, {"title": "On Zorbs", "abstract": "M/u/QQZO;"})
    build([good], graph=tmp_path / "g", extractor=made_up.NAME)

    def fails(paper: Paper) -> Extraction:
        if "QQZO" in paper.abstract:
            raise ValueError("not today")
        return made_up.extract(paper)

    with monkeypatch.context() as patch:
        patch.setitem(extractors.EXTRACTORS, made_up.NAME, lambda: fails)
        with pytest.raises(NothingReadError, match="not today"):
            add([bad], graph=tmp_path / "g")
        assert len(load(tmp_path / "g").papers) == 1
        done = runner.invoke(main, ["add", str(both), "--graph", str(tmp_path / "g")])
        assert done.exit_code == 1 and "not today" in done.stderr
        assert "On Zorbs" in {p.title for p in load(tmp_path / "g").papers}
        assert "not today" in (tmp_path / "g" / "unread.tsv").read_text(encoding="utf-8")
        assert remove(["Varn"], graph=tmp_path / "g").read.unread == ()
    assert add([good], graph=tmp_path / "g").extracted == 2
    assert {e.name for e in load(tmp_path / "g").entities} == {"GRPO", "QQZO"}


def test_the_commands_say_what_they_did(tmp_path: Path, runner: CliRunner) -> None:
    one = page(tmp_path / "1.jsonl", {"title": "Varn", "abstract": "We use GRPO."})
    two = page(tmp_path / "2.jsonl", {"title": "Varn"}, {"title": "On Zorbs", "abstract": "We use PPO."})
    assert runner.invoke(main, ["build", str(one)]).exit_code == 0
    added = runner.invoke(main, ["add", str(two)])
    assert added.exit_code == 0 and "read 2 records in 1 files" in added.stderr
    assert "1  paper added" in added.stdout and "1  paper altered" in added.stdout
    removed = runner.invoke(main, ["remove", "On Zorbs"])
    assert removed.exit_code == 0 and "1  paper removed" in removed.stdout
    for wrong in (["add", "absent.txt"], ["remove", "absent"], ["remove"], ["add"]):
        assert runner.invoke(main, wrong).exit_code == 2
    assert json.loads(runner.invoke(main, ["stats", "--json"]).stdout)["rows"][0]["count"] == 1


def test_python_adds_and_removes(tmp_path: Path) -> None:
    one = page(tmp_path / "1.jsonl", {"title": "Varn", "abstract": "M/u/GRPO;"})
    two = page(tmp_path / "2.jsonl", {"title": "On Zorbs", "abstract": "M/u/QQZO;"})
    with kg.build(one, graph=tmp_path / "g", extractor=made_up.NAME) as graph:
        assert len(graph.papers()) == 1
    with kg.add(two, graph=tmp_path / "g") as graph:
        assert len(graph.papers()) == 2
    with kg.remove("Varn", graph=tmp_path / "g") as graph:
        assert list(graph.papers()["title"]) == ["On Zorbs"]


def test_python_warns_of_what_was_lost(tmp_path: Path) -> None:
    one = page(tmp_path / "1.jsonl", {"title": "Varn", "abstract": "M/u/GRPO;"})
    two = page(tmp_path / "2.jsonl", {"title": "On Zorbs", "abstract": "M/u/QQZO;"})
    folder, nowhere = tmp_path / "g", tmp_path / "nosuch.txt"
    told = re.escape(f"1 lost, listed in {folder / 'unread.tsv'}")
    with pytest.warns(UserWarning, match=told) as warned:
        kg.build(one, nowhere, graph=folder, extractor=made_up.NAME).close()
    assert [each.filename for each in warned] == [__file__]
    with pytest.warns(UserWarning, match=told) as warned:
        kg.add(two, nowhere, graph=folder).close()
    assert [each.filename for each in warned] == [__file__]


def test_a_killed_add_leaves_the_old_graph(tmp_path: Path) -> None:
    one = page(tmp_path / "1.jsonl", {"title": "Varn", "abstract": "We use GRPO."})
    build([one], graph=tmp_path / "g")
    before = stored(tmp_path / "g")
    many = [{"title": f"Title {n}", "abstract": f"We introduce Name{n} on MATH500."} for n in range(3000)]
    command = [sys.executable, "-m", "kg", "add", str(page(tmp_path / "2.jsonl", *many))]
    process = subprocess.Popen(
        [*command, "--graph", str(tmp_path / "g")], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        env=dict(os.environ),
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not (tmp_path / "g" / "gen-2").is_dir() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=60)
    assert stored(tmp_path / "g") == before
    assert len(load(add([page(tmp_path / "3.jsonl", *many[:2])], graph=tmp_path / "g").folder).papers) == 3
