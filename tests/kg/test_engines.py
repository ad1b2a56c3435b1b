"""Engines that are started ahead, seen from `build` and `add`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

import extractors
from extractors import Chosen, choose
from extractors.parallel import PROCESSES
from kg import engines, pipeline
from kg.engines import ahead, on_this_machine
from kg.model import Extraction, Paper
from kg.pipeline import add, build
from tests.extractors.test_parallel import children
from tests.kg import made_up


class Counting:
    """An extractor that has something to tell at the end."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, paper: Paper) -> Extraction:
        """Read nothing."""
        self.count += 1
        return Extraction(paper.id, paper.title)

    def notes(self) -> Iterable[str]:
        """Tell how many papers were read."""
        return [f"{self.count} read"]


def page(path: Path, *numbers: int) -> Path:
    return made_up.write_page(path, [{"title": f"Paper {n}", "abstract": "M/u/GRPO;"} for n in numbers])


def test_only_the_default_extractor_is_loaded_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PROCESSES, "2")
    with ahead(on_this_machine, choose("llm"), lambda: 2) as engine:
        assert engine is on_this_machine

    def elsewhere(papers: Any, chosen: Chosen, step: Any, note: Any) -> Iterator[Any]:
        yield from ()

    with ahead(elsewhere, choose(), lambda: 2) as engine:
        assert engine is elsewhere
    with ahead(on_this_machine, choose(), lambda: 1) as engine:
        assert engine is not on_this_machine
        (read,) = engine([Paper("On GRPO", "We use GRPO.")], choose(), lambda *_: None, lambda _: None)
        assert isinstance(read, Extraction) and read.mentions
    with ahead(on_this_machine, choose(), lambda: 1) as engine:
        other = Chosen("other", "here", lambda: lambda paper: Extraction(paper.id, paper.title))
        (read,) = engine([Paper("On GRPO", "We use GRPO.")], other, lambda *_: None, lambda _: None)
        assert isinstance(read, Extraction) and not read.mentions, (
            "what the graph asks for, not what was loaded"
        )


def test_an_extractor_tells_what_it_read_when_papers_are_added(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(extractors.EXTRACTORS, "counting", Counting)
    told: list[str] = []
    build([page(tmp_path / "1.jsonl", 1)], graph=tmp_path / "g", extractor="counting", on_note=told.append)
    add([page(tmp_path / "2.jsonl", 2, 3)], graph=tmp_path / "g", on_note=told.append)
    assert told == ["1 read", "2 read"]


def test_many_papers_are_read_by_processes_that_started_ahead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PROCESSES, "2")
    asked: list[int] = []

    def noted(engine: Any, chosen: Chosen, count: Any) -> Any:
        asked.append(count())
        return ahead(engine, chosen, count)

    monkeypatch.setattr(pipeline, "ahead", noted)
    one = page(tmp_path / "1.jsonl", *range(20))
    few = build([one], graph=tmp_path / "few")
    assert asked == [0]
    monkeypatch.setattr(engines, "_MANY", one.stat().st_size)
    many = build([one], graph=tmp_path / "many")
    assert asked == [0, 2]
    assert many.graph.extractions == few.graph.extractions
    build([one], graph=tmp_path / "many")
    assert asked == [0, 2, 0], "a graph that stands there likely holds the extractions"
    add([page(tmp_path / "2.jsonl", 21)], graph=tmp_path / "many")
    assert asked == [0, 2, 0, 1]


def test_processes_that_were_started_for_nothing_end_before_names_are_resolved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PROCESSES, "2")
    one = page(tmp_path / "1.jsonl", 1)
    build([one], graph=tmp_path / "g")
    left: dict[str, int] = {}
    before = children()

    def counted(stage: str, done: int, total: int) -> None:
        del done, total
        left[stage] = len(children() - before)

    with ahead(on_this_machine, choose(), lambda: 1) as started:
        add([one], graph=tmp_path / "g", engine=started, on_progress=counted)
        assert left["joining papers"] == 1 and left["resolving names"] == 0
    monkeypatch.setitem(extractors.EXTRACTORS, "counting", Counting)
    build([one], graph=tmp_path / "other", extractor="counting")
    with ahead(on_this_machine, choose(), lambda: 1) as started:
        add([page(tmp_path / "2.jsonl", 2)], graph=tmp_path / "other", engine=started, on_progress=counted)
        assert left["joining papers"] == 0, "another extractor is not what was loaded"


SAYING = """
import sys
from kg import cli, engines
from kg.engines import ahead
def noted(engine, chosen, count):
    print("processes", count(), "before the pipeline" if "kg.pipeline" not in sys.modules else "after it")
    return ahead(engine, chosen, count)
engines.ahead = noted
engines._MANY = 1
cli.main()
"""


@pytest.mark.parametrize(("command", "number"), [("build", 2), ("add", 1)])
def test_the_command_line_starts_them_before_it_loads_what_comes_after(
    command: str, number: int, tmp_path: Path
) -> None:
    one, two = page(tmp_path / "1.jsonl", 1), page(tmp_path / "2.jsonl", 2)
    if command == "add":
        build([one], graph=tmp_path / "g")
    ran = subprocess.run(
        [sys.executable, "-c", SAYING, command, str(two), "--graph", str(tmp_path / "g")],
        capture_output=True,
        text=True,
        env={**os.environ, PROCESSES: "2"},
    )
    assert ran.returncode == 0, ran.stderr
    assert f"processes {number} before the pipeline" in ran.stdout
