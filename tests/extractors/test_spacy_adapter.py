"""Real spaCy pipelines as extractors."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import spacy
from spacy.language import Language

from extractors.checking import checked
from extractors.spacy_adapter import from_language
from kg.errors import ExtractorError
from kg.model import Paper

PAPER = Paper(
    "ZebraPO: Policies for 𝒜 Zebras 🚀",
    "🤗 We propose Zebra Policy Optimization (ZebraPO), which extends GRPO. 𝒜 test on MATH500 shows that "
    "ZebraPO outperforms GRPO by 4.5%. GRPO-based code: https://github.com/x/GRPO",
    id="1",
)
PATTERNS: list[dict[str, Any]] = [
    {"label": "ALGORITHM", "pattern": "ZebraPO"},
    {"label": "ALGORITHM", "pattern": "GRPO"},
    {"label": "DATA", "pattern": "MATH500"},
    {"label": "ANIMAL", "pattern": "Zebras"},
]
LABELS: dict[str, Any] = {"ALGORITHM": "Method", "DATA": "Benchmark"}


def rules(patterns: list[dict[str, Any]] = PATTERNS) -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns(patterns)  # type: ignore[attr-defined]
    return nlp


def test_names_of_the_pipeline_roles_and_relations_of_ours() -> None:
    read = checked(PAPER, from_language(rules(), labels=LABELS, name="rules")(PAPER))
    assert {m.name: m.type for m in read.mentions} == {
        "ZebraPO": "Method",
        "GRPO": "Method",
        "MATH500": "Benchmark",
    }
    by_name = {m.name: m for m in read.mentions}
    assert (by_name["ZebraPO"].role, by_name["MATH500"].role) == ("introduces", "evaluates_on")
    assert "Zebra Policy Optimization" in by_name["ZebraPO"].surfaces
    assert {m.extractor for m in read.mentions} == {"rules"}
    assert ("ZebraPO", "GRPO") in {(r.head, r.tail) for r in read.relations}
    assert [r.value for r in read.results] == ["4.5%"]
    text = PAPER.abstract
    assert [text[s.end : s.end + 6] for s in by_name["GRPO"].spans if s.field == "abstract"][-1] == "-based"


def test_only_mentions() -> None:
    read = checked(PAPER, from_language(rules(), labels=LABELS, only_mentions=True, confidence=0.25)(PAPER))
    assert (read.relations, read.results) == ((), ())
    assert {(m.role, m.kind, m.confidence) for m in read.mentions} == {
        ("mentions", None, 0.25),
        ("mentions", "benchmark", 0.25),
    }


def test_labels_are_our_types_without_a_map() -> None:
    nlp = rules([{"label": "Model", "pattern": [{"LOWER": "zebra"}, {"TEXT": "-"}, {"LOWER": "vl"}]}])
    read = from_language(nlp)(Paper("T", "We use Zebra-VL and zebra-vl."))
    assert [(m.name, m.type, m.surfaces) for m in read.mentions] == [
        ("Zebra-VL", "Model", ("Zebra-VL", "zebra-vl"))
    ]


def test_a_component_of_the_user_with_scores() -> None:
    @Language.component("zebra_finder")
    def find(doc: Any) -> Any:
        doc.ents = [
            doc.char_span(i, i + 5, label="Concept")
            for i in range(len(doc.text))
            if doc.text[i:].startswith("zebra")
        ]
        return doc

    nlp = spacy.blank("xx")
    nlp.add_pipe("zebra_finder")
    extract = from_language(nlp, confidence=lambda e: 0.5 if e.start else 1.0, fingerprint="1")
    read = checked(Paper("zebra", "a zebra"), extract(Paper("zebra", "a zebra")))
    assert [(m.name, len(m.spans)) for m in read.mentions] == [("zebra", 2)]


@pytest.mark.parametrize("text", ["", " ", "🚀", "\n\t"])
def test_texts_without_words(text: str) -> None:
    paper = Paper(text, text)
    assert checked(paper, from_language(rules())(paper)).mentions == ()


def test_wrong_types_are_refused() -> None:
    wrong: Any = {"ALGORITHM": "Algorithm"}
    with pytest.raises(ExtractorError, match="there are: Method"):
        from_language(rules(), labels=wrong)


def test_the_fingerprint_follows_what_the_pipeline_holds() -> None:
    nlp = rules()
    extract = from_language(nlp, labels=LABELS)
    before = extract.fingerprint
    extract(PAPER)
    assert (
        from_language(nlp, labels=LABELS).fingerprint
        == before
        == from_language(rules(), labels=LABELS).fingerprint
    )
    others = [
        from_language(rules(PATTERNS[:2]), labels=LABELS),
        from_language(rules(), labels={"DATA": "Benchmark"}),
        from_language(rules(), labels=LABELS, only_mentions=True),
        from_language(rules(), labels=LABELS, confidence=0.5),
        from_language(rules(), labels=LABELS, fingerprint="1"),
    ]
    assert len({before, *(e.fingerprint for e in others)}) == 6


def test_the_fingerprint_is_the_same_in_another_process() -> None:
    code = (
        "from tests.extractors.test_spacy_adapter import *;"
        "print(from_language(rules(), labels=LABELS).fingerprint)"
    )
    ran = [
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ".", "PATH": ""},
        ).stdout
        for seed in ("1", "2")
    ]  # fmt: skip
    assert ran[0] == ran[1] != ""
