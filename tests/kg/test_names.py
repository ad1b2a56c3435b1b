"""Properties of names that the graph's identity rests on."""

from __future__ import annotations

import gc
import weakref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.names import clean_latex, display_name, few_words, normal_form, slug, title_key
from kg.vocab import Namespace

NAMES = st.text(
    alphabet=st.one_of(
        st.sampled_from(list("aAbBpluStar012 +*-_/.^π∞τ~$\\{}")), st.characters(codec="utf-8")
    ),
    max_size=20,
)


MACROS = (
    r"\textcolor",
    r"\href",
    r"\texttt",
    r"\frac",
    r"\sqrt",
    r"\input",
    r"\binom",
    r"\cite",
    r"\begin{x}",
)
LATEX = st.lists(st.sampled_from([*MACROS, *r"{}[]$_^&%~\ a", "X1"]), max_size=8)


@pytest.mark.parametrize(
    "torn", [r"\textcolor{red}", r"\sqrt\input^", r"\frac\href[\cite", r"^\binomX1&\href"]
)
def test_torn_latex_stays_as_it_is(torn: str) -> None:
    assert clean_latex(torn) == torn


@given(LATEX)
def test_no_latex_is_too_torn_for_a_name(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert display_name(text) or not text.strip()
    normal_form(text), slug(text), title_key(text)


@pytest.mark.parametrize("text", [r"$\alpha_7$ \textbf{Kept}", r"\frac{kept}", r"$\mathcal kept", "a$kept"])
def test_reading_latex_keeps_nothing_of_its_caller(text: str) -> None:
    """pylatexenc leaves cycles behind; a caller's papers must not hang in them until the next collection."""

    class Held:
        pass

    def caller() -> weakref.ref[Held]:
        held = Held()
        clean_latex(text)
        return weakref.ref(held)

    gc.disable()
    try:
        assert caller()() is None
    finally:
        gc.enable()


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
