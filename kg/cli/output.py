"""How data is printed on stdout: a table on a terminal, TSV in a pipe, CSV or JSON when asked."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    import pandas as pd

SCHEMA_VERSION: Final = 1

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
    chosen = chosen_form(form, as_json)
    rows = records(frame)
    if chosen == "json":
        answer = {"schema_version": SCHEMA_VERSION, "columns": list(frame.columns), "rows": rows}
        click.echo(json.dumps(answer, ensure_ascii=False))
    elif chosen == "csv":
        from kg.writers.tables import safe_cell

        click.echo(frame.map(safe_cell).to_csv(index=False, lineterminator="\n"), nl=False)
    elif chosen == "tsv":
        click.echo("\t".join(frame.columns))
        for row in rows:
            click.echo("\t".join(tsv_cell(value) for value in row.values()))
    else:
        count = show_table([str(column) for column in frame.columns], (list(row.values()) for row in rows))
        click.echo(f"{count:,} rows", err=True)


def tsv_cell(value: object) -> str:
    r"""Return a cell of TSV: tabs, line breaks and backslashes escaped, nothing for None.

    >>> tsv_cell("a\tb"), tsv_cell(None), tsv_cell(3)
    ('a\\tb', '', '3')
    """
    text = "" if value is None else str(value)
    for plain, escaped in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(plain, escaped)
    return text


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


def clean(text: str) -> str:
    r"""Return text that cannot steer a terminal: control characters become visible.

    >>> clean("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    return "".join(c if c.isprintable() or c == " " else repr(c)[1:-1] for c in text)
