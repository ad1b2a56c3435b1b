"""All names of all papers on their way to components: by paper they come in, by component they go out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple, Self

import duckdb
import pyarrow as pa

from kg.catalog.derived import SEPARATOR, OccurrenceRow, company_in, create_table, insert_rows, schema_of

_TABLE: Final = "names.names"
_SCHEMA: Final = pa.schema(
    [field for field in schema_of(OccurrenceRow) if field.name not in {"home", "identity"}]
)
_AT_ONCE: Final = 20_000
"""Names that go out at once, and as many more as their components have."""


class NameKey(NamedTuple):
    """What ties a name to others: its key, the keys of its long forms, whether it is an organisation's."""

    form: str
    long_forms: tuple[str, ...]
    organization: bool


class Names:
    """Names in a scratch database beside a catalog, on disk where they are many; a context manager."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._db = connection

    def __enter__(self) -> Self:
        self._db.execute("attach ':memory:' as names")
        self._db.execute(create_table(_TABLE, _SCHEMA))
        return self

    def __exit__(self, *_: object) -> None:
        self._db.execute("detach names")

    def put(self, rows: Iterable[OccurrenceRow]) -> None:
        """Add names, whose homes and identities are not known yet."""
        insert_rows(self._db, _TABLE, _SCHEMA, (row[: len(_SCHEMA)] for row in rows))

    def keys(self) -> list[NameKey]:
        """Return what ties names to others, each once."""
        sql = f"select distinct form, long_forms, type = 'Organization' from {_TABLE}"
        return [
            NameKey(form, tuple(long_forms.split(SEPARATOR)) if long_forms else (), organization)
            for form, long_forms, organization in self._db.execute(sql).fetchall()
        ]

    def by_home(self, homes: Mapping[tuple[str, bool], str]) -> Iterator[list[OccurrenceRow]]:
        """Yield all names by component, some whole components at a time.

        Args:
            homes: The component of each key, by the key and whether it is an organisation's.
        """
        table = pa.table({
            "form": pa.array([form for form, _ in homes], pa.string()),
            "organization": pa.array([organization for _, organization in homes], pa.bool_()),
            "home": pa.array(homes.values(), pa.string()),
        })  # fmt: skip
        cursor = self._db.cursor()
        cursor.register("homes", table)
        cursor.execute(
            f"select n.*, home, '' from {_TABLE} n "
            "join homes h on n.form = h.form and (n.type = 'Organization') = h.organization order by home"
        )
        rest: list[OccurrenceRow] = []
        while some := cursor.fetchmany(_AT_ONCE):
            rest += (OccurrenceRow(*row) for row in some)
            last = rest[-1].home
            if rest[0].home != last:
                end = next(i for i in range(len(rest), 0, -1) if rest[i - 1].home != last)
                yield rest[:end]
                rest = rest[end:]
        if rest:
            yield rest

    def company(self, papers: Iterable[str]) -> dict[str, frozenset[str]]:
        """Return, for each of some papers, the keys of all names in its text."""
        return company_in(self._db, _TABLE, papers)
