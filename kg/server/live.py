"""The generation of a graph folder that is served, and the move to the next one without a restart."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Self

import pyoxigraph as ox

from kg.catalog import Catalog, outline
from kg.errors import GraphFolderError, KGError
from kg.generations import CATALOG, RDF, current_generation, hold
from kg.server.index import Index
from kg.server.pool import Limits, Pool
from kg.server.protocol import ProtocolError
from kg.vocab import PREFIXES, Namespace

_POLL: Final = 1.0
"""Seconds between two looks at the file `current`."""
_PATIENCE: Final = 2.0
"""Seconds that a page waits for the index before it says that it is being made."""
_log = logging.getLogger("kg.server")


class Generation:
    """One finished generation, open: its store, catalog, workers, and, when it is made, its index."""

    def __init__(self, folder: Path, *, workers: int, limits: Limits) -> None:
        self.folder = folder
        self._held = hold(folder)
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
        self._index: asyncio.Task[Index] | None = None
        self._readers = 0
        self._unread = asyncio.Event()
        self._unread.set()

    async def start(self) -> Self:
        """Start the workers, and begin to make the index."""
        await self.pool.start()
        self._index = asyncio.create_task(asyncio.to_thread(self._make_index))
        return self

    def _make_index(self) -> Index:
        import kg.store  # slow to import, and the first who asks for SPARQL should not wait  # noqa: F401

        return Index(outline(self.catalog))

    async def index(self, *, wait: float | None = _PATIENCE) -> Index:
        """Return the index.

        Raises:
            ProtocolError: 503 when it is not made yet after `wait` seconds.
            RuntimeError: the generation is not started.
        """
        if self._index is None:
            raise RuntimeError("the generation is not started")
        try:
            return await asyncio.wait_for(asyncio.shield(self._index), wait)
        except TimeoutError:
            raise ProtocolError(
                503, "the index of this graph is being made; try again in some seconds", {"Retry-After": "3"}
            ) from None

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
        if self._index is not None and not self._index.done():
            with contextlib.suppress(Exception):
                await self._index  # a thread cannot be stopped; it reads the store
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
        for _ in range(5):
            folder = current_generation(self.folder)
            try:
                generation = Generation(folder, workers=self._workers, limits=self.limits)
            except FileNotFoundError:  # replaced and removed between the two looks
                await asyncio.sleep(0.05)
                continue
            try:
                return await generation.start()
            except BaseException:
                await generation.close(wait=0)
                raise
        raise GraphFolderError(f"{self.folder}: its generations change faster than they can be opened")

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


def _open_store(folder: Path) -> ox.Store:
    try:
        return ox.Store.read_only(str(folder))
    except (OSError, ValueError) as error:
        raise GraphFolderError(f"{folder}: no readable RDF store ({error}); build the graph again") from error
