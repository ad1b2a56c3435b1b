"""What an extractor gives is checked before anybody builds on it.

An extractor may be anybody's code, or a language model behind one. A span that does not lie in the text, an
unknown type or a relation between names that nobody found would poison the whole graph, so a faulty
extraction is refused as a whole, with the first fault named.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

from kg.errors import ExtractionError
from kg.model import (
    ENTITY_TYPES,
    PAPER_HEAD,
    RELATION_TYPES,
    ROLES,
    Evidence,
    Extraction,
    Mention,
    Paper,
    Relation,
    Result,
    Span,
)

KINDS: Final = ("benchmark", "dataset", "environment")
FIELDS: Final = ("title", "abstract")


def checked(paper: Paper, extraction: object) -> Extraction:
    """Return an extraction that keeps the contract of `kg.model`, its confidences in thousandths.

    Args:
        paper: what was read.
        extraction: what an extractor gave for it.

    Raises:
        ExtractionError: the first thing that does not hold.

    >>> checked(Paper("On X", ""), Extraction("", "On X", (Mention("X", "Method", "uses", 2, ()),)))
    Traceback (most recent call last):
    kg.errors.ExtractionError: mention 'X': its confidence is 2, not a number from 0 to 1
    """
    if not isinstance(extraction, Extraction):
        raise ExtractionError(f"the extractor gave a {type(extraction).__name__}, no Extraction")
    if (extraction.id, extraction.title) != (paper.id, paper.title):
        raise ExtractionError(f"the extraction is of another paper ({extraction.id!r}, {extraction.title!r})")
    for mention in extraction.mentions:
        _check_mention(paper, mention)
    names = {mention.name for mention in extraction.mentions}
    for relation in extraction.relations:
        _check_relation(paper, relation, names)
    for result in extraction.results:
        _check_result(paper, result, names)
    return _in_thousandths(extraction)


def _check_mention(paper: Paper, mention: object) -> None:
    if not isinstance(mention, Mention):
        raise ExtractionError(f"a mention is a {type(mention).__name__}")
    what = f"mention {_short(mention.name)}"
    _check_text(what, "name", mention.name)
    if mention.name == PAPER_HEAD:
        raise ExtractionError(f"{what}: that name stands for the paper itself")
    _check_one_of(what, "type", mention.type, ENTITY_TYPES)
    _check_one_of(what, "role", mention.role, ROLES)
    _check_confidence(what, mention.confidence)
    if (mention.kind in KINDS) != (mention.type == "Benchmark") or mention.kind not in {None, *KINDS}:
        raise ExtractionError(
            f"{what}: a {mention.type} of kind {mention.kind!r}; a Benchmark has one of {', '.join(KINDS)}, "
            "all else None"
        )
    if not isinstance(mention.extractor, str):
        raise ExtractionError(f"{what}: its extractor is no text")
    if not mention.spans:
        raise ExtractionError(f"{what}: it has no span")
    for span in mention.spans:
        if not isinstance(span, Span):
            raise ExtractionError(f"{what}: a span is a {type(span).__name__}")
        _check_place(paper, what, span)
        if paper.text(span.field)[span.start : span.end] != span.text:
            raise ExtractionError(
                f"{what}: {span.field}[{span.start}:{span.end}] is "
                f"{_short(paper.text(span.field)[span.start : span.end])}, not {_short(span.text)}"
            )


def _check_relation(paper: Paper, relation: object, names: set[str]) -> None:
    if not isinstance(relation, Relation):
        raise ExtractionError(f"a relation is a {type(relation).__name__}")
    what = f"relation {_short(relation.head)} {relation.type} {_short(relation.tail)}"
    _check_one_of(what, "type", relation.type, RELATION_TYPES)
    if relation.head not in names | {PAPER_HEAD} or relation.tail not in names:
        raise ExtractionError(f"{what}: an end is no mention of this paper")
    if relation.head == relation.tail:
        raise ExtractionError(f"{what}: both ends are the same")
    _check_confidence(what, relation.confidence)
    _check_place(paper, what, relation.evidence)


def _check_result(paper: Paper, result: object, names: set[str]) -> None:
    if not isinstance(result, Result):
        raise ExtractionError(f"a result is a {type(result).__name__}")
    what = f"result {_short(result.value)}"
    _check_text(what, "value", result.value)
    if result.value not in paper.abstract and result.value not in paper.title:
        raise ExtractionError(f"{what}: that does not stand in the text")
    if result.subject not in names | {PAPER_HEAD}:
        raise ExtractionError(f"{what}: its subject {_short(result.subject)} is no mention of this paper")
    for part in ("benchmark", "metric", "baseline"):
        if getattr(result, part) is not None:
            _check_text(what, part, getattr(result, part))
    _check_one_of(what, "kind", result.kind, ("absolute", "gain"))
    _check_confidence(what, result.confidence)
    _check_place(paper, what, result.evidence)


def _check_text(what: str, part: str, value: object) -> None:
    if not isinstance(value, str) or not value.strip():
        raise ExtractionError(f"{what}: its {part} is {_short(value)}, no text")
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise ExtractionError(f"{what}: its {part} holds half a character")


def _check_one_of(what: str, part: str, value: object, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ExtractionError(f"{what}: no {part} called {_short(value)}; there are: {', '.join(choices)}")


def _check_confidence(what: str, value: object) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or not 0 <= value <= 1:  # type: ignore[arg-type, operator]
        raise ExtractionError(f"{what}: its confidence is {_short(value)}, not a number from 0 to 1")


def _check_place(paper: Paper, what: str, place: Span | Evidence) -> None:
    if not isinstance(place, Span | Evidence):
        raise ExtractionError(f"{what}: its evidence is a {type(place).__name__}")
    _check_one_of(what, "field", place.field, FIELDS)
    if type(place.start) is not int or type(place.end) is not int:
        raise ExtractionError(f"{what}: its offsets are no whole numbers")
    length = len(paper.text(place.field))
    if not 0 <= place.start < place.end <= length:
        raise ExtractionError(
            f"{what}: {place.field}[{place.start}:{place.end}] is not inside a text of {length} characters"
        )


def _in_thousandths(extraction: Extraction) -> Extraction:
    parts: tuple[Mention | Relation | Result, ...] = (
        *extraction.mentions,
        *extraction.relations,
        *extraction.results,
    )
    if all(type(p.confidence) is float and p.confidence == round(p.confidence, 3) for p in parts):
        return extraction
    return replace(
        extraction,
        mentions=tuple(replace(m, confidence=_thousandths(m.confidence)) for m in extraction.mentions),
        relations=tuple(replace(r, confidence=_thousandths(r.confidence)) for r in extraction.relations),
        results=tuple(replace(r, confidence=_thousandths(r.confidence)) for r in extraction.results),
    )


def _thousandths(confidence: float) -> float:
    return round(float(confidence), 3)


def _short(value: object) -> str:
    """Return a value as it is shown in a message: a name, never a sentence of somebody's text."""
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:56]}…{shown[-1]}"
