"""`kg`, and `python -m kg`: the command line as a process of its own."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import click

from kg.cli import main
from kg.cli.group import UNUSABLE
from kg.memory import collect_seldom


def run() -> NoReturn:
    """Run the command line and end the process.

    Once a command is done and all is flushed, the process ends at once: taking a graph's objects apart one by
    one would take up to half a second, and nothing waits for it. What is registered with `atexit` is not run.
    """
    collect_seldom()
    code = 0
    try:
        main(prog_name="kg")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else code
        if isinstance(end.code, str):  # as Python would do it
            click.echo(end.code, err=True)
            code = 1
    except OSError as error:  # the help, which Click prints outside of any command
        code = _said(error)
    try:
        for stream in filter(None, (sys.stdout, sys.stderr)):
            stream.flush()
    except OSError as error:
        code = _said(error)
    os._exit(code)


def _said(error: OSError) -> int:
    """Say what kept output from being written, and return the exit code for it."""
    if not isinstance(error, BrokenPipeError):
        click.echo(f"kg: output: {error.strerror or error}", err=True)
    return UNUSABLE


if __name__ == "__main__":
    run()
