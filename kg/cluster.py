"""The engine on Apache Spark: the extractor reads papers on the workers of a cluster. The home of pyspark.

Papers go to a folder that all machines see, as Parquet parts; each worker runs the extractor over parts
(`DataFrame.mapInArrow`) and writes what it read as Parquet; the rows come back in the order of the papers.
Spark gives the parts of a lost worker to others. What a run that did not end had written is not read again.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

import extractors
from extractors.checking import checked
from extractors.running import Outcome, one_line, outcomes
from kg.catalog.parts import EXTRACTION_DDL, Parts, Row, extraction_batch, keyed_papers
from kg.engines import Cluster, Engine
from kg.errors import EngineError, ExtractionError, KGError, UsageError
from kg.extracting import Note, Progress, cache_key
from kg.extraction_json import from_json, to_json
from kg.model import Extraction, Paper

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PATIENCE: Final = "spark.abstractkg.patience"
"""The setting with the seconds that a run waits for a worker while it has none."""
_PYTHON: Final = "spark.pyspark.python"
_SETTINGS: Final = {
    PATIENCE: "60",
    "spark.app.name": "abstractkg",
    # a part is one task: files are not put together
    "spark.sql.files.openCostInBytes": str(1 << 27),
    "spark.sql.execution.arrow.maxRecordsPerBatch": "256",
    # what a task has written stays, whatever becomes of the run
    "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version": "2",
    "spark.ui.showConsoleProgress": "false",
    "spark.executorEnv.OMP_NUM_THREADS": "1",
}
"""Properties of Spark where nothing else is said."""
_BATCH: Final = 256
_POLL: Final = 0.2
_ANSWER: Final = 5.0
"""Seconds in which a master must take a connection."""
_STANDALONE: Final = re.compile(r"spark://([^/]+)")
_CAUSE: Final = re.compile(
    r"(?:kg\.errors\.\w+|\bModuleNotFoundError|\bjava\.io\.FileNotFoundException|\bjava\.io\.IOException"
    r"|\bMemoryError|PySpark\w+Error)[^\n]*"
)
_KILLED: Final = re.compile(r"Application has been killed\. Reason: ([^\n]+)")
_RAISED: Final = re.compile(r"^: ([^\n]+)", re.MULTILINE)
_FAULT: Final = re.compile(r"^.*(?:Error|Exception|error:).*$", re.MULTILINE)
_SHARED: Final = "--staging must name one folder that this machine and all workers see under that path"
_EXTRA: Final = "pip install 'abstractkg[spark]'"


def spark_engine(cluster: Cluster) -> Engine:
    """Return the engine that reads papers on a cluster.

    Raises:
        UsageError: No master or no staging folder is named.
        EngineError: pyspark or Java is not installed here, or nothing answers at the master's address.
    """
    if not cluster.master:
        raise UsageError("--engine spark needs --master, the address of a cluster: spark://HOST:7077")
    if cluster.staging is None:
        raise UsageError("--engine spark needs --staging, a folder that this machine and all workers see")
    if cluster.partition < 1:
        raise UsageError(f"--partition is {cluster.partition}; a task needs 1 paper or more")
    if find_spec("pyspark") is None:
        raise EngineError(f"--engine spark needs pyspark, which is not installed: {_EXTRA}")
    _check_java()
    _check_master(cluster.master)
    return partial(_read_on_cluster, cluster, Parts(cluster.staging))


def _check_java() -> None:
    """Raise if there is no Java to start Spark with."""
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home, "bin", "java")) if home else shutil.which("java")
    if java is None or shutil.which(java) is None:
        where = f"JAVA_HOME is {home}, where no bin/java is" if home else "no `java` is on the PATH"
        raise EngineError(
            f"--engine spark needs Java 17 or newer, and {where}; install it (Debian: default-jre-headless)"
        )


def _check_master(master: str) -> None:
    """Raise if no standalone master answers; Spark itself would try for a minute and say little."""
    named = _STANDALONE.match(master)
    if named is None:
        return
    faults = []
    for address in named[1].split(","):
        host, _, port = address.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), _ANSWER).close()
            return
        except (OSError, ValueError, OverflowError) as error:
            faults.append(f"{address}: {error}")
    raise EngineError(
        f"no Spark master answers at {master} ({'; '.join(faults)}); "
        "its log and its web page (port 8080) name its address"
    )


def _read_on_cluster(
    cluster: Cluster,
    parts: Parts,
    papers: Sequence[Paper],
    chosen: extractors.Chosen,
    step: Progress,
    note: Note,
) -> Iterator[Outcome]:
    """Yield what became of each paper.

    Raises:
        EngineError: The cluster did not read all of them.
        UsageError: The extractor has to run in one place.
    """
    if hasattr(chosen.extract, "notes") or getattr(chosen.extract, "concurrency", 1) > 1:
        raise UsageError(
            f"the extractor {chosen.name!r} keeps account of its calls in one place: --engine local"
        )
    keys = [cache_key(paper, chosen.fingerprint) for paper in papers]
    by_key = dict(zip(keys, papers, strict=True))
    found = parts.found() & by_key.keys()
    if found:
        note(f"{len(found):,} papers were read on a cluster by a run that did not end; not read again")
    left = {key: paper for key, paper in by_key.items() if key not in found}
    if left:
        step("writing papers for the cluster", 0, 0)
        parts.write_papers(left, cluster.partition)
        read = Reader(chosen.name, chosen.fingerprint)
        step("starting Spark", 0, 0)
        with _session(cluster, parts.log) as session:
            _run(session, read, parts, len(left), cluster, step, note)
    rows = parts.rows(keys)
    for number, (paper, row) in enumerate(zip(papers, rows, strict=True)):
        if row is None:
            raise EngineError(
                f"what the cluster read of {paper.id or paper.title} is not in {parts.extractions}, nor "
                f"perhaps of {len(papers) - number - 1:,} after it; {_SHARED}"
            )
        yield _outcome(paper, row)
    parts.remove()


def _outcome(paper: Paper, row: Row) -> Outcome:
    """Return what a row says became of a paper."""
    if row.data is None:
        return ExtractionError(row.problem or "")
    try:
        return checked(paper, from_json({**json.loads(row.data), "id": paper.id}))
    except ExtractionError as error:
        return error
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        return ExtractionError(one_line(f"what came back cannot be read: {type(error).__name__}: {error}"))


@dataclass(frozen=True, slots=True)
class Reader:
    """What runs on a worker: batches of papers to batches of extractions, with the extractor of that name."""

    name: str
    fingerprint: str

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield a row for each paper: its key with its extraction, or with the problem that stands for it."""
        extractor = _loaded(self.name, self.fingerprint)
        for batch in batches:
            keyed = list(keyed_papers(batch))
            found = outcomes((paper for _, paper in keyed), extractor)
            rows = (_row(key, one) for (key, _), one in zip(keyed, found, strict=True))
            while some := list(islice(rows, _BATCH)):
                yield extraction_batch(some)


def _row(key: str, outcome: Outcome) -> Row:
    if isinstance(outcome, Extraction):
        return Row(key, data=json.dumps(to_json(outcome), ensure_ascii=False, separators=(",", ":")))
    return Row(key, problem=str(outcome))


@lru_cache(maxsize=1)
def _loaded(name: str, fingerprint: str) -> extractors.Extractor:
    """Return an extractor, loaded once a process.

    Raises:
        EngineError: It is not the one that the run was started with.
    """
    chosen = extractors.choose(name)
    if chosen.fingerprint != fingerprint:
        raise EngineError(
            f"the extractor {name!r} of the worker {socket.gethostname()} ({chosen.fingerprint[:12]}) is not "
            f"that of this run ({fingerprint[:12]}); install the same abstractkg there as here"
        )
    return chosen.extract


@contextmanager
def _session(cluster: Cluster, log: Path) -> Iterator[SparkSession]:
    """Give a session on the cluster; what Spark says goes to the file `log`.

    Raises:
        EngineError: Spark does not start, or fails.
        KGError: What is raised inside stays what it is.
        BrokenPipeError: So does this.
    """
    from pyspark import SparkConf, SparkContext, java_gateway
    from pyspark.sql import SparkSession

    settings = {
        _PYTHON: os.environ.get("PYSPARK_PYTHON", sys.executable),
        **_SETTINGS,
        **cluster.settings,
        "spark.master": cluster.master,
    }
    conf = SparkConf(loadDefaults=False).setAll(list(settings.items()))
    log.parent.mkdir(parents=True, exist_ok=True)
    restore = partial(_restore, signal.getsignal(signal.SIGINT))
    with log.open("wb") as said, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        launch: Any = java_gateway.launch_gateway  # it has no types
        gateway = None
        try:
            gateway = launch(conf, {"stdout": said, "stderr": said})
            context = SparkContext(conf=conf, gateway=gateway)
            context.pythonExec = settings[_PYTHON]  # the setting itself is heeded by spark-submit alone
            restore()  # Ctrl-C is to raise, and not to talk to Java in the middle of a call
            session = SparkSession(context)
            try:
                yield session
            finally:
                with suppress(Exception):  # the master may be gone
                    session.sparkContext.cancelAllJobs()
                    session.stop()
        except (KGError, BrokenPipeError):
            raise
        except Exception as error:  # what Spark, py4j and Java raise has no common base
            raise EngineError(_why(error, log)) from error
        finally:
            restore()
            if gateway is not None:
                _end(gateway)
            SparkContext._gateway = SparkContext._jvm = None  # another run in this process starts its own


def _restore(handler: Any) -> None:
    """Put back who is told of Ctrl-C; a context puts itself there."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, handler)


def _end(gateway: Any) -> None:
    """End the Java process of a session."""
    with suppress(Exception):
        gateway.shutdown()
    if gateway.proc is not None:
        gateway.proc.stdin.close()
        try:
            gateway.proc.wait(10)
        except subprocess.TimeoutExpired:
            gateway.proc.kill()
            gateway.proc.wait()


def _run(
    session: SparkSession,
    read: Reader,
    parts: Parts,
    count: int,
    cluster: Cluster,
    step: Progress,
    note: Note,
) -> None:
    """Read the papers of `parts` on the cluster, and tell how far it is.

    Raises:
        EngineError: A task failed too often, or there was no worker for too long.
    """
    failed: list[Exception] = []

    def work() -> None:
        try:
            papers = session.read.parquet(parts.papers.as_uri())
            written = papers.mapInArrow(read, EXTRACTION_DDL).write
            written.mode("append").option("compression", "zstd").parquet(parts.extractions.as_uri())
        except Exception as error:  # noqa: BLE001  the thread that waits raises it
            failed.append(error)

    job = threading.Thread(target=work, daemon=True)
    job.start()
    watch = _Watch(session, cluster, note)
    while job.is_alive():
        step("extracting on the cluster", min(count, watch.tasks_done() * cluster.partition), count)
        watch.check_workers()
        job.join(_POLL)
    if failed:
        raise failed[0]


class _Watch:
    """Knows how far a session's job is, and how many workers it has."""

    def __init__(self, session: SparkSession, cluster: Cluster, note: Note) -> None:
        context = session.sparkContext
        self._tracker = context.statusTracker()
        self._java: Any = context._jsc.sc()
        self._master, self._note = cluster.master, note
        self._patience = float(context.getConf().get(PATIENCE) or 0)
        self._workers = 0
        self._since = time.monotonic()

    def tasks_done(self) -> int:
        """Return how many tasks of what runs now are done."""
        stages = map(self._tracker.getStageInfo, self._tracker.getActiveStageIds())
        return sum(stage.numCompletedTasks for stage in stages if stage is not None)

    def check_workers(self) -> None:
        """Note a loss of workers.

        Raises:
            EngineError: There has been none for too long.
        """
        if self._java.isLocal():
            return
        now, workers = (
            time.monotonic(),
            self._java.getExecutorMemoryStatus().size() - 1,
        )  # one is this process
        if workers < self._workers:
            lost = self._workers - workers
            self._note(f"{lost} of {self._workers} workers lost; the others read its papers")
        self._workers = workers
        if workers:
            self._since = now
        elif now - self._since > self._patience:
            raise EngineError(
                f"{self._master} gave no worker for {self._patience:g} s: it has none, others use them, or "
                "they have less memory than spark.executor.memory asks for (--spark-conf); what is read is "
                f"kept for the next run; --spark-conf {PATIENCE}=600 waits longer"
            )


def _why(error: Exception, log: Path) -> str:
    """Return what to say of an error of Spark."""
    text, said = str(error), log.read_text(encoding="utf-8", errors="replace")
    if "JAVA_GATEWAY_EXITED" in text:
        fault = _FAULT.search(said)
        return f"Spark does not start ({one_line(fault[0]) if fault else 'it says nothing'}); see {log}"
    first = text.strip().partition("\n")[0]
    causes = _CAUSE.findall(text) or _KILLED.findall(said) or _RAISED.findall(text) or [first]
    cause, hint = one_line(causes[-1]), ""
    if "No module named" in cause:
        hint = "; the Python of the workers (PYSPARK_PYTHON) needs the same abstractkg installed"
    elif "FileNotFound" in cause:
        hint = f"; {_SHARED}"
    return f"the cluster failed: {cause}{hint}; all that Spark said is in {log}"
