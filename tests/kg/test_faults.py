"""Whatever happens to a process or a disk: the graph stays, a message says what to do, a next run goes on."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyoxigraph as ox
import pytest

import kg
from kg.generations import current_generation, hold
from tests.kg import made_up
from tests.kg.forked import Ended, Server

KILLS = 50
OLD, NEW = range(20), range(20, 30)
State = dict[str, list[str]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return what runs commands as processes."""
    with Server(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture(scope="module")
def mounts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return what runs commands as processes that may mount, or skip where the system forbids it."""
    tried = subprocess.run(
        ["unshare", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
        capture_output=True, text=True, check=False,
    ) if shutil.which("unshare") else None  # fmt: skip
    if tried is None or tried.returncode != 0:
        pytest.skip("this system lets nobody mount a disk of his own (unshare --map-root-user --mount)")
    with Server(tmp_path_factory.mktemp("mounts"), mounts=True) as server:
        yield server


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return two files of papers."""
    folder, chance = tmp_path_factory.mktemp("pages"), random.Random(7)
    one, two = (
        made_up.write_page(
            folder / f"{numbers.start}.jsonl",
            [
                {
                    "id": f"2505.{number:05d}",
                    "title": f"{chance.choice(made_up.TITLES)} {number}",
                    "abstract": " ".join(chance.choices(made_up.MENTIONED, k=4)),
                }
                for number in numbers
            ],
        )
        for numbers in (OLD, NEW)
    )
    return one, two


@pytest.fixture(scope="module")
def built(server: Server, pages: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the graph folder of the first file; it is not to be written."""
    folder = tmp_path_factory.mktemp("built") / "g"
    assert server.run("build", pages[0], "--extractor", made_up.NAME, "--graph", folder).code == 0
    return folder


@pytest.fixture
def graph(built: Path, tmp_path: Path) -> Path:
    """Return a copy of that graph folder."""
    return Path(shutil.copytree(built, tmp_path / "g"))


def state(folder: Path) -> State:
    """Return all that a graph folder holds: each table of its catalog, and its quads, sorted."""
    generation = current_generation(folder)
    with duckdb.connect(str(generation / "catalog.duckdb"), read_only=True) as catalog:
        tables = [name for (name,) in catalog.execute("select table_name from duckdb_tables()").fetchall()]
        held = {name: sorted(map(repr, catalog.table(name).fetchall())) for name in tables}
    return {**held, "rdf": sorted(map(str, ox.Store.read_only(str(generation / "rdf"))))}


def is_clean(folder: Path) -> bool:
    """Return whether nothing but one generation and what belongs beside it stands in a graph folder."""
    names = {path.name for path in folder.iterdir()}
    beside = {"current", ".lock", "unread.tsv", "unresolved.tsv", current_generation(folder).name}
    return names <= beside


def refused(ended: Ended, *said: str) -> None:
    """Assert that a command ended with one clear message and exit code 2."""
    assert ended.code == 2, ended.said
    assert "Traceback" not in ended.said
    assert all(part in ended.said for part in ("kg: ", *said)), ended.said


def changes(pages: tuple[Path, Path], folder: Path) -> dict[str, list[tuple[str | Path, ...]]]:
    """Return the commands that make the state `new` of `old`, and those that make `old` of `new`."""
    one, two = pages
    build = ("build", "--extractor", made_up.NAME, "--graph", folder)
    gone = [f"2505.{number:05d}" for number in NEW]
    return {
        "new": [(*build, one, two), ("add", two, "--graph", folder)],
        "old": [(*build, one), ("remove", *gone, "--graph", folder)],
    }


def test_kill_9_at_random_moments(server: Server, pages: tuple[Path, Path], tmp_path: Path) -> None:
    """SIGKILL after a random part of the time that a command takes, often several times in a row."""
    folder, chance = tmp_path / "g", random.Random(9)
    commands = changes(pages, folder)
    states, seconds = {}, {}
    for target in ("old", "new", "old"):
        for command in commands[target]:
            seconds[command] = server.run(*command).seconds if folder.exists() or target == "old" else 0.0
            if command[0] == "build":
                states[target] = state(folder)
    killed = left = replaced = 0
    now = "old"
    while killed < KILLS:
        then = "new" if now == "old" else "old"
        command = chance.choice(commands[then])
        for _ in range(chance.randint(1, 7)):
            ended = server.run(*command, kill_after=chance.uniform(0, 1.1) * seconds[command])
            killed += ended.code == -signal.SIGKILL
            found = state(folder)
            assert found in (states["old"], states["new"]), "neither the old graph nor the new one"
            with kg.open(folder) as opened:
                assert len(opened.papers()) in {len(OLD), len(OLD) + len(NEW)}
            left += not is_clean(folder)
            if found == states[then]:
                replaced += ended.code == -signal.SIGKILL
                break
        if found != states[then]:
            ended = server.run(*command)
            assert ended.code == 0, ended.said
            seconds[command] = ended.seconds
            assert state(folder) == states[then] and is_clean(folder)
        now = then
    assert left > KILLS // 3, "the moments of the kills do not differ"


def test_kill_9_at_each_step_of_the_change_of_generations(
    server: Server, graph: Path, pages: tuple[Path, Path]
) -> None:
    """SIGKILL just before Python opens, makes, renames or removes a file, at a sample of such steps."""
    add = changes(pages, graph)["new"][1]
    old = state(graph)
    kept = graph.with_name("kept")
    shutil.copytree(graph, kept)
    assert server.run(*add).code == 0
    new = state(graph)
    seen = []
    for step in range(1, 400, 5):
        shutil.rmtree(graph)
        shutil.copytree(kept, graph)
        ended = server.run(*add, kill_at=(str(graph), step))
        found = state(graph)
        assert found in (old, new)
        seen.append(found == new)
        if ended.code == 0:
            break
        if step % 4 == 0:
            assert server.run(*add).code == 0
            assert state(graph) == new and is_clean(graph)
    assert ended.code == 0 and seen.count(False) > 3 and seen.count(True) > 1


def test_a_first_build_that_is_killed_leaves_a_folder_to_build_in(
    server: Server, pages: tuple[Path, Path], built: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "g"
    build = changes(pages, folder)["old"][0]
    left: list[Path] = []
    for seconds in (0.1, 0.3, 0.5):
        slow = {"MADE_UP_SECONDS": 0.1, "kill_after": seconds}
        assert server.run(*build, **slow).code == -signal.SIGKILL
        refused(server.run("stats", "--graph", folder), "no graph there", "kg build")
        left += folder.glob("gen-*")
    assert left
    for name in (".unread.tsv.part", ".curation.tsv.part", ".current"):
        (folder / name).touch()
    assert server.run(*build).code == 0
    assert state(folder) == state(built) and is_clean(folder)


def test_ctrl_c_at_random_moments(server: Server, graph: Path, pages: tuple[Path, Path]) -> None:
    commands = changes(pages, graph)
    old, chance = state(graph), random.Random(3)
    for command in (*commands["new"], *commands["new"], *commands["new"]):
        ended = server.run(*command, kill_after=chance.uniform(0.05, 0.6), sign=signal.SIGINT)
        assert "Traceback" not in ended.said
        if ended.code == 0:
            assert server.run(*commands["old"][0]).code == 0
        else:
            assert ended.code == 130 and "stays as it was" in ended.said, ended
            assert len(list(graph.glob("gen-*"))) == 1
        assert state(graph) == old


def test_two_builds_at_once(server: Server, graph: Path, pages: tuple[Path, Path], tmp_path: Path) -> None:
    build, add = changes(pages, graph)["new"]
    with Server(tmp_path) as other:
        log = tmp_path / "log"
        other.start(*build, MADE_UP_SECONDS=0.3, MADE_UP_LOG=log)
        deadline = time.monotonic() + 60
        while not log.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        for command in (build, add):
            refused(server.run(*command), str(graph), "another kg process", "wait")
        assert server.run("stats", "--graph", graph).code == 0
        assert other.end().code == 0
    assert is_clean(graph)


def test_a_generation_that_is_read_stays_until_it_is_not(
    server: Server, graph: Path, pages: tuple[Path, Path]
) -> None:
    build = changes(pages, graph)["new"][0]
    read = current_generation(graph)
    descriptor = hold(read)
    assert server.run(*build).code == 0
    assert (read / "catalog.duckdb").exists() and current_generation(graph) != read
    os.close(descriptor)
    assert server.run(*build).code == 0
    assert is_clean(graph)


def test_a_file_that_may_not_grow(server: Server, graph: Path, pages: tuple[Path, Path]) -> None:
    """A limit on the size of files stops the catalog, the RDF store or a table: never half a graph."""
    old = state(graph)
    for kilobytes in (1, 64, 1024, 3000):
        for command in changes(pages, graph)["new"]:
            ended = server.run(*command, largest=kilobytes * 1024)
            refused(ended, str(graph), "the graph stays as it was")
            assert state(graph) == old and len(list(graph.glob("gen-*"))) == 1


def test_a_full_disk(mounts: Server, built: Path, pages: tuple[Path, Path], tmp_path: Path) -> None:
    """A disk of its own for the graph, with less and less room on it, until the change fits."""
    disk = tmp_path / "disk"
    disk.mkdir()
    graph = disk / "g"
    assert mounts.run("!", "mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(disk)).code == 0
    assert mounts.run("!", "cp", "-r", str(built), str(graph)).code == 0
    before = mounts.run("export", "nq", "-o", tmp_path / "before.nq", "--graph", graph)
    assert before.code == 0, before.said
    codes = []
    for kilobytes in (0, 700, 2500, 3500, 20000):
        room = f"$(( $(df --output=avail -k {disk} | tail -1) - {kilobytes} ))K"
        fill = f"rm -f {disk}/fill; head -c {room} /dev/zero > {disk}/fill"
        assert mounts.run("!", "sh", "-c", fill).code == 0
        for command in changes(pages, graph)["new"]:
            ended = mounts.run(*command)
            codes.append(ended.code)
            if ended.code == 0:
                break
            refused(ended, str(graph), "space")
            after = mounts.run("export", "nq", "-o", tmp_path / "after.nq", "--graph", graph)
            assert after.code == 0, after.said
            assert (tmp_path / "after.nq").read_bytes() == (tmp_path / "before.nq").read_bytes()
        else:
            continue
        break
    assert codes.count(2) > 5 and codes[-1] == 0, codes
    assert mounts.run("!", "sh", "-c", f"ls {graph} | grep -c gen-").said.strip() == "1"


def test_a_read_only_folder(mounts: Server, graph: Path, pages: tuple[Path, Path], tmp_path: Path) -> None:
    place = tmp_path / "mounted"
    place.mkdir()
    mount = f"mount --bind {graph} {place} && mount -o remount,ro,bind {place}"
    assert mounts.run("!", "sh", "-c", mount).code == 0
    for command in (*changes(pages, place)["new"], ("remove", "2505.00001", "--graph", place)):
        refused(mounts.run(*command), str(place), "Read-only file system", "--graph")
    refused(mounts.run("build", pages[0], "--graph", place / "new"), str(place), "Read-only")
    assert mounts.run("stats", "--graph", place).code == 0
    asked = mounts.run("query", "SELECT (COUNT(*) AS ?n) { ?p a fabio:Preprint }", "--graph", place)
    assert asked.code == 0 and str(len(OLD)) in asked.said


def of_another_version(graph: Path) -> None:
    with duckdb.connect(str(current_generation(graph) / "catalog.duckdb")) as catalog:
        catalog.execute("update meta set value = '2' where key = 'schema_version'")
        catalog.execute("drop table records")


def without_catalog(graph: Path) -> None:
    (current_generation(graph) / "catalog.duckdb").unlink()


def cut_catalog(graph: Path) -> None:
    os.truncate(current_generation(graph) / "catalog.duckdb", 20_000)


def other_catalog(graph: Path) -> None:
    (current_generation(graph) / "catalog.duckdb").write_bytes(b"no catalog" * 2000)


def scratched_catalog(graph: Path) -> None:
    scratch(current_generation(graph) / "catalog.duckdb", 3 * 4096)


def other_current(graph: Path) -> None:
    (graph / "current").write_text("gen-77\n", encoding="utf-8")


def scratched_current(graph: Path) -> None:
    (graph / "current").write_bytes(b"\xff\x00\xfe")


def scratch(file: Path, start: int) -> None:
    data = bytearray(file.read_bytes())
    for place in range(start, len(data), 301):
        data[place] ^= 0xFF
    file.write_bytes(data)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (of_another_version, "another version"),
        (without_catalog, "no catalog there"),
        (cut_catalog, "not a readable catalog"),
        (other_catalog, "not a readable catalog"),
        (scratched_catalog, "not a readable catalog"),
        (other_current, "names 'gen-77', which is not there"),
        (scratched_current, "which is not there"),
    ],
)
def test_a_damaged_graph_says_so_and_is_built_again(
    server: Server, graph: Path, built: Path, pages: tuple[Path, Path], damage: object, said: str
) -> None:
    assert callable(damage)
    show = ("show", "GRPO", "--graph", graph)
    damage(graph)
    before = sorted(path for path in graph.rglob("*"))
    for command in (changes(pages, graph)["new"][1], changes(pages, graph)["old"][1], show):
        refused(server.run(*command), str(graph), said, "kg build")
    assert sorted(path for path in graph.rglob("*")) == before
    assert server.run(*changes(pages, graph)["old"][0]).code == 0
    assert state(graph) == state(built) and is_clean(graph)


@pytest.mark.parametrize("damage", ["gone", "empty", "no CURRENT", "no tables", "cut", "scratched"])
def test_a_damaged_rdf_store(
    server: Server, graph: Path, built: Path, pages: tuple[Path, Path], damage: str
) -> None:
    rdf = current_generation(graph) / "rdf"
    files = {"empty": "*", "no CURRENT": "CURRENT", "no tables": "*.sst"}.get(damage, "none")
    for file in list(rdf.glob(files)):
        file.unlink()
    for table in rdf.glob("*.sst"):
        if damage == "cut":
            os.truncate(table, 100)
        if damage == "scratched":
            scratch(table, 50)
    if damage == "gone":
        shutil.rmtree(rdf)
    query = ("query", "SELECT * { ?s a ?o } LIMIT 1", "--graph", graph)
    for command in (query, changes(pages, graph)["new"][1]):
        refused(server.run(*command), str(graph), "no readable RDF store", "kg build")
    assert server.run(*changes(pages, graph)["old"][0]).code == 0
    assert state(graph) == state(built) and is_clean(graph)
