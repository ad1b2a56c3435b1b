"""`kg explain` tells what was found in a paper and why, and what was dropped."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

import kg
from extractors.explain import SOURCES, explain
from extractors.measures import NAMES
from kg.cli import main
from kg.errors import AmbiguousNameError, UnknownNameError
from kg.model import Paper
from kg.pipeline import Built

PAPER = Paper(
    "ZTS: Zebra Tail Search",
    "We propose Zebra Tail Search (ZTS), a method that extends PPO. On MATH500, ZTS beats PPO by 3.1%.",
)


def test_every_measure_belongs_to_one_source() -> None:
    assert sorted(name for names in SOURCES.values() for name in names) == sorted(NAMES)


def test_it_tells_what_the_extractor_gives() -> None:
    import extractors

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
