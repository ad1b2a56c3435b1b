"""Reader of CSV and TSV: a header that names the columns, then one paper a row."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from kg.errors import SourceError
from kg.model import Paper
from kg.sources.files import MOST_NAMES, RECORD_LIMIT, Line, Log, SourceFile
from kg.sources.records import FIELDS, known_fields, read_record

DELIMITERS: Final = ("\t", ",", ";")
_MOST_LINES: Final = 2000
"""Lines that one quoted row may span; beyond, a quotation mark is missing."""


def read_table(source: SourceFile, log: Log) -> Iterator[Paper]:
    """Yield the papers of a table; rows that do not fit its header go to `log`.

    Raises:
        SourceError: The table has no column for the title.
    """
    lines = deque[Line]()
    feed = source.lines()
    header_line = next((line for line in feed if line.fault or line.text.strip()), None)
    if header_line is None or header_line.fault:
        fault = header_line.fault if header_line else None
        raise SourceError(fault or "the table is empty", file=source.name, line=1)
    delimiter = find_delimiter(header_line.text) or ","
    header = _cells(header_line.text, delimiter) or [header_line.text]
    if "title" not in known_fields(header):
        found = ", ".join(name.strip() or "(empty)" for name in header[:MOST_NAMES])
        accepted = " or ".join(FIELDS["title"])
        others = ", ".join("|".join(names[:2]) for field, names in FIELDS.items() if field != "title")
        reason = f"no title column; found: {found}; accepted: {accepted} (and besides: {others})"
        raise SourceError(reason, file=source.name, line=header_line.number)
    log.named(header)
    position = 0
    while row := _next_row(feed, lines, delimiter, len(header), log):
        number, cells, ended = row
        position += 1
        record = dict(zip(header, cells, strict=False))
        label = next(
            (record[name] for name in header[: len(cells)] if name.strip().casefold() == "title"), None
        )
        if len(cells) > len(header):
            log.lost(
                number, f"{len(cells)} cells where the header has {len(header)}; is a quote missing?", label
            )
            continue
        if len(cells) < len(header) and not ended:
            log.lost(number, "the file ends in the middle of this row", label)
            continue
        try:
            paper = read_record(record, log.at(number, label))
        except ValueError as error:
            log.lost(number, str(error), label)
            continue
        yield replace(paper, sources=(source.ref(position),))
    if position == 0 and not log.unread:
        log.lost(header_line.number, "the table has a header and no rows")


def find_delimiter(header: str) -> str | None:
    r"""Return what separates the cells of a header line, or None where it is one cell.

    >>> find_delimiter("id\ttitle, long"), find_delimiter("id;title;date"), find_delimiter("title")
    ('\t', ';', None)
    """
    counts = {mark: len(known_columns(header, mark)) * 1000 + header.count(mark) for mark in DELIMITERS}
    best = max(DELIMITERS, key=lambda mark: counts[mark])
    return best if best in header else None


def known_columns(header: str, delimiter: str | None = None) -> tuple[str, ...]:
    """Return the fields that the cells of a header line name.

    >>> known_columns("Title,abstract"), known_columns("A title, and more")
    (('title', 'abstract'), ())
    """
    marks = (delimiter,) if delimiter else DELIMITERS
    return max((known_fields(_cells(header, mark) or []) for mark in marks), key=len)


def _cells(text: str, delimiter: str) -> list[str] | None:
    """Return the cells of one row, or None where its quotation marks do not fit."""
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None


def _next_row(
    feed: Iterator[Line], waiting: deque[Line], delimiter: str, width: int, log: Log
) -> tuple[int, list[str], bool] | None:
    """Return (line, cells, whether it has a line end) of the next row that can be read, None at the end."""
    while True:
        first = waiting.popleft() if waiting else next(feed, None)
        if first is None:
            return None
        if first.fault:
            log.lost(first.number, f"{first.fault}; the row is left out")
            continue
        if not first.text.strip():
            continue
        if delimiter == "\t":
            raw = first.text.split("\t")
            quoted = _cells(first.text, delimiter)
            if quoted is None and len(raw) == width and first.text.count('"') % 2 == 0:
                return first.number, raw, first.ended
        taken, size, quotes = [first], len(first.text), first.text.count('"')
        fault = None
        while quotes % 2 and len(taken) < _MOST_LINES and size < RECORD_LIMIT:
            line = waiting.popleft() if waiting else next(feed, None)
            if line is None:
                break
            taken.append(line)
            fault = fault or line.fault
            size, quotes = size + len(line.text), quotes + line.text.count('"')
        cells = None if fault or quotes % 2 else _cells("\n".join(line.text for line in taken), delimiter)
        if cells is not None:
            return first.number, cells, taken[-1].ended
        if delimiter == "\t" and first.text.count("\t") == width - 1:
            waiting.extendleft(reversed(taken[1:]))
            return first.number, first.text.split("\t"), first.ended
        if fault and quotes % 2 == 0:
            log.lost(first.number, f"{fault} in a row of {len(taken)} lines; the row is left out")
        else:
            waiting.extendleft(reversed(taken[1:]))
            log.lost(first.number, "the quotation marks of this row do not fit; the row is left out")
