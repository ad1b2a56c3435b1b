"""`kg explain` tells what was found in a paper and why, and what was dropped."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import extractors
import kg
from extractors.explain import SOURCES, explain
from extractors.measures import NAMES
from kg.catalog import Catalog
from kg.cli import main
from kg.errors import AmbiguousNameError, UnknownNameError
from kg.generations import CATALOG, current_generation
from kg.model import Paper
from kg.pipeline import Built
from tests.extractors.installing import Install

PAPER = Paper(
    "ZTS: Zebra Tail Search",
    "We propose Zebra Tail Search (ZTS), a method that extends PPO. On MATH500, ZTS beats PPO by 3.1%.",
)


def test_every_measure_belongs_to_one_source() -> None:
    assert sorted(name for names in SOURCES.values() for name in names) == sorted(NAMES)


def test_it_tells_what_the_extractor_gives() -> None:
    told, read = explain(PAPER), extractors.load()(PAPER)
    kept = {(row.name, row.type, row.role) for row in told.rows if row.kept}
    assert kept == {(m.name, m.type, m.role) for m in read.mentions}
    assert (told.relations, told.results) == (read.relations, read.results)
    for row in told.rows:
        assert abs(sum(row.types.values()) - 1) < 0.01
        assert set(row.without) == set(SOURCES)
        assert all(PAPER.text(s.field)[s.start : s.end] == s.text for s in row.spans)
    ppo = next(row for row in told.rows if row.name == "PPO")
    assert ppo.known_as == "Method" and "sequence" in ppo.found_by


def test_a_paper_is_found_by_title_start_or_id(example_built: Built) -> None:
    with kg.open(example_built.folder) as graph:
        paper = graph.paper("Proximal Policy Opt")
        assert graph.paper(paper.title.upper()) == paper
        with pytest.raises(AmbiguousNameError):
            graph.paper("Learning")
        with pytest.raises(UnknownNameError, match="Proximal Policy Optimization Algorithms"):
            graph.paper("Proximal Polcy Optimisation Algorithms")


def test_the_command_prints_tables_and_json(runner: CliRunner, example_built: Built) -> None:
    graph = ["--graph", str(example_built.folder)]
    shown = runner.invoke(main, ["explain", "Proximal Policy", *graph])
    assert shown.exit_code == 0 and "PPO\tMethod" in shown.stdout
    answer = json.loads(runner.invoke(main, ["explain", "Proximal Policy", "--all", "--json", *graph]).stdout)
    assert {row["kept"] for row in answer["rows"]} == {True, False}
    assert runner.invoke(main, ["explain", "No such paper", *graph]).exit_code == 2


def test_a_pipe_gets_every_column_and_the_sentence(runner: CliRunner, example_built: Built) -> None:
    graph = ["--graph", str(example_built.folder)]
    shown = runner.invoke(main, ["explain", "Proximal Policy", *graph])
    rows, relations, *_ = (part.splitlines() for part in shown.stdout.split("\n\n"))
    assert rows[0].split("\t") == [
        "name", "type", "probability", "next", "role", "found by", "short for", "known as", "lexicon",
        *(f"without {source}" for source in SOURCES), "places",
    ]  # fmt: skip
    assert relations[0].split("\t") == ["head", "relation", "tail", "probability", "sentence", "place"]
    with kg.open(example_built.folder) as opened:
        paper = opened.paper("Proximal Policy")
    sentence, place = relations[1].split("\t")[4:]
    start, end = map(int, place.removeprefix("abstract[").removesuffix("]").split(":"))
    assert sentence == " ".join(paper.abstract[start:end].split()) and len(sentence) > 20
    assert "note:" not in shown.stderr


def test_a_terminal_of_a_hundred_columns_tears_no_word(runner: CliRunner, example_built: Built) -> None:
    ask = ["explain", "Proximal Policy", "--graph", str(example_built.folder), "--format", "table"]
    first = runner.invoke(main, ask, env={"COLUMNS": "100"}).stdout
    assert first.splitlines()[0].split() == ["name", "type", "probability", "role", "found", "by", "places"]
    assert "introduces" in first and "without" not in first
    more = runner.invoke(main, [*ask, "--all"], env={"COLUMNS": "100"}).stdout
    for word in ("recognition", "position", "spelling", "company", "lexicon", "compares_to", "next"):
        assert word in more.split(), word


ZEBRA = """
from kg.model import Evidence, Extraction, Mention, Paper, Relation, Result, Span

def extract(paper):
    whole = Evidence("abstract", 0, len(paper.abstract))
    spans = [Span("abstract", i, i + 6, paper.abstract[i:i + 6]) for i in (0, 15)]
    first, second = (Mention(s.text, "Task", "uses", 0.25, (s,), extractor="by zebra") for s in spans)
    relations = (Relation(first.name, "extends", second.name, 0.5, whole),)
    results = (Result(first.name, "7%", None, None, None, "absolute", 0.75, whole),)
    return Extraction(paper.id, paper.title, (first, second), relations, results)

def extractor():
    return extract
"""


def test_a_graph_of_another_extractor_is_shown_as_it_is(install: Install, runner: CliRunner) -> None:
    install("zebra", ZEBRA, module="zebra_explained")
    row = '2402.00001,On Zebras,"AlphaZ extends BetaQZ,\nby 7%."'
    Path("papers.csv").write_text(f"id,title,abstract\n{row}\n", encoding="utf-8")
    built = runner.invoke(main, ["build", "papers.csv", "--extractor", "zebra"])
    assert built.exit_code == 0, built.output
    shown = runner.invoke(main, ["explain", "On Zebras"])
    assert shown.exit_code == 0, shown.output
    assert shown.stdout.split("\n\n") == [
        "name\ttype\trole\tconfidence\textractor\tplaces\n"
        "AlphaZ\tTask\tuses\t0.25\tby zebra\tabstract[0:6]\n"
        "BetaQZ\tTask\tuses\t0.25\tby zebra\tabstract[15:21]",
        "head\trelation\ttail\tconfidence\tsentence\tplace\n"
        "AlphaZ\textends\tBetaQZ\t0.5\tAlphaZ extends BetaQZ, by 7%.\tabstract[0:29]",
        "subject\tvalue\tbenchmark\tmetric\tbaseline\tconfidence\nAlphaZ\t7%\t\t\t\t0.75\n",
    ]
    assert "'zebra' read this graph" in shown.stderr and "'default' only" in shown.stderr
    table = runner.invoke(main, ["explain", "On Zebras", "--format", "table"], env={"COLUMNS": "100"})
    assert "AlphaZ extends BetaQZ, by 7%." in table.stdout
    answer = json.loads(runner.invoke(main, ["explain", "On Zebras", "--json"]).stdout)
    assert answer["extractor"].startswith("zebra ")
    assert [r["name"] for r in answer["rows"]] == ["AlphaZ", "BetaQZ"]
    assert (len(answer["relations"]), len(answer["results"])) == (1, 1)


def test_a_graph_that_another_version_read_is_noted(runner: CliRunner, example: Path, tmp_path: Path) -> None:
    assert runner.invoke(main, ["build", str(example)]).exit_code == 0
    catalog = current_generation(Path("graph")) / CATALOG
    with Catalog.copy(catalog, tmp_path / "older") as older:
        older.set_meta({"extractor": "default 0123456789ab"})
    (tmp_path / "older").replace(catalog)
    shown = runner.invoke(main, ["explain", "Proximal Policy"])
    present = extractors.fingerprint()[:12]
    assert f"read this graph (0123456789ab, not {present})" in shown.stderr
    assert "PPO\tMethod" in shown.stdout
