"""A view as one HTML file that asks no host for anything: pyvis draws it, `view.js` stands beside it."""

from __future__ import annotations

import html
import json
import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from kg.explorer.details import sections
from kg.explorer.scene import Scene, SceneEdge
from kg.explorer.views import FROM_PAPER, is_lineage
from kg.layout import COLOURS, colour
from kg.lookup import Lookup

if TYPE_CHECKING:
    from pyvis.network import Network

POLICY: Final = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)
"""What the page may load: itself."""

SHAPES: Final = {
    "Paper": "dot",
    "Method": "dot",
    "Model": "square",
    "Benchmark": "triangle",
    "Organization": "star",
    "Task": "diamond",
    "Concept": "dot",
    "Metric": "triangleDown",
}
"""Shape by class, under the names that vis-network gives them, so that colour is not the only sign."""

_POINTS: Final = {
    "square": "2,2 14,2 14,14 2,14",
    "triangle": "8,1 15,14 1,14",
    "triangleDown": "8,15 15,2 1,2",
    "diamond": "8,0 15,8 8,16 1,8",
    "star": "8,0 10.2,5.6 16,6 11.4,9.8 13,16 8,12.4 3,16 4.6,9.8 0,6 5.8,5.6",
}
_LINES: Final = {
    "lineage": ("#33507a", 2.6, False, "extends, built on, variant of"),
    "other": ("#8a5a1f", 1.8, True, "another relation"),
    "introduces": ("#5f6875", 2.2, False, "introduced by a paper"),
    "role": ("#9aa2ae", 1.1, False, "used, tested on, mentioned"),
}
"""How a line looks: colour, width, dashed, and what it means."""

# What pyvis' template has beyond the network: links to a CDN (outside the branches of `cdn_resources`), an
# old comment with file names, and two empty headings.
_FOREIGN: Final = (
    re.compile(r"<!-- <link.*?-->", re.S),
    re.compile(r"<link\b[^>]*?\bhref=[^>]*>", re.S),
    re.compile(r"<script\b[^>]*?\bsrc=[^>]*>\s*</script>", re.S),
    re.compile(r"<center>\s*<h1>\s*</h1>\s*</center>", re.S),
    re.compile(r"//# sourceMappingURL=[\w.-]+"),
)


def view_page(look: Lookup, scene: Scene, *, with_text: bool = False) -> str:
    """Return the whole page of a view.

    Args:
        look: The graph that the view is of.
        scene: What to show.
        with_text: Whether sentences of the abstracts are shown as evidence.

    Returns:
        HTML that needs no other file; the same view gives the same text.
    """
    page = network(look, scene).generate_html()
    for foreign in _FOREIGN:
        page = foreign.sub("", page)
    title = html.escape(scene.title)
    head = (
        f'<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>\n'
    )
    page = re.sub(r"\A\s*<html>\s*<head>\s*<meta charset=\"utf-8\">", lambda _: head, page)
    page = page.replace("</head>", f"<style>\n{_own('view.css')}</style>\n</head>", 1)
    top = (
        f'<body data-root="{html.escape(scene.root)}">\n<header><h1 dir="auto">{title}</h1>'
        f'<p class="sub" dir="auto">{html.escape(". ".join(filter(None, [scene.subtitle, scene.note])))}</p>'
        f"{legend(scene)}</header>"
    )
    page = page.replace("<body>", top, 1)
    before, after = page.rsplit("</body>", 1)
    panel = f'<main id="panel">\n{sections(look, scene, with_text=with_text)}\n{_everything(scene)}</main>\n'
    return f"<!DOCTYPE html>\n{before}{panel}<script>\n{_own('view.js')}</script>\n</body>{after}"


def network(look: Lookup, scene: Scene) -> Network:
    """Return the pyvis network of a view: physics off, nodes at their places, text ids.

    Labels are under `name`, not `label`: the page's own script draws those that fit.
    """
    from pyvis.network import Network

    net = Network(height="100%", width="100%", bgcolor="transparent", directed=True, cdn_resources="in_line")
    net.set_options(json.dumps(_OPTIONS))
    # Lists set at once: add_node and add_edge search through all earlier ones each time.
    net.nodes = [
        {
            "id": node.id,
            "name": node.label,
            "title": _tooltip(look, node.id, node.name),
            "shape": SHAPES.get(node.node_class, "dot"),
            "color": colour(node.node_class),
            "borderWidth": 3 if node.id == scene.root else 0,
            "x": node.x,
            "y": node.y,
            "size": node.size,
            "rank": min(node.rank, 1e9),
            "beside": node.beside,
        }
        for node in scene.nodes
    ] + [
        {"id": f"heading:{i}", "heading": h.text, "shape": "text", "label": " ", "x": h.x, "y": h.y}
        for i, h in enumerate(scene.headings)
    ]
    net.edges = [_line(edge) for edge in scene.edges]
    return net


def line_kind(edge: SceneEdge) -> str:
    """Return which of the four kinds of line an edge is drawn as."""
    if is_lineage(edge.relation):
        return "lineage"
    if edge.relation == "introduces":
        return "introduces"
    return "role" if edge.relation in FROM_PAPER else "other"


def legend(scene: Scene) -> str:
    """Return the legend: the classes and the kinds of lines that the view has, as a list."""
    counts: dict[str, int] = {}
    for node in scene.nodes:
        counts[node.node_class] = counts.get(node.node_class, 0) + 1
    known = [name for name in COLOURS if name in counts]
    items = [
        f"<li>{_key(name)}{html.escape(name)} {counts[name]:,}</li>"
        for name in [*known, *sorted(counts.keys() - known)]
    ]
    present = {line_kind(edge) for edge in scene.edges}
    for kind, (ink, width, dashed, words) in _LINES.items():
        if kind in present:
            dash = ' stroke-dasharray="5 4"' if dashed else ""
            items.append(
                f'<li><svg class="key" width="26" height="10" aria-hidden="true"><path d="M0 5H26" '
                f'stroke="{ink}" stroke-width="{width + 0.4:.1f}"{dash}/></svg>{words}</li>'
            )
    return f'<ul class="legend">{"".join(items)}</ul>'


_OPTIONS: Final[dict[str, Any]] = {
    "physics": {"enabled": False},
    "layout": {"improvedLayout": False},
    "interaction": {
        "dragNodes": False,
        "hover": True,
        "tooltipDelay": 120,
        "keyboard": {"enabled": True, "bindToWindow": False},
    },
    "nodes": {"borderWidth": 0, "font": {"size": 0}},
    "edges": {"smooth": False, "arrowStrikethrough": False, "selectionWidth": 1.4},
}


_CURVES: Final[dict[str, dict[str, Any]]] = {
    "across": {"enabled": True, "type": "cubicBezier", "forceDirection": "horizontal", "roundness": 0.5},
    "aside": {"enabled": True, "type": "curvedCW", "roundness": 0.28},
}


def _line(edge: SceneEdge) -> dict[str, Any]:
    ink, width, dashed, _ = _LINES[line_kind(edge)]
    line: dict[str, Any] = {
        "id": edge.id,
        "from": edge.source,
        "to": edge.target,
        "title": edge.tooltip,
        "width": width,
        "dashes": [7, 5] if dashed else False,
        "color": {"color": ink, "highlight": ink, "hover": ink, "opacity": 0.4 if edge.faint else 0.85},
        "arrows": {"to": {"enabled": True, "scaleFactor": 0.55}},
    }
    if edge.curve:
        line["smooth"] = _CURVES[edge.curve]
    return line


def _tooltip(look: Lookup, node: str, name: str) -> str:
    seen = look.first_seen(node) or "no date"
    if node in look.papers:
        return f"{name}\nPaper, {seen}"
    entity = look.entities[node]
    return f"{name}\n{(entity.kind or entity.type).capitalize()}, papers: {entity.num_papers:,}, {seen}"


def _key(node_class: str) -> str:
    ink, shape = colour(node_class), SHAPES.get(node_class, "dot")
    drawn = (
        f'<polygon points="{_POINTS[shape]}" fill="{ink}"/>'
        if shape in _POINTS
        else f'<circle cx="8" cy="8" r="6" fill="{ink}"/>'
    )
    return f'<svg class="key" width="14" height="14" viewBox="0 0 16 16" aria-hidden="true">{drawn}</svg>'


def _everything(scene: Scene) -> str:
    """Return a list of all nodes, for the keyboard and for those who see no picture."""
    items = "".join(
        f'<li><button class="go" data-go="{html.escape(n.id)}" dir="auto">{html.escape(n.name)}</button> '
        f'<span class="kind">{html.escape(n.node_class)}</span></li>'
        for n in sorted(scene.nodes, key=lambda n: (n.node_class, n.name.casefold(), n.id))
    )
    return (
        f"<details><summary>All {len(scene.nodes):,} things in this view</summary><ul>{items}</ul></details>"
    )


def _own(name: str) -> str:
    return files("kg.explorer").joinpath(name).read_text(encoding="utf-8")
