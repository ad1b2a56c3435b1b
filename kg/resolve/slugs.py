"""Slugs of all entities: who keeps a slug that several want.

An entity whose slug is wanted by others gets a suffix that no slug rule makes (`~organization`, or `~x` and
a hash of what it is), so a third and a fourth find a place too. Who keeps it depends on nothing but those
that want it.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from kg.resolve.decide import PINNED, Cluster

_ORGANIZATION: Final = "~organization"


class Claim(NamedTuple):
    """The slug that an entity wants; of several the lowest `priority`, then the smallest identity gets it."""

    identity: str
    slug: str
    priority: int
    organization: bool


@dataclass(frozen=True, slots=True)
class Settled:
    """Slugs by identity, and the slugs of all readings of each form that has several, by that form's slug."""

    slugs: Mapping[str, str]
    senses: Mapping[str, tuple[str, ...]]

    def open(self) -> dict[str, tuple[str, ...]]:
        """Return the forms whose slug no entity has, and so stands for several, with their readings."""
        taken = set(self.slugs.values())
        return {key: found for key, found in self.senses.items() if key not in taken}


def claim(cluster: Cluster) -> Claim:
    """Return what a cluster claims."""
    entity = cluster.entity
    return Claim(cluster.identity, entity.slug, cluster.priority, entity.type == "Organization")


def settle(claims: Iterable[Claim], readings: Iterable[tuple[str, Iterable[str]]]) -> Settled:
    """Return who gets which slug.

    Args:
        claims: For each slug, all who want it.
        readings: Slugs of forms with several readings, and the identities of these; only a pinned slug
            stands above such a form.

    Returns:
        The slugs. Who loses the slug of such a form is one of its readings.
    """
    wanted: defaultdict[str, list[Claim]] = defaultdict(list)
    for one in claims:
        wanted[one.slug].append(one)
    bare: defaultdict[str, set[str]] = defaultdict(set)
    for key, identities in readings:
        bare[key].update(identities)
    given: dict[str, str] = {}
    for slug, claimants in wanted.items():
        ordered = sorted(claimants, key=lambda c: (c.priority, c.identity))
        winner = ordered[0] if slug not in bare or ordered[0].priority == PINNED else None
        free = True
        for one in ordered:
            if one is winner:
                given[one.identity] = slug
                continue
            organization = one.organization and free
            free = free and not organization
            given[one.identity] = slug + (_ORGANIZATION if organization else _hashed(one.identity))
            if slug in bare:
                bare[slug].add(one.identity)
    return Settled(
        given,
        {key: tuple(sorted(given[identity] for identity in found)) for key, found in sorted(bare.items())},
    )


def _hashed(identity: str) -> str:
    return "~x" + hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:8]
