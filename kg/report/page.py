"""A report as one HTML file, or as Markdown with figures beside it."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from typing import Final

from kg.graph import KnowledgeGraph
from kg.report.sections import Section

TITLE: Final = "What the papers of this graph use, test on and build on"
_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
)
_STYLE: Final = """
:root { color-scheme: light; }
body { margin: 0 auto; padding: 24px 16px 60px; max-width: 900px; color: #1d2229; background: #fff;
  font: 16px/1.5 "DejaVu Sans", system-ui, sans-serif; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 4px; }
h2 { font-size: 19px; margin: 44px 0 6px; overflow-wrap: anywhere; }
p { margin: 6px 0 12px; overflow-wrap: anywhere; }
.counts { color: #565e6a; }
nav ul { padding: 0; margin: 14px 0; list-style: none; display: flex; flex-wrap: wrap; gap: 4px 16px; }
nav { font-size: 14px; }
a { color: #1a5f99; }
figure { margin: 12px 0; overflow-x: auto; }
figure svg { width: 100%; min-width: 560px; height: auto; display: block; }
summary { cursor: pointer; color: #565e6a; font-size: 14px; }
.wide { overflow-x: auto; }
.wide table { min-width: 680px; }
table { border-collapse: collapse; font-size: 13px; margin: 8px 0; }
th, td { text-align: start; padding: 4px 10px 4px 0; border-bottom: 1px solid #dcdfe4; vertical-align: top; }
th { color: #565e6a; font-weight: 600; }
td { font-variant-numeric: tabular-nums; }
"""


def as_html(graph: KnowledgeGraph, sections: Sequence[Section], svg: Mapping[str, bytes]) -> str:
    """Return the report as a page that needs no other file.

    Args:
        graph: What the report is on.
        sections: Its parts.
        svg: The charts by section id.
    """
    parts = [
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{TITLE}</title>\n<style>{_STYLE}</style></head>\n<body>",
        f'<h1>{TITLE}</h1><p class="counts">{html.escape(counts(graph))}</p>',
        '<nav aria-label="Contents"><ul>',
        *(f'<li><a href="#{s.id}">{html.escape(s.heading)}</a></li>' for s in sections),
        "</ul></nav>",
    ]
    for section in sections:
        parts.append(f'<h2 id="{section.id}" dir="auto">{html.escape(section.heading)}</h2>')
        parts.append(f'<p dir="auto">{html.escape(section.finding)}</p>')
        if section.id in svg:
            figure = inline_svg(svg[section.id].decode(), section.id, section.heading)
            parts.append(f"<figure>{figure}</figure>")
        if section.rows:
            table = _table(section)
            parts.append(
                f"<details><summary>The numbers</summary>{table}</details>" if section.id in svg else table
            )
    parts.append("</body></html>\n")
    return "\n".join(parts)


def as_markdown(graph: KnowledgeGraph, sections: Sequence[Section]) -> str:
    """Return the report as Markdown; charts are `figures/<id>.svg`."""
    parts = [f"# {TITLE}", "", counts(graph), ""]
    for section in sections:
        parts += [f"## {_cell(section.heading)}", "", _cell(section.finding), ""]
        if section.draw is not None:
            parts += [f"![{_cell(section.heading)}](figures/{section.id}.svg)", ""]
        if section.rows:
            parts.append("| " + " | ".join(map(_cell, section.columns)) + " |")
            parts.append("|" + " --- |" * len(section.columns))
            parts += ["| " + " | ".join(map(_cell, row)) + " |" for row in section.rows]
            parts.append("")
    return "\n".join(parts).rstrip() + "\n"


def counts(graph: KnowledgeGraph) -> str:
    """Return what the graph holds, in one sentence."""
    dates = sorted(paper.published for paper in graph.papers if paper.published is not None)
    span = f", dated from {dates[0]} to {dates[-1]}" if dates else ", none with a date"
    undated = len(graph.papers) - len(dates)
    rest = f" ({undated:,} without a date)" if dates and undated else ""
    return (
        f"{len(graph.papers):,} papers{span}{rest}; {len(graph.entities):,} entities, "
        f"{len(graph.edges):,} edges, {len(graph.results):,} reported numbers."
    )


def inline_svg(svg: str, name: str, title: str) -> str:
    """Return an SVG file as an element of a page: ids of its own, a title for screen readers."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', svg)
    svg = re.sub(r'(href="#|url\(#)', rf"\g<1>{name}-", svg)
    label = html.escape(title)
    return re.sub(r"<svg\b", f'<svg role="img" aria-label="{label}"', svg, count=1)


def _table(section: Section) -> str:
    head = "".join(f'<th scope="col" dir="auto">{html.escape(column)}</th>' for column in section.columns)
    body = "".join(
        "<tr>" + "".join(f'<td dir="auto">{html.escape(cell)}</td>' for cell in row) + "</tr>"
        for row in section.rows
    )
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(text: str) -> str:
    r"""Return text that is no markup in Markdown.

    >>> _cell("a|b <i> *c*")
    'a\\|b &lt;i&gt; \\*c\\*'
    """
    flat = html.escape(re.sub(r"\s+", " ", text), quote=False)
    return re.sub(r"([\\|*_`\[\]#~])", r"\\\1", flat)
