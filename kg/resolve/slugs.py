"""Slugs of all entities: who keeps a slug that several want.

An entity whose slug is wanted by others gets a suffix that no slug rule makes (`~organization`, or `~x` and
a hash of what it is), so a third and a fourth find a place too. Who keeps it depends on nothing but those
that want it.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from kg.resolve.decide import PINNED, Cluster

_ORGANIZATION: Final = "~organization"


def contested(clusters: Iterable[Cluster], bare: Iterable[str]) -> dict[str, str]:
    """Return the slug of each cluster that does not get the one it wants, by identity.

    Args:
        clusters: All clusters.
        bare: Slugs that stand for forms with several senses; only a pinned slug stands above these.

    Returns:
        From identity to slug; clusters that get what they want are left out.
    """
    wanted: defaultdict[str, list[Cluster]] = defaultdict(list)
    for cluster in clusters:
        wanted[cluster.entity.slug].append(cluster)
    kept_free = set(bare)
    given: dict[str, str] = {}
    for slug, claimants in wanted.items():
        if len(claimants) == 1 and slug not in kept_free:
            continue
        ordered = sorted(claimants, key=lambda c: (c.priority, c.identity))
        losers = ordered if slug in kept_free and ordered[0].priority != PINNED else ordered[1:]
        free = True
        for cluster in losers:
            organization = cluster.entity.type == "Organization" and free
            free = free and not organization
            given[cluster.identity] = slug + (_ORGANIZATION if organization else _hashed(cluster.identity))
    return given


def _hashed(identity: str) -> str:
    return "~x" + hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:8]
