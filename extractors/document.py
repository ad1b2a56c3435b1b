"""The working state of one paper on its way through the pipeline: tokens in, rows out.

Token offsets count in `Draft.text`, which is the title, a line break and the abstract; `Draft.span` gives
them back as offsets of a field.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kg.model import EntityType, Evidence, Paper, Relation, Result, Role, Span

if TYPE_CHECKING:
    from extractors.lexicon import Entry

NOT_COUNTED = np.zeros(0, np.float32)
"""The numbers of a row before anything is counted."""

GAP: Final = 3
"""Empty tokens before, between and after joined drafts: none sees the words of another."""


class Found(NamedTuple):
    """A stretch of tokens (`end` exclusive) that a component takes for an entity of `type`."""

    start: int
    end: int
    type: EntityType
    probability: float
    by: str


@dataclass(slots=True)
class Row:
    """One entity of the paper: all its stretches, then the name, type, kind and role settled for it."""

    found: list[Found]
    name: str = ""
    type: EntityType = "Concept"
    kind: str | None = None
    role: Role = "mentions"
    probability: float = 0.0
    role_probability: float = 1.0
    short: str | None = None
    keys: set[str] = field(default_factory=set)
    numbers: NDArray[np.float32] = field(default_factory=lambda: NOT_COUNTED)
    """What is counted of the row (`extractors.measures.NAMES`)."""
    chances: list[float] = field(default_factory=list)
    """Probability of each type of `ENTITY_TYPES`, then of nothing."""
    role_chances: list[float] = field(default_factory=list)
    """Probability of each role of `ROLES`."""
    _places: list[tuple[int, int]] = field(default_factory=list, repr=False, compare=False)
    _of: tuple[int, list[Found] | None] = field(default=(0, None), repr=False, compare=False)

    @property
    def places(self) -> list[tuple[int, int]]:
        """The different token ranges of the row, in order; kept until `found` grows or is another list."""
        number, found = self._of
        if found is not self.found or number != len(self.found):
            self._places = list(dict.fromkeys([(f.start, f.end) for f in self.found]))
            self._of = len(self.found), self.found
        return self._places


@dataclass(slots=True)
class Draft:
    """A paper's tokens and what the components have found so far."""

    paper: Paper
    text: str
    words: list[str]
    starts: list[int]
    ends: list[int]
    sentence: list[int]
    num_title: int
    lower: list[str] = field(default_factory=list)
    acronyms: list[tuple[int, int, int, int]] = field(default_factory=list)
    """Pairs of token ranges: short form start, end, long form start, end."""
    known: dict[int, tuple[int, str]] = field(default_factory=dict)
    """Known entities: first token to (end, type)."""
    lexical: dict[int, tuple[int, Entry]] = field(default_factory=dict)
    """Names of the lexicon: first token to (end, entry)."""
    found: list[Found] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)

    @property
    def abstract_at(self) -> int:
        """The offset in `text` at which the abstract begins."""
        return len(self.paper.title) + 1

    def is_glued(self, token: int) -> bool:
        """Tell whether a token stands right after the one before it, without white space."""
        return token > 0 and self.starts[token] == self.ends[token - 1]

    def surface(self, start: int, end: int) -> str:
        """Return the text of the tokens from `start` to `end`."""
        return self.text[self.starts[start] : self.ends[end - 1]]

    def span(self, start: int, end: int) -> Span:
        """Return the stretch of the tokens from `start` to `end` in the field where it stands."""
        first, last = self.starts[start], self.ends[end - 1]
        if start < self.num_title:
            return Span("title", first, last, self.text[first:last])
        shift = self.abstract_at
        return Span("abstract", first - shift, last - shift, self.text[first:last])

    def evidence(self, start: int, end: int) -> Evidence:
        """Return the tokens from `start` to `end` as evidence."""
        span = self.span(start, end)
        return Evidence(span.field, span.start, span.end)

    def sentence_range(self, token: int) -> tuple[int, int]:
        """Return the first and the end token of the sentence that holds `token`."""
        number = self.sentence[token]
        return bisect_left(self.sentence, number), bisect_right(self.sentence, number)


@dataclass(frozen=True, slots=True)
class Joined:
    """The tokens of several drafts in one row, with `GAP` empty ones around each draft.

    `first` is the place of each draft's first token; the tokens of a gap are a sentence of their own.
    """

    first: list[int]
    words: list[str]
    lower: list[str]
    sentence: NDArray[np.intp]


def joined(drafts: Iterable[Draft]) -> Joined:
    """Return the tokens of drafts in one row.

    >>> one = Draft(Paper("A", "b"), "A b", ["A", "b"], [0, 2], [1, 3], [0, 1], 1, ["a", "b"])
    >>> joined([one, one]).lower
    ['', '', '', 'a', 'b', '', '', '', 'a', 'b', '', '', '']
    >>> joined([one, one]).first, joined([one]).sentence.tolist()
    ([3, 8], [0, 0, 0, 1, 2, 3, 3, 3])
    """
    gap = [""] * GAP
    first: list[int] = []
    words, lower, sentence = list(gap), list(gap), [0] * GAP
    for draft in drafts:
        first.append(len(words))
        after = sentence[-1] + 1
        words += draft.words
        words += gap
        lower += draft.lower
        lower += gap
        sentence += [after + number for number in draft.sentence]
        sentence += [sentence[-1] + 1] * GAP
    return Joined(first, words, lower, np.array(sentence))


def inside_of(starts: NDArray[np.intp], ends: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return all tokens from each start to its end, and where among them those of each start begin.

    >>> tokens, bounds = inside_of(np.array([1, 7]), np.array([4, 8]))
    >>> tokens.tolist(), bounds.tolist()
    ([1, 2, 3, 7], [0, 3])
    """
    length = ends - starts
    bounds = np.append(0, np.cumsum(length)[:-1])
    return np.arange(length.sum()) + np.repeat(starts - bounds, length), bounds
