"""Made-up extractions over few names, so that homonyms, long forms and ties come up often."""

from __future__ import annotations

from hypothesis import strategies as st

from kg.model import Affiliation, EntityType, Extraction, Mention, Paper, Role, Span

NAMES: tuple[tuple[str, ...], ...] = (
    ("QZPO", "Quick Zonal Policy Optimization"),
    ("QZPO", "Quantile Zero Preference Optimisation"),
    ("QZPO",),
    ("Quick Zonal Policy Optimization",),
    ("quick zonal policy optimizations",),
    ("QZP", "Quick Zonal Policy Optimization"),
    ("Zorb-Net",),
    ("ZorbNet",),
    ("zorb nets",),
    ("ZORB",),
    ("zorb",),
    ("GRPO", "Group Relative Policy Optimization"),
    ("GRPO", "Gated Recursive Parse Operator"),
    ("GRPO",),
    ("MATH",),
    ("math",),
    ("Zorb Labs",),
    ("QZPO Quick Zonal Policy Optimization",),
    ("DG", "domain generalisation"),
    ("DG",),
    ("Domain Generalization",),
)
TYPES: tuple[EntityType, ...] = ("Method", "Model", "Benchmark", "Concept", "Organization")
ROLES: tuple[Role, ...] = ("uses", "introduces")


def mention(*surfaces: str, type_: EntityType = "Method", role: Role = "uses") -> Mention:
    """Return a mention whose name is the first surface."""
    spans = tuple(Span("abstract", i, i + len(s), s) for i, s in enumerate(surfaces))
    return Mention(surfaces[0], type_, role, 0.9, spans)


def mentions() -> st.SearchStrategy[Mention]:
    """Return made-up mentions."""
    return st.builds(
        lambda names, type_, role: mention(*names, type_=type_, role=role),
        st.sampled_from(NAMES),
        st.sampled_from(TYPES),
        st.sampled_from(ROLES),
    )


def extraction(paper: str, found: list[Mention]) -> Extraction:
    """Return the extraction of a paper; one mention a name and whether it is an organisation."""
    once = {(m.name, m.type == "Organization"): m for m in found}
    return Extraction(paper, f"T{paper}", tuple(once.values()))


def extractions() -> st.SearchStrategy[list[Extraction]]:
    """Return up to twelve made-up papers' extractions, by paper id."""
    return st.lists(st.lists(mentions(), max_size=4), max_size=12).map(
        lambda papers: [extraction(str(number), found) for number, found in enumerate(papers)]
    )


def paper_of(read: Extraction) -> Paper:
    """Return the paper of an extraction; every third has an organisation line."""
    lines = (Affiliation("Zorb Labs"),) if int(read.id) % 3 == 0 else ()
    return Paper(read.title, "", id=read.id, organizations=lines)
