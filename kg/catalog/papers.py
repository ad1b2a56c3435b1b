"""The state of a graph on disk: records, papers and what was extracted from them, in one DuckDB file.

Everything else in a graph folder can be rebuilt from this file (and `curation.tsv`). Records are kept as
their readers gave them: which of them are one paper, and of which year a page is, can change when others join
them, so an increment joins anew all that a new one bears on.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any, Final, Self

import duckdb
import pyarrow as pa

from kg.catalog.derived import TABLES as DERIVED
from kg.catalog.derived import Derived, batches, table_of
from kg.errors import GraphFolderError
from kg.extraction_json import from_json, to_json
from kg.model import Affiliation, Extraction, Link, Paper, SourceRef
from kg.sources.identity import links_of, page_of

SCHEMA_VERSION: Final = 3
_AT_ONCE: Final = 2_000
"""Rows with texts that are handed to DuckDB at once."""
_PART: Final = 1_000
"""Papers that are read at once where all are."""
_MEMORY: Final = "256MB"
"""What DuckDB may take of a catalog that is written; the rest waits on disk beside it."""

_LOG: Final = "64MB"
"""What DuckDB writes into its log before that goes into the file; each time costs a look at all indexes."""

_FIELDS: Final = """
    title varchar not null, abstract varchar not null, published varchar,
    date_written varchar, authors varchar[] not null, num_authors integer,
    organizations struct(name varchar, handle varchar)[] not null, categories varchar[] not null,
    urls struct(kind varchar, url varchar)[] not null, upvotes integer, comments integer,
    sources struct(file varchar, sha256 varchar, position integer)[] not null, replaces varchar[] not null
"""
_TABLES: Final = f"""
create table meta (key varchar primary key, value varchar not null);
create table papers (id varchar primary key, {_FIELDS});
create table extractions (paper_id varchar primary key, cache_key varchar not null, data varchar not null);
create table records (
    key varchar primary key, format varchar not null, page varchar, id varchar not null, {_FIELDS}
);
create table record_links (key varchar not null, link varchar not null);
{DERIVED}
"""
_PAPER_SCHEMA: Final = pa.schema(
    [
        ("id", pa.string()),
        ("title", pa.string()),
        ("abstract", pa.string()),
        ("published", pa.string()),
        ("date_written", pa.string()),
        ("authors", pa.list_(pa.string())),
        ("num_authors", pa.int32()),
        ("organizations", pa.list_(pa.struct([("name", pa.string()), ("handle", pa.string())]))),
        ("categories", pa.list_(pa.string())),
        ("urls", pa.list_(pa.struct([("kind", pa.string()), ("url", pa.string())]))),
        ("upvotes", pa.int32()),
        ("comments", pa.int32()),
        (
            "sources",
            pa.list_(pa.struct([("file", pa.string()), ("sha256", pa.string()), ("position", pa.int32())])),
        ),
        ("replaces", pa.list_(pa.string())),
    ]
)
_PAPER_COLUMNS: Final = ", ".join(_PAPER_SCHEMA.names)
_RECORD_SCHEMA: Final = pa.schema(
    [("key", pa.string()), ("format", pa.string()), ("page", pa.string()), *_PAPER_SCHEMA]
)
_LINK_SCHEMA: Final = pa.schema([("key", pa.string()), ("link", pa.string())])
_EXTRACTION_SCHEMA: Final = pa.schema(
    [
        ("paper_id", pa.string()),
        ("cache_key", pa.string()),
        ("data", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class CachedExtraction:
    """An extraction with the key (text and extractor) that it was made under."""

    key: str
    extraction: Extraction


@dataclass(frozen=True, slots=True)
class Record:
    """A paper as one reader gave it, before joining, and the source format it was read from."""

    paper: Paper
    format: str

    @property
    def key(self) -> str:
        """The hash of all that the record holds, its place in its file included."""
        row = {"format": self.format, **_paper_row(self.paper)}
        return hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()


class Catalog:
    """An open catalog file; a context manager.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, Catalog.create(Path(folder) / "c.duckdb") as catalog:
    ...     read = CachedExtraction("k", Extraction("1", "T"))
    ...     catalog.put([Paper(title="T", abstract="A", id="1")], [read])
    ...     [paper.title for paper in catalog.papers()]
    ['T']
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path, *, writable: bool) -> None:
        self._db, self._path, self._writable = connection, path, writable
        self._writing = False
        self.derived = Derived(connection)

    @classmethod
    def create(cls, path: Path) -> Self:
        """Return a new catalog file, opened for writing.

        Raises:
            GraphFolderError: the disk is full, or cannot be written for another reason.
        """
        with _faults(path, writable=True):
            catalog = cls(_connect(path, read_only=False), path, writable=True)
            catalog._db.execute(_TABLES)
            catalog.set_meta({"schema_version": str(SCHEMA_VERSION)})
        return catalog

    @classmethod
    def open(cls, path: Path, *, read_only: bool = True) -> Self:
        """Return an existing catalog file, opened.

        Raises:
            GraphFolderError: the file is missing, no catalog, or of another version.
        """
        if not path.exists():
            raise GraphFolderError(f"{path}: no catalog there; build the graph again with `kg build`")
        with _faults(path, writable=not read_only):
            catalog = cls(_connect(path, read_only=read_only), path, writable=not read_only)
            version = catalog.meta().get("schema_version")
        if version != str(SCHEMA_VERSION):
            catalog.close()
            raise GraphFolderError(
                f"{path}: written by another version (schema {version}, this is {SCHEMA_VERSION}); "
                "build the graph again with `kg build`"
            )
        return catalog

    @classmethod
    def copy(cls, source: Path, path: Path) -> Self:
        """Return a new catalog at `path`, open for writing: a copy of the finished one at `source`.

        Raises:
            GraphFolderError: `source` is no catalog of this version.
        """
        cls.open(source).close()
        shutil.copyfile(source, path)
        return cls.open(path, read_only=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Close the file; what DuckDB could not read or write is told as a `GraphFolderError`."""
        with _faults(self._path, writable=self._writable), closing(self._db):
            if error is not None:
                raise error
            if self._writable:
                self._db.execute("checkpoint")  # while it closes, DuckDB would not tell of a full disk

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def limit_memory(self) -> None:
        """Keep no more of what was read than a catalog that is written may take."""
        self._db.execute(f"set memory_limit = '{_MEMORY}'")

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a connection of its own to what is written, for a reader in another thread."""
        return self._db.cursor()

    def meta(self) -> dict[str, str]:
        """Return the facts about the build: versions, base IRI, extractor."""
        return dict(self._db.execute("select key, value from meta order by key").fetchall())

    def set_meta(self, facts: Mapping[str, str]) -> None:
        """Add or replace facts about the build."""
        for key, value in sorted(facts.items()):
            self._db.execute("insert or replace into meta values (?, ?)", [key, value])

    def put(self, papers: Iterable[Paper], extractions: Iterable[CachedExtraction]) -> None:
        """Add papers with their extractions, some at a time.

        A paper with a known id is replaced. Rows stand in the order they come in: sorted by id is best. What
        is not committed is in memory, so a graph that nobody reads yet is not written in one transaction.
        """
        for some in batches(papers, _AT_ONCE):
            self._insert("papers", _PAPER_SCHEMA, _paper_columns(some))
        for made in batches(extractions, _AT_ONCE):
            columns = _extraction_columns(made)
            self._insert("extractions", _EXTRACTION_SCHEMA, columns)

    def remove(self, paper_ids: Iterable[str]) -> tuple[str, ...]:
        """Retract papers and their extractions; return the ids that were there."""
        wanted = sorted(set(paper_ids))
        known = self._db.execute(
            "select id from papers where id in (select unnest(?::varchar[])) order by id", [wanted]
        ).fetchall()
        with self.transaction():
            for table, column in (("papers", "id"), ("extractions", "paper_id")):
                self._db.execute(
                    f"delete from {table} where {column} in (select unnest(?::varchar[]))", [wanted]
                )
        return tuple(row[0] for row in known)

    def put_records(self, records: Iterable[tuple[str, Record]]) -> None:
        """Add records with their keys, some at a time; those with a known key are replaced."""
        for given in batches(records, _AT_ONCE):
            some = sorted(dict(given).items())
            with self.transaction():
                self._db.execute(
                    "delete from record_links where key in (select unnest(?::varchar[]))",
                    [[key for key, _ in some]],
                )
                self._insert("records", _RECORD_SCHEMA, _record_columns(some))
                links = [(key, link) for key, r in some for link in links_of(r.paper)]
                self._insert("record_links", _LINK_SCHEMA, list(zip(*links, strict=True)), replace=False)

    def remove_records(self, keys: Iterable[str]) -> None:
        """Remove the records with these keys."""
        with self.transaction():
            for table in ("records", "record_links"):
                self._db.execute(
                    f"delete from {table} where key in (select unnest(?::varchar[]))", [sorted(set(keys))]
                )

    def records(
        self, column: str = "key", values: Iterable[str] | None = None
    ) -> Iterator[tuple[str, Record]]:
        """Yield records with their keys, by key: all, or those with one of some values in `column`."""
        for key, form, *row in self._select(
            f"select key, format, {_PAPER_COLUMNS} from records", column, values, "key"
        ):
            yield key, Record(_paper_of(row), form)

    def record_heads(self) -> Iterator[tuple[str, Paper]]:
        """Yield all records by key with nothing but id and title."""
        for key, paper_id, title in self._select("select key, id, title from records", "key", None, "key"):
            yield key, Paper(title, "", id=paper_id)

    def linked(self, links: Iterable[str]) -> set[str]:
        """Return the keys of the records that bear one of some links, directly or over other records."""
        found: set[str] = set()
        seen: set[str] = set()
        ring = set(links)
        while ring:
            seen |= ring
            rows = list(self._select("select key from record_links", "link", ring, "key"))
            fresh = {key for (key,) in rows} - found
            found |= fresh
            ring = {
                link for (link,) in self._select("select link from record_links", "key", fresh, "link")
            } - seen
        return found

    def titles(self) -> Iterator[Paper]:
        """Yield all papers by id with nothing but id, title and the ids that they replace."""
        for key, title, replaces in self._select("select id, title, replaces from papers", "id", None, "id"):
            yield Paper(title, "", id=key, replaces=tuple(replaces))

    def papers(self, ids: Iterable[str] | None = None) -> Iterator[Paper]:
        """Yield papers by id: all that are committed, or some."""
        if ids is None:
            for part in self._ends():
                yield from self._papers_between(*part)
            return
        for row in self._select(f"select {_PAPER_COLUMNS} from papers", "id", ids, "id"):
            yield _paper_of(row)

    def extractions(
        self, column: str = "paper_id", values: Iterable[str] | None = None
    ) -> Iterator[CachedExtraction]:
        """Yield extractions by paper id: all, or those with one of some values in `column`."""
        sql = "select cache_key, data from extractions"
        for key, data in self._select(sql, column, values, "paper_id"):
            yield CachedExtraction(key, from_json(json.loads(data)))

    def extraction_keys(self) -> Iterator[tuple[str, str]]:
        """Yield the id of each paper with the cache key of its extraction, by id."""
        yield from self._select("select paper_id, cache_key from extractions", "paper_id", None, "paper_id")

    def extractions_between(self, first: str, last: str) -> Iterator[CachedExtraction]:
        """Yield the extractions of the papers from one id to another, both included, by id."""
        sql = "select cache_key, data from extractions where paper_id between ? and ? order by paper_id"
        for key, data in self._db.cursor().execute(sql, [first, last]).fetchall():
            yield CachedExtraction(key, from_json(json.loads(data)))

    def parts(self) -> Iterator[tuple[list[Paper], dict[str, Extraction]]]:
        """Yield all papers by id with what was read in each, some at a time, as they were committed."""
        for part in self._ends():
            read = {cached.extraction.id: cached.extraction for cached in self.extractions_between(*part)}
            yield list(self._papers_between(*part)), read

    def _ends(self) -> list[tuple[str, str]]:
        """Return the first and last id of each part of all papers: they stand by id, as a part is read."""
        numbered = "select id, row_number() over (order by id) - 1 as number from papers"
        sql = f"select min(id), max(id) from ({numbered}) group by number // {_PART} order by all"
        return self._db.cursor().execute(sql).fetchall()

    def _papers_between(self, first: str, last: str) -> Iterator[Paper]:
        sql = f"select {_PAPER_COLUMNS} from papers where id between ? and ? order by id"
        for row in self._db.cursor().execute(sql, [first, last]).fetchall():
            yield _paper_of(row)

    def sources(self) -> set[tuple[str, str]]:
        """Return the files that papers come from, each with the hash of its bytes."""
        sql = "select distinct s.file, s.sha256 from (select unnest(sources) as s from papers)"
        return set(self._db.execute(sql).fetchall())

    def count(self) -> int:
        """Return how many papers there are."""
        return int(self._db.execute("select count(*) from papers").fetchall()[0][0])

    def _select(
        self, sql: str, column: str, values: Iterable[str] | None, order: str
    ) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a statement in order, all or those with one of some values in a column."""
        cursor = self._db if self._writing else self._db.cursor()
        if values is None:
            cursor.execute(f"{sql} order by {order}")
        else:
            where = f"{column} in (select unnest(?::varchar[]))"
            cursor.execute(f"{sql} where {where} order by {order}", [sorted(set(values))])
        if self._writing:  # another cursor would not see what this transaction wrote
            yield from cursor.fetchall()
        while rows := cursor.fetchmany(1000):
            yield from rows

    def _insert(
        self, table: str, schema: pa.Schema, columns: Sequence[Sequence[Any]], *, replace: bool = True
    ) -> None:
        told = ", ".join(schema.names)
        self._db.register("incoming", table_of(schema, columns))
        insert = "insert or replace" if replace else "insert"
        self._db.execute(f"{insert} into {table} ({told}) select {told} from incoming")
        self._db.unregister("incoming")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make all that is written inside one transaction: all of it stays, or nothing."""
        if self._writing:
            yield
            return
        self._db.begin()
        self._writing = True
        try:
            yield
        except BaseException:
            with suppress(duckdb.Error):  # what went wrong first is what people should hear of
                self._db.rollback()
            raise
        else:
            self._db.commit()
        finally:
            self._writing = False


@contextmanager
def _faults(path: Path, *, writable: bool) -> Iterator[None]:
    """Say of what goes wrong inside what it means for the graph.

    Raises:
        GraphFolderError: DuckDB could not read or write the file.
        KeyboardInterrupt: Ctrl-C; DuckDB makes another error of it.
        RuntimeError: anything else that goes wrong.
    """
    try:
        yield
    except duckdb.Error as error:
        if "KeyboardInterrupt" in str(error):  # it came while DuckDB read an Arrow table
            raise KeyboardInterrupt from error
        fault = str(error).strip().partition("\n")[0]
        if writable:
            raise GraphFolderError(
                f"{path}: the catalog cannot be written ({fault}); the graph stays as it was; "
                "free some space if the disk is full, and run the command again"
            ) from error
        raise GraphFolderError(
            f"{path}: not a readable catalog ({fault}); build the graph again with `kg build`"
        ) from error
    except RuntimeError as error:
        if str(error) == "Query interrupted":
            raise KeyboardInterrupt from error
        raise


def _connect(path: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    config: dict[str, Any] = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    if not read_only:
        config |= {"memory_limit": _MEMORY, "checkpoint_threshold": _LOG}
    return duckdb.connect(str(path), read_only=read_only, config=config)


def _extraction_columns(made: Sequence[CachedExtraction]) -> list[list[str]]:
    texts = [json.dumps(to_json(c.extraction), ensure_ascii=False, separators=(",", ":")) for c in made]
    return [[c.extraction.id for c in made], [c.key for c in made], texts]


def _record_columns(records: Sequence[tuple[str, Record]]) -> list[list[Any]]:
    papers = [record.paper for _, record in records]
    own: list[list[Any]] = [
        [key for key, _ in records],
        [r.format for _, r in records],
        [page_of(p) for p in papers],
    ]
    return own + _paper_columns(papers)


def _paper_columns(papers: Sequence[Paper]) -> list[list[Any]]:
    return [
        [told(value) for value in map(attrgetter(name), papers)]
        if (told := _NESTED.get(name))
        else [*map(attrgetter(name), papers)]
        for name in _PAPER_SCHEMA.names
    ]


def _paper_row(paper: Paper) -> dict[str, Any]:
    columns = zip(_PAPER_SCHEMA.names, _paper_columns([paper]), strict=True)
    return {name: value for name, (value,) in columns}


_NESTED: Final[Mapping[str, Callable[[Any], list[dict[str, Any]]]]] = {
    "organizations": lambda found: [{"name": o.name, "handle": o.handle} for o in found],
    "urls": lambda found: [{"kind": u.kind, "url": u.url} for u in found],
    "sources": lambda found: [{"file": s.file, "sha256": s.sha256, "position": s.position} for s in found],
}
"""Columns of objects, and how they are told."""


def _paper_of(row: Sequence[Any]) -> Paper:
    """Return the paper of a row with `_PAPER_COLUMNS`."""
    return _paper(dict(zip(_PAPER_SCHEMA.names, row, strict=True)))


def _paper(row: dict[str, Any]) -> Paper:
    return Paper(
        **{
            **row,
            "authors": tuple(row["authors"]),
            "organizations": tuple(Affiliation(**o) for o in row["organizations"]),
            "categories": tuple(row["categories"]),
            "urls": tuple(Link(**u) for u in row["urls"]),
            "sources": tuple(SourceRef(**s) for s in row["sources"]),
            "replaces": tuple(row["replaces"]),
        }
    )


def paper_columns(papers: Iterable[Paper]) -> pa.Table:
    """Return papers as a table with the columns of the catalog."""
    return table_of(_PAPER_SCHEMA, _paper_columns(list(papers)))


def papers_of_columns(batch: pa.RecordBatch) -> Iterator[Paper]:
    """Yield the papers of rows with the columns of the catalog; the inverse of `paper_columns`.

    >>> code, place = Link("code", "https://example.org"), SourceRef("a.txt", "0" * 64, 1)
    >>> paper = Paper("T", "A", id="1", authors=("B",), urls=(code,), sources=(place,))
    >>> [list(papers_of_columns(batch)) == [paper] for batch in paper_columns([paper]).to_batches()]
    [True]
    """
    yield from map(_paper, batch.select(_PAPER_SCHEMA.names).to_pylist())
