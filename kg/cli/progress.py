"""What is said on stderr: how far the work is, what was read, and what could not be."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from kg.cli.output import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.model import Unread
    from kg.sources import ReadSummary


class Progress:
    """Says on stderr what is going on, from the second second on; rewrites one line on a terminal."""

    def __init__(self) -> None:
        self._start = self._last = time.monotonic()
        self._terminal = sys.stderr.isatty()
        self._shown = False
        self._stage, self._since, self._before = "", self._start, 0

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown and self._terminal:
            click.echo("\r\x1b[K", err=True, nl=False)

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Take a report of a stage: how much is done, and how much there is (0: unknown)."""
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._since, self._before = stage, now, done
        if now - self._start < 1 or now - self._last < (0.1 if self._terminal else 2):
            return
        self._last, self._shown = now, True
        text = clean(stage)
        if total:
            text += f" {done:,}/{total:,}{pace(done - self._before, total - done, now - self._since)}"
        elif done:
            text += f" {done:,}"
        click.echo(f"\r\x1b[K{text}" if self._terminal else text, err=True, nl=not self._terminal)


def pace(done: int, left: int, seconds: float) -> str:
    """Return the rate of what is done in some seconds, and the time left; nothing while that is a guess.

    >>> pace(1500, 45387, 5.0), pace(2, 98, 0.5)
    (', 300/s, 2:31 left', '')
    """
    if done < 100 or seconds < 2:
        return ""
    rest = round(left * seconds / done)
    return f", {done / seconds:,.0f}/s, {rest // 60}:{rest % 60:02} left"


def say_read(found: ReadSummary) -> None:
    """Say on stderr what was read."""
    text = f"read {found.blocks:,} records in {found.files:,} files: {found.num_papers:,} papers"
    if found.repeats:
        text += f", {found.repeats:,} repeats"
    if found.without_abstract:
        text += f", {found.without_abstract:,} without abstract"
    click.echo(text, err=True)
    for note in (*found.remarks[:20], *found.notes[:20]):
        say_note(note)


def say_note(note: str) -> None:
    """Say on stderr what is good to know and no loss."""
    click.echo(f"note: {clean(note)}", err=True)


def say_unread(unread: Iterable[Unread]) -> None:
    """Say on stderr what could not be read: the first twenty."""
    for item in list(unread)[:20]:
        place = f"{item.file}:{item.line}" if item.line else item.file
        click.echo(f"kg: {clean(f'{place}: {item.reason}')}", err=True)
