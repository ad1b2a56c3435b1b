"""What a run that did not end has extracted: a file beside the generations, for the next run to go on from.

One line a paper, `<key>\t<extraction as JSON>`, written when the paper is done. A run that comes into force
removes the file (see `kg.generations.next_generation`); a line that a killed run left torn is not heeded.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import BinaryIO, Final, Self

from extractors.checking import checked
from kg.catalog import CachedExtraction
from kg.errors import ExtractionError
from kg.extraction_json import from_json, to_json
from kg.generations import UNFINISHED
from kg.model import Paper

_KEY: Final = re.compile(rb"[0-9a-f]{64}")


class Unfinished:
    """The extractions of a run that did not end, and those of this run; a context manager.

    Only the writer of a graph folder may open it.

    Attributes:
        kept: How many papers this run has extracted.

    >>> import tempfile
    >>> from kg.model import Extraction
    >>> key, paper = "0" * 64, Paper("T", "", "1")
    >>> with tempfile.TemporaryDirectory() as name:
    ...     with Unfinished(Path(name)) as run:
    ...         run.keep(CachedExtraction(key, Extraction("1", "T")))
    ...     with Unfinished(Path(name)) as run:
    ...         run.find(key, paper) == CachedExtraction(key, Extraction("1", "T"))
    True
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / UNFINISHED
        self._places: dict[bytes, int] = {}
        self._file: BinaryIO | None = None
        self.kept = 0

    def __enter__(self) -> Self:
        if self._path.exists():
            self._file = self._path.open("r+b")
            self._file.truncate(self._index(self._file))
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    @property
    def goes_on(self) -> bool:
        """Whether a run before this one left something."""
        return bool(self._places)

    def find(self, key: str, paper: Paper) -> CachedExtraction | None:
        """Return what was extracted from this paper's text, if it was; something damaged is not."""
        place = self._places.get(key.encode())
        if self._file is None or place is None:
            return None
        self._file.seek(place)
        try:
            found = from_json({**json.loads(self._file.readline()), "id": paper.id})
            return CachedExtraction(key, checked(paper, found))
        except (ValueError, LookupError, TypeError, AttributeError, ExtractionError):
            return None

    def keep(self, made: CachedExtraction) -> None:
        """Keep an extraction: from here on no kill takes it away."""
        if self._file is None:
            self._file = self._path.open("w+b")
        self._file.seek(0, 2)
        data = json.dumps(to_json(made.extraction), separators=(",", ":"))
        self._file.write(f"{made.key}\t{data}\n".encode())
        self._file.flush()
        self.kept += 1

    def _index(self, file: BinaryIO) -> int:
        """Note where each extraction starts; return where the last whole line ends."""
        end = 0
        for line in file:
            if not line.endswith(b"\n"):
                break
            key, tab, _ = line.partition(b"\t")
            if tab and _KEY.fullmatch(key):
                self._places[key] = end + len(key) + 1
            end += len(line)
        return end
