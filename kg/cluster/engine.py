"""The engine on a cluster, from papers to what became of each.

Papers go to a folder that all machines see, as Parquet parts; workers read them and write what they read as
Parquet; the rows come back in the order of the papers. What a run that did not end had written is not read
again.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
from collections.abc import Iterator, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from extractors import Chosen
from extractors.checking import checked
from extractors.running import Outcome, one_line
from kg.catalog.parts import Parts, Row
from kg.cluster.reader import Reader
from kg.cluster.session import SHARED, read_parts, spark_session
from kg.engines import Cluster, Engine
from kg.errors import EngineError, ExtractionError, UsageError
from kg.extracting import cache_key
from kg.extraction_json import from_json
from kg.model import Paper
from kg.progress import Note, Progress

_ANSWER: Final = 5.0
"""Seconds in which a master must take a connection."""
_STANDALONE: Final = re.compile(r"spark://([^/]+)")
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
    chosen: Chosen,
    step: Progress,
    note: Note,
) -> Iterator[Outcome]:
    """Yield what became of each paper.

    Raises:
        EngineError: The cluster did not read all of them, or the staging folder cannot be written.
        UsageError: The extractor has to run in one place.
    """
    if hasattr(chosen.extract, "notes") or getattr(chosen.extract, "concurrency", 1) > 1:
        raise UsageError(
            f"the extractor {chosen.name!r} keeps account of its calls in one place: --engine local"
        )
    keys = [cache_key(paper, chosen.fingerprint) for paper in papers]
    numbers = {key: number for number, key in enumerate(keys)}
    found = parts.found() & numbers.keys()
    if found:
        note(f"{len(found):,} papers were read on a cluster by a run that did not end; not read again")
    left = {key: number for key, number in numbers.items() if key not in found}
    if left:
        step("writing papers for the cluster", 0, 0)
        try:
            parts.write_papers(((key, papers[number]) for key, number in left.items()), cluster.partition)
        except OSError as error:
            raise EngineError(f"--staging {parts.folder} cannot be written ({error.strerror})") from error
        read = Reader(chosen.name, chosen.fingerprint)
        step("starting Spark", 0, 0)
        with spark_session(cluster, parts.log) as session:
            read_parts(session, read, parts, len(left), cluster.partition, step, note)
    rows = parts.rows(keys)
    for number, (paper, row) in enumerate(zip(papers, rows, strict=True)):
        if row is None:
            raise EngineError(
                f"what the cluster read of {paper.id or paper.title} is not in {parts.extractions}, nor "
                f"perhaps of {len(papers) - number - 1:,} after it; {SHARED}"
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
