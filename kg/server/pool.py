"""A warm pool of worker processes; a query past its time or memory costs a worker, never the server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from kg.errors import GraphFolderError
from kg.server.protocol import ProtocolError

Stream = TypeVar("Stream", asyncio.StreamReader, asyncio.StreamWriter)
_LINE: Final = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may cost.

    Attributes:
        seconds: How long it may run, and how long it may wait for a worker.
        max_bytes: How large its answer may be.
        memory: How many MiB of address space a worker may have.
    """

    seconds: float = 10.0
    max_bytes: int = 64 * 2**20
    memory: int = 4096


@dataclass(frozen=True, slots=True)
class Task:
    """A query for a worker; the fields are those of `kg.server.worker.answer`."""

    query: str
    prefixes: dict[str, str]
    solutions: str | None
    graph: str | None
    default: tuple[str, ...] | None = None
    named: tuple[str, ...] | None = None
    limit: int | None = None
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Answered:
    """The bytes of an answer, what they are (solutions, boolean, graph), and whether more rows follow."""

    kind: str
    data: bytes
    more: bool


class _Worker:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, store: Path, memory: int) -> Self:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "kg.server.worker",
            str(store),
            str(memory),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,  # Rust's last words when memory ends
            limit=_LINE,
        )
        worker = cls(process)
        if await worker._out.readline() != b"ready\n":
            await worker.end()
            raise GraphFolderError(f"{store}: no worker could open this store")
        return worker

    @property
    def _out(self) -> asyncio.StreamReader:
        return _open(self._process.stdout)

    async def ask(self, task: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        """Return the answer.

        Raises:
            EOFError: the worker died of this query.
        """
        try:
            tasks = _open(self._process.stdin)
            tasks.write(json.dumps(task).encode() + b"\n")
            await tasks.drain()
            line = await self._out.readline()
            if not line:
                raise EOFError
            facts = json.loads(line)
            return facts, await self._out.readexactly(facts["size"])
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise EOFError from error

    async def end(self) -> None:
        """Kill the process and wait until it is gone."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()


class Pool:
    """Workers over one store."""

    def __init__(self, store: Path, *, size: int, limits: Limits) -> None:
        self._store, self._size, self._limits = store, size, limits
        self._idle: asyncio.Queue[_Worker] = asyncio.Queue()
        self._all: set[_Worker] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    async def start(self) -> None:
        """Start all workers and wait until they are ready."""
        await asyncio.gather(*(self._add() for _ in range(self._size)))

    async def close(self) -> None:
        """End all workers."""
        self._closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(worker.end() for worker in self._all))

    async def run(self, task: Task) -> Answered:
        """Return the answer to a query.

        Raises:
            ProtocolError: 400 for a query that does not parse or fails, 406 for no acceptable format, 503 for
                one past a limit, or when no worker is free.
        """
        seconds = self._limits.seconds
        try:
            worker = await asyncio.wait_for(self._idle.get(), seconds)
        except TimeoutError:
            raise ProtocolError(
                503, f"all workers were busy for {seconds:g} s; ask again later", {"Retry-After": "5"}
            ) from None
        message = {
            "query": task.query,
            "prefixes": task.prefixes,
            "solutions": task.solutions,
            "graph": task.graph,
            "default": task.default,
            "named": task.named,
            "limit": task.limit,
            "offset": task.offset,
            "max_bytes": self._limits.max_bytes,
            "seconds": seconds,
        }
        whole = False
        try:
            facts, data = await asyncio.wait_for(worker.ask(message), seconds)
            whole = True
        except TimeoutError:
            raise ProtocolError(
                503, f"the query ran longer than {seconds:g} s and was stopped; ask for less"
            ) from None
        except EOFError:
            raise ProtocolError(
                503,
                f"the query needed more than {self._limits.memory} MiB of memory, or nests too deep, and was "
                "stopped; ask for less",
            ) from None
        finally:
            if whole:
                self._idle.put_nowait(worker)
            else:
                self._replace(worker)
        if facts["ok"]:
            return Answered(facts["kind"], data, facts["more"])
        raise self._error(facts)

    def _error(self, facts: dict[str, Any]) -> ProtocolError:
        message = facts["message"]
        if facts["error"] == "syntax":
            where = f" at line {facts['line']}, column {facts['column']}" if "line" in facts else ""
            return ProtocolError(400, f"the query does not parse{where}: {message}")
        if facts["error"] == "not_acceptable":
            return ProtocolError(406, "")
        if facts["error"] == "too_large":
            return ProtocolError(
                503,
                f"the answer is larger than {self._limits.max_bytes:,} bytes; ask for it in pages with the "
                "parameters `limit` and `offset`",
            )
        return ProtocolError(400, f"the query cannot be run: {message}")

    async def _add(self) -> None:
        worker = await _Worker.start(self._store, self._limits.memory)
        self._all.add(worker)
        self._idle.put_nowait(worker)

    def _replace(self, worker: _Worker) -> None:
        async def replace() -> None:
            await worker.end()
            self._all.discard(worker)
            if not self._closed:
                await self._add()

        task = asyncio.get_running_loop().create_task(replace())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _open(stream: Stream | None) -> Stream:
    if stream is None:
        raise RuntimeError("a worker without pipes")
    return stream
