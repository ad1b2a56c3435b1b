"""Whether a confidence of 0.8 is right in eight cases of ten: predicted core entities in bins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kg.evaluate.match import Comparison

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Predictions whose confidence is at least `low` and below `high` (the last bin holds 1 too).

    Attributes:
        low: Lower end, between 0 and 1.
        high: Upper end.
        count: How many predictions there are.
        confidence: Their mean confidence; None without predictions.
        correct: The share that matches an annotated row by name, type and role, which is what the confidence
            of a mention claims; None without predictions.
        error: The distance of the two; of all bins together, the expected calibration error.
    """

    low: float
    high: float
    count: int
    confidence: float | None = None
    correct: float | None = None
    error: float | None = None


def reliability(comparisons: Iterable[Comparison], *, bins: int = BINS) -> list[Bin]:
    """Return equal bins of confidence of the predicted core entities, and last all of them together.

    The `error` of the last row is the expected calibration error: the mean of the bins' errors, weighted by
    their counts (Naeini, Cooper, Hauskrecht 2015). Predictions without a confidence are left out.

    >>> [(one.low, one.count) for one in reliability([], bins=2)]
    [(0.0, 0), (0.5, 0), (0.0, 0)]
    """
    parts: list[list[tuple[float, bool]]] = [[] for _ in range(bins)]
    for paper in comparisons:
        right = {b for a, b in paper.core_pairs if paper.gold_core[a].role == paper.core[b].role}
        for i, entity in enumerate(paper.core):
            if entity.confidence is not None:
                place = round(entity.confidence * 1000) * bins // 1000
                parts[min(max(place, 0), bins - 1)].append((entity.confidence, i in right))
    rows = [_bin(i / bins, (i + 1) / bins, part) for i, part in enumerate(parts)]
    whole = _bin(0.0, 1.0, [one for part in parts for one in part])
    error = sum(row.count * (row.error or 0.0) for row in rows) / whole.count if whole.count else None
    return [*rows, Bin(whole.low, whole.high, whole.count, whole.confidence, whole.correct, error)]


def _bin(low: float, high: float, part: list[tuple[float, bool]]) -> Bin:
    if not part:
        return Bin(low, high, 0)
    confidence = sum(sure for sure, _ in part) / len(part)
    correct = sum(is_right for _, is_right in part) / len(part)
    return Bin(low, high, len(part), confidence, correct, abs(confidence - correct))
