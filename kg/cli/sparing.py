"""Libraries that others import where they find them, though nothing here uses what they are for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def sparing(*names: str) -> Iterator[None]:
    """Let libraries that are not imported yet seem not to be installed.

    igraph imports matplotlib where that is: half a second for pictures that `kg build` does not draw.

    Args:
        names: Top-level modules that nothing inside needs.

    >>> with sparing("antigravity"):
    ...     import antigravity
    Traceback (most recent call last):
        ...
    ModuleNotFoundError: import of antigravity halted; None in sys.modules
    >>> "antigravity" in sys.modules
    False
    """
    modules: dict[str, Any] = sys.modules
    absent = [name for name in names if name not in modules]
    modules.update(dict.fromkeys(absent))
    try:
        yield
    finally:
        for name in absent:
            modules.pop(name, None)
