"""Nobody else's sentences are in the repository."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RUN = 8


def runs(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"[^\W_]+", re.sub(r"https?://\S+", " url0url ", text.casefold()))
    return {tuple(words[i : i + RUN]) for i in range(len(words) - RUN + 1)}


@pytest.mark.shared
def test_no_eight_words_of_a_seed_abstract_are_committed(seeds: list[Path]) -> None:
    forbidden: set[tuple[str, ...]] = set()
    titles: set[tuple[str, ...]] = set()
    for page in seeds:
        for line in page.read_text(encoding="utf-8").split("\n"):
            (forbidden if len(line) > 300 else titles).update(runs(line))
    forbidden -= titles
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True, text=True,
    ).stdout  # fmt: skip
    assert forbidden
    for name in filter(None, listed.split("\0")):
        try:
            text = (ROOT / name).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue
        found = runs(text) & forbidden
        assert not found, f"{name} holds {' '.join(min(found))!r}"
