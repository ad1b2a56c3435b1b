"""A resolution as rows that a catalog keeps, and rows as what a resolution reads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import cast

from kg.catalog.derived import (
    SEPARATOR,
    AlikeRow,
    Derived,
    EntityRow,
    MatchedRow,
    MovedRow,
    NodeRow,
    OccurrenceRow,
    SenseRow,
)
from kg.model import Entity, EntityType, Role
from kg.resolve.curation import Curation
from kg.resolve.decide import Cluster
from kg.resolve.evidence import Occurrence
from kg.resolve.resolver import Component, Resolution
from kg.resolve.slugs import Claim, settle
from kg.resolve.variants import RuleName, Values, Variant, forms_of, steps_of


def occurrence_rows(parts: Iterable[Component]) -> Iterator[OccurrenceRow]:
    """Yield the names of components, each with the identity of its entity."""
    return (occurrence_row(item, home, identity) for item, home, identity in placed(parts))


def placed(parts: Iterable[Component]) -> Iterator[tuple[Occurrence, str, str]]:
    """Yield the names of components, each with its component and the identity of its entity.

    A name that people dropped has no entity; where people decided, each name is one paper's.
    """
    for part in parts:
        found = 0
        for cluster in part.decided.clusters:
            for member in cluster.members:
                found += len(member.item.papers)
                yield member.item, part.home, cluster.identity
        if found < sum(len(item.papers) for item in part.members):
            kept = {id(member.item) for cluster in part.decided.clusters for member in cluster.members}
            for item in part.members:
                if id(item) not in kept:
                    yield item, part.home, ""


def occurrence_row(item: Occurrence, home: str, identity: str) -> OccurrenceRow:
    """Return a name of one paper as a row."""
    (paper,), (weight,) = item.papers, item.weights
    return OccurrenceRow(
        paper=paper,
        name=item.name,
        type=item.type,
        kind=item.kind,
        role=item.role,
        weight=weight,
        form=item.form,
        spellings=SEPARATOR.join(item.spellings),
        long_forms=SEPARATOR.join(item.long_forms),
        line=item.line,
        home=home,
        identity=identity,
    )


def occurrence(row: OccurrenceRow, company: Mapping[str, frozenset[str]]) -> Occurrence:
    """Return a row as the name it was made of; `company` holds the keys of all names by paper."""
    return Occurrence(
        (row.paper,),
        row.name,
        cast(EntityType, row.type),
        row.kind,
        cast(Role, row.role),
        (row.weight,),
        row.form,
        _strings(row.spellings),
        _strings(row.long_forms) if row.long_forms else (),
        company,
        row.line,
    )


def alike(row: AlikeRow, company: Mapping[str, frozenset[str]]) -> Occurrence:
    """Return a row as what all its papers call so; `company` holds the keys of all names by paper."""
    return Occurrence(
        papers_of(row),
        row.name,
        cast(EntityType, row.type),
        row.kind,
        cast(Role, row.role),
        tuple(row.weights),
        row.form,
        _strings(row.spellings),
        _strings(row.long_forms) if row.long_forms else (),
        company,
        row.line,
    )


def moved_rows(item: Occurrence, home: str, identity: str) -> Iterator[MovedRow]:
    """Yield where names belong now that stand there already."""
    spellings = SEPARATOR.join(item.spellings)
    for paper in item.papers:
        yield MovedRow(
            paper, item.name, item.type, item.kind, item.role, spellings, item.line, home, identity
        )


def papers_of(row: AlikeRow) -> tuple[str, ...]:
    """Return the papers of a row, sorted."""
    return tuple(row.papers.split(SEPARATOR))


@lru_cache(maxsize=1 << 16)
def _strings(joined: str) -> tuple[str, ...]:
    return tuple(joined.split(SEPARATOR))


def spelled_out(stay: Iterable[OccurrenceRow | AlikeRow]) -> set[str]:
    """Return the components in which a form may have several readings: there the company of a name may tell.

    In the others all names have the one form that is the component's key, and none is spelled out.
    """
    return {row.home for row in stay if row.long_forms or row.form != row.home}


def entity_row(cluster: Cluster, home: str, slug: str, variant: Variant | None = None) -> EntityRow:
    """Return an entity with the slug that it got and what its name says."""
    own = cluster.entity
    plain = EntityRow(
        identity=cluster.identity,
        home=home,
        wanted=own.slug,
        slug=slug,
        priority=cluster.priority,
        name=own.name,
        type=own.type,
        kind=own.kind,
        aliases=list(own.aliases),
        num_papers=own.num_papers,
        forms=forms_of(own),
        steps=steps_of(own),
        parent=None,
        rule=None,
        confidence=0.0,
        said="",
    )
    return plain if variant is None else with_variant(plain, variant)


def with_variant(row: EntityRow, variant: Variant | None) -> EntityRow:
    """Return an entity with what the grammar of names says of it."""
    if variant is None:
        return row._replace(parent=None, rule=None, confidence=0.0, said="")
    said = {
        key: str(value) for key in Values.__slots__ if (value := getattr(variant.values, key)) is not None
    }
    return row._replace(
        parent=variant.parent,
        rule=variant.rule,
        confidence=variant.confidence,
        said=json.dumps(said, ensure_ascii=False, sort_keys=True),
    )


def entity(row: EntityRow) -> Entity:
    """Return the entity of a row."""
    return Entity(
        slug=row.slug,
        name=row.name,
        type=cast(EntityType, row.type),
        kind=row.kind,
        aliases=tuple(row.aliases),
        num_papers=row.num_papers,
    )


def variant(row: EntityRow) -> Variant | None:
    """Return what the grammar of names says of the entity of a row."""
    if not row.said:
        return None
    said = json.loads(row.said)
    size = Decimal(said.pop("size")) if "size" in said else None
    rule = cast("RuleName | None", row.rule)
    return Variant(row.slug, Values(size=size, **said), row.parent, rule, row.confidence)


def resolution(derived: Derived, curation: Curation) -> Resolution:
    """Return what all names of a graph were resolved to, as it was written down; it does not tell why."""
    entities = list(derived.all_entities())
    settled = settle(map(claim_of, entities), ((row.key, row.identities) for row in derived.all_senses()))
    return Resolution(
        entities=tuple(map(entity, entities)),
        of=derived.all_slugs(),
        senses=settled.senses,
        curation=curation,
    )


def claim_of(row: EntityRow) -> Claim:
    """Return what the entity of a row claims."""
    return Claim(row.identity, row.wanted, row.priority, row.type == "Organization")


def node_rows(parts: Iterable[Component]) -> Iterator[NodeRow]:
    """Yield the keys of components."""
    return (NodeRow(node, part.home) for part in parts for node in sorted(part.keys))


def sense_rows(parts: Iterable[Component]) -> Iterator[SenseRow]:
    """Yield the forms of components that have several readings."""
    return (SenseRow(part.home, key, list(found)) for part in parts for key, found in part.decided.senses)


def matched_rows(parts: Iterable[Component]) -> Iterator[MatchedRow]:
    """Yield the subjects of curation that matched in components."""
    return (MatchedRow(p.home, line, place) for p in parts for line, place in sorted(p.decided.matched))
