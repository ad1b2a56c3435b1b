"""Real spaCy pipelines as extractors, and the default extractor in real spaCy pipelines."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin

from extractors.checking import checked
from extractors.pipeline import extract as default
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


def ours(*before: Any) -> Language:
    nlp = rules(*before) if before else spacy.blank("en")
    nlp.add_pipe("abstractkg")
    return nlp


def test_as_a_component_it_sets_entities_and_the_extraction() -> None:
    (doc,) = ours().pipe([f"{PAPER.title}\n{PAPER.abstract}"])
    read = default(Paper(PAPER.title, PAPER.abstract))
    assert doc._.extraction == read
    assert read.relations and read.results
    spans = {s for m in read.mentions for s in m.spans}
    assert len(doc.ents) == len(spans)
    for mention in read.mentions:
        found = {e for e in doc.ents if e.id_ == mention.name}
        assert {e.label_ for e in found} == {mention.type}
        assert all(any(s.text in e.text for s in mention.spans) for e in found)


@pytest.mark.parametrize("text", ["", "\n", "GRPO", "\nWe use GRPO.", "𝒜 🚀\n\nWe use GRPO,\tPPO."])
def test_one_document_gets_what_it_gets_among_others(text: str) -> None:
    nlp = ours()
    alone = nlp(text)
    assert alone.text == text
    for doc in nlp.pipe([PAPER.abstract, text, PAPER.title]):
        if doc.text == text:
            assert [(e.start, e.end, e.label_) for e in doc.ents] == [
                (e.start, e.end, e.label_) for e in alone.ents
            ]
            assert doc._.extraction == alone._.extraction


def test_entities_of_components_before_stay() -> None:
    doc = ours([{"label": "MINE", "pattern": "extends GRPO"}])(f"{PAPER.title}\n{PAPER.abstract}")
    assert ("extends GRPO", "MINE") in {(e.text, e.label_) for e in doc.ents}
    assert "Method" in {e.label_ for e in doc.ents}


def test_documents_can_be_written_and_read_by_several_processes() -> None:
    nlp, text = ours(), f"{PAPER.title}\n{PAPER.abstract}"
    doc = nlp(text)
    again = Doc(nlp.vocab).from_bytes(doc.to_bytes())
    assert again._.extraction == doc._.extraction == default(Paper(PAPER.title, PAPER.abstract))
    assert DocBin(store_user_data=True, docs=[doc]).to_bytes()
    (one, two) = nlp.pipe([text, "GRPO"], n_process=2)
    assert one._.extraction == doc._.extraction and two.text == "GRPO"
    assert spacy.blank("en")("GRPO")._.extraction is None


def test_a_saved_pipeline_finds_the_component_by_its_entry_point(tmp_path: Path) -> None:
    ours().to_disk(tmp_path / "nlp")
    code = (
        "import spacy, sys; nlp = spacy.load(sys.argv[1]);"
        "print(*[(e.text, e.label_) for e in nlp('ZebraPO\\nWe propose ZebraPO, an algorithm.').ents])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "nlp")], capture_output=True, text=True, check=True
    )
    assert ran.stdout.split(")")[0] == "('ZebraPO', 'Method'"


def test_the_documented_component() -> None:
    text = (Path(__file__).parents[2] / "docs" / "extractors.md").read_text(encoding="utf-8")
    (code,) = re.findall(
        r"^```python\n((?:(?!^```).*\n)*.*add_pipe\(.abstractkg(?:(?!^```).*\n)*)^```", text, re.M
    )
    space: dict[str, Any] = {}
    exec(code, space)
    assert {e.label_ for e in space["doc"].ents if e.id_ == "ZebraPO"} == {"Method"}
    assert {m.name for m in space["doc"]._.extraction.mentions} >= {"ZebraPO", "GRPO"}


def test_the_default_extractor_does_not_wait_for_spacy() -> None:
    code = (
        "import sys, extractors; from kg.model import Paper;"
        "extractors.load()(Paper('ZebraPO', 'We propose ZebraPO.')); print('spacy' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
