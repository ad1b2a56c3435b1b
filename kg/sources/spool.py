"""Papers in a temporary file: as many as the disk holds, each at hand by its number.

A dump is read once, but its papers are needed several times: to be joined, to be extracted, to go to the
catalog. In memory one of arXiv takes 3.6 KB; here it takes eight bytes, and its place on disk.
"""

from __future__ import annotations

import os
import pickle
import tempfile
from abc import abstractmethod
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final, TypeVar, overload
from weakref import finalize

from kg.errors import UsageError

_IN_MEMORY: Final = 16 * 1024 * 1024
"""Bytes that are kept in memory; a file is begun for more."""
_T = TypeVar("_T")


class _ByNumber(Sequence[_T]):
    """A sequence whose values are looked up when they are asked for."""

    @abstractmethod
    def _at(self, number: int) -> _T:
        """Return a value by its number, from 0 up."""

    @overload
    def __getitem__(self, index: int) -> _T: ...
    @overload
    def __getitem__(self, index: slice) -> list[_T]: ...
    def __getitem__(self, index: int | slice) -> _T | list[_T]:
        found = range(len(self))[index]
        return self._at(found) if isinstance(found, int) else [self._at(number) for number in found]

    def __iter__(self) -> Iterator[_T]:
        return (self._at(number) for number in range(len(self)))


class Spool(_ByNumber[_T]):
    """Values in the order they came; the file has no name, and goes with the last reference.

    Two are equal that hold equal values. Only one thread may use it.

    >>> spool = Spool(["one"])
    >>> spool.append("two")
    >>> list(spool), spool[-1], spool[:1], spool == Spool(["one", "two"])
    (['one', 'two'], 'two', ['one'], True)
    """

    def __init__(self, values: Iterable[_T] = ()) -> None:
        with _told():
            self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  see `finalize`
        finalize(self, _close, self._file)
        self._ends = array("Q", [0])
        self._at_end = True
        self.extend(values)

    def append(self, value: _T) -> None:
        """Take one more value.

        Raises:
            UsageError: There is no room in the folder for temporary files.
        """
        with _told():
            if not self._at_end:
                self._file.seek(self._ends[-1])
                self._at_end = True
            self._ends.append(self._ends[-1] + self._file.write(pickle.dumps(value, pickle.HIGHEST_PROTOCOL)))

    def extend(self, values: Iterable[_T]) -> None:
        """Take more values, as `append` does."""
        for value in values:
            self.append(value)

    def __len__(self) -> int:
        return len(self._ends) - 1

    def _at(self, number: int) -> _T:
        start, end = self._ends[number], self._ends[number + 1]
        with _told():
            self._at_end = False
            self._file.seek(start)
            value: _T = pickle.loads(self._file.read(end - start))
        return value

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Spool):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]


class Selection(_ByNumber[_T]):
    """Some values of a sequence, looked up when they are asked for.

    >>> list(Selection("abc", [0, 2])), Selection("abc", [0, 2])[1:]
    (['a', 'c'], ['c'])
    """

    def __init__(self, values: Sequence[_T], numbers: Sequence[int]) -> None:
        self._values, self._numbers = values, numbers

    def __len__(self) -> int:
        return len(self._numbers)

    def _at(self, number: int) -> _T:
        return self._values[self._numbers[number]]


def _close(file: tempfile.SpooledTemporaryFile[bytes]) -> None:
    """Close a file that nobody reads again; a full disk does not matter any more."""
    with suppress(OSError):
        file.close()


@contextmanager
def _told() -> Iterator[None]:
    """Say what a fault of the disk means.

    Raises:
        UsageError: There is no room, or the disk cannot be used for another reason.
    """
    try:
        yield
    except OSError as error:
        folder = tempfile.tempdir or os.environ.get("TMPDIR", "none was found")
        raise UsageError(
            f"papers cannot be kept in the folder for temporary files, {folder} "
            f"({error.strerror or error}); free some space there, or set TMPDIR to another folder"
        ) from error
