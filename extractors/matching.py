"""Names found in a text by their tokens: the longest at each place, from left to right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class NameTable(Generic[T]):
    """What is known of names, by their tokens in lower case; several entries may share the tokens.

    Lengths of names, longest first, are kept by how names start: the first two tokens, or the only one.
    """

    names: dict[tuple[str, ...], list[T]] = field(default_factory=dict)
    lengths: dict[tuple[str, ...], list[int]] = field(default_factory=dict)

    def add(self, tokens: tuple[str, ...], entry: T) -> None:
        """Take up an entry under the tokens of its name, in lower case."""
        self.names.setdefault(tokens, []).append(entry)
        lengths = self.lengths.setdefault(tokens[:2], [])
        if len(tokens) not in lengths:
            lengths.append(len(tokens))
            lengths.sort(reverse=True)

    def matches(
        self, lower: Sequence[str], is_meant: Callable[[int, int, T], bool]
    ) -> Iterator[tuple[int, int, T]]:
        """Yield start, end and entry of each name in a text; the next is looked for after its end.

        Args:
            lower: The tokens of the text, in lower case.
            is_meant: Whether the tokens from start to end, equal but for case, are this entry's name.

        >>> table = NameTable[str]()
        >>> for name in ("zebra", "zebra net", "net"):
        ...     table.add(tuple(name.split()), name)
        >>> list(table.matches(["a", "zebra", "net", "net", "zebra"], lambda start, end, entry: True))
        [(1, 3, 'zebra net'), (3, 4, 'net'), (4, 5, 'zebra')]
        """
        size, start = len(lower), 0
        while start < size:
            end = start + 1
            single = (lower[start],)
            longer = self.lengths.get((lower[start], lower[end]), ()) if end < size else ()
            if longer or single in self.lengths:
                for length in (*longer, 1):
                    same = self.names.get(tuple(lower[start : start + length]), ())
                    if not same or start + length > size:
                        continue
                    entry = next((e for e in same if is_meant(start, start + length, e)), None)
                    if entry is not None:
                        end = start + length
                        yield start, end, entry
                        break
            start = end
