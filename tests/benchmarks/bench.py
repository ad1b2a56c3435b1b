"""`make bench`: how fast, how large and how right the default extractor is, beside spaCy's own parts.

    python -m tests.benchmarks.bench [--shared DIR] [--json FILE]

One process, one thread. Each round gives the same papers, new to all, to every contestant in turn; the order
turns with the rounds. Speed is by processor time, so that what else runs on the machine counts little.
Memory is measured in a process of its own for each, which reads the papers one by one. Without `--shared` the
papers are those of `examples/` and nothing is scored.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import click

from kg.evaluate import score, scores_object
from kg.model import Paper
from tests.benchmarks.contestants import BASE, CONTESTANTS, FACTS, Contestant
from tests.benchmarks.memory import measure_apart
from tests.benchmarks.papers import Task, daily_papers, fresh_papers, held_out

THREADS: Final = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "BLIS")}
ROUNDS: Final = 5
SIZE: Final = 200
"""Papers a round."""
STAGES: Final = (500, 1000, 2000, 5000)
"""After so many papers the memory of the default extractor is read."""
TASKS: Final[dict[str, Callable[[Path], Task]]] = {"Daily Papers": daily_papers, "held-out arXiv": held_out}


@dataclass(frozen=True, slots=True)
class Speed:
    """Abstracts a second of processor time in each round.

    `busy` is processor time over wall-clock time: 1 on an idle machine, less where others take the core.
    """

    rounds: tuple[float, ...]
    busy: float

    @property
    def median(self) -> float:
        """Abstracts a second in the median round."""
        return statistics.median(self.rounds)


@dataclass(frozen=True, slots=True)
class Report:
    """All that one run measured; memory in MB of 1,000,000 bytes, `scores` by task, then contestant."""

    machine: dict[str, Any]
    papers: int
    speed: dict[str, Speed]
    peak: dict[str, float]
    memory: dict[int, float]
    scores: dict[str, dict[str, dict[str, Any]]]
    trained: dict[str, Any] | None = None


def time_rounds(
    contestants: Mapping[str, Contestant],
    rounds: Sequence[Sequence[Paper]],
    *,
    clock: Callable[[], float] = time.process_time,
) -> dict[str, Speed]:
    """Return the speed of each contestant over the same papers.

    Args:
        contestants: made and loaded here, outside the measured time.
        rounds: the papers of each round; no paper should be in two.
        clock: seconds of processor time; another one for tests.
    """
    kept = {name: c.make() for name, c in contestants.items() if not c.anew}
    for run in kept.values():
        run([Paper("Loading", "What is loaded at the first call is loaded now.")])
    names = list(contestants)
    rates: dict[str, list[float]] = {name: [] for name in names}
    wall, busy = dict.fromkeys(names, 0.0), dict.fromkeys(names, 0.0)
    for number, papers in enumerate(rounds):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            run = kept[name] if name in kept else contestants[name].make()
            wall_start, start = time.perf_counter(), clock()
            run(papers)
            seconds = clock() - start
            wall[name] += time.perf_counter() - wall_start
            busy[name] += seconds
            rates[name].append(len(papers) / seconds)
        click.echo(f"round {number + 1}: " + ", ".join(f"{n} {rates[n][-1]:.0f}/s" for n in names), err=True)
    return {name: Speed(tuple(rates[name]), busy[name] / wall[name]) for name in names}


def ratio(speed: Speed, base: Speed) -> float:
    """Return the median over the rounds of speed by the speed of `base` in the same round.

    >>> ratio(Speed((10.0, 30.0, 20.0), 1.0), Speed((100.0, 100.0, 100.0), 1.0))
    0.2
    """
    return statistics.median(one / other for one, other in zip(speed.rounds, base.rounds, strict=True))


def score_task(name: str, task: Task) -> dict[str, Any]:
    """Return all scores of one contestant on annotated papers."""
    annotated, papers = task
    return scores_object(score(annotated, CONTESTANTS[name].make()(papers)))


def to_markdown(report: Report) -> str:
    """Return the tables of `docs/speed.md`."""
    tasks = list(report.scores)
    heads = [
        "on one core",
        "abstracts/s: median (min to max)",
        "share of the tokenizer's speed",
        "peak memory",
        *(f"core F1, {task}" for task in tasks),
    ]
    lines = ["| " + " | ".join(heads) + " |", "| --- |" + " ---: |" * (len(heads) - 1)]
    for name, speed in report.speed.items():
        scores = [report.scores[task].get(name) for task in tasks]
        cells = [
            CONTESTANTS[name].title,
            f"{_short(speed.median)} ({_short(min(speed.rounds))} to {_short(max(speed.rounds))})",
            f"{ratio(speed, report.speed[BASE]):.3f}",
            f"{report.peak[name]:.0f} MB",
            *("" if s is None else f"{s['core']['f1']:.3f}" for s in scores),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    if report.memory:
        lines += [
            "",
            "| default extractor, after abstracts |" + "".join(f" {n:,} |" for n in report.memory),
            "| --- |" + " ---: |" * len(report.memory),
            "| resident memory |" + "".join(f" {mb:.0f} MB |" for mb in report.memory.values()),
        ]
    return "\n".join(lines)


def _short(rate: float) -> str:
    """Return a rate with three digits that count.

    >>> _short(1234.5), _short(98.76), _short(9.876)
    ('1,230', '98.8', '9.88')
    """
    return f"{round(rate, -1):,.0f}" if rate >= 1000 else f"{rate:.3g}"


def to_object(report: Report) -> dict[str, Any]:
    """Return the report as plain values for JSON."""
    base = report.speed[BASE]
    speed = {
        name: {**asdict(s), "median": s.median, "ratio": ratio(s, base)} for name, s in report.speed.items()
    }
    return {"schema_version": 1, **asdict(report), "speed": speed}


def measure(shared: Path | None, rounds: int, size: int) -> Report:
    """Measure everything; progress goes to stderr.

    Args:
        shared: folder with `corpus/`, `gold/` and `seeds/`, or None for the bundled example.
        rounds: how many rounds.
        size: papers a round, fewer where there are not so many.
    """
    names = [name for name in CONTESTANTS if name != "spacy-ner" or FACTS.is_file()]
    if len(names) < len(CONTESTANTS):
        click.echo("spaCy's NER is not there: `make bench-train` trains it", err=True)
    contestants = {name: CONTESTANTS[name] for name in names}
    papers = fresh_papers(shared, max(rounds * size, max(STAGES)))
    timed = papers[:: max(1, len(papers) // (rounds * size))][: rounds * size]
    step = max(1, len(timed) // rounds)
    click.echo(f"{len(timed)} fresh papers in {rounds} rounds", err=True)
    speed = time_rounds(contestants, [timed[i * step : (i + 1) * step] for i in range(rounds)])
    scores: dict[str, dict[str, dict[str, Any]]] = {}
    for title, find in TASKS.items() if shared is not None else ():
        task = find(Path(shared or ""))
        click.echo(f"scores on {title}: {len(task[0])} annotated papers, {len(task[1])} texts", err=True)
        scores[title] = {name: score_task(name, task) for name, c in contestants.items() if c.scored}
    click.echo("memory", err=True)
    peak = {name: measure_apart(name, timed)["peak"] for name in names}
    after = measure_apart("default", papers, STAGES)["after"]
    return Report(
        machine=machine(),
        papers=len(timed),
        speed=speed,
        peak=peak,
        memory={int(n): mb for n, mb in after.items()},
        scores=scores,
        trained=json.loads(FACTS.read_text(encoding="utf-8")) if "spacy-ner" in names else None,
    )


def machine() -> dict[str, Any]:
    """Return what the figures depend on: processor family, cores, versions, extractor."""
    from extractors import fingerprint

    return {
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "spacy": version("spacy"),
        "extractor": fingerprint()[:12],
    }


@click.command()
@click.option(
    "--shared",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    envvar="ABSTRACTKG_SHARED",
    help="Folder with corpus/, gold/ and seeds/; the example without it.",
)
@click.option("--rounds", default=ROUNDS, show_default=True, help="How many rounds are timed.")
@click.option("--size", default=SIZE, show_default=True, help="Papers a round.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write all figures here as JSON.")
def main(shared: Path | None, rounds: int, size: int, json_file: Path | None) -> None:
    """Measure speed, memory and core F1 of the default extractor beside spaCy's tokenizer and NER."""
    os.environ.update(THREADS)
    report = measure(shared, rounds, size)
    click.echo(to_markdown(report))
    if json_file is not None:
        json_file.parent.mkdir(parents=True, exist_ok=True)
        json_file.write_text(json.dumps(to_object(report), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
