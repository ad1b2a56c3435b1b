"""Names that the corpus knows: what recognition took each for, over the papers of the corpus that hold it.

`lexicon.tsv.gz` holds one name a line: its tokens, in how many papers it was found (as bits of the count),
and how likely it is each entity type, in ninths of the mean probability that a recognizer gave it
(`extractors.corpus_lexicon`). A hint, not a decision.
"""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from extractors import weights
from extractors.document import Draft
from extractors.matching import NameTable
from kg.model import ENTITY_TYPES

FILE = "lexicon.tsv.gz"
NINTHS = 9
_SURE_LENGTH = 5


class Entry(NamedTuple):
    """A name: its tokens, bits of the count of papers, ninths for each type, and its feature strings."""

    tokens: tuple[str, ...]
    papers: int
    types: tuple[int, ...]
    begins: tuple[str, ...]
    goes_on: tuple[str, ...]


Lexicon = NameTable[Entry]


def read(content: bytes) -> Lexicon:
    """Return the lexicon of a file's content."""
    made: dict[str, tuple[int, tuple[int, ...], tuple[str, ...], tuple[str, ...]]] = {}
    names = Lexicon()
    for line in gzip.decompress(content).decode().splitlines():
        name, _, counted = line.partition("\t")
        if counted not in made:
            papers, digits = counted.split("\t")
            made[counted] = int(papers), tuple(map(int, digits)), *_features(papers, digits)
        tokens = tuple(name.split(" "))
        low = name.lower()
        names.add(tokens if low == name else tuple(low.split(" ")), Entry(tokens, *made[counted]))
    return names


def _features(papers: str, digits: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    shares = sorted(((int(d), t) for d, t in zip(digits, ENTITY_TYPES, strict=True)), key=lambda s: -s[0])
    (share, best), (second_share, second) = shares[:2]
    told = [f"{best}", f"{best}{share // 2}", f"{best}{share // 2}{min(int(papers), 5)}"]
    if second_share > 1:
        told.append(f"2{second}")
    return tuple(f"lxB{t}" for t in told), tuple(f"lxI{t}" for t in told)


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """Return the lexicon, read once a process; empty without its file."""
    return read(weights.content(FILE)) if weights.has(FILE) else Lexicon()


def mark(draft: Draft, names: Lexicon | None = None) -> None:
    """Fill `draft.lexical` with the longest name of the lexicon at each place."""
    table, words = lexicon() if names is None else names, draft.words
    for start, end, entry in table.matches(draft.lower, lambda a, b, e: _same(words[a:b], e.tokens)):
        draft.lexical[start] = (end, entry)


def _same(words: Sequence[str], name: Sequence[str]) -> bool:
    """Tell whether words equal but for case are the name: one short word must be spelt alike."""
    if len(words) > 1 or words[0] == name[0]:
        return True
    word = words[0]
    return len(word) >= _SURE_LENGTH and word[1:] == name[0][1:] and name[0].islower()
