"""Papers and extractions as Parquet parts in a folder: how they go to a cluster and come back.

Papers have the columns of the catalog; an extraction has its key and the JSON that the catalog keeps, or the
problem that stands for it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from kg.catalog.derived import batches
from kg.catalog.papers import paper_columns, papers_of_columns
from kg.model import Paper

EXTRACTION_DDL: Final = "key string not null, data string, problem string"
"""The columns of an extraction part, as Spark writes them."""
_EXTRACTIONS: Final = pa.schema([("key", pa.string()), ("data", pa.string()), ("problem", pa.string())])


@dataclass(frozen=True, slots=True)
class Row:
    """What became of a paper: its extraction as JSON (`kg.extraction_json`), or the problem with it."""

    key: str
    data: str | None = None
    problem: str | None = None


class Parts:
    """The parts in one folder.

    Attributes:
        papers: The folder of what is to be read.
        extractions: The folder of what was read; parts of a run that did not end stay there.
        log: The file of what the cluster's software says.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as name:
    ...     parts = Parts(Path(name))
    ...     parts.write_papers([("k", Paper("T", "A", id="1"))], 1_000)
    ...     batches = pq.ParquetFile(next(parts.papers.iterdir())).iter_batches()
    ...     [(key, paper.title) for batch in batches for key, paper in keyed_papers(batch)]
    [('k', 'T')]
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.papers = self.folder / "spark-papers"
        self.extractions = self.folder / "spark-extractions"
        self.log = self.folder / "spark.log"

    def write_papers(self, papers: Iterable[tuple[str, Paper]], size: int) -> None:
        """Write papers with their keys, `size` a part, in place of those that stand there."""
        shutil.rmtree(self.papers, ignore_errors=True)
        self.papers.mkdir(parents=True)
        for number, some in enumerate(batches(papers, size)):
            table = paper_columns(paper for _, paper in some)
            keyed = table.append_column("key", pa.array([key for key, _ in some], pa.string()))
            pq.write_table(keyed, self.papers / f"part-{number:06}.parquet")

    def found(self) -> set[str]:
        """Return the keys of the extractions that are there; a part that cannot be read is removed."""
        keys: set[str] = set()
        for part in self._written():
            try:
                table = pq.read_table(part, columns=["key", "problem"])
            except (OSError, ValueError, KeyError):  # pyarrow's own errors are ValueErrors or KeyErrors
                part.unlink()
                continue
            keys.update(table.filter(table["problem"].is_null())["key"].to_pylist())
        return keys

    def rows(self, keys: Sequence[str]) -> Iterator[Row | None]:
        """Yield the row of each key in their order, None where there is none.

        A task that ran twice wrote its rows twice; they are the same, and one is given.
        """
        written = [str(part) for part in self._written()]
        places = pa.table(
            {"place": pa.array(range(len(keys)), pa.int64()), "key": pa.array(keys, pa.string())}
        )
        with duckdb.connect(config={"temp_directory": str(self.folder / "sorting")}) as database:
            database.register("places", places)
            database.register("none", _EXTRACTIONS.empty_table())
            source = "read_parquet(?)" if written else "none"
            database.execute(
                "select distinct on (place) places.key, data, problem "
                f"from places left join {source} using (key) "
                "order by place, data nulls last, problem",
                [written] if written else [],
            )
            while rows := database.fetchmany(1_000):
                for key, data, problem in rows:
                    yield None if data is None and problem is None else Row(key, data, problem)

    def remove(self) -> None:
        """Remove the parts and the log, and the folder if nothing else is in it."""
        for folder in (self.papers, self.extractions, self.folder / "sorting"):
            shutil.rmtree(folder, ignore_errors=True)
        self.log.unlink(missing_ok=True)
        if self.folder.is_dir() and not any(self.folder.iterdir()):
            self.folder.rmdir()

    def _written(self) -> list[Path]:
        return sorted(self.extractions.glob("part-*.parquet"))


def keyed_papers(batch: pa.RecordBatch) -> Iterator[tuple[str, Paper]]:
    """Yield the keys and papers of a batch of rows."""
    yield from zip(batch.column("key").to_pylist(), papers_of_columns(batch), strict=True)


def extraction_batch(rows: Iterable[Row]) -> pa.RecordBatch:
    """Return rows of extractions as a batch."""
    columns: list[dict[str, Any]] = [{"key": r.key, "data": r.data, "problem": r.problem} for r in rows]
    return pa.RecordBatch.from_pylist(columns, schema=_EXTRACTIONS)
