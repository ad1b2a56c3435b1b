"""The graph as data: nodes, edges with their evidence, results; as pandas frames and as a networkx graph.

Node ids are plain strings, `paper:<id>` and `entity:<slug>`. Attribute keys are the constants below.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from kg.model import PAPER_HEAD, Entity, Extraction, Mention, Paper, Relation, Result, Span
from kg.names import display_name, normal_form
from kg.resolve import Resolution
from kg.resolve.variants import Values, Variant, find_variants
from kg.vocab import AFFILIATED, IMPLIED_ROLE, RELATION, ROLE_RELATION, VARIANT_OF, Namespace

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

LABEL: Final = "label"
NODE_CLASS: Final = "node_class"
RELATION_KEY: Final = "relation"
WEIGHT: Final = "weight"
CONFIDENCE: Final = "confidence"
PAPERS: Final = "papers"
FIRST_SEEN: Final = "first_seen"
PARAMETERS: Final = "parameters"
"""Node key of the size as a number of parameters; Gephi keeps `size` for display."""

VALUE_KEYS: Final = ("size_written", "version", "tuning", "quantisation", "snapshot", "part")
"""Node keys of what a name says in words; `PARAMETERS` is the size as a number."""

_NUMBER: Final = re.compile(r"[+~≈<>≤≥ ]*(-?\d+(?:\.\d+)?)\s*(?:%|x|X|×|pp|pts?\.?|points?)*(?: points?)?")

_SENTENCE_END: Final = re.compile(
    r"(?<![A-Z])(?<!e\.g)(?<!i\.e)(?<!etc)(?<! al)(?<! vs)[.!?][)\"']?\s+(?=[A-Z0-9($\"'])"
)


@dataclass(frozen=True, slots=True)
class Support:
    """What one paper says for an edge: the spans, who found them, how sure; `derived` if implied."""

    paper: str
    spans: tuple[Span, ...]
    confidence: float
    extractor: str
    derived: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """One edge with all its support, by paper. `id` is a hash of its content."""

    id: str
    source: str
    relation: str
    target: str
    support: tuple[Support, ...]
    first_seen: str | None

    @property
    def papers(self) -> tuple[str, ...]:
        """The papers that support the edge, each once, in order."""
        return tuple(dict.fromkeys(s.paper for s in self.support))

    @property
    def confidence(self) -> float:
        """The confidence of its best support."""
        return max(s.confidence for s in self.support)


@dataclass(frozen=True, slots=True)
class GraphResult:
    """A reported number, its names resolved to nodes. `value` is None where no single number stands."""

    id: str
    paper: str
    subject: str
    benchmark: str | None
    benchmark_written: str | None
    metric: str | None
    value: Decimal | None
    written: str
    baseline: str | None
    baseline_written: str | None
    kind: str
    confidence: float
    span: Span


@dataclass(frozen=True, slots=True)
class KnowledgeGraph:
    """All nodes, edges and results of a graph, each sorted by its id.

    `variants` holds, by slug, what the names of versions, sizes and parts say of them.
    """

    papers: tuple[Paper, ...]
    extractions: tuple[Extraction, ...]
    resolution: Resolution
    edges: tuple[Edge, ...]
    results: tuple[GraphResult, ...]
    namespace: Namespace
    variants: Mapping[str, Variant] = field(default_factory=dict)

    @property
    def entities(self) -> tuple[Entity, ...]:
        """The entities, by slug."""
        return self.resolution.entities

    def counts(self) -> dict[str, int]:
        """Return how many papers, entities by type, edges, and results there are."""
        by_type: defaultdict[str, int] = defaultdict(int)
        for entity in self.entities:
            by_type[entity.type] += 1
        return {
            "papers": len(self.papers),
            "entities": len(self.entities),
            **dict(sorted(by_type.items())),
            "edges": len(self.edges),
            "results": len(self.results),
        }


EdgeKey = tuple[str, str, str]
"""Source, relation and target of an edge."""


def build_graph(
    papers: Iterable[Paper],
    extractions: Iterable[Extraction],
    resolution: Resolution,
    *,
    namespace: Namespace | None = None,
) -> KnowledgeGraph:
    """Return the graph of papers, their extractions and the resolution of all names."""
    ordered = tuple(sorted(papers, key=lambda p: p.id))
    read = tuple(sorted(extractions, key=lambda e: e.id))
    by_paper = {extraction.id: extraction for extraction in read}
    support: defaultdict[EdgeKey, list[Support]] = defaultdict(list)
    results: list[GraphResult] = []
    variants = {variant.slug: variant for variant in find_variants(resolution.entities)}
    for paper in ordered:
        reader = PaperReader(paper, by_paper.get(paper.id), resolution.of)
        for key, item in reader.supports(variants):
            support[key].append(item)
        results.extend(reader.results())
    dates = {paper.id: paper.published for paper in ordered}
    edges = (_edge(*key, items, dates) for key, items in support.items())
    return KnowledgeGraph(
        papers=ordered,
        extractions=read,
        resolution=resolution,
        edges=tuple(sorted(edges, key=lambda e: (e.source, e.relation, e.target))),
        results=tuple(sorted({r.id: r for r in results}.values(), key=lambda r: r.id)),
        namespace=namespace or Namespace(),
        variants=variants,
    )


class PaperReader:
    """Turns one paper into support for edges between nodes, and into results.

    Args:
        paper: The paper.
        extraction: What was read in it, if anything.
        slugs: What its names stand for, as in `Resolution.of`.
    """

    def __init__(
        self, paper: Paper, extraction: Extraction | None, slugs: Mapping[tuple[str, str, bool], str]
    ) -> None:
        self._paper = paper
        self._extraction = extraction or Extraction(paper.id, paper.title)
        self._slugs = slugs
        self._node = f"paper:{paper.id}"
        self._names: dict[str, str] = {}
        self._forms: dict[str, str] = {}
        for mention in self._extraction.mentions:
            found = slugs.get((paper.id, mention.name, mention.type == "Organization"))
            if found is not None:
                self._names.setdefault(mention.name, f"entity:{found}")
                for surface in (mention.name, *mention.surfaces):
                    self._forms.setdefault(normal_form(surface), f"entity:{found}")

    def supports(self, variants: Mapping[str, Variant]) -> Iterator[tuple[EdgeKey, Support]]:
        """Yield each edge (source, relation, target) with what the paper says for it.

        Args:
            variants: What is known of variants, by slug; those of its own entities are enough.
        """
        for key in self._affiliations():
            yield key, Support(self._paper.id, (), 1.0, "source")
        for key, mention in self._roles():
            yield key, Support(self._paper.id, mention.spans, mention.confidence, mention.extractor)
        for stated, implied, relation in self._relations():
            span = self._span(relation.evidence.field, relation.evidence.start, relation.evidence.end)
            said = Support(self._paper.id, (span,), relation.confidence, "relations")
            yield stated, said
            yield implied, replace(said, derived=True)
        spans: defaultdict[str, set[Span]] = defaultdict(set)
        for mention in self._extraction.mentions:
            spans[self._names.get(mention.name, "")].update(mention.spans)
        for key, confidence in self._variants(variants):
            shown = tuple(sorted(spans[key[0]]))
            yield key, Support(self._paper.id, shown, confidence, "variants", derived=True)

    def edges(self, variants: Mapping[str, Variant]) -> set[EdgeKey]:
        """Return the edges that `supports` gives, each once."""
        found = {*self._affiliations(), *(key for key, _ in self._roles())}
        found.update(key for stated, implied, _ in self._relations() for key in (stated, implied))
        found.update(key for key, _ in self._variants(variants))
        return found

    def _affiliations(self) -> Iterator[EdgeKey]:
        for line in self._paper.organizations:
            target = self._slugs.get((self._paper.id, display_name(line.name), True))
            if target is not None:
                yield self._node, AFFILIATED, f"entity:{target}"

    def _roles(self) -> Iterator[tuple[EdgeKey, Mention]]:
        for mention in self._extraction.mentions:
            target = self._names.get(mention.name)
            if target is not None:
                yield (self._node, ROLE_RELATION[mention.role], target), mention

    def _relations(self) -> Iterator[tuple[EdgeKey, EdgeKey, Relation]]:
        """Yield each relation between two nodes: the edge it states, and the edge of the paper it implies."""
        for relation in self._extraction.relations:
            head, tail = self._find(relation.head), self._find(relation.tail)
            if head is None or tail is None or head == tail or tail == self._node:
                continue
            implied = (self._node, ROLE_RELATION[IMPLIED_ROLE[relation.type]], tail)
            yield (head, RELATION[relation.type], tail), implied, relation

    def _variants(self, variants: Mapping[str, Variant]) -> Iterator[tuple[EdgeKey, float]]:
        """Yield an edge from each variant that the paper names, with its confidence."""
        for node in sorted(set(self._names.values())):
            found = variants.get(node.removeprefix("entity:"))
            if found is not None and found.parent is not None:
                yield (node, VARIANT_OF, f"entity:{found.parent}"), found.confidence

    def results(self) -> Iterator[GraphResult]:
        """Yield the numbers that the paper reports."""
        for result in self._extraction.results:
            subject = self._find(result.subject) or self._node
            span = self._span(result.evidence.field, result.evidence.start, result.evidence.end)
            parts = (self._paper.id, subject, result.value, str(result.benchmark), str(result.metric))
            yield GraphResult(
                id=_hash(*parts, str(span.start), span.field),
                paper=self._paper.id,
                subject=subject,
                benchmark=self._find(result.benchmark),
                benchmark_written=result.benchmark,
                metric=result.metric,
                value=decimal_value(result),
                written=result.value,
                baseline=self._find(result.baseline),
                baseline_written=result.baseline,
                kind=result.kind,
                confidence=result.confidence,
                span=span,
            )

    def _find(self, name: str | None) -> str | None:
        if name is None:
            return None
        if name == PAPER_HEAD:
            return self._node
        return self._names.get(name) or self._forms.get(normal_form(name))

    def _span(self, field: Any, start: int, end: int) -> Span:
        return Span(field, start, end, self._paper.text(field)[start:end])


def decimal_value(result: Result) -> Decimal | None:
    r"""Return the value of a result as a decimal, in the unit it is written with.

    >>> from kg.model import Evidence
    >>> def value(written: str) -> Decimal | None:
    ...     evidence = Evidence("abstract", 0, 1)
    ...     return decimal_value(Result("X", written, None, None, None, "gain", 0.9, evidence))
    >>> value("+8.68"), value("49.08%"), value("-3.5 points"), value("10x"), value("2-3x"), value("1,234")
    (Decimal('8.68'), Decimal('49.08'), Decimal('-3.5'), Decimal('10'), None, Decimal('1234'))
    """
    text = result.value.replace("\\%", "%").replace("$", "").replace("−", "-").replace(",", "").strip()
    number = _NUMBER.fullmatch(text)
    return Decimal(number[1]) if number else None


def _edge(
    source: str, relation: str, target: str, items: list[Support], dates: Mapping[str, str | None]
) -> Edge:
    ordered = tuple(sorted(items, key=lambda s: (s.paper, s.derived, s.extractor, s.spans)))
    known = [date for s in ordered if (date := dates.get(s.paper)) is not None]
    return Edge(
        id=_hash(source, relation, target),
        source=source,
        relation=relation,
        target=target,
        support=ordered,
        first_seen=min(known, default=None),
    )


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:12]


def to_networkx(graph: KnowledgeGraph) -> nx.MultiDiGraph[str]:
    """Return the graph as networkx: flat attributes, unique edge keys, never None.

    Nodes carry `label`, `node_class`, `iri`; papers `published` where known, `num_authors`; entities `kind`,
    `aliases` (joined by ` | `), `papers` (how many), and where the name says so `parameters` (how many),
    `size_written`, `version`, `tuning`, `quantisation`, `snapshot`, `part`. Edges carry `relation`, `weight`
    (how many papers), `confidence`, `papers` (ids joined by a space), `first_seen` where known.
    """
    import networkx as nx

    result: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for paper in graph.papers:
        node: dict[str, Any] = {LABEL: display_name(paper.title), NODE_CLASS: "Paper"}
        node["iri"] = graph.namespace.paper(paper.id)
        if paper.published:
            node["published"] = paper.published
        if paper.num_authors is not None:
            node["num_authors"] = paper.num_authors
        result.add_node(f"paper:{paper.id}", **node)
    for entity in graph.entities:
        node = {LABEL: entity.name, NODE_CLASS: entity.type, "iri": graph.namespace.entity(entity.slug)}
        if entity.kind:
            node["kind"] = entity.kind
        node |= {"aliases": " | ".join(entity.aliases), PAPERS: entity.num_papers}
        if entity.slug in graph.variants:
            node |= said_by_name(graph.variants[entity.slug].values)
        result.add_node(f"entity:{entity.slug}", **node)
    for edge in graph.edges:
        data: dict[str, Any] = {
            RELATION_KEY: edge.relation,
            WEIGHT: len(edge.papers),
            CONFIDENCE: edge.confidence,
            PAPERS: " ".join(edge.papers),
        }
        if edge.first_seen:
            data[FIRST_SEEN] = edge.first_seen
        result.add_edge(edge.source, edge.target, key=edge.id, **data)
    return result


def said_by_name(values: Values) -> dict[str, str | int]:
    """Return what a name says of its bearer, without what it does not say.

    >>> said_by_name(Values(size=Decimal(7000000000), size_written="7B", version="2.5"))
    {'parameters': 7000000000, 'size_written': '7B', 'version': '2.5'}
    """
    number = {} if values.size is None else {PARAMETERS: int(values.size)}
    rest = {key: getattr(values, key) for key in VALUE_KEYS}
    return number | {key: value for key, value in rest.items() if value is not None}


def papers_frame(graph: KnowledgeGraph) -> pd.DataFrame:
    """Return one row a paper: id, title, published, num_authors, organizations, comments, upvotes, links."""
    import pandas as pd

    columns = ["id", "title", "published", "num_authors", "organizations", "comments", "upvotes", "code"]
    rows = [
        (
            p.id,
            display_name(p.title),
            p.published,
            p.num_authors,
            "; ".join(o.name for o in p.organizations),
            p.comments,
            p.upvotes,
            " ".join(u.url for u in p.urls if u.kind == "code"),
        )
        for p in graph.papers
    ]
    return pd.DataFrame(rows, columns=columns)


def entities_frame(graph: KnowledgeGraph, entity_type: str | None = None) -> pd.DataFrame:
    """Return one row an entity: slug, name, type, kind, papers, aliases; most papers first."""
    import pandas as pd

    chosen = [e for e in graph.entities if entity_type in (None, e.type)]
    rows = [
        (e.slug, e.name, e.type, e.kind, e.num_papers, " | ".join(e.aliases))
        for e in sorted(chosen, key=lambda e: (-e.num_papers, e.slug))
    ]
    return pd.DataFrame(rows, columns=["slug", "name", "type", "kind", "papers", "aliases"])


def edges_frame(graph: KnowledgeGraph) -> pd.DataFrame:
    """Return one row an edge: id, source, relation, target, papers (how many), confidence, first_seen."""
    import pandas as pd

    rows = [
        (e.id, e.source, e.relation, e.target, len(e.papers), e.confidence, e.first_seen) for e in graph.edges
    ]
    columns = ["id", "source", "relation", "target", "papers", "confidence", "first_seen"]
    return pd.DataFrame(rows, columns=columns)


def evidence_frame(graph: KnowledgeGraph) -> pd.DataFrame:
    """Return one row a span: edge, paper, field, start, end, text, confidence, extractor, derived."""
    import pandas as pd

    rows = [
        (e.id, s.paper, x.field, x.start, x.end, x.text, s.confidence, s.extractor, s.derived)
        for e in graph.edges
        for s in e.support
        for x in s.spans
    ]
    columns = ["edge", "paper", "field", "start", "end", "text", "confidence", "extractor", "derived"]
    return pd.DataFrame(rows, columns=columns)


def sentence_around(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the offsets of the sentence, or sentences, that `text[start:end]` stands in.

    >>> text = "First one. We use GRPO v2.5 here. Last one."
    >>> text[slice(*sentence_around(text, 18, 22))]
    'We use GRPO v2.5 here.'
    """
    bounds = [0, *(m.end() for m in _SENTENCE_END.finditer(text)), len(text)]
    first = max(b for b in bounds if b <= start)
    last = min((b for b in bounds if b >= end), default=len(text))
    stripped = text[first:last].rstrip()
    return first, first + len(stripped)
