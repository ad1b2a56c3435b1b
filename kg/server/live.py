"""The generation of a graph folder that is served, and the move to the next one without a restart."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self, TypeVar

import pyoxigraph as ox

from kg.catalog import Catalog, outline
from kg.errors import GraphFolderError, KGError
from kg.generations import CATALOG, RDF, current_generation, hold_current
from kg.server.index import Index
from kg.server.overview import Overview, overview
from kg.server.parts import Part, Parts
from kg.server.pool import Limits, Pool
from kg.server.protocol import ProtocolError
from kg.vocab import PREFIXES, Namespace

_POLL: Final = 1.0
"""Seconds between two looks at the file `current`."""
_PATIENCE: Final = 2.0
"""Seconds that a page waits for the index before it says that it is being made."""
T = TypeVar("T")
_log = logging.getLogger("kg.server")


@dataclass(frozen=True, slots=True)
class Memory:
    """What a generation keeps in memory."""

    index: Index
    overview: Overview
    parts: Parts


class Generation:
    """One finished generation, open: its store, catalog, workers, and, when it is made, its index."""

    def __init__(self, folder: Path, held: int, *, workers: int, limits: Limits) -> None:
        """Open the generation in a folder; `held` keeps it from being removed (`hold_current`)."""
        self.folder, self._held = folder, held
        try:
            self.catalog = Catalog.open(folder / CATALOG)
            self.names = Namespace(self.catalog.meta()["base"])
            self.store = _open_store(folder / RDF)
        except BaseException:
            os.close(self._held)
            raise
        base = self.names.base
        self.prefixes = {**PREFIXES, "kg": base, "paper": base + "paper/", "entity": base + "entity/"}
        self.pool = Pool(folder / RDF, size=workers, limits=limits)
        self._memory: asyncio.Task[Memory] | None = None
        self._map: asyncio.Task[bytes] | None = None
        self._readers = 0
        self._unread = asyncio.Event()
        self._unread.set()

    async def start(self) -> Self:
        """Start the workers, and begin to make the index."""
        await self.pool.start()
        self._memory = asyncio.create_task(asyncio.to_thread(self._remember))
        self._map = asyncio.create_task(self._draw(self._memory))
        return self

    def _remember(self) -> Memory:
        import kg.store  # slow to import, and the first who asks for SPARQL should not wait  # noqa: F401

        outlined = outline(self.catalog)
        index = Index(outlined)
        return Memory(index, overview(index), Parts(outlined, index, self.catalog, self.names))

    async def _draw(self, memory: asyncio.Task[Memory]) -> bytes:
        parts = (await asyncio.shield(memory)).parts

        def draw() -> bytes:
            return json_bytes(self.folder.name, parts.overview("abstractkg"))

        return await asyncio.to_thread(draw)

    async def memory(self, *, wait: float | None = _PATIENCE) -> Memory:
        """Return what is kept in memory.

        Raises:
            ProtocolError: 503 when it is not made yet after `wait` seconds.
            RuntimeError: the generation is not started.
        """
        return await _made(self._memory, wait, "the index of this graph")

    async def index(self, *, wait: float | None = _PATIENCE) -> Index:
        """Return the index; raises as `memory` does."""
        return (await self.memory(wait=wait)).index

    async def map(self, *, wait: float | None = _PATIENCE) -> bytes:
        """Return the explorer's first data, as JSON; raises as `memory` does."""
        return await _made(self._map, wait, "the map of this graph")

    @contextlib.contextmanager
    def reading(self) -> Iterator[Self]:
        """Keep the generation open while a request is answered."""
        self._readers += 1
        self._unread.clear()
        try:
            yield self
        finally:
            self._readers -= 1
            if not self._readers:
                self._unread.set()

    async def close(self, *, wait: float | None = None) -> None:
        """Wait until nobody reads, then let go of everything."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._unread.wait(), wait)
        await self.pool.close()
        for task in (self._map, self._memory):
            if task is not None and not task.done():
                with contextlib.suppress(Exception):
                    await task  # a thread cannot be stopped; it reads the catalog
        self.catalog.close()
        del self.store
        os.close(self._held)


class Live:
    """The generation in force; requests in flight keep the one they began with."""

    def __init__(self, folder: Path, *, workers: int = 2, limits: Limits | None = None) -> None:
        self.folder = folder
        self.limits = limits or Limits()
        self._workers = workers
        self._now: Generation | None = None
        self._watch: asyncio.Task[None] | None = None
        self._closing: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Open the generation in force and begin to watch for the next one."""
        self._now = await self._open()
        self._watch = asyncio.create_task(self._follow())

    async def close(self) -> None:
        """End the workers and close what is open."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        if self._now is not None:
            await self._now.close(wait=0.5)
        await asyncio.gather(*self._closing, return_exceptions=True)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Generation]:
        """Give the generation in force, which stays open until the block ends.

        Raises:
            RuntimeError: nothing is open.
        """
        if self._now is None:
            raise RuntimeError("the server is not started")
        with self._now.reading() as generation:
            yield generation

    async def _open(self) -> Generation:
        generation = Generation(*hold_current(self.folder), workers=self._workers, limits=self.limits)
        try:
            return await generation.start()
        except BaseException:
            await generation.close(wait=0)
            raise

    async def _follow(self) -> None:
        failed = ""
        while True:
            await asyncio.sleep(_POLL)
            try:
                name = current_generation(self.folder).name
                if self._now is None or name in {self._now.folder.name, failed}:
                    continue
                failed = name
                following = await self._open()
                await following.index(wait=None)
            except (KGError, OSError, RuntimeError) as error:
                _log.warning("the graph stays as it was: %s", error)
                continue
            old, self._now, failed = self._now, following, ""
            _log.info("now serving %s", following.folder)
            task = asyncio.create_task(old.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)


async def _made(task: asyncio.Task[T] | None, wait: float | None, what: str) -> T:
    if task is None:
        raise RuntimeError("the generation is not started")
    try:
        return await asyncio.wait_for(asyncio.shield(task), wait)
    except TimeoutError:
        message = f"{what} is being made; try again in some seconds"
        raise ProtocolError(503, message, {"Retry-After": "1"}) from None


def json_bytes(generation: str, part: Part) -> bytes:
    """Return a part as JSON, with the generation whose numbers it has."""
    said = {"schema_version": 1, "generation": generation, **part}
    # as ASCII, for a lone surrogate of a text has no UTF-8
    return json.dumps(said, separators=(",", ":"), allow_nan=False).encode("ascii")


def _open_store(folder: Path) -> ox.Store:
    try:
        return ox.Store.read_only(str(folder))
    except (OSError, RuntimeError, ValueError) as error:
        raise GraphFolderError(f"{folder}: no readable RDF store ({error}); build the graph again") from error
