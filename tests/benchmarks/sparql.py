"""Speed of SPARQL: `make bench-sparql`.

Each query is asked of the library's store and of pyoxigraph itself, turn about, and written as JSON; rdflib's
own engine is asked the same on the graph of the example page, with a limit of time. Making the quads of the
graph and loading them is measured against `bulk_load` of the same N-Quads. The graph folder is only read.
"""

from __future__ import annotations

import argparse
import io
import json
import multiprocessing
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from kg.answers import write_answer
from kg.catalog import Catalog
from kg.generations import CATALOG, RDF, current_generation
from kg.nquads import document
from kg.pipeline import load
from kg.store import Store, open_store
from kg.writers.whole import whole_quads

ROOT: Final = Path(__file__).parents[2]
QUERIES: Final[dict[str, dict[str, str]]] = {
    "uses": {"entity": "GRPO"},
    "evaluates-on": {"benchmark": "ImageNet"},
    "extends": {"method": "GRPO"},
    "descendants": {"entity": "PPO"},
    "leaderboard": {"benchmark": "ImageNet"},
    "used-with": {"entity": "LoRA"},
    "evaluated-with": {"benchmark": "MMLU"},
    "trend": {"entity": "LoRA"},
    "followers-by-month": {"entity": "GRPO"},
    "newcomers": {},
    "rising": {},
    "newly-used": {},
    "methods-per-month": {},
    "papers-per-month": {},
    "top": {},
    "most-compared": {},
    "base-models": {},
    "contradictions": {},
    "benchmarks-of-task": {},
    "neighbours": {"entity": "GRPO"},
}
"""The queries that are timed, with parameters that a large graph has."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Processor milliseconds of one query, the median of its rounds: our store's and pyoxigraph's own."""

    query: str
    rows: int
    ours: float
    raw: float

    @property
    def within(self) -> bool:
        """Whether ours takes at most 1.2 times what the store itself takes, or 2 ms more."""
        return self.ours <= max(1.2 * self.raw, self.raw + 2)


def milliseconds(run: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """Return how long a call takes, by a clock that gives seconds."""
    start = clock()
    run()
    return 1000 * (clock() - start)


def time_query(store: Store, raw: ox.Store, name: str, given: dict[str, str], rounds: int) -> Timing:
    """Return the times of one query, name to JSON, beside its finished text given to the store itself."""
    text = store.text(f"@{name}", given)
    prefixes = store.prefixes

    def ours() -> None:
        write_answer(store.solve(f"@{name}", given), "json", io.BytesIO())

    def theirs() -> None:
        answer = raw.query(text, prefixes=prefixes)
        if not isinstance(answer, ox.QueryTriples):
            answer.serialize(io.BytesIO(), format=ox.QueryResultsFormat.JSON)

    for warm_up in (ours, theirs):
        warm_up()
    clock = time.process_time  # what else the machine does shall not show
    times = [(milliseconds(ours, clock), milliseconds(theirs, clock)) for _ in range(rounds)]
    rows = len(store.query(f"@{name}", **given))
    return Timing(name, rows, *(statistics.median(column) for column in zip(*times, strict=True)))


def time_rdflib(
    quads: list[ox.Quad], queries: Iterable[str], seconds: float
) -> dict[str, tuple[float, float | None]]:
    """Return the milliseconds of our store and of rdflib's engine on the same quads; None past the limit."""
    store = Store.in_memory(quads)
    found: dict[str, tuple[float, float | None]] = {}
    data = ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b""
    for name in queries:
        text = store.text(f"@{name}")
        ours = statistics.median(
            milliseconds(lambda: write_answer(store.solve(f"@{name}"), "json", io.BytesIO()))  # noqa: B023
            for _ in range(5)
        )
        mine, theirs = multiprocessing.get_context("spawn").Pipe(False)
        process = multiprocessing.get_context("spawn").Process(
            target=_ask_rdflib, args=(data, text, store.prefixes, theirs)
        )
        process.start()
        theirs.close()
        found[name] = (ours, None)
        if mine.poll(60):
            mine.recv()  # loaded
            if mine.poll(seconds):
                found[name] = (ours, mine.recv())
        process.kill()
        process.join()
    return found


def _ask_rdflib(data: bytes, text: str, prefixes: dict[str, str], out: Any) -> None:
    import rdflib

    graph = rdflib.Dataset()
    graph.parse(data=data.decode(), format="nquads")
    out.send("loaded")
    out.send(milliseconds(lambda: graph.query(text, initNs=prefixes).serialize(format="json")))


def time_loading(graph: Path) -> dict[str, float]:
    """Return seconds of `bulk_load` of a file alone, and of making the same quads and loading them."""
    whole = load(graph)
    with Catalog.open(current_generation(graph) / CATALOG) as catalog:
        extractor = catalog.meta()["extractor"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file, number = folder / "graph.nq", 0
        with file.open("w", encoding="utf-8") as out:
            quads = whole_quads(whole, extractor=extractor)
            while some := list(islice(quads, 50_000)):
                number += len(some)
                out.write(document(some))

        def bulk() -> None:
            store = ox.Store(str(folder / "raw"))
            store.bulk_load(path=str(file), format=ox.RdfFormat.N_QUADS)
            store.flush()

        loaded = milliseconds(bulk) / 1000
        written = (
            milliseconds(lambda: Store.write(folder / "ours", whole_quads(whole, extractor=extractor))) / 1000
        )
        return {
            "quads": number,
            "megabytes of N-Quads": round(file.stat().st_size / 1e6, 1),
            "seconds of bulk_load alone": loaded,
            "seconds of making and loading": written,
            "making and loading by bulk_load": written / loaded,
        }


def measure(
    folder: Path, rounds: int, loading: bool, queries: dict[str, dict[str, str]] = QUERIES
) -> dict[str, Any]:
    """Return all figures of a graph folder."""
    opening = statistics.median(milliseconds(lambda: open_store(folder)) for _ in range(rounds))
    store = open_store(folder)
    raw = ox.Store.read_only(str(current_generation(folder) / RDF))
    papers = store.query("SELECT (COUNT(*) AS ?n) WHERE { ?p a fabio:Preprint }")
    count, quads = int(papers["n"][0]), len(raw)
    found: dict[str, Any] = {
        "papers": count,
        "quads": quads,
        "quads a paper": round(quads / count, 1),
        "opening, ms": opening,
        "queries": [asdict(time_query(store, raw, n, given, rounds)) for n, given in queries.items()],
    }
    if loading:
        found["loading"] = time_loading(folder)
    return found


def table(found: dict[str, Any]) -> str:
    """Return the figures as the tables of the docs."""
    lines = [
        f"{found['papers']:,} papers, {found['quads']:,} quads, {found['quads a paper']} a paper; "
        f"opened in {found['opening, ms']:.0f} ms.",
        "",
        "| query | rows | kg, ms | pyoxigraph, ms | ratio | within |",
        "| --- | ---: | ---: | ---: | ---: | --- |",
    ]
    for row in found["queries"]:
        timing = Timing(**row)
        within = "yes" if timing.within else "no"
        ratio = f"{timing.ours / timing.raw:.2f}"
        cells = (f"@{timing.query}", f"{timing.rows:,}", f"{timing.ours:.1f}", f"{timing.raw:.1f}")
        lines.append(f"| {' | '.join((*cells, ratio, within))} |")
    for title in ("loading", "rdflib"):
        if title in found:
            lines += ["", f"| {title} | |", "| --- | ---: |"]
            lines += [f"| {key} | {_figure(value)} |" for key, value in found[title].items()]
    return "\n".join(lines)


def _figure(value: Any) -> str:
    if isinstance(value, tuple | list):
        ours, theirs = value
        slower = f"{theirs:,.0f} ms, {theirs / ours:,.0f} times" if theirs is not None else "over the limit"
        return f"{ours:.1f} ms; rdflib {slower}"
    return f"{value:,.2f}" if isinstance(value, float) else f"{value:,}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", default=os.environ.get("KG_BENCH_GRAPH"), help="a graph folder")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--rdflib-seconds", type=float, default=20.0, help="the most for one query; 0 for none"
    )
    parser.add_argument("--no-loading", action="store_true", help="leave out writing and loading")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        from kg.pipeline import build

        small = Path(name) / "graph"
        build([ROOT / "examples" / "daily-papers.txt"], graph=small)
        folder = Path(arguments.folder) if arguments.folder else small
        found = measure(folder, arguments.rounds, not arguments.no_loading)
        if arguments.rdflib_seconds:
            quads = list(open_store(small).quads())
            simple = ("uses", "extends", "used-with", "top", "methods-per-month", "base-models", "newly-used")
            found["rdflib"] = time_rdflib(quads, simple, arguments.rdflib_seconds)
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(table(found))


if __name__ == "__main__":
    main()
