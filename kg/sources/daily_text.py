"""Reader of a Daily Papers page as copied text: title, abstract, a line of authors or organisation, a date.

The page is cut into paragraphs. Paragraphs of plain text come in pairs, title and abstract; lines that begin
with `•` or `·` and the organisation line above a `·` end a block, but a block may lack them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

from kg.model import Affiliation, Paper
from kg.sources.dates import WRITTEN, parse_written, read_date
from kg.sources.files import Line, Log, SourceFile

AUTHORS: Final = re.compile(r"\s*(?:[•·*]\s*)?([\d,]{1,9})\s+authors?\s*")
DOT: Final = re.compile(r"\s*[·•]\s*(.*)")
_DATED: Final = re.compile(rf"\s*({WRITTEN}|.{{1,30}}\bago)(?:\s+(\d{{1,9}}))?\s*", re.IGNORECASE)
_COUNT: Final = re.compile(r"\s*(\d{1,9})\s*")
_HANDLE: Final = re.compile(r"\s*([\w.-]+)\s+(\S.*?)\s*")
_NOISE: Final = re.compile(
    r"new|get trending papers in your email inbox!?|subscribe|by\s*ak( and .*)?"
    r"|(daily|weekly|monthly|trending) papers"
    r"|daily|weekly|monthly|trending|upvote|previous|next|view all|load more|· ?new",
    re.IGNORECASE,
)
_PAGE_HEAD: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\s*(?:daily|weekly|monthly|trending) papers\s*",
        r"\s*by\s*ak(?: and .*)?\s*",
        r"\s*get trending papers in your email inbox!?\s*",
    )
)
_ENDED: Final = re.compile(r"[.!?…。)\]}\"”'’]\s*$|https?://\S+\s*$")
_ORG_LENGTH: Final = 100
_PROSE_LENGTH: Final = 200
_LEAST_PAIRS: Final = 3
"""A text without marks is a page from so many titles and abstracts on that stand by turns."""


@dataclass(slots=True)
class _Block:
    """The parts of one paper as they are gathered."""

    title: list[Line]
    abstract: list[Line] = field(default_factory=list)
    num_authors: int | None = None
    organizations: tuple[Affiliation, ...] = ()
    date_written: str | None = None
    comments: int | None = None


def is_daily_text(text: str) -> bool:
    r"""Return whether a text is a copied page: it has the page's heading, a line that ends a block, or pairs.

    The heading is two of its three lines. A block ends with its number of authors after a bullet, or with a
    dot and a date; a number of authors without a bullet needs one of these below it. A page of search results
    has no such lines: cut off, it is titles and abstracts by turns.

    >>> is_daily_text("Daily Papers\n\nbyAK and the research community\n"), is_daily_text("A\n\n· Jun 11\n")
    (True, True)
    >>> is_daily_text("Daily Papers\n\nMy notes on them.\n"), is_daily_text("By\n\n5 authors\n\nin May")
    (False, False)
    """
    lines = [line for line in text.split("\n") if line.strip()]
    if sum(any(mark.fullmatch(line) for line in lines) for mark in _PAGE_HEAD) > 1:
        return True
    if any(_ends_block(line, below) for line, below in zip(lines, [*lines[1:], ""], strict=False)):
        return True
    pairs = sum(_may_be_title(line) and len(below) >= _PROSE_LENGTH for line, below in pairwise(lines))
    return pairs >= _LEAST_PAIRS and 10 * pairs >= 4 * (len(lines) - 2)


def _may_be_title(line: str) -> bool:
    """Return whether a line is short and begins like text, not like markup or code."""
    return len(line) < _PROSE_LENGTH and (line[0].isalnum() or line[0] in "$\"'“(")


def _ends_block(line: str, below: str) -> bool:
    """Return whether a line, with what stands below it, is of those that end a block."""
    mark = line.strip()[:1]
    if AUTHORS.fullmatch(line):
        return mark in "•·" or DOT.fullmatch(below) is not None or _DATED.fullmatch(below) is not None
    dot = DOT.fullmatch(line)
    if dot is None:
        return False
    rest = dot[1].strip()
    return _DATED.fullmatch(rest or below) is not None and (mark == "·" or not rest)


def read_daily_text(source: SourceFile, log: Log) -> Iterator[Paper]:
    """Yield the papers of a copied page; what is cut or broken goes to `log`."""
    position = 0
    for run, meta, at_end in _runs(source.lines()):
        blocks = _blocks(run, log, has_meta=bool(meta), at_end=at_end)
        for i, block in enumerate(blocks):
            if meta and i == len(blocks) - 1:
                _read_meta(meta, block, log, at_end=at_end)
            paper = _paper(block, log, cut=at_end and not meta and i == len(blocks) - 1)
            if paper is not None:
                position += 1
                yield replace(paper, sources=(source.ref(position),))
    if position == 0 and not log.unread:
        log.lost(None, "no paper found: a page has titles and abstracts, parted by blank lines")


def _paragraphs(lines: Iterator[Line]) -> Iterator[list[Line]]:
    """Yield the stretches of lines between blank lines."""
    paragraph: list[Line] = []
    for line in lines:
        if line.fault or line.text.strip():
            paragraph.append(line)
        elif paragraph:
            yield paragraph
            paragraph = []
    if paragraph:
        yield paragraph


def _runs(lines: Iterator[Line]) -> Iterator[tuple[list[list[Line]], list[Line], bool]]:
    """Yield (paragraphs of text, the lines that end the last block, whether the file ends here)."""
    run: list[list[Line]] = []
    meta: list[Line] = []
    skip = False
    for paragraph in _paragraphs(lines):
        if skip and len(paragraph) == 1 and " " not in paragraph[0].text.strip():
            skip = False
            continue
        skip = False
        text, ending = _split(paragraph)
        while text and _is_noise(text[0]):
            if text[0].text.strip().casefold() == "submitted by":
                skip = len(text) == 1
                text = text[2:]
            else:
                text = text[1:]
        if text:
            if meta:
                yield run, meta, False
                run, meta = [], []
            run.append(text)
        meta += ending
    yield run, meta, True


def _split(paragraph: list[Line]) -> tuple[list[Line], list[Line]]:
    """Return the lines of a paragraph that are text, and those from the first that ends a block."""
    for i, line in enumerate(paragraph):
        below = paragraph[i + 1].text if i + 1 < len(paragraph) else ""
        is_organization = 0 < len(line.text) <= _ORG_LENGTH and i == 0 and DOT.fullmatch(below) is not None
        if AUTHORS.fullmatch(line.text) or DOT.match(line.text) or is_organization:
            return paragraph[:i], paragraph[i:]
    return paragraph, []


def _is_noise(line: Line) -> bool:
    """Return whether the line belongs to the page and not to a paper (a lone date is the page's own)."""
    text = line.text.strip()
    if line.fault:
        return False
    dated = _DATED.fullmatch(text)
    return (
        bool(_NOISE.fullmatch(text) or dated or _COUNT.fullmatch(text)) or text.casefold() == "submitted by"
    )


def _is_prose(paragraph: list[Line]) -> bool:
    """Return whether the paragraph reads like an abstract rather than a title."""
    text = " ".join(line.text for line in paragraph)
    if any(line.fault for line in paragraph):
        return False
    return len(text) >= _PROSE_LENGTH or (text.rstrip().endswith(".") and text.count(" ") >= 11)


def _blocks(run: list[list[Line]], log: Log, *, has_meta: bool, at_end: bool) -> list[_Block]:
    """Return the blocks of a run of text paragraphs: pairs, unless something is missing or too much."""
    pairs = [(run[i], run[i + 1]) for i in range(0, len(run) - 1, 2)]
    if len(run) % 2 == 0 and not any(
        _is_prose(title) and not _is_prose(abstract) for title, abstract in pairs
    ):
        return [_Block(title, abstract) for title, abstract in pairs]
    blocks: list[_Block] = []
    i = 0
    while i < len(run):
        here, rest = run[i], run[i + 1 : i + 3]
        i += 1
        if _is_prose(here) and not (len(here) > 1 and not _is_prose(here[:1])):
            if blocks:
                blocks[-1].abstract += [Line(here[0].number - 1, ""), *here]
            else:
                log.lost(here[0].number, "an abstract without a title; the page may be cut")
        elif len(here) > 1 and not (rest and _is_prose(rest[0])):
            blocks.append(_Block(here[:1], here[1:]))
        elif not rest and at_end and not has_meta:
            log.lost(here[0].number, "the page ends after this title", here[0].text or None)
        elif not rest or (len(rest) == 2 and not _is_prose(rest[0]) and _is_prose(rest[1])):
            blocks.append(_Block(here))
        else:
            blocks.append(_Block(here, rest[0]))
            i += 1
    return blocks


def _read_meta(meta: list[Line], block: _Block, log: Log, *, at_end: bool) -> None:
    """Fill `block` from the lines after its abstract."""
    title = block.title[0].text or None
    dot = False
    for line in meta:
        if found := AUTHORS.fullmatch(line.text):
            block.num_authors = int(found[1].replace(",", "") or 0)
            continue
        text = line.text
        if found := DOT.fullmatch(text):
            dot, text = True, found[1]
            if not text:
                continue
        if line.fault:
            log.lost(line.number, f"{line.fault}; the line is left out", title)
        elif not dot:
            block.organizations += (_organization(text),)
        elif (found := _DATED.fullmatch(text)) and block.date_written is None:
            block.date_written = found[1]
            block.comments = int(found[2]) if found[2] else None
            if parse_written(found[1]) is None and not found[1].endswith("ago"):
                log.lost(line.number, f"{found[1]!r} is not a date; the paper is kept without it", title)
        elif found := _COUNT.fullmatch(text):
            block.comments = int(found[1])
        else:
            why = "the page ends in the middle of this line" if at_end else "neither authors nor a date"
            log.lost(line.number, f"{why}: {text.strip()[:40]!r}; the paper is kept without it", title)
            dot = True
    if at_end and dot and block.date_written is None and DOT.fullmatch(meta[-1].text):
        log.lost(
            meta[-1].number, "the page ends before this paper's date; the paper is kept without it", title
        )


def _organization(text: str) -> Affiliation:
    """Return the organisation of a line: handle and name, or a name alone.

    >>> _organization("uclanlp UCLA NLP"), _organization("Tencent")
    (Affiliation(name='UCLA NLP', handle='uclanlp'), Affiliation(name='Tencent', handle=None))
    """
    found = _HANDLE.fullmatch(text)
    return Affiliation(found[2], found[1]) if found else Affiliation(text.strip())


def _paper(block: _Block, log: Log, *, cut: bool) -> Paper | None:
    """Return the paper of a block, or None, told in `log`, when it is broken or cut."""
    title = "\n".join(line.text for line in block.title)
    for line in (*block.title, *block.abstract):
        if line.fault:
            log.lost(line.number, f"{line.fault}; the block is left out", title.strip() or None)
            return None
    abstract = "\n".join(line.text for line in block.abstract)
    last = (block.abstract or block.title)[-1]
    if cut and not last.ended and not _ENDED.search(abstract):
        log.lost(last.number, "the page ends in the middle of this abstract", title)
        return None
    return Paper(
        title=title,
        abstract=abstract,
        published=read_date(block.date_written) if block.date_written else None,
        date_written=block.date_written,
        num_authors=block.num_authors,
        organizations=block.organizations,
        comments=block.comments,
    )
