"""Homonyms: one form that stands for different things is split into its senses.

Senses are told apart by what papers spell the form out to, and by what they say it is. A paper that tells
neither goes to a sense by its type, by the company of other names in it, or else to the sense of most papers.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from kg.resolve.evidence import Occurrence
from kg.resolve.keys import BROAD, is_acronym, match_key
from kg.resolve.known import KnownNames
from kg.resolve.readings import Reading, alike, cluster, majority
from ontology import KnownEntity

OTHER: Final = "other"
"""Qualifier of the papers that do not say which sense of a form they mean."""


_ENOUGH: Final = 3
"""Papers that must spell a known entity out in one way before that is taken for its long form."""


_CAMEL: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+")


_DISTINCT: Final = frozenset({frozenset({"method", "benchmark"}), frozenset({"method", "metric"})})
"""What no paper takes for one another."""


@dataclass(frozen=True, slots=True)
class Member:
    """An occurrence in a group, and the rule that brought it there."""

    item: Occurrence
    rule: str


@dataclass(frozen=True, slots=True)
class Sense:
    """One sense of a form.

    Attributes:
        form: The key of the form.
        organization: Whether it is an organisation.
        members: Its occurrences, sorted.
        qualifier: What is put behind the name to tell it from the others; None where the bare form means it.
        known: The known entity that it is.
        apart: What told it from the others.
        readings: Keys of the long forms that it is spelled out to, the most common first.
    """

    form: str
    organization: bool
    members: tuple[Member, ...]
    qualifier: str | None = None
    known: KnownEntity | None = None
    apart: str = ""
    readings: tuple[str, ...] = ()

    @property
    def papers(self) -> frozenset[str]:
        """The papers that name it."""
        return frozenset(paper for member in self.members for paper in member.item.papers)


def split(
    form: str, organization: bool, members: Sequence[Member], known: KnownNames, *, exact: bool
) -> list[Sense]:
    """Return the senses of a form; one where nothing tells several.

    Args:
        form: The key of the group.
        organization: Whether its members are organisations.
        members: All occurrences of the form, sorted.
        known: The known names.
        exact: Whether only exact rules count.

    Returns:
        The senses; together they have all members.
    """
    row = known.find(form, _broad_of(members), organization=organization)
    whole = Sense(form, organization, tuple(members), known=row)
    if organization:
        return [whole]
    return [part for sense in _by_case(whole) for part in _by_reading(sense, exact=exact)]


def _by_reading(whole: Sense, *, exact: bool) -> list[Sense]:
    """Return a group split by what its papers spell the short form out to."""
    if not any(member.item.long_forms or member.item.form != whole.form for member in whole.members):
        return [whole]
    own = {match_key(name) for name in _spelled_out(whole.known)}
    read = [_reading(member.item, whole.form, own) for member in whole.members]
    readings = _readings(whole.members, read)
    clusters, main = _main(cluster(readings, exact=exact), whole.known)
    if len(clusters) - (main is not None) == 0 or (whole.known is None and len(clusters) < 2):
        keys = tuple(reading.key for found in clusters for reading in found)
        return [replace(whole, members=_similar(whole.members, read, clusters), readings=keys)]
    home = {reading.key: number for number, found in enumerate(clusters) for reading in found}
    parts: list[list[Member]] = [[] for _ in clusters]
    undecided: list[Member] = []
    for member, key in zip(whole.members, read, strict=True):
        if key is None:
            undecided.append(member)
        else:
            number = home[key]
            rule = "similar-long-form" if key != clusters[number][0].key else member.rule
            parts[number].append(Member(member.item, rule))
    left = _assign(undecided, parts, clusters, whole.known, main, exact=exact)
    spelled = [found[0].spelling for found in clusters]
    senses = [
        Sense(
            whole.form,
            whole.organization,
            _ordered(part),
            qualifier=None if number == main else spelled[number],
            known=whole.known if number == main else None,
            apart=f"spelled out as {spelled[number]}",
            readings=tuple(reading.key for reading in clusters[number]),
        )
        for number, part in enumerate(parts)
    ]
    if left:
        qualifier = whole.qualifier if whole.known or whole.qualifier else OTHER
        apart = "a known entity that no paper here spells out" if whole.known else "not spelled out"
        senses.append(Sense(whole.form, whole.organization, _ordered(left), qualifier, whole.known, apart))
    return senses


def _assign(
    undecided: Sequence[Member],
    parts: list[list[Member]],
    clusters: Sequence[tuple[Reading, ...]],
    known: KnownEntity | None,
    main: int | None,
    *,
    exact: bool,
) -> list[Member]:
    """Put each member without a reading into the part that it fits and return those that fit none.

    A paper that introduces the thing goes with a known entity or stays apart; a single paper does not
    outweigh a known entity of its type.

    Returns:
        The members that fit none.
    """
    kinds = [_broad_of(part) for part in parts]
    sizes = [len({paper for member in part for paper in member.item.papers}) for part in parts]
    order = sorted(range(len(parts)), key=lambda i: (-sizes[i], clusters[i][0].key))
    ranks = {kind: [i for i in order if kinds[i] == kind] for kind in kinds}
    told_by = _Company(parts)
    left: list[Member] = []
    for member in _parted_by_company(undecided, ranks, exact=exact):
        item = member.item
        ranked = ranks.get(BROAD[item.type], [])
        best = ranked[0] if ranked else None
        rule = "type" if len(ranked) == 1 else "majority"
        if not exact and len(ranked) > 1:
            told = told_by.choice(item, ranked)
            best, rule = (told, "company") if told is not None else (best, rule)
        doubtful = best is not None and known is not None and sizes[best] < 2 and item.type == known.type
        if item.role == "introduces" or best is None or (doubtful and best != main):
            (left if main is None else parts[main]).append(
                member if main is None else Member(member.item, "majority")
            )
        else:
            sure = sizes[best] >= _ENOUGH and 20 * sizes[best] >= 19 * sum(sizes)
            parts[best].append(Member(member.item, "nearly-all" if sure else rule))
    return left


def _parted_by_company(
    undecided: Iterable[Member], ranks: Mapping[str, Sequence[int]], *, exact: bool
) -> Iterator[Member]:
    """Yield members, those paper by paper whose company may tell which of several parts they fit."""
    for member in undecided:
        if exact or len(ranks.get(BROAD[member.item.type], ())) < 2:
            yield member
        else:
            yield from (Member(item, member.rule) for item in member.item.apart())


class _Company:
    """What else the papers of each part of a form name; looked up when it is asked for."""

    def __init__(self, parts: Sequence[Sequence[Member]]) -> None:
        self._members = [tuple(part) for part in parts]
        self._found: dict[tuple[int, ...], dict[str, int | None]] = {}

    def choice(self, item: Occurrence, choices: Sequence[int]) -> int | None:
        """Return the one part whose papers clearly name more of the same other things that no other does.

        Args:
            item: What one paper calls so.
            choices: The numbers of the parts that it may belong to, two or more.
        """
        part_of = self._telling(tuple(choices))
        counts = dict.fromkeys(choices, 0)
        for key in item.company.get(item.papers[0], ()):
            part = part_of.get(key)
            if part is not None:
                counts[part] += 1
        first, second = sorted(choices, key=lambda i: -counts[i])[:2]
        return first if counts[first] >= counts[second] + 2 else None

    def _telling(self, choices: tuple[int, ...]) -> Mapping[str, int | None]:
        """Return what papers of some parts name, each with the part; None for what those of several name."""
        if choices not in self._found:
            part_of: dict[str, int | None] = {}
            for part in choices:
                for key in self._of(part):
                    part_of[key] = None if key in part_of else part
            self._found[choices] = part_of
        return self._found[choices]

    def _of(self, number: int) -> frozenset[str]:
        items = [member.item for member in self._members[number]]
        return frozenset().union(
            *(item.company.get(paper, frozenset()) for item in items for paper in item.papers)
        )


def _by_case(whole: Sense) -> list[Sense]:
    """Return a group split where names meet that differ in case and are said to be different things.

    `MATH` the benchmark and `math` the task have one key, as have `Reddit` the data and `ReDDiT` the model:
    case and type together tell them apart, neither does alone.
    """
    own = [m for m in whole.members if m.item.form == whole.form and not m.item.long_forms]
    if len({BROAD[m.item.type] for m in own}) < 2 or len({m.item.name for m in own}) < 2:
        return [whole]
    named = [m for m in own if is_acronym(m.item.name)]
    broad = _broad_of(named or own)
    names = {m.item.name for m in own if BROAD[m.item.type] == broad}
    acronyms = {name for name in names if is_acronym(name)}
    mostly = 2 * count(named) >= count([m for m in own if BROAD[m.item.type] == broad])

    def told(member: Member) -> bool:
        item, kind = member.item, BROAD[member.item.type]
        if kind == broad or item.form != whole.form or item.long_forms:
            return False
        other_case = item.name not in names and any(n.casefold() == item.name.casefold() for n in names)
        return (other_case and frozenset([kind, broad]) in _DISTINCT) or (
            bool(acronyms) and mostly and _is_word(item, acronyms)
        )

    apart, rest = _parted(whole.members, told)
    if not apart or not rest:
        return [whole]
    row = whole.known
    kinds = sorted({BROAD[m.item.type] for m in apart})
    home = BROAD.get(row.type) if row is not None else None  # type: ignore[call-overload]
    senses = [
        replace(
            whole,
            members=rest,
            known=None if home in kinds and home != broad else row,
            apart=f"a {broad}, written in another case",
        )
    ]
    for kind in kinds:
        mine = home == kind and home != broad
        senses.append(
            replace(
                whole,
                members=tuple(m for m in apart if BROAD[m.item.type] == kind),
                known=row if mine else None,
                qualifier=None if mine else kind,
                apart=f"a {kind}, written in another case",
            )
        )
    return senses


def _is_word(item: Occurrence, names: Collection[str]) -> bool:
    """Return whether a name is plain words, while each of some names with its key is none of these words.

    A capital at the start tells nothing from a name that is all capitals.
    """
    name = item.name
    capitalised = not name[:1].islower()
    if item.long_forms or (capitalised and not name[1:].islower()):
        return False
    if any(other.isupper() for other in names):
        return not capitalised
    words = _camel_words(name)
    return all(_camel_words(other) != words for other in names)


def _camel_words(name: str) -> list[str]:
    return [word.casefold() for word in _CAMEL.findall(name)]


def _parted(
    members: Sequence[Member], wanted: Callable[[Member], bool]
) -> tuple[tuple[Member, ...], tuple[Member, ...]]:
    """Return the members that are wanted, and the others."""
    return tuple(filter(wanted, members)), tuple(m for m in members if not wanted(m))


def _main(
    clusters: list[tuple[Reading, ...]], known: KnownEntity | None
) -> tuple[list[tuple[Reading, ...]], int | None]:
    """Return the clusters, and which is the known entity: spelled like a name of it, or by far the most used.

    Clusters that are spelled like different names of it are one. Only an entity that no alias spells out is
    found by how many papers use a reading.
    """
    if known is None or not clusters:
        return clusters, None
    own = _spelled_out(known)
    mine = [c for c in clusters if any(alike(name, reading.spelling) for name in own for reading in c)]
    if mine:
        others = [c for c in clusters if c not in mine]
        return [tuple(reading for c in mine for reading in c), *others], 0
    if own:
        return clusters, None
    sizes = [len(frozenset().union(*(r.papers for r in found))) for found in clusters]
    ranked = sorted(range(len(sizes)), key=lambda i: -sizes[i])
    clear = len(ranked) == 1 or sizes[ranked[0]] >= 2 * sizes[ranked[1]]
    return clusters, ranked[0] if clear and sizes[ranked[0]] >= _ENOUGH else None


def _spelled_out(known: KnownEntity | None) -> list[str]:
    """Return the names of a known entity that are several words."""
    names = (known.name, *known.aliases) if known is not None else ()
    return [name for name in names if len(name.replace("-", " ").split()) > 1]


def _reading(item: Occurrence, form: str, own: Collection[str]) -> str | None:
    """Return the key of what a paper spells the short form out to, if it does; `own` are known long forms."""
    if item.form in own and not item.long_forms:
        return item.form
    if item.form != form and not item.long_forms:
        return item.form if len(item.form) >= 2 * len(form) else None
    return max(item.long_forms, key=lambda key: (len(key), key), default=None)


def _readings(members: Sequence[Member], read: Sequence[str | None]) -> list[Reading]:
    spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
    papers: defaultdict[str, set[str]] = defaultdict(set)
    for member, key in zip(members, read, strict=True):
        if key is not None:
            for spelling in member.item.spellings:
                if match_key(spelling) == key:
                    spellings[key][spelling] += len(member.item.papers)
            papers[key].update(member.item.papers)
    return [Reading(key, majority(spellings[key]), frozenset(papers[key])) for key in sorted(papers)]


def _similar(
    members: Sequence[Member], read: Sequence[str | None], clusters: Sequence[tuple[Reading, ...]]
) -> tuple[Member, ...]:
    centres = {found[0].key for found in clusters}
    return tuple(
        member if key is None or key in centres else Member(member.item, "similar-long-form")
        for member, key in zip(members, read, strict=True)
    )


def tally(told: Iterable[tuple[str, Occurrence]]) -> Counter[str]:
    """Return how many uses of names say each of some words; told by what says it, all its papers at once."""
    counts: Counter[str] = Counter()
    for word, item in told:
        counts[word] += len(item.papers)
    return counts


def count(members: Iterable[Member]) -> int:
    """Return how many uses of names members are."""
    return sum(len(member.item.papers) for member in members)


def _broad_of(members: Sequence[Member]) -> str:
    votes: dict[str, int] = {}
    for member in members:
        kind = BROAD[member.item.type]
        votes[kind] = votes.get(kind, 0) + sum(member.item.weights)
    return min(votes, key=lambda kind: (-votes[kind], kind)) if votes else ""


def _ordered(members: Sequence[Member]) -> tuple[Member, ...]:
    return tuple(sorted(members, key=lambda member: member.item.order))
