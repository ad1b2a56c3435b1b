"""What two graphs that stand side by side (`kg.catalog.sides`) do not have in common.

Each question gives how many rows answer it and the first of them. Old edges and results are compared under
the slugs of now: `put_slugs` tells which old slug is which new one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Generic, NamedTuple, TypeVar

import pyarrow as pa

from kg.catalog.sides import SideName, Sides

N = TypeVar("N", bound=tuple[Any, ...])


@dataclass(frozen=True, slots=True)
class Listing(Generic[N]):
    """How many there are, and the first of them."""

    count: int = 0
    rows: tuple[N, ...] = ()


class PaperNote(NamedTuple):
    """A paper that is new or gone; `replaced_by` is the id that a gone one has now."""

    id: str
    title: str
    published: str | None
    replaced_by: str | None


class PaperChange(NamedTuple):
    """A paper of both graphs with another title, date or abstract; None where the abstract is not known."""

    id: str
    title: str
    published: str | None
    old_title: str
    old_published: str | None
    text_changed: bool | None


class EntityNote(NamedTuple):
    """An entity that is new or gone.

    `introduced_by` are the papers that introduce it, sorted; `newest` is the latest date of its papers.
    """

    slug: str
    name: str
    type: str
    kind: str | None
    papers: int
    introduced_by: tuple[str, ...]
    newest: str | None


class EntityChange(NamedTuple):
    """An entity of both graphs with another name, type, kind or other spellings."""

    slug: str
    name: str
    type: str
    kind: str | None
    papers: int
    old_name: str
    old_type: str
    old_kind: str | None
    aliases_new: tuple[str, ...]
    aliases_gone: tuple[str, ...]


class Moved(NamedTuple):
    """Names that stood for one slug and stand for another, in how many papers; which slugs are in both."""

    old: str
    old_name: str
    new: str
    new_name: str
    papers: int
    old_stays: bool
    new_was: bool


class EdgeNote(NamedTuple):
    """An edge whose support changed.

    `papers` is how many papers support it, or did if it is gone; `gained` and `lost` are which came and went.
    """

    source: str
    source_name: str
    relation: str
    target: str
    target_name: str
    papers: int
    gained: tuple[str, ...]
    lost: tuple[str, ...]


class EvidenceNote(NamedTuple):
    """That a paper shows an edge by other spans, or as surely no more."""

    paper: str
    source: str
    relation: str
    target: str


class ResultNote(NamedTuple):
    """A reported number; `subject`, `benchmark` and `baseline` are node ids, the date is the paper's."""

    paper: str
    id: str
    subject: str
    benchmark: str | None
    benchmark_written: str | None
    metric: str | None
    written: str
    baseline: str | None
    baseline_written: str | None
    kind: str
    subject_name: str
    published: str | None


_PAPERS_ONLY: Final = """
    select p.id, p.title, p.published, (
        select min(other.id) from {other}.papers other where list_contains(other.replaces, p.id)
    ) from {side}.papers p anti join {other}.papers o using (id)
    order by p.published desc nulls last, p.id"""
_PAPERS_CHANGED: Final = """
    select n.id, n.title, n.published, o.title, o.published, o.text <> n.text
    from new.papers n join old.papers o using (id)
    where n.title <> o.title or n.published is distinct from o.published
        or coalesce(n.text <> o.text, false)
    order by n.published desc nulls last, n.id"""
_ENTITIES_ONLY: Final = """
    with fresh as (
        select 'entity:' || slug as node, * from {side}.entities e anti join {other}.entities o using (slug)
        where slug not in (select {column} from slugs)
    ),
    about as (
        select target as node, paper, relation from {side}.supports where target in (select node from fresh)
        union
        select source, paper, '' from {side}.supports where source in (select node from fresh)
    ),
    dated as (
        select node, max(published) as newest,
            list(distinct paper order by paper) filter (relation = 'introduces') as introduced_by
        from about join {side}.papers p on p.id = paper group by node
    )
    select slug, name, type, kind, num_papers, coalesce(introduced_by, []), newest
    from fresh left join dated using (node)
    order by introduced_by is null, num_papers desc, slug"""
_ENTITIES_CHANGED: Final = """
    select n.slug, n.name, n.type, n.kind, n.num_papers, o.name, o.type, o.kind,
        list_filter(n.aliases, lambda x: not list_contains(o.aliases, x)),
        list_filter(o.aliases, lambda x: not list_contains(n.aliases, x))
    from new.entities n join old.entities o using (slug)
    where n.name <> o.name or n.type <> o.type or n.kind is distinct from o.kind or n.aliases <> o.aliases
    order by n.name = o.name and n.type = o.type, n.num_papers desc, n.slug"""
_MOVED: Final = """
    with before as (select * from old.names except select * from new.names),
    after as (select * from new.names except select * from old.names),
    one_before as (select paper, name, min(slug) as slug from before group by all having count(*) = 1),
    one_after as (select paper, name, min(slug) as slug from after group by all having count(*) = 1),
    moved as (
        select b.slug as old, a.slug as new, count(distinct paper) as papers
        from one_before b join one_after a using (paper, name) group by all
    )
    select m.old, eo.name, m.new, en.name, m.papers,
        m.old in (select slug from new.entities), m.new in (select slug from old.entities)
    from moved m join old.entities eo on eo.slug = m.old join new.entities en on en.slug = m.new
    order by m.papers desc, m.old, m.new"""
_SUPPORTS: Final = """
create temp table before as
    select paper, coalesce('entity:' || s.new, source) as source, relation,
        coalesce('entity:' || t.new, target) as target
    from old.supports
    left join slugs s on source = 'entity:' || s.old left join slugs t on target = 'entity:' || t.old;
delete from before where source = target;
create temp table gained as
    select paper, source, relation, target from new.supports except select * from before;
create temp table lost as
    select * from before except select paper, source, relation, target from new.supports;
create temp table touched as
    with both_ways as (
        select *, true as come from gained union all select *, false from lost
    )
    select source, relation, target,
        coalesce(list(paper order by paper) filter (come), []) as gained,
        coalesce(list(paper order by paper) filter (not come), []) as lost
    from both_ways group by all;
create temp table edges as
    with were as (select source, relation, target, count(*) as n from before semi join touched
        using (source, relation, target) group by all),
    are as (select source, relation, target, count(*) as n from new.supports semi join touched
        using (source, relation, target) group by all)
    select touched.*, coalesce(were.n, 0) as old_papers, coalesce(are.n, 0) as new_papers
    from touched left join were using (source, relation, target)
    left join are using (source, relation, target);
create temp table labels as
    select 'entity:' || slug as node, name from new.entities
    union all select 'entity:' || slug, name from old.entities anti join new.entities using (slug)
    union all select 'paper:' || id, title from new.papers
    union all select 'paper:' || id, title from old.papers anti join new.papers using (id);
"""
_EDGES: Final = """
    select source, s.name, relation, target, t.name, {papers}, gained, lost
    from edges left join labels s on s.node = source left join labels t on t.node = target
    where {state} order by {papers} desc, source, relation, target"""
_EDGE_STATES: Final = {
    "new": ("old_papers = 0", "new_papers"),
    "gone": ("new_papers = 0", "old_papers"),
    "changed": ("old_papers > 0 and new_papers > 0", "new_papers"),
}
_CANDIDATES: Final = """
create temp table apart as
    (select * from old.result_ids except select * from new.result_ids)
    union all (select * from new.result_ids except select * from old.result_ids);
create temp table reread as
    select paper from old.extractions o join new.extractions n using (paper) where o.data <> n.data
    union select id from old.papers o join new.papers n using (id) where o.text <> n.text;
create temp table candidates as
    with asked as (select paper from apart union select paper from reread)
    select paper from asked
    where paper in (select id from old.papers) and paper in (select id from new.papers);
"""
_WANTED: Final = """
    select paper from candidates
    union
    select paper from {side}.result_ids where paper not in (select id from {other}.papers)
    order by paper"""
_RESULT_COLUMNS: Final = """
    paper, r.id, coalesce('entity:' || s.new, subject), coalesce('entity:' || b.new, benchmark),
    benchmark_written, metric, written, coalesce('entity:' || l.new, baseline), baseline_written, kind,
    coalesce(named.name, subject), p.published
    from {side}.results r join {side}.papers p on p.id = paper
    left join slugs s on subject = 'entity:' || s.old left join slugs b on benchmark = 'entity:' || b.old
    left join slugs l on baseline = 'entity:' || l.old left join labels named on named.node = subject"""
_RESULTS_ONLY: Final = (
    "select "
    + _RESULT_COLUMNS
    + """
    where paper not in (select id from {other}.papers)
    order by p.published desc nulls last, paper, r.id"""
)
_RESULTS_OF_BOTH: Final = (
    "select " + _RESULT_COLUMNS + " where paper in (select paper from candidates) order by paper, r.id"
)
_EVIDENCE_CHANGED: Final = """
    select n.paper, n.source, n.relation, n.target
    from old.evidence o left join slugs s on o.source = 'entity:' || s.old
    left join slugs t on o.target = 'entity:' || t.old
    join new.evidence n on n.paper = o.paper and n.relation = o.relation
        and n.source = coalesce('entity:' || s.new, o.source)
        and n.target = coalesce('entity:' || t.new, o.target)
    where n.said <> o.said
    order by all"""


class Comparison:
    """Asks two sides what they do not have in common; `limit` is how many rows each answer lists at most."""

    def __init__(self, sides: Sides, limit: int | None = None) -> None:
        self._sides = sides
        self._db = sides.db
        self._limit = limit
        self._db.execute("create temp table slugs (old varchar, new varchar)")

    def moved(self) -> list[Moved]:
        """Return where names of papers of both graphs stand for another slug, most papers first."""
        return [Moved(*row) for row in self._db.execute(_MOVED).fetchall()]

    def put_slugs(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Tell which old slugs are which new ones. To be called once, before edges and results are asked."""
        rows = sorted(pairs)
        if rows:
            columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
            self._db.register("incoming", pa.Table.from_arrays(columns, names=["old", "new"]))
            self._db.execute("insert into slugs select * from incoming")
            self._db.unregister("incoming")
        self._db.execute(_SUPPORTS)
        self._db.execute(_CANDIDATES)

    def papers_only(self, side: SideName) -> Listing[PaperNote]:
        """Return the papers that only one side has, newest first."""
        return self._list(PaperNote, _PAPERS_ONLY.format(side=side, other=_other(side)))

    def papers_changed(self) -> Listing[PaperChange]:
        """Return the papers of both with another title, date or abstract, newest first."""
        return self._list(PaperChange, _PAPERS_CHANGED)

    def entities_only(self, side: SideName) -> Listing[EntityNote]:
        """Return the entities that only one side has under any slug, introduced ones first."""
        sql = _ENTITIES_ONLY.format(side=side, other=_other(side), column=side)
        return self._list(EntityNote, sql)

    def entities_changed(self) -> Listing[EntityChange]:
        """Return the entities of both with another name, type, kind or aliases: new names first."""
        return self._list(EntityChange, _ENTITIES_CHANGED)

    def edges(self, state: str) -> Listing[EdgeNote]:
        """Return the edges that are `new`, `gone`, or `changed` in their papers, most papers first."""
        where, papers = _EDGE_STATES[state]
        return self._list(EdgeNote, _EDGES.format(state=where, papers=papers))

    def support(self) -> tuple[int, int]:
        """Return how many pairs of a paper and an edge came, and how many went."""
        (row,) = self._db.execute(
            "select (select count(*) from gained), (select count(*) from lost)"
        ).fetchall()
        return int(row[0]), int(row[1])

    def wanted(self, side: SideName) -> list[str]:
        """Return the papers, by id, whose results (and evidence) must be put before they are asked."""
        rows = self._db.execute(_WANTED.format(side=side, other=_other(side))).fetchall()
        return [paper for (paper,) in rows]

    def results_only(self, side: SideName) -> Listing[ResultNote]:
        """Return what papers report that only one side has, newest first."""
        return self._list(ResultNote, _RESULTS_ONLY.format(side=side, other=_other(side)))

    def results_of_both(self, side: SideName) -> Iterator[ResultNote]:
        """Yield what one side says that papers of both report which may differ in it, by paper."""
        rows = self._db.execute(_RESULTS_OF_BOTH.format(side=side)).fetchall()
        return (ResultNote(*row) for row in rows)

    def evidence_changed(self) -> Listing[EvidenceNote]:
        """Return what papers of both show by other spans, or as surely no more."""
        return self._list(EvidenceNote, _EVIDENCE_CHANGED)

    def newest(self) -> str | None:
        """Return the latest date of the papers of the new side."""
        (row,) = self._db.execute("select max(published) from new.papers").fetchall()
        return None if row[0] is None else str(row[0])

    def _list(self, kind: type[N], sql: str) -> Listing[N]:
        if self._limit is None:
            rows = self._db.execute(sql).fetchall()
            return Listing(len(rows), tuple(_note(kind, row) for row in rows))
        (total,) = self._db.execute(f"select count(*) from ({sql})").fetchall()[0]
        rows = self._db.execute(f"{sql} limit {self._limit}").fetchall()
        return Listing(int(total), tuple(_note(kind, row) for row in rows))


def _note(kind: type[N], row: tuple[Any, ...]) -> N:
    return kind(*(tuple(value) if isinstance(value, list) else value for value in row))


def _other(side: SideName) -> SideName:
    return "new" if side == "old" else "old"
