"""What is new, gone and changed between two graphs.

Either may be a graph folder or an exported file that keeps graphs (N-Quads, TriG, JSON-LD). Both are compared
inside DuckDB, where they stand, so memory holds little more than the differences. The same two graphs give
the same answer, whatever order they were made in.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final, Generic, Literal, NamedTuple, TypeVar

from kg.catalog import Catalog
from kg.catalog.comparing import (
    Comparison,
    EdgeNote,
    EntityChange,
    EntityNote,
    EvidenceNote,
    Listing,
    Moved,
    PaperChange,
    PaperNote,
    ResultNote,
)
from kg.catalog.sides import SideName, Sides
from kg.errors import GraphFolderError
from kg.exported import RELATIONS, read_quads
from kg.generations import CATALOG, hold_current
from kg.graph import PaperReader, Support
from kg.resolve import rows
from kg.vocab import VARIANT_OF, Namespace

SCHEMA_VERSION: Final = 1
"""Of what `Diff.to_json` gives."""

Way = Literal["renamed", "merged", "split", "moved"]
N = TypeVar("N", bound=tuple[Any, ...])
C = TypeVar("C", bound=tuple[Any, ...])

_BATCH: Final = 500


class Move(NamedTuple):
    """Where the names that stood for one entity stand now, in how many papers of both graphs.

    `how` is `renamed` (the entity has another IRI), `merged` (it is part of an entity that has other names
    too), `split` (some of its names are a new entity, or it came apart) or `moved` (some of its names belong
    to another that was there before).
    """

    old: str
    old_name: str
    new: str
    new_name: str
    how: Way
    papers: int


class ResultChange(NamedTuple):
    """A number that a paper of both graphs reports, as it was and as it is."""

    old: ResultNote
    new: ResultNote


class Counted(NamedTuple):
    """How many are new, gone and changed."""

    new: int
    gone: int
    changed: int


@dataclass(frozen=True, slots=True)
class Section(Generic[N, C]):
    """What is new, gone and changed of one kind of thing, each with its count; what tells most first."""

    new: Listing[N]
    gone: Listing[N]
    changed: Listing[C]

    @property
    def counts(self) -> Counted:
        """How many there are of each."""
        return Counted(self.new.count, self.gone.count, self.changed.count)

    def __bool__(self) -> bool:
        return any(self.counts)


@dataclass(frozen=True, slots=True)
class Diff:
    """The differences of two graphs.

    Attributes:
        names: The IRIs of the new graph.
        old_names: The IRIs of the old one, for what is gone.
        papers: Papers.
        entities: Entities; one that was renamed or became part of another stands in `moves`, not here.
        moves: Entities whose names stand for another entity now.
        edges: Edges; a changed one gained or lost papers.
        evidence: Pairs of a paper and an edge that it supports, counted; listed are those where the paper
            shows the edge by other spans or with another confidence, as far as both sides are graph folders.
        results: Numbers that papers report.
        newest: The latest date of the papers of the new graph.
    """

    names: Namespace
    old_names: Namespace
    papers: Section[PaperNote, PaperChange]
    entities: Section[EntityNote, EntityChange]
    moves: Listing[Move]
    edges: Section[EdgeNote, EdgeNote]
    evidence: Section[EvidenceNote, EvidenceNote]
    results: Section[ResultNote, ResultChange]
    newest: str | None

    @property
    def counts(self) -> dict[str, Counted]:
        """How many of each kind are new, gone and changed; a move is a changed entity."""
        entities = self.entities.counts
        return {
            "papers": self.papers.counts,
            "entities": entities._replace(changed=entities.changed + self.moves.count),
            "edges": self.edges.counts,
            "evidence": self.evidence.counts,
            "results": self.results.counts,
        }

    def __bool__(self) -> bool:
        return any(any(counted) for counted in self.counts.values())

    def to_json(self) -> dict[str, Any]:
        """Return all of it as plain values, nodes and papers as IRIs."""
        return _to_json(self)


def compare(old: str | Path, new: str | Path, *, limit: int | None = None) -> Diff:
    """Return what is new, gone and changed from one graph to another.

    Args:
        old: A graph folder, or a file that `kg export nq`, `trig` or `jsonld` wrote.
        new: The same, later.
        limit: How many of each kind to list at most; the counts count all.

    Raises:
        GraphFolderError: one of them is not there, or is no readable graph of this version.
        SourceError: an exported file is of another format, or broken.
    """
    with ExitStack() as stack:
        sides = stack.enter_context(Sides())
        both: dict[SideName, _Side] = {}
        for name, path in (("old", Path(old)), ("new", Path(new))):
            both[name] = _put(sides, name, path, stack)  # type: ignore[index, arg-type]
        asked = Comparison(sides, limit)
        moves, slugs = _moves(asked.moved())
        asked.put_slugs(slugs)
        for name, side in both.items():
            if side.catalog is not None:
                _put_reports(sides, name, side.catalog, asked.wanted(name))
        return Diff(
            names=both["new"].names,
            old_names=both["old"].names,
            papers=Section(asked.papers_only("new"), asked.papers_only("old"), asked.papers_changed()),
            entities=Section(
                asked.entities_only("new"), asked.entities_only("old"), asked.entities_changed()
            ),
            moves=_listed(moves, limit),
            edges=Section(asked.edges("new"), asked.edges("gone"), asked.edges("changed")),
            evidence=_evidence(asked),
            results=_results(asked, limit),
            newest=asked.newest(),
        )


@dataclass(frozen=True, slots=True)
class _Side:
    names: Namespace
    catalog: Catalog | None


def _put(sides: Sides, name: SideName, path: Path, stack: ExitStack) -> _Side:
    if path.is_dir():
        generation, held = hold_current(path)
        stack.callback(os.close, held)
        catalog = stack.enter_context(Catalog.open(generation / CATALOG))
        sides.put_catalog(name, generation / CATALOG)
        return _Side(Namespace(catalog.meta()["base"]), catalog)
    if not path.exists():
        raise GraphFolderError(f"{path}: no graph folder and no exported file there")
    base = sides.put_quads(name, read_quads(path), relations=RELATIONS, variant_of=VARIANT_OF)
    return _Side(Namespace() if base is None else Namespace(base), None)


def _moves(found: Iterable[Moved]) -> tuple[list[Move], list[tuple[str, str]]]:
    """Return the moves, and the pairs of an old slug and the one that all its names have now.

    >>> part = Moved("ppo-2", "PPO 2", "ppo", "PPO", 3, False, True)
    >>> name = Moved("old", "Old", "fresh", "Fresh", 1, False, False)
    >>> moves, slugs = _moves([part, name])
    >>> [move.how for move in moves], slugs
    (['merged', 'renamed'], [('ppo-2', 'ppo'), ('old', 'fresh')])
    """
    moved = list(found)
    targets: defaultdict[str, set[str]] = defaultdict(set)
    origins: defaultdict[str, set[str]] = defaultdict(set)
    for one in moved:
        targets[one.old].add(one.new)
        origins[one.new].add(one.old)
    moves, slugs = [], []
    for one in moved:
        whole = not one.old_stays and len(targets[one.old]) == 1
        if whole:
            slugs.append((one.old, one.new))
        how: Way = "moved"
        if whole:
            how = "renamed" if not one.new_was and len(origins[one.new]) == 1 else "merged"
        elif not one.new_was or not one.old_stays:
            how = "split"
        moves.append(Move(one.old, one.old_name, one.new, one.new_name, how, one.papers))
    return moves, slugs


def _listed(items: list[N], limit: int | None) -> Listing[N]:
    return Listing(len(items), tuple(items[:limit]))


def _evidence(asked: Comparison) -> Section[EvidenceNote, EvidenceNote]:
    come, went = asked.support()
    return Section(Listing(come), Listing(went), asked.evidence_changed())


def _put_reports(sides: Sides, name: SideName, catalog: Catalog, wanted: list[str]) -> None:
    """Derive again, some papers at a time, what papers report and by which spans they show their edges."""
    todo = iter(wanted)
    while ids := list(islice(todo, _BATCH)):
        slugs = catalog.derived.slugs(ids)
        entities = catalog.derived.entities("slug", set(slugs.values()))
        variants = {row.slug: found for row in entities if (found := rows.variant(row)) is not None}
        extractions = {c.extraction.id: c.extraction for c in catalog.extractions("paper_id", ids)}
        results: list[tuple[str | None, ...]] = []
        evidence: list[tuple[str, ...]] = []
        for paper in catalog.papers(ids):
            reader = PaperReader(paper, extractions.get(paper.id), slugs)
            for r in {result.id: result for result in reader.results()}.values():
                baseline = (r.baseline, r.baseline_written)
                benchmark = (r.benchmark, r.benchmark_written)
                results.append((r.paper, r.id, r.subject, *benchmark, r.metric, r.written, *baseline, r.kind))
            said: defaultdict[tuple[str, str, str], list[Support]] = defaultdict(list)
            for edge, support in reader.supports(variants):
                said[edge].append(support)
            evidence += [(paper.id, *edge, _said(found)) for edge, found in said.items()]
        sides.put_results(name, results)
        sides.put_evidence(name, evidence)


def _said(found: Iterable[Support]) -> str:
    """Return all that a paper says for an edge as one string, to be compared."""
    return "\n".join(
        sorted(
            f"{s.confidence:.3f} {s.derived} {[(span.field, span.start, span.end) for span in s.spans]}"
            for s in found
        )
    )


def _results(asked: Comparison, limit: int | None) -> Section[ResultNote, ResultChange]:
    new, gone = asked.results_only("new"), asked.results_only("old")
    come, went, changed = _paired(asked.results_of_both("old"), asked.results_of_both("new"))
    return Section(_joined(new, come, limit), _joined(gone, went, limit), _listed(changed, limit))


def _joined(listing: Listing[ResultNote], more: list[ResultNote], limit: int | None) -> Listing[ResultNote]:
    found = sorted((*listing.rows, *more), key=lambda r: (r.paper, r.id))
    found.sort(key=lambda r: r.published or "", reverse=True)
    return Listing(listing.count + len(more), tuple(found[:limit]))


_Key = Callable[[ResultNote], Hashable]
_LIKENESS: Final[tuple[_Key, ...]] = (
    lambda r: r._replace(id="", subject_name="", published=None),
    lambda r: (r.paper, r.subject, r.benchmark_written, r.metric, r.kind),
    lambda r: (r.paper, r.subject, r.metric, r.written),
    lambda r: (r.paper, r.benchmark_written, r.metric, r.written),
)
"""What two results must share to be one, first those that are the same, then the nearest."""


def _paired(
    old: Iterable[ResultNote], new: Iterable[ResultNote]
) -> tuple[list[ResultNote], list[ResultNote], list[ResultChange]]:
    """Return the results that came, those that went, and the pairs that are one result of another value."""
    went, come = list(old), list(new)
    changed: list[ResultChange] = []
    for step, key in enumerate(_LIKENESS):
        waiting: defaultdict[Hashable, list[ResultNote]] = defaultdict(list)
        for result in went:
            waiting[key(result)].append(result)
        fresh: list[ResultNote] = []
        for result in come:
            if group := waiting[key(result)]:
                before = group.pop(0)
                if step:
                    changed.append(ResultChange(before, result))
            else:
                fresh.append(result)
        come, went = fresh, [result for group in waiting.values() for result in group]
    return come, sorted(went), sorted(changed, key=lambda change: (change.new.paper, change.new.id))


def result_iri(id: str, names: Namespace) -> str:
    """Return the IRI of a result.

    >>> result_iri("0123456789ab", Namespace())
    'https://w3id.org/abstractkg/result/0123456789ab'
    """
    return f"{names.base}result/{id}"


def _to_json(diff: Diff) -> dict[str, Any]:
    new, old = _Plain(diff.names), _Plain(diff.old_names)
    return {
        "schema_version": SCHEMA_VERSION,
        "counts": {what: counted._asdict() for what, counted in diff.counts.items()},
        "papers": {
            "new": [new.paper(note) for note in diff.papers.new.rows],
            "gone": [
                old.paper(note) | {"replaced_by": note.replaced_by and diff.names.paper(note.replaced_by)}
                for note in diff.papers.gone.rows
            ],
            "changed": [new.paper_change(change) for change in diff.papers.changed.rows],
        },
        "entities": {
            "new": [new.entity(note) for note in diff.entities.new.rows],
            "gone": [old.entity(note) for note in diff.entities.gone.rows],
            "changed": [new.entity_change(change) for change in diff.entities.changed.rows],
            "moves": [
                move._asdict() | {"old": diff.old_names.entity(move.old), "new": diff.names.entity(move.new)}
                for move in diff.moves.rows
            ],
        },
        "edges": {
            "new": [new.edge(note) for note in diff.edges.new.rows],
            "gone": [old.edge(note) for note in diff.edges.gone.rows],
            "changed": [new.edge(note) for note in diff.edges.changed.rows],
        },
        "evidence": {"changed": [new.evidence(note) for note in diff.evidence.changed.rows]},
        "results": {
            "new": [new.result(note) for note in diff.results.new.rows],
            "gone": [old.result(note) for note in diff.results.gone.rows],
            "changed": [
                {"old": old.result(change.old), "new": new.result(change.new)}
                for change in diff.results.changed.rows
            ],
        },
    }


class _Plain:
    """Turns notes into plain values, with the IRIs of one graph."""

    def __init__(self, names: Namespace) -> None:
        self._names = names

    def _node(self, node: str | None) -> str | None:
        return None if node is None else self._names.node(node)

    def _papers(self, ids: Iterable[str]) -> list[str]:
        return [self._names.paper(each) for each in ids]

    def paper(self, note: PaperNote) -> dict[str, Any]:
        return {"iri": self._names.paper(note.id), "title": note.title, "published": note.published}

    def paper_change(self, change: PaperChange) -> dict[str, Any]:
        told = change._asdict()
        return {"iri": self._names.paper(told.pop("id")), **told}

    def entity(self, note: EntityNote) -> dict[str, Any]:
        told = note._asdict()
        introduced = self._papers(note.introduced_by)
        return {"iri": self._names.entity(told.pop("slug")), **told, "introduced_by": introduced}

    def entity_change(self, change: EntityChange) -> dict[str, Any]:
        told = change._asdict()
        return {"iri": self._names.entity(told.pop("slug")), **told}

    def edge(self, note: EdgeNote) -> dict[str, Any]:
        ends = {"source": self._node(note.source), "target": self._node(note.target)}
        return note._asdict() | ends | {"gained": self._papers(note.gained), "lost": self._papers(note.lost)}

    def evidence(self, note: EvidenceNote) -> dict[str, Any]:
        ends = {"source": self._node(note.source), "target": self._node(note.target)}
        return note._asdict() | ends | {"paper": self._names.paper(note.paper)}

    def result(self, note: ResultNote) -> dict[str, Any]:
        told = note._asdict()
        nodes = {key: self._node(told[key]) for key in ("subject", "benchmark", "baseline")}
        iri = result_iri(told.pop("id"), self._names)
        return {"iri": iri, **told, **nodes, "paper": self._names.paper(note.paper)}
