"""The graph as columns of numbers and texts: the form in which a page holds it, whole or in parts.

Nodes are numbers; `docs/explorer.md` describes each column.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from kg.graph import Edge, GraphResult, sentence_around
from kg.layout import COLOURS, colour
from kg.model import Entity, Paper, Span
from kg.names import display_name, few_words
from kg.vocab import Namespace, arxiv_page

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


def class_rows(counts: Mapping[str, int]) -> list[list[Any]]:
    """Return name, colour and number of nodes of each class, in the order of the legend."""
    order = [*(c for c in COLOURS if c in counts), *sorted(counts.keys() - COLOURS.keys())]
    return [[c, colour(c), counts[c]] for c in order]


def relation_rows(found: Iterable[str]) -> list[list[str]]:
    """Return each relation with its words, forwards and backwards, in the order of `RELATIONS`."""
    names = set(found)
    order = [*(r for r in RELATIONS if r in names), *sorted(names - RELATIONS.keys())]
    return [[r, *RELATIONS.get(r, (r, f"{r} (of)"))] for r in order]


def entity_columns(
    entities: Sequence[Entity], number: Mapping[str, int], namespace: Namespace
) -> dict[str, Any]:
    """Return the columns of entities; `number` is that of each class."""
    prefix = f"{namespace.base}entity/"
    iris = {i: namespace.entity(e.slug) for i, e in enumerate(entities)}
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


def paper_columns(papers: Sequence[Paper], namespace: Namespace, *, with_text: bool) -> dict[str, Any]:
    """Return the columns of papers."""
    prefix = f"{namespace.base}paper/"
    iris = {i: namespace.paper(p.id) for i, p in enumerate(papers)}
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


def edge_columns(
    edges: Sequence[Edge],
    index: Mapping[str, int],
    relations: Sequence[str],
    texts: Mapping[str, Paper] | None,
) -> dict[str, Any]:
    """Return `edges`, `evidence` (a row a span, in the order of the edges), and `strings` that it names.

    Args:
        edges: The edges.
        index: The number of each node.
        relations: The names of the relations, in their order.
        texts: The papers by id, where evidence is to name sentences in their abstracts, else None: a piece
            of evidence then keeps at most seven words.
    """
    number = {relation: i for i, relation in enumerate(relations)}
    strings: dict[str, int] = {}
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
    if texts is not None:
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


def _known(papers: Iterable[str], index: Mapping[str, int]) -> list[int]:
    return [index[f"paper:{paper}"] for paper in papers if f"paper:{paper}" in index]


def result_row(result: GraphResult, index: Mapping[str, int]) -> list[Any]:
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


def paper_url(node_id: str) -> str | None:
    """Return the arXiv page of a paper node, or None when its id is not an arXiv id.

    >>> paper_url("paper:2505.12345"), paper_url("paper:cs.CL/0301012"), paper_url("paper:9f86d081884c")
    ('https://arxiv.org/abs/2505.12345', 'https://arxiv.org/abs/cs.CL/0301012', None)
    """
    kind, _, paper_id = node_id.partition(":")
    return arxiv_page(paper_id) if kind == "paper" else None
