"""A faulty extraction is refused, whatever its fault."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

import pytest

from extractors.checking import checked
from extractors.running import outcome, outcomes
from kg.errors import ExtractionError, ExtractorError
from kg.model import Evidence, Extraction, Mention, Paper, Relation, Result, Span

PAPER = Paper("ZebraPO 🚀", "𝒜 ZebraPO beats GRPO by 4.5%.", id="1")
SPAN = Span("abstract", 2, 9, "ZebraPO")
MENTION = Mention("ZebraPO", "Method", "introduces", 0.9, (SPAN,))
OTHER = Mention("GRPO", "Method", "compares_to", 0.9, (Span("abstract", 16, 20, "GRPO"),))
RELATION = Relation("ZebraPO", "outperforms", "GRPO", 0.9, Evidence("abstract", 0, 29))
RESULT = Result("ZebraPO", "4.5%", None, None, "GRPO", "gain", 0.9, Evidence("abstract", 0, 29))
GOOD = Extraction("1", PAPER.title, (MENTION, OTHER), (RELATION,), (RESULT,))


def replace(old: Any, /, **changes: Any) -> Any:
    """Return a changed value, whatever the types say: wrong ones are what is tested."""
    return dataclasses.replace(old, **changes)


def mention(**changes: Any) -> Any:
    return replace(GOOD, mentions=(replace(MENTION, **changes), OTHER))


def span(**changes: Any) -> Any:
    return mention(spans=(replace(SPAN, **changes),))


def relation(**changes: Any) -> Any:
    return replace(GOOD, relations=(replace(RELATION, **changes),))


def result(**changes: Any) -> Any:
    return replace(GOOD, results=(replace(RESULT, **changes),))


def test_what_is_right_stays_as_it_is() -> None:
    assert checked(PAPER, GOOD) is GOOD


def test_confidences_are_kept_in_thousandths() -> None:
    read = checked(PAPER, replace(mention(confidence=1), relations=(replace(RELATION, confidence=0.12345),)))
    assert repr(read.mentions[0].confidence) == "1.0"
    assert read.relations[0].confidence == 0.123


@pytest.mark.parametrize(
    ("faulty", "message"),
    [
        (None, "NoneType, no Extraction"),
        (replace(GOOD, id="2"), "another paper"),
        (replace(GOOD, title="Zebras"), "another paper"),
        (replace(GOOD, mentions=("ZebraPO",)), "a mention is a str"),
        (mention(name=" "), "its name"),
        (mention(name="PAPER"), "the paper itself"),
        (mention(name="Zebra\ud800"), "half a character"),
        (mention(type="Zebra"), "there are: Method, Model"),
        (mention(role="eats"), "there are: introduces"),
        (mention(confidence=1.5), "from 0 to 1"),
        (mention(confidence=float("nan")), "from 0 to 1"),
        (mention(confidence="high"), "from 0 to 1"),
        (mention(confidence=True), "from 0 to 1"),
        (mention(kind="benchmark"), "of kind 'benchmark'"),
        (mention(type="Benchmark"), "of kind None"),
        (mention(spans=()), "no span"),
        (mention(spans=((0, 7),)), "a span is a tuple"),
        (span(start=3), "not 'ZebraPO'"),
        (span(text="zebrapo"), "not 'zebrapo'"),
        (span(field="body"), "no field"),
        (span(end=900), "not inside a text of 29 characters"),
        (span(start=-27), "not inside"),
        (span(start=2.0), "no whole numbers"),
        (relation(type="eats"), "no type called 'eats'"),
        (relation(tail="DPO"), "no mention of this paper"),
        (relation(head="DPO"), "no mention of this paper"),
        (relation(tail="ZebraPO"), "both ends"),
        (relation(evidence=Evidence("abstract", 5, 5)), "not inside"),
        (relation(evidence=None), "evidence is a NoneType"),
        (result(value="9.9%"), "does not stand in the text"),
        (result(subject="DPO"), "no mention of this paper"),
        (result(kind="zebra"), "no kind"),
        (result(metric=""), "its metric"),
        (result(confidence=-1), "from 0 to 1"),
    ],
)
def test_faults(faulty: Any, message: str) -> None:
    with pytest.raises(ExtractionError, match=message):
        checked(PAPER, faulty)


def test_messages_hold_no_sentences() -> None:
    long = Paper("T", "zebra " * 100)
    bad = Extraction("", "T", (Mention("X", "Method", "uses", 1.0, (Span("abstract", 0, 500, "X"),)),))
    with pytest.raises(ExtractionError) as caught:
        checked(long, bad)
    assert len(str(caught.value)) < 200


def test_whatever_is_raised_for_a_paper_is_its_outcome() -> None:
    def broken(paper: Paper) -> Extraction:
        raise KeyError("zebra")

    found = outcome(PAPER, broken)
    assert isinstance(found, ExtractionError)
    assert "KeyError: 'zebra'" in str(found) and isinstance(found.__cause__, KeyError)


def test_what_is_raised_is_told_in_one_bounded_line_with_its_place() -> None:
    def broken(paper: Paper) -> Extraction:
        raise ValueError("zebra\n\x1b " * 500)

    line = broken.__code__.co_firstlineno + 1
    told = str(outcome(PAPER, broken))
    assert told.startswith("ValueError: zebra") and told.endswith(f" (test_checking.py:{line})")
    assert len(told) <= 300 and told.isprintable()


def test_the_place_is_where_it_was_raised_not_where_it_was_called() -> None:
    found = outcome(PAPER, lambda paper: json.loads(paper.title))
    assert re.search(r" \(decoder\.py:\d+\)$", str(found))


def test_what_concerns_all_papers_is_not_caught() -> None:
    def unusable(paper: Paper) -> Extraction:
        raise ExtractorError("no")

    with pytest.raises(ExtractorError):
        outcome(PAPER, unusable)


def test_several_at_once_come_back_in_order() -> None:
    import threading

    class Pairs:
        """Waits until two papers are there at once."""

        concurrency = 2
        barrier = threading.Barrier(2, timeout=10)

        def __call__(self, paper: Paper) -> Extraction:
            self.barrier.wait()
            return Extraction(paper.id, paper.title)

    papers = [Paper(f"Title {i}", "", id=str(i)) for i in range(10)]
    read = list(outcomes(papers, Pairs()))
    assert [e.id for e in read if isinstance(e, Extraction)] == [paper.id for paper in papers]
