"""Counts and shares: precision, recall and F1 of each measure over a set of papers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sized
from dataclasses import dataclass, field
from typing import Any, Final

from kg.evaluate.match import CORE, Comparison, Entity, Row, compare, match

MEASURES: Final = (
    "core",
    "lenient",
    "untyped",
    *CORE,
    "introduces",
    "soft",
    "relations",
    "results",
)


@dataclass(frozen=True, slots=True)
class Tally:
    """True positives, false positives, false negatives of one measure."""

    tp: int = 0
    fp: int = 0
    fn: int = 0

    def __add__(self, other: Tally) -> Tally:
        """Return the sum of two tallies."""
        return Tally(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn)

    @property
    def precision(self) -> float:
        """Share of the predicted that is right; 0 where nothing was predicted."""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else 0.0

    @property
    def recall(self) -> float:
        """Share of the annotated that was found; 0 where nothing was annotated."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall.

        >>> round(Tally(tp=1, fp=1, fn=0).f1, 3), Tally().f1
        (0.667, 0.0)
        """
        p, r = self.precision, self.recall
        return 2 * p * r / (p + r) if p + r else 0.0


@dataclass(frozen=True, slots=True)
class Scores:
    """All measures over a set of papers, and over each of them."""

    papers: int = 0
    not_predicted: int = 0
    tallies: Mapping[str, Tally] = field(default_factory=dict)
    roles_right: int = 0
    roles_total: int = 0
    each: tuple[Scores, ...] = ()

    @property
    def role_accuracy(self) -> float:
        """Share of the core matches whose role is right too."""
        return self.roles_right / self.roles_total if self.roles_total else 0.0


def score(gold_rows: Iterable[Row], extractions: Iterable[Row]) -> Scores:
    """Return the scores of extractions (JSON objects as `kg.extraction_json.to_json` makes them).

    >>> gold = [{"title": "T", "ents": [["GRPO", "Method", "uses", ["GRPO"], None]]}]
    >>> found = [{"title": "t!", "entities": [{"name": "GRPO", "type": "Method", "role": "uses"}]}]
    >>> scores = score(gold, found)
    >>> scores.tallies["core"], scores.role_accuracy, len(scores.each)
    (Tally(tp=1, fp=0, fn=0), 1.0, 1)
    """
    each = tuple(_score_paper(paper) for paper in compare(gold_rows, extractions))
    return Scores(
        papers=len(each),
        not_predicted=sum(one.not_predicted for one in each),
        tallies={m: sum((one.tallies[m] for one in each), Tally()) for m in MEASURES},
        roles_right=sum(one.roles_right for one in each),
        roles_total=sum(one.roles_total for one in each),
        each=each,
    )


def format_scores(scores: Scores) -> str:
    """Return the scores as a table for people, one measure a line."""
    lines = [f"papers {scores.papers}  not predicted {scores.not_predicted}"]
    for measure in MEASURES:
        t = scores.tallies.get(measure, Tally())
        lines.append(
            f"{measure:13s} P {_round(t.precision):.3f}  R {_round(t.recall):.3f}  F1 {_round(t.f1):.3f}"
            f"   (tp {t.tp} fp {t.fp} fn {t.fn})"
        )
    lines.append(f"role accuracy on core matches {_round(scores.role_accuracy):.3f}")
    return "\n".join(lines)


def scores_object(scores: Scores) -> dict[str, Any]:
    """Return the scores as plain values for JSON: each measure with p, r, f1, tp, fp, fn.

    >>> scores_object(Scores(papers=1))["role_accuracy"]
    0.0
    """
    measures = {name: scores.tallies.get(name, Tally()) for name in MEASURES}
    return {
        "papers": scores.papers,
        "not_predicted": scores.not_predicted,
        **{
            name: {
                "p": _round(t.precision),
                "r": _round(t.recall),
                "f1": _round(t.f1),
                "tp": t.tp,
                "fp": t.fp,
                "fn": t.fn,
            }
            for name, t in measures.items()
        },
        "role_accuracy": _round(scores.role_accuracy),
    }


def _round(value: float) -> float:
    """Round to four places, as figures are kept, before they are shown with three."""
    return round(value, 4)


def _score_paper(paper: Comparison) -> Scores:
    gold, found = paper.gold_core, paper.core
    tallies = {
        "core": _tally(paper.core_pairs, found, gold),
        "lenient": _tally(match(gold, found, lambda a, b: _fold(a) == _fold(b)), found, gold),
        "untyped": _tally(match(gold, found), found, gold),
        "introduces": _tally(match(_new(gold), _new(found)), _new(found), _new(gold)),
        "soft": _tally(match(paper.gold_soft, paper.soft), paper.soft, paper.gold_soft),
        "relations": _tally(
            paper.gold_relations.keys() & paper.relations.keys(), paper.relations, paper.gold_relations
        ),
        "results": _tally(paper.result_pairs, paper.results, paper.gold_results),
    }
    for type_ in CORE:
        hits = [a for a, _ in paper.core_pairs if gold[a].type == type_]
        tallies[type_] = _tally(hits, _of_type(found, type_), _of_type(gold, type_))
    return Scores(
        papers=1,
        not_predicted=int(not paper.is_predicted),
        tallies=tallies,
        roles_right=sum(gold[a].role == found[b].role for a, b in paper.core_pairs),
        roles_total=len(paper.core_pairs),
    )


def _new(entities: Iterable[Entity]) -> list[Entity]:
    return [e for e in entities if e.role == "introduces"]


def _of_type(entities: Iterable[Entity], type_: str) -> list[Entity]:
    return [e for e in entities if e.type == type_]


def _fold(entity: Entity) -> str:
    return "Method" if entity.type == "Model" else entity.type


def _tally(hits: Sized, found: Sized, gold: Sized) -> Tally:
    return Tally(len(hits), len(found) - len(hits), len(gold) - len(hits))
