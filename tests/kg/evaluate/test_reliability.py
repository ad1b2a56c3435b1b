"""Bins of confidence, by hand."""

from __future__ import annotations

from typing import Any

import pytest

from kg.evaluate import compare
from kg.evaluate.reliability import Bin, reliability


def bins_of(*entities: tuple[str, float | None]) -> list[Bin]:
    gold = {"title": "T", "ents": [["Yes", "Method", "uses", ["Yes"], None]]}
    found: list[dict[str, Any]] = [
        {"name": name, "type": "Method", "role": "uses", "confidence": sure} for name, sure in entities
    ]
    return reliability(compare([gold], [{"title": "T", "entities": found}]))


def test_mean_share_and_calibration_error() -> None:
    found = bins_of(("Yes", 0.9), ("No", 0.94), ("Nor", 0.25))
    assert [one.count for one in found] == [0, 0, 1, 0, 0, 0, 0, 0, 0, 2, 3]
    assert found[9].confidence == pytest.approx(0.92) and found[9].correct == 0.5
    assert found[9].error == pytest.approx(0.42)
    assert found[10].correct == pytest.approx(1 / 3)
    assert found[10].error == pytest.approx((2 * 0.42 + 0.25) / 3)


@pytest.mark.parametrize(("sure", "place"), [(0.0, 0), (0.1, 1), (0.299, 2), (0.3, 3), (0.7, 7), (1.0, 9)])
def test_ends_of_bins(sure: float, place: int) -> None:
    assert [one.count for one in bins_of(("Yes", sure))].index(1) == place


def test_without_confidence_there_is_nothing_to_count() -> None:
    found = bins_of(("Yes", None))
    assert len(found) == 11
    assert found[-1] == Bin(0.0, 1.0, 0)
