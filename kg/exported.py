"""The quads of an exported graph, as far as a comparison needs them, read in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kg.catalog.sides import Quad
from kg.errors import SourceError
from kg.terms import ENTITY_CLASSES, RELATION_PROPERTIES, ROLE_PROPERTIES, term
from kg.vocab import AFFILIATED, VARIANT_OF

FORMATS: Final[Mapping[str, ox.RdfFormat]] = {
    ".nq": ox.RdfFormat.N_QUADS,
    ".trig": ox.RdfFormat.TRIG,
    ".jsonld": ox.RdfFormat.JSON_LD,
}
"""The formats that keep the graph of each quad, by the ending of the file."""

RELATIONS: Final = tuple(
    iri.rpartition("#")[2]
    for iri in (
        *ROLE_PROPERTIES, *RELATION_PROPERTIES, term(f"akg:{AFFILIATED}"), term(f"akg:{VARIANT_OF}"),
    )
)  # fmt: skip
"""The local names of the predicates that are edges."""

_TYPE: Final = term("rdf:type")
_CLASSES: Final = {iri: iri.rpartition("#")[2] for iri in ENTITY_CLASSES} | {
    term("fabio:Preprint"): "Preprint"
}
_PREDICATES: Final = {
    term(curie): curie.partition(":")[2]
    for curie in (
        "dcterms:title", "dcterms:issued", "dcterms:isReplacedBy", "skos:prefLabel", "skos:altLabel",
        "akg:kind", "akg:numPapers", "akg:inPaper", "akg:subject", "akg:benchmark", "akg:benchmarkWritten",
        "akg:metric", "akg:valueWritten", "akg:baseline", "akg:baselineWritten", "akg:resultKind",
        "akg:mentionName", "akg:resolvedTo", *(f"akg:{name}" for name in RELATIONS),
    )
}  # fmt: skip
_BATCH: Final = 50_000


def read_quads(path: Path) -> Iterator[list[Quad]]:
    """Yield the quads of an export that a comparison needs, some at a time.

    Args:
        path: A file of N-Quads, TriG or JSON-LD, told by its ending.

    Raises:
        SourceError: the file is of another format, cannot be read or is broken; the message says where.
    """
    form = FORMATS.get(path.suffix)
    if form is None:
        known = ", ".join(sorted(FORMATS))
        raise SourceError(
            f"neither a graph folder nor an export that can be compared ({known}); "
            "Turtle and N-Triples do not say which paper supports what",
            file=str(path),
        )
    try:
        found = filter(None, map(_quad, ox.parse(path=path, format=form)))
        while batch := list(islice(found, _BATCH)):
            yield batch
    except (SyntaxError, ValueError) as error:
        raise SourceError(f"broken RDF ({error})", file=str(path)) from error


def _quad(quad: ox.Quad) -> Quad | None:
    """Return what is needed of a quad, None if nothing is."""
    predicate = quad.predicate.value
    if not isinstance(quad.object, ox.NamedNode | ox.Literal) or not isinstance(quad.subject, ox.NamedNode):
        return None
    graph = quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else ""
    if predicate == _TYPE:
        of_class = _CLASSES.get(quad.object.value)
        return None if of_class is None else Quad(graph, quad.subject.value, "type", of_class)
    local = _PREDICATES.get(predicate)
    return None if local is None else Quad(graph, quad.subject.value, local, quad.object.value)
