"""Definitions of short forms: "Long Form (LF)" and "LF (Long Form)"."""

from __future__ import annotations

import re

from extractors.document import Draft

_SHORT = re.compile(r"[^\W_]*[A-Z][^\W_]*")
_STOP = frozenset({"a", "an", "the", "of", "for", "and", "in", "on", "to", "with", "via", "from", "by", "-"})
_JOINERS = frozenset({"-", "^", "+", "*", "_", "$", "{", "}", ".", "/", "@"})
_MAX_SHORT, _MAX_LONG = 9, 16


def mark(draft: Draft) -> None:
    """Fill `draft.acronyms`."""
    words = draft.words
    _mark_title(draft)
    for i, word in enumerate(words):
        if word != "(":
            continue
        close = next((j for j in range(i + 1, min(i + 2 + _MAX_LONG, len(words))) if words[j] in "();"), None)
        if close is None or words[close] == "(" or close == i + 1:
            continue
        pair = _long_before(draft, i, close) or _long_inside(draft, i, close)
        if pair is not None:
            draft.acronyms.append(pair)


def _mark_title(draft: Draft) -> None:
    """Mark a title "SHORT: Its Long Form" whose words begin with the letters of the short form."""
    colon = next((i for i, w in enumerate(draft.words[: draft.num_title]) if w == ":"), None)
    if colon is None or not colon or not _is_short(draft, 0, colon):
        return
    letters = _letters(draft, 0, colon).lower()
    start, end = colon + 1, draft.num_title
    if len(letters) < 3 or not sum(c.isupper() for c in draft.surface(0, colon)) * 2 > len(letters):
        return
    while end > start + 2:
        if _match(draft, letters, start, end) == start and _starts(draft, letters, start, end) + 1 >= len(
            letters
        ):
            break
        end -= 1
    else:
        return
    while end > start + 2 and _match(draft, letters, start, end - 1) == start:
        end -= 1
    draft.acronyms.append((0, colon, start, end))


def find_definitions(draft: Draft) -> dict[str, str]:
    """Return short form to long form, as they stand in the text.

    >>> from extractors.tokens import draft as cut
    >>> from kg.model import Paper
    >>> d = cut(Paper("", "We use group relative policy optimization (GRPO) and LoRA (low-rank adaptation)."))
    >>> mark(d); find_definitions(d)
    {'GRPO': 'group relative policy optimization', 'LoRA': 'low-rank adaptation'}
    """
    return {draft.surface(a, b): draft.surface(c, d) for a, b, c, d in draft.acronyms}


def _letters(draft: Draft, start: int, end: int) -> str:
    return "".join(c for c in draft.surface(start, end) if c.isalnum())


def _is_short(draft: Draft, start: int, end: int) -> bool:
    if not 1 <= end - start <= _MAX_SHORT:
        return False
    surface = draft.surface(start, end)
    if " " in surface or not _SHORT.search(surface):
        return False
    return all(w in _JOINERS or w.isalnum() or w[0] == "\\" or w[0].isalnum() for w in draft.words[start:end])


def _long_before(draft: Draft, bracket: int, close: int) -> tuple[int, int, int, int] | None:
    if not _is_short(draft, bracket + 1, close):
        return None
    short = _letters(draft, bracket + 1, close).lower()
    if len(short) > 2 and short.endswith("s") and draft.words[close - 1][-1] == "s":
        short = short[:-1]
    capitals = "".join(c for c in _letters(draft, bracket + 1, close) if c.isupper() or c.isdigit()).lower()
    sentence = draft.sentence[bracket]
    low = max(0, bracket - _MAX_LONG)
    while draft.sentence[low] != sentence:
        low += 1
    for letters in dict.fromkeys((short, capitals)):
        start = _match(draft, letters, low, bracket)
        if start is not None:
            return bracket + 1, close, start, bracket
    return None


def _long_inside(draft: Draft, bracket: int, close: int) -> tuple[int, int, int, int] | None:
    end = bracket
    start = end - 1
    while (
        start > 0
        and draft.sentence[start - 1] == draft.sentence[bracket]
        and draft.is_glued(start)
        and end - start < _MAX_SHORT
    ):
        start -= 1
    if start < 0 or start >= end or not _is_short(draft, start, end) or close - bracket < 3:
        return None
    if draft.surface(start, end) in draft.words[bracket + 1 : close]:
        return None
    letters = _letters(draft, start, end)
    for candidate in (letters.lower(), "".join(c for c in letters if c.isupper()).lower()):
        if _match(draft, candidate, bracket + 1, close) == bracket + 1:
            return start, end, bracket + 1, close
    return None


def _match(draft: Draft, letters: str, low: int, end: int) -> int | None:
    """Return the token at which a long form for `letters` starts, reading both from the right.

    Each letter must be found, in order; the first letter at the start of a token.
    """
    if len(letters) < 2 or end <= low:
        return None
    token, position = end - 1, len(draft.words[end - 1]) - 1
    for index in range(len(letters) - 1, -1, -1):
        letter = letters[index]
        hit = False
        while token >= low:
            word = draft.lower[token]
            if word in {",", ";", ":", ")"}:
                return None
            while position >= 0:
                if position < len(word) and word[position] == letter and (index > 0 or position == 0):
                    hit = True
                    break
                position -= 1
            if hit:
                break
            token -= 1
            position = len(draft.words[token]) - 1 if token >= low else -1
        if not hit:
            return None
        position -= 1
        if position < 0 and index > 0:
            token -= 1
            position = len(draft.words[token]) - 1 if token >= low else -1
    if draft.lower[token] in _STOP or _starts(draft, letters, token, end) * 2 < len(letters):
        return None
    return token


def _starts(draft: Draft, letters: str, start: int, end: int) -> int:
    """Return how many of the letters are first letters of the tokens from `start`."""
    firsts = [w[0] for w in draft.lower[start:end] if w[0].isalnum()]
    count = at = 0
    for letter in letters:
        while at < len(firsts) and firsts[at] != letter:
            at += 1
        if at == len(firsts):
            break
        count, at = count + 1, at + 1
    return count
