"""What is derived from papers and kept beside them, so that a change reads and writes only what it touches.

Names as papers use them (`occurrences`), what they were resolved to (`entities`, by their identity), which
keys were decided together (`nodes`), forms with several readings (`senses`), the edges that each paper
supports (`supports`) and the numbers it reports (`results`). All of it can be made anew from papers,
extractions and `curation.tsv`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from sys import intern
from typing import Any, Final, NamedTuple, TypeVar, cast

import duckdb
import pyarrow as pa

from kg.model import Entity, EntityType

SEPARATOR: Final = "\x1f"
"""Between strings that are joined in one column."""


class OccurrenceRow(NamedTuple):
    """One name that one paper uses for one thing: `kg.resolve.evidence.Occurrence`, its home and entity.

    Spellings and long forms are joined by `SEPARATOR`: a list a row would cost more to read than all else.
    """

    paper: str
    name: str
    type: str
    kind: str | None
    role: str
    weight: int
    form: str
    spellings: str
    long_forms: str
    line: bool
    home: str
    identity: str


class AlikeRow(NamedTuple):
    """Names that papers use in the same way for one thing: `OccurrenceRow`s that differ by paper and weight.

    `papers` are joined by `SEPARATOR`, and `weights` stand in their order.
    """

    papers: str
    weights: list[int]
    name: str
    type: str
    kind: str | None
    role: str
    form: str
    spellings: str
    long_forms: str
    line: bool
    home: str
    identity: str


class MovedRow(NamedTuple):
    """Where a name that stands there belongs now; what comes before `home` tells which name it is."""

    paper: str
    name: str
    type: str
    kind: str | None
    role: str
    spellings: str
    line: bool
    home: str
    identity: str


class EntityRow(NamedTuple):
    """One entity: what its component decided, the slug it wanted and got, and what its name says.

    `forms` are the normal forms it can be found by, `steps` those of the shorter names that its own leads to;
    `said` is what the name says of its bearer, as JSON.
    """

    identity: str
    home: str
    wanted: str
    slug: str
    priority: int
    name: str
    type: str
    kind: str | None
    aliases: list[str]
    num_papers: int
    forms: list[str]
    steps: list[str]
    parent: str | None
    rule: str | None
    confidence: float
    said: str


class NodeRow(NamedTuple):
    """A key of names, and the component that it belongs to."""

    node: str
    home: str


class SenseRow(NamedTuple):
    """The slug of a form with several readings in one component, and their identities."""

    home: str
    key: str
    identities: list[str]


class MatchedRow(NamedTuple):
    """A subject of curation (its line and place there) that matched in a component."""

    home: str
    line: int
    place: int


class SupportRow(NamedTuple):
    """That a paper supports an edge; one row whatever it says for it."""

    paper: str
    source: str
    relation: str
    target: str


class ResultRow(NamedTuple):
    """That a paper reports a number."""

    paper: str
    id: str


_STRINGS: Final = pa.list_(pa.string())
_SCHEMAS: Final[dict[type, tuple[str, pa.Schema]]] = {
    OccurrenceRow: (
        "occurrences",
        pa.schema([
            ("paper", pa.string()), ("name", pa.string()), ("type", pa.string()), ("kind", pa.string()),
            ("role", pa.string()), ("weight", pa.int32()), ("form", pa.string()),
            ("spellings", pa.string()), ("long_forms", pa.string()), ("line", pa.bool_()),
            ("home", pa.string()), ("identity", pa.string()),
        ]),
    ),
    EntityRow: (
        "entities",
        pa.schema([
            ("identity", pa.string()), ("home", pa.string()), ("wanted", pa.string()), ("slug", pa.string()),
            ("priority", pa.int8()), ("name", pa.string()), ("type", pa.string()), ("kind", pa.string()),
            ("aliases", _STRINGS), ("num_papers", pa.int32()), ("forms", _STRINGS), ("steps", _STRINGS),
            ("parent", pa.string()), ("rule", pa.string()), ("confidence", pa.float64()),
            ("said", pa.string()),
        ]),
    ),
    NodeRow: ("nodes", pa.schema([("node", pa.string()), ("home", pa.string())])),
    SenseRow: ("senses", pa.schema([("home", pa.string()), ("key", pa.string()), ("identities", _STRINGS)])),
    MatchedRow: ("matched", pa.schema([("home", pa.string()), ("line", pa.int32()), ("place", pa.int32())])),
    SupportRow: ("supports", pa.schema([(key, pa.string()) for key in SupportRow._fields])),
    ResultRow: ("results", pa.schema([("paper", pa.string()), ("id", pa.string())])),
}  # fmt: skip
_SQL_TYPES: Final = {
    pa.string(): "varchar", pa.int32(): "integer", pa.int8(): "tinyint", pa.bool_(): "boolean",
    pa.float64(): "double", _STRINGS: "varchar[]",
}  # fmt: skip


def schema_of(kind: type[Row]) -> pa.Schema:
    """Return the columns of rows of one kind."""
    return _SCHEMAS[kind][1]


def create_table(name: str, schema: pa.Schema) -> str:
    """Return the statement that makes a table with the columns of a schema."""
    columns = ", ".join(f"{field.name} {_SQL_TYPES[field.type]}" for field in schema)
    return f"create table {name} ({columns});"


TABLES: Final = "\n".join(create_table(name, schema) for name, schema in _SCHEMAS.values())
"""The statements that make the tables."""

_AT_ONCE: Final = 20_000
"""Rows that are handed to DuckDB at once."""
_T = TypeVar("_T")

Row = OccurrenceRow | EntityRow | NodeRow | SenseRow | MatchedRow | SupportRow | ResultRow


class Derived:
    """The derived tables of an open catalog."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._db = connection

    def put(self, kind: type[Row], rows: Iterable[Row]) -> None:
        """Add rows of one kind."""
        table, schema = _SCHEMAS[kind]
        insert_rows(self._db, table, schema, rows)

    def remove(self, kind: type[Row], column: str, values: Iterable[str]) -> None:
        """Remove the rows of one kind that have one of some values in a column."""
        self._with(values, f"delete from {_SCHEMAS[kind][0]} where {column} in (select value from wanted)")

    def clear(self) -> None:
        """Remove all rows."""
        for table, _ in _SCHEMAS.values():
            self._db.execute(f"delete from {table}")

    def occurrences(self, column: str, values: Iterable[str]) -> list[OccurrenceRow]:
        """Return the occurrences that have one of some values in `column`."""
        return [*map(OccurrenceRow._make, self._rows(OccurrenceRow, column, values))]

    def alike(self, homes: Iterable[str], *, without: Iterable[str], apart: bool) -> list[AlikeRow]:
        """Return the names of some components put together that are alike.

        Args:
            homes: The components.
            without: Papers whose names are left out.
            apart: Whether names of different papers are not put together.
        """
        same = ", ".join(AlikeRow._fields[2:])
        together = (
            f"string_agg(paper, '{SEPARATOR}' order by paper, weight), list(weight order by paper, weight)"
        )
        sql = (
            f"select {'paper, [weight]' if apart else together}, {same} from occurrences "
            "where home in (select value from wanted) and paper not in (select unnest(?::varchar[]))"
            f"{'' if apart else f' group by {same}'}"
        )
        return [*map(AlikeRow._make, self._with(homes, sql, [sorted(set(without))]))]

    def entities(self, column: str, values: Iterable[str]) -> list[EntityRow]:
        """Return the entities that have one of some values in `column` (`home`, `slug`, `wanted`, …)."""
        return [*map(EntityRow._make, self._rows(EntityRow, column, values))]

    def entities_with(self, column: str, values: Iterable[str]) -> list[EntityRow]:
        """Return the entities that have one of some values among those of `column` (`forms` or `steps`)."""
        return [EntityRow(*row) for row in self._with(values, _having("entities", "identity", column))]

    def senses(self, column: str, values: Iterable[str]) -> list[SenseRow]:
        """Return the senses that have one of some values in `column` (`home` or `key`)."""
        return [SenseRow(*row) for row in self._rows(SenseRow, column, values)]

    def all_senses(self) -> list[SenseRow]:
        """Return all senses."""
        return [SenseRow(*row) for row in self._db.execute("select * from senses").fetchall()]

    def senses_of(self, identities: Iterable[str]) -> list[SenseRow]:
        """Return the senses that lead to one of some entities."""
        return [
            SenseRow(*row) for row in self._with(identities, _having("senses", "(home, key)", "identities"))
        ]

    def homes(self, nodes: Iterable[str]) -> set[str]:
        """Return the components that some keys belong to."""
        sql = "select distinct home from nodes where node in (select value from wanted)"
        return {row[0] for row in self._with(nodes, sql)}

    def company(self, papers: Iterable[str]) -> dict[str, frozenset[str]]:
        """Return, for each of some papers, the keys of all names in its text."""
        return company_in(self._db, "occurrences", papers)

    def slugs(self, papers: Iterable[str]) -> dict[tuple[str, str, bool], str]:
        """Return what the names of some papers stand for: (paper, name, whether an organisation) to slug."""
        sql = (
            "select paper, o.name, o.type = 'Organization', max(slug) from occurrences o "
            "join entities using (identity) where paper in (select value from wanted) group by all"
        )
        return {(paper, name, org): slug for paper, name, org, slug in self._with(papers, sql)}

    def slugs_within(self, first: str, last: str) -> dict[tuple[str, str, bool], str]:
        """Return the same of all papers from one id to another, both included, as it was committed."""
        sql = (
            "select paper, o.name, o.type = 'Organization', max(slug) from occurrences o "
            "join entities using (identity) where paper between ? and ? group by all"
        )
        rows = self._db.cursor().execute(sql, [first, last]).fetchall()
        return {(paper, name, org): slug for paper, name, org, slug in rows}

    def all_slugs(self) -> dict[tuple[str, str, bool], str]:
        """Return the same of all papers."""
        sql = (
            "select paper, o.name, o.type = 'Organization', max(slug) from occurrences o "
            "join entities using (identity) group by all"
        )
        found = self._db.execute(sql)
        slugs: dict[tuple[str, str, bool], str] = {}
        while some := found.fetchmany(_AT_ONCE):
            slugs.update(
                ((intern(paper), intern(name), org), intern(slug)) for paper, name, org, slug in some
            )
        return slugs

    def papers_naming(self, identities: Iterable[str]) -> set[str]:
        """Return the papers that name one of some entities."""
        sql = "select distinct paper from occurrences where identity in (select value from wanted)"
        return {row[0] for row in self._with(identities, sql)}

    def move(self, rows: Sequence[MovedRow]) -> None:
        """Write where names belong now."""
        if not rows:
            return
        schema = pa.schema([schema_of(OccurrenceRow).field(name) for name in MovedRow._fields])
        self._db.register("moving", table_of(schema, zip(*rows, strict=True)))
        same = " and ".join(f"o.{name} is not distinct from m.{name}" for name in MovedRow._fields[:-2])
        self._db.execute(
            f"update occurrences o set home = m.home, identity = m.identity from moving m where {same}"
        )
        self._db.unregister("moving")

    def supports(self, papers: Iterable[str]) -> set[SupportRow]:
        """Return what some papers support."""
        return {SupportRow(*row) for row in self._rows(SupportRow, "paper", papers)}

    def supported(self, edges: Iterable[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
        """Return those of some edges (source, relation, target) that a paper supports."""
        wanted = set(edges)
        sql = (
            "select distinct source, relation, target from supports "
            "where source in (select value from wanted)"
        )
        found = set(self._with({source for source, _, _ in wanted}, sql))
        return wanted & found

    def all_entities(self) -> Iterator[EntityRow]:
        """Yield all entities by slug; nothing else may be asked meanwhile."""
        found = self._db.execute("select * from entities order by slug")
        while some := found.fetchmany(_AT_ONCE):
            yield from (EntityRow(*row) for row in some)

    def heads(self) -> Iterator[Entity]:
        """Yield all entities by slug, without kinds and aliases."""
        sql = "select slug, name, type, num_papers from entities order by slug"
        for slug, name, entity_type, papers in self._db.execute(sql).fetchall():
            yield Entity(slug, name, cast(EntityType, intern(entity_type)), None, (), papers)

    def edges(self) -> Iterator[tuple[str, str, str]]:
        """Yield each edge (source, relation, target) once; nothing else may be asked meanwhile."""
        found = self._db.execute("select distinct source, relation, target from supports order by all")
        while some := found.fetchmany(_AT_ONCE):
            yield from some

    def spelled(self, spellings: Iterable[str]) -> list[tuple[str, str]]:
        """Return some spellings with the slugs of all entities that papers write so, sorted."""
        sql = (
            f"select distinct spelling, slug from (select identity, unnest(string_split(spellings, "
            f"'{SEPARATOR}')) as spelling from occurrences) join entities using (identity) "
            "where spelling in (select value from wanted) order by all"
        )
        return self._with(spellings, sql)

    def papers_of(self, slugs: Iterable[str]) -> dict[str, list[str]]:
        """Return the papers, sorted, that name each of some entities."""
        sql = (
            "select slug, list(distinct paper order by paper) from occurrences "
            "join entities using (identity) where slug in (select value from wanted) group by slug"
        )
        return dict(self._with(slugs, sql))

    def counts(self) -> dict[str, int]:
        """Return how many entities of each type, edges and results there are."""
        by_type = self._db.execute(
            "select type, count(*) from entities group by type order by type"
        ).fetchall()
        (edges,) = self._db.execute(
            "select count(*) from (select distinct source, relation, target from supports)"
        ).fetchall()[0]
        (results,) = self._db.execute("select count(distinct id) from results").fetchall()[0]
        entities = sum(count for _, count in by_type)
        return {"entities": entities, **dict(by_type), "edges": edges, "results": results}

    def matched(self) -> set[tuple[int, int]]:
        """Return the line and place of each subject of curation that matched."""
        return set(self._db.execute("select distinct line, place from matched").fetchall())

    def _rows(self, kind: type[Row], column: str, values: Iterable[str]) -> list[tuple[Any, ...]]:
        table = _SCHEMAS[kind][0]
        return self._with(values, f"select * from {table} where {column} in (select value from wanted)")

    def _with(self, values: Iterable[str], sql: str, more: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return _with(self._db, values, sql, more)


def insert_rows(
    db: duckdb.DuckDBPyConnection, table: str, schema: pa.Schema, rows: Iterable[Sequence[Any]]
) -> None:
    """Add rows to a table that has the columns of a schema."""
    for some in batches(rows, _AT_ONCE):
        db.register("incoming", table_of(schema, zip(*some, strict=True)))
        db.execute(f"insert into {table} select * from incoming")
        db.unregister("incoming")


def table_of(schema: pa.Schema, columns: Iterable[Sequence[Any]]) -> pa.Table:
    """Return columns of values as a table, in the order of the schema."""
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def company_in(db: duckdb.DuckDBPyConnection, table: str, papers: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return, for each of some papers, the keys of all names that a table of names has in its text."""
    sql = (
        f"select paper, list(form) from {table} where not line and paper in "
        "(select value from wanted) group by paper"
    )
    return {paper: frozenset(forms) for paper, forms in _with(db, papers, sql)}


def _with(
    db: duckdb.DuckDBPyConnection, values: Iterable[str], sql: str, more: Sequence[Any] = ()
) -> list[tuple[Any, ...]]:
    """Return the rows of a statement in which the table `wanted` has one column, `value`.

    Args:
        db: Where it is asked.
        values: The values of the column.
        sql: The statement.
        more: What stands for each `?` in it.
    """
    table = pa.table({"value": pa.array(sorted(set(values)), pa.string())})
    db.register("wanted", table)
    try:
        return db.execute(sql, more).fetchall()
    finally:
        db.unregister("wanted")


def batches(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """Yield items in lists of `size`, the last one shorter.

    >>> list(batches("abcde", 2))
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some


def _having(table: str, key: str, column: str) -> str:
    """Return a statement for the rows, told by `key`, that have a wanted value in a column of lists."""
    pairs = f"select {key} as bearer, unnest({column}) as one from {table}"
    wanted = "one in (select value from wanted)"
    return f"select * from {table} where {key} in (select bearer from ({pairs}) where {wanted})"
