"""Names to entities: one thing, one node.

Occurrences that share a key make a component; each component is decided on its own, and only slugs are
settled between components. The result depends on the set of papers alone, not on their order.
"""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from kg.model import Entity, Extraction, Paper
from kg.resolve.components import components, nodes_of, nodes_of_subject
from kg.resolve.curation import NO_CURATION, Curation, CurationNote, Decision
from kg.resolve.decide import Decided, NearMiss, decide
from kg.resolve.evidence import Occurrence, by_paper
from kg.resolve.known import KnownNames, known_names
from kg.resolve.ledger import Spelling, TypeVote
from kg.resolve.slugs import contested


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
    resolver = Resolver(curation)
    resolver.update(papers, extractions)
    return resolver.resolution()


class Resolver:
    """A resolution that follows changes: adding and removing papers decides only what they touch anew.

    >>> from kg.model import Mention, Span
    >>> def read(paper: str, name: str) -> Extraction:
    ...     spans = (Span("title", 0, len(name), name),)
    ...     return Extraction(paper, name, (Mention(name, "Method", "uses", 0.9, spans),))
    >>> resolver = Resolver()
    >>> _ = resolver.update(extractions=[read("1", "Zorb-Net")])
    >>> _ = resolver.update(extractions=[read("2", "ZorbNet"), read("3", "QuxNet")])
    >>> [(entity.name, entity.num_papers) for entity in resolver.resolution().entities]
    [('QuxNet', 1), ('ZorbNet', 2)]
    >>> sorted(resolver.update(removed=["2"]))
    ['1', '2']
    """

    def __init__(self, curation: Curation = NO_CURATION, *, known: KnownNames | None = None) -> None:
        self._curation = curation
        self._known = known or known_names()
        self._papers: dict[str, tuple[tuple[Occurrence, tuple[str, ...]], ...]] = {}
        self._home: dict[str, str] = {}
        self._members: dict[str, tuple[list[Occurrence], set[str]]] = {}
        self._decided: dict[str, Decided] = {}
        self._speaking: defaultdict[str, list[Decision]] = defaultdict(list)
        self._links: list[tuple[str, ...]] = []
        for decision in curation.decisions:
            nodes = {n for s in decision.subjects for n in nodes_of_subject(s.key, self._known)}
            for node in nodes:
                self._speaking[node].append(decision)
            if decision.action == "merge":
                self._links.append(tuple(sorted(nodes)))

    def update(
        self,
        papers: Iterable[Paper] = (),
        extractions: Iterable[Extraction] = (),
        removed: Iterable[str] = (),
    ) -> frozenset[str]:
        """Add papers, or replace those with the same id, and take papers out.

        Args:
            papers: New papers.
            extractions: What was read in the new papers.
            removed: Ids of papers to take out.

        Returns:
            The ids of all papers with a name whose entity was decided anew, the removed ones with them.
        """
        with _no_collection():
            return self._update(papers, extractions, frozenset(removed))

    def _update(
        self, papers: Iterable[Paper], extractions: Iterable[Extraction], removed: frozenset[str]
    ) -> frozenset[str]:
        fresh = {
            paper: tuple((item, nodes_of(item, self._known)) for item in found)
            for paper, found in by_paper(papers, extractions)
        }
        old = {paper: self._papers[paper] for paper in {*removed, *fresh} if paper in self._papers}
        touched = {node for found in (*old.values(), *fresh.values()) for _, nodes in found for node in nodes}
        touched |= {node for link in self._links if touched & set(link) for node in link}
        homes = {self._home[node] for node in touched if node in self._home}
        gone = {id(item) for found in old.values() for item, _ in found}
        again = [
            (item, nodes_of(item, self._known))
            for home in sorted(homes)
            for item in self._members[home][0]
            if id(item) not in gone
        ]
        for paper in old:
            del self._papers[paper]
        for home in homes:
            for node in self._members.pop(home)[1]:
                self._home.pop(node, None)
            del self._decided[home]
        self._papers |= fresh
        again += [pair for found in fresh.values() for pair in found]
        nodes = {node for _, found in again for node in found}
        links = [link for link in self._links if nodes & set(link)]
        for home, (members, keys) in components(again, links).items():
            self._members[home] = members, keys
            self._home |= dict.fromkeys(keys, home)
            self._decided[home] = decide(members, keys, self._known, self._decisions(keys))
        return frozenset({*old, *fresh} | {item.paper for item, _ in again})

    def resolution(self) -> Resolution:
        """Return the resolution of all papers that are in."""
        with _no_collection():
            return self._resolution()

    def _resolution(self) -> Resolution:
        clusters = [cluster for decided in self._decided.values() for cluster in decided.clusters]
        bare: defaultdict[str, set[str]] = defaultdict(set)
        for decided in self._decided.values():
            for key, identities in decided.senses:
                bare[key].update(identities)
        given = contested(clusters, bare)
        final = {c.identity: given.get(c.identity, c.entity.slug) for c in clusters}
        losers: defaultdict[str, set[str]] = defaultdict(set)
        for cluster in clusters:
            if cluster.identity in given and cluster.entity.slug in bare:
                losers[cluster.entity.slug].add(cluster.identity)
        ordered = sorted(clusters, key=lambda cluster: final[cluster.identity])
        slugs = [final[cluster.identity] for cluster in ordered]
        return Resolution(
            entities=tuple(
                c.entity if c.entity.slug == slug else replace(c.entity, slug=slug)
                for c, slug in zip(ordered, slugs, strict=True)
            ),
            of={
                (item.paper, item.name, item.organization): slug
                for cluster, slug in zip(ordered, slugs, strict=True)
                for item in cluster.members
            },
            senses={
                key: tuple(sorted(final[identity] for identity in found | losers[key]))
                for key, found in sorted(bare.items())
            },
            ledger={slug: c.ledger for c, slug in zip(ordered, slugs, strict=True)},
            votes={slug: c.votes for c, slug in zip(ordered, slugs, strict=True)},
            apart={slug: c.apart for c, slug in zip(ordered, slugs, strict=True) if c.apart},
            near=tuple(
                sorted(
                    (near for decided in self._decided.values() for near in decided.near),
                    key=lambda n: (n.one, n.other, n.why),
                )
            ),
            unmatched=self._unmatched(),
            curation=self._curation,
        )

    def _decisions(self, keys: Iterable[str]) -> list[Decision]:
        if not self._speaking:
            return []
        found = {id(d): d for key in keys if key in self._speaking for d in self._speaking[key]}
        return sorted(found.values(), key=lambda d: d.line)

    def _unmatched(self) -> tuple[CurationNote, ...]:
        matched = {one for decided in self._decided.values() for one in decided.matched}
        notes = list(self._curation.faults)
        for decision in self._curation.decisions:
            for place, subject in enumerate(decision.subjects):
                if (decision.line, place) not in matched:
                    message = f"{decision.action}: no paper names {subject}"
                    notes.append(CurationNote(self._curation.file, decision.line, message))
        return tuple(sorted(notes, key=lambda note: (note.line, note.message)))


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the garbage collector still while many values are made, none of them in circles."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
