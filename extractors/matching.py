"""Names found in a text by their tokens: the longest at each place, from left to right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class NameTable(Generic[T]):
    """What is known of names, by their tokens in lower case; several entries may share the tokens.

    Lengths of names, longest first, are kept by how names start: the first token, then the second or none.
    """

    names: dict[tuple[str, ...], list[T]] = field(default_factory=dict)
    lengths: dict[str, dict[str | None, tuple[int, ...]]] = field(default_factory=dict)

    def add(self, tokens: tuple[str, ...], entry: T) -> None:
        """Take up an entry under the tokens of its name, in lower case."""
        same = self.names.setdefault(tokens, [])
        same.append(entry)
        if len(same) == 1:
            by_second = self.lengths.setdefault(tokens[0], {})
            second = tokens[1] if len(tokens) > 1 else None
            known = by_second.get(second, ())
            if len(tokens) not in known:
                by_second[second] = tuple(sorted((*known, len(tokens)), reverse=True))

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
        size = len(lower)
        free = 0
        for start, first in [(i, word) for i, word in enumerate(lower) if word in self.lengths]:
            if start < free:
                continue
            by_second = self.lengths[first]
            longer = by_second.get(lower[start + 1], ()) if start + 1 < size else ()
            for length in (*longer, *by_second.get(None, ())):
                end = start + length
                same = self.names.get(tuple(lower[start:end]), ()) if end <= size else ()
                entry = next((e for e in same if is_meant(start, end, e)), None) if same else None
                if entry is not None:
                    free = end
                    yield start, end, entry
                    break
