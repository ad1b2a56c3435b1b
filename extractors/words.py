"""Statistics of single words in a corpus: how often, how often capitalised, in what company.

`words.tsv.gz` holds one word a line: word, documents (as bits of the count), share of capitals inside a
sentence (tenths) and three word classes of rising fineness. `names.tsv.gz` holds one namelike word a line and
what the papers that mention it call it (see `extractors.corpus_names`).
"""

from __future__ import annotations

import gzip
from functools import lru_cache
from importlib.resources import files

WORDS_FILE = "words.tsv.gz"
NAMES_FILE = "names.tsv.gz"
PROFILE = ("method", "model", "bench", "data", "env", "org", "intro", "cmp")
"""What each digit of a name's profile counts."""


@lru_cache(maxsize=1)
def word_features() -> dict[str, tuple[str, ...]]:
    """Return word to the feature strings of its statistics; empty without the file."""
    source = files("extractors.data") / WORDS_FILE
    if not source.is_file():
        return {}
    table: dict[str, tuple[str, ...]] = {}
    for line in gzip.decompress(source.read_bytes()).decode().splitlines():
        word, frequency, capitals, coarse, middle, fine = line.split("\t")
        table[word] = (f"df={frequency}", f"cr={capitals}", f"c1={coarse}", f"c2={middle}", f"c3={fine}")
    return table


@lru_cache(maxsize=1)
def name_features() -> dict[str, tuple[str, ...]]:
    """Return namelike word to the feature strings of its profile; empty without the file."""
    source = files("extractors.data") / NAMES_FILE
    if not source.is_file():
        return {}
    made: dict[str, tuple[str, ...]] = {}
    table: dict[str, tuple[str, ...]] = {}
    for line in gzip.decompress(source.read_bytes()).decode().splitlines():
        word, digits = line.split("\t")
        if digits not in made:
            shares = [(int(digit), label) for digit, label in zip(digits, PROFILE, strict=True)]
            best = max(shares[:6], key=lambda s: s[0])
            strings = ["cn", *(f"cn:{label}={min(share, 6) // 2}" for share, label in shares if share > 1)]
            if best[0]:
                strings.append(f"cn:best={best[1]}")
            made[digits] = tuple(strings)
        table[word] = made[digits]
    return table


@lru_cache(maxsize=16384)
def word_numbers(word: str) -> tuple[int, int, tuple[int, ...]]:
    """Return a word's document count in bits (0 if unknown), share of capitals in tenths (-1) and profile.

    The profile is empty for a word without one.
    """
    statistics = word_features().get(word) or word_features().get(word.lower())
    frequency, capitals = (int(statistics[0][3:]), int(statistics[1][3:])) if statistics else (0, -1)
    told = name_features().get(word)
    if told is None:
        return frequency, capitals, ()
    shares = dict(part[3:].split("=") for part in told if part[:3] == "cn:" and part[3:7] != "best")
    return frequency, capitals, tuple(int(shares[p]) + 1 if p in shares else 0 for p in PROFILE)
