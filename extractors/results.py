"""The numbers that a paper reports: which are results, of what, on what, measured how, against whom."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from extractors import weights
from extractors.cues import COMPARE, VERB_CLASS
from extractors.document import Draft, Row
from extractors.relations import main_row
from extractors.sequence import CORE
from kg.model import PAPER_HEAD, Result

MODEL = "results"
NONE: Final = "none"
THRESHOLD = 0.42
MOST = 6
"""At most so many results a paper: the annotation holds the main ones."""
_NUMBER = re.compile(
    r"(?<![^\W_])(?<!\d[.,])[+\-−–~≈]?\s?\$?(?P<number>\d+(?:,\d{3})*(?:\.\d+)?)\$?"
    r"(?P<unit>\s?\\?%|\s?(?:\$?\\times\$?|×)|x\b|X\b|-fold\b|\s(?:points?|pp|pts|FPS|fps|Hz|ms|dB)\b)?"
    r"(?P<tail>[^\W_]*)"
)


_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a draft's text: token, and the stretch of text with sign and unit."""

    token: int
    start: int
    end: int
    unit: str


def numbers(draft: Draft) -> Iterator[Number]:
    """Yield the numbers of the abstract that stand outside names and web addresses."""
    named = {i for row in draft.rows if row.type in CORE for s, e in row.places for i in range(s, e)}
    token = 0
    for match in _written_numbers(draft.text, draft.abstract_at):
        if match["tail"] and match["unit"] is None:
            continue
        token = bisect_right(draft.ends, match.start("number"), token)
        if token in named or not draft.words[token][0].isdigit():
            continue
        start = match.start()
        while draft.text[start].isspace():
            start += 1
        unit = (match["unit"] or "").strip().lower().lstrip("\\")
        yield Number(token, start, match.end() - len(match["tail"] or ""), unit)


def _written_numbers(text: str, start: int) -> Iterator[re.Match[str]]:
    """Yield the matches of `_NUMBER` from `start` on, looked for only right before digits."""
    for digits in _DIGITS.finditer(text, start):
        at = digits.start()
        if at < start or text[at - 1].isalnum():
            continue
        tries = (_NUMBER.match(text, first) for first in range(max(start, at - 3), at + 1))
        match = next((found for found in tries if found), None)
        if match:
            start = match.end()
            yield match


def features(draft: Draft, number: Number) -> list[str]:
    """Return the feature strings of a number's clause."""
    lower, i = draft.lower, number.token
    digits = draft.words[i]
    out = {f"u={number.unit}", f"dec={'.' in digits}", f"len={len(digits)}", f"com={',' in digits}"}
    sign = draft.text[number.start]
    if not sign.isdigit():
        out.add(f"sign={sign}")
    begin, stop = draft.sentence_range(i)
    for j in range(max(begin, i - 6), i):
        if i - j <= 3:
            out.add(f"b{i - j}={lower[j]}")
        out.add(f"bw={lower[j]}")
    for j in range(i + 1, min(stop, i + 7)):
        if j - i <= 3:
            out.add(f"a{j - i}={lower[j]}")
        out.add(f"aw={lower[j]}")
    for j in range(begin, stop):
        if lower[j] in VERB_CLASS:
            out.add(f"sv={VERB_CLASS[lower[j]]}")
        if lower[j].isalpha() and not lower[j][0].isdigit():
            out.add(f"sw={lower[j]}")
    out.add(f"pos={5 * draft.sentence[i] // (draft.sentence[-1] + 1)}")
    for row in draft.rows:
        for start, _ in row.places:
            if begin <= start < stop:
                out.add(f"has={row.type}")
                if i - 8 <= start < i + 8:
                    out.add(f"near={row.type}")
    out |= {f"u={number.unit}&{f}" for f in list(out) if f[:2] in {"b1", "a1", "a2", "b2"}}
    return sorted(out)


def settle(drafts: Sequence[Draft]) -> None:
    """Fill `results` of some drafts."""
    written = [list(numbers(draft)) for draft in drafts]
    cases = [features(d, number) for d, some in zip(drafts, written, strict=True) for number in some]
    chances = iter(weights.probabilities(MODEL, cases))
    for draft, some in zip(drafts, written, strict=True):
        judged = [(number, next(chances)) for number in some]
        draft.results = _results(draft, [(n, c) for n, c in judged if 1.0 - c.get(NONE, 0.0) >= THRESHOLD])


def _results(draft: Draft, likely: Sequence[tuple[Number, dict[str, float]]]) -> list[Result]:
    """Return the results of the likeliest numbers."""
    if not likely:
        return []
    subject = _subject(draft)
    found: list[tuple[float, int, Result]] = []
    for number, chances in likely:
        chance = 1.0 - chances.get(NONE, 0.0)
        gain = chances.get("gain", 0.0) > chances.get("absolute", 0.0)
        kind: Literal["absolute", "gain"] = "gain" if gain else "absolute"
        begin, stop = draft.sentence_range(number.token)
        benchmark = _nearest(draft, number.token, begin, stop, "Benchmark")
        metric = _nearest(draft, number.token, begin, stop, "Metric")
        baseline = _baseline(draft, begin, stop)
        result = Result(
            subject=subject,
            value=draft.text[number.start : number.end],
            benchmark=benchmark.name if benchmark else None,
            metric=metric.name if metric else None,
            baseline=baseline.name if baseline and baseline.name != subject else None,
            kind=kind,
            confidence=round(chance, 3),
            evidence=draft.evidence(begin, stop),
        )
        found.append((-chance, number.start, result))
    kept = sorted(sorted(found, key=lambda f: f[:2])[:MOST], key=lambda f: f[1])
    return [result for _, _, result in kept]


def _subject(draft: Draft) -> str:
    introduced = [r for r in draft.rows if r.role == "introduces" and r.type in CORE]
    main = main_row(draft, introduced)
    return PAPER_HEAD if main is None else main.name


def _nearest(draft: Draft, token: int, begin: int, stop: int, type_: str) -> Row | None:
    """Return the row of `type_` nearest to a number in its sentence; a place after the number is nearer."""
    best: tuple[int, int, Row] | None = None
    for row in draft.rows:
        if row.type != type_:
            continue
        for start, end in row.places:
            if begin <= start < stop:
                distance = start - token if start > token else 2 * (token - end + 1)
                if best is None or (distance, start) < best[:2]:
                    best = (distance, start, row)
    return best[2] if best else None


def _baseline(draft: Draft, begin: int, stop: int) -> Row | None:
    """Return the entity right after a comparing word of the sentence."""
    cue = next((j for j in range(begin, stop) if draft.lower[j] in COMPARE), None)
    if cue is None:
        return None
    after = [
        (s, row.name, row)
        for row in draft.rows
        if row.type in {"Method", "Model"} and row.role != "introduces"
        for s, _ in row.places
        if cue < s < min(stop, cue + 8)
    ]
    return min(after, key=lambda a: a[:2])[2] if after else None


def numbers_in(value: str) -> list[str]:
    """Return the digits of the numbers in a written value.

    >>> numbers_in("50%-75%"), numbers_in("1,200 FPS")
    (['50', '75'], ['1200'])
    """
    return [number.replace(",", "") for number in re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", value)]
