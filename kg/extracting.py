"""Each paper's extraction: from the cache where text and extractor are the same, else made now."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import extractors
from extractors.running import Outcome, outcome
from kg.catalog import CachedExtraction
from kg.engines import Engine, on_this_machine
from kg.errors import ExtractionError
from kg.model import Extraction, Paper, Unread
from kg.progress import Note, Progress, unheard
from kg.sources.spool import Selection
from kg.unfinished import Unfinished

Lost = Callable[[Unread], None]
NOT_EXTRACTED: Final = ""
"""Cache key of the empty extraction that stands for a paper which was not extracted: no key is like it."""
NO_CACHE: Final = "-"
"""Cache key of an extraction that is not kept."""


def extract_papers(
    papers: Sequence[Paper],
    chosen: extractors.Chosen,
    cache: Mapping[str, CachedExtraction] | None,
    step: Progress,
    on_lost: Lost | None = None,
    on_note: Note | None = None,
    unfinished: Unfinished | None = None,
    engine: Engine = on_this_machine,
) -> Iterator[tuple[Paper, CachedExtraction]]:
    """Yield each paper with its extraction, from the cache where text and extractor are the same.

    A paper that was not extracted goes to `on_lost`; an empty extraction under `NOT_EXTRACTED` stands for it.
    Papers are looked up as they are needed, and need not be in memory.

    Args:
        papers: What to read, in this order.
        chosen: The extractor; it is not loaded if the cache has everything.
        cache: Extractions by key; None for no cache and empty keys.
        step: Takes the progress.
        on_lost: Takes the papers that were not extracted.
        on_note: Takes what the extractor has to tell, once, whatever happens.
        unfinished: Has what a run that did not end extracted, and keeps what is extracted now.
        engine: Where papers are extracted.

    Raises:
        ExtractionError: A paper was not extracted, and there is no `on_lost`.
    """
    todo, taken = _look_up(papers, chosen, cache, unfinished, step)
    if taken and on_note is not None:
        on_note(f"{taken:,} papers were read by a run that did not end; not read again")
    unread = papers if len(todo) == len(papers) else Selection(papers, todo)
    fresh = engine(unread, chosen, step, on_note or unheard) if todo else iter(())
    numbers = iter(todo)
    following = next(numbers, None)
    found: Outcome
    try:
        for done, paper in enumerate(papers):
            key = NO_CACHE if cache is None else cache_key(paper, chosen.fingerprint)
            step("extracting", done, len(papers))
            if done != following:
                held = _held(cache or {}, unfinished, key, paper)
                if held is not None:
                    yield paper, held
                    continue
                found = outcome(paper, chosen.extract)  # what was found a moment ago is damaged
            else:
                following = next(numbers, None)
                found = next(fresh)
            if isinstance(found, Extraction):
                made = CachedExtraction(key, found)
                if unfinished is not None:
                    unfinished.keep(made)
                yield paper, made
                continue
            if on_lost is None:
                raise ExtractionError(_not_extracted(paper, found).reason) from found
            on_lost(_not_extracted(paper, found))
            yield paper, CachedExtraction(NOT_EXTRACTED, Extraction(paper.id, paper.title))
        next(fresh, None)  # all is taken: the engine can tidy up
    except BaseException:
        if unfinished is not None and unfinished.kept and on_note is not None:
            on_note(f"{taken + unfinished.kept:,} papers are read and kept for the next run")
        raise
    finally:
        if on_note is not None:
            for note in filter(None, (chosen.warning, *chosen.notes())):
                on_note(note)
    step("extracting", len(papers), len(papers))


def _look_up(
    papers: Sequence[Paper],
    chosen: extractors.Chosen,
    cache: Mapping[str, CachedExtraction] | None,
    unfinished: Unfinished | None,
    step: Progress,
) -> tuple[Sequence[int], int]:
    """Return the numbers of the papers that are to be read, and how many a run that did not end had read."""
    if not cache and (unfinished is None or not unfinished.goes_on):
        return range(len(papers)), 0
    todo, taken = array("Q"), 0
    for number, paper in enumerate(papers):
        step("looking up papers", number, len(papers))
        key = NO_CACHE if cache is None else cache_key(paper, chosen.fingerprint)
        if key in (cache or ()):
            continue
        if unfinished is not None and unfinished.find(key, paper) is not None:
            taken += 1
        else:
            todo.append(number)
    return todo, taken


def _held(
    cache: Mapping[str, CachedExtraction], unfinished: Unfinished | None, key: str, paper: Paper
) -> CachedExtraction | None:
    """Return what was extracted from a text before; it may have been for a paper of another id."""
    cached = cache.get(key)
    if cached is None and unfinished is not None:
        cached = unfinished.find(key, paper)
    if cached is None or cached.extraction.id == paper.id:
        return cached
    return CachedExtraction(key, replace(cached.extraction, id=paper.id))


def _not_extracted(paper: Paper, error: ExtractionError) -> Unread:
    source = paper.sources[0] if paper.sources else None
    reason = f"paper {paper.id or paper.title} was not extracted: {error}"
    return Unread(file=source.file if source else "", line=None, reason=reason, paper=paper.id or None)


def cache_key(paper: Paper, fingerprint: str) -> str:
    """Return the key of what an extractor with this fingerprint reads in a paper's text."""
    text = "\x1f".join([paper.title, paper.abstract, fingerprint])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
