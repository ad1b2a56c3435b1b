"""The text beside a view: for each node what it is, its links, its edges with evidence, its results."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from html import escape

from kg.columns import RELATIONS
from kg.explorer.scene import Scene
from kg.graph import Edge, GraphResult, Support, sentence_around
from kg.lookup import Lookup, paper_links, strength
from kg.model import Span
from kg.names import display_name, few_words

MOST_EDGES = 60
"""How many edges of a node the panel lists; the strongest."""
MOST_PAPERS = 5
"""How many papers an edge lists as evidence."""


def sections(look: Lookup, scene: Scene, *, with_text: bool) -> str:
    """Return one `<section>` a node of a scene, the root's visible; every text is escaped.

    Args:
        look: The graph.
        scene: The view.
        with_text: Whether sentences of the abstracts are shown.
    """
    shown = {node.id for node in scene.nodes}
    return "\n".join(_section(look, scene, node.id, shown, with_text=with_text) for node in scene.nodes)


def _section(look: Lookup, scene: Scene, node: str, shown: set[str], *, with_text: bool) -> str:
    hidden = "" if node == scene.root else " hidden"
    parts = [
        f'<section data-node="{escape(node)}"{hidden}>',
        f'<h2 dir="auto" tabindex="-1">{escape(look.name(node))}</h2>',
        f'<p class="kind">{escape(_facts(look, node))}</p>',
    ]
    if node in look.papers:
        links = [
            f'<a href="{escape(url)}" target="_blank" rel="noopener noreferrer">{escape(text)}</a>'
            for text, url in paper_links(look.papers[node])
        ]
        parts += [f'<p class="meta">{" · ".join(links)}</p>'] if links else []
    elif look.entities[node].aliases:
        aliases = ", ".join(few_words(alias) for alias in look.entities[node].aliases[:12])
        parts.append(f'<p class="meta" dir="auto">also {escape(aliases)}</p>')
    parts.append(_results(look, scene, node))
    groups: defaultdict[tuple[int, str], list[Edge]] = defaultdict(list)
    edges = sorted(look.edges(node), key=lambda e: (-strength(e), e.id))
    order = list(RELATIONS)
    for edge in edges[:MOST_EDGES]:
        words = RELATIONS.get(edge.relation, (edge.relation, f"{edge.relation} (of)"))
        place = order.index(edge.relation) if edge.relation in RELATIONS else len(order)
        groups[place, words[0] if edge.source == node else words[1]].append(edge)
    for (_, said), group in sorted(groups.items()):
        parts.append(f"<h3>{escape(said.capitalize())} ({len(group):,})</h3><ul>")
        group.sort(key=lambda e: (e.first_seen or "", strength(e)), reverse=True)
        parts += [_edge(look, edge, node, shown, with_text=with_text) for edge in group]
        parts.append("</ul>")
    if len(edges) > MOST_EDGES:
        parts.append(f'<p class="meta">and {len(edges) - MOST_EDGES:,} weaker ones</p>')
    parts.append("</section>")
    return "".join(parts)


def _facts(look: Lookup, node: str) -> str:
    seen = look.first_seen(node)
    if node in look.papers:
        paper = look.papers[node]
        authors = f"{paper.num_authors:,} authors" if paper.num_authors else ""
        return ", ".join(filter(None, ["Paper", seen or "no date", authors]))
    entity = look.entities[node]
    kind = (entity.kind or entity.type).capitalize()
    papers = f"in {entity.num_papers:,} paper" + ("s" if entity.num_papers != 1 else "")
    return ", ".join(filter(None, [kind, papers, f"first seen {seen}" if seen else ""]))


def _edge(look: Lookup, edge: Edge, node: str, shown: set[str], *, with_text: bool) -> str:
    other = edge.target if edge.source == node else edge.source
    name = escape(look.name(other))
    label = (
        f'<button class="go" data-go="{escape(other)}" dir="auto">{name}</button>'
        if other in shown
        else f'<span dir="auto">{name}</span>'
    )
    count = f", {len(edge.papers):,} papers" if len(edge.papers) > 1 else ""
    seen = f", {edge.first_seen}" if edge.first_seen else ""
    said = f"{edge.confidence:.0%} sure{count}{seen}"
    surest = sorted(edge.support, key=lambda s: (-s.confidence, s.paper, s.derived))
    by_paper: dict[str, Support] = {}
    for support in surest:
        by_paper.setdefault(support.paper, support)
    evidence = [_support(look, s, with_text=with_text) for s in list(by_paper.values())[:MOST_PAPERS]]
    if len(by_paper) > MOST_PAPERS:
        evidence.append(f"<li>and {len(by_paper) - MOST_PAPERS:,} more papers</li>")
    return f"<li>{label}<details><summary>{escape(said)}</summary><ul>{''.join(evidence)}</ul></details></li>"


def _support(look: Lookup, support: Support, *, with_text: bool) -> str:
    paper = look.papers[f"paper:{support.paper}"]
    links = paper_links(paper)
    title = f'<span dir="auto">{escape(look.name(f"paper:{support.paper}"))}</span>'
    if links:
        url = escape(links[0][1])
        title = f'<a href="{url}" target="_blank" rel="noopener noreferrer" dir="auto">{title}</a>'
    words = " ".join(filter(None, [paper.published or "", f"{support.confidence:.0%} sure"]))
    places = sorted({f"{s.field} {s.start}–{s.end}" for s in support.spans})
    where = f" <span class=kind>{escape(', '.join([words, *places[:3]]))}</span>"
    quotes = "".join(_quote(paper.text(s.field), s) for s in support.spans[:2]) if with_text else ""
    return f"<li>{title}{where}{quotes}</li>"


def _quote(text: str, span: Span) -> str:
    start, end = sentence_around(text, span.start, span.end)
    before, marked, after = text[start : span.start], text[span.start : span.end], text[span.end : end]
    return f'<blockquote dir="auto">{escape(before)}<mark>{escape(marked)}</mark>{escape(after)}</blockquote>'


def _results(look: Lookup, scene: Scene, node: str) -> str:
    """Return the numbers that are reported on a benchmark, by a subject, or in a paper, as a table."""
    if node != scene.root:
        return ""
    if node in look.papers:
        found: Iterable[GraphResult] = (r for r in look.graph.results if f"paper:{r.paper}" == node)
    else:
        own = (r for r in look.graph.results if r.subject == node)
        found = {r.id: r for r in (*look.results_by_benchmark.get(node, []), *own)}.values()
    rows = sorted(found, key=lambda r: (r.metric or "~", r.kind, -(r.value or 0), r.id))[:40]
    if not rows:
        return ""
    on_benchmark = node in look.results_by_benchmark
    cells = []
    for r in rows:
        thing = look.name(r.subject) if on_benchmark else _benchmark_name(look, r)
        gain = "gain" + (f" over {look.name(r.baseline)}" if r.baseline else "") if r.kind == "gain" else ""
        said = " ".join(filter(None, [r.metric or "", gain]))
        cells.append(
            f'<tr><td dir="auto">{escape(few_words(thing))}</td><td>{escape(display_name(r.written))}</td>'
            f"<td>{escape(few_words(said))}</td></tr>"
        )
    head = "Method" if on_benchmark else "Benchmark"
    return (
        f"<h3>Reported numbers ({len(rows):,})</h3><table><thead><tr><th>{head}</th><th>Value</th>"
        f"<th>Metric</th></tr></thead><tbody>{''.join(cells)}</tbody></table>"
    )


def _benchmark_name(look: Lookup, result: GraphResult) -> str:
    return look.name(result.benchmark) if result.benchmark else result.benchmark_written or "not named"
