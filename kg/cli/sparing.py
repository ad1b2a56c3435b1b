"""Libraries that others import where they find them, though nothing here uses what they are for."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder


class _Absent(MetaPathFinder):
    """A finder that says of some modules that they are not installed."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = frozenset(names)

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        """Leave a module to the other finders, or say that there is none."""
        del path, target
        if fullname in self._names:
            raise ModuleNotFoundError(f"No module named {fullname!r} is wanted here", name=fullname)


@contextmanager
def sparing(*names: str) -> Iterator[None]:
    """Let libraries that are not imported yet seem not to be installed.

    igraph imports matplotlib where that is, pyarrow pandas: half a second for pictures and frames that
    `kg build` does not make. What looked for one inside may not find it afterwards either, so this is for a
    command that ends.

    Args:
        names: Top-level modules that nothing inside needs.

    >>> with sparing("antigravity"):
    ...     import antigravity
    Traceback (most recent call last):
        ...
    ModuleNotFoundError: No module named 'antigravity' is wanted here
    """
    finder = _Absent(names)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
