"""Two graphs in one DuckDB, side by side, each in the same tables wherever it came from.

A catalog is attached read-only and its tables are views, so nothing is copied. The quads of an exported file
are kept on disk while they are compared, as the same tables.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, Self

import duckdb
import pyarrow as pa

SideName = Literal["old", "new"]

_MEMORY: Final = "1GB"
"""What DuckDB may take before it goes on on disk."""

_RESULT: Final = (
    "paper", "id", "subject", "benchmark", "benchmark_written", "metric", "written", "baseline",
    "baseline_written", "kind",
)  # fmt: skip
_FILLED: Final[Mapping[str, Sequence[str]]] = {
    "results": _RESULT,
    "evidence": ("paper", "source", "relation", "target", "said"),
}
"""Tables of a catalog's side that the caller fills, as far as they are needed; all columns are strings."""

_FROM_CATALOG: Final = """
create view {side}.papers as
    select id, title, published, abstract as text, replaces from {file}.papers;
create view {side}.entities as
    select slug, name, type, kind, list_sort(aliases) as aliases, num_papers from {file}.entities;
create view {side}.names as
    select distinct o.paper, o.name, e.slug from {file}.occurrences o join {file}.entities e using (identity);
create view {side}.supports as select paper, source, relation, target from {file}.supports;
create view {side}.result_ids as select distinct paper, id from {file}.results;
create view {side}.extractions as select paper_id as paper, data from {file}.extractions;
"""

_QUADS: Final = ("graph", "subject", "predicate", "object")
_FROM_QUADS: Final = """
create macro {side}.local(iri, kind) as
    url_decode(split_part(substr(iri, length($base || kind || '/') + 1), '#', 1));
create macro {side}.node(iri) as case
    when starts_with(iri, $base || 'entity/') then 'entity:' || {side}.local(iri, 'entity')
    when starts_with(iri, $base || 'paper/') then 'paper:' || {side}.local(iri, 'paper') end;
create view {side}.facts as select * from {side}.quads where graph = '';
create table {side}.papers as
    with gone as (
        select object, list(distinct {side}.local(subject, 'paper') order by {side}.local(subject, 'paper'))
            as replaces
        from {side}.facts where predicate = 'isReplacedBy' group by object
    )
    select {side}.local(t.subject, 'paper') as id,
        (select min(object) from {side}.facts f where f.subject = t.subject and predicate = 'title') as title,
        (select min(object) from {side}.facts f where f.subject = t.subject and predicate = 'issued')
            as published,
        null::varchar as text, coalesce(gone.replaces, []) as replaces
    from {side}.facts t left join gone on gone.object = t.subject
    where predicate = 'type' and t.object = 'Preprint';
create table {side}.entities as
    select {side}.local(subject, 'entity') as slug,
        min(object) filter (predicate = 'prefLabel') as name, min(object) filter (predicate = 'type') as type,
        min(object) filter (predicate = 'kind') as kind,
        coalesce(list_sort(list(distinct object) filter (predicate = 'altLabel')), []) as aliases,
        coalesce(min(object) filter (predicate = 'numPapers'), '0')::integer as num_papers
    from {side}.facts where starts_with(subject, $base || 'entity/')
        and predicate in ('prefLabel', 'type', 'kind', 'altLabel', 'numPapers')
    group by subject having name is not null and type is not null;
create table {side}.resolved as
    select distinct subject as mention, object as entity from {side}.quads where predicate = 'resolvedTo';
create table {side}.names as
    select distinct {side}.local(mention, 'paper') as paper, q.object as name,
        {side}.local(entity, 'entity') as slug
    from {side}.resolved join {side}.quads q on q.subject = mention and q.predicate = 'mentionName';
create table {side}.edges as
    select distinct subject as source, predicate as relation, object as target
    from {side}.facts where predicate in (select unnest($relations));
create table {side}.supports as
    with said as (
        select {side}.local(source, 'paper') as paper, * from {side}.edges
        where starts_with(source, $base || 'paper/')
        union
        select {side}.local(q.graph, 'paper'), coalesce(head.entity, q.subject), q.predicate, tail.entity
        from {side}.quads q left join {side}.resolved head on head.mention = q.subject
        join {side}.resolved tail on tail.mention = q.object
        where q.graph <> '' and q.predicate in (select unnest($relations))
        union
        select {side}.local(mention, 'paper'), source, relation, target
        from {side}.edges join {side}.resolved on entity = source where relation = $variant_of
    )
    select distinct paper, {side}.node(source) as source, relation, {side}.node(target) as target
    from said semi join {side}.edges using (source, relation, target);
create table {side}.results as
    with told as (
        select subject as iri, map_from_entries(list((predicate, object))) as told
        from {side}.facts where starts_with(subject, $base || 'result/') group by subject
    )
    select {side}.local(told['inPaper'], 'paper') as paper,
        substr(iri, length($base || 'result/') + 1) as id,
        {side}.node(told['subject']) as subject, {side}.node(told['benchmark']) as benchmark,
        told['benchmarkWritten'] as benchmark_written, told['metric'] as metric,
        told['valueWritten'] as written, {side}.node(told['baseline']) as baseline,
        told['baselineWritten'] as baseline_written, told['resultKind'] as kind
    from told;
create view {side}.result_ids as select paper, id from {side}.results;
create view {side}.extractions as select '' as paper, '' as data where false;
create table {side}.evidence (paper varchar, source varchar, relation varchar, target varchar, said varchar);
"""


class Quad(NamedTuple):
    """A quad as far as a comparison needs it.

    `graph` is empty for the default graph; `predicate` is its local name, and so is the object of `type`;
    anything else is an IRI or the text of a literal.
    """

    graph: str
    subject: str
    predicate: str
    object: str


class Sides:
    """An old and a new graph; a context manager. Each side is given once, by one of the `put` methods."""

    def __init__(self) -> None:
        self._scratch = tempfile.TemporaryDirectory(prefix="kg-diff-")
        folder = Path(self._scratch.name)
        self.db = duckdb.connect(
            str(folder / "sides.duckdb"),
            config={
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "memory_limit": _MEMORY,
                "temp_directory": str(folder / "spill"),
            },
        )
        for side in ("old", "new"):
            self.db.execute(f"create schema {side}")
        self._attached: dict[Path, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.db.close()
        self._scratch.cleanup()

    def put_catalog(self, side: SideName, catalog: Path) -> None:
        """Take a catalog file as one side; it is only read, where it stands."""
        path = catalog.resolve()
        if path not in self._attached:
            self._attached[path] = f"{side}_file"
            quoted = str(path).replace("'", "''")
            self.db.execute(f"attach '{quoted}' as {side}_file (read_only)")
        self.db.execute(_FROM_CATALOG.format(side=side, file=self._attached[path]))
        for table, columns in _FILLED.items():
            told = ", ".join(f"{column} varchar" for column in columns)
            self.db.execute(f"create table {side}.{table} ({told})")

    def put_quads(
        self,
        side: SideName,
        batches: Iterable[Sequence[Quad]],
        *,
        relations: Iterable[str],
        variant_of: str,
    ) -> str | None:
        """Take quads as one side.

        Args:
            side: Which side.
            batches: The quads, some at a time.
            relations: The local names of the predicates that are edges.
            variant_of: The one among them that every paper supports which names its subject.

        Returns:
            The base of their IRIs, None if they hold no paper.
        """
        self.db.execute(f"create table {side}.quads ({', '.join(f'{name} varchar' for name in _QUADS)})")
        for batch in batches:
            self._insert(f"{side}.quads", _QUADS, batch)
        base = self._base(side)
        values = {"base": base or "", "relations": sorted(relations), "variant_of": variant_of}
        for statement in _FROM_QUADS.format(side=side).split(";\n"):
            self.db.execute(_filled(statement, values))
        return base

    def put_results(self, side: SideName, rows: Sequence[Sequence[str | None]]) -> None:
        """Add what some papers report to a side that is a catalog; columns as in `ResultNote`."""
        self._insert(f"{side}.results", _FILLED["results"], rows)

    def put_evidence(self, side: SideName, rows: Sequence[Sequence[str]]) -> None:
        """Add what some papers say for edges (paper, source, relation, target, all it says as one string)."""
        self._insert(f"{side}.evidence", _FILLED["evidence"], rows)

    def _base(self, side: SideName) -> str | None:
        sql = f"select min(subject) from {side}.quads where predicate = 'type' and object = 'Preprint'"
        (paper,) = self.db.execute(sql).fetchall()[0]
        return None if paper is None else str(paper).rpartition("paper/")[0]

    def _insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[str | None]]) -> None:
        if rows:
            arrays = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
            self.db.register("incoming", pa.Table.from_arrays(arrays, names=list(columns)))
            self.db.execute(f"insert into {table} select * from incoming")
            self.db.unregister("incoming")


def _filled(sql: str, values: Mapping[str, Any]) -> str:
    """Return a statement with its values written in: macros, views and tables take no parameters."""
    for name, value in values.items():
        items = value if isinstance(value, list) else [value]
        quoted = ["'" + item.replace("'", "''") + "'" for item in items]
        sql = sql.replace(f"${name}", f"[{', '.join(quoted)}]" if isinstance(value, list) else quoted[0])
    return sql
