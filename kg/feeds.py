"""What is new in a graph as feeds for readers: Atom (RFC 4287) and JSON Feed 1.1.

An entry is a new entity or result; its id is its IRI, so a reader shows it once. No clock is read: an entry
is as old as the newest paper that shows it, and one without a date as old as the newest paper of the graph.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from kg.catalog.comparing import EntityNote, ResultNote
from kg.diff import Diff, result_iri
from kg.names import display_name, few_words
from kg.vocab import arxiv_page
from kg.writers.xml_files import content, quoted, xml_text

TITLE: Final = "abstractkg: new entities and results"
AUTHOR: Final = "abstractkg"
NO_DATE: Final = "1970-01-01"
"""The date of what is in a graph in which no paper has one."""
_ATOM: Final = "http://www.w3.org/2005/Atom"
_JSON_FEED: Final = "https://jsonfeed.org/version/1.1"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed.

    Attributes:
        iri: Its id, the IRI of the entity or result.
        title: What is new, in one line of plain text.
        text: More of it, plain text.
        updated: A time as RFC 3339 has it.
        category: The type of the entity, or `Result`.
        paper: The address of a paper that shows it, if it is known.
    """

    iri: str
    title: str
    text: str
    updated: str
    category: str
    paper: str | None


def entries(diff: Diff) -> list[Entry]:
    """Return the new entities and results that a comparison lists, newest first, then by IRI."""
    newest = diff.newest or NO_DATE
    found = [_of_entity(note, diff, newest) for note in diff.entities.new.rows]
    found += [_of_result(note, diff, newest) for note in diff.results.new.rows]
    found.sort(key=lambda entry: entry.iri)
    found.sort(key=lambda entry: entry.updated, reverse=True)
    return found


def atom(diff: Diff) -> str:
    """Return what is new as an Atom feed."""
    listed = entries(diff)
    updated = _time(diff.newest or NO_DATE)
    base = diff.names.base
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f"<feed xmlns={quoted(_ATOM)}>",
        f"  <id>{content(base)}</id>",
        f"  <title>{content(TITLE)}</title>",
        f"  <updated>{updated}</updated>",
        f"  <author><name>{content(AUTHOR)}</name></author>",
        f'  <link rel="alternate" href={quoted(base)}/>',
        *(line for entry in listed for line in _atom_entry(entry)),
        "</feed>",
    ]
    return "\n".join(lines) + "\n"


def _atom_entry(entry: Entry) -> Iterator[str]:
    yield "  <entry>"
    yield f"    <id>{content(entry.iri)}</id>"
    yield f"    <title>{content(entry.title)}</title>"
    yield f"    <updated>{entry.updated}</updated>"
    yield f'    <link rel="alternate" href={quoted(entry.iri)}/>'
    if entry.paper is not None:
        yield f'    <link rel="related" href={quoted(entry.paper)}/>'
    yield f"    <category term={quoted(entry.category)}/>"
    yield f'    <content type="text">{content(entry.text)}</content>'
    yield "  </entry>"


def json_feed(diff: Diff) -> str:
    """Return what is new as a JSON Feed."""
    feed = {
        "version": _JSON_FEED,
        "title": TITLE,
        "home_page_url": diff.names.base,
        "authors": [{"name": AUTHOR}],
        "items": [_item(entry) for entry in entries(diff)],
    }
    return json.dumps(feed, ensure_ascii=False, indent=2) + "\n"


def _item(entry: Entry) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": entry.iri,
        "url": entry.iri,
        "title": entry.title,
        "content_text": entry.text,
        "date_published": entry.updated,
        "tags": [entry.category],
    }
    return item if entry.paper is None else {**item, "external_url": entry.paper}


def _of_entity(note: EntityNote, diff: Diff, newest: str) -> Entry:
    papers = "1 paper" if note.papers == 1 else f"{note.papers:,} papers"
    kind = note.kind or note.type.lower()
    shown = f"{_line(note.name)}: a new {kind}, named in {papers}."
    introduced = note.introduced_by[0] if note.introduced_by else None
    if introduced is not None:
        shown += " Introduced in " + ", ".join(diff.names.paper(each) for each in note.introduced_by) + "."
    return Entry(
        iri=diff.names.entity(note.slug),
        title=f"{_line(note.name)} ({note.type})",
        text=shown,
        updated=_time(note.newest or newest),
        category=note.type,
        paper=None if introduced is None else _address(introduced, diff),
    )


def _of_result(note: ResultNote, diff: Diff, newest: str) -> Entry:
    on = f" on {_line(note.benchmark_written)}" if note.benchmark_written else ""
    by = f" {_line(note.metric)}" if note.metric else ""
    over = f" over {_line(note.baseline_written)}" if note.baseline_written else ""
    gain = " gain" if note.kind == "gain" else ""
    told = f"{_line(note.written)}{by}{gain}{over}{on}"
    title = xml_text(display_name(note.subject_name))
    name = title if note.subject.startswith("paper:") else _line(note.subject_name)
    return Entry(
        iri=result_iri(note.id, diff.names),
        title=f"{name}: {told}",
        text=f"{name} reports {told}, in {diff.names.paper(note.paper)}.",
        updated=_time(note.published or newest),
        category="Result",
        paper=_address(note.paper, diff),
    )


def _address(paper: str, diff: Diff) -> str:
    return arxiv_page(paper) or diff.names.paper(paper)


def _line(name: str) -> str:
    """Return a name that is no longer than a file that is passed on may have it."""
    return xml_text(few_words(name))


def _time(date: str) -> str:
    """Return the first moment of a day or month, as RFC 3339 has it.

    >>> _time("2025-05"), _time("2025-05-13")
    ('2025-05-01T00:00:00Z', '2025-05-13T00:00:00Z')
    """
    return f"{date}-01T00:00:00Z" if len(date) == 7 else f"{date}T00:00:00Z"
