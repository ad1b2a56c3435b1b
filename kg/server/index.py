"""What pages need at once: names, titles and who stands in which paper, in memory.

Built when a generation is opened, from the outline in its catalog. Entities are numbered by falling number of
papers, papers by falling date, so the smallest numbers are what a reader looks for first.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from kg.catalog import Outline
from kg.catalog.outline import Ints
from kg.model import ENTITY_TYPES
from kg.names import normal_form
from kg.server.fulltext import FullText
from kg.vocab import AFFILIATED, ROLE_RELATION

ROLES: Final = (*ROLE_RELATION.values(), AFFILIATED)
"""How a paper can stand to an entity, in the order in which roles are shown."""


@dataclass(frozen=True, slots=True)
class Named:
    """An entity as a list shows it; `first` is the month of the earliest paper that names it, if known."""

    number: int
    slug: str
    name: str
    type: str
    papers: int
    first: str | None = None


@dataclass(frozen=True, slots=True)
class Titled:
    """A paper as a list shows it; the date is ISO, as far as it is known."""

    number: int
    id: str
    title: str
    date: str | None


class Index:
    """Names, titles and edges of one generation, in memory; safe to use from several threads."""

    def __init__(self, outline: Outline) -> None:
        self._entities = outline.entities
        self._heads = outline.papers
        self.outline = outline
        self._totals: Ints = np.array([entity.num_papers for entity in self._entities], dtype=np.int64)
        self._by_slug = {entity.slug: number for number, entity in enumerate(self._entities)}
        self._by_id = {head.id: number for number, head in enumerate(self._heads)}
        self._of_type: defaultdict[str, list[int]] = defaultdict(list)
        for number, entity in enumerate(self._entities):
            self._of_type[entity.type].append(number)
        self._of_type.default_factory = None
        self._read_roles(outline)
        self._text = FullText(
            [(entity.name, *entity.aliases) for entity in self._entities],
            [(head.title, *head.authors) for head in self._heads],
        )

    def __len__(self) -> int:
        return len(self._entities)

    @property
    def num_papers(self) -> int:
        """The number of papers."""
        return len(self._heads)

    def entity(self, number: int) -> Named:
        """Return the entity with a number."""
        entity = self._entities[number]
        return Named(
            number,
            entity.slug,
            entity.name,
            entity.type,
            entity.num_papers,
            self.first(number),
        )

    def find_entity(self, slug: str) -> Named | None:
        """Return the entity with a slug, or None."""
        number = self._by_slug.get(slug)
        return None if number is None else self.entity(number)

    def paper(self, number: int) -> Titled:
        """Return the paper with a number."""
        head = self._heads[number]
        return Titled(number, head.id, head.title, head.published)

    def find_paper(self, paper_id: str) -> Titled | None:
        """Return the paper with an id, or None."""
        number = self._by_id.get(paper_id)
        return None if number is None else self.paper(number)

    def papers(self, offset: int, limit: int) -> list[Titled]:
        """Return papers, newest first."""
        return [self.paper(number) for number in range(self.num_papers)[offset : offset + limit]]

    def entities(self, entity_type: str, order: str, offset: int, limit: int) -> list[Named]:
        """Return entities of a type by `papers`, `name` or `new` (first named last)."""
        numbers = self._of_type.get(entity_type, [])
        if order == "name":
            numbers = sorted(
                numbers, key=lambda n: (normal_form(self._entities[n].name), self._entities[n].slug)
            )
        elif order == "new":
            numbers = sorted(numbers, key=lambda n: self.first(n) or "", reverse=True)
        return [self.entity(number) for number in numbers[offset : offset + limit]]

    def papers_of(self, number: int, role: str = "") -> Ints:
        """Return the numbers of the papers of an entity, newest first, in one role if given."""
        chosen = [role] if role else ROLES
        return np.unique(np.concatenate([self.papers_in_role(one, number) for one in chosen]))

    def with_roles(self, number: int, papers: Iterable[int]) -> list[tuple[Titled, tuple[str, ...]]]:
        """Return papers of an entity, each with its roles."""
        by_role = {role: self.papers_in_role(role, number) for role in ROLES}
        return [
            (self.paper(paper), tuple(role for role in ROLES if _holds(by_role[role], paper)))
            for paper in papers
        ]

    def papers_with(self, number: int, role: str) -> list[Titled]:
        """Return the papers that stand in one role to an entity, newest first."""
        return [self.paper(paper) for paper in sorted(self.papers_in_role(role, number).tolist())]

    def months(self, numbers: Iterable[int]) -> dict[str, int]:
        """Return how many of these papers each month has, in order; papers without date are left out."""
        counted = Counter(date[:7] for n in numbers if (date := self._heads[n].published))
        return dict(sorted(counted.items()))

    def neighbours(self, number: int, limit: int) -> dict[str, list[tuple[Named, int]]]:
        """Return, for each type, the entities that share most of their papers with an entity.

        Ranked by shared papers over the root of the other's papers (the cosine), so that what stands in
        every paper does not lead every list.

        Returns:
            For each type, entities with the number of shared papers.
        """
        shared = self._shared(number)
        least = 2 if len(self.papers_of(number)) > 5 else 1
        candidates = np.flatnonzero(shared >= least)
        score = shared[candidates] ** 2 / np.maximum(self._totals[candidates], 1)
        found: dict[str, list[tuple[Named, int]]] = {}
        for other in candidates[np.lexsort((candidates, -score))].tolist():
            listed = found.setdefault(self._entities[other].type, [])
            if len(listed) < limit:
                listed.append((self.entity(other), int(shared[other])))
        return {kind: found[kind] for kind in ENTITY_TYPES if kind in found}

    def companions(self, number: int, limit: int) -> list[tuple[int, int]]:
        """Return the entities that share most papers with an entity, each with how many."""
        shared = self._shared(number)
        found = np.flatnonzero(shared)
        best = found[np.lexsort((found, -shared[found]))][:limit]
        return [(int(other), int(shared[other])) for other in best]

    def _shared(self, number: int) -> Ints:
        """Return how many papers each entity shares with an entity."""
        papers = self.papers_of(number)
        starts, ends = self._paper_starts[papers], self._paper_starts[papers + 1]
        chosen = np.repeat(ends - np.cumsum(ends - starts), ends - starts) + np.arange((ends - starts).sum())
        shared: Ints = np.bincount(self._entities_by_paper[chosen], minlength=len(self))
        shared[number] = 0
        return shared

    def suggest(self, text: str, limit: int = 10) -> list[Named | Titled]:
        """Return what a reader who has typed `text` may mean: entities first, then papers."""
        names = self.search_entities(text, 0, limit)
        titles = self.search_titles(text, 0, max(2, limit - len(names)))
        found: list[Named | Titled] = [*names[: limit - min(len(titles), 2)], *titles]
        return found[:limit]

    def search_entities(self, text: str, offset: int, limit: int, entity_type: str = "") -> list[Named]:
        """Return entities that bear a name with these words: those named just so first, then by papers."""
        form = normal_form(text)
        exact = self._text.exact(text)
        rows = self._text.names(text, offset + limit + len(exact) if not entity_type else -1)
        begins = [n for n in rows if normal_form(self._entities[n].name).startswith(form)] if form else []
        order = dict.fromkeys([*exact, *begins, *rows])
        numbers = [n for n in order if not entity_type or self._entities[n].type == entity_type]
        return [self.entity(number) for number in numbers[offset : offset + limit]]

    def search_titles(self, text: str, offset: int, limit: int) -> list[Titled]:
        """Return papers whose title or authors have these words, newest first."""
        return [self.paper(n) for n in self._text.titles(text, offset + limit)[offset:]]

    def near(self, name: str, limit: int = 8) -> list[Named]:
        """Return entities whose names look like a name, best first."""
        return [self.entity(number) for number in self._text.near(name, limit)]

    def papers_in_role(self, role: str, number: int) -> Ints:
        """Return the numbers of the papers that stand in one role to an entity, newest first."""
        starts, papers = self._by_role[role]
        return papers[starts[number] : starts[number + 1]]

    def entities_in_role(self, role: str) -> tuple[Ints, Ints]:
        """Return all pairs of entity and paper of a role, as two arrays."""
        starts, papers = self._by_role[role]
        return np.repeat(np.arange(len(self)), np.diff(starts)), papers

    def first(self, number: int) -> str | None:
        """Return the month of the earliest paper that names an entity."""
        paper = int(self._earliest[number])
        return (self._heads[paper].published or "")[:7] if paper >= 0 else None

    def of_type(self, entity_type: str) -> Ints:
        """Return the numbers of the entities of a type."""
        return np.array(self._of_type.get(entity_type, []), dtype=np.int64)

    def _read_roles(self, outline: Outline) -> None:
        """Keep who stands in which paper: for each role by entity, and for all roles together by paper."""
        count = len(outline.entities)
        source, relation, target, _ = outline.edges.T
        self._by_role: dict[str, tuple[Ints, Ints]] = {}
        number = {name: n for n, name in enumerate(outline.relations)}
        from_paper = source >= count
        for role in ROLES:
            chosen = from_paper & (relation == number.get(role, -1))
            order = np.lexsort((source[chosen], target[chosen]))
            owners, papers = target[chosen][order], source[chosen][order] - count
            self._by_role[role] = (_starts(owners, count), papers)
        # each pair of paper and entity once, by paper
        pairs = np.unique((source[from_paper] - count) * (count or 1) + target[from_paper])
        by_paper, self._entities_by_paper = np.divmod(pairs, count or 1)
        self._paper_starts = _starts(by_paper, len(outline.papers))
        # papers are numbered by falling date, those without a date last
        dated = sum(head.published is not None for head in outline.papers)
        self._earliest: Ints = np.full(count, -1, dtype=np.int64)
        np.maximum.at(self._earliest, self._entities_by_paper, np.where(by_paper < dated, by_paper, -1))


def _starts(owners: Ints, count: int) -> Ints:
    """Return where the rows of each owner begin in rows sorted by owner, and the end after the last."""
    return np.concatenate([[0], np.cumsum(np.bincount(owners, minlength=count))]).astype(np.int64)


def _holds(ascending: Ints, value: int) -> bool:
    place = int(np.searchsorted(ascending, value))
    return place < len(ascending) and int(ascending[place]) == value
