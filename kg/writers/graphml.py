"""GraphML that opens finished in Gephi: coloured by class, sized by degree, laid out, labelled.

Gephi takes the node keys `label`, `x`, `y`, `size`, `r`, `g`, `b` and the edge keys `label`, `weight`, `r`,
`g`, `b` for display; any other key becomes a column. It looks at the id of a key before its name, and takes a
node key with the id `d3` and an edge key with the id `d7` (as networkx numbers them) for labels, so ids here
are `node-…` and `edge-…`.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kg.writers.projections import (
    Projection,
    columns_of,
    from_networkx,
    look_of,
    node_rgb,
    rgb,
)
from kg.writers.xml_files import content, open_whole, quoted

if TYPE_CHECKING:
    import networkx as nx

NODE_DISPLAY: Final = ("x", "y", "size", "r", "g", "b")
"""Node keys that the writer adds and the reader takes away."""

EDGE_DISPLAY: Final = ("label", "r", "g", "b")
"""Edge keys that the writer adds and the reader takes away; the label is the relation."""

_TYPES: Final = {str: "string", int: "long", float: "double", bool: "boolean"}
_NAMESPACE: Final = "{http://graphml.graphdrawing.org/xmlns}"
_HEAD: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation='
    '"http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">\n'
)


def write_graphml(graph: nx.MultiDiGraph[str], path: str | Path) -> None:
    """Write a networkx graph for Gephi and other readers of GraphML.

    The file is written beside its place and then moved there, so a failed write leaves no half of a file.
    The same graph gives the same bytes, whatever the order in which it was put together.

    Args:
        graph: Nodes with `label` and `node_class`, edges with `relation`; all attributes flat. Edge keys
            are the edges' ids and differ over the whole graph. `None` counts as absent; an edge attribute
            `type`, which Gephi reserves, is written as `edge_type`; attributes of the graph are left out.
        path: The file to write.

    Raises:
        UsageError: Two edges have one id, or a value is neither text, number nor truth value.

    >>> import networkx as nx, tempfile
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
    draw_graphml(from_networkx(graph), Path(path))


def draw_graphml(projection: Projection, path: Path) -> None:
    """Write a view of a graph as GraphML, row by row; see `write_graphml`.

    Raises:
        UsageError: A value is neither text, number nor truth value.
    """
    node_types = columns_of(projection.nodes(), NODE_DISPLAY)
    edge_types = columns_of(projection.edges(), EDGE_DISPLAY)
    if "type" in edge_types:
        edge_types["edge_type"] = edge_types.pop("type")
    node_keys = node_types | {"x": float, "y": float, "size": float, "r": int, "g": int, "b": int}
    edge_keys = edge_types | {"label": str, "r": int, "g": int, "b": int}
    look = look_of(projection)
    node_columns, edge_columns = _columns("node", node_keys), _columns("edge", edge_keys)
    with open_whole(path) as file:
        file.write(_HEAD)
        for owner, keys in (("node", node_keys), ("edge", edge_keys)):
            for name in sorted(keys):
                key = f"{owner}-{name}"
                file.write(
                    f'  <key id={quoted(key)} for="{owner}" attr.name={quoted(name)} '
                    f'attr.type="{_TYPES[keys[name]]}" />\n'
                )
        file.write(f'  <graph edgedefault="{"directed" if projection.directed else "undirected"}">\n')
        for row in projection.nodes():
            x, y = look.places[row.id]
            # Gephi's y axis points up, the drawing's down.
            display = {"x": x, "y": -y + 0.0, "size": look.sizes[row.id], **node_rgb(row)}
            data = _data(node_columns, {**row.attributes, **display})
            file.write(f"    <node id={quoted(row.id)}>\n{data}    </node>\n")
        for edge in projection.edges():
            values = dict(edge.attributes)
            if "type" in values:
                values["edge_type"] = values.pop("type")
            values |= {"label": values.get("relation") or "", **rgb(look.edge_colour(edge.source))}
            file.write(
                f"    <edge id={quoted(edge.id)} source={quoted(edge.source)} target={quoted(edge.target)}>\n"
                f"{_data(edge_columns, values)}    </edge>\n"
            )
        file.write("  </graph>\n</graphml>\n")


def _data(columns: Sequence[tuple[str, str, type]], values: Mapping[str, Any]) -> str:
    """Return the values of a row, in the order of the columns (name, start of the line, type)."""
    return "".join(
        f"{start}{content(kind(value))}</data>\n"
        for name, start, kind in columns
        if (value := values.get(name)) is not None
    )


def _columns(owner: str, keys: Mapping[str, type]) -> list[tuple[str, str, type]]:
    return [(name, f"      <data key={quoted(f'{owner}-{name}')}>", keys[name]) for name in sorted(keys)]


def read_graphml(path: str | Path) -> nx.MultiDiGraph[str]:
    """Read a graph that `write_graphml` wrote: the inverse, without the keys added for display.

    Args:
        path: The file to read.

    Returns:
        The graph with the nodes, edges, edge ids and attributes that were written; undirected (a
        `MultiGraph`) where the file is.
    """
    import networkx as nx

    # Without the type, networkx makes numbers of ids of digits alone.
    read: Any = nx.read_graphml(path, edge_key_type=str, force_multigraph=True)
    graph: Any = nx.MultiDiGraph() if read.is_directed() else nx.MultiGraph()
    for node, attributes in read.nodes(data=True):
        graph.add_node(node, **_without(attributes, NODE_DISPLAY))
    for source, target, key, attributes in read.edges(keys=True, data=True):
        # networkx keeps the id both as key and as attribute.
        graph.add_edge(source, target, key=key, **_without(attributes, (*EDGE_DISPLAY, "id")))
    for element, empty in _empty_texts(Path(path)):
        if element.tag == f"{_NAMESPACE}node":
            graph.nodes[element.get("id", "")].update(_without(dict.fromkeys(empty, ""), NODE_DISPLAY))
        else:
            edge = element.get("source", ""), element.get("target", ""), element.get("id", "")
            graph.edges[edge].update(_without(dict.fromkeys(empty, ""), EDGE_DISPLAY))
    found: nx.MultiDiGraph[str] = graph
    return found


def _without(attributes: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: value for key, value in attributes.items() if key not in keys}


def _empty_texts(path: Path) -> Iterator[tuple[ET.Element, list[str]]]:
    """Yield nodes and edges with the names of their empty texts, which networkx drops when it reads."""
    root = ET.parse(path).getroot()
    names = {key.get("id"): key.get("attr.name", "") for key in root.iter(f"{_NAMESPACE}key")}
    for element in root.iter():
        if element.tag in {f"{_NAMESPACE}node", f"{_NAMESPACE}edge"}:
            data = element.findall(f"{_NAMESPACE}data")
            if empty := [names[one.get("key")] for one in data if not one.text]:
                yield element, empty
