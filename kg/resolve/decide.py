"""The decision on one component: which occurrences are one entity, and what it is called."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from kg.model import Entity
from kg.names import slug
from kg.resolve.components import EXACT_ONLY
from kg.resolve.curated import Curated, apply, type_of
from kg.resolve.curation import Decision
from kg.resolve.evidence import Occurrence, is_long_form
from kg.resolve.keys import BROAD, match_key
from kg.resolve.known import KnownNames
from kg.resolve.ledger import Spelling, TypeVote, spellings_of, votes_of
from kg.resolve.readings import majority
from kg.resolve.rules import weaker
from kg.resolve.senses import OTHER, Member, Sense, count, split, tally
from ontology import KnownEntity

PINNED: Final = 0
PLAIN: Final = 2
QUALIFIED: Final = 3

_MOSTLY: Final = 10, 9
"""Of ten papers that shorten a long form, how many must agree on the short form for the others to follow."""
_LEAST: Final = 3


@dataclass(frozen=True, slots=True)
class Cluster:
    """One entity as its component decides it; its slug is the one it would have if it were alone.

    Attributes:
        entity: Slug, name, type and counts.
        identity: Tells it from all other clusters; a function of its content.
        priority: Who keeps a slug that several want; the lowest does.
        members: Its occurrences, each with the rule that brought it there.
        written: The name that it would be shown under without a qualifier.
        form: The key of that name.
        votes: What papers say it is.
        apart: Why it is no part of an entity with the same form; empty without such.
    """

    entity: Entity
    identity: str
    priority: int
    members: tuple[Member, ...]
    written: str
    form: str
    votes: tuple[TypeVote, ...]
    apart: str

    @property
    def ledger(self) -> tuple[Spelling, ...]:
        """Each spelling with its rule; made anew at each call."""
        return spellings_of(self.members, self.written, self.form)


@dataclass(frozen=True, slots=True)
class NearMiss:
    """Two names that may be one thing and were not merged, and why; `papers` are those of both."""

    one: str
    other: str
    why: str
    papers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """All that was decided on one component.

    Attributes:
        clusters: Its entities.
        senses: The bare slug of each form with several senses, and their identities.
        near: Doubtful pairs that were not merged.
        matched: Line and place of each subject of curation that matched.
    """

    clusters: tuple[Cluster, ...]
    senses: tuple[tuple[str, tuple[str, ...]], ...]
    near: tuple[NearMiss, ...]
    matched: frozenset[tuple[int, int]]


def decide(
    occurrences: Sequence[Occurrence],
    nodes: Iterable[str],
    known: KnownNames,
    decisions: Sequence[Decision] = (),
) -> Decided:
    """Return what is decided on one component.

    Args:
        occurrences: All of it, sorted.
        nodes: Its keys.
        known: The known names.
        decisions: What people decided on its keys.

    Returns:
        Its entities, and what stays in doubt.
    """
    near: tuple[NearMiss, ...] = ()
    if not decisions and _are_alike(occurrences, known):
        senses = _split_alike(occurrences, known)
    else:
        senses, near = _split_all(occurrences, known, exact=len(set(nodes)) > EXACT_ONLY)
    curated, matched = apply(senses, decisions) if decisions else ([Curated(s) for s in senses], frozenset())
    by_form: defaultdict[tuple[str, bool], list[Curated]] = defaultdict(list)
    for one in curated:
        by_form[one.sense.form, one.sense.organization].append(one)
    clusters: list[Cluster] = []
    bare: defaultdict[str, set[str]] = defaultdict(set)
    for _, group in sorted(by_form.items()):
        made = [_cluster(one, single=len(group) == 1) for one in _qualified(group)]
        clusters += made
        if len(made) > 1:
            name = _best_name([m for one in group for m in one.sense.members], group[0].sense.form)
            bare[slug(name)] |= {cluster.identity for cluster in made}
    return Decided(
        clusters=tuple(clusters),
        senses=tuple((key, tuple(sorted(found))) for key, found in sorted(bare.items())),
        near=near,
        matched=matched,
    )


def _are_alike(occurrences: Sequence[Occurrence], known: KnownNames) -> bool:
    """Return whether all have one form, which is no alias, and none is spelled out: most components."""
    form, organization = occurrences[0].form, occurrences[0].organization
    return known.name_of(form, organization=organization) == form and all(
        not o.long_forms and o.form == form and o.organization == organization for o in occurrences
    )


def _split_alike(occurrences: Sequence[Occurrence], known: KnownNames) -> list[Sense]:
    """Return what `_split_all` does of occurrences that are alike, without looking for what they have not."""
    members = [Member(item, "exact") for item in occurrences]
    return split(occurrences[0].form, occurrences[0].organization, members, known, exact=False)


def _split_all(
    occurrences: Sequence[Occurrence], known: KnownNames, *, exact: bool
) -> tuple[list[Sense], tuple[NearMiss, ...]]:
    """Return the senses of a component's forms, and the pairs that stay in doubt."""
    followed, near = _follow(occurrences, known)
    groups: defaultdict[tuple[str, bool], list[Member]] = defaultdict(list)
    for item in occurrences:
        itself = (item.form, "exact")
        form, rule = itself if item.organization else followed.get(item.form, itself)
        name = known.name_of(form, organization=item.organization)
        if name != form and rule == "exact":
            rule = "alias"
        groups[name, item.organization].append(Member(item, rule))
    _outvote(groups, known)
    senses = [
        sense
        for (form, organization), members in sorted(groups.items())
        for sense in split(form, organization, members, known, exact=exact)
    ]
    return _home(senses, known), near


def _outvote(groups: dict[tuple[str, bool], list[Member]], known: KnownNames) -> None:
    """Put a form that few papers take for an organisation, or few for something else, with the others.

    Few are a third of the others at most, none of which introduces it or spells it out, and it is not known
    as what they say.
    """
    for form, organization in sorted(groups):
        few, many = groups.get((form, organization), []), groups.get((form, not organization), [])
        if not few or 3 * count(few) > count(many) or known.find(form, organization=organization) is not None:
            continue
        if any(m.item.role == "introduces" or m.item.long_forms for m in few):
            continue
        many += (Member(m.item, weaker(m.rule, "outvoted")) for m in few)
        many.sort(key=lambda m: m.item.order)
        del groups[form, organization]


def _home(senses: Iterable[Sense], known: KnownNames) -> list[Sense]:
    """Return senses, those that are spelled out as a known entity put together with it.

    `DG`, spelled out as domain generalization, is the known entity of that name.
    """
    stay: list[Sense] = []
    moved: defaultdict[str, list[Member]] = defaultdict(list)
    for sense in senses:
        target = _known_reading(sense, known)
        if target is None:
            stay.append(sense)
        else:
            moved[target] += (Member(m.item, weaker(m.rule, "long-form")) for m in sense.members)
    for target, members in sorted(moved.items()):
        place = next((i for i, s in enumerate(stay) if s.form == target and s.known is not None), len(stay))
        if place == len(stay):
            stay.append(Sense(target, False, (), known=known.find(target, organization=False)))
        joined = sorted((*stay[place].members, *members), key=lambda m: m.item.order)
        stay[place] = replace(stay[place], members=tuple(joined))
    return stay


def _known_reading(sense: Sense, known: KnownNames) -> str | None:
    """Return the key of the known entity that a sense is spelled out as, if it is not known by itself."""
    if sense.known is not None or sense.organization:
        return None
    for key in sense.readings:
        row = known.find(known.name_of(key, organization=False), organization=False)
        if row is not None and _may_be_short(sense.form, row):
            target = match_key(row.name)
            return None if target == sense.form else target
    return None


def _may_be_short(form: str, row: KnownEntity) -> bool:
    """Return whether a short form may stand for a known entity: it has no other short form than this."""
    names = (row.name, *row.aliases)
    shorts = {match_key(s) for s in names if any(is_long_form(long, s) for long in names if long != s)}
    return not shorts or form in shorts


def _follow(
    occurrences: Iterable[Occurrence], known: KnownNames
) -> tuple[Mapping[str, tuple[str, str]], tuple[NearMiss, ...]]:
    """Return the short form that each long form stands for with the rule, and the pairs that stay in doubt.

    A long form that papers shorten in different ways stands alone, unless nine of ten agree. What a known
    name or alias stands for is not asked. No long form leads over another one.

    Returns:
        From the key of a long form to that of its short form and the rule; and the doubtful pairs.
    """
    shorts: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    written: dict[str, Counter[str]] = defaultdict(Counter)
    for item in occurrences:
        for long_form in item.long_forms:
            shorts[long_form][known.name_of(item.form, organization=False)].update(item.papers)
            for spelling in item.spellings:
                if match_key(spelling) == long_form:
                    written[long_form][spelling] += len(item.papers)
            written[known.name_of(item.form, organization=False)][item.name] += len(item.papers)
    followed: dict[str, tuple[str, str]] = {}
    near: list[NearMiss] = []
    for long_form, found in sorted(shorts.items()):
        if known.is_known(long_form, organization=False):
            continue
        ranked = sorted(found, key=lambda key: (-len(found[key]), key))
        total = sum(len(papers) for papers in found.values())
        most = len(found[ranked[0]])
        if len(ranked) == 1:
            followed[long_form] = ranked[0], "long-form-elsewhere"
        elif most >= _LEAST and most * _MOSTLY[0] >= total * _MOSTLY[1]:
            followed[long_form] = ranked[0], "long-form-mostly"
        for other in ranked[1:]:
            why = f"both short for {majority(written[long_form])}"
            papers = tuple(sorted(found[ranked[0]] | found[other]))
            near.append(NearMiss(majority(written[ranked[0]]), majority(written[other]), why, papers))
    direct = {key: step for key, step in followed.items() if step[0] not in followed}
    return direct, tuple(sorted(set(near), key=lambda n: (n.one, n.other, n.why)))


def _qualified(group: Sequence[Curated]) -> list[Curated]:
    """Return the senses of one form, each with the qualifier that it needs."""
    if len(group) == 1:
        one = group[0]
        if one.sense.qualifier is None:
            return [one]
        return [replace(one, sense=replace(one.sense, qualifier=None))]
    made = []
    taken: set[str | None] = {one.sense.qualifier for one in group}
    for one in group:
        sense = one.sense
        if sense.qualifier is None and sense.known is None:
            sense = replace(sense, qualifier=_telling(one, taken))
            taken.add(sense.qualifier)
        made.append(replace(one, sense=sense))
    return made


def _telling(one: Curated, taken: set[str | None]) -> str:
    """Return what tells a sense from the others: a long form, its type, or its first paper."""
    spelled = tally(
        (s, m.item) for m in one.sense.members for s in m.item.spellings if match_key(s) in m.item.long_forms
    )
    papers = sorted(one.sense.papers)
    choices = [majority(spelled)] if spelled else []
    choices += [BROAD[type_of(one)], *papers, *(f"{papers[0]} {n}" for n in range(2, len(taken) + 3))]
    return next(choice for choice in choices if choice not in taken)


def _cluster(one: Curated, *, single: bool) -> Cluster:
    sense = one.sense
    known = sense.known
    written = known.name if known else _best_name(sense.members, sense.form)
    name = one.name or written
    qualifier = sense.qualifier if one.name is None else None
    full = name if qualifier in {None, OTHER} else f"{name} ({qualifier})"
    votes = votes_of(sense.members)
    entity_type = type_of(one, votes)
    papers = sense.papers
    aliases = {s for member in sense.members for s in member.item.spellings}
    aliases |= {*(known.aliases if known else ()), written}
    wanted = (
        known.slug
        if known and one.name is None
        else slug(name if qualifier is None else f"{name} {qualifier}")
    )
    pinned = PINNED if known and one.name is None else QUALIFIED if qualifier else PLAIN
    return Cluster(
        entity=Entity(
            slug=wanted,
            name=full,
            type=entity_type,
            kind=_kind(one) if entity_type == "Benchmark" else None,
            aliases=tuple(sorted(aliases - {full})),
            num_papers=len(papers),
        ),
        identity="\x1f".join(
            [sense.form, "org" if sense.organization else "", sense.qualifier or "", one.name or ""]
        ),
        priority=pinned + sense.organization,
        members=sense.members,
        written=written,
        form=sense.form,
        votes=votes,
        apart="" if single and not one.lines else sense.apart,
    )


def _kind(one: Curated) -> str:
    if one.kind:
        return one.kind
    known = one.sense.known
    if known is not None and known.kind:
        return known.kind
    votes = tally((m.item.kind, m.item) for m in one.sense.members if m.item.kind)
    return min(votes, key=lambda kind: (-votes[kind], kind)) if votes else "benchmark"


def _best_name(members: Sequence[Member], form: str) -> str:
    """Return the name that most papers use, of those with the group's own form if there are any."""
    if len(members) == 1:
        return members[0].item.name
    named = tally((m.item.name, m.item) for m in members if m.item.form == form)
    return majority(named or tally((m.item.name, m.item) for m in members))
