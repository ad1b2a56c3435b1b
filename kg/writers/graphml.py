"""GraphML that opens finished in Gephi: coloured by class, sized by degree, laid out, labelled.

Gephi takes the node keys `label`, `x`, `y`, `size`, `r`, `g`, `b` and the edge keys `label`, `weight`, `r`,
`g`, `b` for display; any other key becomes a column.
"""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import networkx as nx

from kg.errors import UsageError
from kg.layout import PAPER, colour, positions, size
from kg.writers.files import write_whole

NODE_DISPLAY: Final = ("x", "y", "size", "r", "g", "b")
"""Node keys that the writer adds and the reader takes away."""

EDGE_DISPLAY: Final = ("label", "r", "g", "b")
"""Edge keys that the writer adds and the reader takes away; the label is the relation."""

_FROM_PAPER: Final = "#c3c8d0"
_BETWEEN_ENTITIES: Final = "#56606e"
# What XML 1.0 forbids, and the carriage return, which every XML parser turns into a line feed.
_ILLEGAL: Final = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAMESPACE: Final = "{http://graphml.graphdrawing.org/xmlns}"


def write_graphml(graph: nx.MultiDiGraph[str], path: str | Path) -> None:
    """Write `graph` for Gephi and other readers of GraphML.

    The file is written beside its place and then moved there, so a failed write leaves no half of a file.
    The same graph gives the same bytes, whatever the order in which it was put together.

    Args:
        graph: Nodes with `label` and `node_class`, edges with `relation`; all attributes flat. Edge keys
            are the edges' ids and differ over the whole graph. `None` counts as absent; an edge attribute
            `type`, which Gephi reserves, is written as `edge_type`; attributes of the graph are left out.
        path: The file to write.

    Raises:
        UsageError: Two edges have one id, or a value is neither text, number nor truth value.

    >>> import tempfile
    >>> graph = nx.MultiDiGraph()
    >>> graph.add_node("paper:1", label="A title", node_class="Paper")
    >>> graph.add_node("entity:grpo", label="GRPO", node_class="Method", aliases="")
    >>> _ = graph.add_edge("paper:1", "entity:grpo", key="e1", relation="uses", weight=1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_graphml(graph, Path(folder, "g.graphml"))
    ...     back = read_graphml(Path(folder, "g.graphml"))
    >>> back.nodes["entity:grpo"], back.edges["paper:1", "entity:grpo", "e1"]
    ({'aliases': '', 'label': 'GRPO', 'node_class': 'Method'}, {'relation': 'uses', 'weight': 1})
    """
    buffer = io.BytesIO()
    # Not write_graphml: that takes lxml where it is installed, and lxml's bytes differ.
    nx.write_graphml_xml(prepare(graph), buffer, encoding="utf-8", prettyprint=True)
    write_whole(Path(path), buffer.getvalue())


def read_graphml(path: str | Path) -> nx.MultiDiGraph[str]:
    """Read a graph that `write_graphml` wrote: the inverse, without the keys added for display.

    Args:
        path: The file to read.

    Returns:
        The graph with the nodes, edges, edge ids and attributes that were written.
    """
    read: Any = nx.read_graphml(path, force_multigraph=True)
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for node, attributes in read.nodes(data=True):
        graph.add_node(node, **_without(attributes, NODE_DISPLAY))
    for source, target, key, attributes in read.edges(keys=True, data=True):
        # networkx keeps the id both as key and as attribute.
        graph.add_edge(source, target, key=key, **_without(attributes, (*EDGE_DISPLAY, "id")))
    _restore_empty(graph, Path(path))
    return graph


def prepare(graph: nx.MultiDiGraph[str]) -> nx.MultiDiGraph[str]:
    """Return a sorted copy with the display keys, with values that GraphML can hold.

    Args:
        graph: As for `write_graphml`.

    Returns:
        The copy; `graph` stays as it is.

    Raises:
        UsageError: Two edges have one id, or a value is neither text, number nor truth value.
    """
    repeated = [
        key for key, count in Counter(key for _, _, key in graph.edges(keys=True)).items() if count > 1
    ]
    if repeated:
        raise UsageError(
            f"edge ids must differ in the whole graph, but these repeat: {sorted(map(str, repeated))[:5]}"
        )
    places = positions(graph)
    out: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for node in sorted(graph):
        attributes = dict(graph.nodes[node])
        node_class = str(attributes.get("node_class", ""))
        x, y = places[node]
        # Gephi's y axis points up, the drawing's down.
        display = {
            "x": x,
            "y": -y + 0.0,
            "size": size(node_class, graph.degree(node)),
            **_rgb(colour(node_class)),
        }
        out.add_node(xml_text(node), **_flat({"label": node} | attributes | display))
    for source, target, key in sorted(graph.edges(keys=True), key=lambda edge: tuple(map(str, edge))):
        attributes = {
            "edge_type" if k == "type" else k: v for k, v in graph.edges[source, target, key].items()
        }
        paper_edge = graph.nodes[source].get("node_class") == PAPER
        display = {
            "label": attributes.get("relation", ""),
            **_rgb(_FROM_PAPER if paper_edge else _BETWEEN_ENTITIES),
        }
        out.add_edge(
            xml_text(source), xml_text(target), key=xml_text(str(key)), **_flat(attributes | display)
        )
    _same_types([data for _, data in out.nodes(data=True)])
    _same_types([data for _, _, data in out.edges(data=True)])
    return out


def xml_text(text: str) -> str:
    r"""Return `text` without the characters that XML 1.0 cannot hold.

    >>> xml_text("a\x00b\x1bc\ud800 \U0001f916")
    'abc 🤖'
    """
    return _ILLEGAL.sub("", text)


def _rgb(code: str) -> dict[str, int]:
    return {channel: int(code[i : i + 2], 16) for channel, i in (("r", 1), ("g", 3), ("b", 5))}


def _flat(attributes: Mapping[str, Any]) -> dict[str, str | int | float | bool]:
    flat: dict[str, str | int | float | bool] = {}
    for key in sorted(attributes):
        value = attributes[key]
        if isinstance(value, str):
            flat[key] = xml_text(value)
        elif isinstance(value, bool | int | float):
            flat[key] = value
        elif value is not None:
            raise UsageError(
                f"attribute {key!r} holds a {type(value).__name__}; GraphML takes text and numbers"
            )
    return flat


def _same_types(rows: Iterable[dict[str, Any]]) -> None:
    """Give each attribute one type in all rows: GraphML would have two keys of one name, Gephi one column."""
    types: dict[str, set[type]] = {}
    rows = list(rows)
    for row in rows:
        for key, value in row.items():
            types.setdefault(key, set()).add(type(value))
    for key, found in types.items():
        if len(found) > 1:
            common: type = float if found == {int, float} else str
            for row in rows:
                if key in row:
                    row[key] = common(row[key])


def _without(attributes: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: value for key, value in attributes.items() if key not in keys}


def _restore_empty(graph: nx.MultiDiGraph[str], path: Path) -> None:
    """Put back the empty texts, which networkx drops when it reads."""
    root = ET.parse(path).getroot()
    names = {key.get("id"): key.get("attr.name", "") for key in root.iter(f"{_NAMESPACE}key")}
    for element in root.iter():
        empty = [names[data.get("key")] for data in element.findall(f"{_NAMESPACE}data") if not data.text]
        if element.tag == f"{_NAMESPACE}node":
            graph.nodes[element.get("id", "")].update(_without(dict.fromkeys(empty, ""), NODE_DISPLAY))
        elif element.tag == f"{_NAMESPACE}edge":
            edge = element.get("source", ""), element.get("target", ""), element.get("id", "")
            graph.edges[edge].update(_without(dict.fromkeys(empty, ""), EDGE_DISPLAY))
