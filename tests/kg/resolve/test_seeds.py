"""Resolution of the five seed pages: one thing, one node, with all its papers; every merge explained."""

from __future__ import annotations

import pytest

from kg.names import display_name, normal_form
from kg.pipeline import Built
from kg.resolve.evidence import of_paper
from kg.resolve.keys import match_key
from kg.resolve.rules import RULES

pytestmark = pytest.mark.shared

ONE_NODE = {
    "GRPO": ("Group Relative Policy Optimization",),
    "DPO": ("Direct Preference Optimization",),
    "PPO": ("Proximal Policy Optimization",),
    "MATH500": ("MATH-500",),
    "Meta-World": ("MetaWorld", "Meta World"),
    "OpenVLA": (),
    "π0": ("π_0", "pi0", "$\\pi_0$", "$\\pi_{0}$"),
    "Qwen2.5-VL-7B": ("Qwen2.5VL-7B",),
}


@pytest.mark.parametrize("name", sorted(ONE_NODE))
def test_one_node_with_all_its_papers(seeds_built: Built, name: str) -> None:
    """The papers are those in which a mention is called so, read from the extractions themselves."""
    graph = seeds_built.graph
    keys = {match_key(spelling) for spelling in (name, *ONE_NODE[name])}
    papers = {e.id for e in graph.extractions for m in e.mentions if match_key(m.name) in keys}
    found = [
        entity
        for entity in graph.entities
        if keys & {match_key(spelling) for spelling in (entity.name, *entity.aliases)}
    ]
    assert len(found) == 1, [entity.slug for entity in found]
    named = {p for row in graph.resolution.ledger[found[0].slug] for p in row.papers}
    assert papers and papers <= named and found[0].num_papers == len(named)


def test_homonyms_are_apart(seeds_built: Built) -> None:
    resolution = seeds_built.graph.resolution
    assert set(resolution.senses["spo"]) == {
        "spo-segment-policy-optimization",
        "spo-self-play-preference-optimization",
    }
    assert "spo" not in {entity.slug for entity in seeds_built.graph.entities}
    assert set(resolution.senses) == {"aime", "spo", "srpo"}, (
        "a new homonym: read the papers, then say so here"
    )
    for senses in resolution.senses.values():
        assert all(resolution.apart[slug] for slug in senses)


def test_every_merge_is_explained(seeds_built: Built) -> None:
    graph = seeds_built.graph
    resolution = graph.resolution
    for entity in graph.entities:
        rows = resolution.ledger[entity.slug]
        assert rows and all(row.rule in RULES and row.papers for row in rows)
        assert {row.spelling for row in rows} <= {entity.name, *entity.aliases}
    for paper in graph.papers:
        read = next((e for e in graph.extractions if e.id == paper.id), None)
        for item in of_paper(paper, read):
            slug = resolution.find(paper.id, item.name, organization=item.organization)
            assert slug is not None
            explained = {row.spelling for row in resolution.ledger[slug] if paper.id in row.papers}
            assert set(item.spellings) <= explained, (paper.id, item.name)


def test_unlike_spellings_of_one_entity_have_a_reason_beyond_likeness(seeds_built: Built) -> None:
    likeness = {"exact", "case", "spacing", "latex", "plural", "british"}
    graph = seeds_built.graph
    for entity in graph.entities:
        keys = {match_key(n) for n in (entity.name.partition(" (")[0], display_name(entity.name))}
        for row in graph.resolution.ledger[entity.slug]:
            if row.rule in likeness - {"exact"}:
                assert match_key(row.spelling) in keys or normal_form(row.spelling), row
