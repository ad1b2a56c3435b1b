"""An extractor at work in several processes: the same answers in the same order as in one.

Each worker is a Python of its own that takes pickled papers on its standard input and gives pickled outcomes
back. It ends when its input does, so none outlives a parent that was killed; it does not import the parent's
main module, so scripts need no guard.
"""

from __future__ import annotations

import copyreg
import gc
import os
import pickle
import queue
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import fields
from operator import attrgetter
from typing import IO, Any, Final, cast

from extractors.running import Outcome, one_line, outcomes
from kg.errors import ExtractorError, KGError, UsageError
from kg.memory import collect_seldom
from kg.model import (
    Affiliation,
    Evidence,
    Extraction,
    Link,
    Mention,
    Paper,
    Relation,
    Result,
    SourceRef,
    Span,
)

PROCESSES: Final = "ABSTRACTKG_PROCESSES"
"""The environment variable with the number of processes that extract; all cores without it."""
_LEAST: Final = 110
"""Papers a process must have to read: fewer are read here in the time that it takes to start."""
_CHUNK: Final = 64
"""Papers that go to a process at once."""
_START: Final = (
    "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); "  # Ctrl-C is the parent's
    "import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); "
    "from extractors.parallel import work; work()"
)
_ONE_THREAD: Final = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def processes() -> int:
    """Return how many processes may extract: `ABSTRACTKG_PROCESSES`, or as many as this one has cores.

    Raises:
        UsageError: the variable holds no whole number from 1 up.
    """
    wanted = os.environ.get(PROCESSES, "")
    if not wanted:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not wanted.isdecimal() or int(wanted) < 1:
        raise UsageError(f"{PROCESSES} is {wanted!r}; set it to a number of processes, 1 or more")
    return int(wanted)


class Readers:
    """The processes that read papers; a context manager that ends them.

    One process, this one, reads what is soon read, and whatever an extractor reads that runs several papers
    at once by itself, has something to tell at the end, or cannot be sent to another process.
    """

    def __init__(self, extractor: Callable[[Paper], Extraction], *, ahead: int = 0) -> None:
        """Take an extractor.

        Args:
            extractor: The extractor; what a worker gets of it is a pickled copy.
            ahead: How many processes are started, and load it, when the context is entered, while its papers
                are still looked for; none where only this one may read.

        Raises:
            UsageError: `ABSTRACTKG_PROCESSES` holds no number.
        """
        self._extractor, self._most = extractor, processes()
        self._packed = _packed(extractor) if self._most > 1 and sys.executable else None
        self._workers = ExitStack()
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        self._ahead, self._count = ahead, 0

    def __enter__(self) -> Readers:
        if self._packed is not None:
            for worker in self._start(self._packed, min(self._ahead, self._most)):
                worker.prepare()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def outcomes(self, papers: Sequence[Paper]) -> Iterator[Outcome]:
        """Yield what became of each paper, in the order of the papers.

        Raises:
            ExtractorError: a worker died, or the extractor failed for more than one paper.
        """
        count = max(self._count, min(self._most, len(papers) // _LEAST))
        if self._packed is None or (count < 2 and not self._count):
            yield from outcomes(papers, self._extractor)
            return
        self._start(self._packed, count - self._count)
        idle = self._idle
        with ExitStack() as stack:
            pool = ThreadPoolExecutor(count)
            stack.callback(pool.shutdown, cancel_futures=True)
            stack.callback(self.close)  # their ends come first, so that no thread waits for one
            waiting: deque[Future[list[Outcome]]] = deque()
            for start in range(0, len(papers), _CHUNK):
                waiting.append(pool.submit(_read, idle, papers[start : start + _CHUNK]))
                if len(waiting) > 2 * count:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()

    def _start(self, packed: bytes, number: int) -> list[_Worker]:
        workers = [self._workers.enter_context(_Worker(packed)) for _ in range(number)]
        for worker in workers:
            self._idle.put(worker)
        self._count += number
        return workers

    def close(self) -> None:
        """End the processes; papers that come later are read by new ones."""
        self._workers.close()
        self._idle, self._count = queue.SimpleQueue(), 0


def _read(idle: queue.SimpleQueue[_Worker], papers: Sequence[Paper]) -> list[Outcome]:
    """Return what became of papers, read by whichever process has nothing to do."""
    worker = idle.get()
    try:
        return worker.read(papers)
    finally:
        idle.put(worker)


def _packed(extractor: Callable[[Paper], Extraction]) -> bytes | None:
    """Return an extractor pickled for workers, or None if it is to stay in this process."""
    if getattr(extractor, "concurrency", 1) > 1 or hasattr(extractor, "notes"):
        return None
    if "__main__" in (getattr(extractor, "__module__", ""), type(extractor).__module__):
        return None  # a worker does not import the script
    try:
        return pickle.dumps(extractor)
    except Exception:  # noqa: BLE001  whatever keeps it from being pickled, it can read here
        return None


def _write(value: object, file: IO[bytes]) -> None:
    """Write a value pickled to a pipe, in a fifth of the time that frozen dataclasses take of themselves."""
    pickler = pickle.Pickler(file, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = _BY_FIELDS
    pickler.dump(value)
    file.flush()


def _by_fields(kind: type) -> Callable[[Any], tuple[type, tuple[Any, ...]]]:
    """Return what tells pickle to make a value of a kind anew from its fields."""
    values = attrgetter(*(field.name for field in fields(kind)))
    return lambda value: (kind, values(value))


_BY_FIELDS: Final = copyreg.dispatch_table | {
    kind: _by_fields(kind)
    for kind in (Affiliation, Evidence, Extraction, Link, Mention, Paper, Relation, Result, SourceRef, Span)
}
"""Of each kind of value that goes between processes, how it is pickled; each has several fields."""


class _Worker:
    """A process that extracts; a context manager that ends it."""

    def __init__(self, packed: bytes) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _START],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**_ONE_THREAD, **os.environ},
        )
        self._papers = cast(IO[bytes], self._process.stdin)
        self._outcomes = cast(IO[bytes], self._process.stdout)
        self._first: tuple[Any, ...] = (sys.path, packed)

    def __enter__(self) -> _Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._papers, self._outcomes):
            with suppress(BrokenPipeError):
                pipe.close()

    def prepare(self) -> None:
        """Let it load the extractor; should it die of that, the papers that it does not read tell it."""
        with suppress(OSError):
            self._begin()

    def _begin(self) -> None:
        first, self._first = self._first, ()
        self._send(*first)

    def read(self, papers: Sequence[Paper]) -> list[Outcome]:
        """Return what became of some papers."""
        try:
            self._begin()
            self._send(papers)
            found = pickle.load(self._outcomes)
        except (OSError, EOFError, pickle.UnpicklingError):
            raise ExtractorError(self._death(papers)) from None
        if isinstance(found, KGError):
            raise found
        outcomes: list[Outcome] = found
        return outcomes

    def _send(self, *values: object) -> None:
        for value in values:
            _write(value, self._papers)

    def _death(self, papers: Sequence[Paper]) -> str:
        code = self._process.wait()
        how = f"by signal {-code} ({signal.strsignal(-code)})" if code < 0 else f"with exit code {code}"
        return (
            f"a process that extracts ended {how} while it read {papers[0].id or papers[0].title} and "
            f"{len(papers) - 1} papers after it; if memory ran out, set {PROCESSES}=1, which also shows what "
            "a faulty extractor says"
        )


def work() -> None:
    """Read the papers that come on standard input, until it ends: what a worker does."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what an extractor prints must not get between the answers
    source = sys.stdin.buffer
    gc.disable()  # lists and weights are many values, none of them in circles, and stay
    extractor = pickle.loads(pickle.load(source))
    with suppress(Exception):  # whatever is wrong shows again with the first papers
        getattr(extractor, "prepare", lambda: None)()
    gc.freeze()
    collect_seldom()
    gc.enable()
    while True:
        try:
            papers = pickle.load(source)
        except EOFError:
            return
        try:
            found: object = list(outcomes(papers, extractor))
        except Exception as error:  # noqa: BLE001  the parent raises it
            found = ExtractorError(one_line(str(error) or type(error).__name__))
        try:
            _write(found, answers)
        except BrokenPipeError:  # the parent has gone, and nobody is to be told
            os._exit(0)
