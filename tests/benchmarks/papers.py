"""The papers that the benchmark runs on: fresh abstracts to time, annotated ones to score."""

from __future__ import annotations

import gzip
import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Final

from extractors.gold import read_papers
from kg.evaluate import read_gold, title_of
from kg.model import Paper
from kg.sources import read

ROOT: Final = Path(__file__).parents[2]
HELD_OUT: Final = 150
"""How many of the annotated papers, the latest by arXiv id, nothing here is trained on."""
Task = tuple[list[dict[str, Any]], list[Paper]]
"""Annotated rows, and the papers whose extraction they judge."""


def text_of(paper: Paper) -> str:
    """Return title, line break, abstract: what every contestant reads."""
    return f"{paper.title}\n{paper.abstract}"


def fresh_papers(shared: Path | None, number: int) -> list[Paper]:
    """Return papers that no weights were trained on, evenly out of the corpus; else those of the example.

    Args:
        shared: folder with `corpus/` and `gold/`, or None.
        number: the most that are returned.
    """
    if shared is None:
        return list(read([ROOT / "examples"]).papers)[:number]
    annotated = {paper.paper.id for paper in read_papers(shared / "gold" / "train.jsonl")}
    corpus = list(_corpus(shared / "corpus" / "arxiv-abstracts.jsonl.gz", annotated))
    step = max(1, len(corpus) // number)
    return corpus[::step][:number]


def _corpus(path: Path, without: Collection[str]) -> Iterator[Paper]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["id"] not in without:
                yield Paper(row["title"], row["abstract"], id=row["id"])


def held_out(shared: Path) -> Task:
    """Return the latest annotated papers, which no weights here were trained on."""
    path = shared / "gold" / "train.jsonl"
    papers = [paper.paper for paper in read_papers(path)[-HELD_OUT:]]
    ids = {paper.id for paper in papers}
    return [row for row in read_gold(path) if row["id"] in ids], papers


def daily_papers(shared: Path) -> Task:
    """Return the annotated Daily Papers, their texts joined by title from the pages."""
    rows = read_gold(shared / "gold" / "dev.jsonl")
    titles = {title_of(row) for row in rows}
    papers = read([shared / "seeds"]).papers
    return rows, [paper for paper in papers if title_of({"title": paper.title}) in titles]
