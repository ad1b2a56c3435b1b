"""Properties of names that the graph's identity rests on."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kg.names import few_words, normal_form, slug
from kg.vocab import Namespace

NAMES = st.text(
    alphabet=st.one_of(
        st.sampled_from(list("aAbBpluStar012 +*-_/.^π∞τ~$\\{}")), st.characters(codec="utf-8")
    ),
    max_size=20,
)


@given(NAMES, NAMES)
def test_one_slug_is_one_normal_form(one: str, other: str) -> None:
    if slug(one) == slug(other) and normal_form(one):
        assert normal_form(one) == normal_form(other)


def test_marks_are_not_words() -> None:
    pairs = [("SAC+", "SAC plus"), ("A*", "A star"), ("A+B", "A plus B"), ("*Coder", "StarCoder")]
    for one, other in pairs:
        assert slug(one) != slug(other)


@given(NAMES)
def test_an_iri_comes_back(name: str) -> None:
    namespace = Namespace()
    node = f"entity:{slug(name)}"
    assert namespace.node_id(namespace.node(node)) == node


@given(st.text(max_size=200))
def test_few_words_are_few(text: str) -> None:
    assert few_words(few_words(text)) == few_words(text)
