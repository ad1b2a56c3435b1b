"""Words of a text that a reader typed."""

from __future__ import annotations

import re
from typing import Final

_WORD: Final = re.compile(r"[^\W_]+")
_MOST: Final = 12


def words_of(text: str) -> list[str]:
    """Return the words of a search, twelve at most.

    >>> words_of('Qwen2.5-VL "x" OR *')
    ['Qwen2', '5', 'VL', 'x', 'OR']
    """
    return _WORD.findall(text)[:_MOST]
