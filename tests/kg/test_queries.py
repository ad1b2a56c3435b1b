"""Each named query gives what the graph's own data give, counted here in Python."""

from __future__ import annotations

import io
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyoxigraph as ox
import pytest

import kg
from kg.answers import write_answer
from kg.api import Graph
from kg.errors import AmbiguousNameError, UnknownNameError, UsageError
from kg.graph import GraphResult
from kg.model import PAPER_HEAD, Entity, Paper
from kg.pipeline import Built
from kg.queries import by_slug, get_query, named_query, query_names, read_query
from kg.store import Store
from kg.syntax import tokens
from kg.vocab import PREFIXES, RELATION, ROLE_RELATION

ROLES: Final = tuple(ROLE_RELATION.values())
LINEAGE: Final = ("extends", "builtOn", "variantOf")
Row = tuple[Any, ...]


class Facts:
    """What a graph holds, read from its Python side only."""

    def __init__(self, graph: Graph) -> None:
        self.graph, self.data = graph, graph.data
        self.entities: dict[str, Entity] = {f"entity:{e.slug}": e for e in self.data.entities}
        self.papers: dict[str, Paper] = {f"paper:{p.id}": p for p in self.data.papers}
        self.results: tuple[GraphResult, ...] = self.data.results
        self._pairs: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for edge in self.data.edges:
            self._pairs[edge.relation].append((edge.source, edge.target))

    def pairs(self, *relations: str) -> list[tuple[str, str]]:
        return [pair for relation in relations for pair in self._pairs[relation]]

    def node(self, name: str) -> str:
        return self.graph[name].node

    def name(self, node: str) -> str:
        return self.entities[node].name

    def type(self, node: str) -> str:
        return self.entities[node].type

    def size(self, node: str) -> int:
        return self.entities[node].num_papers

    def iri(self, node: str) -> str:
        return self.data.namespace.node(node)

    def title(self, node: str) -> str:
        return self.papers[node].title

    def date(self, node: str) -> str:
        return self.papers[node].published or ""

    def month(self, node: str) -> str:
        return self.date(node)[:7]

    def sources(self, name: str, *relations: str) -> set[str]:
        return {source for source, target in self.pairs(*relations) if target == self.node(name)}

    def targets(self, source: str, *relations: str) -> set[str]:
        return {target for one, target in self.pairs(*relations) if one == source}

    def counted(self, pairs: Iterable[tuple[str, str]], kind: str | None = None) -> Counter[str]:
        """Return how many sources each target of a type has, by name."""
        found: Counter[str] = Counter()
        for _, target in set(pairs):
            if kind in {None, self.type(target)}:
                found[target] += 1
        return found

    def reach(self, start: str, *, back: bool) -> set[str]:
        seen: set[str] = set()
        ring = {start}
        while ring:
            ring = {
                (source if back else target)
                for source, target in self.pairs(*LINEAGE)
                if (target if back else source) in ring
            } - seen
            seen |= ring
        return {node for node in seen - {start} if node in self.entities}

    def stated(self, relation: str, name: str) -> list[tuple[str, str, str]]:
        """Return head, paper and extractor's heads of a relation to an entity, read from the extractions."""
        rows = []
        for extraction in self.data.extractions:
            find = self.data.resolution.find
            for item in extraction.relations:
                tail = find(extraction.id, item.tail, organization=False)
                if RELATION[item.type] == relation and f"entity:{tail}" == self.node(name):
                    head = (
                        None
                        if item.head == PAPER_HEAD
                        else find(extraction.id, item.head, organization=False)
                    )
                    rows.append(
                        (f"entity:{head}" if head else item.head, f"paper:{extraction.id}", item.head)
                    )
        return rows

    def named_heads(self, relation: str, name: str) -> set[Row]:
        return {
            ("(unnamed)" if head == PAPER_HEAD else self.name(head), self.title(paper))
            for head, paper, _ in self.stated(relation, name)
            if head == PAPER_HEAD or (head in self.entities and head != self.node(name))
        }

    def system(self, result: GraphResult) -> str:
        return self.name(result.subject) if result.subject in self.entities else "(the paper)"

    def benchmark(self, result: GraphResult) -> str | None:
        return self.name(result.benchmark) if result.benchmark else result.benchmark_written

    def on(self, name: str) -> list[GraphResult]:
        return [r for r in self.results if r.benchmark == self.node(name)]

    def named_in(self) -> list[tuple[str, str]]:
        """Return papers and what they name, in whatever role or as their organisation."""
        return sorted(set(self.pairs(*ROLES, "affiliatedWith")))


def number(value: Any) -> float | None:
    return None if value is None else float(value)


Check = tuple[dict[str, str], tuple[str, ...], Callable[[Facts], Iterable[Row]]]


def by_month(f: Facts, papers: Iterable[str]) -> list[Row]:
    return list(Counter(f.month(p) for p in set(papers) if f.month(p)).items())


def first_months(f: Facts) -> dict[str, str]:
    months: dict[str, str] = {}
    for paper, target in f.named_in():
        if f.month(paper):
            months[target] = min(months.get(target, "9999"), f.month(paper))
    return months


def similar(f: Facts, start: str) -> list[Row]:
    paper = next(node for node in f.papers if f.title(node).startswith(start))
    mine = f.targets(paper, *ROLES)
    score: defaultdict[str, float] = defaultdict(float)
    for other, target in sorted(set(f.pairs(*ROLES))):
        if other != paper and target in mine:
            score[other] += 1 / f.size(target)
    return [(f.title(p), round(s, 9)) for p, s in score.items()]


def rising(f: Facts, month: str, before: str) -> list[Row]:
    now = Counter(t for p, t in f.named_in() if f.month(p) == month)
    then = Counter(t for p, t in f.named_in() if f.month(p) == before)
    return [
        (f.name(t), now[t], then[t])
        for t in now
        if now[t] > then[t] and f.type(t) == "Method" and f.size(t) >= 2
    ]


def result_row(f: Facts, r: GraphResult) -> Row:
    return (f.system(r), f.benchmark(r), r.metric, number(r.value), r.written, r.kind)


def mention_rows(f: Facts, name: str) -> set[Row]:
    rows = set()
    for extraction in f.data.extractions:
        for mention in extraction.mentions:
            organization = mention.type == "Organization"
            found = f.data.resolution.find(extraction.id, mention.name, organization=organization)
            if f"entity:{found}" == f.node(name):
                for span in mention.spans:
                    paper = f.iri(f"paper:{extraction.id}")
                    rows.add((paper, ROLE_RELATION[mention.role], span.field, span.start, span.end))
    return rows


def evidence_rows(f: Facts, source: str, relation: str, target: str) -> set[Row]:
    frame = f.graph.evidence()
    wanted = [
        e.id
        for e in f.data.edges
        if (e.source, e.relation, e.target) == (f.node(source), relation, f.node(target))
    ]
    chosen = frame[frame["edge"].isin(wanted)]
    return {
        (f.iri(f"paper:{r.paper}"), r.field, r.start, r.end, r.confidence)
        for r in chosen.itertuples(index=False)
    }


ALL: Final = {"limit": "100000"}
CHECKS: Final[dict[str, Check]] = {
    "uses": ({"entity": "GRPO"}, ("title",), lambda f: {(f.title(p),) for p in f.sources("GRPO", "uses")}),
    "evaluates-on": (
        {"benchmark": "LIBERO"},
        ("title",),
        lambda f: {(f.title(p),) for p in f.sources("LIBERO", "evaluatesOn")},
    ),
    "introduced-in": (
        {},
        ("title", "published"),
        lambda f: {(f.title(p), f.date(p)) for p in f.sources("NGRPO", "introduces")},
    ),
    "extends": ({}, ("name", "title"), lambda f: f.named_heads("extends", "GRPO")),
    "trained-on": ({}, ("name", "title"), lambda f: f.named_heads("trainedOn", "MGOA")),
    "ancestors": (
        {},
        ("ancestor", "papers"),
        lambda f: {(f.name(n), f.size(n)) for n in f.reach(f.node("NGRPO"), back=False)},
    ),
    "descendants": (
        {},
        ("descendant", "type"),
        lambda f: {(f.name(n), f.type(n)) for n in f.reach(f.node("PPO"), back=True)},
    ),
    "results-on": (
        {"benchmark": "DeepResearcher"},
        ("system", "value", "written", "metric", "kind"),
        lambda f: [
            (f.system(r), number(r.value), r.written, r.metric, r.kind) for r in f.on("DeepResearcher")
        ],
    ),
    "leaderboard": (
        {"benchmark": "CHORES-S", "metric": "success"},
        ("system", "value", "paper", "field", "start", "end", "confidence"),
        lambda f: [
            (
                f.system(r),
                number(r.value),
                f.iri(f"paper:{r.paper}"),
                r.span.field,
                r.span.start,
                r.span.end,
                r.confidence,
            )
            for r in f.on("CHORES-S")
            if r.kind == "absolute" and r.value is not None and "success" in (r.metric or "").lower()
        ],
    ),
    "results-of": (
        {},
        ("benchmark", "value", "written", "metric", "kind"),
        lambda f: [
            (f.benchmark(r), number(r.value), r.written, r.metric, r.kind)
            for r in f.results
            if r.subject == f.node("AgentFly")
        ],
    ),
    "paper-results": (
        {},
        ("system", "benchmark", "metric", "value", "written", "kind"),
        lambda f: [result_row(f, r) for r in f.results if f.title(f"paper:{r.paper}").startswith("AgentFly")],
    ),
    "best-by-month": (
        {"benchmark": "CHORES-S"},
        ("month", "best"),
        lambda f: [
            max(
                (f.month(f"paper:{r.paper}"), number(r.value))
                for r in f.on("CHORES-S")
                if r.kind == "absolute" and r.value is not None
            )
        ],
    ),
    "metrics": (
        {"benchmark": "DeepResearcher"},
        ("metric", "results"),
        lambda f: Counter(r.metric or "(not named)" for r in f.on("DeepResearcher")).items(),
    ),
    "used-with": (
        {"entity": "GRPO", **ALL},
        ("name", "papers"),
        lambda f: [
            (f.name(t), n)
            for t, n in f.counted(
                (p, t) for p in f.sources("GRPO", "uses") for t in f.targets(p, "uses")
            ).items()
            if t != f.node("GRPO")
        ],
    ),
    "evaluated-with": (
        {"benchmark": "LIBERO", **ALL},
        ("name", "papers"),
        lambda f: [
            (f.name(t), n)
            for t, n in f.counted(
                ((p, t) for p in f.sources("LIBERO", "evaluatesOn") for t in f.targets(p, "evaluatesOn")),
                "Benchmark",
            ).items()
            if t != f.node("LIBERO")
        ],
    ),
    "trend": ({"entity": "GRPO"}, ("month", "papers"), lambda f: by_month(f, f.sources("GRPO", *ROLES))),
    "followers-by-month": (
        {"entity": "GRPO"},
        ("month", "papers"),
        lambda f: by_month(
            f, [p for relation in ("extends", "builtOn") for _, p, _ in f.stated(relation, "GRPO")]
        ),
    ),
    "newcomers": (
        {"since": "2025-09", "least": "1", **ALL},
        ("name", "papers", "first_month"),
        lambda f: [
            (f.name(t), n, first_months(f)[t])
            for t, n in f.counted(((p, t) for p, t in f.named_in() if f.month(p)), "Method").items()
            if first_months(f)[t] >= "2025-09"
        ],
    ),
    "rising": (
        {"month": "2025-10", **ALL},
        ("name", "papers", "papers_before"),
        lambda f: rising(f, "2025-10", "2025-09"),
    ),
    "newly-used": (
        {"since": "2025-09", "least": "1"},
        ("method", "papers_since", "papers_before"),
        lambda f: [
            (f.name(t), new, old)
            for t, new, old in (
                (t, sum(f.month(p) >= "2025-09" for p in ps), sum(f.month(p) < "2025-09" for p in ps))
                for t, ps in (
                    (t, [p for p, o in f.pairs("uses") if o == t and f.month(p)])
                    for t in {t for _, t in f.pairs("uses")}
                )
            )
            if new and f.type(t) == "Method"
        ],
    ),
    "methods-per-month": (
        {},
        ("month", "introduced"),
        lambda f: Counter(
            m
            for m, _ in {
                (f.month(p), t) for p, t in f.pairs("introduces") if f.month(p) and f.type(t) == "Method"
            }
        ).items(),
    ),
    "papers-per-month": (
        {},
        ("month", "papers", "with_code"),
        lambda f: [
            (m, n, sum(f.month(p) == m and any(u.kind == "code" for u in f.papers[p].urls) for p in f.papers))
            for m, n in by_month(f, f.papers)
        ],
    ),
    "first-named": (
        {"entity": "GRPO"},
        ("published", "title"),
        lambda f: {
            (f.date(p), f.title(p))
            for p in f.sources("GRPO", *ROLES)
            if f.date(p) == min(f.date(q) for q in f.sources("GRPO", *ROLES) if f.date(q))
        },
    ),
    "top": (
        {"type": "Model", "least": "1", **ALL},
        ("name", "papers"),
        lambda f: [(e.name, e.num_papers) for e in f.data.entities if e.type == "Model"],
    ),
    "organizations": (
        {},
        ("organization", "papers"),
        lambda f: [(f.name(t), n) for t, n in f.counted(f.pairs("affiliatedWith")).items()],
    ),
    "organization": (
        {},
        ("role", "name", "papers"),
        lambda f: [
            (*key, n)
            for key, n in Counter(
                (role, f.name(t))
                for role in ROLES[:4]
                for p, t in f.pairs(role)
                if p in f.sources("Amazon", "affiliatedWith")
            ).items()
        ],
    ),
    "models-by-organization": (
        {},
        ("organization", "models", "methods", "benchmarks"),
        lambda f: [
            (
                f.name(o),
                *(
                    len(
                        {
                            t
                            for p in f.sources(f.name(o), "affiliatedWith")
                            for t in f.targets(p, "introduces")
                            if f.type(t) == kind
                        }
                    )
                    for kind in ("Model", "Method", "Benchmark")
                ),
            )
            for o in {t for _, t in f.pairs("affiliatedWith")}
        ],
    ),
    "similar-papers": ({"paper": "NGRPO", **ALL}, ("title", "score"), lambda f: similar(f, "NGRPO")),
    "outperforms": (
        {},
        ("better",),
        lambda f: {(f.name(s) if s in f.entities else f.title(s),) for s in f.sources("GRPO", "outperforms")},
    ),
    "beats": (
        {},
        ("beaten", "type"),
        lambda f: {(f.name(t), f.type(t)) for t in f.targets(f.node("VerIPO"), "outperforms")},
    ),
    "most-compared": (
        {**ALL},
        ("name", "papers"),
        lambda f: [(f.name(t), n) for t, n in f.counted(f.pairs("comparesTo"), "Model").items()],
    ),
    "most-beaten": (
        {**ALL},
        ("name", "beaten_by"),
        lambda f: [(f.name(t), n) for t, n in f.counted(f.pairs("outperforms")).items()],
    ),
    "base-models": (
        {},
        ("model", "built_on_it"),
        lambda f: [(f.name(t), n) for t, n in f.counted(f.pairs("builtOn"), "Model").items()],
    ),
    "variants": (
        {},
        ("name", "parameters", "size", "papers"),
        lambda f: {
            (r.name, number(r.parameters), r.size_written, r.papers)
            for r in f.graph["Qwen2.5"].variants().itertuples(index=False)
        },
    ),
    "parts": (
        {},
        ("direction", "name"),
        lambda f: (
            {("has the part", f.name(s)) for s in f.sources("EMMA", "partOf")}
            | {("is part of", f.name(t)) for t in f.targets(f.node("EMMA"), "partOf")}
        ),
    ),
    "introduced-benchmarks": (
        {"since": "2025-01", "kind": "dataset"},
        ("name", "published", "title"),
        lambda f: {
            (f.name(t), f.date(p), f.title(p))
            for p, t in f.pairs("introduces")
            if f.entities[t].kind == "dataset" and f.date(p) >= "2025-01"
        },
    ),
    "benchmark-kinds": (
        {},
        ("kind", "entities", "papers_evaluating"),
        lambda f: [
            (
                kind or "(not said)",
                n,
                len(
                    {
                        p
                        for p, t in f.pairs("evaluatesOn")
                        if f.type(t) == "Benchmark" and f.entities[t].kind == kind
                    }
                ),
            )
            for kind, n in Counter(e.kind for e in f.data.entities if e.type == "Benchmark").items()
        ],
    ),
    "benchmarks-of-task": (
        {**ALL},
        ("benchmark", "papers"),
        lambda f: [
            (f.name(t), n)
            for t, n in f.counted(
                (
                    (p, t)
                    for p in f.sources("mathematical reasoning", *ROLES)
                    for t in f.targets(p, "evaluatesOn")
                ),
                "Benchmark",
            ).items()
        ],
    ),
    "methods-of-task": (
        {**ALL},
        ("method", "papers"),
        lambda f: [
            (f.name(t), n)
            for t, n in f.counted(
                (
                    (p, t)
                    for p in f.sources("mathematical reasoning", *ROLES)
                    for t in f.targets(p, "introduces", "uses")
                ),
                "Method",
            ).items()
        ],
    ),
    "evidence": (
        {},
        ("paper", "field", "start", "end", "confidence"),
        lambda f: evidence_rows(f, "NGRPO", "extends", "GRPO"),
    ),
    "mentions-of": ({}, ("paper", "role", "field", "start", "end"), lambda f: mention_rows(f, "LIBERO")),
    "paper": (
        {},
        ("role", "name"),
        lambda f: {
            (role, f.name(t))
            for role in (*ROLES, "affiliatedWith")
            for p, t in f.pairs(role)
            if f.title(p).startswith("NGRPO")
        },
    ),
    "neighbours": (
        {},
        ("relation", "direction", "name"),
        lambda f: {
            tuple(row)
            for row in f.graph["GRPO"].neighbours()[["relation", "direction", "name"]].itertuples(index=False)
            if row[0] not in ROLES
        },
    ),
    "find": (
        {"name": "group relative policy optimization"},
        ("name", "type", "papers"),
        lambda f: [(v.name, v.type, v.entity.num_papers) for v in f.graph.find("GRPO")],
    ),
    "search": (
        {"words": "REASONING", **ALL},
        ("name", "papers"),
        lambda f: [
            (e.name, e.num_papers)
            for e in f.data.entities
            if any("reasoning" in n.lower() for n in (e.name, *e.aliases))
        ],
    ),
    "ambiguous": (
        {},
        ("form", "name"),
        lambda f: {
            (form, f.name(f"entity:{slug}"))
            for form, slugs in f.data.resolution.senses.items()
            if f"entity:{form}" not in f.entities
            for slug in slugs
        },
    ),
    "aligned": (
        {},
        ("name", "same"),
        lambda f: {
            (v.name, a.object)
            for v in (f.graph[f.iri(n)] for n in f.entities if f.type(n) == "Model")
            for a in v.alignments
            if a.predicate == "skos:exactMatch"
        },
    ),
    "code": (
        {},
        ("code",),
        lambda f: {
            (u.url,)
            for p in f.sources("VGC-Bench", "introduces")
            for u in f.papers[p].urls
            if u.kind == "code"
        },
    ),
    "code-for": (
        {},
        ("title", "code"),
        lambda f: {
            (f.title(p), u.url)
            for p in f.sources("GRPO", "introduces", "uses")
            for u in f.papers[p].urls
            if u.kind == "code"
        },
    ),
    "not-evaluated": (
        {"since": "2025-06"},
        ("name", "title"),
        lambda f: {
            (f.name(t), f.title(p))
            for p, t in f.pairs("introduces")
            if f.type(t) == "Method" and f.date(p) >= "2025-06" and not f.targets(p, "evaluatesOn")
        },
    ),
    "types": (
        {},
        ("type", "count"),
        lambda f: [
            *Counter(e.type for e in f.data.entities).items(),
            ("Preprint", len(f.papers)),
            ("Result", len(f.results)),
            ("Disambiguation", sum(f"entity:{form}" not in f.entities for form in f.data.resolution.senses)),
        ],
    ),
    "graph-of": ({}, ("subject", "predicate"), lambda f: around(f, "GRPO")),
}
"""By query: its parameters, the columns that are compared, and the rows they must have."""

MADE_UP: Final = """
@prefix akg: <https://w3id.org/abstractkg/ns#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dcterms: <http://purl.org/dc/terms/> . @prefix schema: <https://schema.org/> .
@prefix e: <https://w3id.org/abstractkg/entity/> . @prefix p: <https://w3id.org/abstractkg/paper/> .
e:zorb a akg:Method ; skos:prefLabel "Zorb" ; akg:outperforms e:varn , e:quell .
e:varn a akg:Method ; skos:prefLabel "Varn" ; akg:outperforms e:zorb .
e:quell a akg:Method ; skos:prefLabel "Quell" .
p:1 dcterms:title "On Zorbs" ; schema:author <https://w3id.org/abstractkg/paper/1#author-1> .
p:2 dcterms:title "On Varns" ; schema:author <https://w3id.org/abstractkg/paper/2#author-1> .
p:3 dcterms:title "On Quells" ; schema:author <https://w3id.org/abstractkg/paper/3#author-1> .
<https://w3id.org/abstractkg/paper/1#author-1> a schema:Person ; schema:name "Grace Hopper" .
<https://w3id.org/abstractkg/paper/2#author-1> a schema:Person ; schema:name "Grace Hopper" .
<https://w3id.org/abstractkg/paper/3#author-1> a schema:Person ; schema:name "Grace Hoppers" .
"""
ON_MADE_UP: Final[dict[str, tuple[tuple[str, ...], list[Row]]]] = {
    "author": (("title",), [("On Varns",), ("On Zorbs",)]),
    "contradictions": (("one", "other"), [("Varn", "Zorb")]),
}


def around(f: Facts, name: str) -> set[Row]:
    """Return the nodes and predicates that a description of an entity must have at least."""
    akg = PREFIXES["akg"]
    out = {(f.iri(f.node(name)), akg + e.relation) for e in f.data.edges if e.source == f.node(name)}
    return out | {(f.iri(e.source), akg + e.relation) for e in f.data.edges if e.target == f.node(name)}


@pytest.fixture(scope="module")
def facts(seeds_built: Built) -> Iterator[Facts]:
    with kg.open(seeds_built.folder) as graph:
        yield Facts(graph)


def picked(frame: pd.DataFrame, columns: tuple[str, ...]) -> Counter[Row]:
    rows = frame[list(columns)].itertuples(index=False, name=None)
    return Counter(tuple(round(v, 9) if isinstance(v, float) else v for v in row) for row in rows)


def test_every_query_has_its_check() -> None:
    assert len(query_names()) >= 50
    assert set(CHECKS) | set(ON_MADE_UP) == set(query_names())


@pytest.mark.shared
@pytest.mark.parametrize("name", sorted(CHECKS))
def test_answers_are_those_of_the_data(facts: Facts, name: str) -> None:
    parameters, columns, expected = CHECKS[name]
    right = expected(facts)
    frame = facts.graph.query(f"@{name}", **parameters)
    got = picked(frame, columns)
    assert right, "nothing is checked"
    if name == "graph-of":
        assert set(right) <= set(got)
    elif isinstance(right, set):
        assert set(got) == right
    else:
        assert got == Counter(right)


@pytest.mark.parametrize("name", sorted(ON_MADE_UP))
def test_answers_on_made_up_data(name: str) -> None:
    store = Store.in_memory(ox.parse(MADE_UP, ox.RdfFormat.TURTLE))
    columns, right = ON_MADE_UP[name]
    assert list(store.query(f"@{name}")[list(columns)].itertuples(index=False, name=None)) == right


@pytest.mark.shared
@pytest.mark.parametrize("name", query_names())
def test_rows_come_in_one_order(facts: Facts, name: str) -> None:
    """The order of loading does not show: the ORDER BY of each query leaves no ties."""
    quads = list(facts.graph.store.quads())
    random.Random(1).shuffle(quads)
    store = Store.in_memory(quads, base=facts.data.namespace.base)
    parameters = dict(CHECKS[name][0]) if name in CHECKS else {}
    form = "nt" if name == "graph-of" else "json"
    written = [write_bytes(source, name, parameters, form) for source in (facts.graph.store, store)]
    assert written[0] == written[1]


def write_bytes(store: Store, name: str, parameters: dict[str, str], form: Any) -> bytes:
    out = io.BytesIO()
    write_answer(store.solve(f"@{name}", parameters), form, out)
    return out.getvalue()


@pytest.mark.parametrize("name", query_names())
def test_files_are_in_order(name: str) -> None:
    query = get_query(name)
    assert query.question.endswith("?") or query.question.endswith(")"), "the first line is no question"
    places = set(places_in(query.body))
    assert {p.name for p in query.parameters} == {place.removesuffix("-1") for place in places}
    for parameter in query.parameters:
        assert parameter.meaning and (parameter.kind == "text" or parameter.default)
        parameter.term(parameter.default, by_slug)
    Store.in_memory([]).ask(named_query(name), PREFIXES)


def places_in(body: str) -> list[str]:
    return re.findall(r"\{\{([\w-]+)\}\}", body)


@pytest.mark.shared
@pytest.mark.parametrize(
    "spelling",
    ["GRPO", "grpo", "Group Relative Policy Optimization", "group-relative policy-Optimization",
     "entity:grpo", "https://w3id.org/abstractkg/entity/grpo"],
)  # fmt: skip
def test_any_spelling_finds_the_entity(facts: Facts, spelling: str) -> None:
    assert facts.graph.store.find("entity", spelling) == ("https://w3id.org/abstractkg/entity/grpo",)


@pytest.mark.shared
def test_a_paper_is_found_by_id_title_and_start(facts: Facts) -> None:
    paper = next(p for p in facts.data.papers if p.title.startswith("NGRPO"))
    iri = facts.data.namespace.paper(paper.id)
    for name in (paper.id, f"paper:{paper.id}", iri, paper.title, paper.title.upper(), "NGRPO:"):
        assert facts.graph.store.find("paper", name) == (iri,)
    with pytest.raises(AmbiguousNameError, match="may be"):
        facts.graph.store.find("paper", "A")
    with pytest.raises(UnknownNameError, match="no paper called"):
        facts.graph.store.find("paper", "zzz no such title")


@pytest.mark.shared
def test_a_name_with_several_senses_finds_all(facts: Facts) -> None:
    form, slugs = next(
        (form, slugs)
        for form, slugs in sorted(facts.data.resolution.senses.items())
        if f"entity:{form}" not in facts.entities and len(slugs) > 1
    )
    shared = set.intersection(*(set(facts.entities[f"entity:{s}"].aliases) for s in slugs))
    found = facts.graph.store.find("entity", next(iter(sorted(shared))))
    assert set(found) == {facts.data.namespace.entity(s) for s in slugs}, form


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("extend", {}, "no query called 'extend'; there are: extends"),
        ("extends", {"metod": "GRPO"}, "no parameter of @extends called 'metod'; there are: method"),
        ("top", {"type": "Methd"}, "there are: Method, Model"),
        ("top", {"limit": "ten"}, "limit='ten' is no whole number"),
        ("top", {"limit": "5 } DROP"}, "is no whole number"),
        ("newcomers", {"since": "2025-13"}, "since='2025-13' is no month"),
        ("uses", {"entity": "Zob"}, "no entity called 'Zob'; there are: Zorb"),
    ],
)  # fmt: skip
def test_wrong_values_are_told(name: str, given: dict[str, str], message: str) -> None:
    store = Store.in_memory(ox.parse(MADE_UP, ox.RdfFormat.TURTLE))
    with pytest.raises(UsageError) as caught:
        store.query(f"@{name}", **given)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "value", ['A"B', "A\\", "a\nb", "}} UNION { ?s ?p ?o }", "{{limit}}", "é😀𝒜", "x" * 10_000]
)
def test_values_cannot_leave_their_place(value: str) -> None:
    text = named_query("search", words=value)
    assert [t.text for t in tokens(text) if t.text.startswith('"')] == [str(ox.Literal(value)), '"#"']
    assert Store.in_memory([]).query("@search", words=value).empty


def test_a_wrong_parameter_line_is_told() -> None:
    with pytest.raises(ValueError, match="is no `# param"):
        read_query("x", "# Which?\n# param entity GRPO\nSELECT * { ?s ?p ?o }\n")


def test_the_docs_list_them_all() -> None:
    shown = (Path(__file__).parents[2] / "docs" / "queries.md").read_text(encoding="utf-8")
    for name in query_names():
        query = get_query(name)
        told = ", ".join(f"`{p.name}={p.default}` {p.meaning}" for p in query.parameters)
        assert f"| `@{name}` | {query.question} | {told} |" in shown, (
            f"docs/queries.md: @{name} is not as in its file"
        )
