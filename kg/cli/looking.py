"""`kg export`, `explore`, `report`: the graph as files for other programs, as pages and as pictures."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from kg.cli.options import confidence_option, graph_option, open_graph, output_option
from kg.cli.output import STDOUT, clean, print_file

if TYPE_CHECKING:
    from kg.graph import KnowledgeGraph


@click.command()
@click.argument("form", metavar="FORMAT")
@graph_option
@output_option
@click.option(
    "--view",
    metavar="VIEW",
    help="Of graphml and gexf: all, papers-entities, co-occurrence (entities that papers name together; the "
    "weight is how many do) or lineage (extends, built on, variant of).  [default: all]",
)
@click.option(
    "--type", "types", multiple=True, metavar="TYPE", help="Only entities of this type; may be repeated."
)
@click.option("--since", metavar="DATE", help="Only papers since then: 2025, 2025-06 or 2025-06-11.")
@click.option(
    "--min-weight",
    type=click.IntRange(1),
    help="Of graphml and gexf: leave out edges that fewer papers support.  [default: 1]",
)
@confidence_option
def export(
    form: str,
    folder: Path,
    output: Path | None,
    view: str | None,
    types: tuple[str, ...],
    since: str | None,
    min_weight: int | None,
    min_confidence: float,
) -> None:
    """Write the graph in FORMAT: csv, gexf, graphml, jsonl, nq, nt, trig, ttl.

    \b
    Examples:
      kg export graphml
      kg export gexf --since 2025-01
      kg export graphml --view co-occurrence --type Method --type Benchmark --min-weight 2
      kg export graphml --view lineage -o lineage.graphml
      kg export ttl --min-confidence 0.5 -o facts.ttl
      kg export nq -o - | gzip > graph.nq.gz
    """  # noqa: DOC501
    from kg.errors import UnknownNameError, UsageError
    from kg.pipeline import at_least, load
    from kg.writers import WRITERS, get_writer
    from kg.writers.projections import VIEWS, project
    from kg.writers.selection import check_date, find_type

    writer = get_writer(form)
    if view is not None and view not in VIEWS:
        raise UnknownNameError("view", view, VIEWS)
    if writer.draw is None and (view is not None or min_weight is not None):
        option = "--view" if view is not None else "--min-weight"
        drawn = ", ".join(name for name, one in sorted(WRITERS.items()) if one.draw is not None)
        raise UsageError(f"{form} has no {option}; formats that have: {drawn}")
    types = tuple(find_type(name) for name in types)
    since = check_date(since) if since is not None else None
    graph = load(folder, reasons=form == "unresolved")
    graph = _selected(at_least(graph, min_confidence), since, types)
    name = Path(writer.file)
    target = output or (name if view in {None, "all"} else name.with_stem(f"{name.stem}-{view}"))
    with TemporaryDirectory() if output == STDOUT else nullcontext() as aside:
        file = target if aside is None else Path(aside, name)
        if writer.draw is not None:
            writer.draw(project(graph, view or "all", min_weight=min_weight or 1), file)
        else:
            writer.write(graph, file)
        if aside is not None:
            print_file(file)
            return
    click.echo(f"wrote {target} ({target.stat().st_size:,} bytes)", err=True)


def _selected(graph: KnowledgeGraph, since: str | None, types: tuple[str, ...]) -> KnowledgeGraph:
    """Return the chosen part of a graph; say on stderr what went, and refuse to write nothing.

    Raises:
        UsageError: Nothing is left.
    """
    from kg.errors import UsageError
    from kg.writers.selection import select

    chosen = select(graph, since=since, types=types)
    if graph.papers and not chosen.papers:
        dates = [paper.published for paper in graph.papers if paper.published]
        known = f"; its dates run from {min(dates)} to {max(dates)}" if dates else "; none of them has a date"
        raise UsageError(f"none of the {len(graph.papers):,} papers of this graph is left{known}")
    undated = sum(paper.published is None for paper in graph.papers)
    if since is not None and undated:
        click.echo(f"note: {undated:,} papers without a date are left out", err=True)
    return chosen


@click.command()
@click.argument("name", required=False)
@graph_option
@click.option(
    "-o",
    "--output",
    default="explorer.html",
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write here; - is standard output.",
)
@click.option("--hops", type=click.IntRange(1, 3), help="Show what is near, this far.  [default: 1]")
@click.option("--lineage", is_flag=True, help="Show what it comes from and what came of it.")
@click.option("--benchmark", is_flag=True, help="Show what is tested on it.")
@click.option(
    "--limit",
    type=click.IntRange(1, 1000),
    help="The most nodes.  [default: 150; 24 each way of a lineage, 48 on a benchmark]",
)
@click.option(
    "--with-text/--no-text",
    default=None,
    help="Show sentences as evidence: the explorer does unless told not to, a view only when told to.",
)
def explore(
    name: str | None,
    folder: Path,
    output: Path,
    hops: int | None,
    lineage: bool,
    benchmark: bool,
    limit: int | None,
    with_text: bool | None,
) -> None:
    """Write a page to look at: one entity or paper, NAME, or the whole graph.

    A paper shows its card, a benchmark what is tested on it, anything else what is near it; --hops asks for
    what is near of those too.

    \b
    Examples:
      kg explore
      kg explore GRPO -o grpo.html
      kg explore GRPO --lineage -o grpo-lineage.html
      kg explore MATH500 -o math500.html
      kg explore "Proximal Policy Optimization" --hops 2 --with-text
    """
    page = open_graph(folder).view(
        name, hops=hops, lineage=lineage, benchmark=benchmark, limit=limit, with_text=with_text
    )
    if output == STDOUT:
        click.echo(page.html, nl=False)
        return
    click.echo(f"wrote {page.save(output)}", err=True)


@click.command()
@graph_option
@click.option(
    "--out",
    default="report",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Write into this folder.",
)
@click.option(
    "--since",
    metavar="DATE",
    help="Newcomers since then.  [default: when half of the papers were there, at most a year back]",
)
@click.option("--method", help="Whose lineage to draw.  [default: that with the most descendants]")
@click.option(
    "--format", "form", type=click.Choice(["html", "md"]), default="html", show_default=True, help="Which."
)
@click.option("--figures", is_flag=True, help="Write each chart as SVG and PNG too (md always does).")
@confidence_option
def report(
    folder: Path,
    out: Path,
    since: str | None,
    method: str | None,
    form: str,
    figures: bool,
    min_confidence: float,
) -> None:
    """Write a report with charts: what is used, tested on, built on, new, and which numbers are reported.

    \b
    Examples:
      kg report
      kg report --method GRPO --since 2025-06 --figures
      kg report --format md --out report/
    """
    from kg.pipeline import at_least
    from kg.report import write_report
    from kg.writers.selection import check_date

    since = check_date(since) if since is not None else None
    graph = open_graph(folder)
    node = graph[method].node if method is not None else None
    data = at_least(graph.data, min_confidence)
    files = write_report(data, out, since=since, root=node, form=form, figures=figures)
    for file in files:
        click.echo(f"wrote {clean(str(file))} ({file.stat().st_size:,} bytes)", err=True)
