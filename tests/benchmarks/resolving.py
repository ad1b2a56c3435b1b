"""`make bench-resolve`: how long, and in how much memory, the names of the whole corpus are resolved.

    python -m tests.benchmarks.resolving --shared DIR [--rounds N] [--json FILE]

Three contestants, each in a process of its own, in turn, over the same extractions:

- `full`: `kg.resolve.resolve` over all papers.
- `adding`: a file that holds what was decided on all papers but a hundred gets these; what it then holds is
  compared with what `full` gives.
- `group-by`: the floor, pandas grouping the same mentions by the normal form of their names and no more.

The extractions are made once (`build/bench/corpus-extractions.jsonl`, minutes) and used again until somebody
removes the file. Reading them is not timed; it is in the memory. Seconds are those of the processor, in one
thread: what else runs on the machine counts little.
"""

from __future__ import annotations

import gzip
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

import click

from kg.extraction_json import from_json, to_json
from kg.model import Extraction, Paper
from tests.benchmarks.memory import resident
from tests.benchmarks.papers import ROOT

STORED: Final = ROOT / "build" / "bench" / "corpus-extractions.jsonl"
"""Extractions of the corpus, one JSON object a paper; beside it `.txt` with the extractor that made them."""
ADDED: Final = 100
"""Papers that are added to all others."""
BASE: Final = "group-by"


@dataclass(frozen=True, slots=True)
class Run:
    """One contestant in one process: seconds of its steps, resident memory (MB of 10^6 bytes), counts."""

    seconds: dict[str, float]
    loaded: float
    peak: float
    counts: dict[str, int] = field(default_factory=dict)


def corpus(shared: Path) -> Iterator[Paper]:
    """Yield the papers of the corpus, in its order."""
    with gzip.open(shared / "corpus" / "arxiv-abstracts.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            yield Paper(row["title"], row["abstract"], id=row["id"])


def make_extractions(papers: Iterable[Paper], target: Path) -> None:
    """Write the default extractor's answer to each paper, aside first, so that a cut file is never used."""
    from extractors import extract_many, fingerprint

    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_suffix(".part")
    with aside.open("w", encoding="utf-8") as file:
        for done, extraction in enumerate(extract_many(papers), start=1):
            file.write(json.dumps(to_json(extraction), ensure_ascii=False) + "\n")
            if done % 2000 == 0:
                click.echo(f"extracted {done:,}", err=True)
    target.with_suffix(".txt").write_text(fingerprint()[:12] + "\n", encoding="utf-8")
    aside.replace(target)


def read_extractions(path: Path) -> list[Extraction]:
    """Return stored extractions."""
    with path.open(encoding="utf-8") as lines:
        return [from_json(json.loads(line)) for line in lines]


def bare_papers(read: Iterable[Extraction]) -> list[Paper]:
    """Return the papers of extractions, without texts: what resolution looks at of them."""
    return [Paper(extraction.title, "", id=extraction.id) for extraction in read]


def run_full(read: Sequence[Extraction]) -> tuple[dict[str, float], dict[str, int]]:
    """Resolve all papers; return the seconds and what came out."""
    from kg.resolve import resolve

    papers = bare_papers(read)
    start = time.process_time()
    found = resolve(papers, read)
    seconds = time.process_time() - start
    return {"full": seconds}, {"entities": len(found.entities), "names": len(found.of)}


def run_adding(read: Sequence[Extraction]) -> tuple[dict[str, float], dict[str, int]]:
    """Add the last papers to a file that holds what was decided on all others.

    Returns:
        The seconds between closed files, and whether what stands there is what resolving all together gives.
    """
    from kg.catalog import Catalog
    from kg.resolve import Decider
    from kg.resolve.evidence import by_paper
    from kg.resolve.local import change_names

    new = read[-ADDED:]
    with tempfile.TemporaryDirectory() as folder:
        file, other = Path(folder, "kept.duckdb"), Path(folder, "whole.duckdb")
        write_names(read[:-ADDED], file)
        write_names(read, other)
        start = time.process_time()
        with Catalog.open(file, read_only=False) as catalog, catalog.transaction():
            fresh = [item for _, found in by_paper(bare_papers(new), new) for item in found]
            changed = change_names(catalog.derived, Decider(), {e.id for e in new}, fresh)
        seconds = time.process_time() - start
        same = names_in(file) == names_in(other)
    return {"adding": seconds}, {"entities touched": len(changed.after), "same": int(same)}


def write_names(read: Sequence[Extraction], file: Path) -> None:
    """Write what is decided on all names of papers into a new catalog."""
    from kg.catalog import Catalog
    from kg.catalog.names import Names
    from kg.deriving import names_of
    from kg.resolve import Decider
    from kg.resolve.whole import decide_names

    with Catalog.create(file) as catalog, Names(catalog.cursor()) as names, catalog.transaction():
        names.put(names_of(zip(bare_papers(read), read, strict=True)))
        decide_names(catalog.derived, names, Decider())


def names_in(file: Path) -> dict[str, list[Any]]:
    """Return what a catalog holds of names, by table, sorted."""
    import duckdb

    with duckdb.connect(str(file), read_only=True) as db:
        tables = ("occurrences", "entities", "nodes", "senses")
        return {t: sorted(db.execute(f"select * from {t}").fetchall(), key=repr) for t in tables}


def run_group_by(read: Sequence[Extraction]) -> tuple[dict[str, float], dict[str, int]]:
    """Group all mentions by the normal form of their names; return the seconds and what came out."""
    import pandas as pd

    from kg.names import normal_form

    start = time.process_time()
    rows = [(e.id, m.name, m.type) for e in read for m in e.mentions]
    frame = pd.DataFrame(rows, columns=["paper", "name", "type"])
    frame["form"] = frame["name"].map(normal_form)
    found = frame.groupby("form", sort=True).agg(name=("name", "first"), papers=("paper", "nunique"))
    return {BASE: time.process_time() - start}, {"groups": len(found), "mentions": len(rows)}


CONTESTANTS: Final[dict[str, Callable[[Sequence[Extraction]], tuple[dict[str, float], dict[str, int]]]]] = {
    BASE: run_group_by,
    "full": run_full,
    "adding": run_adding,
}


def run(name: str, path: Path) -> Run:
    """Return what one contestant takes in this process."""
    read = read_extractions(path)
    loaded = resident()[0]
    seconds, counts = CONTESTANTS[name](read)
    return Run({k: round(v, 2) for k, v in seconds.items()}, round(loaded), round(resident()[1]), counts)


def run_apart(name: str, path: Path) -> Run:
    """Return what `run` gives in a new process."""
    command = [sys.executable, "-m", "tests.benchmarks.resolving", "--only", name, "--extractions", str(path)]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return Run(**json.loads(done.stdout))


def to_markdown(runs: dict[str, list[Run]], papers: int, machine: str) -> str:
    """Return the table of `docs/speed.md`; `runs` holds the rounds of each contestant.

    >>> one = Run({"full": 8.0}, 500, 900, {"entities": 3, "names": 9})
    >>> floor = Run({"group-by": 2.0}, 500, 600, {"groups": 4, "mentions": 9})
    >>> print(to_markdown({"full": [one], "group-by": [floor]}, 10, "here").splitlines()[-1])
    | names to 3 entities, all 10 papers | 8.0 (8.0 to 8.0) s | 4.0 | 500 MB | 900 MB |
    """

    def row(what: str, name: str, steps: Sequence[str]) -> str:
        found = [sum(run.seconds[step] for step in steps) for run in runs[name]]
        base = [run.seconds[BASE] for run in runs[BASE]]
        share = statistics.median(one / other for one, other in zip(found, base, strict=True))
        middle = f"{statistics.median(found):.1f} ({min(found):.1f} to {max(found):.1f}) s"
        loaded, peak = (max(getattr(run, part) for run in runs[name]) for part in ("loaded", "peak"))
        return f"| {what} | {middle} | {share:.1f} | {loaded:,.0f} MB | {peak:,.0f} MB |"

    lines = [
        f"{date.today().isoformat()}, {machine}:",
        "",
        "| what | median (min to max) | by the floor | papers in memory | peak |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    floor, full = runs[BASE][0].counts, runs["full"][0].counts
    what = f"the floor: {floor['mentions']:,} mentions to {floor['groups']:,} groups of one normal form"
    lines.append(row(what, BASE, [BASE]))
    lines.append(row(f"names to {full['entities']:,} entities, all {papers:,} papers", "full", ["full"]))
    if "adding" in runs:
        same = all(run.counts["same"] for run in runs["adding"])
        what = f"{ADDED} papers added to the others, {'the same entities' if same else 'OTHER ENTITIES'}"
        lines.append(row(what, "adding", ["adding"]))
    return "\n".join(lines)


@click.command()
@click.option(
    "--shared",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    envvar="ABSTRACTKG_SHARED",
    help="Folder with corpus/.",
)
@click.option("--extractions", type=click.Path(path_type=Path), default=STORED, help="Stored extractions.")
@click.option("--rounds", default=3, show_default=True, help="How many times each contestant runs.")
@click.option("--only", type=click.Choice(list(CONTESTANTS)), help="Run one here and print JSON.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write all figures here as JSON.")
def main(
    shared: Path | None, extractions: Path, rounds: int, only: str | None, json_file: Path | None
) -> None:
    """Measure the resolution of all names of the corpus."""
    if only is not None:
        click.echo(json.dumps(asdict(run(only, extractions))))
        return
    if not extractions.exists():
        if shared is None:
            raise click.UsageError("ABSTRACTKG_SHARED must name the folder that holds corpus/")
        click.echo(f"no {extractions} yet: extracting the corpus, which takes minutes", err=True)
        make_extractions(corpus(shared), extractions)
    with extractions.open(encoding="utf-8") as lines:
        papers = sum(1 for _ in lines)
    runs: dict[str, list[Run]] = {name: [] for name in CONTESTANTS}
    for number in range(rounds):
        for name in CONTESTANTS:
            runs[name].append(run_apart(name, extractions))
            click.echo(f"round {number + 1}: {name} {runs[name][-1]}", err=True)
    machine = f"{os.cpu_count()}-core {platform.machine()} machine, Python {platform.python_version()}"
    click.echo(to_markdown(runs, papers, machine))
    if json_file is not None:
        found = {name: [asdict(one) for one in each] for name, each in runs.items()}
        json_file.parent.mkdir(parents=True, exist_ok=True)
        json_file.write_text(
            json.dumps({"schema_version": 1, "runs": found}, indent=1) + "\n", encoding="utf-8"
        )
    if not all(one.counts["same"] for one in runs["adding"]):
        click.echo("adding gave other entities than resolving all together", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
