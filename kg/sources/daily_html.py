"""Reader of a saved Daily Papers page: the data the page carries, else the articles it shows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from kg.model import Affiliation, Paper
from kg.sources.dates import WRITTEN, read_date
from kg.sources.files import Log, SourceFile, fault_in
from kg.sources.identity import find_arxiv_id
from kg.sources.jsonl import read_item, unfold

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

_PAPER_LINK: Final = re.compile(
    r"(?:https?://(?:www\.)?(?:huggingface\.co|hf\.co))?/papers/([^/?#]+)/?(?:\?[^#]*)?(#.*)?"
)
_AUTHORS: Final = re.compile(r"\b([\d,]{1,9})\s+authors?\b")
_DATE: Final = re.compile(rf"[·•]\s*({WRITTEN})|^\s*({WRITTEN})\s*$", re.IGNORECASE)
_ORGANIZATION: Final = re.compile(r"(?:https?://huggingface\.co)?/([\w.-]+)")


def read_daily_html(source: SourceFile, log: Log) -> Iterator[Paper]:
    """Yield the papers of a saved page; what is broken goes to `log`.

    Raises:
        SourceError: The page is too large.
    """
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(source.text(), "html.parser")
    position = 0
    for line, record in _records(soup, log):
        position += 1
        paper = read_item(record, log, line)
        if paper is not None:
            yield replace(paper, sources=(source.ref(position),))
    if position:
        return
    for article in _articles(soup):
        position += 1
        paper = _read_article(article, log)
        if paper is not None:
            yield replace(paper, sources=(source.ref(position),))
    if position == 0 and not log.unread:
        log.lost(None, "no paper found on this page; save a page of huggingface.co/papers as HTML")


def _records(soup: BeautifulSoup, log: Log) -> Iterator[tuple[int | None, Any]]:
    """Yield (line, record) of the data that the page carries for its own script."""
    for element in soup.select("[data-props]"):
        props = str(element.get("data-props"))
        if element.get("data-target") != "DailyPapers" and '"dailyPapers"' not in props:
            continue
        line = element.sourceline
        try:
            value = json.loads(props)
        except (ValueError, RecursionError) as error:
            log.lost(line, f"the data of the page is malformed JSON ({error}); the page may be cut")
            continue
        if isinstance(value, dict) and isinstance(value.get("dailyPapers"), list):
            for record in unfold({"dailyPapers": value["dailyPapers"]}):
                yield line, record


def _articles(soup: BeautifulSoup) -> Iterator[Tag]:
    """Yield the block of each paper: its article, or what surrounds the heading that links to it."""
    articles = [article for article in soup.find_all("article") if _title_link(article)]
    if articles:
        yield from articles
        return
    for heading in soup.find_all(["h1", "h2", "h3", "h4"]):
        if _title_link(heading) and heading.parent is not None:
            parent = heading.parent
            alone = len([h for h in parent.find_all(["h1", "h2", "h3", "h4"]) if _title_link(h)]) == 1
            yield parent if alone else heading


def _title_link(block: Tag) -> Tag | None:
    """Return the link that bears the title: the first to a paper that has text, one in a heading first."""
    links = [
        link
        for link in block.find_all("a", href=True)
        if (found := _PAPER_LINK.fullmatch(str(link["href"]))) and not found[2] and link.get_text().strip()
    ]
    return next(
        (link for link in links if link.find_parent(["h1", "h2", "h3", "h4"])), links[0] if links else None
    )


def _read_article(block: Tag, log: Log) -> Paper | None:
    """Return the paper of a block, or None, told in `log`."""
    link = _title_link(block)
    if link is None:
        return None
    title = link.get_text().strip()
    found = _PAPER_LINK.fullmatch(str(link["href"]))
    paragraphs = [tag.get_text().strip() for tag in block.find_all("p")] if block.name != "a" else []
    if block.name in {"h1", "h2", "h3", "h4"} and (beside := block.find_next_sibling("p")):
        paragraphs = [beside.get_text().strip()]
    abstract = max(paragraphs, key=len, default="")
    if fault := fault_in(title) or fault_in(abstract):
        log.lost(block.sourceline, f"{fault}; the block is left out", None if fault_in(title) else title)
        return None
    rest = [text.strip() for text in block.find_all(string=True) if text.strip() not in {title, abstract}]
    authors = next((x for text in rest if (x := _AUTHORS.search(text))), None)
    written = _written(block, rest)
    return Paper(
        title=title,
        abstract=abstract,
        id=find_arxiv_id(found[1]) or "" if found else "",
        published=read_date(written) if written else None,
        date_written=written,
        num_authors=int(authors[1].replace(",", "") or 0) if authors else None,
        organizations=_organizations(block),
        comments=_comments(block),
    )


def _written(block: Tag, rest: list[str]) -> str | None:
    """Return the date of a block as it stands there; a `time` element comes first."""
    time = block.select_one("time")
    if time is not None and (given := time.get("datetime") or time.get_text().strip()):
        return str(given)
    found = _DATE.search(" ".join(rest)) or next((x for text in rest if (x := _DATE.search(text))), None)
    return (found[1] or found[2]) if found else None


def _organizations(block: Tag) -> tuple[Affiliation, ...]:
    """Return the organisation that a block links to with its picture and name."""
    for link in block.find_all("a", href=True):
        found = _ORGANIZATION.fullmatch(str(link["href"]))
        name = link.get_text().strip()
        if found and name and link.find("img") and found[1] not in {"papers", "models", "datasets", "spaces"}:
            return (Affiliation(name, found[1]),)
    return ()


def _comments(block: Tag) -> int | None:
    """Return the number on the link to the discussion."""
    for link in block.find_all("a", href=True):
        found = _PAPER_LINK.fullmatch(str(link["href"]))
        text = link.get_text().strip()
        if found and found[2] == "#community" and re.fullmatch(r"\d{1,9}", text):
            return int(text)
    return None
