"""Tokens keep every character and never swallow a name."""

from __future__ import annotations

import pytest

from extractors.tokens import URL_WORD, draft, tokenize
from kg.model import Paper

TEXTS = [
    "",
    " ",
    "plain words.",
    "two  spaces\tand\nlines ",
    " leading space",
    "🚀 LoRA 𝒜 ends 🤗",
    r"Pok\'emon and $\pi_0$ and G^2RPO, 10\% more",
    "see https://example.org/LoRA-x_y.html. Then (www.example.org/a) done",
]


@pytest.mark.parametrize("text", TEXTS)
def test_tokens_cover_all_but_white_space(text: str) -> None:
    covered = {i for start, end, _ in tokenize(text) for i in range(start, end)}
    assert covered == {i for i, char in enumerate(text) if not char.isspace()}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("GRPO-based", ["GRPO", "-", "based"]),
        ("Qwen2.5-VL-7B", ["Qwen2.5", "-", "VL", "-", "7B"]),
        (r"Pok\'emon", ["Pok", r"\'", "emon"]),
        (r"$\pi_0$", ["$", r"\pi", "_", "0", "$"]),
        ("G^2RPO", ["G", "^", "2RPO"]),
        ("1,200 of them", ["1,200", "of", "them"]),
    ],
)
def test_cuts(text: str, words: list[str]) -> None:
    assert [text[s:e] for s, e, _ in tokenize(text)] == words


def test_addresses_are_one_word() -> None:
    state = draft(Paper("T", "Code: https://github.com/x/GRPO-lab and foo.github.io."))
    assert state.words.count(URL_WORD) == 2
    assert "GRPO" not in state.words


def test_spans_count_code_points_of_their_field() -> None:
    paper = Paper("𝒜 title", "🚀🤗 𝒜 uses LoRA.")
    state = draft(paper)
    for i in range(len(state.words)):
        span = state.span(i, i + 1)
        assert paper.text(span.field)[span.start : span.end] == span.text


def test_sentences_end_at_title_and_full_stops_only() -> None:
    state = draft(Paper("One", "It is, e.g. Good, v1.5. We go on. End"))
    assert state.sentence[-1] == 3
