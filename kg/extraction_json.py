"""Extraction ↔ one JSON object a paper: what `kg extract` writes and `kg eval` reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from sys import intern
from typing import Any

from kg.model import PAPER_HEAD, Evidence, Extraction, Mention, Relation, Result, Span


def to_json(extraction: Extraction) -> dict[str, Any]:
    """Return the JSON object of an extraction; `from_json` is its inverse."""
    return {
        "id": extraction.id,
        "title": extraction.title,
        "entities": [
            {
                "name": m.name,
                "type": m.type,
                "role": m.role,
                "confidence": m.confidence,
                "kind": m.kind,
                "extractor": m.extractor,
                "mentions": list(m.surfaces),
                "spans": [
                    {"field": s.field, "start": s.start, "end": s.end, "text": s.text} for s in m.spans
                ],
            }
            for m in extraction.mentions
        ],
        "relations": [
            {
                "head": r.head,
                "type": r.type,
                "tail": r.tail,
                "confidence": r.confidence,
                "evidence": _evidence(r.evidence),
            }
            for r in extraction.relations
        ],
        "results": [
            {
                "subject": r.subject,
                "benchmark": r.benchmark,
                "metric": r.metric,
                "value": r.value,
                "baseline": r.baseline,
                "kind": r.kind,
                "confidence": r.confidence,
                "evidence": _evidence(r.evidence),
            }
            for r in extraction.results
        ],
    }


def from_json(data: dict[str, Any]) -> Extraction:
    """Return the extraction of a JSON object that `to_json` made; equal words in it are one object.

    >>> from_json(to_json(Extraction("1", "T"))) == Extraction("1", "T")
    True
    """
    # lists are made faster than generators run, and most of a graph goes through here
    mentions = [
        Mention(
            intern(e["name"]),
            _shared(e["type"]),
            _shared(e["role"]),
            e["confidence"],
            tuple([Span(_shared(s["field"]), s["start"], s["end"], intern(s["text"])) for s in e["spans"]]),
            None if (kind := e.get("kind")) is None else intern(kind),
            intern(e.get("extractor", "")),
        )
        for e in data["entities"]
    ]
    return Extraction(
        id=data["id"],
        title=data["title"],
        mentions=tuple(mentions),
        relations=tuple(
            Relation(r["head"], r["type"], r["tail"], r["confidence"], Evidence(**r["evidence"]))
            for r in data["relations"]
        ),
        results=tuple(
            Result(
                subject=r["subject"],
                benchmark=r["benchmark"],
                metric=r["metric"],
                value=r["value"],
                baseline=r["baseline"],
                kind=r["kind"],
                confidence=r["confidence"],
                evidence=Evidence(**r["evidence"]),
            )
            for r in data["results"]
        ),
    )


def confident(extraction: Extraction, least: float) -> Extraction:
    """Return an extraction without what is less sure than `least`; `keep` says what that does to the rest.

    >>> weak = Mention("X", "Method", "uses", 0.2, (Span("title", 0, 1, "X"),))
    >>> confident(Extraction("1", "X", (weak,)), 0.5).mentions
    ()
    """
    sure = keep(extraction, lambda mention: mention.confidence >= least)
    return replace(
        sure,
        relations=tuple(r for r in sure.relations if r.confidence >= least),
        results=tuple(r for r in sure.results if r.confidence >= least),
    )


def keep(extraction: Extraction, wanted: Callable[[Mention], bool]) -> Extraction:
    """Return an extraction with the wanted mentions only, and the relations that lose no end by it.

    A result that loses its subject is one of the paper, as in the graph; its benchmark, metric and baseline
    stay as the paper writes them, with or without a mention.

    >>> of_x = Result("X", "9", "Y", None, None, "absolute", 0.9, Evidence("title", 0, 5))
    >>> found = Extraction("1", "X 9 Y", (Mention("X", "Method", "uses", 0.2, ()),), results=(of_x,))
    >>> [(result.subject, result.benchmark) for result in keep(found, lambda mention: False).results]
    [('PAPER', 'Y')]
    """
    mentions = tuple(m for m in extraction.mentions if wanted(m))
    names = {m.name for m in mentions} | {PAPER_HEAD}
    relations = tuple(r for r in extraction.relations if {r.head, r.tail} <= names)
    results = tuple(r if r.subject in names else replace(r, subject=PAPER_HEAD) for r in extraction.results)
    return replace(extraction, mentions=mentions, relations=relations, results=results)


_shared: Callable[[str], Any] = intern
"""Returns a word of a fixed list as the one object that stands for all its like."""


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {"field": evidence.field, "start": evidence.start, "end": evidence.end}
