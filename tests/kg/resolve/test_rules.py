"""Each rule, on made-up names: what it makes one, and what it leaves two."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kg.model import EntityType, Extraction
from kg.resolve import Resolution, resolve
from kg.resolve.rules import DOUBTFUL, RULES
from kg.resolve.unresolved import COLUMNS, doubts, unresolved_table
from tests.kg.resolve.made_up_names import extraction, mention


def resolved(*papers: Extraction) -> Resolution:
    return resolve([], papers)


def one_paper_each(*names: str | tuple[str, ...], type_: EntityType = "Method") -> Resolution:
    surfaces = [name if isinstance(name, tuple) else (name,) for name in names]
    return resolved(*(extraction(str(i), [mention(*s, type_=type_)]) for i, s in enumerate(surfaces)))


@pytest.mark.parametrize(
    ("one", "other", "rule"),
    [
        ("Zorbnet", "zorbnet", "case"),
        ("Zorb-Net", "Zorb Net", "spacing"),
        ("$\\zeta$Net", "ζNet", "latex"),
        ("zorb policies", "zorb policy", "plural"),
        ("ZLMs", "ZLM", "plural"),
        ("zorb optimisation", "zorb optimization", "british"),
        ("zorb behaviour modelling", "zorb behavior modeling", "british"),
        ("GRPO", "Group Relative Policy Optimization", "alias"),
        ("Zorb-v1.5-7B", "Zorb-1.5-7B", "spacing"),
    ],
)
def test_two_spellings_are_one(one: str, other: str, rule: str) -> None:
    found = one_paper_each(one, other)
    (entity,) = found.entities
    assert entity.num_papers == 2
    assert rule in {row.rule for row in found.ledger[entity.slug]} or rule == "spacing"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Zorb 3.1 8B", "Zorb 3 18B"),
        ("Zorb2.5", "Zorb25"),
        ("Zorb", "Zorb+"),
        ("Zorb-7B", "Zorb-72B"),
        ("Segment Policy Optimization", "Stepwise Policy Optimization"),
    ],
)
def test_two_names_stay_two(one: str, other: str) -> None:
    assert len(one_paper_each(one, other).entities) == 2


def test_homonyms_by_long_form_a_third_too() -> None:
    found = one_paper_each(
        ("QQZO", "Quick Quiet Zonal Optimization"),
        ("QQZO", "Quantile Query Zero Order"),
        ("QQZO", "Quasi Quadratic Zeta Operator"),
    )
    assert len(found.senses["qqzo"]) == 3
    assert "qqzo" not in {entity.slug for entity in found.entities}
    assert all("spelled out as" in found.apart[slug] for slug in found.senses["qqzo"])


def test_long_forms_that_say_the_same_are_one_sense() -> None:
    found = one_paper_each(
        ("QQZO", "Quick Quiet Zonal Optimization"),
        ("QQZO", "quick-quiet zonal optimiser"),
        ("QQZO", "Quick Qiuet Zonal Optimization"),
        ("QQZO", "Quick Quiet Zonal Optimization"),
    )
    assert len(found.entities) == 1


def test_no_chain_of_doubtful_merges() -> None:
    """Each reading is like the next and the ends are not alike: no cluster holds both ends."""
    found = one_paper_each(
        ("QZP", "quick zonal policy"),
        ("QZP", "quick zonal policy quest zero plan"),
        ("QZP", "quest zero plan"),
    )
    assert found.find("0", "QZP") != found.find("2", "QZP")


def test_case_and_type_together_tell_homonyms() -> None:
    zorb = [extraction("1", [mention("ZORB", type_="Benchmark")])]
    assert len(resolved(*zorb, extraction("2", [mention("zorb", type_="Task")])).entities) == 2
    assert len(resolved(*zorb, extraction("2", [mention("zorb", type_="Benchmark")])).entities) == 1
    assert len(resolved(*zorb, extraction("2", [mention("ZORB", type_="Task")])).entities) == 1


@pytest.mark.parametrize(("one", "other"), [("Method", "Model"), ("Task", "Concept")])
def test_a_mere_disagreement_on_type_is_no_homonym(one: EntityType, other: EntityType) -> None:
    found = resolved(
        extraction("1", [mention("ZORBE", type_=one)]), extraction("2", [mention("zorbe", type_=other)])
    )
    (entity,) = found.entities
    assert {vote.type for vote in found.votes[entity.slug]} == {one, other}


def test_company_tells_which_sense_a_bare_short_form_has() -> None:
    optics = [mention(n, type_="Concept") for n in ("lens design", "beam splitting", "laser tuning")]
    crops = [mention(n, type_="Concept") for n in ("wheat yield", "soil moisture", "crop rotation")]
    papers = [
        extraction("1", [mention("QZO", "Quick Zonal Optics"), *optics]),
        extraction("2", [mention("QZO", "Quick Zonal Optics")]),
        extraction("3", [mention("QZO", "Quality Zone Oversight"), *crops]),
        extraction("4", [mention("QZO"), *crops]),
    ]
    found = resolved(*papers)
    assert found.find("4", "QZO") == found.find("3", "QZO")
    (row,) = (r for r in found.ledger[str(found.find("4", "QZO"))] if "4" in r.papers)
    assert row.rule == "company"


def test_few_that_say_organisation_follow_the_many_that_do_not() -> None:
    papers = [extraction(str(i), [mention("Zorbax", type_="Model")]) for i in range(6)]
    stray = extraction("9", [mention("Zorbax", type_="Organization")])
    found = resolved(*papers, stray)
    assert found.find("9", "Zorbax", organization=True) == found.find("1", "Zorbax") == "zorbax"


def test_a_third_claim_on_a_slug_finds_a_place() -> None:
    found = resolved(
        extraction("1", [mention("ZZ Top", type_="Organization")]),
        extraction("2", [mention("ZZ-Top")]),
        extraction("3", [mention("ZZ", "Zonal Zero", role="introduces")]),
        extraction("4", [mention("ZZ", "Zebra Zoo", role="introduces")]),
        extraction("5", [mention("ZZ", type_="Organization")]),
        extraction("6", [mention("ZZ Zebra Zoo")]),
    )
    slugs = [entity.slug for entity in found.entities]
    assert len(set(slugs)) == len(slugs) == 6
    assert {"zz-top", "zz-top~organization", "zz~organization", "zz-zebra-zoo"} <= set(slugs)
    assert "zz" not in slugs and "zz~organization" in found.senses["zz"]


def test_a_short_form_of_a_known_entity_without_one_joins_it() -> None:
    found = one_paper_each(("DG", "domain generalisation"), "Domain Generalization", type_="Concept")
    assert [entity.slug for entity in found.entities] == ["domain-generalization"]


def test_every_rule_has_its_place_and_a_confidence() -> None:
    assert all(0 < rule.confidence <= 1 and rule.says for rule in RULES.values())
    confidences = [rule.confidence for rule in RULES.values()]
    assert confidences == sorted(confidences, reverse=True)


def test_the_docs_list_the_rules() -> None:
    text = (Path(__file__).parents[3] / "docs" / "resolution.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w-]+)` \| ([\d.]+) \| .+? \| (.+) \|$", text, flags=re.MULTILINE)
    assert rows == [(rule.name, str(rule.confidence), rule.says) for rule in RULES.values()]


def test_doubts_are_the_most_valuable_first() -> None:
    found = one_paper_each(
        ("QQZO", "Quick Quiet Zonal Optimization"),
        ("QQZ", "Quick Quiet Zonal Optimization"),
        ("ABCD", "Alpha Beta Core Descent"),
        ("ABCD", "Apple Bread Crumb Dough"),
        "ABCD",
    )
    asked = doubts(found)
    assert ("QQZ", "QQZO") in {(d.one, d.other) for d in asked if not d.merged}
    assert any(d.merged and d.one == "ABCD" and d.confidence < DOUBTFUL for d in asked)
    assert [d.value for d in asked] == sorted((d.value for d in asked), reverse=True)


def test_unresolved_has_once_and_near_and_no_formulas() -> None:
    read = [
        extraction("1", [mention("Zorbulator")]),
        extraction("2", [mention("Zorbulatar")]),
        extraction("3", [mention("@cmd net"), mention("QuuxNet")]),
        extraction("4", [mention("QuuxNet")]),
    ]
    found = resolve([], read)
    rows = [line.split("\t") for line in unresolved_table(found, read).decode().splitlines()]
    assert tuple(rows[0]) == COLUMNS
    by_name = {row[0]: row for row in rows[1:]}
    assert by_name["Zorbulator"][3:5] == ["once near", "Zorbulatar"]
    assert by_name["Zorbulator"][8] == "1#abstract-0-10"
    assert "'@cmd net" in by_name and "QuuxNet" not in by_name
    asked = unresolved_table(found, read, sentence=lambda paper, span: f"Sentence\tof {paper}.").decode()
    assert asked.splitlines()[1].endswith("\tSentence of 2.")
