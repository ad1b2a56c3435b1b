"""`kg export`, `explore` and `report` from the outside: files, messages, exit codes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.pipeline import Built

BAD = [
    (["export", "ttl", "--view", "lineage"], "ttl has no --view; formats that have: gexf, graphml"),
    (["export", "csv", "--min-weight", "2"], "csv has no --min-weight"),
    (["export", "gexf", "--view", "papers"], "no view called 'papers'; there are: all, papers-entities"),
    (["export", "gexf", "--type", "Thing"], "no entity type called 'Thing'; there are: Method, Model"),
    (["export", "gexf", "--since", "yesterday"], "'yesterday' is no date"),
    (["export", "gexf", "--since", "2199"], "its dates run from"),
    (["explore", "GRPOO"], "no entity or paper called 'GRPOO'; there are: GRPO"),
    (["explore", "PPO", "--lineage", "--benchmark"], "one of hops, lineage and benchmark"),
    (["explore", "--lineage"], "say of what"),
    (["report", "--method", "GRPOO"], "no entity called 'GRPOO'; there are: GRPO"),
    (["report", "--since", "soon"], "'soon' is no date"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD, ids=lambda value: str(value)[:40])
def test_wrong_usage(runner: CliRunner, example_built: Built, arguments: list[str], message: str) -> None:
    done = runner.invoke(main, [*arguments, "--graph", str(example_built.folder)])
    assert done.exit_code == 2
    assert message in done.stderr and done.stdout == ""
    assert list(Path().iterdir()) == []


def test_an_ambiguous_name_lists_its_candidates(runner: CliRunner) -> None:
    rows = [
        "id,title,abstract",
        '1,One,"We propose Segment Policy Optimization (SPO), a method. SPO extends PPO."',
        '2,Two,"We propose Self-Play Preference Optimization (SPO), a method. SPO extends DPO."',
    ]
    Path("two.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    assert runner.invoke(main, ["build", "two.csv"]).exit_code == 0
    done = runner.invoke(main, ["explore", "SPO"])
    assert done.exit_code == 2
    assert "'SPO' may be: " in done.stderr and done.stderr.count("/entity/spo-") == 2


@pytest.mark.parametrize("view", ["papers-entities", "co-occurrence", "lineage"])
def test_a_view_has_a_file_of_its_own(runner: CliRunner, example_built: Built, view: str) -> None:
    arguments = ["export", "graphml", "--view", view, "--graph", str(example_built.folder)]
    done = runner.invoke(main, arguments)
    assert done.exit_code == 0 and f"wrote graph-{view}.graphml" in done.stderr
    assert Path(f"graph-{view}.graphml").stat().st_size > 1000


def test_since_tells_of_papers_without_date(runner: CliRunner, example_built: Built) -> None:
    undated = sum(paper.published is None for paper in example_built.graph.papers)
    done = runner.invoke(main, ["export", "gexf", "--since", "2020", "--graph", str(example_built.folder)])
    assert done.exit_code == 0
    assert (f"{undated:,} papers without a date are left out" in done.stderr) == (undated > 0)


@pytest.mark.parametrize(
    ("arguments", "subtitle"),
    [
        (["GRPO"], "what is one step away"),
        (["GRPO", "--hops", "2"], "up to two steps away"),
        (["GRPO", "--lineage"], "come from it"),
        (["MuJoCo", "--benchmark"], "are tested on it"),
        (["MuJoCo"], "are tested on it"),
        (["MuJoCo", "--hops", "1"], "what is one step away"),
    ],
)
def test_explore(runner: CliRunner, example_built: Built, arguments: list[str], subtitle: str) -> None:
    done = runner.invoke(main, ["explore", *arguments, "-o", "v.html", "--graph", str(example_built.folder)])
    assert done.exit_code == 0, done.stderr
    page = Path("v.html").read_text(encoding="utf-8")
    said = re.search(r'<p class="sub"[^>]*>(.*?)</p>', page)
    assert said is not None and subtitle in said[1]
    assert "<blockquote" not in page


def test_report_says_what_it_wrote(runner: CliRunner, example_built: Built) -> None:
    graph = ["--graph", str(example_built.folder)]
    done = runner.invoke(main, ["report", "--method", "PPO", "--out", "r", "--figures", *graph])
    assert done.exit_code == 0, done.stderr
    files = sorted(str(path) for path in Path("r").rglob("*") if path.is_file())
    assert sorted(re.findall(r"wrote (\S+) \(", done.stderr)) == files and len(files) > 5
    assert "Lineage of PPO" in Path("r/report.html").read_text(encoding="utf-8")
    assert runner.invoke(main, ["report", "--format", "md", "--out", "m", *graph]).exit_code == 0
    text = Path("m/report.md").read_text(encoding="utf-8")
    for name in re.findall(r"!\[.*?\]\((.*?)\)", text):
        assert Path("m", name).exists()
