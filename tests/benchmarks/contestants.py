"""What the benchmark sets side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kg.model import Paper
from tests.benchmarks.papers import ROOT, text_of

MODEL: Final = ROOT / "build" / "bench" / "spacy-ner"
"""Where `make bench-train` stores spaCy's recogniser."""
FACTS: Final = MODEL / "trained.json"
"""How it was trained; it is written last, so without it there is no finished model."""
Run = Callable[[Sequence[Paper]], list[dict[str, Any]]]
"""Works through papers; gives an extraction row of each, or none where nothing is extracted."""


def _tokenizer() -> Run:
    import spacy

    tokenizer = spacy.blank("en").tokenizer

    def run(papers: Sequence[Paper]) -> list[dict[str, Any]]:
        for paper in papers:
            tokenizer(text_of(paper))
        return []

    return run


def _spacy_ner() -> Run:
    from tests.benchmarks import spacy_ner

    nlp = spacy_ner.load(MODEL)
    return lambda papers: spacy_ner.predict(nlp, papers)


def _default() -> Run:
    from extractors import extract_many, load
    from kg.extraction_json import to_json

    extract = load()
    return lambda papers: [to_json(found) for found in extract_many(papers, extract)]


@dataclass(frozen=True, slots=True)
class Contestant:
    """Something to measure: what people call it, how it is made, and whether anew for each round."""

    title: str
    make: Callable[[], Run]
    scored: bool = True
    anew: bool = False


CONTESTANTS: Final[dict[str, Contestant]] = {
    "tokenizer": Contestant("spaCy's blank tokenizer, new vocabulary", _tokenizer, scored=False, anew=True),
    "warm": Contestant("spaCy's blank tokenizer, kept vocabulary", _tokenizer, scored=False),
    "spacy-ner": Contestant("spaCy's NER, same annotations", _spacy_ner),
    "default": Contestant("abstractkg's default extractor", _default),
}
BASE: Final = "tokenizer"
"""The contestant to whose speed the others are set."""
