"""`kg serve` as a process: a new generation, signals, ports, and what it leaves behind."""

from __future__ import annotations

import json
import signal
import socket
import threading
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.pipeline import Built, build
from tests.kg.server.conftest import serving
from tests.kg.server.made import HOSTILE_PAPERS, write_papers


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_new_generation_is_served_without_a_restart(tmp_path: Path) -> None:
    first = write_papers(tmp_path / "first.jsonl", HOSTILE_PAPERS[:2])
    more = write_papers(tmp_path / "more.jsonl", HOSTILE_PAPERS[2:])
    graph = tmp_path / "graph"
    build([first], graph=graph)
    count = {"query": "SELECT (COUNT(*) AS ?n) { ?p a fabio:Preprint }"}
    with serving(graph) as served:
        failures: list[str] = []
        counts: list[int] = []
        done = threading.Event()

        def ask() -> None:
            while not done.is_set():
                answer = served.client.get("/sparql", params=count)
                page = served.client.get("/", headers={"Accept": "text/html"})
                if answer.status_code != 200 or page.status_code != 200:
                    failures.append(f"{answer.status_code} {page.status_code}")
                else:
                    counts.append(int(json.loads(answer.text)["results"]["bindings"][0]["n"]["value"]))

        while served.client.get("/", headers={"Accept": "text/html"}).status_code == 503:
            time.sleep(0.1)  # the index of the first generation is being made
        asking = threading.Thread(target=ask)
        asking.start()
        added = CliRunner().invoke(main, ["add", str(more), "--graph", str(graph)])
        assert added.exit_code == 0, added.output
        end = time.monotonic() + 20
        while (not counts or counts[-1] != 5) and time.monotonic() < end:
            time.sleep(0.1)
        done.set()
        asking.join()
        assert not failures
        assert set(counts) == {2, 5} and counts == sorted(counts)
        assert served.client.get("/paper/2505.00004").status_code == 200
        end = time.monotonic() + 20
        while len(served.workers()) != 2 and time.monotonic() < end:  # those of the old generation end
            time.sleep(0.05)
        assert len(served.workers()) == 2
        again = CliRunner().invoke(main, ["remove", "2505.00004", "--graph", str(graph)])
        assert again.exit_code == 0, again.output
        assert sorted(p.name for p in graph.glob("gen-*"))[0] != "gen-1"  # nobody holds the first


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_a_signal_ends_all(example_built: Built, number: signal.Signals, code: int) -> None:
    with serving(example_built.folder) as served:
        workers = served.workers()
        slow = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
        thread = threading.Thread(target=lambda: _quietly(served.url, slow))
        thread.start()
        time.sleep(0.5)
        began = time.monotonic()
        assert served.end(number) == code
        assert time.monotonic() - began < 8
        thread.join()
        assert workers and not any(alive(pid) for pid in workers)


def _quietly(url: str, query: str) -> None:
    import httpx

    try:
        httpx.get(url + "sparql", params={"query": query}, timeout=20, trust_env=False)
    except httpx.HTTPError:
        return


def test_workers_end_with_a_server_that_is_killed(example_built: Built) -> None:
    with serving(example_built.folder) as served:
        workers = served.workers()
        served.end(signal.SIGKILL)
        end = time.monotonic() + 10
        while any(alive(pid) for pid in workers) and time.monotonic() < end:
            time.sleep(0.1)
        assert not any(alive(pid) for pid in workers)


def test_a_port_in_use(example_built: Built, runner: CliRunner) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = runner.invoke(main, ["serve", "--graph", str(example_built.folder), "--port", port])
    assert done.exit_code == 2
    assert f"127.0.0.1:{port}" in done.stderr and "--port" in done.stderr


def test_no_graph(runner: CliRunner) -> None:
    done = runner.invoke(main, ["serve", "--graph", "nowhere"])
    assert done.exit_code == 2 and "no graph there" in done.stderr


def test_other_origins_can_be_kept_out(example_built: Built) -> None:
    with serving(example_built.folder, "--cors", "") as served:
        headers = served.client.get("/sparql", params={"query": "ASK {}"}).headers
        assert "access-control-allow-origin" not in headers
