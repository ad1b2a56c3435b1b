"""Ctrl-C at any moment leaves the graph as it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

import kg
from kg.catalog import Catalog
from kg.pipeline import Built, build


def test_ctrl_c_is_clean(example_built: Built, example: Path, tmp_path: Path) -> None:
    build([example], graph=tmp_path / "g")
    before = kg.open(tmp_path / "g").stats()
    many = tmp_path / "many.csv"
    rows = (
        f'"Title {n}","We introduce Name{n}, a method that extends PPO on MATH500."' for n in range(20_000)
    )
    many.write_text("title,abstract\n" + "\n".join(rows) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "kg", "build", str(many), "--graph", str(tmp_path / "g")]
    process = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=dict(os.environ),
        # a shell that runs the tests in the background passes on that SIGINT is ignored
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    deadline = time.monotonic() + 60
    while not list((tmp_path / "g").glob("gen-2")) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"stays as it was" in errors and b"Traceback" not in errors
    assert [path.name for path in (tmp_path / "g").glob("gen-*")] == ["gen-1"]
    assert kg.open(tmp_path / "g").stats() == before


def test_ctrl_c_tells_nothing_of_a_graph_where_there_is_none(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "kg", "extract", "-", "-o", str(tmp_path / "x.jsonl")]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(os.environ),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert process.stdin is not None
    process.stdin.write(b"title,abstract\n" + b"A title,We use PPO.\n" * 10_000)  # more than a pipe holds
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, b"kg: interrupted\n")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "fault",
    [
        duckdb.InvalidInputException("Arrow scan failed: KeyboardInterrupt:"),
        RuntimeError("Query interrupted"),
    ],
)
def test_what_duckdb_makes_of_ctrl_c_is_told_as_ctrl_c(fault: Exception, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), Catalog.create(tmp_path / "catalog.duckdb"):
        raise fault


def test_two_builds_at_once_are_refused(example: Path, tmp_path: Path) -> None:
    from kg.errors import GraphFolderError
    from kg.generations import next_generation

    with next_generation(tmp_path / "g"):
        try:
            build([example], graph=tmp_path / "g")
        except GraphFolderError as error:
            assert "another kg process" in str(error)
        else:
            raise AssertionError("the second build went on")
