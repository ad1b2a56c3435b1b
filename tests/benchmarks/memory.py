"""Memory of one contestant: `python -m tests.benchmarks.memory NAME PAPERS.jsonl [AFTER…]`."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

import click

from kg.model import Paper
from tests.benchmarks.contestants import CONTESTANTS
from tests.benchmarks.papers import ROOT

BATCH: Final = 100
"""Papers that a contestant is handed at a time."""


def resident() -> tuple[float, float]:
    """Return the present and the largest resident memory of this process, in MB."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        unit = 1 if sys.platform == "darwin" else 1024
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
        return float("nan"), peak
    values = dict(line.split(":", 1) for line in status.splitlines())
    now, peak = (int(values[key].split()[0]) * 1024 / 1e6 for key in ("VmRSS", "VmHWM"))
    return now, peak


def memory_of(name: str, papers: Iterable[Paper], stages: Sequence[int] = ()) -> dict[str, Any]:
    """Return the peak memory of one contestant in this process, and that after each of `stages` papers."""
    run = CONTESTANTS[name].make()
    after: dict[int, float] = {}
    done = 0
    rest = iter(papers)
    while batch := list(islice(rest, BATCH)):
        run(batch)
        done += len(batch)
        if done in stages:
            after[done] = round(resident()[0], 1)
    return {"peak": round(resident()[1], 1), "after": after}


def measure_apart(name: str, papers: Sequence[Paper], stages: Sequence[int] = ()) -> dict[str, Any]:
    """Return what `memory_of` gives in a new process."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        for paper in papers:
            file.write(json.dumps([paper.title, paper.abstract]) + "\n")
        file.flush()
        command = [sys.executable, "-m", "tests.benchmarks.memory", name, file.name]
        done = subprocess.run(
            [*command, *map(str, stages)], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
        )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _stream(path: Path) -> Iterator[Paper]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield Paper(*json.loads(line))


@click.command()
@click.argument("name", type=click.Choice(list(CONTESTANTS)))
@click.argument("papers", type=click.Path(exists=True, path_type=Path))
@click.argument("after", type=int, nargs=-1)
def main(name: str, papers: Path, after: tuple[int, ...]) -> None:
    """Print the peak memory of a contestant over PAPERS, and that AFTER so many of them."""
    click.echo(json.dumps(memory_of(name, _stream(papers), after)))


if __name__ == "__main__":
    main()
