"""How entities of one paper relate: ordered pairs judged by what is counted of both and between them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

import numpy as np

from extractors import weights
from extractors.cues import EXTEND, VERB_CLASS
from extractors.document import Draft, Row
from extractors.lineage import extensions
from extractors.measures import Numbers, columns
from extractors.scan import FAR, VERBS
from extractors.sequence import CORE
from extractors.vectors import DIMENSIONS, vectors_of
from kg.model import ENTITY_TYPES, PAPER_HEAD, RELATION_TYPES, ROLES, Relation, RelationType

MODEL = "relations"
NONE: Final = "none"
LABELS: Final = (*RELATION_TYPES, NONE)
LEAST: Final[dict[RelationType, float]] = {
    "extends": 0.2,
    "built_on": 0.32,
    "part_of": 0.28,
    "trained_on": 0.28,
    "evaluated_on": 0.22,
    "outperforms": 0.2,
}
"""A relation at least so likely is kept; chosen on annotated papers that the models had not seen."""
LEAST_HEAD = 0.3
"""A row that is introduced at least so likely may be the head of relations to all others."""
_AROUND = 6
_LINKS: Final = frozenset({",", "and", "or", "&", "/", "(", ")", "-"})
_CUES: Final = {
    **{word: VERBS.index(label) for word, label in VERB_CLASS.items()},
    **dict.fromkeys(EXTEND, len(VERBS)),
}
_SIDE: Final = columns(
    [
        "places",
        "in abstract",
        "in title",
        "starts title",
        "before colon",
        "first sentence share",
        "last sentence share",
        "sentences",
        "short form",
        "long form in title",
        "tokens",
        "rank",
        "share of most",
        "to introduce",
        *(f"{place} {verb}" for place in ("verb before", "verb after", "sentence before") for verb in VERBS),
        *(f"sentence after {verb}" for verb in ("use", "eval", "cmp")),
        "after comma",
        "after bracket",
        *(f"noun after {noun}" for noun in ("method", "model", "bench", "data")),
        "inside others",
        "others inside",
        "names in title",
        *(f"one before {i}" for i in range(DIMENSIONS)),
        *(f"one after {i}" for i in range(DIMENSIONS)),
    ]
)
Pair = tuple[Row | None, Row]
"""Head (None is the paper itself) and tail."""


def pairs(draft: Draft) -> Iterator[Pair]:
    """Yield every pair that may be related.

    Heads are the rows that may be introduced (the paper itself if none surely is), and any row of the tail's
    sentence.
    """
    core = _core(draft)
    sure = any(row.role == "introduces" for row in core)
    sentences = [{draft.sentence[s] for s, _ in row.places} for row in core]
    for tail, of_tail in zip(core, sentences, strict=True):
        if not sure:
            yield None, tail
        for head, of_head in zip(core, sentences, strict=True):
            if head is not tail and (may_be_new(head) or of_head & of_tail):
                yield head, tail


def may_be_new(row: Row) -> bool:
    """Tell whether the paper may introduce the row."""
    return row.role == "introduces" or row.role_chances[0] >= LEAST_HEAD


def _core(draft: Draft) -> list[Row]:
    return [row for row in draft.rows if row.type in CORE and row.type != "Organization"]


def numbers(draft: Draft, judged: Sequence[Pair]) -> Numbers:
    """Return what each pair is judged by, one pair a row."""
    return _numbers([(draft, judged)])


def _numbers(asked: Sequence[tuple[Draft, Sequence[Pair]]]) -> Numbers:
    """Return what the pairs of some drafts are judged by, one pair a row."""
    rows = [row for draft, _ in asked for row in _core(draft)]
    number_of: dict[int | None, int] = {id(row): i for i, row in enumerate(rows)}
    number_of[id(None)] = len(rows)
    ends: list[tuple[int, int]] = []
    told: list[list[float]] = []
    between: list[list[str]] = []
    for draft, judged in asked:
        introduced = [r for r in draft.rows if r.role == "introduces" and r.type in CORE]
        main = main_row(draft, introduced)
        order = {id(row): i for i, row in enumerate(introduced)}
        starts = sorted(start for row in draft.rows if row.type in CORE for start, _ in row.places)
        for head, tail in judged:
            counts, words = _between(draft, head, tail, starts)
            told.append(
                [
                    len(introduced),
                    head is not None and head is main,
                    tail is main,
                    order.get(id(head), -1),
                    head is not None and head.name.lower() in tail.name.lower(),
                    head is not None and tail.name.lower() in head.name.lower(),
                    *counts,
                ]
            )
            between.append(words)
            ends.append((number_of[id(head)], number_of[id(tail)]))
    sides = _sides(rows)
    heads, tails = np.array(ends).T
    return np.hstack([sides[heads], sides[tails], np.array(told, np.float32), _means(between)])


def _sides(rows: Sequence[Row]) -> Numbers:
    """Return what a pair is told of each row, and at last of nobody."""
    counted = np.stack([row.numbers for row in rows])[:, _SIDE]
    judged = [
        [*row.role_chances, *row.chances, ENTITY_TYPES.index(row.type), ROLES.index(row.role)] for row in rows
    ]
    sides = np.hstack([counted, np.array(judged, np.float32)])
    return np.vstack([sides, np.full((1, sides.shape[1]), -1, np.float32)])


def _means(some: Sequence[Sequence[str]]) -> Numbers:
    """Return the mean of the vectors of each sequence of words; zeros for none."""
    vectors = vectors_of([word for words in some for word in words])
    out = np.zeros((len(some), DIMENSIONS), np.float32)
    end = 0
    for i, words in enumerate(some):
        start, end = end, end + len(words)
        if words:  # word by word: sums in another order would be other numbers than the trees were trained on
            out[i] = np.add.reduce(vectors[start:end], axis=0) / len(words)
    return out


def main_row(draft: Draft, introduced: Sequence[Row]) -> Row | None:
    """Return the main contribution among the introduced rows: by the title, then by its places."""
    return max(introduced, key=lambda r: (draft_main(draft, r), len(r.found)), default=None)


def draft_main(draft: Draft, row: Row) -> int:
    """Return how strongly the title points at a row: 2 at its head, 1 inside, 0 not at all."""
    places = row.places
    if places[0][0] == 0 or any(e < draft.num_title and draft.words[e] == ":" for _, e in places):
        return 2
    return 1 if places[0][0] < draft.num_title else 0


def _between(
    draft: Draft, head: Row | None, tail: Row, starts: Sequence[int]
) -> tuple[list[float], list[str]]:
    """Return what stands between the nearest places of a pair, and its words.

    `starts` are those of all places of core rows, in order.
    """
    cues = [0.0] * (3 * (len(VERBS) + 1))
    if head is None:
        return [0, FAR, 0, 0, 0, *cues], []
    sentences = [{draft.sentence[s] for s, _ in row.places} for row in (head, tail)]
    shared = len(sentences[0] & sentences[1])
    near = _nearest(draft, head, tail) if shared else None
    if near is None:
        return [shared, FAR, 0, 0, 0, *cues], []
    a, b, c, d = near
    low, high = (b, c) if a < c else (d, a)
    high = max(low, high)
    begin, stop = draft.sentence_range(a)
    first, last = min(a, c), max(b, d)
    lower = draft.lower
    for block, (start, end) in enumerate(
        ((low, high), (max(begin, first - _AROUND), first), (last, min(stop, last + _AROUND)))
    ):
        for word in lower[start:end]:
            if word in _CUES:
                cues[block * (len(VERBS) + 1) + _CUES[word]] += 1
    words = lower[low:high]
    is_list = bool(words) and all(w in _LINKS or not w.islower() for w in words)
    others = bisect_left(starts, high) - bisect_left(starts, low)
    return [shared, high - low, 1 if a < c else -1, is_list, others, *cues], draft.words[low:high]


def _nearest(draft: Draft, head: Row, tail: Row) -> tuple[int, int, int, int] | None:
    best = None
    for a, b in head.places:
        for c, d in tail.places:
            if draft.sentence[a] == draft.sentence[c] and (best is None or abs(a - c) < best[0]):
                best = (abs(a - c), a, b, c, d)
    return best[1:] if best else None


def settle(drafts: Sequence[Draft]) -> None:
    """Fill `relations` of some drafts with the pairs whose best relation is likely enough."""
    asked = [(draft, judged) for draft in drafts if (judged := list(pairs(draft)))]
    if not asked:
        return
    chances = weights.trees(MODEL).probabilities(_numbers(asked))[:, : len(RELATION_TYPES)]
    answers = iter(zip(chances.argmax(axis=1).tolist(), chances.max(axis=1).tolist(), strict=True))
    for draft, judged in asked:
        found: dict[tuple[str, RelationType, str], Relation] = {}
        for (head, tail), (best, chance) in zip(judged, islice(answers, len(judged)), strict=True):
            kind, name = RELATION_TYPES[best], _name(head)
            if chance >= LEAST[kind] and name != tail.name:
                found.setdefault((name, kind, tail.name), _relation(draft, head, kind, tail, chance))
        for head, tail, chance in extensions(draft):
            name = _name(head)
            found.pop((name, "built_on", tail.name), None)
            if (name, "part_of", tail.name) not in found:
                found[name, "extends", tail.name] = _relation(draft, head, "extends", tail, chance)
        draft.relations = [found[key] for key in sorted(found)]


def _name(head: Row | None) -> str:
    return PAPER_HEAD if head is None else head.name


def _relation(draft: Draft, head: Row | None, kind: RelationType, tail: Row, chance: float) -> Relation:
    """Return a relation with the sentence that shows it best."""
    near = _nearest(draft, head, tail) if head is not None else None
    at = near[2] if near else tail.places[-1][0]
    evidence = draft.evidence(*draft.sentence_range(at))
    return Relation(_name(head), kind, tail.name, round(chance, 3), evidence)
