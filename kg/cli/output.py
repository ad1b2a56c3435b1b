"""How data is printed on stdout: a table on a terminal, TSV in a pipe, CSV or JSON when asked."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from kg.cells import csv_lines, tsv_lines

if TYPE_CHECKING:
    import pandas as pd

SCHEMA_VERSION: Final = 1

STDOUT: Final = Path("-")
"""What names standard output where a file is asked for."""

CURIE: Final = re.compile(r"^\S+/(paper|entity)/(\S+)$")
"""An IRI of a graph's node, shown short in tables."""


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as plain values, missing ones as None."""
    return [
        {str(key): None if value != value else value for key, value in row.items()}
        for row in frame.to_dict("records")
    ]


def chosen_form(form: str | None, as_json: bool) -> str:
    """Return how to print: as asked, else a table on a terminal and TSV when piped."""
    return "json" if as_json else form or ("table" if sys.stdout.isatty() else "tsv")


def show_frame(frame: pd.DataFrame, form: str | None, as_json: bool) -> None:
    """Print a frame: a table on a terminal, TSV when piped, or as asked."""
    rows = [list(row.values()) for row in records(frame)]
    show_rows([str(column) for column in frame.columns], rows, form, as_json)


def show_rows(columns: list[str], rows: list[list[Any]], form: str | None, as_json: bool) -> None:
    """Print rows: a table on a terminal, TSV when piped, or as asked."""
    chosen = chosen_form(form, as_json)
    if chosen == "json":
        dicts = [dict(zip(columns, row, strict=True)) for row in rows]
        answer = {"schema_version": SCHEMA_VERSION, "columns": columns, "rows": dicts}
        click.echo(json.dumps(answer, ensure_ascii=False))
    elif chosen == "table":
        click.echo(f"{show_table(columns, rows):,} rows", err=True)
    else:
        lines = csv_lines(columns, rows) if chosen == "csv" else tsv_lines(columns, rows)
        click.echo("".join(lines), nl=False)


def show_table(columns: list[str], rows: Iterable[list[object]]) -> int:
    """Print a table that fits the terminal and return how many rows it has."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    count = 0
    for row in rows:
        cells = (clean("" if value is None else str(value)) for value in row)
        table.add_row(*(Text(CURIE.sub(r"\1:\2", cell)) for cell in cells))
        count += 1
    Console(no_color="NO_COLOR" in os.environ).print(table)
    return count


def print_file(path: Path) -> None:
    """Print a file as it stands, byte by byte."""
    sys.stdout.flush()
    with path.open("rb") as file:
        shutil.copyfileobj(file, sys.stdout.buffer)
    sys.stdout.buffer.flush()


def clean(text: str) -> str:
    r"""Return text that cannot steer a terminal: control characters become visible.

    >>> clean("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    return "".join(c if c.isprintable() or c == " " else repr(c)[1:-1] for c in text)
