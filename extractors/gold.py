"""Annotated papers: reading them, and finding their mentions among the tokens of a draft."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from extractors.document import Draft
from kg.model import Paper


@dataclass(frozen=True, slots=True)
class GoldEntity:
    """One annotated row."""

    name: str
    type: str
    role: str
    mentions: tuple[str, ...]
    kind: str | None


@dataclass(frozen=True, slots=True)
class GoldPaper:
    """A paper with its annotation."""

    paper: Paper
    entities: tuple[GoldEntity, ...]
    relations: tuple[tuple[str, str, str], ...]
    results: tuple[tuple[str | None, ...], ...]


def read_papers(path: Path) -> list[GoldPaper]:
    """Return the annotated papers of a JSON Lines file, by id."""
    papers = []
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            papers.append(
                GoldPaper(
                    Paper(row["title"], row["abstract"], id=row["id"]),
                    tuple(GoldEntity(e[0], e[1], e[2], tuple(e[3]), e[4]) for e in row["ents"]),
                    tuple((h, r, t) for h, r, t in row["rels"]),
                    tuple(tuple(r) for r in row["results"]),
                )
            )
    return sorted(papers, key=lambda p: p.paper.id)


def occurrences(draft: Draft, gold: GoldPaper) -> list[tuple[int, int, int]]:
    """Return (start, end, number of the row) of every place where a mention stands, longest first, apart."""
    at_start = {s: i for i, s in enumerate(draft.starts)}
    at_end = {e: i + 1 for i, e in enumerate(draft.ends)}
    hits = []
    for number, entity in enumerate(gold.entities):
        for mention in entity.mentions:
            for match in re.finditer(re.escape(mention), draft.text):
                start, end = at_start.get(match.start()), at_end.get(match.end())
                if start is not None and end is not None:
                    hits.append((end - start, -start, number))
    hits.sort(reverse=True)
    taken: set[int] = set()
    places = []
    for length, minus_start, number in hits:
        tokens = range(-minus_start, -minus_start + length)
        if taken.isdisjoint(tokens):
            taken.update(tokens)
            places.append((tokens.start, tokens.stop, number))
    return sorted(places)


def labels(draft: Draft, gold: GoldPaper) -> list[str]:
    """Return a BIO label for each token."""
    out = ["O"] * len(draft.words)
    for start, end, number in occurrences(draft, gold):
        type_ = gold.entities[number].type
        out[start] = f"B-{type_}"
        for i in range(start + 1, end):
            out[i] = f"I-{type_}"
    return out
