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


def many_papers(count: int) -> list[dict[str, object]]:
    """Return papers that each introduce a method of their own, all of which extend one."""
    return [
        {
            "id": f"2505.{number:05d}",
            "title": f"FooNet{number}: a method",
            "abstract": f"We introduce FooNet{number}, a method that extends GRPO. On MATH500, "
            f"FooNet{number} reaches an accuracy of {number % 90 + 1}.5%.",
            "published": f"2025-{number % 12 + 1:02d}-10",
        }
        for number in range(count)
    ]


def write_papers(path: Path, papers: Iterable[Mapping[str, object]]) -> Path:
    """Write papers as JSON Lines and return the path."""
    lines = [json.dumps(paper, ensure_ascii=False) + "\n" for paper in papers]
    path.write_text("".join(lines), encoding="utf-8")
    return path
