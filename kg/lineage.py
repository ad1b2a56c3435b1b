"""What a method or model comes from and what came of it, as a tree with layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kg.graph import Edge
from kg.lookup import Lookup, strength

LINEAGE: Final = ("extends", "builtOn", "variantOf")
"""The relations that make a lineage; each leads from the later to the earlier."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A node of a tree: its layer (below 0: what the root comes from), its row, the edge that leads to it."""

    node: str
    layer: int
    row: float
    edge: Edge | None


@dataclass(frozen=True, slots=True)
class Lineage:
    """The tree around a root, other edges between its nodes, and how many nodes found no room."""

    placed: tuple[Placed, ...]
    others: tuple[Edge, ...]
    left_out: int


def lineage(look: Lookup, root: str, *, depth: int = 4, limit: int = 60) -> Lineage:
    """Return the lineage of a node, both ways.

    Args:
        look: The graph.
        root: The node id of an entity.
        depth: How many layers to go each way.
        limit: The most nodes each way; those of the strongest edges stay, layer by layer.

    Returns:
        The nodes, the root first, then by layer and row. Rows are whole numbers for leaves; a parent stands
        in the middle of its children, which are ordered by date, then name.
    """
    back, back_lost = _tree(look, root, -1, {root}, depth, limit)
    on, on_lost = _tree(look, root, 1, {root, *back}, depth, limit)
    placed = [Placed(root, 0, 0.0, None)]
    for tree in (back, on):
        rows = _rows(look, root, tree)
        placed += [
            Placed(node, layer, rows[node] - rows[root], edge) for node, (layer, edge, _) in tree.items()
        ]
    placed[1:] = sorted(placed[1:], key=lambda p: (p.layer, p.row, p.node))
    used = {p.edge.id for p in placed if p.edge is not None}
    inside = {p.node for p in placed}
    others = {
        edge.id: edge
        for node in inside
        for edge in look.edges(node)
        if edge.relation in LINEAGE and edge.id not in used and {edge.source, edge.target} <= inside
    }
    return Lineage(tuple(placed), tuple(others[key] for key in sorted(others)), back_lost + on_lost)


Tree = dict[str, tuple[int, Edge, str]]
"""Node to its layer, the edge that leads to it, and its parent."""


def _tree(look: Lookup, root: str, way: int, taken: set[str], depth: int, limit: int) -> tuple[Tree, int]:
    """Return the nodes one way from the root, layer by layer, and how many were left out."""
    tree: Tree = {}
    lost, seen, ring = 0, set(taken), [root]
    for layer in range(1, depth + 1):
        found: dict[str, tuple[Edge, str]] = {}
        for parent in ring:
            for edge in look.edges(parent):
                near, far = (edge.target, edge.source) if way > 0 else (edge.source, edge.target)
                if edge.relation in LINEAGE and near == parent and far not in seen:
                    best = found.get(far)
                    if best is None or strength(edge) > strength(best[0]):
                        found[far] = (edge, parent)
        ordered = sorted(found, key=lambda node: (-strength(found[node][0]), node))
        ring = ordered[: limit - len(tree)]
        lost += len(ordered) - len(ring)
        tree |= {node: (way * layer, *found[node]) for node in ring}
        seen.update(found)
    return tree, lost


def _rows(look: Lookup, root: str, tree: Tree) -> dict[str, float]:
    """Return a row for the root and each node of one side."""
    children: dict[str, list[str]] = {}
    for node, (_, _, parent) in tree.items():
        children.setdefault(parent, []).append(node)
    for group in children.values():
        group.sort(key=lambda node: (look.first_seen(node) or "9999", look.name(node).casefold(), node))
    rows: dict[str, float] = {}
    free = 0.0

    def place(node: str) -> float:
        nonlocal free
        below = children.get(node, [])
        if not below:
            free += 1
            rows[node] = free - 1
        else:
            rows[node] = middle([place(child) for child in below])
        return rows[node]

    place(root)
    return rows


def middle(rows: Sequence[float]) -> float:
    """Return the middle between the first and the last row.

    >>> middle([0.0, 1.0, 5.0])
    2.5
    """
    return (rows[0] + rows[-1]) / 2
