"""Every error that a user can meet, with one base.

A message says what was wrong, where, and what to do. The facts stand in attributes too, so that callers
need not parse the text.
"""

from __future__ import annotations

from collections.abc import Iterable


class KGError(Exception):
    """Base of all errors of this project."""


class UsageError(KGError):
    """The call cannot be carried out as given (exit code 2)."""


class SourceError(KGError):
    """An input, or one place in it, could not be read.

    >>> str(SourceError("no title column", file="a.csv", line=1))
    'a.csv:1: no title column'
    """

    def __init__(self, reason: str, *, file: str, line: int | None = None) -> None:
        self.reason, self.file, self.line = reason, file, line
        super().__init__(f"{file}:{line}: {reason}" if line is not None else f"{file}: {reason}")


class NothingReadError(UsageError):
    """No paper could be read from any input, so there is nothing to build."""


class ExtractorError(UsageError):
    """An extractor cannot be loaded or used at all: nothing it would give could be trusted or had."""


class ExtractionError(KGError):
    """One paper was not extracted, or what was extracted from it is faulty; other papers may do."""


class EngineError(UsageError):
    """Papers cannot be extracted on the engine that was asked for."""


class GraphFolderError(KGError):
    """The graph folder is missing, locked, broken, or of another version."""


class NotExportedError(KGError):
    """A new graph is in force, but its exports could not be written (exit code 1)."""


class UnknownNameError(UsageError, KeyError):
    """A name that is not in a table; the message lists what is, and may end with where `more` is told.

    >>> str(UnknownNameError("writer", "gexff", ["gexf", "graphml"]))
    "no writer called 'gexff'; there are: gexf, graphml"
    """

    def __init__(self, what: str, name: str, choices: Iterable[str], *, more: str = "") -> None:
        self.what, self.name, self.choices = what, name, tuple(choices)
        offered = f"; there are: {', '.join(self.choices)}" if self.choices else ""
        super().__init__(f"no {what} called {name!r}{offered}{f'; {more}' if more else ''}")

    def __str__(self) -> str:
        return str(self.args[0])


class AmbiguousNameError(UsageError):
    """A name that fits several entities; the message lists them."""

    def __init__(self, name: str, candidates: Iterable[str]) -> None:
        self.name, self.candidates = name, tuple(candidates)
        super().__init__(f"{name!r} may be: {', '.join(self.candidates)}; give the IRI or the full name")


class QueryError(UsageError):
    """A SPARQL query that does not parse or cannot be run."""


class MissingBundleError(KGError):
    """A web part that is bundled at build time is missing."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"{name} of the explorer is missing: run `make bundle` (it needs the network once)")
