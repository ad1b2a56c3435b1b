"""What stayed unresolved: names seen once, near misses, and merges that are in doubt."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from kg.cells import safe_cell
from kg.model import Entity, Extraction, Span
from kg.names import few_words
from kg.resolve.decide import NearMiss
from kg.resolve.keys import BROAD, match_key
from kg.resolve.ledger import Spelling
from kg.resolve.readings import one_edit
from kg.resolve.resolver import Resolution
from kg.resolve.rules import DOUBTFUL

FILE: Final = "unresolved.tsv"
"""Name of the file in a graph folder."""
COLUMNS: Final = ("name", "type", "slug", "why", "candidates", "papers", "mentions", "paper_ids", "spans")
_LEAST: Final = 7
"""Keys shorter than this differ by one letter too easily."""
_MOST: Final = 40
"""More names than this with one half in common are no near misses of each other."""

_LETTER: Final = re.compile(r"[\W_]\w$")
"""One letter on its own at the end is the name of a part (`ImageNet-C`)."""

Sentence = Callable[[str, Span], str]


@dataclass(frozen=True, slots=True)
class Doubt:
    """One question that a person could answer: are two names one thing?

    Attributes:
        merged: Whether they are one entity now.
        one: A name; where `merged` the spelling in doubt.
        other: The name that it may be.
        why: What speaks for or against it.
        papers: The papers that an answer touches.
        confidence: How sure it is that both are one, between 0 and 1.
        label: What curation may call the other, where its name has several senses; empty for the name.
    """

    merged: bool
    one: str
    other: str
    why: str
    papers: tuple[str, ...]
    confidence: float
    label: str = ""

    @property
    def value(self) -> float:
        """What an answer is worth: papers touched, times how unsure the rules are (at most 1)."""
        return len(self.papers) * (1 - abs(2 * self.confidence - 1))


def doubts(resolution: Resolution) -> list[Doubt]:
    """Return all that a person could settle, the most valuable first."""
    names = {entity.slug: entity for entity in resolution.entities}
    found = [Doubt(False, n.one, n.other, n.why, n.papers, 0.5) for n in resolution.near]
    for pair in similar(resolution.entities):
        less, more = sorted(pair, key=lambda e: (e.num_papers, e.slug))
        papers = tuple(sorted({p for row in resolution.ledger[less.slug] for p in row.papers}))
        found.append(Doubt(False, less.name, more.name, "one letter apart", papers, 0.4))
    for slug, rows in resolution.ledger.items():
        for row in rows:
            if row.confidence < DOUBTFUL:
                name, label = names[slug].name, _label(rows)
                found.append(Doubt(True, row.spelling, name, row.rule, row.papers, row.confidence, label))
    return sorted(found, key=lambda d: (-d.value, d.one, d.other, d.why))


def _label(rows: Iterable[Spelling]) -> str:
    """Return the long form that most papers use for an entity, if they use one."""
    long_forms = [row for row in rows if row.rule in {"long-form", "alias"} and " " in row.spelling]
    return min(long_forms, key=lambda r: (-len(r.papers), r.spelling)).spelling if long_forms else ""


def similar(entities: Iterable[Entity]) -> Iterator[tuple[Entity, Entity]]:
    """Yield pairs of entities whose names are one letter apart and that may be the same kind of thing.

    Two keys that are one letter apart share their first or their last half, so only such are compared.

    >>> def entity(name: str) -> Entity:
    ...     return Entity(name.casefold(), name, "Method", None, (), 1)
    >>> [(a.name, b.name) for a, b in similar([entity("ZorbNetwork"), entity("ZurbNetwerk"), entity("Zorb")])]
    []
    >>> [(a.name, b.name) for a, b in similar([entity("ZorbNetwork"), entity("ZorbNetwerk")])]
    [('ZorbNetwerk', 'ZorbNetwork')]
    """
    halves: defaultdict[tuple[str, bool, str], list[tuple[str, Entity]]] = defaultdict(list)
    for entity in sorted(entities, key=lambda e: e.slug):
        key = match_key(entity.name)
        if len(key) >= _LEAST and key.isalpha():
            middle = len(key) // 2
            for first, half in ((True, key[:middle]), (False, key[-middle:])):
                halves[BROAD[entity.type], first, half].append((key, entity))
    seen: set[tuple[str, str]] = set()
    for _, group in sorted(halves.items()):
        for place, (key, entity) in enumerate(group if len(group) <= _MOST else ()):
            for other_key, other in group[place + 1 :]:
                pair = (entity.slug, other.slug)
                if (
                    pair in seen
                    or key == other_key
                    or _LETTER.search(entity.name)
                    or _LETTER.search(other.name)
                ):
                    continue
                if one_edit(key, other_key):
                    seen.add(pair)
                    yield entity, other


def unresolved_table(
    resolution: Resolution, extractions: Iterable[Extraction], *, sentence: Sentence | None = None
) -> bytes:
    """Return what stayed unresolved as TSV; see `table`.

    Args:
        resolution: All names resolved.
        extractions: Where the names stand.
        sentence: Gives the sentence around a span of a paper.

    Returns:
        The bytes of the file.
    """
    wanted = names_near(resolution.near)
    spelled = [
        (row.spelling, slug)
        for slug, found in resolution.ledger.items()
        for row in found
        if row.spelling in wanted
    ]
    near = candidates(resolution.entities, resolution.near, spelled)
    chosen = unresolved(resolution.entities, near)
    papers = {slug: {p for row in resolution.ledger[slug] for p in row.papers} for slug in chosen}
    found = Places()
    for extraction in sorted(extractions, key=lambda extraction: extraction.id):
        found.note(extraction, resolution.of, chosen, sentence)
    return table(chosen, near, papers, found, with_text=sentence is not None)


@dataclass(frozen=True, slots=True)
class Places:
    """Where papers name entities, by slug: as `paper#field-start-end`, and the sentence around the first."""

    spans: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    sentences: dict[str, str] = field(default_factory=dict)

    def note(
        self,
        extraction: Extraction,
        slugs: Mapping[tuple[str, str, bool], str],
        chosen: Collection[str],
        sentence: Sentence | None = None,
    ) -> None:
        """Take down where a paper names some entities; papers are to come by id."""
        paper = extraction.id
        found: defaultdict[str, list[Span]] = defaultdict(list)
        for mention in extraction.mentions:
            slug = slugs.get((paper, mention.name, mention.type == "Organization"))
            if slug is not None and slug in chosen:
                found[slug] += mention.spans
        for slug, spans in found.items():
            spans.sort()
            if sentence is not None and slug not in self.sentences:
                self.sentences[slug] = sentence(paper, spans[0])
            self.spans[slug] += (f"{paper}#{span.field}-{span.start}-{span.end}" for span in spans)


def table(
    chosen: Mapping[str, Entity],
    near: Mapping[str, Collection[str]],
    papers: Mapping[str, Collection[str]],
    places: Places,
    *,
    with_text: bool = False,
) -> bytes:
    """Return entities that stayed unresolved as TSV, one row an entity, by slug.

    Columns: the entity's name, type and slug; why it is here (`once`, `near`); the names that it may be;
    how many papers and mentions it has; the papers; the spans as `paper#field-start-end`.

    Args:
        chosen: The entities, by slug.
        near: The names that each may be, by slug.
        papers: The papers that name each.
        places: Where they do.
        with_text: Whether the sentence around the first place stands in a last column.

    Returns:
        The bytes of the file; no cell starts a formula.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter="\t", lineterminator="\n")
    writer.writerow([*COLUMNS, *(["sentence"] if with_text else [])])
    for slug, entity in sorted(chosen.items()):
        found = places.spans.get(slug, ())
        why = [*(["once"] if entity.num_papers == 1 else []), *(["near"] if slug in near else [])]
        row: list[object] = [
            few_words(entity.name),
            entity.type,
            slug,
            " ".join(why),
            " | ".join(map(few_words, sorted(near.get(slug, ())))),
            entity.num_papers,
            len(found),
            " ".join(sorted(papers[slug])),
            " ".join(found),
        ]
        if with_text:
            row.append(places.sentences.get(slug, ""))
        writer.writerow([safe_cell(_one_line(cell)) for cell in row])
    return buffer.getvalue().encode()


def unresolved(entities: Iterable[Entity], near: Mapping[str, Collection[str]]) -> dict[str, Entity]:
    """Return, by slug, the entities that one paper alone names or that may be another."""
    return {e.slug: e for e in entities if e.num_papers == 1 or e.slug in near}


def names_near(near: Iterable[NearMiss]) -> set[str]:
    """Return the names of pairs that were not merged."""
    return {name for one in near for name in (one.one, one.other)}


def candidates(
    entities: Iterable[Entity], near: Iterable[NearMiss], spelled: Iterable[tuple[str, str]]
) -> dict[str, set[str]]:
    """Return the names that each entity may be, by slug.

    Args:
        entities: All entities.
        near: Pairs that may be one thing and were not merged.
        spelled: Names of these pairs, each with the slug of an entity that papers write so.

    Returns:
        From a slug to names; entities without any are left out.
    """
    found: defaultdict[str, set[str]] = defaultdict(set)
    for one, other in similar(entities):
        found[one.slug].add(other.name)
        found[other.slug].add(one.name)
    homes: defaultdict[str, set[str]] = defaultdict(set)
    for spelling, slug in spelled:
        homes[spelling].add(slug)
    for pair in near:
        for name, other_name in ((pair.one, pair.other), (pair.other, pair.one)):
            for slug in homes[name] - homes[other_name]:
                found[slug].add(other_name)
    return dict(found)


def _one_line(cell: object) -> object:
    return " ".join(cell.split()) if isinstance(cell, str) else cell
