"""All names of a graph, decided component by component: what `resolve` gives, written as it is decided.

`kg.resolve.resolver` holds all names at once; here one batch of components is in memory at a time, besides
what is settled between components: who gets which slug, and what is a variant of what.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.catalog.derived import Derived, EntityRow, MatchedRow, NodeRow, OccurrenceRow, SenseRow
from kg.catalog.names import Names
from kg.resolve import rows
from kg.resolve.decide import NearMiss
from kg.resolve.resolver import Decider, no_collection
from kg.resolve.slugs import settle
from kg.resolve.variants import find_variants


@dataclass(frozen=True, slots=True)
class NamesDecided:
    """What was decided on all names, besides what the tables hold.

    Attributes:
        senses: From the slug of each form that several entities may be to the slugs of these.
        near: Pairs that may be one thing and were not merged.
    """

    senses: Mapping[str, tuple[str, ...]]
    near: tuple[NearMiss, ...]


def decide_names(derived: Derived, names: Names, decider: Decider) -> NamesDecided:
    """Decide all names and write what was decided into tables that are empty."""
    with no_collection():
        homes = decider.homes(names.keys())
        entities: list[EntityRow] = []
        readings: list[tuple[str, tuple[str, ...]]] = []
        near: list[NearMiss] = []
        for some in names.by_home(homes):
            several = rows.spelled_out(some)
            told = decider.curation.decisions
            company = names.company({row.paper for row in some if told or row.home in several})
            parts = decider.decide(rows.occurrence(row, company) for row in some)
            derived.put(OccurrenceRow, rows.occurrence_rows(parts))
            derived.put(NodeRow, rows.node_rows(parts))
            derived.put(SenseRow, rows.sense_rows(parts))
            derived.put(MatchedRow, rows.matched_rows(parts))
            for part in parts:
                entities += (rows.entity_row(c, part.home, "") for c in part.decided.clusters)
                readings += part.decided.senses
                near += part.decided.near
        settled = settle(map(rows.claim_of, entities), readings)
        derived.put(EntityRow, _with_slugs(entities, settled.slugs))
    return NamesDecided(settled.open(), tuple(sorted(near, key=lambda n: (n.one, n.other, n.why))))


def _with_slugs(entities: Sequence[EntityRow], slugs: Mapping[str, str]) -> Iterable[EntityRow]:
    """Return entities with the slugs that they got and what they are variants of."""
    named = [row._replace(slug=slugs[row.identity]) for row in entities]
    found = {variant.slug: variant for variant in find_variants(map(rows.entity, named))}
    return (rows.with_variant(row, found[row.slug]) if row.slug in found else row for row in named)
