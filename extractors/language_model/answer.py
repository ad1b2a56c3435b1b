"""An answer to an extraction: what the paper's text bears out is kept, the rest dropped and counted."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from extractors.checking import FIELDS, KINDS
from extractors.document import Draft
from extractors.language_model.errors import BadAnswer
from extractors.tokens import draft as cut
from extractors.tokens import tokenize
from kg.model import (
    ENTITY_TYPES,
    PAPER_HEAD,
    RELATION_TYPES,
    ROLES,
    EntityType,
    Evidence,
    Extraction,
    Mention,
    Paper,
    Relation,
    RelationType,
    Result,
    Role,
    Span,
)
from kg.names import display_name, normal_form

CONFIDENCE: Final = 0.8
"""The confidence of all that a model says: what it says of itself is no measure, and neither is this."""
RELATED: Final = frozenset({"Method", "Model", "Benchmark"})
SOFT: Final = frozenset({"Concept", "Task", "Metric"})
SOFT_ROLES: Final = frozenset({"uses", "evaluates_on", "mentions"})
MOST: Final = 6
"""At most so many results a paper, as everywhere."""

NOT_FOUND: Final = "entities whose spellings are not in the text"
SURFACE: Final = "spellings that are not in the text"
MALFORMED: Final = "malformed entries"
ENDS: Final = "relations between unknown entities"
RESULT_NAMES: Final = "results of unknown entities"
NUMBERS: Final = "results whose numbers are not in the text"
MORE: Final = f"results beyond {MOST}"

_FENCE: Final = re.compile(r"\s*```(?:json)?\s*\n(.*?)\n?\s*```\s*", re.DOTALL)
_NUMBER: Final = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")


@dataclass(slots=True)
class _Entry:
    """An entity while its entries are put together."""

    type: EntityType
    role: Role
    kind: str | None
    spans: set[Span] = field(default_factory=set)


def parse(content: str) -> Mapping[str, Any]:
    r"""Return the object that a model wrote; a Markdown fence around it is taken off.

    Raises:
        BadAnswer: it is no JSON object with a list of entities.

    >>> parse('```json\n{"entities": []}\n```')
    {'entities': []}
    """
    fenced = _FENCE.fullmatch(content)
    try:
        answer = json.loads(fenced[1] if fenced else content)
    except (ValueError, RecursionError):
        raise BadAnswer("the answer is no JSON") from None
    if not isinstance(answer, dict) or not isinstance(answer.get("entities"), list):
        raise BadAnswer("the answer is JSON, but no extraction")
    return answer


def to_extraction(paper: Paper, answer: Mapping[str, Any], extractor: str) -> tuple[Extraction, Counter[str]]:
    """Return what of an answer stands in the paper's text, and counts of what was dropped.

    An entity keeps the spellings that are found letter by letter, outside words and web addresses, at all
    their places. Relations and results need entities that were kept; a result needs its number in the text.
    Their evidence is the sentence that shows them best.

    >>> said = {"name": "X", "type": "Method", "role": "uses", "kind": None, "surfaces": ["Y"]}
    >>> to_extraction(Paper("On X", ""), {"entities": [said]}, "llm")[1][NOT_FOUND]
    1
    """
    dropped: Counter[str] = Counter()
    known: dict[str, str] = {}
    entries: dict[str, _Entry] = {}
    for said in _records(answer, "entities", dropped):
        _add_entity(paper, said, entries, known, dropped)
    draft = cut(paper)
    mentions = [
        Mention(name, e.type, e.role, CONFIDENCE, tuple(sorted(e.spans, key=_place)), e.kind, extractor)
        for name, e in entries.items()
    ]
    return (
        Extraction(
            id=paper.id,
            title=paper.title,
            mentions=tuple(sorted(mentions, key=lambda m: ([_place(s) for s in m.spans], m.name))),
            relations=tuple(_relations(draft, answer, entries, known, dropped)),
            results=tuple(_results(draft, answer, entries, known, dropped)),
        ),
        +dropped,
    )


def places(text: str, surface: str) -> Iterator[tuple[int, int]]:
    """Yield where a spelling stands in a text: whole words, letter by letter, not in a web address.

    White space is the one thing that may differ, since a line may break anywhere.

    >>> list(places("RL for GIRL and RL-based https://x.org/RL", "RL"))
    [(0, 2), (16, 18)]
    """
    words = surface.split()
    if not words or len(surface) > len(text):
        return
    pattern = r"\s+".join(re.escape(word) for word in words)
    before = r"(?<![^\W_])" if words[0][0].isalnum() else ""
    after = r"(?![^\W_])" if words[-1][-1].isalnum() else ""
    addresses = [(start, end) for start, end, is_address in tokenize(text) if is_address]
    for match in re.finditer(before + pattern + after, text):
        if not any(start < match.end() and match.start() < end for start, end in addresses):
            yield match.span()


def _add_entity(
    paper: Paper,
    said: Mapping[str, Any],
    entries: dict[str, _Entry],
    known: dict[str, str],
    dropped: Counter[str],
) -> None:
    given, surfaces, type_, role = (said.get(k) for k in ("name", "surfaces", "type", "role"))
    if not isinstance(given, str) or not isinstance(surfaces, list) or type_ not in ENTITY_TYPES:
        dropped[MALFORMED] += 1
        return
    found: list[str] = []
    spans: set[Span] = set()
    texts = dict.fromkeys(s for s in surfaces if isinstance(s, str))
    for surface in sorted(texts, key=lambda s: (-len(s), s)):
        here = set(_spans(paper, surface))
        if not here:
            dropped[SURFACE] += 1
            continue
        found.append(surface)
        spans |= {s for s in here if not any(_inside(s, other) for other in spans)}
    name = known.get(given) or _name(given, [s for s in texts if s in found])
    if not name or name == PAPER_HEAD or not spans:
        dropped[NOT_FOUND] += 1
        return
    known.setdefault(given, name)
    known.setdefault(name, name)
    kind = said.get("kind")
    entry = entries.setdefault(
        name,
        _Entry(
            type=cast(EntityType, type_),
            role=_role(type_, role),
            kind=(kind if kind in KINDS else "benchmark") if type_ == "Benchmark" else None,
        ),
    )
    entry.spans |= spans


def _name(given: str, found: list[str]) -> str:
    """Return the name for an entity: the given one if it is one of the spellings found, else the first."""
    forms = {normal_form(surface) for surface in found}
    if normal_form(given) in forms:
        return display_name(given)
    return display_name(found[0]) if found and normal_form(found[0]) else ""


def _role(type_: object, role: object) -> Role:
    allowed = SOFT_ROLES if type_ in SOFT else frozenset(ROLES)
    return cast(Role, role) if role in allowed else "mentions"


def _spans(paper: Paper, surface: str) -> Iterator[Span]:
    for name in FIELDS:
        text = paper.text(name)
        for start, end in places(text, surface):
            yield Span(name, start, end, text[start:end])


def _inside(one: Span, other: Span) -> bool:
    return one.field == other.field and other.start <= one.start and one.end <= other.end


def _place(span: Span) -> tuple[bool, int, int]:
    return span.field != "title", span.start, span.end


def _relations(
    draft: Draft,
    answer: Mapping[str, Any],
    entries: Mapping[str, _Entry],
    known: Mapping[str, str],
    dropped: Counter[str],
) -> Iterator[Relation]:
    kept: dict[tuple[str, RelationType, str], Relation] = {}
    for said in _records(answer, "relations", dropped):
        type_ = said.get("type")
        if type_ not in RELATION_TYPES:
            dropped[MALFORMED] += 1
            continue
        head, tail = _known(said.get("head"), known), _known(said.get("tail"), known)
        ends = [entries[name] for name in (tail, head) if name is not None and name in entries]
        related = all(entry.type in RELATED for entry in ends)
        if head is None or tail is None or head == tail or tail == PAPER_HEAD or not related:
            dropped[ENDS] += 1
            continue
        evidence = _best_sentence(draft, entries[tail].spans, ends)
        relation = Relation(head, cast(RelationType, type_), tail, CONFIDENCE, evidence)
        kept.setdefault((head, relation.type, tail), relation)
    yield from (kept[key] for key in sorted(kept))


def _results(
    draft: Draft,
    answer: Mapping[str, Any],
    entries: Mapping[str, _Entry],
    known: Mapping[str, str],
    dropped: Counter[str],
) -> Iterator[Result]:
    kept = 0
    for said in _records(answer, "results", dropped):
        value, kind = said.get("value"), said.get("kind")
        if not isinstance(value, str) or kind not in {"absolute", "gain"}:
            dropped[MALFORMED] += 1
            continue
        names = {part: said.get(part) for part in ("subject", "benchmark", "metric", "baseline")}
        settled = {part: _known(name, known) for part, name in names.items()}
        if settled["subject"] is None or any(
            names[part] is not None and settled[part] in {None, PAPER_HEAD}
            for part in ("benchmark", "metric", "baseline")
        ):
            dropped[RESULT_NAMES] += 1
            continue
        spans = set(_value_spans(draft.paper, value))
        if not spans:
            dropped[NUMBERS] += 1
            continue
        if kept == MOST:
            dropped[MORE] += 1
            continue
        kept += 1
        named = [entries[name] for name in settled.values() if name is not None and name in entries]
        evidence = _best_sentence(draft, spans, named)
        written = next(s.text for s in sorted(spans, key=_place) if _holds(evidence, s))
        yield Result(
            subject=settled["subject"],
            value=written,
            benchmark=settled["benchmark"],
            metric=settled["metric"],
            baseline=settled["baseline"],
            kind="gain" if kind == "gain" else "absolute",
            confidence=CONFIDENCE,
            evidence=evidence,
        )


def _value_spans(paper: Paper, value: str) -> Iterator[Span]:
    """Yield where a value stands: as written or, where only marks differ, its one number."""
    numbers = _NUMBER.findall(value)
    if not numbers:
        return
    exact = [span for span in _spans(paper, value.strip()) if _is_whole(paper, span)]
    if exact or len(numbers) > 1:
        yield from exact
        return
    for name in FIELDS:
        text = paper.text(name)
        for match in re.finditer(rf"[+\-−–]?{re.escape(numbers[0])}(?:\s?\\?%)?", text):
            span = Span(name, match.start(), match.end(), match[0])
            if _is_whole(paper, span):
                yield span


_IN_NAME: Final = re.compile(r"[^\W_]-?\Z|\d[.,]\Z")
_LETTER: Final = re.compile(r"[A-Za-z]\Z")
_MORE_DIGITS: Final = re.compile(r"\d|[.,]\d")


def _is_whole(paper: Paper, span: Span) -> bool:
    """Tell whether the number of a span is no part of a longer number or of a name such as GPT-4."""
    text = paper.text(span.field)
    before, first = text[max(0, span.start - 2) : span.start], text[span.start]
    cut_before = (_IN_NAME if first.isdigit() else _LETTER).search(before)
    return cut_before is None and _MORE_DIGITS.match(text, span.end) is None


def _best_sentence(draft: Draft, spans: set[Span], others: list[_Entry]) -> Evidence:
    """Return the sentence of one of the spans that holds most of the others; the first of equals."""
    sentences = [_sentence(draft, span) for span in sorted(spans, key=_place)]
    return max(
        sentences,
        key=lambda s: (sum(any(_holds(s, span) for span in e.spans) for e in others), s.field == "abstract"),
    )


def _sentence(draft: Draft, span: Span) -> Evidence:
    at = span.start + (draft.abstract_at if span.field == "abstract" else 0)
    token = max(0, bisect_right(draft.starts, at) - 1)
    whole = draft.evidence(*draft.sentence_range(token))
    return Evidence(span.field, min(whole.start, span.start), max(whole.end, span.end))


def _holds(evidence: Evidence, span: Span) -> bool:
    return evidence.field == span.field and evidence.start <= span.start and span.end <= evidence.end


def _known(name: object, known: Mapping[str, str]) -> str | None:
    if name == PAPER_HEAD:
        return PAPER_HEAD
    return known.get(name) if isinstance(name, str) else None


def _records(answer: Mapping[str, Any], part: str, dropped: Counter[str]) -> Iterator[Mapping[str, Any]]:
    """Yield the entries of a list that are objects."""
    entries = answer.get(part)
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict):
            yield entry
        else:
            dropped[MALFORMED] += 1
