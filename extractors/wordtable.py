"""Numbers of single words, made when a word is first met and kept for the next text that holds it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]
K = TypeVar("K", bound=Hashable)


class WordTable(Generic[K]):
    """One row of numbers a word, or whatever else the keys are; too many are forgotten and made anew."""

    def __init__(self, make: Callable[[list[K]], Rows], *shape: int) -> None:
        """Take the function that gives the rows of words, and the shape of one row.

        >>> table = WordTable(lambda words: np.array([[len(word)] for word in words], np.float32), 1)
        >>> table.of(["a", "zebra", "a"], most=2).tolist()
        [[1.0], [5.0], [1.0]]
        """
        self._make = make
        self._numbers: dict[K, int] = {}
        self.rows = np.zeros((0, *shape), np.float32)

    def __len__(self) -> int:
        """Return how many words are known now."""
        return len(self._numbers)

    def of(self, words: Sequence[K], most: int) -> Rows:
        """Return the rows of words, shape (words, columns); arguments as of `numbers`."""
        numbers = self.numbers(words, most)
        return self.rows[numbers]

    def numbers(self, words: Sequence[K], most: int) -> NDArray[np.intp]:
        """Return the number of each word's row in `rows`, until the next call.

        Args:
            words: The words.
            most: Where more words than this are known already, they are forgotten first.
        """
        if len(self._numbers) > most:
            self._numbers.clear()
        known = self._numbers
        new = list(dict.fromkeys([word for word in words if word not in known]))
        if new:
            self._add(new)
        return np.array([known[word] for word in words], np.intp)

    def _add(self, new: list[K]) -> None:
        size = len(self._numbers)
        room = len(self.rows)
        if size + len(new) > room:
            more = np.zeros((max(room, len(new), 1024), *self.rows.shape[1:]), np.float32)
            self.rows = np.concatenate([self.rows, more])
        self.rows[size : size + len(new)] = self._make(new)
        self._numbers.update(zip(new, range(size, size + len(new)), strict=True))
