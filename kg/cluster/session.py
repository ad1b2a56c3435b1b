"""A session on a Spark cluster: its start and end, a job in it, and what to say when it fails."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from extractors.running import one_line
from kg.catalog.parts import EXTRACTION_DDL, Parts
from kg.cluster.reader import Reader
from kg.engines import Cluster
from kg.errors import EngineError, KGError
from kg.progress import Note, Progress

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
_POLL: Final = 0.2
"""Seconds between two looks at a job."""
_CAUSE: Final = re.compile(
    r"(?:kg\.errors\.\w+|\bModuleNotFoundError|\bjava\.io\.FileNotFoundException|\bjava\.io\.IOException"
    r"|\bMemoryError|PySpark\w+Error)[^\n]*"
)
_KILLED: Final = re.compile(r"Application has been killed\. Reason: ([^\n]+)")
_RAISED: Final = re.compile(r"^: ([^\n]+)", re.MULTILINE)
_FAULT: Final = re.compile(r"^.*(?:Error|Exception|error:).*$", re.MULTILINE)
SHARED: Final = "--staging must name one folder that this machine and all workers see under that path"


@contextmanager
def spark_session(cluster: Cluster, log: Path) -> Iterator[SparkSession]:
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
            if (updates := getattr(context, "_accumulatorServer", None)) is not None:
                updates.handle_error = partial(_write_fault, said)
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


def _write_fault(said: BinaryIO, *_: object) -> None:
    """Write what went wrong in a thread of Spark's into its log; while a session ends, its sockets close."""
    with suppress(ValueError, OSError):  # the log may be closed, or the disk full
        said.write(traceback.format_exc().encode())


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


def read_parts(
    session: SparkSession,
    read: Reader,
    parts: Parts,
    count: int,
    partition: int,
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
    watch = _Watch(session, note)
    while job.is_alive():
        step("extracting on the cluster", min(count, watch.tasks_done() * partition), count)
        watch.check_workers()
        job.join(_POLL)
    if failed:
        raise failed[0]


class _Watch:
    """Knows how far a session's job is, and how many workers it has."""

    def __init__(self, session: SparkSession, note: Note) -> None:
        context = session.sparkContext
        self._tracker = context.statusTracker()
        self._java: Any = context._jsc.sc()
        self._master, self._note = context.master, note
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
        now = time.monotonic()
        workers = self._java.getExecutorMemoryStatus().size() - 1  # one is this process
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
        hint = f"; {SHARED}"
    return f"the cluster failed: {cause}{hint}; all that Spark said is in {log}"
