"""How this process keeps memory: the allocator, and the collector of what refers to itself."""

from __future__ import annotations

import gc
from contextlib import suppress
from typing import Final

_TRIM_THRESHOLD: Final = -1
"""`M_TRIM_THRESHOLD` of glibc's malloc.h."""
_KEPT: Final = 1 << 20
_COLLECT_EACH: Final = 50_000


def give_back_free_memory() -> None:
    """Have glibc give memory back as it becomes free; elsewhere nothing happens.

    By default it keeps ever larger blocks for the next who asks: a third of what a large graph is written in.
    """
    import ctypes

    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(_TRIM_THRESHOLD, _KEPT)


def collect_seldom() -> None:
    """Have Python look for circles among each 50,000 new values.

    After each 700, its own choice, that takes a twentieth of a command and 3 % of an extraction.
    """
    gc.set_threshold(_COLLECT_EACH)
