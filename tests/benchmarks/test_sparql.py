"""What of the benchmark of SPARQL is not timing."""

from __future__ import annotations

from kg.pipeline import Built
from kg.queries import get_query
from kg.store import open_store
from tests.benchmarks.sparql import QUERIES, Timing, measure, table, time_rdflib


def test_twenty_queries_with_parameters_that_they_have() -> None:
    assert len(QUERIES) == 20
    for name, given in QUERIES.items():
        assert set(given) <= {parameter.name for parameter in get_query(name).parameters}


def test_figures_of_a_small_graph(example_built: Built) -> None:
    store = open_store(example_built.folder)
    chosen = {"top": {"type": "Method"}, "uses": {"entity": "PPO"}}
    found = measure(example_built.folder, 1, True, chosen)
    assert found["papers"] == len(example_built.graph.papers)
    assert found["quads"] == found["loading"]["quads"] == len(store)
    rows = {row["query"]: row["rows"] for row in found["queries"]}
    assert rows["uses"] == len(store.query("@uses", entity="PPO"))
    found["rdflib"] = time_rdflib(list(store.quads()), ["uses"], 60)
    ours, theirs = found["rdflib"]["uses"]
    assert ours > 0 and theirs is not None and theirs > ours
    shown = table(found)
    assert "| @uses |" in shown and "rdflib" in shown and "bulk_load" in shown


def test_what_counts_as_within() -> None:
    assert Timing("x", 1, 3.0, 1.0).within and Timing("x", 1, 120.0, 100.0).within
    assert not Timing("x", 1, 3.1, 1.0).within and not Timing("x", 1, 121.0, 100.0).within
