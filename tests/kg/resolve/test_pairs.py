"""Names judged by hand: what is one thing becomes one entity, what is two stays two.

Two files of one form (their heads say what the columns hold): `pairs-dev.tsv` may be looked at by whoever
writes rules, `pairs-test.tsv` may not. `python -m pytest -s tests/kg/resolve/test_pairs.py` prints how many
are right.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kg.model import ENTITY_TYPES, EntityType, Extraction, Mention, Paper, Span
from kg.resolve import resolve

HERE: Final = Path(__file__).parent
PARTS: Final = ("dev", "test")
LEAST_PRECISION: Final = 0.98
LEAST_RECALL: Final = 0.90


@dataclass(frozen=True, slots=True)
class Side:
    """One name as one paper has it; `long_form` is empty where the paper gives none."""

    name: str
    type: EntityType
    long_form: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two names, each of a paper of its own, and whether they stand for one thing."""

    same: bool
    how: str
    a: Side
    b: Side


def read_pairs(part: str) -> list[Pair]:
    """Return the pairs of one file."""
    with (HERE / f"pairs-{part}.tsv").open(encoding="utf-8", newline="") as file:
        lines = (line for line in file if not line.startswith("#"))
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [Pair(row["answer"] == "same", row["how"], _side(row, "a"), _side(row, "b")) for row in rows]


def _side(row: dict[str, str], end: str) -> Side:
    (found,) = (t for t in ENTITY_TYPES if t == row[f"type_{end}"])
    return Side(row[end], found, row[f"long_{end}"])


def paper_of(side: Side, paper_id: str) -> tuple[Paper, Extraction]:
    """Return a paper that holds the name, with its long form before it if it has one, and nothing else."""
    texts = [side.long_form, side.name] if side.long_form else [side.name]
    abstract = f"{side.long_form} ({side.name})" if side.long_form else side.name
    spans = tuple(
        Span("abstract", start, start + len(text), text)
        for text in texts
        for start in [abstract.rindex(text)]
    )
    kind = "benchmark" if side.type == "Benchmark" else None
    mention = Mention(side.name, side.type, "uses", 0.9, spans, kind)
    return Paper("A Paper", abstract, id=paper_id), Extraction(paper_id, "A Paper", (mention,))


def is_merged(pair: Pair) -> bool:
    """Return whether the two names, in two papers that are all there is, become one entity."""
    both = [paper_of(pair.a, "1"), paper_of(pair.b, "2")]
    found = resolve([paper for paper, _ in both], [extraction for _, extraction in both])
    ends = [
        found.find(i, side.name, organization=side.type == "Organization")
        for i, side in (("1", pair.a), ("2", pair.b))
    ]
    assert None not in ends
    return ends[0] == ends[1]


def shown(pair: Pair) -> str:
    ends = (f"{s.name}{f' = {s.long_form}' if s.long_form else ''}" for s in (pair.a, pair.b))
    return f"{pair.how}: {' | '.join(ends)}"


@dataclass(frozen=True, slots=True)
class Judged:
    """How a resolver did on some pairs: those rightly merged, wrongly merged, and missed."""

    right: tuple[Pair, ...]
    wrong: tuple[Pair, ...]
    missed: tuple[Pair, ...]

    @property
    def precision(self) -> float:
        return len(self.right) / max(1, len(self.right) + len(self.wrong))

    @property
    def recall(self) -> float:
        return len(self.right) / max(1, len(self.right) + len(self.missed))


def judge(pairs: list[Pair]) -> Judged:
    """Ask the resolver for each pair."""
    merged = [(pair, is_merged(pair)) for pair in pairs]
    return Judged(
        right=tuple(pair for pair, one in merged if one and pair.same),
        wrong=tuple(pair for pair, one in merged if one and not pair.same),
        missed=tuple(pair for pair, one in merged if not one and pair.same),
    )


def test_what_is_one_thing_is_one_entity() -> None:
    for part in PARTS:
        found = judge(read_pairs(part))
        print(f"\n{part}: precision {found.precision:.3f}, recall {found.recall:.3f}")
        for what, pairs in (("missed", found.missed), ("wrong", found.wrong)):
            counts = sorted(Counter(pair.how for pair in pairs).items())
            print(f"{what}: {', '.join(f'{count} {how}' for how, count in counts) or 'none'}")
            if part == "dev":
                print("\n".join(f"  {shown(pair)}" for pair in pairs))
    whole = judge([pair for part in PARTS for pair in read_pairs(part)])
    print(f"both: precision {whole.precision:.3f}, recall {whole.recall:.3f}")
    assert whole.precision >= LEAST_PRECISION and whole.recall >= LEAST_RECALL


def test_the_files_hold_pairs_of_names_and_no_text() -> None:
    pairs = [pair for part in PARTS for pair in read_pairs(part)]
    assert len(pairs) >= 300 and len(set(pairs)) == len(pairs)
    assert 0.4 <= sum(pair.same for pair in pairs) / len(pairs) <= 0.6
    for pair in pairs:
        for side in (pair.a, pair.b):
            assert side.name.strip() == side.name != ""
            for name in (side.name, side.long_form):
                assert len(re.findall(r"[^\W_]+", name)) < 8, name
    sizes = [len(read_pairs(part)) for part in PARTS]
    assert abs(sizes[0] - sizes[1]) <= 1
    for part in PARTS:
        rows = read_pairs(part)
        head = (HERE / f"pairs-{part}.tsv").read_text(encoding="utf-8")
        same = sum(pair.same for pair in rows)
        assert f"{len(rows)} pairs in this file, {same} same and {len(rows) - same} different" in head
