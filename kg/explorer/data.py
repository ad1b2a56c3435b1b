"""What an explorer shows, as one plain value that JSON can hold: the page is only one way to draw it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

import networkx as nx

from kg.layout import COLOURS, PAPER, colour, positions, size
from kg.names import few_words
from kg.vocab import is_arxiv_id

SCHEMA_VERSION: Final = 1

SHAPES: Final[Mapping[str, str]] = {
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
    graph: nx.MultiDiGraph[str],
    evidence: Mapping[str, Iterable[Mapping[str, Any]]],
    *,
    title: str,
    with_text: bool = False,
) -> dict[str, Any]:
    """Return all that an explorer needs, of `schema_version` 1, in an order that content alone decides.

    The value has these keys; those marked ? are left out where there is nothing to say:

    - `schema_version`: 1. `title`: as given.
    - `meta`: `papers`, `entities`, `edges` (counts), `with_text`.
    - `classes`: a legend, one `{class, colour, shape, count}` for each class present, in a fixed order.
    - `relations`: relation to its words, `[forwards, backwards]`, for each relation present.
    - `nodes`, by id: `id`, `label`, `class`, `x`, `y`, `size`, `degree`, `iri`; of papers `url?` (arXiv),
      `published?`, `num_authors?`; of entities `kind?`, `aliases?` (a list), `papers` (a count).
    - `edges`, by id: `id`, `source`, `target`, `relation`, `weight`, `confidence`, `papers` (a list of
      paper ids without `paper:`), `first_seen?`, and `evidence`: a list of `{paper, field, start, end,
      text, sentence?}` by paper, field, start; offsets in code points, end exclusive.

    Args:
        graph: Nodes with `label`, `node_class`, `iri` and the rest as `kg.graph` gives them.
        evidence: Edge id to its pieces of evidence; edges without an entry have none.
        title: What the page is called.
        with_text: Whether sentences of the abstracts are shown. Without, a piece of evidence keeps at most
            seven words.

    Returns:
        Dicts, lists, texts, numbers and truth values only.

    >>> graph = nx.MultiDiGraph()
    >>> graph.add_node("paper:2505.12345", label="A title", node_class="Paper", iri="https://example.org/p")
    >>> graph.add_node("entity:grpo", label="GRPO", node_class="Method", iri="https://example.org/e")
    >>> _ = graph.add_edge("paper:2505.12345", "entity:grpo", key="e1", relation="uses", weight=1)
    >>> span = {"paper": "2505.12345", "field": "title", "start": 0, "end": 4, "text": "GRPO"}
    >>> data = explorer_data(graph, {"e1": [span | {"sentence": "GRPO!"}]}, title="Mine")
    >>> data["meta"]
    {'papers': 1, 'entities': 1, 'edges': 1, 'with_text': False}
    >>> data["nodes"][1]["url"], data["relations"]
    ('https://arxiv.org/abs/2505.12345', {'uses': ['uses', 'used by']})
    >>> data["edges"][0]["evidence"] == [span]
    True
    """
    places = positions(graph)
    degrees = dict(graph.degree())
    nodes = [_node(id, graph.nodes[id], places[id], degrees[id]) for id in sorted(graph)]
    edges = sorted(
        (
            _edge(source, target, key, attributes, evidence.get(key, ()), with_text)
            for source, target, key, attributes in graph.edges(keys=True, data=True)
        ),
        key=lambda edge: (edge["id"], edge["source"], edge["target"]),
    )
    counts = Counter(node["class"] for node in nodes)
    known = [name for name in COLOURS if name in counts]
    present = {edge["relation"] for edge in edges}
    ordered = [*(name for name in RELATIONS if name in present), *sorted(present - RELATIONS.keys())]
    return {
        "schema_version": SCHEMA_VERSION,
        "title": title,
        "meta": {
            "papers": counts[PAPER],
            "entities": len(nodes) - counts[PAPER],
            "edges": len(edges),
            "with_text": with_text,
        },
        "classes": [
            {"class": name, "colour": colour(name), "shape": SHAPES.get(name, "dot"), "count": counts[name]}
            for name in [*known, *sorted(counts.keys() - known)]
        ],
        "relations": {name: list(RELATIONS.get(name, (name, f"{name} (of)"))) for name in ordered},
        "nodes": nodes,
        "edges": edges,
    }


def paper_url(node_id: str) -> str | None:
    """Return the arXiv page of a paper node, or None when its id is not an arXiv id.

    >>> paper_url("paper:2505.12345"), paper_url("paper:cs.CL/0301012"), paper_url("paper:9f86d081884c")
    ('https://arxiv.org/abs/2505.12345', 'https://arxiv.org/abs/cs.CL/0301012', None)
    """
    kind, _, id = node_id.partition(":")
    return f"https://arxiv.org/abs/{id}" if kind == "paper" and is_arxiv_id(id) else None


def _node(id: str, attributes: Mapping[str, Any], place: tuple[float, float], degree: int) -> dict[str, Any]:
    node_class = str(attributes.get("node_class", ""))
    node: dict[str, Any] = {
        "id": id,
        "label": str(attributes.get("label") or id),
        "class": node_class,
        "x": place[0],
        "y": place[1],
        "size": size(node_class, degree),
        "degree": degree,
        "iri": str(attributes.get("iri", "")),
    }
    if node_class == PAPER:
        optional = {"url": paper_url(id)} | {key: attributes.get(key) for key in ("published", "num_authors")}
    else:
        aliases = [alias for alias in str(attributes.get("aliases") or "").split(" | ") if alias]
        optional = {"kind": attributes.get("kind"), "aliases": aliases}
        node["papers"] = int(attributes.get("papers", 0))
    return node | {key: value for key, value in optional.items() if value}


def _edge(
    source: str,
    target: str,
    id: str,
    attributes: Mapping[str, Any],
    evidence: Iterable[Mapping[str, Any]],
    with_text: bool,
) -> dict[str, Any]:
    edge: dict[str, Any] = {
        "id": str(id),
        "source": source,
        "target": target,
        "relation": str(attributes.get("relation", "")),
        "weight": int(attributes.get("weight", 1)),
        "confidence": round(float(attributes.get("confidence", 1.0)), 3),
        "papers": str(attributes.get("papers", "")).split(),
    }
    if attributes.get("first_seen"):
        edge["first_seen"] = str(attributes["first_seen"])
    pieces = [_piece(piece, with_text) for piece in evidence]
    edge["evidence"] = sorted(pieces, key=lambda p: (p["paper"], p["field"], p["start"], p["end"], p["text"]))
    return edge


def _piece(piece: Mapping[str, Any], with_text: bool) -> dict[str, Any]:
    text = str(piece["text"])
    out = {
        "paper": str(piece["paper"]),
        "field": str(piece["field"]),
        "start": int(piece["start"]),
        "end": int(piece["end"]),
        "text": text if with_text else few_words(text),
    }
    if with_text and piece.get("sentence"):
        out["sentence"] = str(piece["sentence"])
    return out
