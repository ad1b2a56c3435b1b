"""`make bench-scale`: what a graph of many papers costs, stage by stage, beside the libraries under it.

    python -m tests.benchmarks.scale PAPERS.jsonl [--papers N] [--times K] [--add MORE.jsonl] [--no-exports]

Every row is a process of its own, from the start of Python to its exit: wall seconds, processor seconds (with
those of its workers) and the peak memory of its largest process. Stages of a build are told by its own
reports of progress. `--times 10` builds ten papers for each one read, under other arXiv ids.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import click

from tests.benchmarks.memory import resident
from tests.benchmarks.papers import ROOT

SAMPLE: Final = 200_000
"""Lines of N-Quads that rdflib's parser is given; all of them would take minutes."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process, or one stage of it, took; `peak` in MB of 10^6 bytes, `count` of what was handled."""

    what: str
    wall: float
    cpu: float
    peak: float
    count: int = 0


def multiplied(lines: Iterable[str], times: int) -> Iterator[str]:
    """Yield records `times` over, each copy but the first under an arXiv id that no other has.

    >>> [json.loads(line)["id"] for line in multiplied(['{"id": "2503.11731", "title": "T"}'], 3)]
    ['2503.11731', '0801.0001', '0801.0002']
    """
    rows = [json.loads(line) for line in lines]
    for row in rows:
        yield json.dumps(row) + "\n"
    for number, row in enumerate(row for _ in range(times - 1) for row in rows):
        month, place = divmod(number, 9999)  # ids of 2008 to 2014 have four digits
        yield json.dumps({**row, "id": f"{8 + month // 12:02}{1 + month % 12:02}.{place + 1:04}"}) + "\n"


def measure(what: str, command: Sequence[str], *, count: int = 0) -> Cost:
    """Return what a command takes.

    Raises:
        RuntimeError: it fails.
    """
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{what}: {' '.join(command)} ended with {process.returncode}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(what, wall, used.ru_utime + used.ru_stime, used.ru_maxrss * unit / 1e6, count)


def kg(*arguments: str | Path) -> list[str]:
    """Return the command line of `kg`."""
    return [sys.executable, "-m", "kg", *map(str, arguments)]


def apart(what: str, name: str, path: Path, *, count: int = 0) -> Cost:
    """Return what one of `PEERS` takes in a process of its own."""
    return measure(
        what, [sys.executable, "-m", "tests.benchmarks.scale", "--peer", name, str(path)], count=count
    )


def stages_of_build(path: Path, graph: Path) -> list[Cost]:
    """Build a graph in this process and return the cost of each stage."""
    from kg.pipeline import build

    costs: list[Cost] = []
    stage, since, spent = "reading", time.perf_counter(), seconds()

    def close(following: str) -> None:
        nonlocal stage, since, spent
        now, used = time.perf_counter(), seconds()
        costs.append(Cost(stage, now - since, used - spent, resident()[1]))
        stage, since, spent = following, now, used

    def step(name: str, done: int, total: int) -> None:
        name = "reading" if name.startswith("reading") else name
        if name != stage:
            close(name)

    built = build([path], graph=graph, on_progress=step)
    close("")
    papers = built.counts["papers"]
    return [Cost(c.what, c.wall, c.cpu, c.peak, papers) for c in costs]


def seconds() -> float:
    """Return the processor seconds of this process and of its workers that have ended."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in both)


def tokenize(path: Path) -> None:
    """Let spaCy's blank English tokenizer read the titles and abstracts of a file."""
    import spacy

    nlp = spacy.blank("en")
    with path.open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            with nlp.memory_zone():
                nlp.make_doc(f"{row['title']}\n{row['abstract']}")


def bulk_load(path: Path) -> None:
    """Load a file of N-Quads into a new store on disk."""
    import pyoxigraph as ox

    with tempfile.TemporaryDirectory() as folder:
        store = ox.Store(folder)
        store.bulk_load(path=str(path), format=ox.RdfFormat.N_QUADS)
        store.flush()
        del store


def parse(path: Path) -> None:
    """Let rdflib parse the first `SAMPLE` lines of a file of N-Quads."""
    import rdflib

    with path.open(encoding="utf-8") as lines:
        text = "".join(islice(lines, SAMPLE))
    rdflib.Dataset().parse(data=text, format="nquads")


def load(path: Path) -> None:
    """Load a graph and make it a networkx graph: what its writers start from."""
    from kg.graph import to_networkx
    from kg.pipeline import load as load_graph

    to_networkx(load_graph(path))


def graphml(path: Path) -> None:
    """Load a graph and let networkx write it as GraphML."""
    import networkx as nx

    from kg.graph import to_networkx
    from kg.pipeline import load as load_graph

    with tempfile.TemporaryDirectory() as folder:
        nx.write_graphml(to_networkx(load_graph(path)), Path(folder, "graph.graphml"))


def gexf(path: Path) -> None:
    """Load a graph and let networkx write it as GEXF."""
    import networkx as nx

    from kg.graph import to_networkx
    from kg.pipeline import load as load_graph

    with tempfile.TemporaryDirectory() as folder:
        nx.write_gexf(to_networkx(load_graph(path)), Path(folder, "graph.gexf"))


PEERS: Final[dict[str, Callable[[Path], None]]] = {
    "tokenize": tokenize, "bulk_load": bulk_load, "parse": parse, "load": load,
    "graphml": graphml, "gexf": gexf,
}  # fmt: skip


def run(
    papers: Path, more: Path | None, seeds: Path | None, folder: Path, *, exports: bool = True
) -> Iterator[Cost]:
    """Yield the cost of each row of the table.

    Args:
        papers: JSON Lines to build a graph of.
        more: Papers that are added to it.
        seeds: A folder of saved pages to build with all exports.
        folder: An empty folder to work in.
        exports: Whether the graph is also loaded as a whole and written; that takes 25 KB of memory a paper.
    """
    graph, stages = folder / "graph", folder / "stages.json"
    yield measure("`import kg`", [sys.executable, "-c", "import kg"])
    yield measure("`kg --help`", kg("--help"))
    if seeds is not None:
        pages = sorted(seeds.glob("*.txt"))
        yield measure(
            "`kg build` of the seed pages, all exports",
            kg("build", *pages, "--graph", folder / "s", "--out", folder / "o"),
        )
    command = [sys.executable, "-m", "tests.benchmarks.scale", str(papers)]
    whole = measure(
        "`kg build`: file to catalog, graph, RDF store",
        [*command, "--build", str(graph), "--json", str(stages)],
    )
    parts = [Cost(**cost) for cost in json.loads(stages.read_text(encoding="utf-8"))]
    number = parts[0].count
    yield Cost(whole.what, whole.wall, whole.cpu, whole.peak, number)
    yield from (Cost(f"… {c.what}", c.wall, c.cpu, c.peak, c.count) for c in parts)
    yield apart("spaCy's blank tokenizer over the same texts", "tokenize", papers, count=number)
    if exports:
        yield from _exports(graph, folder, number)
    if more is not None:
        with more.open(encoding="utf-8") as lines:
            added = sum(1 for _ in lines)
        yield measure(f"`kg add` of {added:,} papers", kg("add", more, "--graph", graph), count=added)


def _exports(graph: Path, folder: Path, number: int) -> Iterator[Cost]:
    """Yield what loading and writing a graph of so many papers costs."""
    quads = folder / "graph.nq"
    written = measure("`kg export nq`", kg("export", "nq", "--graph", graph, "-o", quads))
    with quads.open("rb") as lines:
        lines_written = sum(1 for _ in lines)
    yield Cost(written.what, written.wall, written.cpu, written.peak, lines_written)
    yield apart("pyoxigraph's bulk load of that file", "bulk_load", quads, count=lines_written)
    few = min(lines_written, SAMPLE)
    yield apart(f"rdflib's parser, {few:,} lines of it", "parse", quads, count=few)
    yield apart("loading the graph into networkx, no writing", "load", graph, count=number)
    for name in ("graphml", "gexf"):
        target = folder / f"graph.{name}"
        yield measure(f"`kg export {name}`", kg("export", name, "--graph", graph, "-o", target), count=number)
        yield apart(f"networkx' writer of {name}, without layout", name, graph, count=number)


def to_markdown(costs: Iterable[Cost]) -> str:
    """Return costs as a table.

    >>> print(to_markdown([Cost("reading", 2.0, 1.5, 300.0, 1000)]).splitlines()[-1])
    | reading | 2.00 s | 1.50 s | 300 MB | 1,000 | 500 |
    """
    lines = [
        "| what | wall | processor | peak | of | a second |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for cost in costs:
        rate = f"{cost.count:,} | {cost.count / cost.wall:,.0f}" if cost.count else "|"
        lines.append(f"| {cost.what} | {cost.wall:.2f} s | {cost.cpu:.2f} s | {cost.peak:,.0f} MB | {rate} |")
    return "\n".join(lines)


def size_of(folder: Path) -> dict[str, int]:
    """Return the bytes on disk of a graph's catalog and of its RDF store."""
    from kg.generations import CATALOG, RDF, current_generation

    generation = current_generation(folder)
    store = sum(file.stat().st_size for file in (generation / RDF).iterdir())
    return {"catalog": (generation / CATALOG).stat().st_size, "rdf": store}


@click.command()
@click.argument("papers", type=click.Path(exists=True, path_type=Path))
@click.option("--papers", "most", type=int, help="Read so many of the lines only, evenly out of all.")
@click.option("--times", default=1, show_default=True, help="Build so many papers for each one read.")
@click.option("--add", "more", type=click.Path(exists=True, path_type=Path), help="Papers to add at the end.")
@click.option("--exports/--no-exports", default=True, help="Whether the graph is written in other formats.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write all figures here.")
@click.option("--build", "graph", type=click.Path(path_type=Path), hidden=True)
@click.option("--peer", type=click.Choice(list(PEERS)), hidden=True)
def main(
    papers: Path,
    most: int | None,
    times: int,
    more: Path | None,
    exports: bool,
    json_file: Path | None,
    graph: Path | None,
    peer: str | None,
) -> None:
    """Measure each stage of a graph of the papers of a JSON Lines file."""
    if peer is not None:
        PEERS[peer](papers)
    elif graph is not None:
        keep(json_file, [asdict(cost) for cost in stages_of_build(papers, graph)])
    else:
        shared = os.environ.get("ABSTRACTKG_SHARED")
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            chosen = folder / "papers.jsonl"
            with papers.open(encoding="utf-8") as lines:
                rows = lines.readlines()
            step = max(1, len(rows) // (most or len(rows)))
            with chosen.open("w", encoding="utf-8") as file:
                file.writelines(multiplied(rows[::step][:most], times))
            costs = []
            seeds = Path(shared, "seeds") if shared else None
            for cost in run(chosen, more, seeds, folder, exports=exports):
                costs.append(cost)
                click.echo(to_markdown([cost]).splitlines()[-1], err=True)
            click.echo(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}:\n\n{to_markdown(costs)}")
            sizes = size_of(folder / "graph")
            click.echo(f"\non disk: {', '.join(f'{k} {v / 1e6:,.0f} MB' for k, v in sizes.items())}")
            keep(json_file, {"schema_version": 1, "costs": [asdict(c) for c in costs], "bytes": sizes})


def keep(path: Path | None, figures: Any) -> None:
    """Write figures as JSON, if a file is named."""
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
