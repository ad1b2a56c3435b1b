"""Four views of a part of the graph: what is near, a lineage, a paper, a benchmark.

Each is a function from the graph to a `Scene`; places are computed here, so that a page needs no physics.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from kg.columns import RELATIONS
from kg.errors import UsageError
from kg.explorer.scene import Curve, Heading, Scene, SceneEdge, SceneNode
from kg.graph import Edge, GraphResult
from kg.layout import PAPER, positions, size
from kg.lineage import LINEAGE, lineage
from kg.lookup import TESTS, Lookup, short_title, strength
from kg.names import display_name
from kg.vocab import ROLE_RELATION

FROM_PAPER: Final = frozenset({*ROLE_RELATION.values(), "affiliatedWith"})
"""Relations that start at a paper and say what it does with a thing."""

ROW: Final = 30.0
CHARACTER: Final = 8.0
"""Width of a character of a label, about, where the page is drawn at its own size."""
MOST_ROWS: Final = 24
_LABEL: Final = 34
_RADIUS: Final = 8.0  # of a node in a column
_ROLES: Final = {
    "introduces": "Introduces",
    "uses": "Uses",
    "evaluatesOn": "Evaluates on",
    "comparesTo": "Compares to",
    "mentions": "Mentions",
}
Cell = tuple[str, str]
"""A node id and a note for its label."""


def near_view(look: Lookup, node: str, *, hops: int = 1, limit: int = 150) -> Scene:
    """Return what is within `hops` of an entity or paper.

    Strongest first: by the number of papers times confidence, summed over the edges to what is already in.
    At most half of a full view are papers, so that those of a famous method do not push out the rest.

    Args:
        look: The graph.
        node: A node id.
        hops: How far to go.
        limit: The most nodes to take.
    """
    import networkx as nx

    chosen, left_out = _near(look, node, hops, limit)
    edges = _between(look, chosen)
    part: Any = nx.Graph()
    for member in chosen:
        part.add_node(member, node_class=look.node_class(member))
    part.add_edges_from((edge.source, edge.target) for edge in edges)
    places = positions(part)
    nodes = [
        SceneNode(
            id=member,
            node_class=look.node_class(member),
            label=_label(look, member),
            name=look.name(member),
            x=places[member][0],
            y=places[member][1],
            size=size(look.node_class(member), part.degree(member)),
            rank=_rank(look, member, node, part),
        )
        for member in chosen
    ]
    papers = sum(member in look.papers for member in chosen)
    entities = len(chosen) - papers
    return Scene(
        title=look.name(node),
        subtitle=f"{_kind(look, node)}, with what is {_hops(hops)}: {papers:,} papers, {entities:,} entities",
        root=node,
        nodes=tuple(nodes),
        edges=tuple(_scene_edge(look, edge) for edge in edges),
        note=f"{left_out:,} weaker neighbours are left out" if left_out else "",
    )


def lineage_view(look: Lookup, node: str, *, limit: int = MOST_ROWS) -> Scene:
    """Return what a method comes from and what came of it, in columns from left to right.

    Args:
        look: The graph.
        node: The node id of an entity.
        limit: The most nodes each way.

    Raises:
        UsageError: The graph knows no lineage of it.
    """
    found = lineage(look, node, limit=limit)
    if len(found.placed) == 1:
        raise UsageError(
            f"nothing in this graph extends {look.name(node)!r}, is built on it or is its variant, and it is "
            f"none of another; `kg explore {look.name(node)!r}` shows what is near it"
        )
    labels = {p.node: _label(look, p.node, dated=True) for p in found.placed}
    widths: defaultdict[int, int] = defaultdict(int)
    for p in found.placed:
        widths[p.layer] = max(widths[p.layer], len(labels[p.node]) if p.layer else 20)
    x = _lefts(widths)
    nodes = [
        SceneNode(
            p.node,
            look.node_class(p.node),
            labels[p.node],
            look.name(p.node),
            x[p.layer],
            p.row * ROW,
            _RADIUS,
            -abs(p.layer),
            p.node != node,
        )
        for p in found.placed
    ]
    tree = [_scene_edge(look, p.edge, curve="across") for p in found.placed if p.edge is not None]
    others = [_scene_edge(look, edge, faint=True, curve="aside") for edge in found.others]
    top = min(n.y for n in nodes) - 1.6 * ROW
    layers = sorted({p.layer for p in found.placed})
    words = {-1: "comes from", 0: _kind(look, node), 1: "what came of it"}
    headings = [Heading(words.get(layer, ""), x[layer], top) for layer in layers if layer in words]
    before = sum(p.layer < 0 for p in found.placed)
    after = len(found.placed) - 1 - before
    return Scene(
        title=f"Lineage of {look.name(node)}",
        subtitle=f"It comes from {before:,}; {after:,} come from it (extends, is built on, is a variant of)",
        root=node,
        nodes=tuple(nodes),
        edges=(*tree, *others),
        headings=tuple(headings),
        note=f"{found.left_out:,} weaker ones are left out" if found.left_out else "",
    )


def paper_view(look: Lookup, node: str, *, limit: int = 150) -> Scene:
    """Return a paper's card: what it does with which thing, a column a role.

    Args:
        look: The graph.
        node: The node id of a paper.
        limit: The most entities to show.
    """
    by_role: defaultdict[str, list[Edge]] = defaultdict(list)
    seen: set[str] = set()
    for role in (*_ROLES, "affiliatedWith"):
        for edge in sorted(look.edges(node), key=lambda e: (-e.confidence, e.target)):
            if edge.relation == role and edge.source == node and edge.target not in seen:
                seen.add(edge.target)
                by_role[role].append(edge)
    organisations = [edge.target for edge in by_role["affiliatedWith"]]
    columns: list[tuple[str, list[Cell]]] = [("", [(node, ""), *((o, "") for o in organisations)])]
    room, shown = limit, 0
    for role, heading in _ROLES.items():
        cells = [(edge.target, "") for edge in by_role[role][:room]]
        room, shown = room - len(cells), shown + len(cells)
        if cells:
            columns.append((heading, cells))
    total = sum(len(by_role[role]) for role in _ROLES)
    paper = look.papers[node]
    facts = [paper.published or "", f"{paper.num_authors} authors" if paper.num_authors else ""]
    facts += [look.name(o) for o in organisations]
    scene = _columns(
        look,
        node,
        columns,
        dated=False,
        title=look.name(node),
        subtitle=", ".join(filter(None, [*facts, f"{total:,} entities"])),
        note=f"{total - shown:,} less certain ones are left out" if total > shown else "",
    )
    chosen = {n.id for n in scene.nodes}
    column = {n.id: n.x for n in scene.nodes}
    stated = [e for e in _between(look, chosen) if e.source in look.entities and paper.id in e.papers]
    reached = {e.target for e in stated if column[e.source] < column[e.target]}
    own = [
        e
        for role in by_role.values()
        for e in role
        if e.target in chosen and (e.relation == "introduces" or e.target not in reached)
    ]
    edges = [_scene_edge(look, e, curve="" if e.relation == "affiliatedWith" else "across") for e in own]
    edges += [
        _scene_edge(look, e, curve="aside" if column[e.source] == column[e.target] else "across")
        for e in stated
    ]
    return replace(scene, edges=tuple(edges))


def benchmark_view(look: Lookup, node: str, *, limit: int = 2 * MOST_ROWS) -> Scene:
    """Return a benchmark with what is evaluated on it, by date.

    A paper stands for itself only where none of the shown things is its own.

    Args:
        look: The graph.
        node: The node id of an entity.
        limit: The most methods and papers to show.

    Raises:
        UsageError: Nothing is evaluated on it.
    """
    here = look.edges(node)
    tested = [e for e in here if e.relation in TESTS - {"evaluatesOn"} and e.target == node]
    covered = {paper for e in tested if e.source in look.entities for paper in e.papers}
    tested += [
        e for e in here if e.relation == "evaluatesOn" and e.source.removeprefix("paper:") not in covered
    ]
    strongest: dict[str, Edge] = {}
    for edge in sorted(tested, key=lambda e: (-strength(e), e.id)):
        strongest.setdefault(edge.source, edge)
    if not strongest:
        raise UsageError(
            f"nothing in this graph is evaluated on {look.name(node)!r}; leave --benchmark out to see what "
            "is near it"
        )
    best = best_results(look.results_by_benchmark.get(node, []))
    wanted = sorted(strongest, key=lambda n: (n not in best, n in look.papers, -strength(strongest[n]), n))
    chosen = sorted(wanted[:limit], key=lambda n: (look.first_seen(n) or "9999", look.name(n).casefold(), n))
    kin = sorted({n for e in here if e.relation in {"variantOf", "partOf"} for n in (e.source, e.target)})
    columns: list[tuple[str, list[Cell]]] = [
        ("Kin", [(n, "") for n in kin if n != node and n not in strongest]),
        (_kind(look, node), [(node, "")]),
        (
            "Tested on it, oldest first",
            [(n, display_name(best[n].written) if n in best else "") for n in chosen],
        ),
    ]
    scene = _columns(
        look,
        node,
        [(heading, cells) for heading, cells in columns if cells],
        title=look.name(node),
        subtitle=f"{_kind(look, node)}: {len(strongest):,} methods, models and papers are tested on it"
        + (f", {len(best):,} with a reported number" if best else ""),
        note=f"{len(wanted) - limit:,} weaker ones are left out" if len(wanted) > limit else "",
    )
    shown = {n.id for n in scene.nodes}
    column = {n.id: n.x for n in scene.nodes}
    first = min(column[n] for n in chosen)
    edges = [_scene_edge(look, strongest[n], faint=column[n] > first, curve="across") for n in chosen]
    edges += [
        _scene_edge(look, e, curve="across")
        for e in here
        if e.relation in {"variantOf", "partOf"} and {e.source, e.target} <= shown
    ]
    return replace(scene, edges=tuple(edges))


def best_results(results: Iterable[GraphResult]) -> dict[str, GraphResult]:
    """Return the surest result of each subject: a value reached before a gain."""
    found: dict[str, GraphResult] = {}
    for result in sorted(results, key=lambda r: (r.kind != "absolute", -r.confidence, r.id)):
        found.setdefault(result.subject, result)
    return found


def _near(look: Lookup, node: str, hops: int, limit: int) -> tuple[list[str], int]:
    chosen, ring, left_out = {node: None}, [node], 0
    for _ in range(hops):
        scores: defaultdict[str, float] = defaultdict(float)
        for member in ring:
            for edge in look.edges(member):
                other = edge.target if edge.source == member else edge.source
                if other not in chosen:
                    scores[other] += strength(edge)
        ordered = sorted(scores, key=lambda n: (-round(scores[n], 6), -len(look.edges(n)), n))
        room = limit - len(chosen)
        papers = [n for n in ordered if n in look.papers]
        entities = [n for n in ordered if n not in look.papers]
        share = max(room - room // 2, room - len(entities))
        kept = {*papers[:share], *entities[: room - min(share, len(papers))]}
        ring = [n for n in ordered if n in kept]
        left_out += len(ordered) - len(ring)
        chosen |= dict.fromkeys(ring)
    return list(chosen), left_out


def _between(look: Lookup, nodes: Iterable[str]) -> list[Edge]:
    inside = set(nodes)
    found = {
        edge.id: edge for node in inside for edge in look.edges(node) if {edge.source, edge.target} <= inside
    }
    return [found[key] for key in sorted(found)]


def _columns(
    look: Lookup,
    root: str,
    columns: Sequence[tuple[str, Sequence[Cell]]],
    *,
    title: str,
    subtitle: str,
    note: str,
    dated: bool = True,
) -> Scene:
    """Return nodes in columns with headings; a column that is too long goes on beside itself."""
    parts = [
        (heading if start == 0 else "", cells[start : start + MOST_ROWS])
        for heading, cells in columns
        for start in range(0, len(cells), MOST_ROWS)
    ]
    labels = [[_label(look, n, said=said, dated=dated) for n, said in cells] for _, cells in parts]
    widths = {
        i: max(len(heading), *(len(label) for label in labels[i])) for i, (heading, _) in enumerate(parts)
    }
    x = _lefts(widths)
    first = next(i for i, (_, cells) in enumerate(parts) if root in dict(cells))
    top = -(max(len(cells) for _, cells in parts) - 1) / 2 * ROW
    nodes = [
        SceneNode(
            id=node,
            node_class=look.node_class(node),
            label=labels[i][k],
            name=look.name(node),
            x=x[i],
            y=(k - (len(cells) - 1) / 2) * ROW,
            size=_RADIUS,
            rank=1.0 if node == root else 0.0,
            beside=node != root and i >= first,
        )
        for i, (_, cells) in enumerate(parts)
        for k, (node, _) in enumerate(cells)
    ]
    headings = tuple(
        Heading(heading, x[i], top - 1.6 * ROW) for i, (heading, _) in enumerate(parts) if heading
    )
    return Scene(title, subtitle, root, tuple(nodes), (), headings, note)


def _lefts(widths: Mapping[int, int]) -> dict[int, float]:
    """Return where each column starts, from the number of characters of its widest label."""
    lefts, x = {}, 0.0
    for column in sorted(widths):
        lefts[column] = x
        x += widths[column] * CHARACTER + 90.0
    return lefts


def _label(look: Lookup, node: str, *, said: str = "", dated: bool = False) -> str:
    name = look.name(node)
    short = short_title(name, _LABEL) if node in look.papers else _cut(name)
    seen = look.first_seen(node) if dated else None
    # A left-to-right mark: a number behind a Hebrew or Arabic name would else stand before it.
    mark = "" if short.isascii() else "\u200e"
    return f"{mark}  ".join(filter(None, [short, said, seen[:7] if seen else ""]))


def _scene_edge(look: Lookup, edge: Edge, *, faint: bool = False, curve: Curve = "") -> SceneEdge:
    return SceneEdge(
        id=edge.id,
        source=edge.source,
        target=edge.target,
        relation=edge.relation,
        tooltip=edge_tooltip(look, edge),
        faint=faint or (edge.relation in FROM_PAPER and edge.relation != "introduces"),
        curve=curve,
    )


def edge_tooltip(look: Lookup, edge: Edge) -> str:
    """Return an edge in words, as plain text: what, how sure, and in which papers."""
    papers = edge.papers
    lines = [
        f"{_cut(look.name(edge.source), 60)}",
        f"{RELATIONS.get(edge.relation, (edge.relation, ''))[0]} {_cut(look.name(edge.target), 60)}",
    ]
    count = f"{len(papers):,} paper" + ("s" if len(papers) != 1 else "")
    lines.append(f"{edge.confidence:.0%} sure, {count}" + (f", {edge.first_seen}" if edge.first_seen else ""))
    if edge.source not in look.papers:
        lines += [_cut(look.name(f"paper:{paper}"), 70) for paper in papers[:3]]
    return "\n".join(lines)


def is_lineage(relation: str) -> bool:
    """Return whether a relation leads to what something comes from."""
    return relation in LINEAGE


def _rank(look: Lookup, member: str, root: str, part: Any) -> float:
    """Return how much a label is wanted: the root, then entities and papers by their ties in the view."""
    if member == root:
        return float("inf")
    return float(part.degree(member)) - (0.5 if look.node_class(member) == PAPER else 0.0)


def _cut(text: str, most: int = _LABEL) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _kind(look: Lookup, node: str) -> str:
    if node in look.papers:
        return PAPER
    entity = look.entities[node]
    return (entity.kind or entity.type).capitalize()


def _hops(hops: int) -> str:
    return "one step away" if hops == 1 else f"up to {('two', 'three')[hops - 2]} steps away"
