"""`kg serve`: the application on a port, until a signal ends it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Final

import uvicorn

from kg.errors import UsageError
from kg.generations import current_generation
from kg.server.app import create_app
from kg.server.live import Live
from kg.server.pool import Limits

_GRACE: Final = 3
"""Seconds that requests in flight have when the server ends."""


def serve(
    folder: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    workers: int = 2,
    limits: Limits | None = None,
    cors: str = "*",
    tell: Callable[[str], None] = print,
) -> int:
    """Serve a graph folder until SIGINT or SIGTERM.

    Args:
        folder: The graph folder.
        host: The address to listen at.
        port: The port; 0 for any that is free.
        workers: How many queries run at once.
        limits: What one query may cost.
        cors: The origin whose pages may read answers; `*` for all, empty for none.
        tell: Is told the address, once the server answers.

    Returns:
        The signal that ended it.

    Raises:
        UsageError: the port is taken, or the address is not this machine's.
        GraphFolderError: there is no graph.
    """
    current_generation(folder)
    listener = _listener(host, port)
    with contextlib.closing(listener):
        app = create_app(Live(folder, workers=workers, limits=limits), cors=cors)
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="on",
            server_header=False,
            timeout_graceful_shutdown=_GRACE,
        )
        server = _Server(config, lambda: tell(_address(listener)))
        asyncio.run(server.serve(sockets=[listener]))
    if not server.started:
        raise UsageError(f"{folder}: the server did not start; {server.reason()}")
    return server.ended_by


class _Server(uvicorn.Server):
    """Says when it answers, and ends with an exit code instead of the signal that ended it."""

    def __init__(self, config: uvicorn.Config, told: Callable[[], None]) -> None:
        super().__init__(config)
        self.ended_by = 0
        self._told = told

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and tell."""
        await super().startup(sockets)
        if self.started:
            self._told()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take SIGINT and SIGTERM as wishes to end; a second one does not wait for requests."""

        def end(number: int, frame: FrameType | None) -> None:
            self.ended_by = self.ended_by or number
            self.handle_exit(number, frame)

        before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def reason(self) -> str:
        """Return where to look when the start failed."""
        return "the messages above say why"


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=512)
        # asyncio does so only for sockets that say IPPROTO_TCP; without it each answer waits 40 ms for an ACK
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except OSError as error:
        free = "; name another with --port" if error.errno in {98, 48, 13} else ""
        raise UsageError(f"cannot listen at {host}:{port} ({error.strerror or error}){free}") from error


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


logging.getLogger("kg.server").addHandler(logging.NullHandler())
