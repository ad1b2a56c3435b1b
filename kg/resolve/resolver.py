"""Names to entities: one thing, one node.

A name's group is its normal form, after aliases of known entities and long forms have been followed. Where
papers spell one short form out in different ways, each reading (sense) is an entity of its own. The result
depends on the set of papers alone, not on their order.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kg.model import ENTITY_TYPES, Entity, EntityType, Extraction, Paper
from kg.names import normal_form, slug
from kg.resolve.evidence import Occurrence, long_form_index, occurrences
from ontology import KnownEntity, known_entities


@dataclass(frozen=True, slots=True)
class Resolution:
    """Entities, and which of them each paper's name stands for.

    `of` maps (paper id, name as in `Mention.name` or of an organisation line, whether it is an organisation)
    to a slug. `senses` maps the slug of a short form with several readings to the slugs of all of them.
    """

    entities: tuple[Entity, ...]
    of: Mapping[tuple[str, str, bool], str]
    senses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def find(self, paper_id: str, name: str, *, organization: bool = False) -> str | None:
        """Return the slug that a paper's name stands for, or None."""
        return self.of.get((paper_id, name, organization))


def resolve(papers: Iterable[Paper], extractions: Iterable[Extraction]) -> Resolution:
    """Resolve all names of all papers together."""
    found = occurrences(papers, extractions)
    known = _KnownNames(known_entities())
    long_forms = long_form_index(found)
    groups: defaultdict[tuple[str, bool], list[Occurrence]] = defaultdict(list)
    for item in found:
        organization = item.type == "Organization"
        form = item.form if organization else long_forms.get(item.form, item.form)
        groups[known.form(form, organization=organization), organization].append(item)
    entities: list[Entity] = []
    of: dict[tuple[str, str, bool], str] = {}
    senses: dict[str, tuple[str, ...]] = {}
    taken: dict[str, tuple[str, bool]] = {}
    for (form, organization), members in sorted(groups.items()):
        parts = _split_senses(members, known.find(form, organization=organization))
        slugs: list[str] = []
        for sense, part in parts:
            row = known.find(form, organization=organization) if sense is None else None
            entity = _entity(part, row, sense)
            if taken.setdefault(entity.slug, (form, organization)) != (form, organization):
                entity = replace(
                    entity, slug=f"{entity.slug}-organization" if organization else f"{entity.slug}~2"
                )
                taken[entity.slug] = (form, organization)
            entities.append(entity)
            slugs.append(entity.slug)
            for item in part:
                of[item.paper, item.name, organization] = entity.slug
        if len(slugs) > 1:
            senses[slug(_best_name(members))] = tuple(sorted(slugs))
    return Resolution(tuple(sorted(entities, key=lambda e: e.slug)), of, senses)


class _KnownNames:
    """Known entities by the normal forms of their names and aliases."""

    def __init__(self, rows: Sequence[KnownEntity]) -> None:
        self._rows: dict[tuple[str, bool], KnownEntity] = {}
        self._forms: dict[tuple[str, bool], str] = {}
        for row in rows:
            key = (normal_form(row.name), row.type == "Organization")
            self._rows.setdefault(key, row)
        owners: defaultdict[tuple[str, bool], set[str]] = defaultdict(set)
        for row in rows:
            for alias in row.aliases:
                owners[normal_form(alias), row.type == "Organization"].add(normal_form(row.name))
        for key, forms in owners.items():
            if len(forms) == 1 and key not in self._rows:
                self._forms[key] = next(iter(forms))

    def form(self, form: str, *, organization: bool) -> str:
        return self._forms.get((form, organization), form)

    def find(self, form: str, *, organization: bool) -> KnownEntity | None:
        return self._rows.get((form, organization))


def _split_senses(
    members: Sequence[Occurrence], known: KnownEntity | None
) -> list[tuple[str | None, list[Occurrence]]]:
    """Return a group split by what its papers spell the short form out to.

    The reading of a known entity has no sense (None). A paper that does not spell the short form out goes
    with the reading of most papers among those of its type, but one that introduces the thing stays apart,
    and a single paper does not outweigh a known entity of that type.
    """
    readings: defaultdict[str, set[str]] = defaultdict(set)
    for item in members:
        if item.long_forms:
            readings[_reading(item)].add(item.paper)
    clusters = _cluster(readings)
    own = [normal_form(name) for name in (known.name, *known.aliases)] if known else []
    main = next((i for i, c in enumerate(clusters) if any(_alike(o, r) for o in own for r in c)), None)
    spelled_otherwise = len(clusters) - (main is not None)
    if spelled_otherwise == 0 or (known is None and len(clusters) < 2):
        return [(None, list(members))]
    parts: list[list[Occurrence]] = [
        [i for i in members if i.long_forms and _reading(i) in c] for c in clusters
    ]
    bare: list[Occurrence] = []
    kinds = [Counter(_broad(item.type) for item in part).most_common(1)[0][0] for part in parts]
    sizes = [len({item.paper for item in part}) for part in parts]
    for item in members:
        if item.long_forms:
            continue
        fitting = [i for i, kind in enumerate(kinds) if kind == _broad(item.type)]
        best = min(fitting, key=lambda i: (-sizes[i], min(clusters[i])), default=None)
        doubtful = best is not None and known is not None and sizes[best] < 2 and item.type == known.type
        if item.role == "introduces" or best is None or (doubtful and best != main):
            (bare if main is None else parts[main]).append(item)
        else:
            parts[best].append(item)
    split = [(None if i == main else _spelled(part), part) for i, part in enumerate(parts)]
    if bare:
        split.append((None if known else "other", bare))
    return split


def _broad(entity_type: EntityType) -> str:
    """Return a type such that a mere Method/Model or Task/Concept disagreement is none."""
    return {"Model": "Method", "Task": "Concept"}.get(entity_type, entity_type)


def _reading(item: Occurrence) -> str:
    return max(item.long_forms, key=lambda form: (len(form), form))


def _cluster(readings: Mapping[str, set[str]]) -> list[frozenset[str]]:
    """Return readings put together that differ in spelling only (`optimization`, `optimisation`)."""
    clusters: list[set[str]] = []
    for reading in sorted(readings):
        home = next((c for c in clusters if any(_alike(reading, other) for other in c)), None)
        if home is None:
            clusters.append({reading})
        else:
            home.add(reading)
    return [frozenset(c) for c in clusters]


def _alike(one: str, other: str) -> bool:
    short, long = sorted((one.replace("isation", "ization"), other.replace("isation", "ization")), key=len)
    if short in long:
        return True
    shared = len(set(_trigrams(short)) & set(_trigrams(long)))
    return 10 * shared >= 6 * max(len(set(_trigrams(short))), len(set(_trigrams(long))), 1)


def _trigrams(text: str) -> list[str]:
    return [text[i : i + 3] for i in range(len(text) - 2)]


def _spelled(part: Sequence[Occurrence]) -> str:
    spelled = Counter(
        s for item in part for s in item.spellings if item.long_forms and normal_form(s) == _reading(item)
    )
    return min(spelled, key=lambda s: (-spelled[s], len(s), s)) if spelled else "other"


def _entity(part: Sequence[Occurrence], known: KnownEntity | None, sense: str | None) -> Entity:
    name = known.name if known else _best_name(part)
    aliases = {s for item in part for s in item.spellings} | set(known.aliases if known else ())
    entity_type = _entity_type(part, known)
    full = name if sense is None or sense == "other" else f"{name} ({sense})"
    return Entity(
        slug=known.slug if known else slug(name if sense is None else f"{name} {sense}"),
        name=full,
        type=entity_type,
        kind=_kind(part, known) if entity_type == "Benchmark" else None,
        aliases=tuple(sorted(aliases - {full})),
        num_papers=len({item.paper for item in part}),
    )


def _entity_type(part: Sequence[Occurrence], known: KnownEntity | None) -> EntityType:
    votes: Counter[EntityType] = Counter()
    for item in part:
        votes[item.type] += item.weight
    if known is not None:
        for entity_type in ENTITY_TYPES:
            if entity_type == known.type:
                return entity_type
    return min(votes, key=lambda t: (-votes[t], ENTITY_TYPES.index(t)))


def _kind(part: Sequence[Occurrence], known: KnownEntity | None) -> str:
    if known is not None and known.kind:
        return known.kind
    votes = Counter(item.kind for item in part if item.kind)
    return min(votes, key=lambda kind: (-votes[kind], kind)) if votes else "benchmark"


def _best_name(part: Iterable[Occurrence]) -> str:
    counts = Counter(item.name for item in part)
    return min(counts, key=lambda name: (-counts[name], len(name), name))
