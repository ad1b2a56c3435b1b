"""SHACL over a store, by pySHACL, in slices: it holds a graph in memory, and a store need not fit there.

The shapes stand in `ontology/shapes.ttl`. A document is a paper, entity or result with all that bears its IRI
and a fragment, such as a paper with its authors; what is said of the graph itself is one document. A slice
holds some documents whole, and the classes of what they lead to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from kg.progress import Progress, silent
from kg.store import Store
from kg.terms import AKG, ENTITY_CLASSES, term
from kg.vocab import PREFIXES
from ontology import read_text

if TYPE_CHECKING:
    import rdflib

SHAPES: Final = "https://w3id.org/abstractkg/shapes#"
EVIDENCE_SHAPES: Final = tuple(SHAPES + name for name in ("MentionShape", "StatementShape", "KindShape"))
"""Shapes of what stands in the graph of a paper; no other has anything to say there."""

FACTS: Final = 100
"""Nodes of the default graph in a slice, at least."""
PAPER_GRAPHS: Final = 60
"""Graphs of papers in a slice."""
MANY: Final = 300
"""Above so many focus nodes pySHACL, which compares each with each, is faster without being told them."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A node that a shape does not allow: the node, the property in short form, the message, the value."""

    focus: str
    path: str
    message: str
    value: str | None

    @property
    def order(self) -> tuple[str, str, str, str]:
        """The key that violations are sorted by."""
        return self.focus, self.path, self.message, self.value or ""


@dataclass(frozen=True, slots=True)
class Validated:
    """What was validated: how many documents and paper graphs of how many, and what is wrong."""

    documents: int
    all_documents: int
    paper_graphs: int
    all_paper_graphs: int
    violations: tuple[Violation, ...]


def validate_store(
    store: Store, *, limit: int | None = None, on_progress: Progress | None = None
) -> Validated:
    """Return what SHACL says of a store.

    Args:
        store: The store.
        limit: Validate so many documents, and so many paper graphs, at most, spread evenly over all;
            None for all. What the resolution graph says is looked at for the chosen paper graphs; the
            curation decisions there always are.
        on_progress: Called with the stage, how much is done, and how much there is.
    """
    step = on_progress or silent
    resolution = store.prefixes["kg"] + "resolution"
    documents = _documents(store)
    graphs = sorted(graph for graph in _named_graphs(store) if graph != resolution)
    chosen, chosen_graphs = spread(list(documents), limit), spread(graphs, limit)
    total = len(chosen) + len(chosen_graphs)
    found: set[Violation] = set()
    done = 0
    nodes: list[str] = []
    for number, document in enumerate(chosen, 1):
        nodes += documents[document]
        if len(nodes) >= FACTS or number == len(chosen):
            step("validating", done, total)
            found.update(violations(_facts(store, nodes), nodes=nodes))
            nodes, done = [], number
    for batch in _batches(chosen_graphs, PAPER_GRAPHS):
        step("validating", done, total)
        found.update(violations(_evidence(store, batch), shapes=EVIDENCE_SHAPES))
        mentions, said = _resolutions(store, batch, resolution)
        found.update(violations(said, nodes=mentions))
        done += len(batch)
    decisions, said = _decisions(store, resolution)
    found.update(violations(said, nodes=decisions))
    in_order = tuple(sorted(found, key=lambda violation: violation.order))
    return Validated(len(chosen), len(documents), len(chosen_graphs), len(graphs), in_order)


def spread(items: Sequence[str], limit: int | None) -> list[str]:
    """Return at most `limit` items, spread evenly, the first among them.

    >>> spread(["a", "b", "c", "d", "e"], 2), spread(["a", "b"], None)
    (['a', 'c'], ['a', 'b'])
    """
    if limit is None or len(items) <= limit:
        return list(items)
    return [items[index * len(items) // limit] for index in range(limit)]


def _batches(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def violations(
    graph: rdflib.Graph, *, nodes: Iterable[str] | None = None, shapes: Iterable[str] | None = None
) -> list[Violation]:
    """Return what the shapes do not allow in a graph.

    Args:
        graph: The graph, as rdflib holds it.
        nodes: Look at these nodes only.
        shapes: Use these shapes only.

    Raises:
        RuntimeError: pySHACL itself failed.
    """
    import pyshacl
    import rdflib

    focus = None if nodes is None else list(nodes)
    if focus == [] or not len(graph):
        return []
    used = None if shapes is None else list(shapes)
    told = focus if focus is not None and len(focus) <= MANY else None
    conforms, report, text = pyshacl.validate(
        graph, shacl_graph=_shapes(), focus_nodes=told, use_shapes=used, allow_warnings=False
    )
    if conforms:
        return []
    if not isinstance(report, rdflib.Graph):
        raise RuntimeError(f"pySHACL failed: {text}")
    sh = rdflib.Namespace(PREFIXES["sh"])
    found = []
    for result in report.subjects(rdflib.RDF.type, sh.ValidationResult):
        value = report.value(result, sh.value)
        found.append(
            Violation(
                focus=str(report.value(result, sh.focusNode)),
                path=_path(report, report.value(result, sh.resultPath)),
                message=str(report.value(result, sh.resultMessage)),
                value=None if value is None else str(value),
            )
        )
    wanted = None if focus is None else set(focus)
    kept = [violation for violation in found if wanted is None or violation.focus in wanted]
    return sorted(kept, key=lambda violation: violation.order)


def _path(report: rdflib.Graph, path: rdflib.term.Node | None) -> str:
    """Return a path in short form: a property, `^` and it for an inverse one, else nothing."""
    import rdflib

    if path is None:
        return ""
    if isinstance(path, rdflib.URIRef):
        return short(str(path))
    inverse = report.value(path, rdflib.URIRef(PREFIXES["sh"] + "inversePath"))
    return f"^{short(str(inverse))}" if inverse is not None else ""


def short(iri: str) -> str:
    """Return an IRI with a prefix where one fits.

    >>> short("http://purl.org/dc/terms/title"), short("https://example.org/")
    ('dcterms:title', 'https://example.org/')
    """
    for prefix, start in PREFIXES.items():
        if iri.startswith(start) and prefix not in {"kg", "entity", "paper"}:
            return f"{prefix}:{iri[len(start) :]}"
    return iri


@cache
def _shapes() -> rdflib.Graph:
    import rdflib

    return rdflib.Graph().parse(data=read_text("shapes.ttl"), format="turtle")


def _documents(store: Store) -> dict[str, list[str]]:
    """Return the subjects of the default graph by document, sorted."""
    base = store.prefixes["kg"]
    kinds = tuple(f"{base}{kind}/" for kind in ("entity", "paper", "result"))
    found: dict[str, list[str]] = {}
    for subject in sorted(_column(store, "SELECT DISTINCT ?s WHERE { ?s ?p ?o }")):
        document = subject.partition("#")[0] if subject.startswith(kinds) else base
        found.setdefault(document, []).append(subject)
    return found


def _named_graphs(store: Store) -> Iterator[str]:
    return _column(store, "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }")


def _column(store: Store, sparql: str) -> Iterator[str]:
    return (row[0] for row in rows(store, sparql))


def rows(store: Store, sparql: str) -> Iterator[tuple[str, ...]]:
    """Yield the rows of a SELECT query, each value as text, empty where there is none.

    Raises:
        TypeError: the query is no SELECT query.
    """
    answer = store.solve(sparql)
    if not isinstance(answer, ox.QuerySolutions):
        raise TypeError("not a SELECT query")
    for row in answer:
        yield tuple("" if value is None else value.value for value in row)


def _facts(store: Store, nodes: Iterable[str]) -> rdflib.Graph:
    """Return all that the default graph says of nodes, and the classes of what they lead to."""
    return _construct(store, f"VALUES ?s {{ {_values(nodes)} }} ?s ?p ?o OPTIONAL {{ ?o a ?class }}")


def _evidence(store: Store, graphs: Iterable[str]) -> rdflib.Graph:
    return _construct(store, f"VALUES ?g {{ {_values(graphs)} }} GRAPH ?g {{ ?s ?p ?o }}")


def _resolutions(store: Store, graphs: Iterable[str], resolution: str) -> tuple[list[str], rdflib.Graph]:
    """Return the mentions of some papers, and what the resolution graph says of them."""
    where = (
        f"VALUES ?g {{ {_values(graphs)} }} GRAPH ?g {{ ?s <{AKG.mentionName}> ?name }} "
        f"GRAPH <{resolution}> {{ ?s ?p ?o }}"
    )
    mentions = sorted(set(_column(store, f"SELECT ?s WHERE {{ {where} }}")))
    return mentions, _construct(store, where + " OPTIONAL { ?o a ?class }")


def _decisions(store: Store, resolution: str) -> tuple[list[str], rdflib.Graph]:
    where = f"GRAPH <{resolution}> {{ ?s a <{AKG.CurationDecision}> ; ?p ?o }}"
    return sorted(set(_column(store, f"SELECT ?s WHERE {{ {where} }}"))), _construct(store, where)


def _values(nodes: Iterable[str]) -> str:
    return " ".join(f"<{node}>" for node in nodes)


def _construct(store: Store, where: str) -> rdflib.Graph:
    """Return triples as rdflib holds them, with what our own classes are subclasses of."""
    import rdflib

    graph = rdflib.Graph()
    answer = store.solve(f"CONSTRUCT {{ ?s ?p ?o . ?o a ?class }} WHERE {{ {where} }}")
    for triple in answer if isinstance(answer, ox.QueryTriples) else ():
        graph.add((_term(triple.subject), _term(triple.predicate), _term(triple.object)))
    for name in ENTITY_CLASSES:
        graph.add((rdflib.URIRef(name), rdflib.RDFS.subClassOf, rdflib.URIRef(AKG.Entity)))
    return graph


def _term(value: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> rdflib.term.Node:
    import rdflib

    if isinstance(value, ox.NamedNode):
        return rdflib.URIRef(value.value)
    if isinstance(value, ox.Literal):
        datatype = None if value.language else rdflib.URIRef(value.datatype.value)
        if value.datatype.value == term("xsd:string"):
            datatype = None
        return rdflib.Literal(value.value, lang=value.language, datatype=datatype, normalize=False)
    return rdflib.BNode(str(value).removeprefix("_:"))
