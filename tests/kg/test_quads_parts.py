"""N-Quads in parts: together they are `graph.nq`, and a store takes them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyoxigraph as ox
from click.testing import CliRunner

from kg.cli import main
from kg.pipeline import Built, build
from kg.store import open_store
from kg.writers.parts import write_nq_parts
from kg.writers.whole import whole_quads


def lines(path: Path) -> list[bytes]:
    """Return the lines of a part."""
    return gzip.decompress(path.read_bytes()).splitlines()


def test_parts_hold_each_quad_once(example_built: Built, tmp_path: Path) -> None:
    graph = example_built.graph
    parts = write_nq_parts(whole_quads(graph), tmp_path, size=1_000)
    found = [lines(path) for path in parts]
    whole = (example_built.folder.parent / "out" / "graph.nq").read_bytes().splitlines()
    assert [len(part) for part in found[:-1]] == [1_000] * (len(whole) // 1_000)
    assert sorted(line for part in found for line in part) == sorted(whole)
    before = [path.read_bytes() for path in parts]
    assert [path.read_bytes() for path in write_nq_parts(whole_quads(graph), tmp_path, size=1_000)] == before


def test_old_parts_go_and_other_files_stay(example_built: Built, tmp_path: Path) -> None:
    for name in ("part-00000.nq.gz", "part-00009.nq.gz", "mine.nq.gz"):
        (tmp_path / name).write_bytes(b"old")
    (part,) = write_nq_parts(whole_quads(example_built.graph), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.nq.gz", "part-00000.nq.gz"]
    assert lines(part)


def test_a_store_takes_the_parts(example: Path, runner: CliRunner) -> None:
    done = runner.invoke(main, ["build", str(example), "--quads", "quads"])
    assert done.exit_code == 0 and "part-00000.nq.gz" in done.stdout
    store = ox.Store()
    for part in sorted(Path("quads").glob("*.nq.gz")):
        store.bulk_load(gzip.decompress(part.read_bytes()), format=ox.RdfFormat.N_QUADS)
    own = open_store(Path("graph"))
    question = "SELECT ?p ?m { ?p <https://w3id.org/abstractkg/ns#uses> ?m } ORDER BY ?p ?m"
    answer = store.query(question)
    assert isinstance(answer, ox.QuerySolutions)
    rows = [tuple(str(value) for value in row) for row in answer]
    assert rows and len(rows) == len(own.query(question))


def test_parts_are_of_what_is_sure_enough(example: Path, tmp_path: Path) -> None:
    built = build(
        [example], graph=tmp_path / "g", quads=tmp_path / "q", out=tmp_path / "o", min_confidence=0.9
    )
    (part,) = (path for path in built.files if path.suffix == ".gz")
    assert gzip.decompress(part.read_bytes()) == (tmp_path / "o" / "graph.nq").read_bytes()
