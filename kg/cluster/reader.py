"""What runs on a worker: batches of papers in, batches of extractions out."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Final

import pyarrow as pa

import extractors
from extractors.running import Outcome, outcomes
from kg.catalog.parts import Row, extraction_batch, keyed_papers
from kg.errors import EngineError
from kg.extraction_json import to_json
from kg.model import Extraction

_BATCH: Final = 256
"""Rows that are given at once."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A function from batches of papers to batches of extractions, with the extractor of that name."""

    name: str
    fingerprint: str

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield a row for each paper: its key with its extraction, or with the problem that stands for it."""
        extractor = _loaded(self.name, self.fingerprint)
        for batch in batches:
            keyed = list(keyed_papers(batch))
            found = outcomes((paper for _, paper in keyed), extractor)
            rows = (_row(key, one) for (key, _), one in zip(keyed, found, strict=True))
            while some := list(islice(rows, _BATCH)):
                yield extraction_batch(some)


def _row(key: str, outcome: Outcome) -> Row:
    if isinstance(outcome, Extraction):
        return Row(key, data=json.dumps(to_json(outcome), ensure_ascii=False, separators=(",", ":")))
    return Row(key, problem=str(outcome))


@lru_cache(maxsize=1)
def _loaded(name: str, fingerprint: str) -> extractors.Extractor:
    """Return an extractor, loaded once a process.

    Raises:
        EngineError: It is not the one that the run was started with.
    """
    chosen = extractors.choose(name)
    if chosen.fingerprint != fingerprint:
        raise EngineError(
            f"the extractor {name!r} of the worker {socket.gethostname()} ({chosen.fingerprint[:12]}) is not "
            f"that of this run ({fingerprint[:12]}); install the same abstractkg there as here"
        )
    return chosen.extract
