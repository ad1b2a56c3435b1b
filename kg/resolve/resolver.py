"""Names to entities: one thing, one node.

Occurrences that share a key make a component; each component is decided on its own, and only slugs are
settled between components. The result depends on the set of papers alone, not on their order.
"""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from kg.catalog.names import NameKey
from kg.model import Entity, Extraction, Paper
from kg.resolve.components import components, connected, nodes_of, nodes_of_subject
from kg.resolve.curation import NO_CURATION, Curation, CurationNote, Decision
from kg.resolve.decide import Decided, NearMiss, decide
from kg.resolve.evidence import Occurrence, by_paper
from kg.resolve.known import KnownNames, known_names
from kg.resolve.ledger import Spelling, TypeVote
from kg.resolve.slugs import claim, settle


@dataclass(frozen=True, slots=True)
class Resolution:
    """Entities, which of them each paper's name stands for, and why.

    Attributes:
        entities: All entities, by slug.
        of: From (paper id, name as in `Mention.name` or of an organisation line, whether it is an
            organisation) to a slug.
        senses: From the slug of a form with several readings to the slugs of all of them.
        ledger: From a slug to its spellings, each with its papers and the rule that merged it.
        votes: From a slug to what papers say it is, the heaviest first.
        apart: From a slug to why it is no part of an entity with the same form; only where there is one.
        near: Pairs that may be one thing and were not merged.
        unmatched: Lines of curation that matched nothing, or could not be read.
        curation: The decisions of people that were heeded.
        components: What was decided together, by home; a change decides anew only what it touches.
        slugs: From the identity of each entity in `components` to its slug.
    """

    entities: tuple[Entity, ...]
    of: Mapping[tuple[str, str, bool], str]
    senses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ledger: Mapping[str, tuple[Spelling, ...]] = field(default_factory=dict)
    votes: Mapping[str, tuple[TypeVote, ...]] = field(default_factory=dict)
    apart: Mapping[str, str] = field(default_factory=dict)
    near: tuple[NearMiss, ...] = ()
    unmatched: tuple[CurationNote, ...] = ()
    curation: Curation = NO_CURATION
    components: tuple[Component, ...] = field(default=(), repr=False, compare=False)
    slugs: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    def find(self, paper_id: str, name: str, *, organization: bool = False) -> str | None:
        """Return the slug that a paper's name stands for, or None."""
        return self.of.get((paper_id, name, organization))


def resolve(
    papers: Iterable[Paper], extractions: Iterable[Extraction], *, curation: Curation = NO_CURATION
) -> Resolution:
    """Resolve all names of all papers together.

    Args:
        papers: Their organisation lines are names too.
        extractions: What was read in them.
        curation: What people decided; it wins over every rule.

    Returns:
        What every name stands for, with the reasons.
    """
    decider = Decider(curation)
    with no_collection():
        occurrences = [item for _, found in by_paper(papers, extractions) for item in found]
        return _resolution(decider.decide(occurrences), decider)


@dataclass(frozen=True, slots=True)
class Component:
    """Names that were decided together: by their smallest key, all their keys, and what was decided."""

    home: str
    keys: frozenset[str]
    members: tuple[Occurrence, ...]
    decided: Decided


class Decider:
    """Decides components of names, as the known names and people's decisions have it.

    A component is decided by its own occurrences alone, so whoever has all occurrences of some components
    can decide these without the others.
    """

    def __init__(self, curation: Curation = NO_CURATION, *, known: KnownNames | None = None) -> None:
        self.curation = curation
        self._known = known or known_names()
        self._speaking: defaultdict[str, list[Decision]] = defaultdict(list)
        self._links: list[tuple[str, ...]] = []
        for decision in curation.decisions:
            nodes = {n for s in decision.subjects for n in nodes_of_subject(s.key, self._known)}
            for node in nodes:
                self._speaking[node].append(decision)
            if decision.action == "merge":
                self._links.append(tuple(sorted(nodes)))

    def nodes(self, occurrences: Iterable[Occurrence]) -> set[str]:
        """Return the keys that tie occurrences to others, by their names or by a decision of people."""
        found = {node for item in occurrences for node in nodes_of(item, self._known)}
        more = found
        while more:
            more = {node for link in self._links if found & set(link) for node in link} - found
            found |= more
        return found

    def homes(self, keys: Iterable[NameKey]) -> dict[tuple[str, bool], str]:
        """Return the component of each key, told by its smallest node; all keys of the graph are to be given.

        Args:
            keys: What ties names to others.

        Returns:
            From a key, and whether it is an organisation's, to the smallest node of its component.
        """
        found = [(key, nodes_of(key, self._known)) for key in keys]
        there = {node for _, nodes in found for node in nodes}
        links = [link for link in self._links if there & set(link)]
        home = connected([*(nodes for _, nodes in found), *links])
        return {(key.form, key.organization): home[nodes[0]] for key, nodes in found}

    def is_plain(self, item: Occurrence) -> bool:
        """Return whether an occurrence is tied to others by its own form alone, which is no alias."""
        return nodes_of(item, self._known) == (item.form,)

    def decide(self, occurrences: Iterable[Occurrence]) -> tuple[Component, ...]:
        """Return the components of occurrences, decided, by home.

        Args:
            occurrences: All occurrences of each component that one of them belongs to.

        Returns:
            The components.
        """
        with no_collection():
            pairs = [(item, nodes_of(item, self._known)) for item in occurrences]
            nodes = {node for _, found in pairs for node in found}
            links = [link for link in self._links if nodes & set(link)]
            return tuple(
                Component(
                    home,
                    frozenset(keys),
                    tuple(members),
                    decide(members, keys, self._known, self._decisions(keys)),
                )
                for home, (members, keys) in sorted(components(pairs, links).items())
            )

    def unmatched(self, matched: Collection[tuple[int, int]]) -> tuple[CurationNote, ...]:
        """Return the lines of curation that could not be read, or of which a subject matched nothing.

        Args:
            matched: Line and place of each subject that matched.

        Returns:
            The notes, by line.
        """
        notes = list(self.curation.faults)
        for decision in self.curation.decisions:
            for place, subject in enumerate(decision.subjects):
                if (decision.line, place) not in matched:
                    message = f"{decision.action}: no paper names {subject}"
                    notes.append(CurationNote(self.curation.file, decision.line, message))
        return tuple(sorted(notes, key=lambda note: (note.line, note.message)))

    def _decisions(self, keys: Iterable[str]) -> list[Decision]:
        if not self._speaking:
            return []
        found = {id(d): d for key in keys if key in self._speaking for d in self._speaking[key]}
        return sorted(found.values(), key=lambda d: d.line)


def _resolution(parts: tuple[Component, ...], decider: Decider) -> Resolution:
    """Return the resolution of all components together."""
    clusters = [cluster for part in parts for cluster in part.decided.clusters]
    bare = [reading for part in parts for reading in part.decided.senses]
    settled = settle(map(claim, clusters), bare)
    final = settled.slugs
    ordered = sorted(clusters, key=lambda cluster: final[cluster.identity])
    slugs = [final[cluster.identity] for cluster in ordered]
    return Resolution(
        entities=tuple(
            c.entity if c.entity.slug == slug else replace(c.entity, slug=slug)
            for c, slug in zip(ordered, slugs, strict=True)
        ),
        of={
            (paper, member.item.name, member.item.organization): slug
            for cluster, slug in zip(ordered, slugs, strict=True)
            for member in cluster.members
            for paper in member.item.papers
        },
        senses=settled.senses,
        ledger={slug: c.ledger for c, slug in zip(ordered, slugs, strict=True)},
        votes={slug: c.votes for c, slug in zip(ordered, slugs, strict=True)},
        apart={slug: c.apart for c, slug in zip(ordered, slugs, strict=True) if c.apart},
        near=tuple(
            sorted(
                (near for part in parts for near in part.decided.near),
                key=lambda n: (n.one, n.other, n.why),
            )
        ),
        unmatched=decider.unmatched({one for part in parts for one in part.decided.matched}),
        curation=decider.curation,
        components=parts,
        slugs=final,
    )


@contextmanager
def no_collection() -> Iterator[None]:
    """Keep the garbage collector still while many values are made, none of them in circles."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
