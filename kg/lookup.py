"""A graph by node id: papers, entities, names, dates, edges at both ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from typing import Final

from kg.graph import Edge, GraphResult, KnowledgeGraph
from kg.layout import PAPER
from kg.model import Entity, Paper
from kg.names import display_name
from kg.vocab import arxiv_page

TESTS: Final = frozenset({"evaluatedOn", "trainedOn", "evaluatesOn"})
"""Relations that lead to a benchmark or data set."""


class Lookup:
    """What pages and pictures ask a graph, each index made once, when it is first needed.

    Args:
        graph: The graph.
        edges_of: Its edges by node id, where somebody has them already.
    """

    def __init__(self, graph: KnowledgeGraph, edges_of: Mapping[str, list[Edge]] | None = None) -> None:
        self.graph = graph
        self._edges_of = edges_of

    @cached_property
    def papers(self) -> dict[str, Paper]:
        """Papers by node id."""
        return {f"paper:{paper.id}": paper for paper in self.graph.papers}

    @cached_property
    def entities(self) -> dict[str, Entity]:
        """Entities by node id."""
        return {f"entity:{entity.slug}": entity for entity in self.graph.entities}

    @cached_property
    def edges_of(self) -> Mapping[str, list[Edge]]:
        """Edges by the node id of either end."""
        if self._edges_of is not None:
            return self._edges_of
        found: defaultdict[str, list[Edge]] = defaultdict(list)
        for edge in self.graph.edges:
            found[edge.source].append(edge)
            found[edge.target].append(edge)
        return found

    @cached_property
    def results_by_benchmark(self) -> dict[str, list[GraphResult]]:
        """Results with a benchmark, by its node id."""
        found: defaultdict[str, list[GraphResult]] = defaultdict(list)
        for result in self.graph.results:
            if result.benchmark is not None:
                found[result.benchmark].append(result)
        return dict(found)

    def edges(self, node: str) -> list[Edge]:
        """Return the edges that start or end at a node, in the order of the graph."""
        return self.edges_of.get(node, [])

    def name(self, node: str) -> str:
        """Return the title or name of a node, the id itself where the graph has no such node."""
        if node in self.papers:
            return display_name(self.papers[node].title)
        return self.entities[node].name if node in self.entities else node

    def node_class(self, node: str) -> str:
        """Return `Paper` or the type of the entity."""
        return self.entities[node].type if node in self.entities else PAPER

    def tested_on(self, node: str) -> bool:
        """Return whether anything is evaluated on a node."""
        return any(e.target == node and e.relation in TESTS for e in self.edges(node))

    def first_seen(self, node: str) -> str | None:
        """Return when a node first appears: a paper's date, or the earliest date of an edge; None if unknown.

        An entity that a dated paper introduces is as old as the first such paper.
        """
        if node in self.papers:
            return self.papers[node].published
        edges = [edge for edge in self.edges(node) if edge.first_seen is not None]
        born = [edge for edge in edges if edge.relation == "introduces"]
        return min((edge.first_seen for edge in born or edges if edge.first_seen), default=None)


def strength(edge: Edge) -> float:
    """Return how strong an edge is: the number of its papers, times its confidence."""
    return len(edge.papers) * edge.confidence


def short_title(title: str, most: int = 40) -> str:
    """Return a title short enough for a label: what stands before a colon, or the start.

    >>> short_title("HAMLET: Switch your Model"), short_title("A very long title " * 3, 20)
    ('HAMLET', 'A very long title A…')
    """
    head = title.split(":")[0].strip()
    chosen = head if 2 < len(head) <= most else title
    return chosen if len(chosen) <= most else chosen[: most - 1].rstrip() + "…"


def paper_links(paper: Paper) -> list[tuple[str, str]]:
    """Return links of a paper as (text, address), http and https only, arXiv first.

    >>> paper_links(Paper("T", "", id="2505.12345"))
    [('arXiv', 'https://arxiv.org/abs/2505.12345')]
    """
    page = arxiv_page(paper.id)
    links = [("arXiv", page)] if page is not None else []
    words = {"code": "code", "project": "project", "page": "page", "other": "link"}
    for link in paper.urls:
        if link.url.startswith(("https://", "http://")) and link.url not in {url for _, url in links}:
            links.append((words[link.kind], link.url))
    return links
