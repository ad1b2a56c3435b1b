"""What a resolution looks at: every mention of every paper, and the names that stand for one another."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from kg.model import Affiliation, EntityType, Extraction, Mention, Paper, Role
from kg.names import display_name, normal_form

ROLE_WEIGHT: Final[dict[Role, int]] = {
    "introduces": 3,
    "uses": 1,
    "evaluates_on": 1,
    "compares_to": 1,
    "mentions": 1,
}


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One name that one paper uses for one thing; `long_forms` are normal forms of its spelled-out forms."""

    paper: str
    name: str
    type: EntityType
    kind: str | None
    role: Role
    weight: int
    form: str
    spellings: tuple[str, ...]
    long_forms: tuple[str, ...]


def occurrences(papers: Iterable[Paper], extractions: Iterable[Extraction]) -> list[Occurrence]:
    """Return all occurrences, by paper and name: mentions in texts and organisation lines."""
    found = [occurrence(e.id, m) for e in extractions for m in e.mentions]
    found += [_affiliation(p.id, a) for p in papers for a in p.organizations]
    return sorted((o for o in found if o.form), key=lambda o: (o.paper, o.name, o.type, o.spellings))


def occurrence(paper_id: str, mention: Mention) -> Occurrence:
    """Return a paper's mention as an occurrence.

    >>> from kg.model import Span
    >>> spans = (Span("title", 0, 4, "GRPO"), Span("title", 5, 39, "Group Relative Policy Optimization"))
    >>> occurrence("1", Mention("GRPO", "Method", "uses", 0.9, spans)).long_forms
    ('grouprelativepolicyoptimization',)
    """
    spellings = tuple(sorted({display_name(s) for s in mention.surfaces} | {mention.name}))
    form = normal_form(mention.name)
    return Occurrence(
        paper=paper_id,
        name=mention.name,
        type=mention.type,
        kind=mention.kind,
        role=mention.role,
        weight=round(mention.confidence * 1000) * ROLE_WEIGHT[mention.role],
        form=form,
        spellings=spellings,
        long_forms=tuple(
            sorted({normal_form(s) for s in spellings if is_long_form(s, mention.name)} - {form})
        ),
    )


def is_long_form(spelling: str, name: str) -> bool:
    """Return whether a spelling of several words is what a short name stands for, letter by letter.

    >>> is_long_form("Group Relative Policy Optimization", "GRPO"), is_long_form("Meta World", "MetaWorld")
    (True, False)
    """
    letters = [c for c in normal_form(name) if c.isalpha()]
    words = spelling.replace("-", " ").split()
    if len(words) < 2 or len(normal_form(spelling)) < 2 * len(letters) or not letters:
        return False
    rest = iter("".join(words).casefold())
    return all(letter in rest for letter in letters)


def long_form_index(found: Iterable[Occurrence]) -> Mapping[str, str]:
    """Return the one short form that each long form stands for, where papers agree on it.

    A long form that papers shorten in different ways stands alone.
    """
    shorts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for item in found:
        for long_form in item.long_forms:
            shorts[long_form][item.form] += 1
    return {long_form: next(iter(counts)) for long_form, counts in sorted(shorts.items()) if len(counts) == 1}


def _affiliation(paper_id: str, line: Affiliation) -> Occurrence:
    name = display_name(line.name)
    return Occurrence(
        paper=paper_id,
        name=name,
        type="Organization",
        kind=None,
        role="mentions",
        weight=2000,
        form=normal_form(name),
        spellings=(name,),
        long_forms=(),
    )
