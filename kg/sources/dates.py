"""Dates as pages write them, and the years they leave out.

A Daily Papers page omits the year of its own year. So all items without a year on one page are of one year:
the one that another source gives for one of them, else the year after the newest that the page spells out.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from email.utils import parsedate_to_datetime
from typing import Final

from kg.model import Paper
from kg.names import title_key

MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WRITTEN: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+\d{1,2}(?:,\s*\d{4})?(?!\d)"
"""What a date on a page looks like (to be matched without regard to case)."""

_PARTS: Final = re.compile(r"([a-z]{3})([a-z]*)\.?\s+(\d{1,2})(?:,\s*(\d{4}))?", re.IGNORECASE)
_FULL_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "sept", "october",
    "november", "december",
)  # fmt: skip
_ISO: Final = re.compile(r"(\d{4})(?:[-/](\d{1,2})(?:[-/](\d{1,2}))?)?(?:[T ].*)?")
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})")
_ARXIV_NEW: Final = re.compile(r"(\d{2})(\d{2})\.\d{4,5}")
_ARXIV_OLD: Final = re.compile(r"[a-z.-]+/(\d{2})(\d{2})\d{3}", re.IGNORECASE)


def parse_written(text: str) -> tuple[int | None, int, int] | None:
    """Return (year or None, month, day) of a date as a page writes it, or None if there is no such day.

    >>> parse_written("May 13"), parse_written("Oct 10, 2025"), parse_written("Feb 30")
    ((None, 5, 13), (2025, 10, 10), None)
    """
    found = _PARTS.fullmatch(text.strip())
    if not found or found[1].casefold() not in MONTHS:
        return None
    word = (found[1] + found[2]).casefold()
    if found[2] and word not in _FULL_MONTHS:
        return None
    month, day = MONTHS.index(found[1].casefold()) + 1, int(found[3])
    year = int(found[4]) if found[4] else None
    return (year, month, day) if _exists(2000 if year is None else year, month, day) else None


def read_date(text: str) -> str | None:
    """Return `text` as ISO date or year and month, None unless it is certain.

    Reads dates as pages write them, ISO dates and times, and the dates of mail headers (arXiv).

    >>> read_date("Aug 22, 2023"), read_date("May 13"), read_date("2025-05"), read_date("2025-02-29")
    ('2023-08-22', None, '2025-05', None)
    >>> read_date("2025-05-13T10:00:00.000Z"), read_date("Mon, 2 Apr 2007 19:18:42 GMT")
    ('2025-05-13', '2007-04-02')
    """
    text = text.strip()
    if parts := parse_written(text):
        year, month, day = parts
        return None if year is None else _iso(year, month, day)
    if found := _ISO.fullmatch(text) or _COMPACT.fullmatch(text):
        if found[2] is None:
            return None
        year, month = int(found[1]), int(found[2])
        if found[3] is None:
            return f"{year:04}-{month:02}" if year and 1 <= month <= 12 else None
        return _iso(year, month, int(found[3]))
    if re.match(r"[A-Za-z]{3}, \d", text):
        try:
            return parsedate_to_datetime(text).date().isoformat()
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    return None


def arxiv_month(arxiv_id: str) -> str | None:
    """Return year and month of an arXiv id, or None.

    >>> arxiv_month("2505.12345"), arxiv_month("cs/9912017"), arxiv_month("0a1b2c3d4e5f")
    ('2025-05', '1999-12', None)
    """
    found = _ARXIV_NEW.fullmatch(arxiv_id) or _ARXIV_OLD.fullmatch(arxiv_id)
    if not found or not 1 <= int(found[2]) <= 12:
        return None
    year = int(found[1])
    return f"{1900 + year if year >= 91 else 2000 + year}-{found[2]}"


def settle_dates(papers: Sequence[Paper]) -> tuple[tuple[Paper, ...], tuple[str, ...]]:
    """Return the records with `published` settled over all pages together, and reports of contradictions.

    Records of one paper share `id` (or, without id, the normalised title); records of one page share the
    hash of `sources[0]`. Each record of a paper gets the same date.

    >>> a = Paper("X", "", id="x", date_written="Jun 11")
    >>> b = Paper("X", "", id="x", date_written="Jun 11, 2025", published="2025-06-11")
    >>> [paper.published for paper in settle_dates([a, b])[0]]
    ['2025-06-11', '2025-06-11']
    """
    reports: set[str] = set()
    keys = [paper.id or title_key(paper.title) for paper in papers]
    explicit: dict[str, set[str]] = defaultdict(set)
    for key, paper in zip(keys, papers, strict=True):
        if day := paper.published or (read_date(paper.date_written) if paper.date_written else None):
            explicit[key].add(day)
    pages: dict[str, list[tuple[str, Paper]]] = defaultdict(list)
    for key, paper in zip(keys, papers, strict=True):
        pages[_page(paper)].append((key, paper))
    candidates: dict[str, set[str]] = defaultdict(set)
    impossible: set[str] = set()
    for page in pages.values():
        year = _page_year(page, explicit, reports)
        for key, paper in page:
            parts = _yearless(paper)
            if parts is None:
                continue
            here = _helped_year(key, parts, explicit) or (None if explicit[key] else year)
            if here is not None and _exists(here, *parts):
                candidates[key].add(_iso(here, *parts) or "")
            elif here is not None:
                impossible.add(key)
                reports.add(
                    f"{paper.title!r}: there is no {paper.date_written} in {here}; left without a date"
                )
            elif explicit[key]:
                candidates[key] |= {f"{day[:4]}-{parts[0]:02}-{parts[1]:02}" for day in explicit[key]}
    settled: dict[str, str | None] = {}
    for key, paper in sorted(zip(keys, papers, strict=True), key=lambda pair: (pair[0], pair[1].title)):
        if key not in settled:
            days = _finest(explicit[key] | candidates[key])
            if len(days) > 1:
                reports.add(f"{paper.title!r}: dated {' and '.join(sorted(days))}; left without a date")
            settled[key] = days.pop() if len(days) == 1 and key not in impossible else None
    published = [settled[key] or arxiv_month(paper.id) for key, paper in zip(keys, papers, strict=True)]
    out = tuple(
        paper if paper.published == day else replace(paper, published=day)
        for day, paper in zip(published, papers, strict=True)
    )
    return out, tuple(sorted(reports))


def is_yearless(paper: Paper) -> bool:
    """Return whether the date of a record is written without a year and not known otherwise."""
    return _yearless(paper) is not None


def _page(paper: Paper) -> str:
    return paper.sources[0].sha256 if paper.sources else ""


def _yearless(paper: Paper) -> tuple[int, int] | None:
    """Return month and day of a record whose date is written without a year and not known otherwise."""
    parts = parse_written(paper.date_written) if paper.date_written and not paper.published else None
    return parts[1:] if parts and parts[0] is None else None


def _helped_year(key: str, parts: tuple[int, int], explicit: dict[str, set[str]]) -> int | None:
    """Return the year that other sources give the paper for this month and day, if they give one."""
    month_day = f"-{parts[0]:02}-{parts[1]:02}"
    days = explicit[key] or {arxiv_month(key) or ""}
    years = {int(day[:4]) for day in days if day and (day[4:] == month_day or day[4:] == month_day[:3])}
    return years.pop() if len(years) == 1 else None


def _page_year(page: list[tuple[str, Paper]], explicit: dict[str, set[str]], reports: set[str]) -> int | None:
    """Return the year of the items that a page writes without one, None where it cannot be told."""
    yearless = [(key, parts) for key, paper in page if (parts := _yearless(paper))]
    if not yearless:
        return None
    own = [read_date(paper.date_written) for _, paper in page if paper.date_written]
    newest = max((int(day[:4]) for day in own if day), default=None)
    helped = {year for key, parts in yearless if (year := _helped_year(key, parts, explicit))}
    if not helped:
        return None if newest is None else newest + 1
    if len(helped) == 1 and (newest is None or newest < min(helped)):
        return helped.pop()
    file = page[0][1].sources[0].file if page[0][1].sources else "a page"
    years = ", ".join(str(year) for year in sorted(helped))
    reports.add(f"{file}: the year it leaves out is {years} by other pages, {newest} stands on it; not used")
    return None


def _finest(days: Iterable[str]) -> set[str]:
    """Return `days` without the months that a full date among them refines."""
    days = set(days)
    return {day for day in days if not any(other != day and other.startswith(day) for other in days)}


def _exists(year: int, month: int, day: int) -> bool:
    return 1 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]


def _iso(year: int, month: int, day: int) -> str | None:
    return date(year, month, day).isoformat() if _exists(year, month, day) else None
