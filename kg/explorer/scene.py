"""What a view shows, before anything draws it: nodes at their places, edges, headings, text beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Curve = Literal["", "across", "aside"]
"""A straight line, one between columns, or one that goes around what stands between."""


@dataclass(frozen=True, slots=True)
class SceneNode:
    """A node of a view.

    `x` and `y` are in units of the drawing, y downwards; `label` is short, `name` is whole; of labels that
    do not fit, those of the greatest `rank` stay; `beside` puts the label to the right instead of underneath.
    """

    id: str
    node_class: str
    label: str
    name: str
    x: float
    y: float
    size: float
    rank: float = 0.0
    beside: bool = False


@dataclass(frozen=True, slots=True)
class SceneEdge:
    """A line of a view: what it says when pointed at, and how it is drawn."""

    id: str
    source: str
    target: str
    relation: str
    tooltip: str
    faint: bool = False
    curve: Curve = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A title above a column."""

    text: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Scene:
    """A view: `root` is the node that the page opens with, `note` says what was left out."""

    title: str
    subtitle: str
    root: str
    nodes: tuple[SceneNode, ...]
    edges: tuple[SceneEdge, ...]
    headings: tuple[Heading, ...] = field(default=())
    note: str = ""
