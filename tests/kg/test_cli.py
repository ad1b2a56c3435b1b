"""The command line: exit codes, messages, formats."""

from __future__ import annotations

import json
import os
from operator import itemgetter
from pathlib import Path

import pytest
from click.testing import CliRunner

from extractors.checking import checked
from kg.cli import main
from kg.extraction_json import from_json
from kg.pipeline import Built

GOOD = "id,title,abstract\n2402.03300,A title,We use GRPO on MATH500.\n"


@pytest.mark.parametrize(
    ("name", "content", "code", "message"),
    [
        ("empty.txt", b"", 2, "empty"),
        ("binary.txt", b"\x00\x01\x02" * 50, 2, "binary"),
        ("no-title.csv", b"id,abstract\n1,Text\n", 2, "title"),
        ("broken.jsonl", b'{"title": "A", "abstract": "We use PPO."}\n{"title": \n', 1, "broken.jsonl:2"),
        ("bytes.csv", b"title,abstract\nA,We use \xff PPO.\nB,We use GRPO.\n", 1, "bytes.csv:2"),
        ("no-abstract.csv", b"title,abstract\nA,\nB,We use GRPO.\n", 0, "1 without abstract"),
        (
            "abstrct.csv",
            b"title,abstrct\nA,We use PPO.\n",
            0,
            "note: abstrct.csv: no abstract in its only record",
        ),
        ("twice.csv", b"title,abstract\nA,We use PPO.\nA,We use PPO.\n", 0, "1 repeats"),
    ],
)
def test_bad_input(runner: CliRunner, name: str, content: bytes, code: int, message: str) -> None:
    Path(name).write_bytes(content)
    done = runner.invoke(main, ["build", name])
    assert done.exit_code == code, done.output
    assert message in done.stderr
    assert (Path("graph") / "current").exists() == (code != 2)
    if code == 1:
        listed = (Path("graph") / "unread.tsv").read_text(encoding="utf-8").splitlines()
        assert len(listed) == 2 and listed[1].startswith(f"{name}\t2\t")


def test_names_that_are_not_utf8(runner: CliRunner) -> None:
    folder = Path(os.fsdecode(b"in\xff"))
    folder.mkdir()
    (folder / os.fsdecode(b"\xfe.csv")).write_text(GOOD, encoding="utf-8")
    (folder / os.fsdecode(b"\xfd.csv")).touch()
    done = runner.invoke(main, ["build", str(folder), os.fsdecode(b"absent\xfc"), "--out", str(folder)])
    assert done.exit_code == 1, done.output
    listed = (Path("graph") / "unread.tsv").read_text(encoding="utf-8").splitlines()
    assert [line.partition("\t")[0] for line in listed[1:]] == [r"\udcfd.csv", r"absent\udcfc"]
    again = runner.invoke(main, ["build", str(folder)])
    assert again.exit_code == 1 and "note: passed over 5 files" in again.stderr, again.output


def test_nothing_usable_keeps_the_old_graph(runner: CliRunner) -> None:
    Path("good.csv").write_text(GOOD, encoding="utf-8")
    Path("folder").mkdir()
    assert runner.invoke(main, ["build", "good.csv"]).exit_code == 0
    for wrong in (["build", "absent.txt"], ["build", "folder"], ["build"]):
        assert runner.invoke(main, wrong).exit_code == 2
    assert json.loads(runner.invoke(main, ["stats", "--json"]).stdout)["rows"][0]["count"] == 1


def test_standard_input(runner: CliRunner) -> None:
    done = runner.invoke(main, ["extract", "-"], input=GOOD)
    assert done.exit_code == 0, done.output
    names = {entity["name"] for entity in json.loads(done.stdout)["entities"]}
    assert {"GRPO", "MATH500"} <= names


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["stats", "--graph", "nowhere"], "no graph there"),
        (["query", "SELECT ?x WHERE { ?x a }"], "line 1"),
        (["query", "@extend"], "there are: "),
        (["query", "@extends", "metod=X"], "method"),
        (["query", "SELECT * WHERE { ?s ?p ?o }", "a=b"], "named query"),
        (["query", "INSERT DATA { <a:a> <a:b> <a:c> }"], "does not parse"),
        (["show", "GRPOO"], "GRPO"),
        (["export", "graphm"], "graphml"),
        (["build", "-", "--base", "not an IRI"], "no base"),
    ],
)
def test_wrong_usage_says_what_to_do(
    runner: CliRunner, example_built: Built, arguments: list[str], message: str
) -> None:
    if "--graph" not in arguments:
        arguments = [*arguments, "--graph", str(example_built.folder)]
    done = runner.invoke(main, arguments)
    assert done.exit_code == 2
    assert message in done.stderr
    assert done.stdout == ""


def test_formats(runner: CliRunner, example_built: Built) -> None:
    ask = ["query", "@uses", "entity=PPO", "--graph", str(example_built.folder)]
    tsv = runner.invoke(main, ask).stdout.splitlines()
    assert tsv[0] == "paper\ttitle\tpublished"
    answer = json.loads(runner.invoke(main, [*ask, "--json"]).stdout)
    assert answer["schema_version"] == 1 and len(answer["rows"]) == len(tsv) - 1
    assert len(runner.invoke(main, [*ask, "--format", "csv"]).stdout.splitlines()) == len(tsv)
    assert "rows" in runner.invoke(main, [*ask, "--format", "table"]).stderr


def test_every_command_has_help(runner: CliRunner) -> None:
    for name in main.commands:
        done = runner.invoke(main, [name, "--help"])
        assert done.exit_code == 0 and "Example" in done.stdout


def test_show_explore_export_extract(runner: CliRunner, example_built: Built, example: Path) -> None:
    graph = ["--graph", str(example_built.folder)]
    shown = runner.invoke(main, ["show", "GRPO", "--evidence", *graph])
    assert shown.exit_code == 0 and "https://w3id.org/abstractkg/entity/grpo" in shown.stdout
    assert json.loads(runner.invoke(main, ["show", "GRPO", "--json", *graph]).stdout)["type"] == "Method"
    assert runner.invoke(main, ["explore", "GRPO", *graph]).exit_code == 0
    assert Path("explorer.html").stat().st_size > 100_000
    assert runner.invoke(main, ["export", "ttl", "--min-confidence", "0.9", *graph]).exit_code == 0
    assert Path("graph.ttl").stat().st_size > 1000
    assert runner.invoke(main, ["extract", str(example), "-o", "out.jsonl"]).exit_code == 0
    assert len(Path("out.jsonl").read_text(encoding="utf-8").splitlines()) == 50
    assert "@extends" in runner.invoke(main, ["queries"]).stdout


def test_what_is_sure_enough_is_an_extraction(runner: CliRunner, example_built: Built, example: Path) -> None:
    graph = ["--graph", str(example_built.folder), "-o", "exported.jsonl"]
    assert runner.invoke(main, ["export", "jsonl", "--min-confidence", "0.8", *graph]).exit_code == 0
    assert runner.invoke(main, ["extract", str(example), "--min-confidence", "0.8", "-o", "x"]).exit_code == 0
    rows = [json.loads(line) for line in Path("x").read_text(encoding="utf-8").splitlines()]
    exported = [json.loads(line) for line in Path("exported.jsonl").read_text(encoding="utf-8").splitlines()]
    assert sorted(rows, key=itemgetter("id")) == sorted(exported, key=itemgetter("id"))
    papers = {paper.id: paper for paper in example_built.graph.papers}
    for row in rows:
        checked(papers[row["id"]], from_json(row))  # a result of what is not sure enough is refused there


def test_what_keeps_exports_from_being_written_is_told_in_time(runner: CliRunner) -> None:
    Path("good.csv").write_text(GOOD, encoding="utf-8")
    Path("file").touch()
    for option in ("--out", "--quads"):
        early = runner.invoke(main, ["build", "good.csv", option, "file/exports"])
        assert early.exit_code == 2 and early.stderr == "kg: file: Not a directory\n"
    nothing = runner.invoke(main, ["build", "good.csv", "--min-confidence", "0.5"])
    assert nothing.exit_code == 2 and "goes with --out or --quads" in nothing.stderr
    assert not Path("graph").exists()
    Path("exports", "graph.ttl").mkdir(parents=True)
    late = runner.invoke(main, ["build", "good.csv", "nosuch.csv", "--out", "exports"])
    assert late.exit_code == 1 and "the new graph stands in graph" in late.stderr
    assert "graph.ttl" in late.stderr and "Is a directory" in late.stderr
    assert "1 lost, listed in graph/unread.tsv" in late.stderr
    assert runner.invoke(main, ["stats"]).exit_code == 0


def test_what_stands_in_the_way_of_an_export_is_named(runner: CliRunner) -> None:
    Path("in.csv").write_text(GOOD, encoding="utf-8")
    Path("out/graph.ttl").mkdir(parents=True)
    made = runner.invoke(main, ["build", "in.csv", "--out", "out"])
    assert made.exit_code == 1
    assert "(out/graph.ttl: Is a directory)" in made.stderr


def test_names_of_files_cannot_steer_a_terminal(runner: CliRunner) -> None:
    Path("\x1b[31mred\nkg: fine.csv").write_text("name,foo\n1,2\n", encoding="utf-8")
    made = runner.invoke(main, ["build", *map(str, Path().iterdir())])
    assert made.exit_code == 2
    assert "\\x1b[31mred kg: fine.csv" in made.stderr


def test_a_dash_is_standard_output(runner: CliRunner, example_built: Built) -> None:
    graph = ["--graph", str(example_built.folder)]
    for form in (["csv"], ["parquet"], ["graphml", "--view", "lineage"]):
        assert runner.invoke(main, ["export", *form, *graph, "-o", "file"]).exit_code == 0
        printed = runner.invoke(main, ["export", *form, *graph, "-o", "-"])
        assert printed.stdout_bytes == Path("file").read_bytes() and not printed.stderr
    for command in (["explore", "GRPO", *graph], ["diff", graph[1], graph[1], "--json"]):
        assert runner.invoke(main, [*command, "-o", "file"]).exit_code == 0
        printed = runner.invoke(main, [*command, "-o", "-"])
        assert printed.stdout_bytes == Path("file").read_bytes() and not printed.stderr
    extracted = runner.invoke(main, ["extract", "-", "-o", "-"], input=GOOD)
    assert json.loads(extracted.stdout)["id"] == "2402.03300"
    assert not Path("-").exists()
