"""The terms of the ontology, for pages."""

from __future__ import annotations

from functools import cache

import pyoxigraph as ox

from kg.server.describe import ontology_triples
from kg.vocab import PREFIXES


@cache
def terms() -> list[tuple[str, list[dict[str, str]]]]:
    """Return the classes and properties of the ontology, each with label, definition and example."""
    said: dict[str, dict[str, str]] = {}
    for triple in ontology_triples():
        if isinstance(triple.subject, ox.NamedNode) and triple.subject.value.startswith(PREFIXES["akg"]):
            key = triple.predicate.value.replace("#", "/").rsplit("/", 1)[-1]
            said.setdefault(triple.subject.value, {}).setdefault(
                key, triple.object.value if not isinstance(triple.object, ox.BlankNode | ox.Triple) else ""
            )
    rows = [
        {"iri": iri, "name": iri.removeprefix(PREFIXES["akg"]), **facts}
        for iri, facts in sorted(said.items())
    ]
    classes = [row for row in rows if row.get("type", "").endswith("Class")]
    return [("Classes", classes), ("Properties", [row for row in rows if row not in classes])]
