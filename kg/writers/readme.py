"""The README of an exports folder: what each file holds, with true counts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from kg.graph import KnowledgeGraph
from kg.writers import WRITERS


def exports_readme(graph: KnowledgeGraph, files: Iterable[Path], min_confidence: float = 0.0) -> str:
    """Return a Markdown page with a table of the files and a table of counts."""
    holds = {writer.file: writer.holds for writer in WRITERS.values()}
    lines = [
        "# Exports",
        "",
        "Generated; do not edit. They carry titles, names, offsets and numbers, no text of an abstract.",
        *([f"What is less than {min_confidence:g} sure is left out."] if min_confidence else []),
        "",
        "| file | holds | bytes | SHA-256 (first 12) |",
        "| --- | --- | --- | --- |",
    ]
    for path in sorted(files):
        data = path.read_bytes()
        digest = hashlib.sha256(data).hexdigest()[:12]
        lines.append(f"| `{path.name}` | {holds[path.name]} | {len(data):,} | `{digest}` |")
    lines += [
        "| `explorer.html` | the graph to look at, one file that asks no host for anything | | |",
        "",
        "| count of | |",
        "| --- | --- |",
    ]
    lines += [f"| {name} | {count:,} |" for name, count in graph.counts().items()]
    return "\n".join(lines) + "\n"
