"""Gradient-boosted decision trees, read in numpy: the judgements over counted numbers.

The trees are learned by CatBoost (`extractors.train`) and are oblivious: each level asks one question of all
cases, so a tree of depth d is d comparisons and one look into 2^d leaves (Prokhorenkova et al., "CatBoost:
unbiased boosting with categorical features", 2018). Here they are only used.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

NO_CHANCE = -50.0
"""The score of a label that the training cases lack."""
_CASES: Final = 128
"""Cases judged at once: their leaves fit into a processor's cache."""


@dataclass(frozen=True)
class Trees:
    """T trees of depth D for C labels: which column and border each level asks, and the leaves' scores.

    Shapes: `columns` and `borders` (T, D), `leaves` (T, 2^D, C), `start` (C).
    """

    labels: tuple[str, ...]
    columns: NDArray[np.int16]
    borders: NDArray[np.float32]
    leaves: NDArray[np.float32]
    start: NDArray[np.float32]

    def probabilities(self, numbers: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the probability of each label for each case.

        Args:
            numbers: One case a row, shape (cases, columns).

        Returns:
            Shape (cases, labels); rows sum to one.
        """
        if not len(numbers):
            return np.zeros((0, len(self.labels)))
        parts = [self._scores(numbers[at : at + _CASES]) for at in range(0, len(numbers), _CASES)]
        return softmax(np.concatenate(parts))

    def _scores(self, numbers: NDArray[np.float32]) -> NDArray[np.float32]:
        columns, borders, asked = self._questions
        answers = (np.ascontiguousarray(numbers.T)[columns] > borders).view(np.uint8)
        trees, depth = self.columns.shape
        leaf = answers[asked[0]]
        for level in range(1, depth):
            leaf += answers[asked[level]] << np.uint8(level)
        rows = leaf + (np.arange(trees) << depth)[:, None]
        leaves = self.leaves.reshape(-1, len(self.labels)).take(rows, axis=0)
        scores: NDArray[np.float32] = np.add.reduce(leaves, axis=0) + self.start
        return scores

    @cached_property
    def _questions(self) -> tuple[NDArray[np.intp], NDArray[np.float32], NDArray[np.intp]]:
        """Columns and borders of the different questions, and which of them each level (row) asks."""
        pairs = np.stack([self.columns.astype(np.float64), self.borders.astype(np.float64)], axis=-1)
        different, asked = np.unique(pairs.reshape(-1, 2), axis=0, return_inverse=True)
        columns, borders = different.T
        return (
            columns.astype(np.intp),
            borders.astype(np.float32)[:, None],
            asked.reshape(self.columns.shape).T.copy(),
        )

    def to_bytes(self) -> bytes:
        """Return the model as the content of a file; the same for the same model."""
        trees, depth = self.columns.shape
        head = json.dumps([list(self.labels), trees, depth]).encode() + b"\n"
        arrays = (self.columns, self.borders, self.leaves.astype(np.float16), self.start)
        return gzip.compress(head + b"".join(a.tobytes() for a in arrays), mtime=0)

    @classmethod
    def from_bytes(cls, content: bytes) -> Trees:
        """Return the model that `to_bytes` wrote."""
        raw = gzip.decompress(content)
        at = raw.index(b"\n") + 1
        labels, trees, depth = json.loads(raw[:at])
        parts = []
        for kind, shape in (
            ("<i2", (trees, depth)),
            ("<f4", (trees, depth)),
            ("<f2", (trees, 1 << depth, len(labels))),
            ("<f4", (len(labels),)),
        ):
            size = int(np.prod(shape)) * np.dtype(kind).itemsize
            parts.append(np.frombuffer(raw[at : at + size], kind).reshape(shape))
            at += size
        columns, borders, leaves, start = parts
        return cls(tuple(labels), columns, borders, leaves.astype(np.float32), start)

    @classmethod
    def from_catboost(cls, file: Path, labels: tuple[str, ...], classes: NDArray[np.intp]) -> Trees:
        """Return the model that CatBoost stored as JSON.

        Args:
            file: What `save_model(format="json")` wrote.
            labels: All labels.
            classes: The number of the label that each class of the model stands for; others get no chance.
        """
        model = json.loads(file.read_text(encoding="utf-8"))
        trees = model["oblivious_trees"]
        depth = max(len(tree["splits"]) for tree in trees)
        columns = np.zeros((len(trees), depth), np.int16)
        borders = np.full((len(trees), depth), np.inf, np.float32)
        leaves = np.zeros((len(trees), 1 << depth, len(labels)), np.float32)
        for i, tree in enumerate(trees):
            for level, split in enumerate(tree["splits"]):
                columns[i, level] = split["float_feature_index"]
                borders[i, level] = split["border"]
            values = np.array(tree["leaf_values"], np.float32).reshape(-1, len(classes))
            leaves[i, : len(values), classes] = values.T
        scale, start = model["scale_and_bias"]
        if scale != 1:
            leaves *= np.float32(scale)
        begin = np.full(len(labels), NO_CHANCE, np.float32)
        begin[classes] = start
        return cls(labels, columns, borders, leaves, begin)


def softmax(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return rows of scores as probabilities, each row summed from left to right."""
    exact = scores.astype(np.float64)
    odds = np.exp(exact - exact.max(axis=1, keepdims=True))
    total = odds[:, 0].copy()
    for column in range(1, odds.shape[1]):
        total += odds[:, column]
    out: NDArray[np.float64] = odds / total[:, None]
    return out
