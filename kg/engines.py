"""Engines: where papers are extracted. What comes before and after does not know which one ran.

An engine takes papers and gives what became of each, in their order. `local` is the processes of this
machine, `spark` the workers of a cluster (docs/cluster.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from extractors import DEFAULT, Chosen
from extractors.parallel import Readers
from extractors.running import Outcome
from kg.errors import UnknownNameError, UsageError
from kg.generations import has_graph
from kg.model import Paper
from kg.progress import Note, Progress
from kg.sources.files import size_of

LOCAL: Final = "local"
_MANY: Final = 300_000
"""Inputs of so many bytes likely hold papers enough for several processes."""


class Engine(Protocol):
    """A function from papers to what became of each, in the order of the papers."""

    def __call__(
        self, papers: Sequence[Paper], chosen: Chosen, step: Progress, note: Note
    ) -> Iterator[Outcome]:
        """Yield what became of each paper.

        Args:
            papers: What to read.
            chosen: The extractor.
            step: Takes the progress, where an engine has read papers before it gives the first.
            note: Takes what is good to know of the run.
        """


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where an engine of several machines runs, and how.

    Attributes:
        master: The address of the cluster's master, `spark://host:7077`, or another that Spark knows.
        staging: A folder that this machine and all workers see; parts of the work pass through it.
        partition: How many papers make one task.
        settings: Properties of Spark by name, as `spark.executor.memory`.
    """

    master: str = ""
    staging: Path | None = None
    partition: int = 1_000
    settings: Mapping[str, str] = field(default_factory=dict)


def on_this_machine(papers: Sequence[Paper], chosen: Chosen, step: Progress, note: Note) -> Iterator[Outcome]:
    """Yield what became of each paper, read by the processes of this machine."""
    del step, note
    with Readers(chosen.extract) as readers:
        yield from readers.outcomes(papers)


class Started:
    """The processes of this machine, some of which have begun to load an extractor."""

    def __init__(self, chosen: Chosen, readers: Readers) -> None:
        """Take the extractor and what reads with it, which is entered already."""
        self._fingerprint, self._readers = chosen.fingerprint, readers

    def __call__(
        self, papers: Sequence[Paper], chosen: Chosen, step: Progress, note: Note
    ) -> Iterator[Outcome]:
        """Yield what became of each paper; with another extractor than the loaded one, by other processes."""
        if chosen.fingerprint == self._fingerprint:
            return self._readers.outcomes(papers)
        return on_this_machine(papers, chosen, step, note)

    def close(self) -> None:
        """End the processes; once they are ended, nothing happens."""
        self._readers.close()


@contextmanager
def ahead(engine: Engine, chosen: Chosen, count: Callable[[], int]) -> Iterator[Engine]:
    """Give an engine some of whose processes load the extractor while its papers are still looked for.

    Only the default extractor is loaded so: another is made when there is something to read, and may have
    something to tell when it has read. The processes end with the context, also those of an engine that was
    started before.

    Args:
        engine: Where papers will be extracted; a cluster's stays as it is.
        chosen: The extractor.
        count: Gives how many processes are started now, if so many may be; asked where it matters.
    """
    if isinstance(engine, Started):
        with closing(engine):
            if chosen.name != DEFAULT:
                engine.close()
            yield engine
    elif engine is on_this_machine and chosen.name == DEFAULT and (number := count()):
        with Readers(chosen.extract, ahead=number) as readers:
            yield Started(chosen, readers)
    else:
        yield engine


def worth_starting(inputs: Iterable[str | Path], folder: Path) -> int:
    """Return how many processes to start before the inputs of a build are read.

    None where the inputs are small, or a graph stands there, which likely holds what is read in them.
    """
    return 0 if has_graph(folder) or size_of(inputs) < _MANY else 2


def _local(cluster: Cluster) -> Engine:
    if cluster != Cluster():
        raise UsageError(
            "--master, --staging, --partition and --spark-conf are for a cluster; add --engine spark"
        )
    return on_this_machine


def _spark(cluster: Cluster) -> Engine:
    from kg.cluster.engine import spark_engine

    return spark_engine(cluster)


ENGINES: Final[Mapping[str, Callable[[Cluster], Engine]]] = {LOCAL: _local, "spark": _spark}
"""Name to a function that gives the engine for a cluster; `local` has none."""


def get_engine(name: str = LOCAL, cluster: Cluster | None = None) -> Engine:
    """Return the engine called `name`.

    Args:
        name: A name of `ENGINES`.
        cluster: Where it runs; None for this machine.

    Raises:
        UnknownNameError: There is no engine of that name.
        UsageError: A cluster is named for `local`, or none for an engine that needs one.
        EngineError: The engine cannot run here: something is not installed, or the master does not answer.

    >>> get_engine("local") is on_this_machine
    True
    """
    if name not in ENGINES:
        raise UnknownNameError("engine", name, sorted(ENGINES))
    return ENGINES[name](cluster or Cluster())
