"""What the explorer page holds: the graph as columns of numbers and texts, small enough for one file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from kg.graph import Edge, GraphResult, KnowledgeGraph, sentence_around, to_networkx
from kg.layout import COLOURS, PAPER, arrange, colour
from kg.model import Entity, Paper, Span
from kg.names import display_name, few_words
from kg.vocab import is_arxiv_id

if TYPE_CHECKING:
    import networkx as nx

SCHEMA_VERSION: Final = 2

RELATIONS: Final[Mapping[str, tuple[str, str]]] = {
    "introduces": ("introduces", "introduced by"),
    "uses": ("uses", "used by"),
    "evaluatesOn": ("evaluates on", "evaluated by"),
    "comparesTo": ("compares to", "compared by"),
    "mentions": ("mentions", "mentioned by"),
    "affiliatedWith": ("affiliated with", "affiliation of"),
    "extends": ("extends", "extended by"),
    "builtOn": ("built on", "base of"),
    "partOf": ("part of", "has part"),
    "trainedOn": ("trained on", "training data of"),
    "evaluatedOn": ("evaluated on", "evaluates"),
    "outperforms": ("outperforms", "outperformed by"),
    "variantOf": ("variant of", "has variant"),
}
"""Each relation in words, read forwards and backwards."""


def explorer_data(
    graph: KnowledgeGraph,
    part: nx.MultiDiGraph[str] | None = None,
    *,
    title: str = "abstractkg",
    with_text: bool = False,
) -> dict[str, Any]:
    """Return all that the explorer page needs, in an order that content alone decides.

    Nodes are numbered: entities first, most papers first, then papers, newest first. `docs/explorer.md`
    describes each column.

    Args:
        graph: The graph.
        part: A part of what `to_networkx` makes of it, or None for all of it. The papers that support its
            edges are added.
        title: What the page is called.
        with_text: Whether abstracts are included. Without, a piece of evidence keeps at most seven words.

    Returns:
        Dicts, lists, texts, numbers and None only.
    """
    whole = to_networkx(graph)
    wanted = set(whole) if part is None else _with_support(graph, set(part))
    arrangement = arrange(whole.subgraph(wanted))
    entities = [e for e in graph.entities if f"entity:{e.slug}" in wanted]
    papers = [p for p in graph.papers if f"paper:{p.id}" in wanted]
    edges = [e for e in graph.edges if {e.source, e.target} <= wanted]
    degree = Counter(end for edge in edges for end in (edge.source, edge.target))
    entities.sort(key=lambda e: (-e.num_papers, -degree[f"entity:{e.slug}"], e.slug))
    papers.sort(key=lambda p: p.id)
    papers.sort(key=lambda p: p.published or "", reverse=True)
    names = [*(f"entity:{e.slug}" for e in entities), *(f"paper:{p.id}" for p in papers)]
    index = {name: number for number, name in enumerate(names)}
    types = Counter[str](e.type for e in entities)
    classes = dict(types) | ({PAPER: len(papers)} if papers else {})
    order = [*(c for c in COLOURS if c in classes), *sorted(classes.keys() - COLOURS.keys())]
    number = {c: i for i, c in enumerate(order)}
    found = {edge.relation for edge in edges}
    relations = [*(r for r in RELATIONS if r in found), *sorted(found - RELATIONS.keys())]
    return {
        "schema_version": SCHEMA_VERSION,
        "title": title,
        "with_text": with_text,
        "base": graph.namespace.base,
        "classes": [[c, colour(c), classes[c]] for c in order],
        "relations": [[r, *RELATIONS.get(r, (r, f"{r} (of)"))] for r in relations],
        "nodes": {
            "x": [int(arrangement.places[name][0]) for name in names],
            "y": [int(arrangement.places[name][1]) for name in names],
            "group": [arrangement.groups[name] for name in names],
        },
        "entities": _entity_columns(graph, entities, number),
        "papers": _paper_columns(graph, papers, with_text),
        **_edge_columns(graph, edges, index, relations, with_text),
        "results": [
            _result_row(r, index) for r in graph.results if {r.subject, f"paper:{r.paper}"} <= index.keys()
        ],
    }


def paper_url(node_id: str) -> str | None:
    """Return the arXiv page of a paper node, or None when its id is not an arXiv id.

    >>> paper_url("paper:2505.12345"), paper_url("paper:cs.CL/0301012"), paper_url("paper:9f86d081884c")
    ('https://arxiv.org/abs/2505.12345', 'https://arxiv.org/abs/cs.CL/0301012', None)
    """
    kind, _, id = node_id.partition(":")
    return f"https://arxiv.org/abs/{id}" if kind == "paper" and is_arxiv_id(id) else None


def _with_support(graph: KnowledgeGraph, part: set[str]) -> set[str]:
    """Return the part and the papers that support the edges inside of it."""
    return part | {f"paper:{p}" for e in graph.edges if {e.source, e.target} <= part for p in e.papers}


def _entity_columns(
    graph: KnowledgeGraph, entities: Sequence[Entity], number: dict[str, int]
) -> dict[str, Any]:
    prefix = f"{graph.namespace.base}entity/"
    iris = {i: graph.namespace.entity(e.slug) for i, e in enumerate(entities)}
    return {
        "slug": [e.slug for e in entities],
        "label": [e.name for e in entities],
        "class": [number[e.type] for e in entities],
        "kind": {str(i): e.kind for i, e in enumerate(entities) if e.kind},
        "aliases": {
            str(i): [a for a in e.aliases if a != e.name]
            for i, e in enumerate(entities)
            if len(e.aliases) > 1
        },
        "iri": {str(i): iri for i, iri in iris.items() if iri != prefix + entities[i].slug},
    }


def _paper_columns(graph: KnowledgeGraph, papers: Sequence[Paper], with_text: bool) -> dict[str, Any]:
    prefix = f"{graph.namespace.base}paper/"
    iris = {i: graph.namespace.paper(p.id) for i, p in enumerate(papers)}
    titles = [display_name(p.title) for p in papers]
    columns: dict[str, Any] = {
        "id": [p.id for p in papers],
        "label": titles,
        "published": [p.published for p in papers],
        "authors": {str(i): p.num_authors for i, p in enumerate(papers) if p.num_authors},
        "links": {
            str(i): [[link.kind, link.url] for link in p.urls if link.url.startswith(("https://", "http://"))]
            for i, p in enumerate(papers)
            if p.urls
        },
        "elsewhere": [i for i, p in enumerate(papers) if paper_url(f"paper:{p.id}") is None],
        "iri": {str(i): iri for i, iri in iris.items() if iri != prefix + papers[i].id},
        "written": {str(i): p.title for i, p in enumerate(papers) if p.title != titles[i]},
    }
    return columns | ({"abstract": [p.abstract for p in papers]} if with_text else {})


def _edge_columns(
    graph: KnowledgeGraph,
    edges: Sequence[Edge],
    index: dict[str, int],
    relations: Sequence[str],
    with_text: bool,
) -> dict[str, Any]:
    """Return `edges`, `evidence` (a row a span, in the order of the edges), and `strings` that it names."""
    number = {relation: i for i, relation in enumerate(relations)}
    strings: dict[str, int] = {}
    texts = {paper.id: paper for paper in graph.papers}
    spans = [
        (e, s.paper, x) for e in edges for s in e.support for x in s.spans if f"paper:{s.paper}" in index
    ]
    counts = Counter(edge.id for edge, _, _ in spans)
    evidence: dict[str, list[int]] = {
        # Of an edge from a paper the paper is known.
        "paper": [index[f"paper:{paper}"] for e, paper, _ in spans if e.source.startswith("entity:")],
        # Below zero in titles: -1 is the first character.
        "start": [-1 - span.start if span.field == "title" else span.start for _, _, span in spans],
        "length": [span.end - span.start for _, _, span in spans],
    }
    if with_text:
        around = [_sentence(texts[paper], span) for _, paper, span in spans]
        evidence["sentence_start"] = [start for start, _ in around]
        evidence["sentence_length"] = [end - start for start, end in around]
    else:
        evidence["string"] = [strings.setdefault(few_words(span.text), len(strings)) for _, _, span in spans]
    return {
        "edges": {
            "source": [index[e.source] for e in edges],
            "target": [index[e.target] for e in edges],
            "relation": [number[e.relation] for e in edges],
            "confidence": [round(e.confidence * 1000) for e in edges],
            "spans": [counts[e.id] for e in edges],
            "papers": {
                str(i): _known(e.papers, index) for i, e in enumerate(edges) if e.source.startswith("entity:")
            },
        },
        "evidence": evidence,
        "strings": list(strings),
    }


def _sentence(paper: Paper, span: Span) -> tuple[int, int]:
    return sentence_around(paper.text(span.field), span.start, span.end)


def _known(papers: Iterable[str], index: dict[str, int]) -> list[int]:
    return [index[f"paper:{paper}"] for paper in papers if f"paper:{paper}" in index]


def _result_row(result: GraphResult, index: dict[str, int]) -> list[Any]:
    """Return paper, subject, benchmark, metric, value, baseline, kind, field, start, length of a result.

    A benchmark and a baseline are node numbers where they are nodes, else texts as written, else None. The
    value comes as written and as a number.
    """
    return [
        index[f"paper:{result.paper}"],
        index[result.subject],
        index.get(result.benchmark or "", result.benchmark_written and few_words(result.benchmark_written)),
        result.metric and few_words(result.metric),
        few_words(result.written),
        None if result.value is None else float(result.value),
        index.get(result.baseline or "", result.baseline_written and few_words(result.baseline_written)),
        result.kind,
        int(result.span.field == "title"),
        result.span.start,
        result.span.end - result.span.start,
    ]
