"""How work tells how far it is: functions that a caller gives, and what stands in where it gives none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Progress = Callable[[str, int, int], None]
"""Takes the stage, how much of it is done, and how much there is (0: not known)."""
Note = Callable[[str], None]
"""Takes what is good to know and no loss."""
_T = TypeVar("_T")


def silent(stage: str, done: int, total: int) -> None:
    """Take a progress report and say nothing."""
    del stage, done, total


def unheard(note: str) -> None:
    """Take a note and say nothing."""
    del note


def counted(items: Iterable[_T], stage: str, total: int, step: Progress) -> Iterator[_T]:
    """Yield items and tell how far that is."""
    for number, item in enumerate(items):
        step(stage, number, total)
        yield item
