"""`kg resolve` and `kg curate` on the example graph."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import kg
from kg.cli import main
from kg.cli.resolving import decisions_on, reviewed
from kg.pipeline import Built, build
from kg.resolve.curation import Decision, Subject
from kg.resolve.unresolved import Doubt


@pytest.fixture
def folder(example_built: Built, tmp_path: Path) -> Path:
    """Return a copy of the example graph that a test may change."""
    return Path(shutil.copytree(example_built.folder, tmp_path / "graph"))


def run(runner: CliRunner, folder: Path, *arguments: str, code: int = 0) -> Result:
    done = runner.invoke(main, [*arguments, "--graph", str(folder)])
    assert done.exit_code == code, done.output
    return done


def slugs(folder: Path, name: str) -> list[str]:
    with kg.open(folder) as graph:
        return [view.entity.slug for view in graph.find(name)]


def test_explain(runner: CliRunner, folder: Path) -> None:
    done = run(runner, folder, "resolve", "explain", "Group Relative Policy Optimization")
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert rows[0] == ["entity", "type", "spelling", "rule", "confidence", "count", "papers", "apart"]
    assert {row[0] for row in rows[1:]} == {"GRPO"}
    assert all(len(row[6].split()) == int(row[5]) for row in rows[1:])
    told = json.loads(run(runner, folder, "resolve", "explain", "grpo", "--json").stdout)
    assert told["schema_version"] == 1
    (entity,) = told["entities"]
    assert entity["name"] == "GRPO" and entity["votes"][0]["type"] == "Method"
    assert {row["spelling"] for row in entity["spellings"]} == {row[2] for row in rows[1:]}


def test_explain_of_nothing_lists_what_is_near(runner: CliRunner, folder: Path) -> None:
    done = run(runner, folder, "resolve", "explain", "GRPOO", code=2)
    assert "GRPO" in done.stderr


def test_review_needs_a_terminal(runner: CliRunner, folder: Path) -> None:
    done = run(runner, folder, "resolve", "review", code=2)
    assert "terminal" in done.stderr and "kg export unresolved" in done.stderr


def test_review_turns_answers_into_decisions() -> None:
    asked = [
        Doubt(False, "QZP", "QZPO", "both short for X", ("1", "2"), 0.5),
        Doubt(False, "skipped", "pair", "one letter apart", ("3",), 0.5),
        Doubt(True, "SPO", "SPO (A B)", "majority", ("4", "5"), 0.6, "A B"),
        Doubt(False, "never", "asked", "", ("6",), 0.5),
    ]
    answers = iter(["y", "s", "n", "q"])
    assert list(reviewed(asked, lambda text: next(answers))) == [
        Decision("merge", Subject("QZP"), Subject("QZPO")),
        Decision("split", Subject("A B"), Subject("SPO", paper="4")),
        Decision("split", Subject("A B"), Subject("SPO", paper="5")),
    ]
    assert [d.action for d in decisions_on(asked[0], same=False)] == ["split"]


def test_merge_at_once_and_undo(runner: CliRunner, folder: Path, example: Path) -> None:
    before = (slugs(folder, "PPO"), slugs(folder, "GRPO"))
    run(runner, folder, "curate", "merge", "PPO", "GRPO", "--comment", "a test")
    assert slugs(folder, "PPO") == slugs(folder, "GRPO") == ["grpo"]
    text = (folder / "curation.tsv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert len(lines) == 2 and lines[1].startswith("PPO\t\tskos:exactMatch\t\tGRPO\t")
    shown = run(runner, folder, "query", "SELECT ?e WHERE { ?e skos:altLabel 'PPO' }").stdout
    assert shown.splitlines()[1:] and all(line.endswith("/grpo") for line in shown.splitlines()[1:])

    build([example], graph=folder)
    assert slugs(folder, "PPO") == ["grpo"], "a build keeps curation"
    (folder / "curation.tsv").write_text(text.replace(lines[1] + "\n", ""), encoding="utf-8")
    build([example], graph=folder)
    assert (slugs(folder, "PPO"), slugs(folder, "GRPO")) == before, "undo is deleting the line"


def test_every_verb_writes_and_applies(runner: CliRunner, folder: Path) -> None:
    run(runner, folder, "curate", "rename", "PPO", "Proximal PO")
    assert slugs(folder, "PPO") == ["proximal-po"]
    run(runner, folder, "curate", "retype", "GRPO", "Concept")
    with kg.open(folder) as graph:
        assert graph["GRPO"].type == "Concept"
    run(runner, folder, "curate", "drop", "GSM8K")
    assert slugs(folder, "GSM8K") == []
    with kg.open(folder) as graph:
        paper = graph["DPO"].papers()["id"][0]
    run(runner, folder, "curate", "split", "DPO", "DPO", "--other-paper", paper)
    assert len(slugs(folder, "DPO")) == 2


def test_later_writes_the_line_only(runner: CliRunner, folder: Path) -> None:
    run(runner, folder, "curate", "drop", "PPO", "--later")
    assert slugs(folder, "PPO") == ["ppo"], "the open graph is what its generation was derived with"
    assert "PPO" in (folder / "curation.tsv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("merge", "PPO", "PPO"), "the same"),
        (("merge", "No Such Thing", "PPO"), "no entity"),
        (("retype", "PPO", "Thing"), "Method"),
        (("rename", "PPO", "--", "..."), "name"),
    ],
)
def test_a_decision_that_cannot_be_is_refused(
    runner: CliRunner, folder: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = runner.invoke(main, ["curate", arguments[0], "--graph", str(folder), *arguments[1:]])
    assert done.exit_code == 2 and said in done.stderr
    assert not (folder / "curation.tsv").exists()


def test_a_build_takes_a_curation_file_and_tells_of_lines_that_match_nothing(
    runner: CliRunner, example: Path, tmp_path: Path
) -> None:
    lines = "subject_label\tdrop\nGSM8K\tyes\nNo Such Thing\tyes\nPPO\tperhaps\n"
    (tmp_path / "ours.tsv").write_text(lines, encoding="utf-8")
    done = run(runner, tmp_path / "g", "build", str(example), "--curation", "ours.tsv")
    assert "curation.tsv:3: drop: no paper names No Such Thing" in done.stderr
    assert "curation.tsv:4: drop is 'perhaps'; write yes" in done.stderr
    assert (tmp_path / "g" / "curation.tsv").read_text(encoding="utf-8") == lines
    assert slugs(tmp_path / "g", "GSM8K") == []


def test_unresolved_stands_in_the_graph_folder(runner: CliRunner, example: Path, tmp_path: Path) -> None:
    run(runner, tmp_path / "g", "build", str(example))
    plain = (tmp_path / "g" / "unresolved.tsv").read_text(encoding="utf-8").splitlines()
    assert plain[0].split("\t")[:4] == ["name", "type", "slug", "why"] and len(plain) > 20
    run(runner, tmp_path / "g", "build", str(example), "--with-text")
    told = (tmp_path / "g" / "unresolved.tsv").read_text(encoding="utf-8").splitlines()
    assert told[0] == plain[0] + "\tsentence" and len(told) == len(plain)
