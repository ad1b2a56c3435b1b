"""What every extractor of the table must do."""

from __future__ import annotations

import json

import pytest

from extractors import EXTRACTORS, extract_many, fingerprint, load
from kg.errors import UnknownNameError
from kg.extraction_json import from_json, to_json
from kg.model import ENTITY_TYPES, PAPER_HEAD, RELATION_TYPES, ROLES, Paper
from tests.chat_server import Answer, ChatServer

PAPERS = [
    Paper("", ""),
    Paper("A title alone", ""),
    Paper("", "An abstract alone."),
    Paper("🚀", "\n\t "),
    Paper(
        "ZebraPO: Policies for 𝒜 Zebras 🚀",
        "🤗 We propose Zebra Policy Optimization (ZebraPO), a framework that extends GRPO. "
        "𝒜 study on MATH500 and "
        "AIME24 with Qwen2.5-VL-7B shows that ZebraPO outperforms DPO by 4.5%. "
        "Code: https://github.com/x/SecretNet",
        id="1",
    ),
    Paper(
        r"Playing Pok\'emon with $\pi_0$",
        r"We introduce \textbf{G^2RPO}, an algorithm on top of $\pi_0$ for Pok\'emon. "
        r"G^2RPO reaches 51.2\% on LIBERO.",
        id="2",
    ),
]


SAID = {
    "entities": [
        {"name": n, "type": t, "role": "uses", "kind": None, "surfaces": [n, "not there"]}
        for n, t in [
            ("ZebraPO", "Method"),
            ("GRPO", "Method"),
            ("MATH500", "Benchmark"),
            ("abstract", "Task"),
        ]
    ],
    "relations": [{"head": "ZebraPO", "type": "extends", "tail": "GRPO"}],
    "results": [
        {"subject": "PAPER", "value": v, "benchmark": None, "metric": None, "baseline": None, "kind": "gain"}
        for v in ("4.5%", "51.2%")
    ],
}


@pytest.fixture(autouse=True)
def _answering(llm_environment: dict[str, str], chat_server: ChatServer) -> None:
    """Let the language-model extractor have somebody to ask."""
    chat_server.tell = lambda paper: Answer(json.dumps(SAID))


@pytest.mark.parametrize("name", sorted(EXTRACTORS))
@pytest.mark.parametrize("paper", PAPERS, ids=range(len(PAPERS)))
def test_extraction_keeps_the_contract(name: str, paper: Paper) -> None:
    extraction = load(name)(paper)
    assert (extraction.id, extraction.title) == (paper.id, paper.title)
    names = {m.name for m in extraction.mentions}
    for mention in extraction.mentions:
        assert mention.type in ENTITY_TYPES
        assert mention.role in ROLES
        assert mention.name
        places = [(span.field != "title", span.start, span.end) for span in mention.spans]
        assert places == sorted(set(places))
        assert (mention.kind in {"benchmark", "dataset", "environment"}) == (mention.type == "Benchmark")
        assert 0 <= mention.confidence <= 1
        assert round(mention.confidence, 3) == mention.confidence
        for span in mention.spans:
            assert paper.text(span.field)[span.start : span.end] == span.text
    for relation in extraction.relations:
        assert relation.type in RELATION_TYPES
        assert relation.head in names | {PAPER_HEAD}
        assert relation.tail in names
        assert relation.head != relation.tail
    for result in extraction.results:
        assert result.value in paper.abstract
        assert result.subject in names | {PAPER_HEAD}
    claims = [r.evidence for r in extraction.relations] + [r.evidence for r in extraction.results]
    for evidence in claims:
        assert 0 <= evidence.start < evidence.end <= len(paper.text(evidence.field))
    assert from_json(to_json(extraction)) == extraction


@pytest.mark.parametrize("name", sorted(EXTRACTORS))
def test_one_paper_does_not_change_the_next(name: str) -> None:
    extract = load(name)
    forward = [extract(paper) for paper in PAPERS]
    backward = [extract(paper) for paper in reversed(PAPERS)]
    assert forward == backward[::-1] == list(extract_many(PAPERS, extract))


def test_default_reads_what_is_plain() -> None:
    extraction = load()(PAPERS[4])
    by_name = {m.name: m for m in extraction.mentions}
    assert by_name["ZebraPO"].role == "introduces"
    assert by_name["ZebraPO"].type == "Method"
    assert "Zebra Policy Optimization" in by_name["ZebraPO"].surfaces
    assert by_name["MATH500"].type == "Benchmark"
    assert "SecretNet" not in by_name
    assert {"4.5%"} == {r.value for r in extraction.results}


def test_unknown_name_lists_the_choices() -> None:
    with pytest.raises(UnknownNameError, match="default"):
        load("nonesuch")
    with pytest.raises(UnknownNameError, match="default"):
        fingerprint("nonesuch")


def test_fingerprint_is_stable() -> None:
    assert fingerprint() == fingerprint()
