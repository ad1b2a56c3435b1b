"""The lint of `ontology/known.tsv`; every message says how to repair the file."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from itertools import pairwise
from typing import Final

import pytest

from kg.names import normal_form, slug
from ontology import COLUMNS, KnownEntity, known_entities, read_text

TYPES: Final = frozenset({"Method", "Model", "Benchmark", "Organization", "Concept", "Task", "Metric"})
KINDS: Final = frozenset({"benchmark", "dataset", "environment"})

# Names whose slug is not `kg.names.slug(name)`, because IRIs are already out or another name has it.
PINNED: Final[dict[str, str]] = {}

# (type, short form): short forms that stand for two different entities of one type.
HOMONYMS: Final = frozenset[tuple[str, str]]()


def _table(rows: list[str]) -> str:
    return "\n  ".join(rows[:20]) + (f"\n  … {len(rows) - 20} more" if len(rows) > 20 else "")


@pytest.fixture(scope="module")
def rows() -> tuple[KnownEntity, ...]:
    return known_entities()


def test_file_format() -> None:
    text = read_text("known.tsv")
    assert "\r" not in text, "known.tsv has carriage returns: save it with LF line ends"
    assert text.endswith("\n") and not text.endswith("\n\n"), "end known.tsv with exactly one newline"
    assert unicodedata.is_normalized("NFC", text), "known.tsv is not NFC: save it in normal form C"
    lines = text.removesuffix("\n").split("\n")
    assert tuple(lines[0].split("\t")) == COLUMNS, (
        f"the first line must be the columns {COLUMNS}, tab separated"
    )
    wrong = [
        f"line {number}: {line}"
        for number, line in enumerate(lines, 1)
        if line.count("\t") != len(COLUMNS) - 1 or '"' in line
    ]
    assert not wrong, f"give each line {len(COLUMNS)} fields and no double quote:\n  {_table(wrong)}"
    assert len(known_entities()) == len(lines) - 1, "the reader and the file disagree on the number of rows"


def test_fields_are_clean(rows: tuple[KnownEntity, ...]) -> None:
    wrong = [
        f"{row.name!r} ({row.type}): {value!r}"
        for row in rows
        for value in (row.name, row.type, row.kind, *row.aliases, row.slug, row.origin)
        if value != " ".join(value.split())
    ]
    assert not wrong, f"take out white space at the ends and double spaces:\n  {_table(wrong)}"
    empty = [f"{row.name!r} ({row.type})" for row in rows if not (row.name and row.slug and row.origin)]
    assert not empty, f"fill in name, slug and origin:\n  {_table(empty)}"
    blank = [
        line for line in read_text("known.tsv").splitlines() if "||" in line or "\t|" in line or "|\t" in line
    ]
    assert not blank, f"take out empty aliases:\n  {_table(blank)}"


def test_types_and_kinds(rows: tuple[KnownEntity, ...]) -> None:
    types = [f"{row.name!r}: {row.type!r}" for row in rows if row.type not in TYPES]
    assert not types, f"use one of the types {sorted(TYPES)}:\n  {_table(types)}"
    kinds = [
        f"{row.name!r} ({row.type}): {row.kind!r}"
        for row in rows
        if (row.kind not in KINDS if row.type == "Benchmark" else row.kind != "")
    ]
    assert not kinds, (
        f"a Benchmark has a kind of {sorted(KINDS)}, all others an empty one:\n  {_table(kinds)}"
    )


def test_sorted_and_unique(rows: tuple[KnownEntity, ...]) -> None:
    keys = [(row.name.casefold(), row.name, row.type) for row in rows]
    misplaced = [f"{b[1]!r} after {a[1]!r}" for a, b in pairwise(keys) if a > b]
    assert not misplaced, f"sort the rows by casefolded name, name, type:\n  {_table(misplaced)}"
    twice = [
        f"{name!r} ({kind})" for (name, kind), n in Counter((r.name, r.type) for r in rows).items() if n > 1
    ]
    assert not twice, f"merge the rows of the same name and type:\n  {_table(twice)}"


def test_slugs(rows: tuple[KnownEntity, ...]) -> None:
    wrong = [
        f"{row.name!r}: {row.slug!r}, expected {PINNED.get(row.name, slug(row.name))!r}"
        for row in rows
        if row.slug != PINNED.get(row.name, slug(row.name))
    ]
    assert not wrong, f"use kg.names.slug(name), or add the name to PINNED in this test:\n  {_table(wrong)}"
    names: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        names[row.slug].add(row.name)
    shared = [f"{key}: {sorted(found)}" for key, found in sorted(names.items()) if len(found) > 1]
    assert not shared, f"merge the names, or pin a slug of its own for one of them:\n  {_table(shared)}"
    unused = sorted(set(PINNED) - {row.name for row in rows})
    assert not unused, f"take these names out of PINNED, known.tsv has no such row: {unused}"


def test_one_spelling_one_entity(rows: tuple[KnownEntity, ...]) -> None:
    owners: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        for spelling in (row.name, *row.aliases):
            owners[row.type, normal_form(spelling)].add(row.name)
    nameless = [f"{kind}: {sorted(found)}" for (kind, form), found in owners.items() if not form]
    assert not nameless, f"take out spellings that have no letter or digit:\n  {_table(nameless)}"
    shared = {key: found for key, found in owners.items() if len(found) > 1}
    wrong = [f"{kind} {form!r}: {sorted(found)}" for (kind, form), found in sorted(shared.items())
             if (kind, form) not in HOMONYMS]  # fmt: skip
    assert not wrong, (
        "give the spelling to one of these names, merge the rows, or list (type, normal form) in HOMONYMS "
        f"in this test:\n  {_table(wrong)}"
    )
    unused = sorted(HOMONYMS - set(shared))
    assert not unused, f"take these out of HOMONYMS, they are not shared any more: {unused}"


def test_aliases_differ(rows: tuple[KnownEntity, ...]) -> None:
    wrong = [
        f"{row.name!r} ({row.type}): {list(row.aliases)}"
        for row in rows
        if len({row.name, *row.aliases}) != 1 + len(row.aliases)
    ]
    assert not wrong, f"take out aliases that repeat the name or each other:\n  {_table(wrong)}"


def test_core_of_the_field(rows: tuple[KnownEntity, ...]) -> None:
    found = {(row.name, row.type) for row in rows}
    core = {
        ("GRPO", "Method"), ("PPO", "Method"), ("LoRA", "Method"), ("vLLM", "Method"),
        ("GPT-4o", "Model"), ("CLIP", "Model"), ("Transformer", "Model"), ("OpenVLA", "Model"),
        ("π0", "Model"),
        ("LIBERO", "Benchmark"), ("MATH500", "Benchmark"), ("MuJoCo", "Benchmark"), ("ImageNet", "Benchmark"),
        ("OpenAI", "Organization"), ("Google DeepMind", "Organization"), ("Hugging Face", "Organization"),
        ("reinforcement learning", "Concept"), ("reinforcement learning from human feedback", "Concept"),
        ("robotic manipulation", "Task"), ("success rate", "Metric"),
    }  # fmt: skip
    assert core <= found, f"these rows were lost, put them back: {sorted(core - found)}"
