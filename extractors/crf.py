"""A linear-chain conditional random field, read in numpy: many texts at once, the same answer for each.

The weights are learned by CRFsuite (`extractors.train`); here they are only used. A token's score is a sum
of rows of one matrix. No sum goes through BLAS, whose kernels differ from machine to machine.

Forward and backward recursions after Rabiner, "A tutorial on hidden Markov models" (1989), scaled every few
steps.
"""

from __future__ import annotations

import gzip
import io
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, repeat, takewhile
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]
Chances = NDArray[np.float64]
_UNKNOWN: Final = -1
_LEAST_COLUMNS: Final = 2
"""With one column einsum would sum in another order than with several."""
_SCALED_EACH: Final = 8
"""Values are scaled at each so manieth place, long before they leave the range of a float."""


@dataclass(frozen=True)
class LinearChain:
    """Labels (L), the row of each attribute, weights of attributes (rows, L) and of transitions (L, L).

    Attributes stand in order: `starting` finds those of one kind without a look at the others.
    """

    labels: tuple[str, ...]
    rows: dict[str, int]
    weights: Scores
    transitions: Chances

    def starting(self, start: str) -> Iterator[tuple[str, int]]:
        """Yield the attributes that start with a text, with their rows, in order."""
        names = list(self.rows)
        first = bisect_left(names, start)
        return takewhile(lambda item: item[0].startswith(start), islice(self.rows.items(), first, None))

    def sums(self, cases: Sequence[Sequence[str]]) -> Scores:
        """Return the sum of the weights of each case's attributes, shape (cases, labels).

        Attributes that the model does not know add nothing.
        """
        flat = np.fromiter(map(self.rows.get, chain.from_iterable(cases), repeat(_UNKNOWN)), np.intp)
        of_case = np.repeat(np.arange(len(cases)), [len(case) for case in cases])
        known = flat != _UNKNOWN
        return self.sums_of_rows(flat[known], of_case[known], len(cases))

    def sums_of_rows(self, rows: NDArray[np.intp], cases: NDArray[np.intp], number: int) -> Scores:
        """Return the sum of rows of the weights for each case, shape (cases, labels).

        Args:
            rows: Rows of the weights.
            cases: The case to which each row is added, ascending.
            number: How many cases there are; one without rows gets zeros.
        """
        out = np.zeros((number, len(self.labels)), np.float32)
        if len(rows):
            first = np.flatnonzero(np.append(True, cases[1:] != cases[:-1]))
            out[cases[first]] = np.add.reduceat(self.weights.take(rows, axis=0), first, axis=0)
        return out

    def marginals(self, scores: Sequence[Scores]) -> list[Chances]:
        """Return the probability of each label at each place.

        Args:
            scores: One array (places, labels) a text; texts may have any length.

        Returns:
            Arrays of the same shapes whose rows sum to one; what a text gets does not depend on the others.
        """
        order = sorted(range(len(scores)), key=lambda text: -len(scores[text]))
        lengths = [len(scores[text]) for text in order]
        size, longest = len(self.labels), max(lengths, default=0)
        num_columns = max(_LEAST_COLUMNS, len(order))
        states = np.ones((longest, size, num_columns))
        for column, (text, length) in enumerate(zip(order, lengths, strict=True)):
            exact = scores[text].astype(np.float64)
            states[:length, :, column] = np.exp(exact - exact.max(axis=1, keepdims=True, initial=-np.inf))
        # the texts that go on at each place are the first so many columns
        going_on = np.searchsorted(-np.array(lengths), -np.arange(longest)).tolist()
        moves = np.exp(self.transitions)
        forward = np.empty_like(states)
        for place in range(longest):
            columns = max(_LEAST_COLUMNS, going_on[place])
            now = states[place, :, :columns]
            if place:
                now = np.einsum("ij,ib->jb", moves, forward[place - 1, :, :columns]) * now
            forward[place, :, :columns] = _scaled(now) if place % _SCALED_EACH == 0 else now
        backward = np.ones((size, num_columns))
        for place in range(longest - 2, -1, -1):
            columns = max(_LEAST_COLUMNS, going_on[place + 1])
            after = np.einsum("ij,jb->ib", moves, backward[:, :columns] * states[place + 1, :, :columns])
            backward[:, :columns] = _scaled(after) if place % _SCALED_EACH == 0 else after
            backward[:, going_on[place + 1] : columns] = 1.0
            forward[place, :, :columns] *= backward[:, :columns]
        out: list[Chances] = [np.zeros((0, size))] * len(scores)
        for column, (text, length) in enumerate(zip(order, lengths, strict=True)):
            out[text] = _scaled(forward[:length, :, column].T).T
        return out

    def to_bytes(self) -> bytes:
        """Return the model as the content of a file; the same for the same model."""
        names = sorted(self.rows, key=self.rows.__getitem__)
        weights = self.weights.astype(np.float16)
        mask = weights != 0
        parts = {
            "labels": "\n".join(self.labels).encode(),
            "attributes": "\n".join(names).encode(),
            "mask": np.packbits(mask).tobytes(),
            "weights": weights[mask].tobytes(),
            "transitions": self.transitions.astype(np.float32).tobytes(),
        }
        out = io.BytesIO()
        for part in parts.values():
            out.write(len(part).to_bytes(8, "little"))
            out.write(part)
        return gzip.compress(out.getvalue(), mtime=0)

    @classmethod
    def from_bytes(cls, content: bytes) -> LinearChain:
        """Return the model that `to_bytes` wrote."""
        raw, parts, at = gzip.decompress(content), [], 0
        while at < len(raw):
            size = int.from_bytes(raw[at : at + 8], "little")
            parts.append(raw[at + 8 : at + 8 + size])
            at += 8 + size
        labels = tuple(parts[0].decode().split("\n"))
        names = parts[1].decode().split("\n")
        shape = len(names), len(labels)
        mask = np.unpackbits(np.frombuffer(parts[2], np.uint8), count=shape[0] * shape[1]).astype(bool)
        weights = np.zeros(shape, np.float32)
        weights[mask.reshape(shape)] = np.frombuffer(parts[3], "<f2")
        transitions = np.frombuffer(parts[4], "<f4").astype(np.float64).reshape(len(labels), len(labels))
        return cls(labels, {name: i for i, name in enumerate(names)}, weights, transitions)

    @classmethod
    def from_crfsuite(cls, file: Path) -> LinearChain:
        """Return the model that CRFsuite stored in a file."""
        import pycrfsuite

        tagger: Any = pycrfsuite.Tagger()
        tagger.open(str(file))
        info = tagger.info()
        labels = tuple(sorted(tagger.labels()))
        columns = {label: i for i, label in enumerate(labels)}
        rows = {name: i for i, name in enumerate(sorted({a for a, _ in info.state_features}))}
        weights = np.zeros((len(rows), len(labels)), np.float32)
        for (attribute, label), weight in info.state_features.items():
            weights[rows[attribute], columns[label]] = weight
        transitions = np.zeros((len(labels), len(labels)))
        for (first, second), weight in info.transitions.items():
            transitions[columns[first], columns[second]] = weight
        return cls(labels, rows, weights, transitions)


def _scaled(values: Chances) -> Chances:
    """Return the columns divided by their sums, each summed from top to bottom."""
    out: Chances = values / np.add.reduce(values, axis=0)
    return out
