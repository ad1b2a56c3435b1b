"""Options that several commands share, and the graph that one of them names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from kg.api import Graph
    from kg.store import Store

F = TypeVar("F", bound=Callable[..., Any])


def graph_option(function: F) -> F:
    """Add `--graph`."""
    return click.option(
        "--graph",
        "folder",
        default="graph",
        envvar="KG_GRAPH",
        show_default=True,
        type=click.Path(file_okay=False, path_type=Path),
        help="The graph folder.",
    )(function)


def confidence_option(function: F) -> F:
    """Add `--min-confidence`."""
    return click.option(
        "--min-confidence",
        default=0.0,
        show_default=True,
        type=click.FloatRange(0, 1),
        help="Leave out of what is written what is less sure.",
    )(function)


def extractor_option(function: F) -> F:
    """Add `--extractor`."""
    return click.option(
        "--extractor",
        default="default",
        show_default=True,
        help="Which extractor reads the papers; `kg extractors` lists them.",
    )(function)


def format_option(function: F) -> F:
    """Add `--format` and `--json`."""
    function = click.option("--json", "as_json", is_flag=True, help="Print JSON.")(function)
    return click.option(
        "--format",
        "form",
        type=click.Choice(["table", "tsv", "csv", "json"]),
        help="How to print: a table on a terminal and TSV when piped, unless given.",
    )(function)


def open_graph(folder: Path) -> Graph:
    """Return the open graph of a folder."""
    import kg

    return kg.open(folder)


def open_store(folder: Path) -> Store:
    """Return the RDF store of a graph folder, without loading the rest."""
    from kg.store import open_store as run

    return run(folder)
