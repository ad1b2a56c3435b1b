"""How entities of one paper relate: ordered pairs judged by a logistic regression."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, get_args

from extractors import weights
from extractors.cues import EXTEND, NOUN_CLASS, VERB_CLASS
from extractors.document import Draft, Row
from extractors.lineage import extensions
from extractors.roles import row_places
from extractors.sequence import CORE
from kg.model import PAPER_HEAD, Relation, RelationType

MODEL = "relations"
NONE: Final = "none"
THRESHOLD = 0.33
_GAP = 14
Pair = tuple[Row | None, Row]
"""Head (None is the paper itself) and tail."""


def pairs(draft: Draft) -> Iterator[Pair]:
    """Yield every pair that may be related.

    Heads are the introduced entities (the paper itself if it introduces none), and any entity of the
    tail's sentence.
    """
    core = [row for row in draft.rows if row.type in CORE and row.type != "Organization"]
    introduced = [row for row in core if row.role == "introduces"]
    sentences = {id(row): {draft.sentence[s] for s, _ in row_places(row)} for row in core}
    for tail in core:
        if not introduced:
            yield None, tail
        for head in core:
            if head is tail:
                continue
            if head.role == "introduces" or sentences[id(head)] & sentences[id(tail)]:
                yield head, tail


def features(draft: Draft, head: Row | None, tail: Row) -> list[str]:
    """Return the feature strings of a pair."""
    tail_tag = f"{tail.type[:3]}.{tail.role[:3]}"
    head_tag = "PAPER" if head is None else f"{head.type[:3]}.{head.role[:3]}"
    out = {f"h={head_tag}", f"t={tail_tag}", f"ht={head_tag}>{tail_tag}"}
    introduced = [r for r in draft.rows if r.role == "introduces" and r.type in CORE]
    out.add(f"ni={min(len(introduced), 4)}")
    if head is not None and head.role == "introduces":
        main = max(introduced, key=lambda r: (draft_main(draft, r), len(r.found)))
        out.add("main" if main is head else "side")
        if main is tail:
            out.add("tailmain")
    if head is not None:
        if head.name.lower() in tail.name.lower():
            out.add("head<tail")
        if tail.name.lower() in head.name.lower():
            out.add("tail<head")
    out |= {f"T{f}" for f in _context(draft, tail)}
    if head is not None:
        near = _nearest(draft, head, tail)
        if near is None:
            out.add("apart")
            out.add(f"apart&{head_tag}>{tail_tag}")
        else:
            out |= _between(draft, *near)
    extra = {f"{'P' if head is None else head.role[:3]}&{f}" for f in out if f[0] == "T" or f[:2] == "bw"}
    return sorted(out | extra)


def draft_main(draft: Draft, row: Row) -> int:
    """Return how strongly the title points at a row: 2 at its head, 1 inside, 0 not at all."""
    places = row_places(row)
    if places[0][0] == 0 or any(e < draft.num_title and draft.words[e] == ":" for _, e in places):
        return 2
    return 1 if places[0][0] < draft.num_title else 0


def _context(draft: Draft, row: Row) -> set[str]:
    out = set()
    lower, sentence = draft.lower, draft.sentence
    for start, end in row_places(row)[:4]:
        if start < draft.num_title:
            out.add("title")
            continue
        for j in range(start - 1, max(start - 9, -1), -1):
            if sentence[j] != sentence[start]:
                break
            if start - j <= 2:
                out.add(f"b{start - j}={lower[j]}")
            if lower[j] in VERB_CLASS:
                out.add(f"v={lower[j]}")
                out.add(f"V={VERB_CLASS[lower[j]]}")
            if lower[j] in EXTEND:
                out.add("V=ext")
        for j in range(end, min(end + 3, len(lower))):
            if sentence[j] != sentence[start]:
                break
            if lower[j] in NOUN_CLASS:
                out.add(f"n={NOUN_CLASS[lower[j]]}")
            if j < end + 2:
                out.add(f"a={lower[j]}")
        begin, stop = draft.sentence_range(start)
        out.add(f"s0={lower[begin]}")
        out |= {f"sV={VERB_CLASS[w]}" for w in lower[begin:stop] if w in VERB_CLASS}
    return out


def _nearest(draft: Draft, head: Row, tail: Row) -> tuple[int, int, int, int] | None:
    best = None
    for a, b in row_places(head):
        for c, d in row_places(tail):
            if draft.sentence[a] == draft.sentence[c] and (best is None or abs(a - c) < best[0]):
                best = (abs(a - c), a, b, c, d)
    return best[1:] if best else None


def _between(draft: Draft, a: int, b: int, c: int, d: int) -> set[str]:
    forward = a < c
    low, high = (b, c) if forward else (d, a)
    way = ">" if forward else "<"
    gap = max(high - low, 0)
    out = {f"gap{way}{min(gap, 8) if gap < 8 else 8 + gap // 8}", f"way{way}"}
    words = draft.lower[low:high]
    if gap <= _GAP:
        out |= {f"bw{way}{w}" for w in words if w.isalpha()}
        if gap <= 3:
            out.add(f"bb{way}{'_'.join(words)}")
    out |= {f"bV{way}{VERB_CLASS[w]}" for w in words if w in VERB_CLASS}
    out |= {f"bE{way}" for w in words if w in EXTEND}
    if words and all(w in {",", "and", "or", "&", "/", "(", ")", "-"} or not w.islower() for w in words):
        out.add("list")
    begin, stop = draft.sentence_range(a)
    first, last = min(a, c), max(b, d)
    out |= {f"pV{way}{VERB_CLASS[w]}" for w in draft.lower[max(begin, first - 6) : first] if w in VERB_CLASS}
    out |= {f"qV{way}{VERB_CLASS[w]}" for w in draft.lower[last : min(stop, last + 6)] if w in VERB_CLASS}
    return out


def settle(draft: Draft) -> None:
    """Fill `draft.relations` with the pairs whose best relation is likely enough."""
    found: dict[tuple[str, RelationType, str], Relation] = {}
    for head, tail in pairs(draft):
        chances = weights.probabilities(MODEL, features(draft, head, tail))
        best = max(get_args(RelationType), key=lambda r: chances.get(r, 0.0))
        chance = chances.get(best, 0.0)
        name = PAPER_HEAD if head is None else head.name
        if chance < THRESHOLD or name == tail.name:
            continue
        found.setdefault((name, best, tail.name), _relation(draft, head, best, tail, chance))
    for head, tail, chance in extensions(draft):
        found.pop((head.name, "built_on", tail.name), None)
        if (head.name, "part_of", tail.name) not in found:
            found[head.name, "extends", tail.name] = _relation(draft, head, "extends", tail, chance)
    draft.relations = [found[key] for key in sorted(found)]


def _relation(draft: Draft, head: Row | None, kind: RelationType, tail: Row, chance: float) -> Relation:
    """Return a relation with the sentence that shows it best."""
    near = _nearest(draft, head, tail) if head is not None else None
    at = near[2] if near else row_places(tail)[-1][0]
    evidence = draft.evidence(*draft.sentence_range(at))
    name = PAPER_HEAD if head is None else head.name
    return Relation(name, kind, tail.name, round(chance, 3), evidence)
