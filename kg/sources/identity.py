"""Which records are one paper, and what that paper then holds.

An arXiv id decides. Without one, the normalised title does, unless it would have to choose between several
arXiv ids. All records are looked at together, so that their order does not matter.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, Final, TypeVar

from kg.errors import AmbiguousNameError, UnknownNameError
from kg.model import Affiliation, Paper, SourceRef
from kg.names import normal_form, title_hash, title_key
from kg.sources.dates import arxiv_month, is_yearless, settle_dates
from kg.sources.links import find_links, merge_links

FORMAT_ORDER: Final = ("jsonl", "daily-html", "csv", "daily-text")
"""Whose fields come first when records of one paper differ."""

_ARXIV: Final = re.compile(
    r"(?:https?://(?:www\.|export\.)?(?:arxiv\.org/(?:abs|pdf|html)/|(?:huggingface|hf)\.co/papers/"
    r"|(?:dx\.)?doi\.org/10\.48550/arxiv\.|(?:www\.)?alphaxiv\.org/abs/)|arxiv:\s*|10\.48550/arxiv\.)?"
    r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})(?:v\d+)?(?:\.pdf)?/?(?:[?#].*)?",
    re.IGNORECASE,
)
_T = TypeVar("_T")


def find_arxiv_id(text: str) -> str | None:
    """Return the arXiv id that `text` (an id, address or DOI) is, without version, or None.

    >>> find_arxiv_id("https://arxiv.org/abs/2505.12345v2"), find_arxiv_id("arXiv:math.GT/0309136")
    ('2505.12345', 'math.GT/0309136')
    >>> find_arxiv_id("17") is None and find_arxiv_id("2513.00001") is None
    True
    """
    found = _ARXIV.fullmatch(text.strip())
    if not found or arxiv_month(found[1]) is None:
        return None
    year_month, _, number = found[1].partition(".")
    if number.isdigit() and len(number) != (5 if year_month >= "1501" else 4):
        return None
    return found[1]


def hash_id(title: str) -> str:
    """Return the id of a paper without arXiv id; titles of marks alone stay apart.

    >>> hash_id("A Title") == title_hash("a title"), hash_id("?!") == hash_id("!?")
    (True, False)
    """
    return title_hash(title) if title_key(title) else hashlib.sha256(title.encode()).hexdigest()[:12]


def assign_ids(papers: Sequence[Paper]) -> tuple[tuple[Paper, ...], tuple[str, ...]]:
    """Return the records, each with the id of its paper, and reports of titles that several papers bear.

    A record that joins an arXiv id by its title keeps its own hash id in `replaces`.
    """
    own = [find_arxiv_id(paper.id) for paper in papers]
    bearers: dict[str, set[str]] = defaultdict(set)
    for arxiv_id, paper in zip(own, papers, strict=True):
        if arxiv_id is not None:
            bearers[hash_id(paper.title)].add(arxiv_id)
    reports: set[str] = set()
    out = []
    for arxiv_id, paper in zip(own, papers, strict=True):
        hashed = hash_id(paper.title)
        candidates = bearers.get(hashed, set())
        if arxiv_id is not None:
            out.append(paper if paper.id == arxiv_id else replace(paper, id=arxiv_id))
        elif len(candidates) == 1:
            (joined,) = candidates
            out.append(replace(paper, id=joined, replaces=(*paper.replaces, hashed)))
        else:
            out.append(replace(paper, id=hashed))
            if candidates:
                ids = ", ".join(sorted(candidates))
                reports.add(f"{paper.title!r} without an id may be any of {ids}; it stays a paper of its own")
    return tuple(out), tuple(sorted(reports))


def links_of(record: Paper) -> tuple[str, ...]:
    """Return what ties a record to others when all are joined: its arXiv id, its title, its page.

    Records that share a link, directly or over others, are joined and dated together. A page ties those that
    it dates without a year.

    >>> links_of(Paper("A Title", "", id="arXiv:2505.12345v2"))
    ('id:2505.12345', 'title:d066002430d4')
    """
    arxiv_id = find_arxiv_id(record.id)
    own = (f"id:{arxiv_id}",) if arxiv_id is not None else ()
    page = page_of(record) if is_yearless(record) else None
    return (*own, f"title:{hash_id(record.title)}", *((page,) if page is not None else ()))


def page_of(record: Paper) -> str | None:
    """Return the link of the page that dates a record, None for a record without a date as written."""
    return f"page:{record.sources[0].sha256}" if record.date_written and record.sources else None


def join_papers(
    papers: Sequence[Paper], *, formats: Mapping[str, str] | None = None
) -> tuple[Iterator[Paper], tuple[str, ...]]:
    """Return the distinct papers of all records, identified, dated and sorted by id, and reports.

    Which records are one paper is told of their ids, titles and dates alone. The rest of a record is looked
    up when its paper is asked for, and need not be in memory.

    Args:
        papers: Records as readers give them, or papers joined before.
        formats: The source format of each content hash, for the order of sources; what is missing comes last.

    >>> joined, _ = join_papers([Paper("One", "Text."), Paper("one", ""), Paper("Two", "")])
    >>> sorted(paper.title for paper in joined)
    ['One', 'Two']
    """
    identified, reports = assign_ids([_head(paper) for paper in papers])
    dated, more = settle_dates(identified)
    groups: dict[str, list[int]] = defaultdict(list)
    for number, paper in enumerate(dated):
        groups[paper.id].append(number)
    settled = [(paper.published, paper.replaces) for paper in dated]

    def record(number: int, paper_id: str) -> Paper:
        published, replaces = settled[number]
        return replace(papers[number], id=paper_id, published=published, replaces=replaces)

    joined = (
        _merge([record(number, key) for number in groups[key]], formats or {}) for key in sorted(groups)
    )
    return joined, (*reports, *more)


def _head(record: Paper) -> Paper:
    """Return what tells of a record which paper it is, and of when; its place in the file does not."""
    return Paper(
        record.title,
        "",
        id=record.id,
        published=record.published,
        date_written=record.date_written,
        sources=_source(record.sources[0].file, record.sources[0].sha256) if record.sources else (),
        replaces=record.replaces,
    )


@lru_cache(maxsize=1 << 12)
def _source(file: str, sha256: str) -> tuple[SourceRef, ...]:
    """Return the sources of a head: one value for all records of a file."""
    return (SourceRef(file, sha256, 0),)


def find_paper(name: str, papers: Iterable[Paper], records: Iterable[Paper] = ()) -> str:
    """Return the id of the paper that `name` means: an id, an address, an id that was replaced, or a title.

    Args:
        name: What somebody calls a paper; `paper:` before an id does no harm.
        papers: Joined papers.
        records: Identified records (`assign_ids`) of these papers, whose titles may be others.

    Raises:
        UnknownNameError: No paper is called so; the message lists near titles.
        AmbiguousNameError: Several papers bear this title; the message lists them.

    >>> papers = [Paper("One", "", id="2505.12345"), Paper("Two", "", id="b" * 12, replaces=("c" * 12,))]
    >>> find_paper("arXiv:2505.12345v2", papers), find_paper("paper:" + "c" * 12, papers)
    ('2505.12345', 'bbbbbbbbbbbb')
    >>> find_paper("two.", papers)
    'bbbbbbbbbbbb'
    """
    own = {key: paper.id for paper in papers for key in (*paper.replaces, paper.id)}
    called = name.strip().removeprefix("paper:")
    for key in (called, find_arxiv_id(called)):
        if key in own:
            return own[key]
    titles: dict[str, dict[str, str]] = defaultdict(dict)
    for paper in (*records, *papers):
        titles[title_key(paper.title)][paper.id] = paper.title
    found = titles.get(title_key(name), {}) if title_key(name) else {}
    if len(found) > 1:
        raise AmbiguousNameError(name, [f"{title} <paper:{key}>" for key, title in sorted(found.items())])
    if not found:
        near = get_close_matches(title_key(name), titles, n=5)
        raise UnknownNameError("paper", name, [title for key in near for title in titles[key].values()])
    return next(iter(found))


def _merge(group: list[Paper], formats: Mapping[str, str]) -> Paper:
    """Return one paper of its records: by source format, then longest, then smallest bytes."""

    def rank(paper: Paper) -> int:
        found = {formats.get(source.sha256, "") for source in paper.sources}
        return min((FORMAT_ORDER.index(x) for x in found if x in FORMAT_ORDER), default=len(FORMAT_ORDER))

    def best(values: Iterable[tuple[int, _T]]) -> _T | None:
        return min(values, key=lambda pair: (pair[0], *_size(pair[1])), default=(0, None))[1]

    ranked = [(rank(paper), paper) for paper in group]
    abstract = best((r, p.abstract) for r, p in ranked if p.abstract.strip()) or ""
    authors = best((r, p.authors) for r, p in ranked if p.authors) or ()
    num_authors = best((r, p.num_authors) for r, p in ranked if p.num_authors is not None)
    urls = [*(url for paper in group for url in paper.urls), *find_links(abstract)]
    return Paper(
        id=group[0].id,
        title=best((r, p.title) for r, p in ranked) or "",
        abstract=abstract,
        published=group[0].published,
        date_written=best((r, p.date_written) for r, p in ranked if p.date_written),
        authors=authors,
        num_authors=len(authors) or None if num_authors is None else num_authors,
        organizations=_merge_organizations(x for paper in group for x in paper.organizations),
        categories=best((r, p.categories) for r, p in ranked if p.categories) or (),
        urls=merge_links(urls),
        upvotes=best((r, p.upvotes) for r, p in ranked if p.upvotes is not None),
        comments=best((r, p.comments) for r, p in ranked if p.comments is not None),
        sources=tuple(
            sorted({x for p in group for x in p.sources}, key=lambda x: (x.file, x.sha256, x.position))
        ),
        replaces=tuple(sorted({x for paper in group for x in paper.replaces} - {group[0].id})),
    )


def _size(value: Any) -> tuple[Any, ...]:
    """Return the sort key of a value: longest (or greatest) first, then smallest bytes."""
    if isinstance(value, int):
        return (-value,)
    if isinstance(value, str):
        data = value.encode("utf-8", "surrogatepass")
        return (-len(data), data)
    return (-len(value), *(item.encode("utf-8", "surrogatepass") for item in value))


def _merge_organizations(found: Iterable[Affiliation]) -> tuple[Affiliation, ...]:
    """Return each organisation once, sorted; one with a handle stands for its namesake without."""
    distinct = set(found)
    with_handle = {normal_form(x.name) for x in distinct if x.handle}
    return tuple(
        sorted(
            (x for x in distinct if x.handle or normal_form(x.name) not in with_handle),
            key=lambda x: (x.name, x.handle or ""),
        )
    )
