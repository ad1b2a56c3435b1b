"""Readers of papers, one a source format, and `read`, which joins what they find.

A reader turns one opened file into papers as they stand there; ids, years and joins are settled over all
files together (`identity`, `dates`). What cannot be read is listed, never dropped in silence.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Final

from kg.errors import SourceError, UnknownNameError
from kg.model import Paper, Unread
from kg.progress import Progress, silent
from kg.sources.daily_html import read_daily_html
from kg.sources.daily_text import is_daily_text, read_daily_text
from kg.sources.files import Log, SourceFile, find_inputs, open_source
from kg.sources.identity import join_papers
from kg.sources.jsonl import read_jsonl
from kg.sources.records import no_abstract
from kg.sources.spool import Spool
from kg.sources.tabular import find_delimiter, known_columns, read_table

__all__ = ["SOURCES", "ReadResult", "ReadSummary", "Reader", "detect", "get_reader", "read"]

Reader = Callable[[SourceFile, Log], Iterator[Paper]]
_OFTEN: Final = 1_000
"""Records between two reports of progress."""

SOURCES: Final[dict[str, Reader]] = {
    "csv": read_table,
    "daily-html": read_daily_html,
    "daily-text": read_daily_text,
    "jsonl": read_jsonl,
}
"""The source formats that can be read."""

_HTML: Final = re.compile(r"<(?:!doctype html|html|head|body|div|main|section|article|!--)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ReadSummary:
    """What there is to tell of inputs: what was lost, counts, and notes for people.

    `blocks` counts records before joining; `repeats` those that joined another; `notes` are contradicting
    dates and titles that could not be joined (nothing is lost by them). `remarks` are on the inputs, such as
    files that were passed over or have no abstracts; no graph keeps them.
    """

    num_papers: int = 0
    unread: tuple[Unread, ...] = ()
    blocks: int = 0
    repeats: int = 0
    without_abstract: int = 0
    files: int = 0
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadResult(ReadSummary):
    """What `read` found: distinct papers sorted by id, and what there is to tell.

    `records` are the papers before joining, and `formats` gives the source format by content hash: what
    joining them with others takes. Papers and records stand in temporary files, and go with them.
    """

    papers: Sequence[Paper] = ()
    records: Sequence[Paper] = ()
    formats: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "num_papers", len(self.papers))

    @property
    def summary(self) -> ReadSummary:
        """What there is to tell, without the texts."""
        return ReadSummary(**{told.name: getattr(self, told.name) for told in fields(ReadSummary)})


def get_reader(name: str) -> Reader:
    """Return the reader of the source format `name`.

    Raises:
        UnknownNameError: There is no such format.

    >>> get_reader("jsonl") is SOURCES["jsonl"]
    True
    """
    if name not in SOURCES:
        raise UnknownNameError("source format", name, sorted(SOURCES))
    return SOURCES[name]


def detect(head: bytes, name: str = "input") -> str:
    r"""Return the source format of a file by its first bytes; `name` is for the message.

    Raises:
        SourceError: The bytes are of no format that can be read.

    >>> detect(b'{"title": "A"}\n'), detect(b"id,title\n1,A\n"), detect(b"<!doctype html><html>")
    ('jsonl', 'csv', 'daily-html')
    >>> detect("A title\n\nAn abstract of it.\n\n  • 5 authors\n·\nJun 11\n".encode())
    'daily-text'
    """
    text = head.decode("utf-8", "replace").removeprefix("\ufeff").lstrip()
    if not text:
        raise SourceError("the file holds white space only", file=name)
    if text[0] in "{[" and re.match(r"\{\s*(?:\"|\}|$)|\[\s*(?:[\[{\]\"]|$)", text):
        return "jsonl"
    if text[0] == "<" and _HTML.search(text[:4096]):
        return "daily-html"
    lines = text.split("\n")
    first = lines[0].rstrip("\r")
    if known_columns(first) and (len(lines) < 2 or lines[1].strip() or find_delimiter(first)):
        return "csv"
    if is_daily_text(text):
        return "daily-text"
    if _is_table(lines):
        return "csv"
    raise SourceError(
        "of no known source format (Daily Papers page as text or HTML, JSON Lines, CSV, TSV); a copied "
        "page has its heading or lines such as `• 12 authors`",
        file=name,
    )


def _is_table(lines: list[str]) -> bool:
    """Return whether the first two lines have the same number of cells, more than one."""
    delimiter = find_delimiter(lines[0])
    if delimiter is None or len(lines) < 2 or not lines[1].strip():
        return False
    try:
        rows = list(csv.reader(lines[:2], delimiter=delimiter))
    except csv.Error:
        return False
    return len(rows) == 2 and len(rows[0]) == len(rows[1]) > 1


def read(inputs: Iterable[str | Path], *, on_progress: Progress | None = None) -> ReadResult:
    """Return the distinct papers of files, folders, globs and `-` (standard input).

    Args:
        inputs: What to read; their order does not matter.
        on_progress: Called with the stage, how much is done, and how much there is (0: not known).

    Raises:
        UsageError: The folder for temporary files cannot take the papers.
    """
    if isinstance(inputs, str | Path):
        inputs = [inputs]
    step = on_progress or silent
    records: Spool[Paper] = Spool()
    unread: list[Unread] = []
    remarks: list[str] = []
    formats: dict[str, str] = {}
    files = 0
    for found in find_inputs(inputs, unread, remarks):
        before, abstracts = len(records), 0
        log = Log(found.label)
        try:
            with open_source(found.path) as source:
                name = detect(source.head(), source.name)
                formats[source.sha256] = min(name, formats.get(source.sha256, name))
                for record in SOURCES[name](source, log):
                    records.append(record)
                    abstracts += bool(record.abstract.strip())
                    if len(records) % _OFTEN == 0:
                        step(f"reading {log.file}", len(records) - before, 0)
        except SourceError as error:
            log.lost(error.line, error.reason)
        if log.names and len(records) > before and not abstracts:
            remarks.append(f"{log.file}: {no_abstract(log.names, len(records) - before)}")
        files += 1
        unread += log.unread
        step(f"reading {log.file}", len(records) - before, 0)
    joined, notes = join_papers(records, formats=formats)
    papers: Spool[Paper] = Spool()
    without_abstract = 0
    for paper in joined:
        papers.append(paper)
        without_abstract += not paper.abstract.strip()
        if len(papers) % _OFTEN == 0:
            step("joining papers", len(papers), 0)
    return ReadResult(
        papers=papers,
        unread=tuple(sorted(set(unread), key=lambda x: (x.file, x.line or 0, x.reason, x.paper or ""))),
        blocks=len(records),
        repeats=len(records) - len(papers),
        without_abstract=without_abstract,
        files=files,
        notes=notes,
        remarks=tuple(remarks),
        records=records,
        formats=formats,
    )
