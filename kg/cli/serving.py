"""`kg serve`: the graph over HTTP."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import click

from kg.cli.group import INTERRUPTED
from kg.cli.options import graph_option


@click.command()
@graph_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Listen at this address.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 for any that is free."
)
@click.option(
    "--timeout",
    default=10.0,
    show_default=True,
    type=click.FloatRange(0.1, 3600),
    help="Seconds that one query may run.",
)
@click.option(
    "--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Queries that run at once."
)
@click.option(
    "--max-mb", default=64, show_default=True, type=click.IntRange(1, 4096), help="Largest answer, in MiB."
)
@click.option(
    "--memory",
    default=4096,
    show_default=True,
    type=click.IntRange(256),
    help="Memory of one query, in MiB of address space.",
)
@click.option(
    "--cors",
    default="*",
    show_default=True,
    metavar="ORIGIN",
    help="Whose pages may read answers; an empty text for none.",
)
def serve(
    folder: Path, host: str, port: int, timeout: float, workers: int, max_mb: int, memory: int, cors: str
) -> None:
    """Serve the graph over HTTP: pages, IRIs that answer with HTML or RDF, and a SPARQL endpoint.

    The server reads only, and moves over to a new state of the graph when `kg add` or `kg build` made one.

    \b
    Examples:
      kg serve
      kg serve --graph graph/ --port 8080 --timeout 30
    """
    import logging

    from kg.server.pool import Limits
    from kg.server.running import serve as run

    logging.basicConfig(format="kg: %(message)s", level=logging.WARNING)
    logging.getLogger("kg.server").setLevel(logging.INFO)
    ended_by = run(
        folder,
        host=host,
        port=port,
        workers=workers,
        limits=Limits(seconds=timeout, max_bytes=max_mb * 2**20, memory=memory),
        cors=cors,
        tell=lambda address: click.echo(
            f"serving {folder} at {address} (SPARQL at {address}sparql); Ctrl-C ends", err=True
        ),
    )
    if ended_by == signal.SIGINT:
        sys.exit(INTERRUPTED)
