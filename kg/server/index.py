"""What pages need at once: names, titles and who stands in which paper, in memory.

Built when a generation is opened, from plain scans of the store and the catalog's list of papers. Entities
are numbered by falling number of papers, papers by falling date, so the smallest numbers are what a reader
looks for first, and a full-text search that stops early stops with the best.
"""

from __future__ import annotations

import csv
import io
import sqlite3
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final
from urllib.parse import unquote

import numpy as np
import numpy.typing as npt
import pyoxigraph as ox

from kg.catalog import PaperHead
from kg.model import ENTITY_TYPES
from kg.names import normal_form
from kg.server.words import words_of
from kg.vocab import AFFILIATED, PREFIXES, ROLE_RELATION, Namespace

ROLES: Final = (*ROLE_RELATION.values(), AFFILIATED)
"""How a paper can stand to an entity, in the order in which roles are shown."""
_USED: Final = ("uses", "evaluatesOn")
_RECENT: Final = 3
"""Months that count as recent."""
Ints = npt.NDArray[np.int64]


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


@dataclass(frozen=True, slots=True)
class Rising:
    """An entity with its papers in the recent months and in as many as a year before them."""

    entity: Named
    recent: int
    before: int


@dataclass(frozen=True, slots=True)
class Overview:
    """What a graph holds, what is most used, what is new, and what rises."""

    papers: int
    types: Mapping[str, int]
    recent: Sequence[str]
    used: Mapping[str, Sequence[tuple[Named, int]]]
    rising: Sequence[Rising]
    fresh: Sequence[Named]
    newest: Sequence[Titled]
    months: Mapping[str, int]


class Index:
    """Names, titles and edges of one generation, in memory; safe to use from several threads."""

    def __init__(self, store: ox.Store, heads: Iterable[PaperHead], names: Namespace) -> None:
        self._base = names.base
        self._lock = threading.Lock()
        scans = _Scans(store)
        try:
            self._read_entities(scans)
            listed = sorted(heads, key=lambda head: head.id)
            listed.sort(key=lambda head: head.published or "", reverse=True)
            self._ids = [head.id for head in listed]
            self._titles = [head.title for head in listed]
            self._dates = [head.published for head in listed]
            self._by_id = {paper: number for number, paper in enumerate(self._ids)}
            self._read_edges(scans)
            self._text = self._full_text(scans, [head.authors for head in listed])
        finally:
            scans.close()
        self.overview = self._overview()

    def __len__(self) -> int:
        return len(self._slugs)

    @property
    def num_papers(self) -> int:
        """The number of papers."""
        return len(self._ids)

    def entity(self, number: int) -> Named:
        """Return the entity with a number."""
        return Named(
            number,
            self._slugs[number],
            self._labels[number],
            self._types[number],
            self._counts[number],
            self._first(number),
        )

    def find_entity(self, slug: str) -> Named | None:
        """Return the entity with a slug, or None."""
        number = self._by_slug.get(slug)
        return None if number is None else self.entity(number)

    def paper(self, number: int) -> Titled:
        """Return the paper with a number."""
        return Titled(number, self._ids[number], self._titles[number], self._dates[number])

    def find_paper(self, paper_id: str) -> Titled | None:
        """Return the paper with an id, or None."""
        number = self._by_id.get(paper_id)
        return None if number is None else self.paper(number)

    def papers(self, offset: int, limit: int) -> list[Titled]:
        """Return papers, newest first."""
        return [self.paper(number) for number in range(len(self._ids))[offset : offset + limit]]

    def entities(self, entity_type: str, order: str, offset: int, limit: int) -> list[Named]:
        """Return entities of a type by `papers`, `name` or `new` (first named last)."""
        numbers = self._of_type.get(entity_type, [])
        if order == "name":
            numbers = sorted(numbers, key=lambda n: (normal_form(self._labels[n]), self._slugs[n]))
        elif order == "new":
            numbers = sorted(numbers, key=lambda n: self._first(n) or "", reverse=True)
        return [self.entity(number) for number in numbers[offset : offset + limit]]

    def papers_of(self, number: int, role: str = "") -> Ints:
        """Return the numbers of the papers of an entity, newest first, in one role if given."""
        chosen = [role] if role else ROLES
        return np.unique(np.concatenate([self._papers_by_role(one, number) for one in chosen]))

    def with_roles(self, number: int, papers: Iterable[int]) -> list[tuple[Titled, tuple[str, ...]]]:
        """Return papers of an entity, each with its roles."""
        by_role = {role: self._papers_by_role(role, number) for role in ROLES}
        return [
            (self.paper(paper), tuple(role for role in ROLES if _holds(by_role[role], paper)))
            for paper in papers
        ]

    def papers_with(self, number: int, role: str) -> list[Titled]:
        """Return the papers that stand in one role to an entity, newest first."""
        return [self.paper(paper) for paper in sorted(self._papers_by_role(role, number).tolist())]

    def months(self, numbers: Iterable[int]) -> dict[str, int]:
        """Return how many of these papers each month has, in order; papers without date are left out."""
        counted = Counter(date[:7] for n in numbers if (date := self._dates[n]))
        return dict(sorted(counted.items()))

    def neighbours(self, number: int, limit: int) -> dict[str, list[tuple[Named, int]]]:
        """Return, for each type, the entities that share most of their papers with an entity.

        Ranked by shared papers over the root of the other's papers (the cosine), so that what stands in
        every paper does not lead every list.

        Returns:
            For each type, entities with the number of shared papers.
        """
        papers = self.papers_of(number)
        starts, ends = self._paper_starts[papers], self._paper_starts[papers + 1]
        chosen = np.repeat(ends - np.cumsum(ends - starts), ends - starts) + np.arange((ends - starts).sum())
        shared = np.bincount(self._entities_by_paper[chosen], minlength=len(self._slugs))
        shared[number] = 0
        least = 2 if len(papers) > 5 else 1
        candidates = np.flatnonzero(shared >= least)
        score = shared[candidates] ** 2 / np.maximum(self._totals[candidates], 1)
        found: dict[str, list[tuple[Named, int]]] = {}
        for other in candidates[np.lexsort((candidates, -score))].tolist():
            listed = found.setdefault(self._types[other], [])
            if len(listed) < limit:
                listed.append((self.entity(other), int(shared[other])))
        return {kind: found[kind] for kind in ENTITY_TYPES if kind in found}

    def suggest(self, text: str, limit: int = 10) -> list[Named | Titled]:
        """Return what a reader who has typed `text` may mean: entities first, then papers."""
        names = self.search_entities(text, 0, limit)
        titles = self.search_titles(text, 0, max(2, limit - len(names)))
        found: list[Named | Titled] = [*names[: limit - min(len(titles), 2)], *titles]
        return found[:limit]

    def search_entities(self, text: str, offset: int, limit: int, entity_type: str = "") -> list[Named]:
        """Return entities that bear a name with these words: those named just so first, then by papers."""
        form = normal_form(text)
        exact = self._by_form.get(form, [])
        match = _match(text)
        rows = self._rows("names", match, offset + limit + len(exact) if not entity_type else -1)
        begins = [n for n in rows if normal_form(self._labels[n]).startswith(form)] if form else []
        order = dict.fromkeys([*exact, *begins, *rows])
        numbers = [n for n in order if not entity_type or self._types[n] == entity_type]
        return [self.entity(number) for number in numbers[offset : offset + limit]]

    def search_titles(self, text: str, offset: int, limit: int) -> list[Titled]:
        """Return papers whose title or authors have these words, newest first."""
        return [self.paper(n) for n in self._rows("titles", _match(text), offset + limit)[offset:]]

    def count_found(self, table: str, text: str) -> int:
        """Return how many `names` or `titles` have these words."""
        match = _match(text)
        if not match:
            return 0
        with self._lock:
            sql = f"select count(*) from {table} where {table} match ?"
            return int(self._text.execute(sql, [match]).fetchone()[0])

    def near(self, name: str, limit: int = 8) -> list[Named]:
        """Return entities whose names look like a name, best first."""
        form = normal_form(name)
        grams = sorted({form[i : i + 3] for i in range(len(form) - 2)})[:40]
        if not grams:
            return []
        with self._lock:
            match = " OR ".join(f'"{gram}"' for gram in grams)
            sql = "select rowid from grams where grams match ? order by rank limit 80"
            rows = [row[0] for row in self._text.execute(sql, [match])]
        matcher = SequenceMatcher(b=form)
        scored = []
        for number in rows:
            matcher.set_seq1(normal_form(self._labels[number]))
            scored.append((-round(matcher.ratio(), 6), number))
        return [self.entity(n) for score, n in sorted(scored)[:limit] if score <= -0.5]

    def _rows(self, table: str, match: str, limit: int) -> list[int]:
        if not match:
            return []
        with self._lock:
            sql = f"select rowid from {table} where {table} match ? order by rowid limit ?"
            return [row[0] for row in self._text.execute(sql, [match, limit])]

    def _papers_by_role(self, role: str, number: int) -> Ints:
        starts, papers = self._by_role[role]
        return papers[starts[number] : starts[number + 1]]

    def _read_entities(self, scans: _Scans) -> None:
        labels = dict(self._literals(scans, "skos:prefLabel", "entity"))
        counts = dict(self._literals(scans, "akg:numPapers", "entity"))
        types: dict[str, str] = {}
        for kind in ENTITY_TYPES:
            for node in scans.of_type(f"akg:{kind}"):
                if slug := self._local(node, "entity"):
                    types[slug] = kind
        order = sorted(
            (slug for slug in labels if slug in types), key=lambda s: (-int(counts.get(s, "0")), s)
        )
        self._slugs = order
        self._labels = [labels[slug] for slug in order]
        self._types = [types[slug] for slug in order]
        self._counts = [int(counts.get(slug, "0")) for slug in order]
        self._totals: Ints = np.array(self._counts, dtype=np.int64)
        self._by_slug = {slug: number for number, slug in enumerate(order)}
        self._of_type: defaultdict[str, list[int]] = defaultdict(list)
        for number, name in enumerate(self._types):
            self._of_type[name].append(number)

    def _read_edges(self, scans: _Scans) -> None:
        """Read who stands in which paper: for each role by entity, and for all roles together by paper."""
        self._by_role: dict[str, tuple[Ints, Ints]] = {}
        pairs: list[Ints] = []
        for role in ROLES:
            found = [
                (entity, paper)
                for subject, value in scans.pairs(f"akg:{role}")
                if (paper := self._by_id.get(self._local(subject, "paper"))) is not None
                and (entity := self._by_slug.get(self._local(value, "entity"))) is not None
            ]
            edges: Ints = np.array(sorted(found), dtype=np.int64).reshape(-1, 2)
            self._by_role[role] = (_starts(edges[:, 0], len(self._slugs)), edges[:, 1].copy())
            pairs.append(edges)
        # each pair of paper and entity once, by paper
        codes = np.unique(np.concatenate(pairs)[:, ::-1] @ np.array([len(self._slugs) or 1, 1]))
        by_paper, self._entities_by_paper = np.divmod(codes, len(self._slugs) or 1)
        self._paper_starts = _starts(by_paper, len(self._ids))
        # papers are numbered by falling date, those without a date last
        dated = sum(date is not None for date in self._dates)
        self._earliest: Ints = np.full(len(self._slugs), -1, dtype=np.int64)
        np.maximum.at(self._earliest, self._entities_by_paper, np.where(by_paper < dated, by_paper, -1))

    def _first(self, number: int) -> str | None:
        """Return the month of the earliest paper that names an entity."""
        paper = int(self._earliest[number])
        return (self._dates[paper] or "")[:7] if paper >= 0 else None

    def _full_text(self, scans: _Scans, authors: Sequence[Sequence[str]]) -> sqlite3.Connection:
        aliases: defaultdict[str, list[str]] = defaultdict(list)
        for slug, alias in self._literals(scans, "skos:altLabel", "entity"):
            aliases[slug].append(alias)
        self._by_form: defaultdict[str, list[int]] = defaultdict(list)
        for number, slug in enumerate(self._slugs):
            for form in {normal_form(name) for name in (self._labels[number], *aliases[slug])} - {""}:
                self._by_form[form].append(number)
        self._by_form.default_factory = None
        text = sqlite3.connect(":memory:", check_same_thread=False)
        plain = "tokenize=\"unicode61 remove_diacritics 2\", prefix='1 2 3', content=''"
        text.execute(f"create virtual table names using fts5(name, {plain})")
        text.execute(f"create virtual table titles using fts5(title, {plain})")
        text.execute("create virtual table grams using fts5(form, tokenize='trigram', content='')")
        text.executemany(
            "insert into names (rowid, name) values (?, ?)",
            (
                (number, " ⋅ ".join([self._labels[number], *sorted(aliases[slug])]))
                for number, slug in enumerate(self._slugs)
            ),
        )
        text.executemany(
            "insert into titles (rowid, title) values (?, ?)",
            ((number, " ⋅ ".join([self._titles[number], *names])) for number, names in enumerate(authors)),
        )
        text.executemany(
            "insert into grams (rowid, form) values (?, ?)",
            ((number, normal_form(label)) for number, label in enumerate(self._labels)),
        )
        return text

    def _overview(self) -> Overview:
        months = self.months(range(len(self._ids)))
        recent = sorted(months)[-_RECENT:]
        before = sorted(months)[-_RECENT - 12 : -_RECENT]
        last: Ints = np.array([_period(date, recent, before) for date in self._dates], dtype=np.int64)
        used: Ints = np.zeros((3, len(self._slugs)), dtype=np.int64)
        for role in _USED:
            starts, papers = self._by_role[role]
            entities = np.repeat(np.arange(len(self._slugs)), np.diff(starts))
            for period in range(3):
                chosen = entities[last[papers] == period] if len(papers) else entities
                used[period] += np.bincount(chosen, minlength=len(self._slugs))
        totals = used.sum(axis=0)
        most: dict[str, list[tuple[Named, int]]] = {}
        for kind in ("Method", "Model", "Benchmark"):
            numbers = np.array(self._of_type.get(kind, []), dtype=np.int64)
            best = numbers[np.lexsort((numbers, -totals[numbers]))][:10].tolist()
            most[kind] = [(self.entity(n), int(totals[n])) for n in best if totals[n]]
        introduced = np.flatnonzero(np.diff(self._by_role["introduces"][0])).tolist()
        fresh = [n for n in introduced if self._first(n) in recent]
        return Overview(
            papers=len(self._ids),
            types={kind: len(self._of_type.get(kind, [])) for kind in ENTITY_TYPES},
            recent=recent,
            used=most,
            rising=self._rising(used[2], used[1], np.bincount(last, minlength=3)),
            fresh=[self.entity(n) for n in fresh if self._types[n] in most][:12],
            newest=self.papers(0, 10),
            months=dict(list(months.items())[-24:]),
        )

    def _rising(self, recent: Ints, before: Ints, papers: Ints) -> list[Rising]:
        """Return what papers of the recent months use more than those of the year before.

        By the z of two proportions; methods, models and benchmarks with at least three recent papers.
        """
        if not (papers[1] and papers[2]):
            return []
        share = (recent + before) / (papers[1] + papers[2])
        spread = np.sqrt(np.maximum(share * (1 - share), 1e-12) * (1 / papers[1] + 1 / papers[2]))
        z = np.round((recent / papers[2] - before / papers[1]) / spread, 9)
        order = np.lexsort((np.arange(len(z)), -z)).tolist()
        kinds = {"Method", "Model", "Benchmark"}
        chosen = [n for n in order if recent[n] >= 3 and z[n] > 1 and self._types[n] in kinds]
        return [Rising(self.entity(n), int(recent[n]), int(before[n])) for n in chosen[:12]]

    def _literals(self, scans: _Scans, predicate: str, kind: str) -> Iterator[tuple[str, str]]:
        for node, value in scans.pairs(predicate):
            if local := self._local(node, kind):
                yield local, value

    def _local(self, iri: str, kind: str) -> str:
        """Return the slug of an entity, or the id of a paper; empty for any other IRI."""
        start = f"{self._base}{kind}/"
        if not iri.startswith(start):
            return ""
        local = iri[len(start) :]
        return unquote(local) if "%" in local else local


def _iri(curie: str) -> str:
    prefix, _, local = curie.partition(":")
    return PREFIXES[prefix] + local


class _Scans:
    """The answers to plain queries as rows of text, asked for together before they are needed.

    By way of CSV this is several times as fast as by terms, and Oxigraph works while Python reads.
    """

    def __init__(self, store: ox.Store) -> None:
        self._store = store
        self._pool = ThreadPoolExecutor(2)
        of_type = [_of_type(f"akg:{kind}") for kind in ENTITY_TYPES]
        of_predicate = [_of_predicate(curie) for curie in _PREDICATES]
        self._found = {query: self._pool.submit(self._ask, query) for query in [*of_type, *of_predicate]}

    def of_type(self, curie: str) -> list[str]:
        """Return all IRIs of a type."""
        return [row[0] for row in self._rows(_of_type(curie))]

    def pairs(self, curie: str) -> Iterator[list[str]]:
        """Yield subject and value of all triples of a predicate, as text."""
        return self._rows(_of_predicate(curie))

    def close(self) -> None:
        """Let the threads go."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _ask(self, query: str) -> bytes:
        found = self._store.query(query)
        if not isinstance(found, ox.QuerySolutions):
            raise TypeError("not a SELECT query")
        return found.serialize(format=ox.QueryResultsFormat.CSV) or b""

    def _rows(self, query: str) -> Iterator[list[str]]:
        rows = csv.reader(io.StringIO(self._found.pop(query).result().decode(), newline=""))
        next(rows, None)
        return rows


_PREDICATES: Final = (
    "skos:prefLabel",
    "akg:numPapers",
    *(f"akg:{role}" for role in ROLES),
    "skos:altLabel",
)
"""The predicates that the index reads, in the order in which it does."""


def _of_type(curie: str) -> str:
    return f"SELECT ?s {{ ?s a <{_iri(curie)}> }}"


def _of_predicate(curie: str) -> str:
    return f"SELECT ?s ?o {{ ?s <{_iri(curie)}> ?o }}"


def _starts(owners: Ints, count: int) -> Ints:
    """Return where the rows of each owner begin in rows sorted by owner, and the end after the last."""
    return np.concatenate([[0], np.cumsum(np.bincount(owners, minlength=count))]).astype(np.int64)


def _holds(ascending: Ints, value: int) -> bool:
    place = int(np.searchsorted(ascending, value))
    return place < len(ascending) and int(ascending[place]) == value


def _period(date: str | None, recent: Sequence[str], before: Sequence[str]) -> int:
    """Return 2 for a recent date, 1 for one of the year before, 0 for any other."""
    month = (date or "")[:7]
    return 2 if month in recent else 1 if month in before else 0


def _match(text: str) -> str:
    """Return an FTS5 query for all words of a text, the last one as the start of a word."""
    words = words_of(text)
    return " ".join(f'"{word}"' for word in words) + "*" if words else ""
