"""Papers made up for the tests of the server."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

SCRIPT = "<script>alert(1)</script>"
RTL = "שלום עולם على"
HOSTILE_PAPERS: list[dict[str, object]] = [
    {
        "id": f"2505.0000{number}",
        "title": title,
        "abstract": f"We introduce FooNet{number}, {SCRIPT} a method that extends GRPO. 𝒜 🤖 On MATH500, "
        f"FooNet{number} reaches an accuracy of 9{number}.5%, and \"quotes\" & 'more' </p> stay.",
        "published": f"2025-05-1{number}",
        "authors": [f"A. {SCRIPT}", "Zoë Ünal"],
    }
    for number, title in enumerate(
        [
            f"FooNet0: {SCRIPT} in a title",
            "FooNet1: \"quotes\" & 'more' </title></script>",
            f"FooNet2: {RTL}",
            "FooNet3: " + "long" * 123,
            "FooNet4: 𝒜 🤖 and GRPO",
        ]
    )
]


def write_papers(path: Path, papers: Iterable[Mapping[str, object]]) -> Path:
    """Write papers as JSON Lines and return the path."""
    lines = [json.dumps(paper, ensure_ascii=False) + "\n" for paper in papers]
    path.write_text("".join(lines), encoding="utf-8")
    return path
