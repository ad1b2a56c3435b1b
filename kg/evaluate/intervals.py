"""How far the scores might lie elsewhere with other papers of the same kind: bootstrap over papers."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kg.evaluate.scores import MEASURES, Scores, Tally

RESAMPLES = 1000
LEVEL = 0.95
SEED = 0


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with the ends of its interval, all between 0 and 1.

    `figure` is precision, recall, f1 or accuracy. The ends are None where the figure is never defined
    (nothing predicted, nothing annotated).
    """

    measure: str
    figure: str
    value: float
    low: float | None
    high: float | None


def intervals(
    scores: Scores, *, resamples: int = RESAMPLES, level: float = LEVEL, seed: int = SEED
) -> list[Interval]:
    """Return percentile intervals of each measure and of the role accuracy; same input, same figures.

    Papers are drawn with replacement, as many as there are (Efron 1979); resamples in which a figure is not
    defined are left out of its interval.

    >>> one = Scores(papers=1, tallies={"core": Tally(3, 1, 0)})
    >>> intervals(Scores(1, 0, one.tallies, each=(one,)))[0]
    Interval(measure='core', figure='precision', value=0.75, low=0.75, high=0.75)
    """
    weights = _draws(len(scores.each), resamples, seed)
    found = []
    for measure in MEASURES:
        tallies = [one.tallies.get(measure, Tally()) for one in scores.each]
        tp, fp, fn = (weights @ _column([getattr(t, name) for t in tallies]) for name in ("tp", "fp", "fn"))
        whole = scores.tallies.get(measure, Tally())
        found += [
            Interval(measure, "precision", whole.precision, *_ends(tp, tp + fp, level)),
            Interval(measure, "recall", whole.recall, *_ends(tp, tp + fn, level)),
            Interval(measure, "f1", whole.f1, *_ends(2 * tp, 2 * tp + fp + fn, level)),
        ]
    right = weights @ _column([one.roles_right for one in scores.each])
    total = weights @ _column([one.roles_total for one in scores.each])
    found.append(Interval("role", "accuracy", scores.role_accuracy, *_ends(right, total, level)))
    return found


def _draws(papers: int, resamples: int, seed: int) -> NDArray[np.int64]:
    """Return how often each paper is drawn: shape (resamples, papers)."""
    rng = random.Random(seed)
    drawn = [rng.choices(range(papers), k=papers) if papers else [] for _ in range(resamples)]
    rows = [np.bincount(np.array(one, dtype=np.int64), minlength=papers) for one in drawn]
    return np.array(rows, dtype=np.int64).reshape(resamples, papers)


def _column(values: list[int]) -> NDArray[np.int64]:
    return np.array(values, dtype=np.int64)


def _ends(part: NDArray[Any], whole: NDArray[Any], level: float) -> tuple[float | None, float | None]:
    defined = whole > 0
    if not defined.any():
        return None, None
    shares = part[defined] / whole[defined]
    low, high = np.quantile(shares, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
