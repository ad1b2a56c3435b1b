"""Who is tied to whom, as arrays: neighbourhoods, shortest paths, and the strongest part of a graph."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from kg.catalog import Outline
from kg.catalog.outline import Ints

_TELLING: Final = 4
"""What a tie between two entities weighs; one between a paper and an entity weighs 1."""
_FIRST_RING: Final = 70
"""Most nodes of a ring that another ring follows."""
_SHARE: Final = 0.55
"""The share of entities among the strongest; the others are papers."""


class Network:
    """The edges of an outline by node; nodes have the numbers of the outline."""

    def __init__(self, outline: Outline) -> None:
        self._entities = len(outline.entities)
        self._count = self._entities + len(outline.papers)
        edges = outline.edges
        self._edges = edges
        source, _, target, _ = edges.T
        new = np.ones(len(edges), dtype=bool)
        new[1:] = (edges[1:, :3] != edges[:-1, :3]).any(axis=1)
        distinct = edges[new, :3]
        self._distinct = distinct
        weights = np.where(distinct[:, 0] < self._entities, _TELLING, 1)
        ends = np.concatenate([distinct[:, [0, 2]], distinct[:, [2, 0]]])
        order = np.lexsort((ends[:, 1], ends[:, 0]))
        self._others, self._weights = ends[order, 1], np.concatenate([weights, weights])[order]
        self._starts = _starts(ends[:, 0], self._count)
        # rows of the outline in the order of their ends, to find those of a node
        self._by_end = np.argsort(np.concatenate([source, target]), kind="stable") % max(len(edges), 1)
        self._end_starts = _starts(np.concatenate([source, target]), self._count)
        self.degree: Ints = np.diff(self._starts)

    def neighbourhood(self, node: int, hops: int, limit: int) -> list[int]:
        """Return a node and the nodes most strongly tied to it within so many hops, nearest first.

        Ties between entities count more than those to papers; among equals come those with more edges.
        """
        found = [node]
        seen = np.zeros(self._count, dtype=bool)
        seen[node] = True
        ring: Ints = np.array([node], dtype=np.int64)
        for hop in range(1, hops + 1):
            rows = self._rows(ring)
            strength = np.bincount(self._others[rows], self._weights[rows], minlength=self._count)
            candidates = np.flatnonzero((strength > 0) & ~seen)
            order = np.lexsort((candidates, -self.degree[candidates], -strength[candidates]))
            room = max(limit - len(found), 0)
            ring = candidates[order][: room if hop == hops else min(room, _FIRST_RING)]
            seen[ring] = True
            found += ring.tolist()
        return found

    def path(self, start: int, end: int) -> list[int] | None:
        """Return the nodes of a shortest path, or None; of several the one through less connected nodes."""
        level: Ints = np.full(self._count, -1, dtype=np.int64)
        level[start] = 0
        ring: Ints = np.array([start], dtype=np.int64)
        rings = [ring]
        while level[end] < 0 and len(ring):
            others = self._others[self._rows(ring)]
            ring = np.unique(others[level[others] < 0])
            level[ring] = len(rings)
            rings.append(ring)
        if level[end] < 0:
            return None
        # From the end back: of the nodes on shortest paths those with the least sum of log degrees.
        cost = np.full(self._count, np.inf)
        following: Ints = np.full(self._count, -1, dtype=np.int64)
        cost[end] = 0.0
        ring = np.array([end], dtype=np.int64)
        for depth in range(len(rings) - 2, -1, -1):
            before: list[int] = []
            for node in ring.tolist():
                others = np.unique(self._others[self._starts[node] : self._starts[node + 1]])
                others = others[level[others] == depth]
                price = round(float(cost[node] + np.log1p(self.degree[node])), 9)
                better = others[price < cost[others]]
                cost[better], following[better] = price, node
                before += better.tolist()
            ring = np.unique(np.array(before, dtype=np.int64))
        nodes = [start]
        while nodes[-1] != end:
            nodes.append(int(following[nodes[-1]]))
        return nodes

    def strongest(self, limit: int, weight: Sequence[int]) -> list[int]:
        """Return the weightiest entities that papers join, and the papers that join most of them.

        Each entity comes with the paper that joins it to most others, so that few stand alone; those that do
        are left out.

        Args:
            limit: The most nodes to return.
            weight: The weight of each entity.
        """
        heaviest = np.lexsort((np.arange(self._entities), -np.array(weight, dtype=np.int64)))
        entities = heaviest[: int(limit * _SHARE)]
        chosen = np.zeros(self._count, dtype=bool)
        chosen[entities] = True
        source, _, target = self._distinct.T
        inside = (source >= self._entities) & chosen[target]
        pairs = np.unique(self._distinct[inside][:, [2, 0]], axis=0)
        ties = np.bincount(pairs[:, 1], minlength=self._count)
        best = pairs[np.lexsort((pairs[:, 1], -ties[pairs[:, 1]], pairs[:, 0]))]
        first = (
            np.concatenate([[True], best[1:, 0] != best[:-1, 0]]) if len(best) else np.zeros(0, dtype=bool)
        )
        leads = np.bincount(best[first, 1], minlength=self._count)
        papers = np.flatnonzero(ties > 1)
        order = np.lexsort((papers, -ties[papers], -leads[papers]))
        chosen[papers[order][: limit - len(entities)]] = True
        ends = self._distinct[chosen[source] & chosen[target]][:, [0, 2]]
        return np.unique(ends).tolist() if len(ends) else np.flatnonzero(chosen).tolist()

    def among(self, nodes: Iterable[int]) -> Ints:
        """Return the rows of the outline that join two of some nodes."""
        inside = np.zeros(self._count, dtype=bool)
        inside[list(nodes)] = True
        return self._edges[inside[self._edges[:, 0]] & inside[self._edges[:, 2]]]

    def at(self, node: int) -> Ints:
        """Return the rows of the outline at a node."""
        rows = self._by_end[self._end_starts[node] : self._end_starts[node + 1]]
        return self._edges[np.unique(rows)]

    def _rows(self, nodes: Ints) -> Ints:
        """Return the places of the ties of some nodes."""
        starts, ends = self._starts[nodes], self._starts[nodes + 1]
        size = ends - starts
        return np.repeat(ends - np.cumsum(size), size) + np.arange(size.sum())


def _starts(owners: Ints, count: int) -> Ints:
    return np.concatenate([[0], np.cumsum(np.bincount(owners, minlength=count))]).astype(np.int64)
