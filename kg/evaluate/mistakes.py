"""Each miss and each extra with its kind and the sentence in which it stands."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, TypeVar

from extractors.document import Draft
from extractors.tokens import draft
from kg.evaluate.match import (
    Comparison,
    Entity,
    Row,
    Statement,
    Triple,
    compare,
    digits,
    key_of,
    keys_of,
    match,
    title_of,
)
from kg.model import PAPER_HEAD, Paper
from ontology import known_entities

Group = Literal["entity", "role", "relation", "result"]
GROUPS: Final[tuple[Group, ...]] = ("entity", "role", "relation", "result")
Places = list[tuple[int, int]]
T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Mistake:
    """One difference between annotation and extraction.

    Attributes:
        paper: Title of the paper.
        group: entity, role, relation or result.
        error: missed, extra, or what is wrong of a row that both sides hold.
        kind: The error more closely, such as "Model for Method" (predicted for annotated).
        annotated: What the annotation has; None for an extra.
        predicted: What the extraction has; None for a miss.
        confidence: That of the prediction, between 0 and 1, where it has one.
        sentence: The sentence in which it stands; None where the paper's text is not at hand.
    """

    paper: str
    group: Group
    error: str
    kind: str
    annotated: str | None = None
    predicted: str | None = None
    confidence: float | None = None
    sentence: str | None = None


def find_mistakes(
    gold_rows: Iterable[Row], extractions: Iterable[Row], papers: Iterable[Paper] = ()
) -> Iterator[Mistake]:
    """Yield what is wrong, paper by paper: core entities, roles of core matches, relations, results.

    An annotated row and a prediction that were meant for each other are one mistake (wrong type, boundary),
    which counts as a miss and as an extra in the scores.

    Args:
        gold_rows: Annotated papers as `read_gold` gives them.
        extractions: JSON objects as `kg.extraction_json.to_json` makes them.
        papers: Texts, joined on the title; without a text there is no sentence and no boundary is seen.

    >>> gold = [{"title": "T", "ents": [["GRPO", "Method", "uses", ["GRPO"], None]]}]
    >>> found = [{"title": "T", "entities": [{"name": "GRPO", "type": "Model", "role": "uses"}]}]
    >>> [(one.error, one.kind) for one in find_mistakes(gold, found)]
    [('wrong type', 'Model for Method')]
    """
    texts = {title_of({"title": paper.title}): paper for paper in papers if paper.abstract}
    for paper in compare(gold_rows, extractions):
        text = texts.get(title_of({"title": paper.title}))
        state = draft(text) if text is not None else None
        yield from _entities(paper, state)
        yield from _roles(paper, state)
        yield from _relations(paper, state)
        yield from _results(paper, state)


def count_mistakes(mistakes: Iterable[Mistake]) -> list[tuple[Group, str, str, int]]:
    """Return group, error, kind and count: group by group, the most frequent kind first.

    >>> count_mistakes([Mistake("T", "role", "wrong role", "uses for mentions")] * 2)
    [('role', 'wrong role', 'uses for mentions', 2)]
    """
    counts = Counter((one.group, one.error, one.kind) for one in mistakes)
    rows = [(*what, count) for what, count in counts.items()]
    return sorted(rows, key=lambda row: (GROUPS.index(row[0]), -row[3], row[2]))


def _entities(paper: Comparison, state: Draft | None) -> Iterator[Mistake]:
    matched_gold = {a for a, _ in paper.core_pairs}
    matched = {b for _, b in paper.core_pairs}
    missed = [e for i, e in enumerate(paper.gold_core) if i not in matched_gold]
    extra = [e for i, e in enumerate(paper.core) if i not in matched]
    for free in (extra, list(paper.soft)):
        for gold, found in _take(missed, free, match(missed, free)):
            kind = f"{found.type} for {gold.type}"
            yield _entity_mistake(paper, state, "wrong type", kind, gold, found)
    if state is not None:
        for gold, found in _take(missed, extra, _overlapping(missed, extra, state)):
            kind = "boundary: a prediction overlaps the missed name"
            yield _entity_mistake(paper, state, "boundary", kind, gold, found)
    for gold in missed:
        yield _entity_mistake(paper, state, "missed", _kind_of_miss(gold, paper, state), gold, None)
    for found in extra:
        yield _entity_mistake(paper, state, "extra", _kind_of_extra(found, paper, state), None, found)


def _roles(paper: Comparison, state: Draft | None) -> Iterator[Mistake]:
    for a, b in paper.core_pairs:
        gold, found = paper.gold_core[a], paper.core[b]
        if gold.role != found.role:
            kind = f"{found.role or 'none'} for {gold.role or 'none'}"
            yield _entity_mistake(paper, state, "wrong role", kind, gold, found, group="role")


def _relations(paper: Comparison, state: Draft | None) -> Iterator[Mistake]:
    missed = [key for key in paper.gold_relations if key not in paper.relations]
    extra = [key for key in paper.relations if key not in paper.gold_relations]
    likenesses: list[tuple[str, Callable[[Triple, Triple], bool], str]] = [
        ("wrong type", lambda g, f: (g[0], g[2]) == (f[0], f[2]), "{1} for {0}"),
        ("wrong direction", lambda g, f: g == (f[2], f[1], f[0]), "{0} turned round"),
        ("wrong head", lambda g, f: g[1:] == f[1:], "another head for {0}"),
        ("wrong tail", lambda g, f: g[:2] == f[:2], "another tail for {0}"),
    ]
    for error, alike, kind in likenesses:
        pairs = _pairs(missed, extra, alike)
        for gold, found in _take(missed, extra, pairs):
            one, other = paper.gold_relations[gold], paper.relations[found]
            yield _statement_mistake(
                paper, state, "relation", error, kind.format(one.kind, other.kind), one, other
            )
    annotated = keys_of((*paper.gold_core, *paper.gold_soft)) | {PAPER_HEAD}
    predicted = keys_of((*paper.core, *paper.soft)) | {PAPER_HEAD}
    found_rows = [e for e in (*paper.gold_core, *paper.gold_soft) if e.keys & predicted]
    reached = keys_of(found_rows) | {PAPER_HEAD}
    for head, type_, tail in missed:
        ends = "between found entities" if {head, tail} <= reached else "with an end that is not found"
        one = paper.gold_relations[head, type_, tail]
        yield _statement_mistake(paper, state, "relation", "missed", f"missed {type_} {ends}", one, None)
    for head, type_, tail in extra:
        ends = "between annotated entities" if {head, tail} <= annotated else "with an end not annotated"
        other = paper.relations[head, type_, tail]
        yield _statement_mistake(paper, state, "relation", "extra", f"extra {type_} {ends}", None, other)


def _results(paper: Comparison, state: Draft | None) -> Iterator[Mistake]:
    matched_gold = {a for a, _ in paper.result_pairs}
    matched = {b for _, b in paper.result_pairs}
    missed = [r for i, r in enumerate(paper.gold_results) if i not in matched_gold]
    extra = [r for i, r in enumerate(paper.results) if i not in matched]
    pairs = _pairs(missed, extra, lambda g, f: digits(g.names[0]) == digits(f.names[0]))
    for gold, found in _take(missed, extra, pairs):
        kind = "right number, another benchmark"
        yield _statement_mistake(paper, state, "result", "wrong benchmark", kind, gold, found)
    for gold in missed:
        yield _statement_mistake(paper, state, "result", "missed", f"missed {gold.kind} result", gold, None)
    for found in extra:
        yield _statement_mistake(paper, state, "result", "extra", f"extra {found.kind} result", None, found)


def _pairs(gold: Sequence[T], found: Sequence[T], alike: Callable[[T, T], bool]) -> list[tuple[int, int]]:
    """Pair each of `gold` with the first free one of `found` that is alike."""
    free = list(range(len(found)))
    pairs = []
    for i, one in enumerate(gold):
        hit = next((j for j in free if alike(one, found[j])), None)
        if hit is not None:
            free.remove(hit)
            pairs.append((i, hit))
    return pairs


def _take(gold: list[T], found: list[T], pairs: Sequence[tuple[int, int]]) -> list[tuple[T, T]]:
    """Return the pairs given by position, and take them out of both lists."""
    taken = [(gold[a], found[b]) for a, b in pairs]
    for rows, positions in ((gold, {a for a, _ in pairs}), (found, {b for _, b in pairs})):
        rows[:] = [row for i, row in enumerate(rows) if i not in positions]
    return taken


def _overlapping(gold: Sequence[Entity], found: Sequence[Entity], state: Draft) -> list[tuple[int, int]]:
    return _pairs(gold, found, lambda g, f: _meet(_places(state, g.surfaces), _places(state, f.surfaces)))


def _kind_of_miss(entity: Entity, paper: Comparison, state: Draft | None) -> str:
    what = f"missed {entity.type}"
    if not paper.is_predicted:
        return f"{what}, paper not predicted"
    if entity.keys & keys_of(paper.core):
        return f"{what}, one row with another entity"
    places = _places(state, entity.surfaces) if state is not None else []
    if state is not None and not places:
        return f"{what}, not in the text"
    if state is not None and _within(places, state, (*paper.core, *paper.soft)):
        return f"{what}, overlaps a found name"
    return what + _spelling(entity)


def _kind_of_extra(entity: Entity, paper: Comparison, state: Draft | None) -> str:
    what = f"extra {entity.type}"
    if entity.keys & keys_of(paper.gold_core):
        return f"{what}, second row of an annotated entity"
    places = _places(state, entity.surfaces) if state is not None else []
    if state is not None and places and _within(places, state, (*paper.gold_core, *paper.gold_soft)):
        return f"{what}, overlaps an annotated name"
    return what + _spelling(entity)


def _spelling(entity: Entity) -> str:
    """Return how an entity's name is written, as the end of a kind."""
    name = entity.name
    if name == name.lower() and not any(c.isdigit() for c in name):
        return " in plain lower case"
    if entity.keys & _known_keys():
        return ", known name"
    if name == name.lower():
        return ", unknown name with digits"
    return ", unknown capitalised phrase" if len(name.split()) > 1 else ", unknown capitalised name"


@lru_cache(maxsize=1)
def _known_keys() -> frozenset[str]:
    return frozenset(key_of(name) for e in known_entities() for name in (e.name, *e.aliases))


def _entity_mistake(
    paper: Comparison,
    state: Draft | None,
    error: str,
    kind: str,
    gold: Entity | None,
    found: Entity | None,
    *,
    group: Group = "entity",
) -> Mistake:
    places = (_places(state, e.surfaces) for e in (gold, found) if e is not None and state is not None)
    at = next((place[0][0] for place in places if place), None)
    return Mistake(
        paper=paper.title,
        group=group,
        error=error,
        kind=kind,
        annotated=_shown(gold),
        predicted=_shown(found),
        confidence=found.confidence if found is not None else None,
        sentence=_sentence(state, at) if state is not None and at is not None else None,
    )


def _shown(entity: Entity | None) -> str | None:
    return f"{entity.name} ({entity.type}, {entity.role or 'no role'})" if entity is not None else None


def _statement_mistake(
    paper: Comparison,
    state: Draft | None,
    group: Group,
    error: str,
    kind: str,
    gold: Statement | None,
    found: Statement | None,
) -> Mistake:
    surfaces = {key: e.surfaces for e in (*paper.gold_soft, *paper.gold_core) for key in e.keys}
    sentence = None
    if state is not None and gold is not None:
        sentence = _sentence_of(state, gold.names, surfaces)
    if state is not None and sentence is None and found is not None:
        sentence = _evidence(state, found) or _sentence_of(state, found.names, surfaces)
    return Mistake(
        paper=paper.title,
        group=group,
        error=error,
        kind=kind,
        annotated=gold.text if gold is not None else None,
        predicted=found.text if found is not None else None,
        confidence=found.confidence if found is not None else None,
        sentence=sentence,
    )


def _places(state: Draft, surfaces: Iterable[str]) -> Places:
    """Return where surface forms stand as whole tokens, in order."""
    starts, ends = set(state.starts), set(state.ends)
    return sorted(
        (at, at + len(surface))
        for surface in set(filter(None, surfaces))
        for at in _finds(state.text, surface)
        if at in starts and at + len(surface) in ends
    )


def _finds(text: str, part: str) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)


def _meet(one: Places, other: Places) -> bool:
    return any(a < d and c < b for a, b in one for c, d in other)


def _within(places: Places, state: Draft, entities: Iterable[Entity]) -> bool:
    """Whether each of the places overlaps a place of one of the entities."""
    taken = _places(state, [surface for e in entities for surface in e.surfaces])
    return all(_meet([place], taken) for place in places)


def _sentence(state: Draft, at: int) -> str:
    """Return the sentence that holds an offset, white space single."""
    first, last = state.sentence_range(max(0, bisect_right(state.starts, at) - 1))
    return " ".join(state.text[state.starts[first] : state.ends[last - 1]].split())


def _sentence_of(state: Draft, names: Sequence[str], surfaces: Mapping[str, tuple[str, ...]]) -> str | None:
    """Return the first sentence that holds most of the names; None if none holds any."""
    held: Counter[str] = Counter()
    for name in names:
        places = _places(state, (name, *surfaces.get(key_of(name), ())))
        held.update({_sentence(state, at): 1 for at, _ in places})
    return max(held, key=lambda sentence: held[sentence], default=None)


def _evidence(state: Draft, found: Statement) -> str | None:
    """Return the stretch that a prediction names as its evidence."""
    if found.evidence is None:
        return None
    shift = 0 if found.evidence["field"] == "title" else len(state.paper.title) + 1
    return " ".join(state.text[found.evidence["start"] + shift : found.evidence["end"] + shift].split())
