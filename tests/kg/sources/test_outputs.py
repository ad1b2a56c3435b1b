"""A folder is read again though kg wrote its graph and its exports into it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.generations import is_graph_folder
from kg.pipeline import Built, load
from kg.sources import read
from kg.sources.outputs import is_output
from kg.writers import WRITERS
from kg.writers.parts import write_nq_parts
from kg.writers.projections import VIEWS, project
from kg.writers.whole import whole_quads

LIST = "title,abstract\nBoxes,We move boxes.\n"


@pytest.fixture
def folder(tmp_path: Path, example_built: Built) -> Path:
    """Return a folder with one list of papers, a graph and its exports."""
    shutil.copytree(example_built.folder.parent, tmp_path / "in")
    (tmp_path / "in" / "list.csv").write_text(LIST, encoding="utf-8")
    return tmp_path / "in"


def test_what_kg_wrote_below_a_folder_is_passed_over_and_told(folder: Path) -> None:
    for given in (folder, f"{folder}/**/*", f"{folder}/*"):
        found = read([given])
        assert ([paper.title for paper in found.papers], found.unread) == (["Boxes"], ())
        (remark,) = found.remarks
        assert f"in the graph folder {folder / 'graph'}; 5 exported ({folder}/out/README.md" in remark
    assert f"passed over {sum(path.is_file() for path in folder.rglob('[!.]*')) - 1} files" in remark


def test_a_file_that_is_named_is_read(folder: Path) -> None:
    found = read([folder, folder / "graph" / "unread.tsv", folder / "out" / "graph.ttl"])
    assert [item.file for item in found.unread] == ["graph.ttl", "unread.tsv"]
    assert "; 4 exported" in found.remarks[0]
    assert read([folder / "list.csv"]).remarks == ()


def test_a_second_build_of_a_folder_is_the_first_again(runner: CliRunner) -> None:
    Path("list.csv").write_text(LIST, encoding="utf-8")
    first = runner.invoke(main, ["build", ".", "--out", "exports"])
    second = runner.invoke(main, ["build", ".", "--out", "exports"])
    assert (first.exit_code, second.exit_code, second.stdout) == (0, 0, first.stdout), second.output
    assert "kg wrote" not in first.stderr and "note: passed over" in second.stderr
    alone = runner.invoke(main, ["build", "graph", "exports"])
    assert alone.exit_code == 2 and "no paper could be read\n  passed over" in alone.stderr


def test_all_that_kg_writes_is_known(tmp_path: Path, example_built: Built, runner: CliRunner) -> None:
    graph = load(example_built.folder)
    for writer in WRITERS.values():
        writer.write(graph, tmp_path / writer.file)
        if writer.draw is not None:
            for view in VIEWS:
                stem, _, ending = writer.file.partition(".")
                writer.draw(project(graph, view), tmp_path / f"{stem}-{view}.{ending}")
    write_nq_parts(whole_quads(graph), tmp_path)
    for command in (["explore", "GRPO", "-o", "grpo.html"], ["report", "--out", "."]):
        done = runner.invoke(main, [*command, "--graph", str(example_built.folder)])
        assert done.exit_code == 0, done.output
    files = [*tmp_path.iterdir(), *example_built.files]
    assert len(files) > 20 and [file.name for file in files if not is_output(file)] == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("papers.csv", LIST),
        ("README.md", "# Exports\n\nOf our archive.\n"),
        ("extractions.jsonl", '{"id": "1", "title": "Boxes", "abstract": "We move boxes."}\n'),
        ("explorer.html", "<!DOCTYPE html><html><article><h3><a href='/papers/2505.12345'>Box</a></h3>"),
        ("current", LIST),
    ],
)
def test_what_others_wrote_under_such_names_is_read(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / "gen-0").mkdir()
    (tmp_path / "gen-0" / name).write_text(content, encoding="utf-8")
    found = read([tmp_path])
    assert found.remarks == () and found.files == 1


def test_what_an_unfinished_build_left_is_a_graph_folder(tmp_path: Path) -> None:
    assert not is_graph_folder(tmp_path)
    (tmp_path / ".lock").touch()
    assert not is_graph_folder(tmp_path)
    (tmp_path / "gen-1").mkdir()
    assert is_graph_folder(tmp_path)
