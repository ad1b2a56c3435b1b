"""The command line: parse, call one function, print, exit. Data goes to stdout, everything else to stderr."""

from __future__ import annotations

import click

from kg.cli.asking import queries, query, show, stats
from kg.cli.building import add, build, extract, remove
from kg.cli.checking import evaluate, extractors
from kg.cli.comparing import diff
from kg.cli.explaining import explain
from kg.cli.group import Group
from kg.cli.looking import explore, export, report
from kg.cli.resolving import curate, resolve
from kg.cli.serving import serve
from kg.cli.validating import validate

COMMANDS = (
    build,
    add,
    remove,
    extract,
    query,
    queries,
    show,
    stats,
    explain,
    resolve,
    curate,
    export,
    explore,
    report,
    serve,
    evaluate,
    validate,
    diff,
    extractors,
)
"""In the order of a user's work."""


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="abstractkg", prog_name="kg")
def main() -> None:
    """Build and ask a knowledge graph of AI research from abstracts.

    \b
    Examples:
      kg build pages/ --out exports/
      kg query @extends method=GRPO
      kg show GRPO
    """


for command in COMMANDS:
    main.add_command(command)
