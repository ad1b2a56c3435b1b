"""Word vectors of a corpus: words that keep the same company lie near each other.

`vectors.bin.gz` holds the words of `words.tsv.gz`, in its order, as `DIMENSIONS` signed bytes each: the first
coordinates of the reduced vectors that the word classes come from, in 127ths (`extractors.corpus_words`).
"""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from extractors import weights
from extractors.words import WORDS_FILE

FILE = "vectors.bin.gz"
DIMENSIONS = 16
MOST = 127


@lru_cache(maxsize=1)
def _table() -> tuple[dict[str, int], NDArray[np.float32]]:
    """Return the row of each word, and the vectors with a last row of zeros."""
    if not weights.has(FILE) or not weights.has(WORDS_FILE):
        return {}, np.zeros((1, DIMENSIONS), np.float32)
    lines = gzip.decompress(weights.content(WORDS_FILE)).decode().splitlines()
    rows = {line.partition("\t")[0]: i for i, line in enumerate(lines)}
    table = np.frombuffer(gzip.decompress(weights.content(FILE)), np.int8).reshape(-1, DIMENSIONS)
    vectors = np.zeros((len(table) + 1, DIMENSIONS), np.float32)
    vectors[:-1] = table
    vectors /= np.float32(MOST)
    return rows, vectors


def vectors_of(words: Sequence[str]) -> NDArray[np.float32]:
    """Return the vectors of words, shape (words, DIMENSIONS); zeros for a word that the corpus lacks."""
    rows, vectors = _table()
    lacking = len(vectors) - 1
    numbers = [rows[word] if word in rows else rows.get(word.lower(), lacking) for word in words]
    return vectors.take(numbers, axis=0)


def pack(reduced: NDArray[np.float32]) -> bytes:
    """Return the content of `vectors.bin.gz` for reduced vectors of length one, largest coordinates first."""
    coordinates = np.clip(np.rint(reduced[:, :DIMENSIONS] * MOST), -MOST, MOST).astype(np.int8)
    return gzip.compress(coordinates.tobytes(), mtime=0)
