"""A resolution depends on the set of papers alone: not on their order, nor on the way it was reached."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Self

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.catalog.derived import TABLES, Derived
from kg.catalog.names import Names
from kg.deriving import names_of
from kg.model import Extraction
from kg.resolve import NO_CURATION, Curation, Decider, Resolution, resolve
from kg.resolve.curation import Decision, Subject
from kg.resolve.evidence import of_paper
from kg.resolve.local import NamesChanged, change_names
from kg.resolve.whole import decide_names
from tests.kg.resolve.made_up_names import extraction, extractions, mention, paper_of

CURATION = Curation(
    (
        Decision("merge", Subject("ZORB"), Subject("QZP"), line=2),
        Decision("split", Subject("GRPO"), Subject("GRPO", paper="3"), line=3),
        Decision("rename", Subject("MATH", "Benchmark"), value="Maths", line=4),
        Decision("drop", Subject("zorb", paper="1"), line=5),
        Decision("retype", Subject("DG"), value="Task", line=6),
    )
)


def resolved(read: list[Extraction], curation: Curation) -> Resolution:
    return resolve(map(paper_of, read), read, curation=curation)


def check(found: Resolution) -> None:
    """Check what must hold of every resolution."""
    slugs = [entity.slug for entity in found.entities]
    assert len(set(slugs)) == len(slugs), "two entities share a slug"
    assert slugs == sorted(slugs)
    assert set(found.of.values()) == set(slugs), "an entity without a name, or a name without its entity"
    assert set(found.ledger) == set(found.votes) == set(slugs)
    papers: dict[str, set[str]] = {slug: set() for slug in slugs}
    for (paper, _, _), slug in found.of.items():
        papers[slug].add(paper)
    for entity in found.entities:
        assert entity.num_papers == len(papers[entity.slug])
        assert {p for row in found.ledger[entity.slug] for p in row.papers} == papers[entity.slug]
    for bare, senses in found.senses.items():
        assert len(senses) > 1 and set(senses) <= set(slugs)
        assert bare not in slugs or bare in senses, "the bare slug is somebody else's"


@pytest.mark.parametrize("curation", [Curation(), CURATION], ids=["rules", "curated"])
@given(read=extractions(), data=st.data())
@settings(max_examples=60)
def test_order_changes_nothing(curation: Curation, read: list[Extraction], data: st.DataObject) -> None:
    whole = resolved(read, curation)
    check(whole)
    assert resolved(data.draw(st.permutations(read)), curation) == whole


class Kept:
    """A resolution that is kept in tables and follows changes."""

    def __init__(self, curation: Curation = NO_CURATION) -> None:
        self._db = duckdb.connect(":memory:")
        self._db.execute(TABLES)
        self._decider = Decider(curation)
        self._derived = Derived(self._db)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def update(self, read: Iterable[Extraction], removed: Iterable[str] = ()) -> NamesChanged:
        """Put papers in, or in the place of those with the same id, and take papers out."""
        chosen = list(read)
        fresh = [item for e in chosen for item in of_paper(paper_of(e), e)]
        gone = {*removed, *(e.id for e in chosen)}
        return change_names(self._derived, self._decider, gone, fresh)

    def tables(self) -> dict[str, list[str]]:
        """Return all that is kept of names, by table, sorted."""
        return {
            table: sorted(map(repr, self._db.execute(f"select * from {table}").fetchall()))
            for table in ("occurrences", "entities", "nodes", "senses", "matched")
        }

    def names(self) -> list[str]:
        """Return the names of all entities, sorted."""
        return [name for (name,) in self._db.execute("select name from entities order by name").fetchall()]


def tables_of(read: list[Extraction], curation: Curation) -> dict[str, list[str]]:
    """Return what is kept of names that are resolved all at once."""
    with Kept(curation) as kept:
        with Names(kept._db) as names:
            names.put(names_of((paper_of(one), one) for one in read))
            decided = decide_names(kept._derived, names, kept._decider)
        at_once = resolved(read, curation)
        heads = [replace(entity, kind=None, aliases=()) for entity in at_once.entities]
        assert list(kept._derived.heads()) == heads, "decided by component or all at once"
        assert decided.near == at_once.near
        return kept.tables()


@pytest.mark.parametrize("curation", [Curation(), CURATION], ids=["rules", "curated"])
@given(read=extractions(), data=st.data())
@settings(max_examples=60)
def test_pieces_make_the_whole(curation: Curation, read: list[Extraction], data: st.DataObject) -> None:
    order = data.draw(st.permutations(read))
    place = 0
    with Kept(curation) as kept:
        while place < len(order):
            size = data.draw(st.integers(1, 4))
            piece = order[place : place + size]
            gone = data.draw(st.lists(st.sampled_from([e.id for e in order]), max_size=2))
            held = {e.id: e for e in order[:place]}
            kept.update(piece, removed=gone)
            kept.update([held[paper] for paper in sorted({*gone} & held.keys())])
            place += size
        assert kept.tables() == tables_of(read, curation)
        gone = data.draw(st.lists(st.sampled_from([e.id for e in order] or ["0"]), max_size=5))
        kept.update([], removed=gone)
        assert kept.tables() == tables_of([e for e in read if e.id not in gone], curation)


def test_an_update_touches_its_component_only() -> None:
    with Kept() as kept:
        kept.update([extraction("1", [mention("Zorb-Net")]), extraction("2", [mention("QuuxNet")])])
        changed = kept.update([extraction("3", [mention("ZorbNet")])])
        assert {row.name for row in changed.after.values()} - {"Zorb Labs"} == {"ZorbNet"}
        assert changed.papers == {"1"}
        assert kept.update([], removed=["3"]).papers == {"1"}


def test_a_paper_that_is_read_again_is_replaced() -> None:
    with Kept() as kept:
        kept.update([extraction("1", [mention("Zorb-Net")])])
        kept.update([extraction("1", [mention("QuuxNet")])])
        assert kept.names() == ["QuuxNet"]


def test_a_family_that_comes_adopts_its_sizes_and_leaves_them() -> None:
    with Kept() as kept:
        kept.update([extraction("1", [mention("Zorblax-7B", type_="Model")])])
        changed = kept.update([extraction("2", [mention("Zorblax", type_="Model")])])
        assert [(row.name, row.parent) for row in changed.after.values() if row.parent] == [
            ("Zorblax-7B", "zorblax")
        ]
        assert changed.papers == {"1"}
        changed = kept.update([], removed=["2"])
        assert [row.parent for row in changed.after.values()] == [None]


@pytest.mark.shared
def test_what_holds_of_the_seeds(seeds_built: object, shared: Path) -> None:
    del shared
    graph = seeds_built.graph  # type: ignore[attr-defined]
    check(graph.resolution)
    counted = Counter(row.rule for rows in graph.resolution.ledger.values() for row in rows)
    assert counted["exact"] > counted["majority"]
