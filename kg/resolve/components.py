"""Candidate components: occurrences that share a key, directly or over others; what is decided together.

A decision reads the occurrences of its own component and nothing else. That is what makes adding local.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from kg.catalog.names import NameKey
from kg.resolve.evidence import Occurrence
from kg.resolve.known import KnownNames

EXACT_ONLY: Final = 300
"""A component with more different keys than this is decided by exact rules only."""


def nodes_of(item: Occurrence | NameKey, known: KnownNames) -> tuple[str, ...]:
    """Return the keys that tie an occurrence to others: its name and its long forms, aliases followed.

    Args:
        item: The occurrence, or as much of it as ties it to others.
        known: The known names; a key that is an alias counts as the name.

    Returns:
        The keys, sorted.

    >>> from kg.resolve.known import known_names
    >>> from kg.resolve.keys import match_key
    >>> name = "Group Relative Policy Optimization"
    >>> item = Occurrence(("1",), name, "Method", None, "uses", (1,), match_key(name), (name,), ())
    >>> nodes_of(item, known_names())
    ('grpo',)
    """
    if not item.long_forms:
        return (known.name_of(item.form, organization=item.organization),)
    keys = (item.form, *item.long_forms)
    return tuple(sorted({known.name_of(key, organization=item.organization) for key in keys}))


def nodes_of_subject(key: str, known: KnownNames) -> tuple[str, ...]:
    """Return the nodes that occurrences of a key that curation speaks of may have."""
    return tuple(sorted({known.name_of(key, organization=o) for o in (False, True)}))


def connected(groups: Iterable[Sequence[str]]) -> dict[str, str]:
    """Return, for each node, the smallest node of its connected component.

    Args:
        groups: Nodes that belong together, each group of one node or more.

    Returns:
        From each node to the smallest of its component.

    >>> connected([("a", "b"), ("c",), ("b", "d")])
    {'a': 'a', 'b': 'a', 'c': 'c', 'd': 'a'}
    """
    parent: dict[str, str] = {}
    for group in groups:
        first = _root(parent, parent.setdefault(group[0], group[0]))
        for node in group[1:]:
            other = _root(parent, parent.setdefault(node, node))
            if other != first:
                first, other = min(first, other), max(first, other)
                parent[other] = first
    return {node: _root(parent, node) for node in parent}


def components(
    occurrences: Iterable[tuple[Occurrence, tuple[str, ...]]], links: Iterable[Sequence[str]]
) -> Mapping[str, tuple[list[Occurrence], set[str]]]:
    """Return each component's occurrences, sorted, and nodes, by its smallest node.

    Args:
        occurrences: Each with its nodes.
        links: Nodes that curation ties together.

    Returns:
        From the smallest node of each component to its occurrences and nodes.
    """
    chosen = list(occurrences)
    home = connected([*(nodes for _, nodes in chosen), *links])
    found: defaultdict[str, tuple[list[Occurrence], set[str]]] = defaultdict(lambda: ([], set()))
    for item, nodes in chosen:
        members, keys = found[home[nodes[0]]]
        members.append(item)
        keys.update(nodes)
    for members, _ in found.values():
        members.sort(key=lambda item: item.order)
    return dict(found)


def _root(parent: dict[str, str], node: str) -> str:
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node
