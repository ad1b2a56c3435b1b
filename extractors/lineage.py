"""What extends what, said by the names themselves or by plain words.

Rules over introduced methods, the first measured on the training annotations (rows of `train.jsonl`):

- nested name: a method whose name holds the name of another method that stands on its own in the text
  (`Stratified GRPO`, `GRPO-D`) extends it: 34 of 46 such pairs;
- extension verb: the method's sentence goes on with a verb of extension right before the other's name
  (`X, which augments Y`, `X, a variant of Y`);
- extension by the paper, where it introduces no name: a sentence with "we", and a verb of extension right
  before a method's name ("we propose a framework that extends Y"); the annotations hold no case of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from extractors.document import Draft, Row
from extractors.sequence import CORE
from ontology import known_entities

NESTED_CHANCE: Final = 0.74
VERB_CHANCE: Final = 0.7
_VERB: Final = frozenset(
    ["adapting", "adapts", "augmenting", "augments", "extending", "extends", "generalizes", "modifies"]
)
_PHRASE: Final = frozenset({"variant of", "extension of", "extension to", "version of", "generalization of"})
_REACH: Final = 8


def extensions(draft: Draft) -> Iterator[tuple[Row | None, Row, float]]:
    """Yield head (None for the paper), tail and chance of each extension that the rules find."""
    methods = [row for row in draft.rows if row.type == "Method"]
    if not any(row.role == "introduces" and row.type in CORE for row in draft.rows):
        for tail in methods:
            if any(_extended_by_us(draft, start) for start, _ in tail.places):
                yield None, tail, VERB_CHANCE
    for head in methods:
        if head.role != "introduces":
            continue
        others = [row for row in methods if row is not head and row.role != "introduces"]
        inside = [tail for tail in others if _nested_in(draft, tail, head)]
        # A name of two others (`GRPO-Verifier-DPO`) is of a thing made of both.
        alone = len(inside) == 1
        for tail in others:
            if alone and tail is inside[0]:
                yield head, tail, NESTED_CHANCE
            elif _verb_between(draft, head, tail):
                yield head, tail, VERB_CHANCE


def _nested_in(draft: Draft, tail: Row, head: Row) -> bool:
    """Return whether a spelling of the tail stands inside one of the head."""
    inner = _spellings(draft, tail) | _aliases().get(tail.name, frozenset())
    return any(nested(name, part) for name in _spellings(draft, head) for part in inner)


def nested(name: str, inner: str) -> bool:
    """Return whether `inner` stands inside the longer `name` as a part of its own.

    >>> nested("Stratified GRPO", "GRPO"), nested("DaGRPO", "GRPO"), nested("GRPO-D", "GRPO")
    (True, True, True)
    >>> nested("GRPO", "GRPO"), nested("GSPORT", "SPO"), nested("Adamant", "Adam")
    (False, False, False)
    """
    if len(inner) < 3 or name.casefold() == inner.casefold():
        return False
    for match in re.finditer(re.escape(inner), name):
        start, end = match.span()
        before = (
            start == 0 or not name[start - 1].isalnum() or (name[start - 1].islower() and inner[0].isupper())
        )
        after = end == len(name) or not name[end].isalnum()
        if before and after:
            return True
    return False


def _spellings(draft: Draft, row: Row) -> set[str]:
    return {row.name} | {draft.surface(found.start, found.end) for found in row.found}


@lru_cache(maxsize=1)
def _aliases() -> dict[str, frozenset[str]]:
    return {entity.name: frozenset(entity.aliases) for entity in known_entities() if entity.aliases}


def _extended_by_us(draft: Draft, start: int) -> bool:
    """Return whether a verb of extension stands right before a place, after a "we" of its sentence."""
    begin, _ = draft.sentence_range(start)
    before = draft.lower[begin:start]
    return "we" in before and bool(before) and before[-1] in _VERB


def _verb_between(draft: Draft, head: Row, tail: Row) -> bool:
    """Return whether a verb of extension leads from a place of the head to one of the tail."""
    for _, head_end in head.places:
        for start, _ in tail.places:
            if start <= head_end or draft.sentence[start] != draft.sentence[head_end - 1]:
                continue
            words = draft.lower[max(head_end, start - _REACH) : start]
            if any(w in _VERB for w in words):
                return True
            text = " ".join(words)
            if any(phrase in text for phrase in _PHRASE):
                return True
    return False
