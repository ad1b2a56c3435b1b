"""The ledger: by which rule each spelling of each paper belongs to its entity, and the votes on types."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from kg.model import ENTITY_TYPES, EntityType
from kg.resolve.evidence import Occurrence
from kg.resolve.keys import difference, match_key
from kg.resolve.rules import RULES, weaker
from kg.resolve.senses import Member


@dataclass(frozen=True, slots=True)
class Spelling:
    """One spelling of an entity: the papers that write it so, and the rule that makes it this entity's."""

    spelling: str
    rule: str
    confidence: float
    papers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TypeVote:
    """What papers say an entity is: how many, and their weight (thousandths of confidence times role)."""

    type: EntityType
    papers: int
    weight: int


def spellings_of(members: Sequence[Member], name: str, form: str) -> tuple[Spelling, ...]:
    """Return the ledger of an entity: one row a spelling and rule, by spelling, the surest rule first.

    Args:
        members: Its occurrences, each with the rule that brought it there.
        name: The name it is shown under.
        form: The key of its name.

    Returns:
        The rows.
    """
    found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    own: dict[str, str] = {}
    for member in members:
        for spelling in member.item.spellings:
            key = match_key(spelling)
            if key == form:
                rule = own.get(spelling) or own.setdefault(spelling, difference(spelling, name))
            else:
                rule = _other_rule(member.item, key)
            decided = "curated" if member.rule == "curated" else weaker(member.rule, rule)
            found[spelling, decided].update(member.item.papers)
    rows = (
        Spelling(spelling, rule, RULES[rule].confidence, tuple(sorted(papers)))
        for (spelling, rule), papers in found.items()
    )
    return tuple(sorted(rows, key=lambda row: (row.spelling, -row.confidence, row.rule)))


def votes_of(members: Sequence[Member]) -> tuple[TypeVote, ...]:
    """Return what papers say an entity is, the heaviest vote first."""
    if len(members) == 1:
        item = members[0].item
        return (TypeVote(item.type, len(set(item.papers)), sum(item.weights)),)
    weights: Counter[EntityType] = Counter()
    papers: defaultdict[EntityType, set[str]] = defaultdict(set)
    for member in members:
        weights[member.item.type] += sum(member.item.weights)
        papers[member.item.type].update(member.item.papers)
    ordered = sorted(weights, key=lambda t: (-weights[t], ENTITY_TYPES.index(t)))
    return tuple(TypeVote(t, len(papers[t]), weights[t]) for t in ordered)


def _other_rule(item: Occurrence, key: str) -> str:
    """Return the rule of a spelling that is not the entity's name in other marks."""
    if key == item.form:
        return "exact"
    return "long-form" if key in item.long_forms else "in-paper"
