"""Full-text search in names, titles and authors: SQLite's FTS5, in memory.

Rows are numbered so that the smallest numbers are what a reader looks for first; a search that stops early
stops with the best.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from difflib import SequenceMatcher
from typing import Final

from kg.names import normal_form
from kg.server.words import words_of

_TEXT: Final = "tokenize=\"unicode61 remove_diacritics 2\", prefix='1 2 3', content=''"
_GRAMS: Final = "tokenize='trigram', content='', detail=full"
_BETWEEN: Final = " ⋅ "


class FullText:
    """An index of two lists of rows, names and titles; safe to use from several threads.

    Args:
        names: For each entity its name, then its other names.
        titles: For each paper its title, then its authors.

    >>> text = FullText([["GRPO", "Group Relative Policy Optimization"], ["PPO"]], [["On PPO", "A. Author"]])
    >>> text.names("group rel", 9), text.titles("author ppo", 9), text.exact("grpo"), text.near("GRPPO")
    ([0], [0], [0], [0, 1])
    """

    def __init__(self, names: Sequence[Sequence[str]], titles: Sequence[Sequence[str]]) -> None:
        self._main = [row[0] for row in names]
        # SQLite lets other threads run while it works, so the tables are made side by side.
        with ThreadPoolExecutor(2) as pool:
            made = pool.submit(_Table, _TEXT, (_BETWEEN.join(row) for row in titles))
            self._names = _Table(_TEXT, (_BETWEEN.join([row[0], *sorted(row[1:])]) for row in names))
            self._grams = _Table(_GRAMS, (normal_form(name) for name in self._main))
            self._by_form = _forms(names)
            self._titles = made.result()

    def names(self, text: str, limit: int) -> list[int]:
        """Return the rows that have all words of a text in their names, smallest first; -1 is no limit."""
        return self._names.rows(_match(text), limit)

    def titles(self, text: str, limit: int) -> list[int]:
        """Return the rows that have all words of a text in title or authors, smallest first."""
        return self._titles.rows(_match(text), limit)

    def exact(self, name: str) -> list[int]:
        """Return the rows of which a name has the same normal form."""
        return self._by_form.get(normal_form(name), [])

    def near(self, name: str, limit: int = 8) -> list[int]:
        """Return the rows whose names look like a name, best first."""
        form = normal_form(name)
        grams = sorted({form[i : i + 3] for i in range(len(form) - 2)})[:40]
        rows = self._grams.rows(" OR ".join(f'"{gram}"' for gram in grams), 80, order="rank")
        matcher = SequenceMatcher(b=form)
        scored = []
        for number in rows:
            matcher.set_seq1(normal_form(self._main[number]))
            scored.append((-round(matcher.ratio(), 6), number))
        return [number for score, number in sorted(scored)[:limit] if score <= -0.5]


class _Table:
    """One full-text table of numbered rows."""

    def __init__(self, options: str, rows: Iterable[str]) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(":memory:", check_same_thread=False)
        self._db.execute(f"create virtual table text using fts5(words, {options})")
        self._db.executemany("insert into text (rowid, words) values (?, ?)", enumerate(rows))

    def rows(self, match: str, limit: int, *, order: str = "rowid") -> list[int]:
        if not match:
            return []
        sql = f"select rowid from text where text match ? order by {order} limit ?"
        with self._lock:
            return [row[0] for row in self._db.execute(sql, [match, limit])]


def _forms(names: Sequence[Sequence[str]]) -> dict[str, list[int]]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for number, row in enumerate(names):
        for form in {normal_form(name) for name in row} - {""}:
            found[form].append(number)
    return dict(found)


def _match(text: str) -> str:
    """Return an FTS5 query for all words of a text, the last one as the start of a word."""
    words = words_of(text)
    return " ".join(f'"{word}"' for word in words) + "*" if words else ""
