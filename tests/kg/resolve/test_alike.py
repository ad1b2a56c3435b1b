"""Names that many papers use in the same way, decided together, are decided as one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kg.model import Extraction, Paper
from kg.resolve import Decider, rows
from kg.resolve.evidence import Occurrence, of_paper
from kg.resolve.resolver import Component
from tests.kg import made_up
from tests.kg.resolve.made_up_names import extractions

abstracts = st.lists(st.lists(st.sampled_from(made_up.MENTIONED), max_size=5).map("".join), max_size=60)


def together(found: Sequence[Occurrence]) -> list[Occurrence]:
    """Return occurrences put together that differ by paper and weight."""
    groups: defaultdict[Any, list[Occurrence]] = defaultdict(list)
    for o in found:
        groups[o.name, o.type, o.kind, o.role, o.form, o.spellings, o.long_forms, o.line].append(o)
    company = {paper: keys for o in found for paper, keys in o.company.items()}
    return [
        Occurrence(
            tuple(o.papers[0] for o in same),
            first.name,
            first.type,
            first.kind,
            first.role,
            tuple(o.weights[0] for o in same),
            first.form,
            first.spellings,
            first.long_forms,
            company,
            first.line,
        )
        for same in groups.values()
        for first in same[:1]
    ]


def told(parts: Sequence[Component]) -> list[object]:
    """Return all that is decided on components, name by name."""
    return [
        (
            part.home,
            sorted(part.keys),
            part.decided.senses,
            part.decided.near,
            [(c.entity, c.identity, c.priority, c.votes, c.apart, c.ledger) for c in part.decided.clusters],
            sorted(
                (paper, item.name, item.type, item.role, home, identity)
                for item, home, identity in rows.placed([part])
                for paper in item.papers
            ),
        )
        for part in parts
    ]


@settings(max_examples=200)
@given(abstracts)
def test_names_that_are_alike_are_decided_as_one_by_one(found: list[str]) -> None:
    papers = [Paper("On Zorbs", text, id=f"{n:02}") for n, text in enumerate(found)]
    check([item for paper in papers for item in of_paper(paper, made_up.extract(paper))])


@settings(max_examples=200)
@given(extractions(), st.integers(1, 4))
def test_short_names_too(found: list[Extraction], times: int) -> None:
    copies = [replace(read, id=f"{read.id}-{n}") for read in found for n in range(times)]
    check([item for read in copies for item in of_paper(None, read)])


def check(single: Sequence[Occurrence]) -> None:
    alike = together(single)
    assert sum(len(item.papers) for item in alike) == len(single)
    decider = Decider()
    assert told(decider.decide(alike)) == told(decider.decide(single))
