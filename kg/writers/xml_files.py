"""XML that is written as it comes, into a file that is whole or not there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO
from xml.sax.saxutils import escape

from kg.writers.files import written_aside

# What XML 1.0 forbids, and the carriage return, which every XML parser turns into a line feed.
_ILLEGAL: Final = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKUP: Final = re.compile("[&<>]")
_IN_ATTRIBUTE: Final = {'"': "&quot;", "\n": "&#10;", "\t": "&#9;"}


@contextmanager
def open_whole(path: Path) -> Iterator[TextIO]:
    """Open a text file beside its place and move it there when all is written; on failure it goes."""
    with (
        written_aside(path) as aside,
        aside.open("w", encoding="utf-8", newline="\n", buffering=1 << 20) as file,
    ):
        yield file
        file.flush()
        os.fsync(file.fileno())


def xml_text(text: str) -> str:
    r"""Return `text` without the characters that XML 1.0 cannot hold.

    >>> xml_text("a\x00b\x1bc\ud800 \U0001f916")
    'abc 🤖'
    """
    # Whatever can be printed is allowed, and is told faster.
    return text if text.isprintable() else _ILLEGAL.sub("", text)


def content(value: object) -> str:
    """Return a value as the content of an element.

    >>> content("a < b & c"), content(True), content(0.5)
    ('a &lt; b &amp; c', 'true', '0.5')
    """
    if isinstance(value, str):
        text = xml_text(value)
        return escape(text) if _MARKUP.search(text) else text
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def quoted(value: object) -> str:
    r"""Return a value as an attribute of an element, with its quotes.

    >>> print(quoted('say "a" & <b>'))
    "say &quot;a&quot; &amp; &lt;b&gt;"
    """
    text = content(value)
    if '"' in text or "\n" in text or "\t" in text:
        for plain, escaped in _IN_ATTRIBUTE.items():
            text = text.replace(plain, escaped)
    return f'"{text}"'
