"""A change of some papers, resolved: only what they touch is read, decided and written.

The tables of `kg.catalog.derived` hold what was decided before. A component is read if a name that comes or
goes has one of its keys; a slug is settled anew if one that wants it comes, goes or changes; what an entity
is a variant of is looked up again if a name that its own leads to comes, goes or changes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from kg.catalog.derived import (
    AlikeRow,
    Derived,
    EntityRow,
    MatchedRow,
    MovedRow,
    NodeRow,
    OccurrenceRow,
    SenseRow,
)
from kg.resolve import rows
from kg.resolve.evidence import Occurrence
from kg.resolve.resolver import Component, Decider, no_collection
from kg.resolve.slugs import Settled, settle
from kg.resolve.variants import find_variants


@dataclass(frozen=True, slots=True)
class NamesChanged:
    """What a change made of names.

    Attributes:
        before: The entities that went or are no longer the same, as they were, by identity.
        after: Those that came or are no longer the same, as they are.
        senses_before: The readings of forms that may have others now, as they were, by the form's slug.
        senses_after: The same as they are.
        papers: Those that stay and in which a name stands for another entity, or for one with another parent.
    """

    before: Mapping[str, EntityRow]
    after: Mapping[str, EntityRow]
    senses_before: Mapping[str, tuple[str, ...]]
    senses_after: Mapping[str, tuple[str, ...]]
    papers: frozenset[str]


@dataclass
class _Claims:
    """All that bears on some slugs: who wants them, and which forms with several readings they stand for."""

    entities: dict[str, EntityRow] = field(default_factory=dict)
    senses: list[SenseRow] = field(default_factory=list)

    def settled(self, slugs: Collection[str]) -> Settled:
        readings = [(row.key, row.identities) for row in self.senses if row.key in slugs]
        return settle(map(rows.claim_of, self.entities.values()), readings)


def change_names(
    derived: Derived, decider: Decider, gone: Collection[str], fresh: Iterable[Occurrence]
) -> NamesChanged:
    """Take papers out and put names in, and return what that changed.

    Args:
        derived: The tables, which are changed.
        decider: Decides components; with the decisions of people that the tables were made with.
        gone: Papers whose names leave (those that come again under the same id too).
        fresh: The names that come.

    Returns:
        The entities and papers that are no longer as they were.
    """
    with no_collection():
        return _change_names(derived, decider, gone, list(fresh))


def _change_names(
    derived: Derived, decider: Decider, gone: Collection[str], fresh: Sequence[Occurrence]
) -> NamesChanged:
    leaving = derived.occurrences("paper", gone)
    nodes = decider.nodes([*fresh, *(rows.occurrence(row, {}) for row in leaving)])
    homes = derived.homes(nodes) | {row.home for row in leaving}
    stay = derived.alike(homes, without=gone, apart=bool(decider.curation.decisions))
    several = _with_readings(derived, decider, stay, fresh)
    company = derived.company({p for row in stay if row.home in several for p in rows.papers_of(row)})
    kept = _Stay(stay, company)
    parts = decider.decide([*kept.items, *fresh])

    old = _Claims({r.identity: r for r in derived.entities("home", homes)}, derived.senses("home", homes))
    new = _Claims(
        {c.identity: rows.entity_row(c, part.home, "") for part in parts for c in part.decided.clusters},
        list(rows.sense_rows(parts)),
    )
    slugs = _add_other_claims(derived, homes, old, new)
    settled_before, settled_after = old.settled(slugs), new.settled(slugs)
    for identity, row in new.entities.items():
        same = old.entities.get(identity)
        bare = row._replace(slug=settled_after.slugs[identity])
        if same is not None:
            bare = bare._replace(
                parent=same.parent, rule=same.rule, confidence=same.confidence, said=same.said
            )
        new.entities[identity] = bare
    before = {key: row for key, row in old.entities.items() if new.entities.get(key) != row}
    after = {key: row for key, row in new.entities.items() if old.entities.get(key) != row}
    _write_entities(derived, before, after)

    moved = _write_occurrences(derived, gone, kept, fresh, parts, old, new)
    for kind in (NodeRow, SenseRow, MatchedRow):
        derived.remove(kind, "home", homes)
    derived.put(NodeRow, list(rows.node_rows(parts)))
    derived.put(SenseRow, list(rows.sense_rows(parts)))
    derived.put(MatchedRow, list(rows.matched_rows(parts)))

    with_parent = _change_variants(derived, before, after)
    for identity, (was, now) in with_parent.items():
        if identity not in after:
            before[identity] = was
        after[identity] = now
    other_parent = {key for key, (was, now) in with_parent.items() if _leads(was) != _leads(now)}
    return NamesChanged(
        before=before,
        after=after,
        senses_before=settled_before.open(),
        senses_after=settled_after.open(),
        papers=frozenset(moved | derived.papers_naming(other_parent)) - set(gone),
    )


def _with_readings(
    derived: Derived, decider: Decider, stay: Iterable[AlikeRow], fresh: Iterable[Occurrence]
) -> set[str]:
    """Return the components in which the company of a name may tell what it means."""
    if decider.curation.decisions:
        return {row.home for row in stay}
    told = [item for item in fresh if not decider.is_plain(item)]
    return rows.spelled_out(stay) | derived.homes(decider.nodes(told))


def _add_other_claims(derived: Derived, homes: Collection[str], old: _Claims, new: _Claims) -> set[str]:
    """Add to both sides what other components want of the slugs that the change bears on.

    A form with several readings bears on the slugs of its readings, and these on all forms that they read.

    Returns:
        The slugs.
    """
    slugs: set[str] = set()
    ring = {row.wanted for side in (old, new) for row in side.entities.values()}
    ring |= {row.key for side in (old, new) for row in side.senses}
    seen_senses: set[tuple[str, str]] = set()
    while ring:
        slugs |= ring
        claimants = [row for row in derived.entities("wanted", ring) if row.home not in homes]
        senses = [row for row in derived.senses("key", ring) if row.home not in homes]
        senses += [row for row in derived.senses_of(r.identity for r in claimants) if row.home not in homes]
        senses = [row for row in senses if (row.home, row.key) not in seen_senses]
        seen_senses.update((row.home, row.key) for row in senses)
        read = derived.entities("identity", {one for row in senses for one in row.identities})
        for side in (old, new):
            side.entities.update((row.identity, row) for row in claimants)
            side.senses.extend({(row.home, row.key): row for row in senses}.values())
        ring = ({row.wanted for row in read} | {row.key for row in senses}) - slugs
    return slugs


def _write_entities(
    derived: Derived, before: Mapping[str, EntityRow], after: Mapping[str, EntityRow]
) -> None:
    derived.remove(EntityRow, "identity", {*before, *after})
    derived.put(EntityRow, list(after.values()))


class _Stay:
    """Names that stay, those that are alike together.

    Attributes:
        items: The names.
    """

    def __init__(self, found: Sequence[AlikeRow], company: Mapping[str, frozenset[str]]) -> None:
        self.items = [rows.alike(row, company) for row in found]
        self._rows = {id(item): row for item, row in zip(self.items, found, strict=True)}
        self._by_paper: dict[object, Mapping[str, AlikeRow]] = {}

    def row_of(self, item: Occurrence) -> AlikeRow:
        """Return the row of names, or of one of them that was taken apart."""
        row = self._rows.get(id(item))
        if row is not None:
            return row
        return self._of_use(_use(item))[item.papers[0]]

    def _of_use(self, use: object) -> Mapping[str, AlikeRow]:
        """Return the rows of names that are used in one way, by paper."""
        found = self._by_paper.get(use)
        if found is None:
            same = self._by_use[use]
            found = {paper: self._rows[id(item)] for item in same for paper in item.papers}
            self._by_paper[use] = found
        return found

    @cached_property
    def _by_use(self) -> dict[object, list[Occurrence]]:
        found: dict[object, list[Occurrence]] = {}
        for item in self.items:
            found.setdefault(_use(item), []).append(item)
        return found


def _use(item: Occurrence) -> object:
    """Return how a name is used, whoever does."""
    return (item.name, item.type, item.kind, item.role, item.spellings, item.long_forms, item.line)


def _write_occurrences(
    derived: Derived,
    gone: Collection[str],
    stay: _Stay,
    come: Iterable[Occurrence],
    parts: Iterable[Component],
    old: _Claims,
    new: _Claims,
) -> set[str]:
    """Write the names of the components that were decided.

    Args:
        derived: The tables.
        gone: Papers whose names leave.
        stay: The names that stay.
        come: Those that come.
        parts: The components.
        old: The entities before.
        new: The entities after.

    Returns:
        The papers in which a name stands for another entity than before.
    """
    derived.remove(OccurrenceRow, "paper", gone)
    slugs_before = {key: row.slug for key, row in old.entities.items()}
    slugs_after = {key: row.slug for key, row in new.entities.items()}
    fresh: list[OccurrenceRow] = []
    moved: list[MovedRow] = []
    papers: set[str] = set()
    coming = set(map(id, come))
    for item, home, identity in rows.placed(parts):
        if id(item) in coming:
            fresh.append(rows.occurrence_row(item, home, identity))
            continue
        was = stay.row_of(item)
        if was.identity != identity or was.home != home:
            moved += rows.moved_rows(item, home, identity)
        if slugs_before.get(was.identity) != slugs_after.get(identity):
            papers.update(item.papers)
    derived.move(moved)
    derived.put(OccurrenceRow, fresh)
    elsewhere = {
        key for key, slug in slugs_after.items() if key in slugs_before and slugs_before[key] != slug
    }
    return papers | derived.papers_naming(elsewhere)


def _change_variants(
    derived: Derived, before: Mapping[str, EntityRow], after: Mapping[str, EntityRow]
) -> dict[str, tuple[EntityRow, EntityRow]]:
    """Look up again whose variants entities are and write it; return those that changed, before and after."""
    renamed = [
        row
        for key in before.keys() | after.keys()
        if _borne(before.get(key)) != _borne(after.get(key))
        for row in (before.get(key), after.get(key))
        if row is not None
    ]
    children = {row.identity: row for row in derived.entities_with("steps", _all_forms(renamed))}
    children |= {row.identity: row for row in renamed if after.get(row.identity) == row}
    wanted = {step for row in children.values() for step in row.steps}
    bearers = {row.identity: row for row in derived.entities_with("forms", wanted)}
    found = {v.slug: v for v in find_variants(map(rows.entity, {**bearers, **children}.values()))}
    changed = {
        key: (row, now)
        for key, row in children.items()
        if (now := rows.with_variant(row, found.get(row.slug))) != row
    }
    _write_entities(derived, {}, {key: now for key, (_, now) in changed.items()})
    return changed


def _all_forms(entities: Iterable[EntityRow]) -> set[str]:
    return {form for row in entities for form in row.forms}


def _borne(row: EntityRow | None) -> object:
    """Return what decides whose parent an entity is, and who its own."""
    return None if row is None else (row.slug, row.name, row.type, row.aliases)


def _leads(row: EntityRow) -> object:
    return row.parent, row.confidence
