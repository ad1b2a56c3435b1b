"""`kg export`, `explore`: the graph as files for other programs and as a page to look at."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.options import confidence_option, graph_option, open_graph


@click.command()
@click.argument("form", metavar="FORMAT")
@graph_option
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write here.")
@confidence_option
def export(form: str, folder: Path, output: Path | None, min_confidence: float) -> None:
    """Write the graph in FORMAT: csv, graphml, jsonl, nq, nt, trig, ttl.

    \b
    Examples:
      kg export graphml
      kg export ttl -o facts.ttl
    """
    from kg.pipeline import at_least
    from kg.writers import get_writer

    writer = get_writer(form)
    target = output or Path(writer.file)
    writer.write(at_least(open_graph(folder).data, min_confidence), target)
    click.echo(f"wrote {target} ({target.stat().st_size:,} bytes)", err=True)


@click.command()
@click.argument("name", required=False)
@graph_option
@click.option("-o", "--output", default="explorer.html", show_default=True, help="Write here.")
@click.option("--hops", default=1, show_default=True, type=click.IntRange(1, 3), help="How far to go.")
@click.option("--with-text/--no-text", default=True, show_default=True, help="Show sentences as evidence.")
def explore(name: str | None, folder: Path, output: str, hops: int, with_text: bool) -> None:
    """Write a page to look at: what is near the entity NAME, or the whole graph.

    \b
    Examples:
      kg explore GRPO -o grpo.html
      kg explore
    """
    target = open_graph(folder).view(name, hops=hops, with_text=with_text).save(output)
    click.echo(f"wrote {target}", err=True)
