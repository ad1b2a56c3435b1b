"""Intervals: the same each time, around the value, wider where papers differ."""

from __future__ import annotations

import random

from kg.evaluate.intervals import Interval, intervals
from kg.evaluate.scores import MEASURES, Scores, Tally


def scores_of(tallies: list[Tally], roles: list[tuple[int, int]] | None = None) -> Scores:
    each = tuple(
        Scores(papers=1, tallies={"core": tally}, roles_right=right, roles_total=total)
        for tally, (right, total) in zip(tallies, roles or [(0, 0)] * len(tallies), strict=True)
    )
    whole = sum(tallies, Tally())
    right, total = sum(s.roles_right for s in each), sum(s.roles_total for s in each)
    return Scores(len(each), 0, {"core": whole}, right, total, each)


def core(found: list[Interval], figure: str) -> Interval:
    return next(one for one in found if (one.measure, one.figure) == ("core", figure))


def test_every_measure_and_the_role_accuracy_has_its_interval() -> None:
    found = intervals(scores_of([Tally(1, 1, 1)]))
    assert {one.measure for one in found} == {*MEASURES, "role"}
    assert len(found) == 3 * len(MEASURES) + 1


def test_the_same_figures_each_time() -> None:
    scores = scores_of([Tally(n % 5, n % 3, n % 2) for n in range(50)])
    assert intervals(scores) == intervals(scores)
    assert intervals(scores, seed=1) != intervals(scores)


def test_equal_papers_leave_no_doubt() -> None:
    found = intervals(scores_of([Tally(3, 1, 1)] * 20, [(2, 4)] * 20))
    assert core(found, "f1") == Interval("core", "f1", 0.75, 0.75, 0.75)
    assert found[-1] == Interval("role", "accuracy", 0.5, 0.5, 0.5)


def test_what_is_never_defined_has_no_ends() -> None:
    assert core(intervals(scores_of([Tally(0, 0, 2)] * 3)), "precision") == Interval(
        "core", "precision", 0.0, None, None
    )
    assert core(intervals(Scores()), "f1") == Interval("core", "f1", 0.0, None, None)


def test_the_width_is_that_of_a_share() -> None:
    """400 papers with one row each, 80 % right: the normal interval is 0.8 ± 1.96 √(0.8 · 0.2 / 400)."""
    rng = random.Random(7)
    tallies = [Tally(1, 0, 0)] * 320 + [Tally(0, 0, 1)] * 80
    rng.shuffle(tallies)
    recall = core(intervals(scores_of(tallies)), "recall")
    assert recall.low is not None and recall.high is not None
    assert abs(recall.low - 0.7608) < 0.008 and abs(recall.high - 0.8392) < 0.008
