"""Options that several commands share, and the graph that one of them names."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

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


def cluster_options(function: F) -> F:
    """Add `--engine`, and the options of a cluster under the one name `cluster`."""

    @wraps(function)
    def run(*args: Any, **options: Any) -> Any:
        from kg.engines import Cluster

        settings = options.pop("settings")
        given = {name: options.pop(name) for name in ("master", "staging", "partition")}
        cluster = Cluster(settings=dict(settings), **{k: v for k, v in given.items() if v is not None})
        return function(*args, cluster=cluster, **options)

    for option in (
        click.option(
            "--spark-conf",
            "settings",
            multiple=True,
            metavar="KEY=VALUE",
            callback=_settings,
            help="A property of Spark, as spark.executor.memory=4g; may be given several times.",
        ),
        click.option(
            "--partition",
            type=click.IntRange(1),
            metavar="PAPERS",
            help="How many papers make one task of a cluster (1000).",
        ),
        click.option(
            "--staging",
            type=click.Path(file_okay=False, path_type=Path),
            help="A folder that this machine and all workers of a cluster see under the same path; "
            "without it `staging` in the graph folder.",
        ),
        click.option("--master", metavar="URL", help="The master of a cluster: spark://HOST:7077."),
        click.option(
            "--engine",
            default="local",
            show_default=True,
            help="Where papers are extracted: local, or spark with --master (docs/cluster.md).",
        ),
    ):
        run = option(run)
    return cast(F, run)


def _settings(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    del context
    pairs = [value.partition("=") for value in values]
    for name, equals, _ in pairs:
        if not name or not equals:
            raise click.BadParameter(f"{name!r} is no KEY=VALUE", param=parameter)
    return {name: value for name, _, value in pairs}


def format_option(function: F) -> F:
    """Add `--format` and `--json`."""
    function = click.option("--json", "as_json", is_flag=True, help="Print JSON.")(function)
    return click.option(
        "--format",
        "form",
        type=click.Choice(["table", "tsv", "csv", "json"]),
        help="How to print: a table on a terminal and TSV when piped, unless given.",
    )(function)


def output_option(function: F) -> F:
    """Add `-o`."""
    return click.option(
        "-o",
        "--output",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Write here; - is standard output.",
    )(function)


def open_graph(folder: Path) -> Graph:
    """Return the open graph of a folder."""
    import kg

    return kg.open(folder)


def open_store(folder: Path) -> Store:
    """Return the RDF store of a graph folder, without loading the rest."""
    from kg.store import open_store as run

    return run(folder)
