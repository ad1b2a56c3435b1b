"""Stages between recognition and the extraction, each on made-up rows."""

from __future__ import annotations

from extractors import acronyms, consistency, grouping, relations, results, roles, typing
from extractors.document import Draft, Found, Row
from extractors.lineage import extensions
from extractors.tokens import draft
from kg.model import ROLES, EntityType, Paper, Role
from kg.names import normal_form


def found(state: Draft, surface: str, type_: EntityType, probability: float = 0.9) -> Found:
    for start in range(len(state.words)):
        for end in range(start + 1, len(state.words) + 1):
            if state.surface(start, end) == surface:
                return Found(start, end, type_, probability, "sequence")
    raise LookupError(surface)


def row(state: Draft, surface: str, type_: EntityType, role: Role) -> Row:
    return Row(
        [found(state, surface, type_)],
        name=surface,
        type=type_,
        role=role,
        role_chances=[float(r == role) for r in ROLES],
    )


def test_grouping_joins_short_long_plural_and_hyphen() -> None:
    text = "Zebra Tail Search (ZTS) helps. Meta-Zoo and MetaZoo differ. Zebra-Tail Search"
    state = draft(Paper("", text))
    acronyms.mark(state)
    state.found = [
        found(state, "Zebra Tail Search", "Method"),
        found(state, "ZTS", "Method"),
        found(state, "Meta-Zoo", "Benchmark"),
        found(state, "MetaZoo", "Benchmark"),
        found(state, "Zebra-Tail Search", "Method"),
    ]
    grouping.group(state)
    assert [(r.name, r.type, len(r.found)) for r in state.rows] == [
        ("ZTS", "Method", 3),
        ("Meta-Zoo", "Benchmark", 2),
    ]


def test_grouping_gives_a_lone_long_form_its_short_form() -> None:
    state = draft(Paper("", "Zebra Tail Search (ZTS) helps."))
    acronyms.mark(state)
    state.found = [found(state, "Zebra Tail Search", "Method")]
    grouping.group(state)
    assert [r.name for r in state.rows] == ["ZTS"]
    assert len(state.rows[0].found) == 2


def test_grouping_joins_what_one_known_entity_initials_or_brackets_name() -> None:
    text = (
        "Proximal Policy Optimization is old. PPO works. Zebra Tail Search came late; ZTS too. "
        "The Stripy Zebra Net dataset (StrZeN) is here. LIBERO and PPG stay apart."
    )
    state = draft(Paper("", text))
    acronyms.mark(state)
    names = ["Proximal Policy Optimization", "PPO", "Zebra Tail Search", "ZTS", "Stripy Zebra Net", "StrZeN"]
    state.found = [found(state, name, "Method") for name in [*names, "LIBERO", "PPG"]]
    grouping.group(state)
    assert [r.name for r in state.rows] == ["PPO", "ZTS", "StrZeN", "LIBERO", "PPG"]


def test_names_are_cleaned_of_latex() -> None:
    state = draft(Paper("", r"We use $\pi_0$ here"))
    state.found = [found(state, r"$\pi_0$", "Model")]
    grouping.group(state)
    assert [r.name for r in state.rows] == ["π0"]


def test_consistency_marks_every_place_once() -> None:
    state = draft(Paper("Zebranet", "Zebranet beats Zebranet-L and Zebranet."))
    state.rows = [row(state, "Zebranet-L", "Model", "uses"), row(state, "Zebranet", "Model", "introduces")]
    consistency.spread(state)
    assert len(state.rows[0].found) == 1
    assert len(state.rows[1].places) == 3


def test_hardware_is_no_entity() -> None:
    state = draft(Paper("", "It runs on one A100 GPU"))
    state.rows = [row(state, "A100 GPU", "Model", "uses")]
    typing.settle([state])
    assert state.rows == []


def test_pairs_have_the_paper_as_head_only_without_a_new_name() -> None:
    state = draft(Paper("", "ZTS uses Zebranet on ZooBench."))
    old = [row(state, "Zebranet", "Model", "uses"), row(state, "ZooBench", "Benchmark", "evaluates_on")]
    state.rows = old
    assert any(head is None for head, _ in relations.pairs(state))
    state.rows = [row(state, "ZTS", "Method", "introduces"), *old]
    assert all(head is not None for head, _ in relations.pairs(state))


def test_numbers_inside_names_and_addresses_are_none() -> None:
    text = r"Zebra2 gains +4.5\% and 3.2x on 1,200 tasks, https://x.org/9.9"
    state = draft(Paper("T", text))
    written = [state.text[n.start : n.end] for n in results.numbers(state)]
    assert written == [r"+4.5\%", "3.2x", "1,200"]


def test_a_known_university_is_an_organization_whatever_it_looks_like() -> None:
    state = draft(Paper("", "We evaluate on UC Berkeley and on ImageNet."))
    state.rows = [row(state, "UC Berkeley", "Benchmark", "uses"), row(state, "ImageNet", "Benchmark", "uses")]
    for judged in state.rows:
        judged.keys = {normal_form(judged.name)}
        judged.chances = [float(label == "Benchmark") for label in typing.LABELS]
    typing.keep(state)
    assert [r.type for r in state.rows] == ["Organization", "Benchmark"]


def test_what_we_propose_is_introduced_however_often_others_use_it() -> None:
    state = draft(
        Paper("T", "We also propose Zorb (ZB), a GRPO-like method. We design a CLIP-based gate on BERT.")
    )
    for surface, proposed in (("Zorb", True), ("GRPO", False), ("CLIP", False), ("BERT", False)):
        one = row(state, surface, "Method", "uses")
        roles.cast(state, one, [0.2, 0.5, 0.1, 0.1, 0.1])
        assert (one.role == "introduces") == proposed, surface
        assert abs(sum(one.role_chances) - 1) < 1e-9


def test_a_name_made_of_two_methods_extends_neither() -> None:
    state = draft(Paper("T", "We propose GRPO-Verifier-DPO and Stratified GRPO, after GRPO and DPO."))
    names: tuple[tuple[str, Role], ...] = (
        ("GRPO-Verifier-DPO", "introduces"),
        ("Stratified GRPO", "introduces"),
        ("GRPO", "uses"),
        ("DPO", "uses"),
    )
    state.rows = [row(state, surface, "Method", role) for surface, role in names]
    told = [(head.name, tail.name) for head, tail, _ in extensions(state) if head is not None]
    assert told == [("Stratified GRPO", "GRPO")]
