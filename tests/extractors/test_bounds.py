"""Stretches that recognition found are mended to whole names, one each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.bounds import names_within
from extractors.tokens import draft
from kg.model import Paper

PIECES = st.sampled_from(
    [
        "GRPO",
        "on",
        "the",
        "fly",
        "-",
        "(",
        ")",
        "{",
        "}",
        ",",
        " ",
        " ",
        " ",
        "and",
        "&",
        "2.0",
        "7B",
        "$",
        "/",
    ]
)


def mended(text: str, found: str, title: str = "") -> list[str]:
    """Return the names within what recognition took for one in an abstract."""
    state = draft(Paper(title, text))
    at = state.text.index(found, len(title) + 1)
    start = next(i for i, s in enumerate(state.starts) if s >= at)
    end = next(i + 1 for i, e in enumerate(state.ends) if e >= at + len(found))
    return [state.surface(*place) for place in names_within(state, start, end)]


@pytest.mark.parametrize(
    ("text", "found", "names"),
    [
        ("We use nn-MobileNet here.", "-MobileNet", ["nn-MobileNet"]),
        ("On $\\tau$-Bench it wins.", "-Bench", ["$\\tau$-Bench"]),
        ("The USM-CTC baseline.", "USM-", ["USM-CTC"]),
        ("A Trigger-based attack.", "Trigger-", ["Trigger"]),
        ("A diffusion (SDS) loss.", "SDS) loss", ["SDS"]),
        ("Search (MCTS) is used.", "Search (MCTS", ["Search"]),
        ("the {TREK) reward", "{TREK", ["TREK"]),
        ("Rules by AMIE 3.5.1 show", "AMIE", ["AMIE 3.5.1"]),
        ("Surpasses Florence-VL 8B on most", "Florence-VL", ["Florence-VL 8B"]),
        ("The PlantCLEF 2025 challenge", "PlantCLEF", ["PlantCLEF 2025"]),
        ("DiffTPT 6.78% and PPO", "DiffTPT", ["DiffTPT"]),
        ("GPT 2.5x faster", "GPT", ["GPT"]),
        ("by SAM + CSRT tracking", "SAM + CSRT", ["SAM", "CSRT"]),
        ("A U-Net+MiT-B3 model", "U-Net+MiT-B3", ["U-Net+MiT-B3"]),
        ("with Search and Rescue", "Search and Rescue", ["Search and Rescue"]),
        ("with o1 & o3 models", "o1 & o3", ["o1", "o3"]),
        ("only - here", "-", []),
    ],
)
def test_a_stretch_is_mended(text: str, found: str, names: list[str]) -> None:
    assert mended(text, found) == names


def test_no_name_goes_on_from_the_title_to_the_abstract() -> None:
    state = draft(Paper("Notes on AMIE", "3.5.1 is its version. -Bench is cut."))
    assert [state.surface(*p) for p in names_within(state, 2, 3)] == ["AMIE"]
    at = state.words.index("-")
    assert [state.surface(*p) for p in names_within(state, at, at + 2)] == ["Bench"]


@given(st.lists(PIECES, min_size=1, max_size=12), st.data())
def test_whatever_recognition_finds_names_stand_in_order_and_apart(
    pieces: list[str], data: st.DataObject
) -> None:
    state = draft(Paper("A title", "".join(pieces) + " end"))
    start = data.draw(st.integers(0, len(state.words) - 1))
    high = state.num_title if start < state.num_title else len(state.words)
    end = data.draw(st.integers(start + 1, high))
    places = list(names_within(state, start, end))
    bounds = [0, *(x for place in places for x in place), len(state.words)]
    assert bounds == sorted(bounds) and all(first < last for first, last in places)
    assert all((first < state.num_title) == (last <= state.num_title) for first, last in places)
    assert all(state.words[first] not in "-–—/,:;" for first, _ in places)
