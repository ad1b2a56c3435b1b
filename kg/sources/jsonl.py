"""Reader of JSON: one object a line, or one array, or one object with a list of papers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from kg.model import Paper
from kg.sources.files import RECORD_LIMIT, Log, SourceFile, fault_in
from kg.sources.records import read_record

LIST_KEYS: Final = ("dailyPapers", "papers", "results", "data", "items")
"""Under one of these an object that is no paper itself may hold a list of papers."""

_GAP: Final = re.compile(r"[\s,]*")


def read_jsonl(source: SourceFile, log: Log) -> Iterator[Paper]:
    """Yield the papers of JSON Lines, of an array, or of an object that holds one; faults go to `log`."""
    whole = _begins_whole(source)
    position = 0
    for line, value in _stream(source, log) if whole else _values_by_line(source, log):
        for record in unfold(value):
            position += 1
            paper = read_item(record, log, line)
            if paper is not None:
                log.named(_keys(record))
                yield replace(paper, sources=(source.ref(position),))
    if position == 0 and not log.unread:
        log.lost(None, "no record found")


def unfold(value: Any) -> Iterator[Any]:
    """Yield the records that a JSON value holds: itself, or the items of a list in it.

    >>> list(unfold({"dailyPapers": [{"title": "A"}]})), list(unfold({"title": "B", "papers": []}))
    ([{'title': 'A'}], [{'title': 'B', 'papers': []}])
    """
    if isinstance(value, dict) and not any(key.casefold() in {"title", "paper"} for key in value):
        for key in LIST_KEYS:
            if isinstance(value.get(key), list):
                yield from value[key]
                return
    if isinstance(value, list):
        yield from value
    else:
        yield value


def read_item(record: Any, log: Log, line: int | None) -> Paper | None:
    """Return the paper of a decoded JSON value, or None, told in `log`."""
    if not isinstance(record, dict):
        log.lost(line, f"expected an object with a title, found {json.dumps(record)[:40]}")
        return None
    inner = record.get("paper")
    title = (inner if isinstance(inner, dict) else record).get("title")
    label = title if isinstance(title, str) and title.strip() and fault_in(title) is None else None
    try:
        return read_record(record, log.at(line, label))
    except ValueError as error:
        given = record.get("id")
        log.lost(
            line, str(error), label or (given if isinstance(given, str) and not fault_in(given) else None)
        )
        return None


def _keys(record: dict[str, Any]) -> Iterator[str]:
    """Yield the keys of a record, and those of the paper in it.

    >>> list(_keys({"paper": {"title": "A"}, "rank": 1}))
    ['paper', 'rank', 'title']
    """
    yield from record
    if isinstance(inner := record.get("paper"), dict):
        yield from inner


def _begins_whole(source: SourceFile) -> bool:
    """Return whether the file is one JSON value over several lines, and not one value a line."""
    first = next((line for line in source.lines() if line.fault or line.text.strip()), None)
    if first is None:
        return False
    if first.text.lstrip().startswith("[") or first.fault:
        return source.head().lstrip().startswith(b"[")
    return re.fullmatch(r"\s*\{\s*(?:\"[^\"]*\"\s*:.*[,\[{]\s*)?", first.text) is not None


def _values_by_line(source: SourceFile, log: Log) -> Iterator[tuple[int, Any]]:
    """Yield (line, value) of each line."""
    for line in source.lines():
        if line.fault:
            log.lost(line.number, f"{line.fault}; the line is left out")
        elif line.text.strip():
            try:
                yield line.number, json.loads(line.text)
            except json.JSONDecodeError as error:
                cut = "" if line.ended else "; the file may be cut"
                log.lost(line.number, f"malformed JSON: {error.msg} (column {error.colno}){cut}")
            except (ValueError, RecursionError) as error:
                log.lost(line.number, f"JSON that cannot be read: {type(error).__name__}")


def _stream(source: SourceFile, log: Log) -> Iterator[tuple[int, Any]]:
    """Yield (line, value) of each element of an array, or of each object, with one piece in memory."""
    decoder = json.JSONDecoder()
    chunks = source.chunks()
    text, at, line, opened = "", 0, 1, False
    while True:
        gap = _GAP.match(text, at)
        start = gap.end() if gap else at
        line += text.count("\n", at, start)
        at = start
        if at == len(text):
            text, at = next(chunks, ""), 0
            if not text:
                if opened:
                    log.lost(line, "the file ends before its array is closed; it may be cut")
                return
        elif text[at] == "[" and not opened:
            opened, at = True, at + 1
        elif text[at] == "]" and opened:
            return
        else:
            value, end, problem = _decode(decoder, text, at)
            if problem:
                longer = _grow(text[at:], chunks)
                if len(longer) == len(text) - at or len(text) - at > RECORD_LIMIT:
                    log.lost(line, f"{problem}; the file is not read beyond this record")
                    return
                text, at = longer, 0
            else:
                yield line, value
                line += text.count("\n", at, end)
                at = end


def _grow(text: str, chunks: Iterator[str]) -> str:
    """Return `text` and what follows, at least twice as long unless the file ends."""
    parts, size = [text], 0
    while size <= len(text) and (more := next(chunks, "")):
        parts.append(more)
        size += len(more)
    return "".join(parts)


def _decode(decoder: json.JSONDecoder, text: str, at: int) -> tuple[Any, int, str]:
    """Return the value at `at`, where it ends, and why there is none."""
    try:
        value, end = decoder.raw_decode(text, at)
    except json.JSONDecodeError as error:
        return None, at, f"malformed JSON: {error.msg}"
    except (ValueError, RecursionError) as error:
        return None, at, f"JSON that cannot be read: {type(error).__name__}"
    return value, end, ""
