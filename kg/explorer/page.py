"""The explorer as one HTML file: pyvis draws the network, `explorer.js` and `explorer.css` stand around it.

The page asks no host for anything; a Content-Security-Policy in its head says so to the browser.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

from pyvis.network import Network

from kg.explorer.data import RELATIONS

POLICY: Final = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; "
    "base-uri 'none'; form-action 'none'"
)
"""What the page may load: itself."""

# What pyvis' template has beyond the network: links to a CDN (outside the branches of `cdn_resources`), an
# old comment with file names, and two empty headings.
_FOREIGN: Final = (
    re.compile(r"<!-- <link.*?-->", re.S),
    re.compile(r"<link\b[^>]*?\bhref=[^>]*>", re.S),
    re.compile(r"<script\b[^>]*?\bsrc=[^>]*>\s*</script>", re.S),
    re.compile(r"<center>\s*<h1>\s*</h1>\s*</center>", re.S),
    re.compile(r"//# sourceMappingURL=[\w.-]+"),
)
_ESCAPES: Final = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}
_PAIR_COLOUR: Final = "#8b93a1"
_BETWEEN_ENTITIES: Final = frozenset(list(RELATIONS)[6:])


def explorer_page(data: Mapping[str, Any]) -> str:
    """Return the whole page for what `explorer_data` returned.

    Args:
        data: A value of schema version 1.

    Returns:
        HTML that needs no other file; the same data gives the same text.

    >>> data = {"schema_version": 1, "title": "A & B", "classes": [], "relations": {},
    ...         "nodes": [], "edges": [], "meta": {"papers": 0, "entities": 0, "edges": 0}}
    >>> page = explorer_page(data)
    >>> page[:15], "<title>A &amp; B</title>" in page, "https://cdn" in page
    ('<!DOCTYPE html>', True, False)
    """
    page = network(data).generate_html()
    for foreign in _FOREIGN:
        page = foreign.sub("", page)
    title = html.escape(str(data["title"]))
    head = (
        f'<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>\n'
    )
    page = re.sub(r"\A\s*<html>\s*<head>\s*<meta charset=\"utf-8\">", lambda _: head, page)
    page = page.replace("</head>", f"<style>\n{_own('explorer.css')}</style>\n</head>", 1)
    page = page.replace("<body>", "<body>\n" + _own("explorer.html").format(title=title, **data["meta"]), 1)
    before, after = page.rsplit("</body>", 1)
    script = f'<script type="application/json" id="kg-data">{script_json(data)}</script>\n'
    return f"<!DOCTYPE html>\n{before}{script}<script>\n{_own('explorer.js')}</script>\n</body>{after}"


def network(data: Mapping[str, Any]) -> Network:
    """Return the pyvis network of `data`: nodes at their places, one line for each pair of joined nodes.

    Nodes carry neither label nor title: labels are drawn by the page's own script, which knows which fit.

    Args:
        data: A value of schema version 1.

    Returns:
        The network, with physics off.
    """
    net = Network(height="100%", width="100%", bgcolor="transparent", cdn_resources="in_line")
    net.set_options(json.dumps(_options(data)))
    # Lists set at once: add_node and add_edge search through all earlier ones each time.
    net.nodes = [
        {"id": node["id"], "group": node["class"], "x": node["x"], "y": node["y"], "size": node["size"]}
        for node in data["nodes"]
    ]
    pairs: dict[tuple[str, str], bool] = {}
    for edge in data["edges"]:
        if edge["source"] != edge["target"]:
            pair = min(edge["source"], edge["target"]), max(edge["source"], edge["target"])
            pairs[pair] = pairs.get(pair, False) or edge["relation"] in _BETWEEN_ENTITIES
    net.edges = [
        {"id": f"{a} {b}", "from": a, "to": b} | ({"width": 2.5} if strong else {})
        for (a, b), strong in sorted(pairs.items())
    ]
    return net


def script_json(data: Any) -> str:
    r"""Return JSON that can stand inside a script element, whatever the texts in it are.

    >>> script_json({"a": "</script>&\u2028"})
    '{"a":"\\u003c/script\\u003e\\u0026\\u2028"}'
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # A lone surrogate cannot be encoded; as an escape it can.
    text = re.sub("[\ud800-\udfff]", lambda match: f"\\u{ord(match[0]):04x}", text)
    return text.translate(_ESCAPES)


def _options(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "physics": {"enabled": False},
        "layout": {"improvedLayout": False},
        "interaction": {
            "dragNodes": False,
            "hideEdgesOnDrag": len(data["edges"]) > 3000,
            "hideEdgesOnZoom": len(data["edges"]) > 3000,
            "selectable": False,
            "keyboard": {"enabled": True, "bindToWindow": False},
        },
        "groups": {
            entry["class"]: {"shape": entry["shape"], "color": entry["colour"]} for entry in data["classes"]
        },
        "nodes": {"borderWidth": 0},
        "edges": {
            "smooth": False,
            "width": 1.2,
            "color": {"color": _PAIR_COLOUR, "opacity": 0.32, "inherit": False},
        },
    }


def _own(name: str) -> str:
    return files("kg.explorer").joinpath(name).read_text(encoding="utf-8")
