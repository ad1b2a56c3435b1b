"""Definitions of short forms."""

from __future__ import annotations

import pytest

from extractors import acronyms
from extractors.tokens import draft
from kg.model import Paper


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("with Zebra Stripe Learning (ZSL) here", {"ZSL": "Zebra Stripe Learning"}),
        ("with ZSL (Zebra Stripe Learning) here", {"ZSL": "Zebra Stripe Learning"}),
        ("many low-rank zebras (LRZs) here", {"LRZs": "low-rank zebras"}),
        ("the zebra-based tail search (ZTS) here", {"ZTS": "zebra-based tail search"}),
        ("we ran (in 2024) and (see below) this", {}),
        ("a plain word (XYZ) here", {}),
        ("our Dr. ZTS (ZTS Done Right) here", {}),
    ],
)
def test_definitions(text: str, found: dict[str, str]) -> None:
    state = draft(Paper("", text))
    acronyms.mark(state)
    assert acronyms.find_definitions(state) == found


def test_title_that_spells_its_name() -> None:
    state = draft(Paper("ZEST: Zebra Embeddings Space Transfer", ""))
    acronyms.mark(state)
    assert acronyms.find_definitions(state) == {"ZEST": "Zebra Embeddings Space Transfer"}
