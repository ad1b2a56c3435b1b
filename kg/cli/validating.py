"""`kg validate`: whether a graph is what it should be."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from kg.cli.group import LOST
from kg.cli.options import graph_option, open_graph
from kg.cli.output import SCHEMA_VERSION, clean
from kg.cli.progress import Progress

if TYPE_CHECKING:
    from kg.validate import Report

SHOWN: Final = 20
"""Faults of one check that are printed unless all are asked for."""


@click.command()
@graph_option
@click.option("--all", "everything", is_flag=True, help="Run SHACL on every node, and list every fault.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with every fault.")
def validate(folder: Path, everything: bool, as_json: bool) -> None:
    """Check a graph: its RDF against its catalog, evidence, spans and links, then SHACL.

    Exit code 0 if nothing is wrong, 1 if something is, 2 if there is no graph. SHACL looks at 3,000 documents
    and paper graphs, spread over all, unless --all is given; the line says how many.

    \b
    Examples:
      kg validate
      kg validate --all --json
    """
    with Progress() as progress:
        progress("reading the graph", 0, 0)
        graph = open_graph(folder)
        from kg.validate import LIMIT
        from kg.validate import validate as run

        report = run(graph.data, graph.store, limit=None if everything else LIMIT, on_progress=progress)
    if as_json:
        answer = {"schema_version": SCHEMA_VERSION, "valid": not report.findings}
        click.echo(json.dumps(answer | asdict(report), ensure_ascii=False, indent=2))
    else:
        _show(report, everything)
    if report.findings:
        sys.exit(LOST)


def _show(report: Report, everything: bool) -> None:
    for check in report.checks:
        count = len(check.findings)
        click.echo(f"{check.name:<11} {f'{count:,} wrong' if count else 'ok':<9} {check.looked_at}")
        shown = count if everything else SHOWN
        for finding in check.findings[:shown]:
            click.echo(f"  {clean(str(finding))}")
        if count > shown:
            click.echo(f"  and {count - shown:,} more; --all lists them")
