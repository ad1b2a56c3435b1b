"""A graph whose names would break a careless page: markup, quotes, right-to-left, formulas, very long."""

from __future__ import annotations

from kg.graph import KnowledgeGraph, build_graph
from kg.model import Entity, EntityType, Evidence, Extraction, Mention, Paper, Relation, Result, Span
from kg.resolve import Resolution

SCRIPT = "<script>alert(1)</script>"
FORMULA = "=HYPERLINK(1)"
NAMES = [SCRIPT, "\"quotes\" & 'more' </script>", "שלום עולם", "x" * 500, "π0 🤖\u2028line", "GRPO", FORMULA]
TYPES: tuple[EntityType, ...] = ("Method", "Model", "Benchmark", "Organization", "Task", "Concept", "Metric")
START = "𝒜 🤖 Here "
END = " stands <b>bold</b>."


def hostile_graph(*, reverse: bool = False) -> KnowledgeGraph:
    """Return twenty papers with forty entities; `reverse` puts them together the other way round."""
    names = [NAMES[i] if i < len(NAMES) else f"Thing {i}" for i in range(40)]
    slugs = ["grpo" if name == "GRPO" else f"thing-{i}" for i, name in enumerate(names)]
    papers, extractions, of = [], [], {}
    for i in range(20):
        id = f"2505.{i:05d}"
        named = sorted({5, *range(i, i + 4)})
        abstract = "".join(f"{START}{names[k]}{END} " for k in named)
        paper = Paper(
            f"Paper {i} about {names[i % len(NAMES)]}", abstract, id, published=f"2025-{i % 12 + 1:02d}"
        )
        mentions, at = [], 0
        for k in named:
            start = at + len(START)
            span = Span("abstract", start, start + len(names[k]), names[k])
            role = "introduces" if k == i else "uses"
            mentions.append(Mention(names[k], TYPES[k % 7], role, 0.9, (span,), None, "made-up"))  # type: ignore[arg-type]
            at = start + len(names[k] + END) + 1
            of[id, names[k], TYPES[k % 7] == "Organization"] = slugs[k]
        evidence = Evidence("abstract", 0, len(START))
        relations = (Relation(names[named[0]], "extends", "GRPO", 0.8, evidence),)
        result = Result("GRPO", "4.5%", names[2], "accuracy", None, "gain", 0.9, evidence)
        papers.append(paper)
        extractions.append(Extraction(id, paper.title, tuple(mentions), relations, (result,)))
    counts = [sum(slug == found for found in of.values()) for slug in slugs]
    entities = tuple(
        Entity(slugs[i], names[i], TYPES[i % 7], None, (names[i], f"also-{i}"), counts[i])
        for i in sorted(range(40), key=slugs.__getitem__)
    )
    step = -1 if reverse else 1
    return build_graph(papers[::step], extractions[::step], Resolution(entities, of))
