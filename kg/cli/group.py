"""The group of all commands: their order, and the exit code of each error."""

from __future__ import annotations

import sys
from typing import Any, Final

import click

from kg.cli.output import clean
from kg.errors import KGError, NotExportedError

LOST: Final = 1
UNUSABLE: Final = 2
INTERRUPTED: Final = 130
_CHANGING: Final = frozenset({"build", "add", "remove", "resolve", "curate"})
"""The commands that write a graph."""


class Group(click.Group):
    """Lists the commands in the order of a user's work and turns our errors into exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order in which they are defined."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an error of ours is one clear message and its exit code."""
        try:
            return super().invoke(ctx)
        except NotExportedError as error:
            self._fail(str(error), LOST)
        except KGError as error:
            self._fail(str(error), UNUSABLE)
        except BrokenPipeError:
            raise  # the reader of our output went away; Click ends quietly
        except OSError as error:
            self._fail(
                f"{error.filename2 or error.filename or 'output'}: {error.strerror or error}", UNUSABLE
            )
        except KeyboardInterrupt as error:
            kept = "; the graph stays as it was" if ctx.invoked_subcommand in _CHANGING else ""
            self._fail(str(error) or f"interrupted{kept}", INTERRUPTED)

    @staticmethod
    def _fail(message: str, code: int) -> None:
        click.echo("\n".join(map(clean, f"kg: {message}".split("\n"))), err=True)
        sys.exit(code)
