"""GEXF 1.3 for Gephi, with time: as finished as the GraphML, and the timeline works.

A node appears with its first paper, an edge with the first paper that supports it. What has no date is
always there. Dates that are known to the month start on its first day. The relation stands in `kind`, by
which Gephi tells parallel edges apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TextIO

from kg.writers.projections import NodeRow, Projection, columns_of, look_of, node_rgb, rgb
from kg.writers.xml_files import open_whole, quoted

_TYPES: Final = {str: "string", int: "long", float: "double", bool: "boolean"}


_HEAD: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<gexf xmlns="http://gexf.net/1.3" xmlns:viz="http://gexf.net/1.3/viz" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:schemaLocation="http://gexf.net/1.3 http://gexf.net/1.3/gexf.xsd" version="1.3">\n'
    "  <meta>\n    <creator>abstractkg</creator>\n  </meta>\n"
)


def draw_gexf(projection: Projection, path: Path) -> None:
    """Write a view of a graph as GEXF, row by row; the file is whole or not there.

    Raises:
        UsageError: A value is neither text, number nor truth value.
    """
    node_types = columns_of(projection.nodes(), ("label",))
    edge_types = columns_of(projection.edges(), ("weight",))
    look = look_of(projection)
    direction = "directed" if projection.directed else "undirected"
    dated = any(row.start for row in projection.nodes()) or any(row.start for row in projection.edges())
    mode = 'mode="dynamic" timeformat="date" timerepresentation="interval"' if dated else 'mode="static"'
    with open_whole(path) as file:
        file.write(_HEAD)
        file.write(f'  <graph defaultedgetype="{direction}" idtype="string" {mode}>\n')
        for owner, types in (("node", node_types), ("edge", edge_types)):
            file.write(f'    <attributes class="{owner}" mode="static">\n')
            for name, kind in types.items():
                column = quoted("edge_type" if (owner, name) == ("edge", "type") else name)
                file.write(f'      <attribute id={quoted(name)} title={column} type="{_TYPES[kind]}" />\n')
            file.write("    </attributes>\n")
        file.write("    <nodes>\n")
        for row in projection.nodes():
            _write_node(file, row, node_types, look.places[row.id], look.sizes[row.id])
        file.write("    </nodes>\n    <edges>\n")
        for edge in projection.edges():
            relation = str(edge.attributes.get("relation") or "")
            file.write(
                f"      <edge id={quoted(edge.id)} source={quoted(edge.source)} target={quoted(edge.target)} "
                f"label={quoted(relation)} kind={quoted(relation)} "
                f'weight="{float(edge.attributes.get("weight") or 1)}"{_start(edge.start)}>\n'
            )
            _write_values(file, edge.attributes, edge_types)
            file.write(
                f"        <viz:color {_channels(rgb(look.edge_colour(edge.source)))} />\n      </edge>\n"
            )
        file.write("    </edges>\n  </graph>\n</gexf>\n")


def day(date: str) -> str:
    """Return a date, or the first day of a month or year.

    >>> day("2025-06-11"), day("2025-06"), day("2025")
    ('2025-06-11', '2025-06-01', '2025-01-01')
    """
    return date + "-01" * (2 - date.count("-"))


def _write_node(
    file: TextIO, row: NodeRow, types: Mapping[str, type], place: tuple[float, float], size: float
) -> None:
    label = quoted(row.attributes.get("label") or row.id)
    file.write(f"      <node id={quoted(row.id)} label={label}{_start(row.start)}>\n")
    _write_values(file, row.attributes, types)
    x, y = place
    # Gephi's y axis points up, the drawing's down.
    file.write(
        f"        <viz:color {_channels(node_rgb(row))} />\n"
        f'        <viz:position x="{x}" y="{-y + 0.0}" z="0.0" />\n'
        f'        <viz:size value="{size}" />\n      </node>\n'
    )


def _write_values(file: TextIO, attributes: Mapping[str, Any], types: Mapping[str, type]) -> None:
    wanted = [name for name in types if attributes.get(name) is not None]
    if wanted:
        file.write("        <attvalues>\n")
        for name in wanted:
            file.write(
                f"          <attvalue for={quoted(name)} value={quoted(types[name](attributes[name]))} />\n"
            )
        file.write("        </attvalues>\n")


def _start(date: str | None) -> str:
    return f' start="{day(date)}"' if date else ""


def _channels(colour: Mapping[str, int]) -> str:
    return " ".join(f'{channel}="{value}"' for channel, value in colour.items())
