"""How the allocator of this process keeps memory."""

from __future__ import annotations

import ctypes
from contextlib import suppress
from typing import Final

_TRIM_THRESHOLD: Final = -1
"""`M_TRIM_THRESHOLD` of glibc's malloc.h."""
_KEPT: Final = 1 << 20


def give_back_free_memory() -> None:
    """Have glibc give memory back as it becomes free; elsewhere nothing happens.

    By default it keeps ever larger blocks for the next who asks: a third of what a large graph is written in.
    """
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(_TRIM_THRESHOLD, _KEPT)
