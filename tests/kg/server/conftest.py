"""A real server over loopback: `kg serve` as a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from kg.pipeline import Built
from tests.kg.server.made import HOSTILE_PAPERS, many_papers, write_papers

ROOT = Path(__file__).parents[3]


class Served:
    """A running server."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process, self.url = process, url
        self.client = httpx.Client(base_url=url, timeout=30, trust_env=False)

    def end(self, number: signal.Signals) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(20)

    def workers(self) -> set[int]:
        """Return the processes that the server has started."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return {int(pid) for pid in children.read_text(encoding="ascii").split()}


@contextmanager
def serving(graph: Path, *options: str) -> Iterator[Served]:
    """Serve a graph at a free port until the block ends."""
    command = [sys.executable, "-m", "kg", "serve", "--graph", str(graph), "--port", "0", *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
    assert process.stderr is not None
    line = process.stderr.readline()
    found = re.search(r"at (http://[^ ]+/) ", line)
    if found is None:
        process.kill()
        process.wait()
        pytest.fail(line + process.stderr.read())
    served = Served(process, found[1])
    try:
        yield served
    finally:
        served.client.close()
        if process.poll() is None:
            process.terminate()
            process.wait(20)
        process.stderr.close()


@pytest.fixture(scope="session")
def server(example_built: Built) -> Iterator[Served]:
    """Yield a server of the example graph."""
    with serving(example_built.folder) as served:
        yield served


@pytest.fixture(scope="session")
def large_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Yield a server of a graph that the map of the explorer begins with a part of."""
    from kg.pipeline import build

    folder = tmp_path_factory.mktemp("large")
    build([write_papers(folder / "papers.jsonl", many_papers(1000))], graph=folder / "graph")
    with serving(folder / "graph") as served:
        yield served


@pytest.fixture(scope="session")
def hostile_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Yield a server of a graph of names and titles that would break a careless page."""
    from kg.pipeline import build

    folder = tmp_path_factory.mktemp("hostile")
    build([write_papers(folder / "papers.jsonl", HOSTILE_PAPERS)], graph=folder / "graph")
    with serving(folder / "graph") as served:
        yield served
