"""`kg eval` and its options on a hand-made paper."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.errors import SourceError
from kg.pipeline import side_by_side

GOLD: dict[str, Any] = {
    "title": "Stripes",
    "abstract": "We present ZTS. It beats GRPO on ZooBench.",
    "ents": [
        ["ZTS", "Method", "introduces", ["ZTS"], None],
        ["ZooBench", "Benchmark", "evaluates_on", ["ZooBench"], "benchmark"],
    ],
    "rels": [["ZTS", "evaluated_on", "ZooBench"]],
    "results": [],
}
FOUND = {
    "id": "1",
    "title": "Stripes",
    "entities": [{"name": "ZTS", "type": "Model", "role": "uses", "confidence": 0.75, "mentions": ["ZTS"]}],
    "relations": [],
    "results": [],
}


@pytest.fixture
def files(runner: CliRunner) -> list[str]:
    """Return the arguments that name a gold file with texts and a file of extractions."""
    Path("gold.jsonl").write_text(json.dumps(GOLD) + "\n", encoding="utf-8")
    Path("found.jsonl").write_text(json.dumps(FOUND) + "\n", encoding="utf-8")
    return ["gold.jsonl", "--predicted", "found.jsonl"]


def test_errors_as_tsv_csv_json_and_table(runner: CliRunner, files: list[str]) -> None:
    ask = ["eval", *files, "--errors"]
    lines = runner.invoke(main, ask).stdout.splitlines()
    assert lines[0] == "paper\tgroup\terror\tkind\tannotated\tpredicted\tconfidence\tsentence"
    wrong = "Stripes\tentity\twrong type\tModel for Method\tZTS (Method, introduces)\tZTS (Model, uses)\t0.75"
    assert lines[1] == f"{wrong}\tWe present ZTS."
    assert [line.split("\t")[3] for line in lines[2:]] == [
        "missed Benchmark, unknown capitalised name",
        "missed evaluated_on with an end that is not found",
    ]
    answer = json.loads(runner.invoke(main, [*ask, "--json"]).stdout)
    assert answer["schema_version"] == 1 and answer["rows"][2]["confidence"] is None
    assert len(runner.invoke(main, [*ask, "--format", "csv"]).stdout.splitlines()) == len(lines)
    table = runner.invoke(main, [*ask, "--format", "table"], env={"COLUMNS": "200"}).stdout
    assert table.startswith("Stripes\n") and "Model for Method" in table and "count" in table


def test_errors_of_a_group_and_their_counts(runner: CliRunner, files: list[str]) -> None:
    done = runner.invoke(main, ["eval", *files, "--errors", "--group", "relation"])
    assert [line.split("\t")[1] for line in done.stdout.splitlines()] == ["group", "relation"]
    counted = runner.invoke(main, ["eval", *files, "--error-counts", "--group", "entity"])
    assert counted.stdout.splitlines() == [
        "group\terror\tkind\tcount",
        "entity\twrong type\tModel for Method\t1",
        "entity\tmissed\tmissed Benchmark, unknown capitalised name\t1",
    ]


def test_intervals_and_reliability(runner: CliRunner, files: list[str]) -> None:
    lines = runner.invoke(main, ["eval", *files, "--intervals"]).stdout.splitlines()
    assert lines[0] == "measure\tfigure\tvalue\tlow\thigh" and lines[-1].startswith("role\taccuracy\t")
    bins = json.loads(runner.invoke(main, ["eval", *files, "--reliability", "--json"]).stdout)["rows"]
    assert bins[7] == {
        "low": 0.7, "high": 0.8, "count": 1, "confidence": 0.75, "correct": 0.0, "error": 0.75
    }  # fmt: skip
    assert bins[-1]["error"] == 0.75 and len(bins) == 11


def test_scores_as_lines_rows_and_json(runner: CliRunner, files: list[str]) -> None:
    assert "(tp 0 fp 1 fn 2)" in runner.invoke(main, ["eval", *files]).stdout
    rows = runner.invoke(main, ["eval", *files, "--format", "tsv"]).stdout.splitlines()
    assert rows[1] == "core\t0.0\t0.0\t0.0\t0\t1\t2"
    assert json.loads(runner.invoke(main, ["eval", *files, "--json"]).stdout)["core"]["fn"] == 2


def test_no_errors_where_both_sides_are_equal(runner: CliRunner, files: list[str]) -> None:
    same = {
        "title": GOLD["title"],
        "entities": [{"name": n, "type": t, "role": r, "mentions": m} for n, t, r, m, _ in GOLD["ents"]],
        "relations": [{"head": h, "type": r, "tail": t} for h, r, t in GOLD["rels"]],
    }
    Path("found.jsonl").write_text(json.dumps(same) + "\n", encoding="utf-8")
    for option in ("--errors", "--error-counts"):
        assert len(runner.invoke(main, ["eval", *files, option]).stdout.splitlines()) == 1
        assert runner.invoke(main, ["eval", *files, option, "--format", "table"]).exit_code == 0


def test_texts_come_from_several_files(runner: CliRunner, files: list[str]) -> None:
    Path("bare.jsonl").write_text(json.dumps({**GOLD, "abstract": ""}) + "\n", encoding="utf-8")
    for name, title in (("a.csv", "Other"), ("b.csv", "stripes!")):
        Path(name).write_text(f"title,abstract\n{title},{GOLD['abstract']}\n", encoding="utf-8")
    done = runner.invoke(main, ["eval", "bare.jsonl", *files[1:], "--papers", "a.csv", "b.csv", "--errors"])
    assert done.stdout.splitlines()[1].endswith("\tWe present ZTS.")
    refused = runner.invoke(main, ["eval", "bare.jsonl"])
    assert refused.exit_code == 2 and "--papers" in refused.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [(["--errors", "--intervals"], "one of"), (["--group", "role"], "--errors or --error-counts")],
)
def test_what_does_not_go_together(
    runner: CliRunner, files: list[str], options: list[str], message: str
) -> None:
    done = runner.invoke(main, ["eval", *files, *options])
    assert done.exit_code == 2 and message in done.stderr


def _bare(title: str) -> str:
    return json.dumps({**GOLD, "title": title, "abstract": ""}) + "\n"


def test_papers_that_cannot_be_read_are_told(runner: CliRunner, files: list[str]) -> None:
    Path("bare.jsonl").write_text(_bare("Stripes") + _bare("Spots"), encoding="utf-8")
    Path("a.csv").write_text(f"title,abstract\nStripes,{GOLD['abstract']}\n", encoding="utf-8")
    Path("other.csv").write_text("title,abstract\nOther,Text of it.\n", encoding="utf-8")
    nothing = runner.invoke(main, ["eval", "bare.jsonl", "--papers", "nosuch.txt"])
    assert nothing.exit_code == 2 and "no paper could be read\n  nosuch.txt: " in nothing.stderr
    strange = runner.invoke(main, ["eval", "bare.jsonl", "--papers", "other.csv", "nosuch.txt"])
    assert strange.exit_code == 2 and "kg: nosuch.txt: " in strange.stderr
    assert "--papers holds no abstract of a paper of bare.jsonl" in strange.stderr
    some = runner.invoke(main, ["eval", "bare.jsonl", "--papers", "a.csv", "nosuch.txt"])
    assert some.exit_code == 1 and "kg: nosuch.txt: " in some.stderr
    assert "note: 1 of 2 annotated papers have no text and count as missed" in some.stderr
    beside = runner.invoke(main, ["eval", "bare.jsonl", *files[1:], "--papers", "a.csv", "nosuch.txt"])
    assert beside.exit_code == 1 and "kg: nosuch.txt: " in beside.stderr and "no text" not in beside.stderr
    whole = runner.invoke(main, ["eval", "gold.jsonl"])
    assert whole.exit_code == 0 and "no text" not in whole.stderr
    with pytest.raises(SourceError, match=r"nosuch\.txt"):
        side_by_side(Path("bare.jsonl"), papers=["a.csv", "nosuch.txt"])


def test_files_that_hold_nothing_to_compare(runner: CliRunner, files: list[str]) -> None:
    Path("garbage.bin").write_bytes(b"\x80\xff\x00\n")
    Path("empty.jsonl").write_bytes(b"")
    for command in (["garbage.bin"], ["gold.jsonl", "--predicted", "garbage.bin"]):
        done = runner.invoke(main, ["eval", *command])
        assert done.exit_code == 2 and "kg: garbage.bin:1: no JSON Lines: not UTF-8 text" in done.stderr
    unannotated = runner.invoke(main, ["eval", "empty.jsonl"])
    assert unannotated.exit_code == 2 and "empty.jsonl holds no annotated papers" in unannotated.stderr
    unpredicted = runner.invoke(main, ["eval", "gold.jsonl", "--predicted", "empty.jsonl"])
    assert unpredicted.exit_code == 0
    told = "note: empty.jsonl holds no extraction of an annotated paper; all 1 count as missed\n"
    assert unpredicted.stderr == told
