"""A resolution depends on the set of papers alone: not on their order, nor on the way it was reached."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.model import Extraction
from kg.resolve import Curation, Resolution, Resolver, resolve
from kg.resolve.curation import Decision, Subject
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


@pytest.mark.parametrize("curation", [Curation(), CURATION], ids=["rules", "curated"])
@given(read=extractions(), data=st.data())
@settings(max_examples=150)
def test_pieces_make_the_whole(curation: Curation, read: list[Extraction], data: st.DataObject) -> None:
    resolver = Resolver(curation)
    order = data.draw(st.permutations(read))
    place = 0
    while place < len(order):
        size = data.draw(st.integers(1, 4))
        piece = order[place : place + size]
        gone = data.draw(st.lists(st.sampled_from([e.id for e in order]), max_size=2))
        held = {e.id: e for e in order[:place]}
        resolver.update(map(paper_of, piece), piece, removed=gone)
        back = [held[paper] for paper in {*gone} & held.keys()]
        resolver.update(map(paper_of, back), back)
        place += size
    assert resolver.resolution() == resolved(read, curation)
    gone = data.draw(st.lists(st.sampled_from([e.id for e in order] or ["0"]), max_size=5))
    resolver.update(removed=gone)
    assert resolver.resolution() == resolved([e for e in read if e.id not in gone], curation)


def test_an_update_touches_its_component_only() -> None:
    resolver = Resolver()
    read = [extraction("1", [mention("Zorb-Net")]), extraction("2", [mention("QuuxNet")])]
    resolver.update(extractions=read)
    assert resolver.update(extractions=[extraction("3", [mention("ZorbNet")])]) == {"1", "3"}
    assert resolver.update(removed=["3"]) == {"1", "3"}


def test_a_paper_that_is_read_again_is_replaced() -> None:
    resolver = Resolver()
    resolver.update(extractions=[extraction("1", [mention("Zorb-Net")])])
    resolver.update(extractions=[extraction("1", [mention("QuuxNet")])])
    assert [entity.name for entity in resolver.resolution().entities] == ["QuuxNet"]


@pytest.mark.shared
def test_seeds_in_pieces(seeds_built: object, shared: Path) -> None:
    del shared
    graph = seeds_built.graph  # type: ignore[attr-defined]
    papers, read = list(graph.papers), list(graph.extractions)
    resolver = Resolver()
    for start in range(0, len(papers), 40):
        some = {paper.id for paper in papers[::-1][start : start + 40]}
        resolver.update([p for p in papers if p.id in some], [e for e in read if e.id in some])
    assert resolver.resolution() == graph.resolution
    check(graph.resolution)
    counted = Counter(row.rule for rows in graph.resolution.ledger.values() for row in rows)
    assert counted["exact"] > counted["majority"]
