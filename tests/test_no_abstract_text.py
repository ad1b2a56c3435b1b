"""Nobody else's sentences are in the repository."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RUN = 8


def runs(text: str) -> set[tuple[str, ...]]:
    """Return every run of so many words; a number is no word."""
    words = re.findall(r"[^\W_]*[^\W\d_][^\W_]*", re.sub(r"https?://\S+", " url0url ", text.casefold()))
    return {tuple(words[i : i + RUN]) for i in range(len(words) - RUN + 1)}


def committed() -> Iterator[tuple[str, str]]:
    """Yield name and text of each file that is or would be committed, packed ones unpacked."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True, text=True,
    ).stdout  # fmt: skip
    for name in filter(None, listed.split("\0")):
        try:
            data = (ROOT / name).read_bytes()
            text = (gzip.decompress(data) if name.endswith(".gz") else data).decode("utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue
        # Two strings beside each other are no sentence.
        yield name, text.replace('"', " quote0quote ") if ".jsonl" in name else text


def assert_nowhere(forbidden: set[tuple[str, ...]]) -> None:
    assert forbidden
    for name, text in committed():
        found = runs(text) & forbidden
        assert not found, f"{name} holds {' '.join(min(found))!r}"


@pytest.mark.shared
def test_no_eight_words_of_a_seed_abstract_are_committed(seeds: list[Path]) -> None:
    forbidden: set[tuple[str, ...]] = set()
    titles: set[tuple[str, ...]] = set()
    for page in seeds:
        for line in page.read_text(encoding="utf-8").split("\n"):
            (forbidden if len(line) > 300 else titles).update(runs(line))
    assert_nowhere(forbidden - titles)


@pytest.mark.shared
def test_no_eight_words_of_an_annotated_abstract_are_committed(shared: Path) -> None:
    with gzip.open(ROOT / "annotations" / "more.jsonl.gz", "rt", encoding="utf-8") as lines:
        more = {json.loads(line)["id"] for line in lines}
    forbidden: set[tuple[str, ...]] = set()
    titles: set[tuple[str, ...]] = set()
    with (
        (shared / "gold" / "train.jsonl").open(encoding="utf-8") as told,
        gzip.open(shared / "corpus" / "arxiv-abstracts.jsonl.gz", "rt", encoding="utf-8") as corpus,
    ):
        rows = map(json.loads, corpus)
        for row in (*map(json.loads, told), *(row for row in rows if row["id"] in more)):
            forbidden |= runs(row["abstract"])
            titles |= runs(row["title"])
    assert_nowhere(forbidden - titles)
