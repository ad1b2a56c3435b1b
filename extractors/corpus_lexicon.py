"""Make `lexicon.tsv.gz` from a corpus: what a recognizer takes each name for, over all papers together."""

from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from extractors.document import Draft
from extractors.lexicon import NINTHS
from extractors.sequence import Recognizer
from kg.model import ENTITY_TYPES

LEAST_PAPERS = 2
LEAST_SHARE = 0.5
"""A name is taken up if it is, on average over its papers, so likely an entity of some type."""
BATCH = 128
Counts = dict[tuple[str, ...], list[float]]
"""Tokens of a name to papers and the sum of the probability of each type."""
_COLUMN = {type_: i for i, type_ in enumerate(ENTITY_TYPES, 1)}


def count_names(drafts: Iterable[Draft], recognizers: Sequence[Recognizer]) -> list[Counts]:
    """Count what recognizers take the names of papers for.

    Args:
        drafts: Papers that the recognizers have not been trained on; what they hold in `found` is lost.
        recognizers: Each reads every paper.

    Returns:
        The counts of each recognizer.
    """
    tables: list[Counts] = [defaultdict(lambda: [0.0] * (len(ENTITY_TYPES) + 1)) for _ in recognizers]
    for batch in _batches(drafts):
        for recognizer, table in zip(recognizers, tables, strict=True):
            for draft in batch:
                draft.found.clear()
            recognizer(batch)
            for draft in batch:
                _add(draft, table)
    return [dict(table) for table in tables]


def _batches(drafts: Iterable[Draft]) -> Iterator[list[Draft]]:
    batch: list[Draft] = []
    for draft in drafts:
        batch.append(draft)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _add(draft: Draft, table: Counts) -> None:
    places: dict[tuple[str, ...], set[int]] = defaultdict(set)
    sums: dict[tuple[str, ...], list[float]] = defaultdict(lambda: [0.0] * (len(ENTITY_TYPES) + 1))
    for found in draft.found:
        name = tuple(draft.words[found.start : found.end])
        places[name].add(found.start)
        sums[name][_COLUMN[found.type]] += found.probability
    for name, values in sums.items():
        row = table[name]
        row[0] += 1
        for column in range(1, len(row)):
            row[column] += values[column] / len(places[name])


def merged(parts: Iterable[Counts]) -> Counts:
    """Return the counts of several parts of a corpus together."""
    out: Counts = {}
    for part in parts:
        for name, values in part.items():
            if name in out:
                out[name] = [a + b for a, b in zip(out[name], values, strict=True)]
            else:
                out[name] = values
    return out


def make_lexicon(counts: Counts) -> bytes:
    """Return the content of `lexicon.tsv.gz`, the same for the same counts."""
    lines = []
    for name in sorted(counts):
        papers, *types = counts[name]
        if papers < LEAST_PAPERS or sum(types) < LEAST_SHARE * papers:
            continue
        digits = "".join(str(min(NINTHS, int(NINTHS * t / papers))) for t in types)
        lines.append(f"{' '.join(name)}\t{int(papers).bit_length()}\t{digits}")
    return gzip.compress(("\n".join(lines) + "\n").encode(), mtime=0)
