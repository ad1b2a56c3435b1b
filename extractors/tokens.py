r"""Text to tokens, without losing a character.

A name must never start or end inside a token, so words are cut at every hyphen, slash and LaTeX mark; web
addresses stay whole, so that no name is found inside one.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from extractors.document import Draft
from kg.model import Paper

_URL = (
    r"(?:https?://|www\.)[^\s{}<>]*[^\s{}<>.,;:!?)\]'\"]"
    r"|[A-Za-z0-9][\w.-]*\.(?:com|org|io|ai|net|edu|dev|co)/[^\s{}<>]*[^\s{}<>.,;:!?)\]'\"]"
    r"|[A-Za-z0-9][\w-]*\.(?:github|gitlab)\.io\b"
)
_REST = r"\\[A-Za-z]+|\\[^A-Za-z\s]|\d+(?:,\d{3})+(?:\.\d+)?(?![^\W_])|[^\W_]+(?:\.\d[^\W_]*)*|\S"
_TOKEN: Final = re.compile(rf"(?P<url>{_URL})|{_REST}")
_TOKEN_OF_NO_URL: Final = re.compile(_REST)
_OF_URLS: Final = (
    *("://", "www.", ".com/", ".org/", ".io/", ".ai/", ".net/", ".edu/", ".dev/", ".co/"),
    *(".github.io", ".gitlab.io"),
)
"""A text that holds none of these holds no web address."""
URL_WORD: Final = "<url>"
"""What stands for a web address among the words of a draft."""
_ENDS: Final = frozenset(".!?")
_NO_END: Final = frozenset(
    {"e.g", "i.e", "al", "vs", "fig", "eq", "etc", "cf", "resp", "approx", "no", "g", "e", "dr"}
)


def tokenize(text: str) -> Iterator[tuple[int, int, bool]]:
    """Yield start, end and whether it is a web address, of each token that is not white space.

    >>> text = "GRPO-based Qwen2.5-VL, see https://x.org/Y-1."
    >>> [text[s:e] for s, e, _ in tokenize(text)]
    ['GRPO', '-', 'based', 'Qwen2.5', '-', 'VL', ',', 'see', 'https://x.org/Y-1', '.']
    """
    for match in _pattern(text).finditer(text):
        yield *match.span(), match.lastgroup is not None


def _pattern(text: str) -> re.Pattern[str]:
    return _TOKEN if any(part in text for part in _OF_URLS) else _TOKEN_OF_NO_URL


def draft(paper: Paper) -> Draft:
    """Return the paper cut into tokens and sentences.

    >>> found = draft(Paper("On X", "It works. We use 𝒜."))
    >>> found.words, found.sentence
    (['On', 'X', 'It', 'works', '.', 'We', 'use', '𝒜', '.'], [0, 0, 1, 1, 1, 2, 2, 2, 2])
    >>> found.span(7, 8)
    Span(field='abstract', start=17, end=18, text='𝒜')
    """
    text = f"{paper.title}\n{paper.abstract}"
    matches = list(_pattern(text).finditer(text))
    spans = [match.span() for match in matches]
    starts = [start for start, _ in spans]
    ends = [end for _, end in spans]
    words = [URL_WORD if match.lastgroup else match[0] for match in matches]
    num_title = bisect_left(starts, len(paper.title))
    return Draft(
        paper=paper,
        text=text,
        words=words,
        starts=starts,
        ends=ends,
        sentence=_sentences(words, starts, ends, num_title),
        num_title=num_title,
        lower=[w.lower() for w in words],
    )


def _sentences(words: list[str], starts: list[int], ends: list[int], num_title: int) -> list[int]:
    """Return the number of each token's sentence; the title is the first."""
    first = [num_title] if 0 < num_title < len(words) else []
    for i in [i for i, word in enumerate(words) if word in _ENDS]:
        if i < num_title or i + 1 == len(words) or starts[i + 1] == ends[i] or words[i + 1][0].islower():
            continue
        if not (i and words[i - 1].lower() in _NO_END):
            first.append(i + 1)
    numbers: list[int] = []
    for number, (start, end) in enumerate(pairwise([0, *first, len(words)])):
        numbers += [number] * (end - start)
    return numbers
