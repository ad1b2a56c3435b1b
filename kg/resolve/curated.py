"""Curation applied to the senses of one component; it wins over every rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from kg.model import ENTITY_TYPES, EntityType
from kg.resolve.curation import Decision, Subject
from kg.resolve.evidence import Occurrence
from kg.resolve.ledger import TypeVote, votes_of
from kg.resolve.senses import Member, Sense


@dataclass(frozen=True, slots=True)
class Curated:
    """A sense with what people decided of it: a name, a type, a kind; `lines` decided so."""

    sense: Sense
    name: str | None = None
    type: EntityType | None = None
    kind: str | None = None
    lines: tuple[int, ...] = ()


def apply(
    senses: Sequence[Sense], decisions: Iterable[Decision]
) -> tuple[list[Curated], frozenset[tuple[int, int]]]:
    """Return the senses after all decisions, and which subjects matched.

    Merges go first, then splits, then names and types, and drops last; within each in the order of lines.

    Args:
        senses: The senses of one component.
        decisions: Those that speak of its keys.

    Returns:
        What stands now, and for each subject that matched its line and place (0 subject, 1 object).
    """
    chosen = sorted(decisions, key=lambda d: (_ORDER[d.action], d.line))
    found = [Curated(sense) for sense in senses]
    matched: set[tuple[int, int]] = set()
    for decision in chosen:
        there = [
            _any(found, subject, of_entities=decision.action != "split") for subject in decision.subjects
        ]
        matched |= {(decision.line, place) for place, one in enumerate(there) if one}
        if all(there):
            found = _STEPS[decision.action](found, decision)
    return [one for one in found if one.sense.members], frozenset(matched)


def matches(item: Occurrence, subject: Subject) -> bool:
    """Return whether a subject speaks of an occurrence: by name or long form, type and paper."""
    if subject.paper not in {None, *item.papers} or subject.type not in {None, item.type}:
        return False
    return _named(item, subject)


def type_of(one: Curated, votes: Sequence[TypeVote] = ()) -> EntityType:
    """Return the type of an entity: decided by people, else known, else by the votes of its papers."""
    if one.type is not None:
        return one.type
    known = one.sense.known
    if known is not None:
        return next(t for t in ENTITY_TYPES if t == known.type)
    return (votes or votes_of(one.sense.members))[0].type


def _merge(found: list[Curated], decision: Decision) -> list[Curated]:
    """Put all that subject and object speak of into the entity of the object that most papers name."""
    subject, target = decision.subjects
    found = _isolate(_isolate(found, subject, decision.line), target, decision.line)
    ours = [one for one in found if _speaks(one, subject)]
    theirs = [one for one in found if _speaks(one, target)]
    joined = list({id(one): one for one in (*theirs, *ours)}.values())
    home = min(
        theirs,
        key=lambda one: (one.sense.known is None, -len(one.sense.papers), one.sense.members[0].item.order),
    )
    members = [*home.sense.members]
    for one in joined:
        if one is not home:
            members += [Member(member.item, "curated") for member in one.sense.members]
    sense = replace(home.sense, members=tuple(sorted(members, key=lambda m: m.item.order)))
    made = replace(home, sense=sense, lines=(*home.lines, decision.line))
    gone = {id(one) for one in joined}
    return [*(one for one in found if id(one) not in gone), made]


def _split(found: list[Curated], decision: Decision) -> list[Curated]:
    """Take what the object speaks of out of each entity that holds both; its own name decides first."""
    subject, target = decision.subjects
    made: list[Curated] = []
    for one in found:
        ours, theirs = _sides(one, subject, target)
        if ours and theirs:
            kept, out = _taken_out(one, theirs, decision.line, f"kept apart from {subject} by curation")
            made += [
                replace(kept, sense=replace(kept.sense, apart=f"kept apart from {target} by curation")),
                out,
            ]
        else:
            made.append(one)
    return made


def _rename(found: list[Curated], decision: Decision) -> list[Curated]:
    return _changed(found, decision, lambda one: replace(one, name=decision.value))


def _retype(found: list[Curated], decision: Decision) -> list[Curated]:
    entity_type, _, kind = (decision.value or "").partition(":")
    return _changed(found, decision, lambda one: replace(one, type=entity_type, kind=kind or None))  # type: ignore[arg-type]


def _drop(found: list[Curated], decision: Decision) -> list[Curated]:
    found = _isolate(found, decision.subject, decision.line)
    return [one for one in found if not _speaks(one, decision.subject)]


_STEPS = {"merge": _merge, "split": _split, "rename": _rename, "retype": _retype, "drop": _drop}
_ORDER = {action: place for place, action in enumerate(_STEPS)}


def _changed(found: list[Curated], decision: Decision, change: Callable[[Curated], Curated]) -> list[Curated]:
    found = _isolate(found, decision.subject, decision.line)
    return [
        replace(change(one), lines=(*one.lines, decision.line)) if _speaks(one, decision.subject) else one
        for one in found
    ]


def _isolate(found: list[Curated], subject: Subject, line: int) -> list[Curated]:
    """Return the entities with what a subject of one paper speaks of on its own."""
    if subject.paper is None:
        return found
    made: list[Curated] = []
    for one in found:
        out = tuple(
            m
            for m in one.sense.members
            if subject.paper in m.item.papers
            and _named(m.item, subject)
            and subject.type in {None, m.item.type, type_of(one)}
        )
        if out and len(out) < len(one.sense.members):
            made += _taken_out(one, out, line, f"set apart in paper {subject.paper} by curation")
        else:
            made.append(one)
    return made


def _taken_out(one: Curated, out: Sequence[Member], line: int, why: str) -> tuple[Curated, Curated]:
    gone = {id(member) for member in out}
    kept = tuple(m for m in one.sense.members if id(m) not in gone)
    form = min((m.item.form for m in out), key=lambda f: (-sum(m.item.form == f for m in out), f))
    members = tuple(Member(m.item, "curated") for m in out)
    fresh = Sense(form, one.sense.organization, members, apart=why)
    lines = (*one.lines, line)
    return replace(one, sense=replace(one.sense, members=kept)), Curated(fresh, type=one.type, lines=lines)


def _sides(one: Curated, subject: Subject, target: Subject) -> tuple[list[Member], list[Member]]:
    """Return which members of an entity two subjects that are to be apart speak of."""
    ours: list[Member] = []
    theirs: list[Member] = []
    for member in one.sense.members:
        first, second = (matches(member.item, s) for s in (subject, target))
        if first and second:
            first = _nearer(member.item, subject, target)
            second = not first
        if second:
            theirs.append(member)
        elif first:
            ours.append(member)
    return ours, theirs


def _nearer(item: Occurrence, subject: Subject, target: Subject) -> bool:
    """Return whether an occurrence that two subjects speak of belongs to the first.

    The subject has it that is more telling (a paper, then a type), that is its very name, and else the first.
    """
    told = [(_telling(s), item.form == s.key, item.name == s.label) for s in (subject, target)]
    return told[0] >= told[1]


def _telling(subject: Subject) -> int:
    return 2 * (subject.paper is not None) + (subject.type is not None)


def _speaks(one: Curated, subject: Subject) -> bool:
    """Return whether a subject speaks of an entity; a type is the entity's, or one paper's own."""
    there = [m.item for m in one.sense.members if _named(m.item, subject)]
    if subject.paper is not None:
        there = [item for item in there if subject.paper in item.papers]
    if not there or subject.type is None or subject.type == type_of(one):
        return bool(there)
    return subject.paper is not None and any(item.type == subject.type for item in there)


def _any(found: Sequence[Curated], subject: Subject, *, of_entities: bool) -> bool:
    if of_entities:
        return any(_speaks(one, subject) for one in found)
    return any(matches(member.item, subject) for one in found for member in one.sense.members)


def _named(item: Occurrence, subject: Subject) -> bool:
    return item.form == subject.key or subject.key in item.long_forms
