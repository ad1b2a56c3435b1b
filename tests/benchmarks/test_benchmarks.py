"""What of the benchmark is not timing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from kg.evaluate import score
from kg.model import Paper
from tests.benchmarks.bench import Report, Speed, ratio, time_rounds, to_markdown, to_object
from tests.benchmarks.contestants import Contestant
from tests.benchmarks.memory import memory_of
from tests.benchmarks.papers import HELD_OUT, daily_papers, fresh_papers, held_out
from tests.benchmarks.spacy_ner import annotated_docs, group

REPORT = Report(
    machine={"cores": 2},
    papers=4,
    speed={"tokenizer": Speed((2000.0, 1000.0), 1.0), "default": Speed((100.0, 100.0), 1.0)},
    peak={"tokenizer": 60.4, "default": 250.0},
    memory={500: 201.2, 1000: 202.0},
    scores={"Daily Papers": {"default": {"core": {"f1": 0.8134}}}},
)


def test_places_of_one_name_become_one_row_with_the_type_of_most() -> None:
    rows = group(
        [("PAPO", "Model"), ("Qwen-VL", "Model"), ("papo", "Method"), ("PAPO", "Method"), ("--", "Task")]
    )
    assert [(row["name"], row["type"], row["mentions"]) for row in rows] == [
        ("PAPO", "Method", ["PAPO", "papo"]),
        ("Qwen-VL", "Model", ["Qwen-VL"]),
    ]


def test_rows_can_be_scored() -> None:
    annotated = [{"title": "T", "ents": [["PAPO", "Method", "introduces", ["PAPO"], None]]}]
    found = [{"title": "T", "entities": group([("papo", "Method"), ("GRPO", "Method")])}]
    core = score(annotated, found).tallies["core"]
    assert (core.tp, core.fp, core.fn) == (1, 1, 0)


def test_annotated_places_become_entities_longest_first(tmp_path: Path) -> None:
    import spacy

    from extractors.gold import read_papers

    row = {"id": "1", "title": "On GRPO", "abstract": "GRPO Max is not XGRPO.", "rels": [], "results": []}
    ents = [["GRPO", "Method", "uses", ["GRPO"], None], ["GRPO Max", "Model", "uses", ["GRPO Max"], None]]
    (tmp_path / "gold.jsonl").write_text(json.dumps({**row, "ents": ents}) + "\n", encoding="utf-8")
    lost: Counter[str] = Counter()
    (doc,) = annotated_docs(spacy.blank("en"), read_papers(tmp_path / "gold.jsonl"), lost)
    assert [(ent.text, ent.label_) for ent in doc.ents] == [("GRPO", "Method"), ("GRPO Max", "Model")]
    assert lost == {"kept": 3}


def test_the_table() -> None:
    assert to_markdown(REPORT).split("\n") == [
        "| on one core | abstracts/s: median (min to max) | share of the tokenizer's speed | peak memory "
        "| core F1, Daily Papers |",
        "| --- | ---: | ---: | ---: | ---: |",
        "| spaCy's blank tokenizer, new vocabulary | 1,500 (1,000 to 2,000) | 1.000 | 60 MB |  |",
        "| abstractkg's default extractor | 100 (100 to 100) | 0.075 | 250 MB | 0.813 |",
        "",
        "| default extractor, after abstracts | 500 | 1,000 |",
        "| --- | ---: | ---: |",
        "| resident memory | 201 MB | 202 MB |",
    ]


def test_the_report_is_json() -> None:
    found = json.loads(json.dumps(to_object(REPORT)))
    assert found["speed"]["default"]["ratio"] == pytest.approx(0.075)
    assert found["speed"]["tokenizer"]["median"] == 1500
    assert found["schema_version"] == 1


def test_every_contestant_gets_the_papers_of_each_round() -> None:
    seen: dict[str, list[str]] = {"tokenizer": [], "default": []}
    made: list[str] = []

    def contestant(name: str, *, anew: bool) -> Contestant:
        def make():  # type: ignore[no-untyped-def]
            made.append(name)

            def run(papers):  # type: ignore[no-untyped-def]
                seen[name] += [paper.title for paper in papers]
                return []

            return run

        return Contestant(name, make, anew=anew)

    ticks: Iterator[int] = count()
    speed = time_rounds(
        {"tokenizer": contestant("tokenizer", anew=True), "default": contestant("default", anew=False)},
        [[Paper("A", ""), Paper("B", "")], [Paper("C", ""), Paper("D", "")]],
        clock=lambda: float(next(ticks)),
    )
    assert seen == {"tokenizer": ["A", "B", "C", "D"], "default": ["Loading", "A", "B", "C", "D"]}
    assert sorted(made) == ["default", "tokenizer", "tokenizer"]
    assert speed["default"].rounds == (2.0, 2.0) and ratio(speed["default"], speed["tokenizer"]) == 1.0


def test_memory_is_read_at_its_stages() -> None:
    papers = (Paper("On GRPO", "We use it.") for _ in range(250))
    found = memory_of("tokenizer", papers, [100, 200, 300])
    assert list(found["after"]) == [100, 200] and found["peak"] > 10


def test_without_shared_files_the_example_is_run_on() -> None:
    papers = fresh_papers(None, 20)
    assert len(papers) == 20 and all(paper.title for paper in papers)


@pytest.mark.shared
def test_no_timed_paper_is_annotated_and_every_task_has_its_texts(shared: Path) -> None:
    rows, papers = held_out(shared)
    assert len(rows) == len(papers) == HELD_OUT
    fresh = {paper.id for paper in fresh_papers(shared, 300)}
    assert len(fresh) == 300 and fresh.isdisjoint(row["id"] for row in rows)
    rows, papers = daily_papers(shared)
    assert len(papers) >= len(rows) * 0.98
