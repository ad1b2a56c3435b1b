"""Make `words.tsv.gz` and `vectors.bin.gz` from abstracts: counts, share of capitals, classes, vectors.

Word classes come from the company a word keeps: positive pointwise mutual information with the frequent
words at the four nearest places, reduced by a truncated eigendecomposition, then k-means.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from extractors.tokens import draft
from extractors.vectors import pack
from kg.model import Paper

MIN_COUNT = 4
NUM_CONTEXT = 1000
DIMENSIONS = 80
CLASSES = (32, 160, 800)
PLACES = (-2, -1, 1, 2)


def read_corpus(path: Path) -> Iterator[Paper]:
    """Yield the papers of a gzipped JSON Lines file with `id`, `title` and `abstract`."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield Paper(row["title"], row["abstract"], id=row.get("id", ""))


def make_words(papers: list[Paper]) -> tuple[bytes, bytes]:
    """Return the contents of `words.tsv.gz` and `vectors.bin.gz`, the same for the same papers."""
    documents: Counter[str] = Counter()
    inside: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    stream: list[str] = []
    for paper in papers:
        state = draft(paper)
        documents.update(set(state.words))
        for i, word in enumerate(state.words):
            if i and state.sentence[i] != state.sentence[i - 1]:
                stream.append("</s>")
            elif i > state.num_title:
                low = state.lower[i]
                inside[low] += 1
                capital[low] += word[0].isupper()
            stream.append("#" if word[0].isdigit() else word)
        stream.append("</s>")
    counts = Counter(stream)
    vocabulary = sorted(w for w, n in counts.items() if n >= MIN_COUNT and w != "</s>" and w[0].isalpha())
    reduced = _reduced(stream, counts, vocabulary)
    weight = np.sqrt(np.array([counts[w] for w in vocabulary], dtype=np.float64))
    classes = [_kmeans(reduced, weight, number) for number in CLASSES]
    lines = []
    for i, word in enumerate(vocabulary):
        low = word.lower()
        share = round(10 * capital[low] / inside[low]) if inside[low] else 5
        row = [word, str(documents[word].bit_length()), str(share), *(str(c[i]) for c in classes)]
        lines.append("\t".join(row))
    return gzip.compress(("\n".join(lines) + "\n").encode(), mtime=0), pack(reduced)


def _reduced(stream: list[str], counts: Counter[str], vocabulary: list[str]) -> Any:
    """Return vectors of length one, shape (words, DIMENSIONS), the coordinate of most variance first."""
    ids = {w: i for i, w in enumerate(vocabulary)}
    frequent = [w for w, _ in sorted(counts.items(), key=lambda x: (-x[1], x[0]))[:NUM_CONTEXT]]
    context_ids = {w: i for i, w in enumerate(frequent)}
    word_at = np.array([ids.get(w, -1) for w in stream], dtype=np.int64)
    context_at = np.array([context_ids.get(w, -1) for w in stream], dtype=np.int64)
    vectors = np.zeros((len(vocabulary), NUM_CONTEXT * len(PLACES)), dtype=np.float32)
    for place, shift in enumerate(PLACES):
        shifted = np.roll(context_at, -shift)
        good = (word_at >= 0) & (shifted >= 0)
        keys = word_at[good] * NUM_CONTEXT + shifted[good]
        table = np.bincount(keys, minlength=len(vocabulary) * NUM_CONTEXT).reshape(-1, NUM_CONTEXT)
        total = table.sum() or 1
        rows = table.sum(axis=1, keepdims=True) + 1.0
        columns = table.sum(axis=0, keepdims=True) + 1.0
        smooth = columns**0.75
        smooth *= columns.sum() / smooth.sum()
        pmi = np.log(np.maximum(table, 1e-9) * total / (rows * smooth))
        vectors[:, place * NUM_CONTEXT : (place + 1) * NUM_CONTEXT] = np.maximum(pmi, 0)
    _, basis = np.linalg.eigh(vectors.T @ vectors)
    basis = basis[:, : -DIMENSIONS - 1 : -1]
    basis = basis * np.sign(basis[np.abs(basis).argmax(axis=0), np.arange(DIMENSIONS)])
    reduced = vectors @ basis
    return reduced / (np.linalg.norm(reduced, axis=1, keepdims=True) + 1e-6)


def _kmeans(points: Any, weight: Any, number: int) -> Any:
    order = np.argsort(-weight, kind="stable")
    centres = points[order[: number * 4 : 4]].copy()
    label = np.zeros(len(points), dtype=np.int64)
    for _ in range(12):
        label = np.argmax(points @ centres.T, axis=1)
        sums = np.zeros_like(centres)
        np.add.at(sums, label, points * weight[:, None])
        centres = sums / (np.linalg.norm(sums, axis=1, keepdims=True) + 1e-6)
    return label
