"""The whole RDF as N-Quads in parts: for engines that load billions of triples from many files."""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Final

from kg.nquads import Quad
from kg.serializing import sorted_lines
from kg.writers.files import written_aside

QUADS_A_PART: Final = 1_000_000
_PART: Final = re.compile(r"part-\d{5,}\.nq\.gz")


def write_nq_parts(quads: Iterable[Quad], folder: Path, *, size: int = QUADS_A_PART) -> tuple[Path, ...]:
    """Write quads as `part-00000.nq.gz`, `part-00001.nq.gz`, …; one part is in memory at a time.

    Parts that stood there are replaced or removed. In each part the lines are sorted as in `graph.nq`.

    Args:
        quads: In an order that depends on nothing but the graph, so that the parts do not either.
        folder: Where the parts go.
        size: How many quads a part has, but for the last.

    Returns:
        The files, in order.

    >>> import tempfile
    >>> quads = [("<a:b>", "<a:c>", f'"{number}"', "<a:d>") for number in range(3)]
    >>> with tempfile.TemporaryDirectory() as name:
    ...     [path.name for path in write_nq_parts(quads, Path(name), size=2)]
    ['part-00000.nq.gz', 'part-00001.nq.gz']
    """
    folder.mkdir(parents=True, exist_ok=True)
    rest = iter(quads)
    written: list[Path] = []
    while some := list(islice(rest, size)):
        path = folder / f"part-{len(written):05}.nq.gz"
        with written_aside(path) as aside, aside.open("wb") as file:
            with gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0) as packed:
                packed.write("".join(sorted_lines(some)).encode())
            file.flush()
            os.fsync(file.fileno())
        written.append(path)
    for path in folder.iterdir():
        if _PART.fullmatch(path.name) and path not in written:
            path.unlink()
    return tuple(written)
