"""Quads to the bytes of an RDF file: sorted, each once, so that the same quads give the same bytes.

N-Quads, TriG and JSON-LD keep the graph of each quad. Turtle and N-Triples have no graphs: there every triple
of every graph stands, without the grouping.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, Final, Literal

import pyoxigraph as ox

from kg.nquads import Quad, Term, iri_of, lines
from kg.vocab import PREFIXES

RdfFormat = Literal["jsonld", "nq", "nt", "trig", "ttl"]
FORMATS: Final[dict[RdfFormat, ox.RdfFormat]] = {
    "jsonld": ox.RdfFormat.JSON_LD,
    "nq": ox.RdfFormat.N_QUADS,
    "nt": ox.RdfFormat.N_TRIPLES,
    "trig": ox.RdfFormat.TRIG,
    "ttl": ox.RdfFormat.TURTLE,
}
WITHOUT_GRAPHS: Final[frozenset[RdfFormat]] = frozenset({"nt", "ttl"})

_TYPE: Final = PREFIXES["rdf"] + "type"
_STRING: Final = PREFIXES["xsd"] + "string"
_TYPE_WRITTEN: Final = f" <{_TYPE}> "


def serialize(
    quads: Iterable[Quad], rdf_format: RdfFormat, *, prefixes: dict[str, str] | None = None
) -> bytes:
    r"""Return quads in a format.

    The default graph comes first, then the others by name; in each the lines are in the order of their bytes,
    but for Turtle, TriG and JSON-LD a type comes before the other facts of its subject.

    Args:
        quads: In any order; a repeated one is written once.
        rdf_format: One of `FORMATS`.
        prefixes: Short forms for Turtle, TriG and JSON-LD; without it, `kg.vocab.PREFIXES`.

    >>> serialize([("<a:b>", "<a:c>", '"GRPO"', "<a:d>")], "nt")
    b'<a:b> <a:c> "GRPO" .\n'
    """
    short = PREFIXES if prefixes is None else prefixes
    ordered = sorted_lines(quads, merged=rdf_format in WITHOUT_GRAPHS)
    if rdf_format in {"nq", "nt"}:
        return "".join(ordered).encode()
    text = "".join(line for _, about in groupby(ordered, _subject) for line in sorted(about, key=_not_type))
    if rdf_format == "jsonld":
        return _jsonld(text, short)
    parsed = ox.parse(text, format=ox.RdfFormat.N_QUADS)
    return ox.serialize(parsed, format=FORMATS[rdf_format], prefixes=short) or b""


def sorted_lines(quads: Iterable[Quad], *, merged: bool = False) -> list[str]:
    """Return quads as lines of N-Quads, each once: the default graph, then the others by name.

    Args:
        quads: In any order.
        merged: Whether to leave out the names of the graphs.
    """
    graphs: defaultdict[Term, list[Quad]] = defaultdict(list)
    for quad in quads:
        name = "" if merged else quad[3]
        graphs[name].append((*quad[:3], name))
    return [line for name in sorted(graphs, key=iri_of) for line in sorted(set(lines(graphs.pop(name))))]


def _subject(line: str) -> str:
    return line[: line.index(" ")]


def _not_type(line: str) -> bool:
    return not line.startswith(_TYPE_WRITTEN, line.index(" "))


def _jsonld(ordered: str, prefixes: dict[str, str]) -> bytes:
    """Return sorted lines of N-Quads as JSON-LD, one object a subject and line."""
    shorten = _Shortener(prefixes)
    objects: list[str] = []
    quads = ox.parse(ordered, format=ox.RdfFormat.N_QUADS)
    for graph, group in groupby(quads, lambda quad: quad.graph_name):
        nodes = [_json(node) for node in _nodes(group, shorten)]
        if isinstance(graph, ox.NamedNode):
            inside = ",\n  ".join(nodes)
            objects.append(f'{{"@id": {_json(shorten(graph.value))}, "@graph": [\n  {inside}]}}')
        else:
            objects += nodes
    if shorten.mistaken:
        return _jsonld(ordered, {p: iri for p, iri in prefixes.items() if p not in shorten.mistaken})
    body = ",\n".join(objects)
    return f'{{"@context": {_json(prefixes)},\n"@graph": [\n{body}\n]}}\n'.encode()


def _nodes(quads: Iterable[ox.Quad], shorten: _Shortener) -> Iterator[dict[str, Any]]:
    for subject, about in groupby(quads, lambda quad: quad.subject):
        node: dict[str, Any] = {"@id": shorten(subject.value)}
        for quad in about:
            value = quad.object
            if quad.predicate.value == _TYPE and isinstance(value, ox.NamedNode):
                node.setdefault("@type", []).append(shorten(value.value))
            else:
                node.setdefault(shorten(quad.predicate.value), []).append(_value(value, shorten))
        yield {key: found[0] if len(found) == 1 else found for key, found in node.items()} | {
            "@id": node["@id"]
        }


def _value(term: Any, shorten: _Shortener) -> str | dict[str, str]:
    if not isinstance(term, ox.Literal):
        return {"@id": shorten(term.value)}
    if term.language is not None:
        return {"@language": term.language, "@value": term.value}
    datatype = term.datatype.value
    return term.value if datatype == _STRING else {"@type": shorten(datatype), "@value": term.value}


class _Shortener:
    """Turns IRIs into their short forms.

    `mistaken` are the prefixes that some IRI has as its scheme: `org:x` would be read as a short form.
    """

    def __init__(self, prefixes: dict[str, str]) -> None:
        self._by_length = sorted(prefixes.items(), key=lambda item: (-len(item[1]), item[0]))
        self._prefixes = prefixes
        self.mistaken: set[str] = set()

    def __call__(self, iri: str) -> str:
        for prefix, start in self._by_length:
            # What follows the colon may not start with two slashes: that would be read as an IRI.
            if iri.startswith(start) and not iri.startswith("//", len(start)):
                return f"{prefix}:{iri[len(start) :]}"
        scheme = iri.partition(":")[0]
        if scheme in self._prefixes and not iri.startswith("://", len(scheme)):
            self.mistaken.add(scheme)
        return iri


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
