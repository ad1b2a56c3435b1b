"""Many spellings, one entity; one spelling, several senses."""

from __future__ import annotations

import random

from kg.model import Affiliation, EntityType, Extraction, Mention, Paper, Role, Span
from kg.resolve import Resolution, resolve


def mention(*surfaces: str, type_: EntityType = "Method", role: Role = "uses") -> Mention:
    spans = tuple(Span("abstract", i, i + len(s), s) for i, s in enumerate(surfaces))
    return Mention(surfaces[0], type_, role, 0.9, spans)


def resolved(*papers: tuple[Mention, ...]) -> Resolution:
    read = [Extraction(str(i), f"T{i}", mentions) for i, mentions in enumerate(papers)]
    return resolve([Paper(e.title, "", id=e.id) for e in read], read)


def slugs(resolution: Resolution, name: str) -> set[str | None]:
    return {resolution.find(str(i), name) for i in range(5)} - {None}


def test_spellings_are_one() -> None:
    found = resolved((mention("Zorb-Net"),), (mention("ZorbNet"),), (mention("Zorb Nets"),))
    assert len(found.entities) == 1 and found.entities[0].num_papers == 3


def test_long_forms_find_their_short_form() -> None:
    short = mention("ZQPO", "Zonal Quick Policy Optimization", role="introduces")
    found = resolved((short,), (mention("Zonal Quick Policy Optimisation"),), (mention("ZQPO"),))
    assert "zqpo" in {e.slug for e in found.entities}
    assert found.find("0", "ZQPO") == found.find("2", "ZQPO") == "zqpo"


def test_known_aliases() -> None:
    found = resolved((mention("GRPO"),), (mention("Group Relative Policy Optimization"),))
    assert [e.name for e in found.entities] == ["GRPO"]


def test_homonyms_stay_apart_and_are_found_by_the_short_form() -> None:
    found = resolved(
        (mention("QQZO", "Quick Quiet Zonal Optimization", role="introduces"),),
        (mention("QQZO", "Quantile Query Zero Order", role="introduces"),),
    )
    assert {e.slug for e in found.entities} == {
        "qqzo-quick-quiet-zonal-optimization",
        "qqzo-quantile-query-zero-order",
    }
    assert set(found.senses) == {"qqzo"}
    assert all("QQZO" in e.aliases for e in found.entities)


def test_type_by_evidence() -> None:
    found = resolved(
        (mention("Zorbo", type_="Model", role="introduces"),),
        (mention("Zorbo"),),
        (mention("Zorbo"),),
    )
    assert [e.type for e in found.entities] == ["Model"]


def test_organisation_lines_join_organisations() -> None:
    read = [Extraction("1", "T", (mention("Zorb Labs", type_="Organization"),))]
    papers = [Paper("T", "", id="1"), Paper("U", "", id="2", organizations=(Affiliation("Zorb Labs"),))]
    found = resolve(papers, read)
    assert [(e.name, e.num_papers) for e in found.entities] == [("Zorb Labs", 2)]


def test_order_changes_nothing() -> None:
    names = ["GRPO", "ZorbNet", "Zorb-Net", "QQZO", "PPO", "Proximal Policy Optimization"]
    chosen = random.Random(1)
    read = [
        Extraction(str(i), f"T{i}", tuple(mention(n) for n in sorted(chosen.sample(names, 3))))
        for i in range(20)
    ]
    papers = [Paper(e.title, "", id=e.id) for e in read]
    first = resolve(papers, read)
    for seed in range(5):
        shuffled = random.Random(seed).sample(read, len(read))
        assert resolve(papers[::-1], shuffled) == first
