"""The trained models as they are read: chances sum to one, equal what the definitions say, survive a file."""

from __future__ import annotations

from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pycrfsuite
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import extractors
from extractors import acronyms, grouping, known, lexicon, sequence, weights
from extractors.crf import LinearChain
from extractors.document import Draft, Found
from extractors.measures import COLUMN, NAMES, measure
from extractors.sequence import Recognizer
from extractors.tokens import draft
from extractors.trees import Trees
from kg.model import Paper

TEXTS = [
    Paper(
        "ZTS: Zebra Tail Search",
        "We propose Zebra Tail Search (ZTS), a method. ZTS beats PPO on MATH500 by 3%.",
    ),
    Paper("", ""),
    Paper("On zebras", "Nothing."),
]


def small_chain(seed: int, labels: int = 3) -> LinearChain:
    numbers = np.random.default_rng(seed)
    names = {f"f{i}": i for i in range(4)}
    return LinearChain(
        tuple("ABC"[:labels]),
        names,
        numbers.normal(size=(4, labels)).astype(np.float32),
        numbers.normal(size=(labels, labels)),
    )


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.lists(st.integers(1, 5), min_size=1, max_size=4))
def test_marginals_are_those_of_all_paths_whatever_the_company(seed: int, lengths: list[int]) -> None:
    chain = small_chain(seed)
    numbers = np.random.default_rng(seed + 1)
    scores = [numbers.normal(size=(length, 3)).astype(np.float32) for length in lengths]
    for text, found in zip(scores, chain.marginals(scores), strict=True):
        expected = np.zeros((len(text), 3))
        for path in product(range(3), repeat=len(text)):
            total = sum(float(text[i, label]) for i, label in enumerate(path))
            total += sum(chain.transitions[a, b] for a, b in pairwise(path))
            expected[np.arange(len(text)), path] += np.exp(total)
        assert np.allclose(found, expected / expected.sum(axis=1, keepdims=True))
        assert (chain.marginals([text])[0] == found).all()


def test_a_model_of_crfsuite_is_read_as_it_judges(tmp_path: Path) -> None:
    trainer = pycrfsuite.Trainer(verbose=False)
    for n in range(20):
        trainer.append([["zebra", "x"], ["lion"], ["x"]], ["A", "B" if n % 3 else "A", "B"])
    trainer.set_params({"max_iterations": 20})
    trainer.train(str(tmp_path / "m"))
    tagger = pycrfsuite.Tagger()
    tagger.open(str(tmp_path / "m"))
    chain = LinearChain.from_crfsuite(tmp_path / "m")
    items = [["zebra"], ["lion", "unknown"], ["x"], []]
    tagger.set(items)
    found = chain.marginals([chain.sums(items)])[0]
    for place in range(len(items)):
        for column, label in enumerate(chain.labels):
            assert found[place, column] == pytest.approx(tagger.marginal(label, place), abs=1e-5)


def test_a_chain_survives_its_file() -> None:
    chain = small_chain(1)
    again = LinearChain.from_bytes(chain.to_bytes())
    assert (again.labels, again.rows) == (chain.labels, chain.rows)
    assert np.allclose(again.weights, chain.weights, atol=2e-3)
    assert again.to_bytes() == LinearChain.from_bytes(again.to_bytes()).to_bytes()


def test_trees_ask_their_questions() -> None:
    trees = Trees(
        labels=("A", "B"),
        columns=np.array([[0, 1]], np.int16),
        borders=np.array([[0.5, 2.0]], np.float32),
        leaves=np.array([[[0, 0], [1, 0], [0, 2], [0, 3]]], np.float32),
        start=np.array([0, 0.5], np.float32),
    )
    numbers = np.array([[0, 0], [1, 0], [0, 3], [1, 3]], np.float32)
    odds = np.exp(np.array([[0, 0.5], [1, 0.5], [0, 2.5], [0, 3.5]]))
    assert np.allclose(trees.probabilities(numbers), odds / odds.sum(axis=1, keepdims=True))
    assert trees.probabilities(numbers[:0]).shape == (0, 2)
    again = Trees.from_bytes(trees.to_bytes())
    assert (again.probabilities(numbers) == trees.probabilities(numbers)).all()


def test_trees_of_catboost_judge_alike(tmp_path: Path) -> None:
    import catboost

    numbers = np.random.default_rng(0).normal(size=(300, 5)).astype(np.float32)
    classes = (numbers[:, 0] > 0).astype(int) + (numbers[:, 1] > 0.3)
    model = catboost.CatBoostClassifier(
        iterations=12, depth=3, loss_function="MultiClass", verbose=False, allow_writing_files=False
    ).fit(numbers, classes)
    model.save_model(str(tmp_path / "m.json"), format="json")
    trees = Trees.from_catboost(tmp_path / "m.json", ("a", "b", "none", "c"), np.array([0, 1, 3]))
    found = trees.probabilities(numbers)
    assert np.allclose(found[:, [0, 1, 3]], model.predict_proba(numbers), atol=1e-5)
    assert (found[:, 2] < 1e-9).all()


def drafts(papers: list[Paper]) -> list[Draft]:
    out = []
    for paper in papers:
        state = draft(paper)
        acronyms.mark(state)
        known.mark(state)
        lexicon.mark(state)
        out.append(state)
    return out


def test_what_recognition_sees_of_a_text_is_what_it_was_trained_on() -> None:
    from extractors.features import sequence_features

    recognizer = sequence.recognizer()
    for state in drafts(TEXTS):
        if state.words:
            expected = recognizer.chain.sums(sequence_features(state))
            assert np.allclose(recognizer.scores([state])[0], expected, atol=1e-4)


def test_many_at_once_give_what_one_gives() -> None:
    recognizer = Recognizer(weights.chain("sequence"))
    together = drafts(TEXTS * 2)
    recognizer(together)
    for state, paper in zip(together, TEXTS * 2, strict=True):
        alone = drafts([paper])
        recognizer(alone)
        assert state.found == alone[0].found
    extract = extractors.load()
    assert list(extractors.extract_many(TEXTS)) == [extract(paper) for paper in TEXTS]


def test_words_are_forgotten_without_a_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    recognizer = Recognizer(weights.chain("sequence"))
    (state,) = drafts(TEXTS[:1])
    (first,) = recognizer.scores([state])
    monkeypatch.setattr(sequence, "MOST_WORDS", 3)
    assert (recognizer.scores([state])[0] == first).all()
    assert len(recognizer._words) <= len({*state.words, ""})


def test_measures_count_what_stands_there() -> None:
    (state,) = drafts(TEXTS[:1])
    start = state.words.index("PPO")
    state.found = [Found(start, start + 1, "Method", 0.9, "sequence")]
    grouping.group(state)
    (numbers,) = measure(state)
    assert len(numbers) == len(NAMES)

    def value(name: str) -> float:
        return float(numbers[COLUMN[name]])

    assert value("places") == value("in abstract") == 1
    assert value("in title") == 0
    assert value("capitals") == value("characters") == 3
    assert value("known Method") == 1
    assert value("sentence before cmp") == 1
    assert value("to introduce") == 99


def test_lexicon_takes_the_longest_name_and_minds_case() -> None:
    import gzip

    content = "zebra net\t3\t9000000\nZTS\t2\t0900000\nzebrafication\t2\t0000090\n"
    names = lexicon.read(gzip.compress(content.encode()))
    state = draft(Paper("", "Zebra Net, zts, ZTS and Zebrafication, zebra"))
    lexicon.mark(state, names)
    assert [(state.surface(s, e), entry.papers) for s, (e, entry) in state.lexical.items()] == [
        ("Zebra Net", 3),
        ("ZTS", 2),
        ("Zebrafication", 2),
    ]
    assert next(iter(state.lexical.values()))[1].begins[0] == "lxBMethod"
