"""A small graph whose titles and names would be markup, formulas or commands if anybody let them."""

from __future__ import annotations

from kg.graph import KnowledgeGraph
from kg.model import (
    EntityType,
    Evidence,
    Extraction,
    Link,
    Mention,
    Paper,
    Relation,
    Result,
    Role,
    Span,
)
from kg.pipeline import assemble

SCRIPT = "<script>alert(1)</script>"
NAMES = (SCRIPT, "\"quotes\" & 'more'", "שלום עולם", "x" * 500, "π0 🤖 $x_1$", "a | b *c* `d` _e_")


def hostile_graph(*, dates: bool = True) -> KnowledgeGraph:
    """Return six papers, each of a title like its method's name; each uses GRPO and tests on MATH500."""
    papers, extractions = [], []
    for i, name in enumerate(NAMES):
        abstract = f"We extend GRPO to {name} and reach 4{i}.5% on MATH500."
        at = {word: abstract.index(word) for word in ("GRPO", name, "MATH500")}
        links = (Link("code", "javascript:alert(1)"), Link("code", f'https://example.org/{i}?a="b"&c=<d>'))
        id = f"2505.{i:05d}"
        published = f"2025-0{i + 1}-1{i}" if dates and i < 5 else None
        papers.append(Paper(f"{name}: a paper", abstract, id, published, urls=links))

        kinds: list[tuple[str, EntityType, Role, str | None]] = [
            (name, "Method", "introduces", None),
            ("GRPO", "Method", "uses", None),
            ("MATH500", "Benchmark", "evaluates_on", "benchmark"),
        ]
        mentions = tuple(
            Mention(word, kind, role, 0.9, (Span("abstract", at[word], at[word] + len(word), word),), sort)
            for word, kind, role, sort in kinds
        )
        evidence = Evidence("abstract", 0, len(abstract))
        relations = (
            Relation(name, "extends", "GRPO", 0.8, evidence),
            Relation(name, "evaluated_on", "MATH500", 0.7, evidence),
        )
        result = Result(name, f"4{i}.5%", "MATH500", "accuracy", None, "absolute", 0.9, evidence)
        extractions.append(Extraction(id, papers[-1].title, mentions, relations, (result,)))
    return assemble(papers, extractions, base="https://w3id.org/abstractkg/")
