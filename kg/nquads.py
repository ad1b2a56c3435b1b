"""Terms and quads as N-Quads writes them.

A graph of millions of quads is made twice as fast from text as from objects, and its bytes are known before
any library has a say. No blank nodes; IRIs are written as they are, so they must be valid.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import pyoxigraph as ox

from kg import terms

Term = str
"""An IRI or a literal as N-Quads writes it."""
Quad = tuple[Term, Term, Term, Term]
"""Subject, predicate, object, and the name of the graph; this is empty for the default graph."""

_SPECIAL: Final = re.compile(r'[\x00-\x1f"\\\x7f]')
_ESCAPES: Final = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def iriref(value: str) -> Term:
    """Return an IRI as a term.

    >>> iriref("https://w3id.org/abstractkg/entity/grpo")
    '<https://w3id.org/abstractkg/entity/grpo>'
    """
    return f"<{value}>"


@lru_cache(maxsize=4096)
def term(curie: str) -> Term:
    """Return a term of a vocabulary by its short form; one that the graph does not use raises.

    >>> term("akg:uses")
    '<https://w3id.org/abstractkg/ns#uses>'
    """
    return iriref(terms.term(curie))


def literal(text: str, *, datatype: str = "", language: str = "") -> Term:
    r"""Return a literal as a term.

    Args:
        text: What it says.
        datatype: Local name of an XSD datatype; none for plain text.
        language: A language tag.

    >>> literal('GRPO "zero"\n'), literal("3", datatype="integer"), literal("dataset", language="en")
    ('"GRPO \\"zero\\"\\n"', '"3"^^<http://www.w3.org/2001/XMLSchema#integer>', '"dataset"@en')
    """
    written = f'"{_SPECIAL.sub(_escaped, text)}"'
    if datatype:
        return f"{written}^^{term('xsd:' + datatype)}"
    return f"{written}@{language}" if language else written


def _escaped(found: re.Match[str]) -> str:
    return _ESCAPES.get(found[0]) or f"\\u{ord(found[0]):04X}"


def iri_of(written: Term) -> str:
    """Return the IRI of a term that `iriref` made.

    >>> iri_of("<https://w3id.org/abstractkg/entity/grpo>")
    'https://w3id.org/abstractkg/entity/grpo'
    """
    return written[1:-1]


def lines(quads: Iterable[Quad]) -> list[str]:
    r"""Return the line of each quad in an N-Quads file; without a graph it is one of N-Triples too.

    >>> lines([("<a:b>", "<a:c>", '"d"', "")])
    ['<a:b> <a:c> "d" .\n']
    """
    return [f"{s} {p} {o} {g} .\n" if g else f"{s} {p} {o} .\n" for s, p, o, g in quads]


def document(quads: Iterable[Quad]) -> str:
    """Return quads as the text of an N-Quads file, a line each.

    >>> document([("<a:b>", "<a:c>", '"d"', ""), ("<a:b>", "<a:c>", '"d"', "<a:g>")]).splitlines()
    ['<a:b> <a:c> "d" .', '<a:b> <a:c> "d" <a:g> .']
    """
    return "".join(lines(quads))


def parse(quads: Iterable[Quad]) -> list[ox.Quad]:
    """Return quads as objects of pyoxigraph.

    Raises:
        SyntaxError: a term is no valid IRI or literal.

    >>> parse([("<a:b>", "<a:c>", '"d"', "")])[0].object.value
    'd'
    """
    return list(ox.parse(document(quads), format=ox.RdfFormat.N_QUADS))
