"""A paper's text with the places marked at which its entities and its evidence stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

_SPAN: Final = re.compile(r"#(title|abstract)-(\d+)-(\d+)$")


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of a field of a paper, end exclusive, in Unicode code points."""

    field: str
    start: int
    end: int

    @property
    def id(self) -> str:
        """The fragment that names it in its IRI."""
        return f"{self.field}-{self.start}-{self.end}"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text; `key` says what is named there, None for nothing; `anchors` begin here."""

    text: str
    key: str | None
    anchors: tuple[str, ...]


def place_of(iri: str) -> Place | None:
    """Return the place that the IRI of a span names, or None.

    >>> place_of("https://w3id.org/abstractkg/paper/1#abstract-3-7")
    Place(field='abstract', start=3, end=7)
    """
    match = _SPAN.search(iri)
    return Place(match[1], int(match[2]), int(match[3])) if match else None


def marked(text: str, named: Mapping[Place, str], anchors: Iterable[Place]) -> list[Piece]:
    """Return a text in pieces: those named stand alone; of overlapping names the longest is marked.

    Args:
        text: The field as it stands.
        named: What stands at which place of this field.
        anchors: Places of this field that other pages point to.

    >>> [(p.text, p.key) for p in marked("We use GRPO.", {Place("abstract", 7, 11): "grpo"}, [])]
    [('We use ', None), ('GRPO', 'grpo'), ('.', None)]
    """
    kept: list[Place] = []
    taken: set[int] = set()
    for place in sorted(named, key=lambda p: (p.start - p.end, p.start)):
        inside = range(place.start, min(place.end, len(text)))
        if inside and taken.isdisjoint(inside):
            taken.update(inside)
            kept.append(place)
    starts: dict[int, list[str]] = {}
    for place in sorted({*anchors, *named}, key=lambda p: (p.start, p.end)):
        if place.start < len(text):
            starts.setdefault(place.start, []).append(place.id)
    cuts = sorted({0, len(text), *starts, *(p.start for p in kept), *(min(p.end, len(text)) for p in kept)})
    inside_of = {number: place for place in kept for number in range(place.start, min(place.end, len(text)))}
    pieces = []
    for start, end in pairwise(cuts):
        around = inside_of.get(start)
        key = named[around] if around else None
        pieces.append(Piece(text[start:end], key, tuple(starts.get(start, ()))))
    return pieces
