"""The questions of a report, each answered by a chart, a table and a sentence of numbers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from matplotlib.figure import Figure

from kg.graph import GraphResult
from kg.lineage import LINEAGE, lineage
from kg.lookup import TESTS, Lookup, short_title
from kg.names import display_name, few_words
from kg.report import charts
from kg.vocab import ROLE_RELATION

NO_DATES: Final = "No paper of this graph has a date, so nothing can be shown over time."
MOST: Final = 12
_NAMING: Final = frozenset(ROLE_RELATION.values())
_NEW_TYPES: Final = ("Method", "Model", "Benchmark")


@dataclass(frozen=True, slots=True)
class Section:
    """One question: `finding` answers it in numbers; without `draw` there is only the table, or nothing."""

    id: str
    heading: str
    finding: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    draw: Callable[[], Figure] | None = None


def report_sections(
    look: Lookup, *, since: str | None = None, root: str | None = None
) -> tuple[Section, ...]:
    """Return all sections of a report.

    Args:
        look: The graph.
        since: From when on something is new; without it, when half of the papers were there, at most a year
            back.
        root: The node id of an entity whose lineage is shown; without it, that with the most descendants.
    """
    naming = papers_naming(look)
    return (
        over_time(look, naming, "Method"),
        over_time(look, naming, "Benchmark"),
        base_models(look, naming),
        lineage_of(look, root),
        who_evaluates_on_what(look),
        newcomers(look, naming, since),
        reported_results(look),
    )


def papers_naming(look: Lookup) -> dict[str, frozenset[str]]:
    """Return, by node id of an entity, the node ids of the papers that name it."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for edge in look.graph.edges:
        if edge.relation in _NAMING and edge.source in look.papers:
            found[edge.target].add(edge.source)
    return {node: frozenset(papers) for node, papers in found.items()}


def over_time(look: Lookup, naming: Mapping[str, frozenset[str]], entity_type: str) -> Section:
    """Return how often the most named entities of a type are named, over time."""
    what = entity_type.lower()
    id, heading = f"{what}s-over-time", f"{entity_type}s over time"
    dates = {node: date for node, paper in look.papers.items() if (date := paper.published) is not None}
    top = most_named(look, naming, {entity_type}, 8, among=dates.keys())
    if not dates:
        return Section(id, heading, NO_DATES)
    if not top:
        return Section(id, heading, f"No dated paper of this graph names a {what}.")
    bins, of = time_bins(dates.values())
    series = {"all papers": _counts(dates.values(), bins, of)}
    for node in top:
        series[look.name(node)] = _counts((dates[p] for p in naming[node] if p in dates), bins, of)
    early = len(dates) - sum(series["all papers"])
    said = ", ".join(f"{look.name(n)} ({_papers(sum(p in dates for p in naming[n]))})" for n in top[:3])
    notes = [f"{_papers(early)} before {bins[0]} are not drawn"] if early else []
    undated = len(look.papers) - len(dates)
    notes += [f"{_papers(undated)} without a date are not counted"] if undated else []
    return Section(
        id,
        heading,
        f"Most named: {said}. Of {_papers(len(look.papers))}" + "".join(f", {note}" for note in notes) + ".",
        (entity_type, *bins),
        tuple((name, *map(str, values)) for name, values in series.items()),
        partial(
            charts.many_bars,
            f"Which {what}s do papers name, and when?\n{_papers(len(dates) - early)} with a date",
            series,
            bins,
            entity_type,
        ),
    )


def base_models(look: Lookup, naming: Mapping[str, frozenset[str]]) -> Section:
    """Return the models that most papers build on."""
    built: defaultdict[str, set[str]] = defaultdict(set)
    for edge in look.graph.edges:
        if edge.relation == "builtOn" and look.node_class(edge.target) == "Model":
            built[edge.target].update(f"paper:{paper}" for paper in edge.papers)
    heading = "Base models most used"
    if not built:
        return Section("base-models", heading, "No paper of this graph says which model it builds on.")
    top = sorted(built, key=lambda n: (-len(built[n]), -len(naming.get(n, ())), n))[:15]
    numbers = [(len(built[n]), len(naming.get(n, frozenset()) - built[n])) for n in top]
    total = len(set().union(*built.values()))
    said = ", ".join(f"{look.name(n)} ({_papers(len(built[n]))})" for n in top[:3])
    names = [look.name(n) for n in top]
    title = f"Which models do papers build on?\n{_papers(total)} that name a model they build on"
    return Section(
        "base-models",
        heading,
        f"{_papers(total)} say that something is built on one of {len(built):,} models; most of all {said}.",
        ("Model", "papers that build on it", "papers that name it otherwise"),
        tuple((name, str(a), str(b)) for name, (a, b) in zip(names, numbers, strict=True)),
        partial(
            charts.bars, title, names, [a for a, _ in numbers],
            [b for _, b in numbers], ("papers that build on it", "papers that name it otherwise"),
        ),
    )  # fmt: skip


def lineage_of(look: Lookup, root: str | None) -> Section:
    """Return what a method comes from and what came of it."""
    heading = "Lineage"
    chosen = root or most_descendants(look)
    if chosen is None:
        return Section("lineage", heading, "Nothing in this graph extends another thing or is built on it.")
    found = lineage(look, chosen, depth=3, limit=24)
    name = look.name(chosen)
    if len(found.placed) == 1:
        return Section(
            "lineage",
            f"Lineage of {name}",
            f"This graph knows nothing that {name} comes from, and nothing that came of it.",
        )
    labels = {}
    for placed in found.placed:
        label = look.name(placed.node)
        label = short_title(label, 26) if placed.node in look.papers else charts.cut(label, 24)
        seen = look.first_seen(placed.node)
        labels[placed.node] = f"{label} {seen[:4]}" if seen else label
    classes = {placed.node: look.node_class(placed.node) for placed in found.placed}
    after = sum(p.layer > 0 for p in found.placed)
    saying = {paper for p in found.placed if p.edge is not None for paper in p.edge.papers}
    before = len(found.placed) - 1 - after
    rows = []
    for placed in found.placed:
        edge = placed.edge
        if edge is not None:
            rows.append((
                look.name(edge.source), _WORDS[edge.relation], look.name(edge.target),
                f"{edge.confidence:.2f}", edge.first_seen or "",
            ))  # fmt: skip
    title = f"What came of {charts.cut(name)}, and what does it come from?\n"
    title += f"{_papers(len(saying))} say so; the year is that of the first paper"
    lost = f" {found.left_out:,} weaker ones are left out." if found.left_out else ""
    return Section(
        "lineage",
        f"Lineage of {name}",
        f"{name} comes from {before:,} others; {after:,} come from it, up to three steps away.{lost}",
        ("Thing", "relation", "to", "confidence", "first seen"),
        tuple(rows),
        partial(
            charts.tree,
            title,
            found,
            labels,
            classes,
        ),
    )


_WORDS: Final = {"extends": "extends", "builtOn": "is built on", "variantOf": "is a variant of"}


def who_evaluates_on_what(look: Lookup) -> Section:
    """Return which benchmarks papers test on that introduce or use a method or model."""
    tests: defaultdict[str, set[str]] = defaultdict(set)
    employs: defaultdict[str, set[str]] = defaultdict(set)
    for edge in look.graph.edges:
        if edge.source in look.papers:
            kind = look.node_class(edge.target)
            if edge.relation == "evaluatesOn" and kind == "Benchmark":
                tests[edge.target].add(edge.source)
            elif edge.relation in {"uses", "introduces"} and kind in {"Method", "Model"}:
                employs[edge.target].add(edge.source)
    heading = "Who evaluates on what"
    if not tests or not employs:
        return Section("who-evaluates-on-what", heading, "No paper of this graph says what it tests on.")
    testing = set().union(*tests.values())
    columns = sorted(tests, key=lambda n: (-len(tests[n]), n))[:MOST]
    shown = set().union(*(tests[n] for n in columns))
    met = {n: len(papers & shown) for n, papers in employs.items() if papers & shown}
    if not met:
        return Section(
            "who-evaluates-on-what", heading, "No paper of this graph tests a named method or model."
        )
    rows = sorted(met, key=lambda n: (-met[n], -len(employs[n]), n))[:MOST]
    columns = [c for c in columns if any(employs[r] & tests[c] for r in rows)]
    counts = [[len(employs[r] & tests[c]) for c in columns] for r in rows]
    best = max(
        ((v, i, j) for i, row in enumerate(counts) for j, v in enumerate(row)),
        key=lambda t: (t[0], -t[1], -t[2]),
    )
    title = "Papers that use a method or model: what do they test on?\n"
    title += f"{_papers(len(testing))} that test on a benchmark; a cell counts papers"
    row_names, column_names = [look.name(n) for n in rows], [look.name(n) for n in columns]
    return Section(
        "who-evaluates-on-what",
        heading,
        f"{_papers(len(testing))} test on {len(tests):,} benchmarks; the most common pair is "
        f"{row_names[best[1]]} and {column_names[best[2]]} ({_papers(best[0])}).",
        ("papers that introduce or use it", *column_names),
        tuple((name, *map(str, row)) for name, row in zip(row_names, counts, strict=True)),
        partial(
            charts.heat_map,
            title,
            row_names,
            column_names,
            counts,
        ),
    )


def newcomers(look: Lookup, naming: Mapping[str, frozenset[str]], since: str | None) -> Section:
    """Return the methods, models and benchmarks that no paper named before a date."""
    dates = {node: date for node, paper in look.papers.items() if (date := paper.published) is not None}
    if not dates:
        return Section("newcomers", "Newcomers", NO_DATES)
    start = since or _lately(dates.values())
    heading = f"Newcomers since {start}"
    first: dict[str, str] = {}
    unsure = 0
    for node, papers in naming.items():
        if look.node_class(node) not in _NEW_TYPES:
            continue
        known = [dates[p] for p in papers if p in dates]
        if known and min(known) >= start:
            if len(known) < len(papers):
                unsure += 1
            else:
                first[node] = min(known)
    note = f" {unsure:,} that an undated paper names too are left out." if unsure else ""
    if not first:
        return Section(
            "newcomers", heading,
            f"Nothing is first named since {start}; the dates run from {min(dates.values())} to "
            f"{max(dates.values())}.{note}",
        )  # fmt: skip
    newest = sorted(first, key=lambda n: (first[n], n), reverse=True)
    top = sorted(newest, key=lambda n: -len(naming[n]))[:15]
    ordered = sorted(top, key=lambda n: (first[n], n))
    strips = [
        (look.name(n), look.node_class(n), sorted(_month(dates[p]) for p in naming[n])) for n in ordered
    ]
    lowest, highest = _month(start), _month(max(dates.values()))
    title = f"What is new since {start}, and how many papers took it up?\n"
    title += f"A dot is a day or month with papers, larger for more; {_papers(len(dates))} have a date"
    ticks = _month_ticks(lowest, highest)
    by_type = Counter(look.node_class(n) for n in first)
    said = ", ".join(f"{by_type[t]:,} {t.lower()}s" for t in _NEW_TYPES if by_type[t])
    return Section(
        "newcomers",
        heading,
        f"First named since {start}: {said}. Shown are those that most papers name.{note}",
        ("Thing", "type", "first seen", "papers"),
        tuple((look.name(n), look.node_class(n), first[n], str(len(naming[n]))) for n in top),
        partial(
            charts.strips,
            title,
            strips,
            ticks,
        ),
    )


def reported_results(look: Lookup) -> Section:
    """Return the numbers that papers report on the benchmarks that most papers test on."""
    heading = "Reported results"
    found = look.results_by_benchmark
    if not found:
        return Section(
            "reported-results", heading, "No paper of this graph reports a number on a named benchmark."
        )
    used = {n: len({e.source for e in look.edges(n) if e.relation in TESTS and e.target == n}) for n in found}
    top = sorted(found, key=lambda n: (-used[n], -len(found[n]), n))[:10]
    rows = [_result_row(look, node, r) for node in top for r in _ordered(found[node])[:8]]
    total = sum(map(len, found.values()))
    return Section(
        "reported-results",
        heading,
        f"{total:,} numbers on {len(found):,} benchmarks are reported in abstracts; here those on the ten "
        "that most papers test on. A gain is over a baseline. Numbers of two papers need not be comparable.",
        ("Benchmark", "method or paper", "value", "metric", "kind", "paper", "date"),
        tuple(rows),
    )  # fmt: skip


def most_named(
    look: Lookup,
    naming: Mapping[str, frozenset[str]],
    types: Collection[str],
    count: int,
    *,
    among: Collection[str],
) -> list[str]:
    """Return the entities of some types that most papers name, of the papers in `among`."""
    inside = frozenset(among)
    counts = {n: len(papers & inside) for n, papers in naming.items() if look.node_class(n) in types}
    return sorted((n for n in counts if counts[n]), key=lambda n: (-counts[n], n))[:count]


def most_descendants(look: Lookup) -> str | None:
    """Return the method that most things come from; any entity if no method has any, or None."""
    counts: Counter[str] = Counter(
        edge.target for edge in look.graph.edges if edge.relation in LINEAGE and edge.target in look.entities
    )
    ranked = sorted(counts, key=lambda n: (look.node_class(n) != "Method", -counts[n], n))
    return ranked[0] if ranked else None


def time_bins(dates: Iterable[str]) -> tuple[list[str], Callable[[str], str]]:
    """Return the bins that dates fall in, and the function from a date to its bin.

    Months for up to 30 of them, quarters for up to 30, else years. The earliest bins go that hold together
    less than 2 % of the dates.

    >>> bins, of = time_bins(["2024-11-02", "2025-02"])
    >>> bins, of("2025-02")
    (['2024-11', '2024-12', '2025-01', '2025-02'], '2025-02')
    """
    ordered = sorted(dates)
    first, last = ordered[len(ordered) // 50], ordered[-1]
    months = round(_month(last)) - round(_month(first)) + 1
    of = _month_name if months <= 30 else _quarter_name if months <= 90 else _year_name
    start, end = int(_month(first[:7])), int(_month(last[:7]))
    names = dict.fromkeys(of(f"{m // 12:04d}-{m % 12 + 1:02d}") for m in range(start, end + 1))
    return list(names), of


def _month_name(date: str) -> str:
    return date[:7]


def _quarter_name(date: str) -> str:
    return f"{date[:4]} Q{(int(date[5:7]) + 2) // 3}"


def _year_name(date: str) -> str:
    return date[:4]


def _counts(dates: Iterable[str], bins: Sequence[str], of: Callable[[str], str]) -> list[int]:
    counts = Counter(map(of, dates))
    return [counts[name] for name in bins]


def _month(date: str) -> float:
    """Return a date as months since the year 0, days as parts of 31.

    >>> _month("2025-01"), _month("2025-02-01") - _month("2025-01-01")
    (24300.0, 1.0)
    """
    parts = [int(part) for part in date.split("-")]
    year, month, day = [*parts, 1, 1][:3]
    return year * 12 + month - 1 + (day - 1) / 31


def _month_ticks(lowest: float, highest: float) -> list[tuple[float, str]]:
    """Return at most nine months between two places, with their names."""
    months = range(int(lowest), int(highest) + 2)
    step = max(1, -(-len(months) // 9))
    return [(float(m), f"{m // 12}-{m % 12 + 1:02d}") for m in months[::step]]


def _lately(dates: Iterable[str]) -> str:
    """Return the month by which half of the papers were there, at most a year before the newest.

    >>> _lately(["2019-01", "2019-02", "2025-08-11"]), _lately(["2025-01", "2025-03", "2025-05"])
    ('2024-08', '2025-03')
    """
    ordered = sorted(dates)
    median, last = (int(_month(date[:7])) for date in (ordered[len(ordered) // 2], ordered[-1]))
    month = max(last - 12, median)
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def _papers(count: int) -> str:
    return f"{count:,} paper" + ("s" if count != 1 else "")


def _ordered(results: Iterable[GraphResult]) -> list[GraphResult]:
    return sorted(
        results, key=lambda r: (r.kind, (r.metric or "~").casefold(), -(r.value or 0), -r.confidence, r.id)
    )


def _result_row(look: Lookup, benchmark: str, result: GraphResult) -> tuple[str, ...]:
    paper = look.papers[f"paper:{result.paper}"]
    over = f" over {look.name(result.baseline)}" if result.baseline else ""
    return (
        look.name(benchmark),
        "the paper" if result.subject in look.papers else look.name(result.subject),
        display_name(result.written),
        few_words(result.metric or ""),
        f"gain{over}" if result.kind == "gain" else "reached",
        display_name(paper.title),
        paper.published or "",
    )
