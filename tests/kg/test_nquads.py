"""Terms and quads as text: the same bytes that pyoxigraph writes."""

from __future__ import annotations

from typing import Final

import pyoxigraph as ox
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kg.errors import UnknownNameError
from kg.nquads import document, iri_of, iriref, literal, parse, term
from kg.vocab import PREFIXES

NODE: Final = iriref("https://w3id.org/abstractkg/entity/a")
TEXT: Final = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@given(TEXT)
@example('"\\\b\t\n\f\r\x00\x0b\x1f\x7f\x85\u2028🤖')
def test_a_literal_is_written_as_pyoxigraph_writes_it(text: str) -> None:
    assert literal(text) == str(ox.Literal(text))
    assert literal(text, language="en") == str(ox.Literal(text, language="en"))
    decimal = ox.NamedNode(PREFIXES["xsd"] + "decimal")
    assert literal(text, datatype="decimal") == str(ox.Literal(text, datatype=decimal))


@given(TEXT, st.booleans())
def test_a_quad_comes_back(text: str, named: bool) -> None:
    quad = (NODE, term("skos:prefLabel"), literal(text), NODE if named else "")
    (found,) = parse([quad])
    assert isinstance(found.object, ox.Literal) and found.object.value == text
    assert isinstance(found.graph_name, ox.NamedNode) == named
    assert document([quad]).encode() == ox.serialize([found], format=ox.RdfFormat.N_QUADS)


def test_an_iri_comes_out_of_its_term() -> None:
    assert iri_of(NODE) == "https://w3id.org/abstractkg/entity/a"


def test_what_is_no_term_raises() -> None:
    with pytest.raises(UnknownNameError, match="akg:uses"):
        term("akg:use")
    with pytest.raises(SyntaxError):
        parse([(iriref("no iri <>"), term("akg:uses"), NODE, "")])
