"""The store and `kg query`: formats, messages, what is counted, how fast it opens."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import time
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.errors import QueryError
from kg.generations import RDF, current_generation
from kg.graph import build_graph
from kg.model import Evidence, Extraction, Mention, Paper, Relation, Span
from kg.nquads import iriref, literal, parse, term
from kg.pipeline import Built
from kg.rdf import to_quads
from kg.resolve import resolve
from kg.store import Store, open_store
from kg.syntax import calls_service, explain_fault
from kg.vocab import PREFIXES

METHODS = "SELECT ?n WHERE { ?m a akg:Method ; skos:prefLabel ?n } ORDER BY ?n LIMIT 3"


def three_papers() -> Store:
    """Return a store of three papers that state one and the same edge."""
    text = "ZorbNet extends QQZO."
    mentions = (
        Mention("ZorbNet", "Method", "introduces", 0.9, (Span("abstract", 0, 7, "ZorbNet"),)),
        Mention("QQZO", "Method", "uses", 0.9, (Span("abstract", 16, 20, "QQZO"),)),
    )
    relation = Relation("ZorbNet", "extends", "QQZO", 0.8, Evidence("abstract", 0, len(text)))
    papers = [Paper(f"On Zorbs {i}", text, id=f"2505.0000{i}", published="2025-05-01") for i in range(3)]
    read = [Extraction(p.id, p.title, mentions, (relation,)) for p in papers]
    return Store.in_memory(parse(to_quads(build_graph(papers, read, resolve(papers, read)))))


def test_an_edge_that_three_papers_state_counts_once() -> None:
    store = three_papers()
    pattern = "?a skos:prefLabel 'ZorbNet' ; akg:extends ?b . ?b skos:prefLabel 'QQZO'"
    assert store.query(f"SELECT (COUNT(*) AS ?n) WHERE {{ {pattern} }}")["n"].to_list() == [1]
    stated = "GRAPH ?paper { ?s rdf:predicate akg:extends }"
    assert store.query(f"SELECT (COUNT(*) AS ?n) WHERE {{ {stated} }}")["n"].to_list() == [3]
    assert len(store.query("@evidence", source="ZorbNet", target="QQZO")) == 3
    through_rdflib = store.dataset().query(f"SELECT (COUNT(*) AS ?n) WHERE {{ {pattern} }}")
    assert (
        json.loads(through_rdflib.serialize(format="json") or b"")["results"]["bindings"][0]["n"]["value"]
        == "1"
    )


def test_opens_in_under_a_fifth_of_a_second(example_built: Built) -> None:
    taken = []
    for _ in range(5):
        start = time.perf_counter()
        store = open_store(example_built.folder)
        taken.append(time.perf_counter() - start)
        assert len(store.query(METHODS)) == 3
    assert min(taken) < 0.2


def test_a_query_loads_neither_pandas_nor_rdflib(example_built: Built) -> None:
    code = (
        "import sys; from kg.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "finally:\n"
        "    heavy = {'pandas', 'rdflib', 'duckdb', 'networkx', 'spacy'}\n"
        "    print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    ask = ["query", "@uses", "entity=PPO", "--graph", str(example_built.folder)]
    done = subprocess.run([sys.executable, "-c", code, *ask], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n" and done.stdout.startswith("paper\ttitle\tpublished\n")


def run(runner: CliRunner, built: Built, *arguments: str, code: int = 0) -> str:
    done = runner.invoke(main, ["query", *arguments, "--graph", str(built.folder)])
    assert done.exit_code == code, done.output
    return done.stderr if code else done.stdout


def test_formats_hold_the_same_rows(runner: CliRunner, example_built: Built) -> None:
    store = open_store(example_built.folder)
    names = store.query(METHODS)["n"].to_list()
    assert run(runner, example_built, METHODS).split("\n") == ["n", *names, ""]
    assert list(csv.reader(io.StringIO(run(runner, example_built, METHODS, "--format", "csv"))))[1:] == [
        [n] for n in names
    ]
    for form, kind in (("json", ox.QueryResultsFormat.JSON), ("xml", ox.QueryResultsFormat.XML)):
        written = run(runner, example_built, METHODS, "--format", form)
        read = ox.parse_query_results(written.encode(), kind)
        assert isinstance(read, ox.QuerySolutions)
        assert [row["n"].value for row in read] == names
    plain = json.loads(run(runner, example_built, METHODS, "--json"))
    assert plain == {"schema_version": 1, "columns": ["n"], "rows": [{"n": n} for n in names]}
    assert names[0] in run(runner, example_built, METHODS, "--format", "table")


def test_triples_and_yes_or_no(runner: CliRunner, example_built: Built) -> None:
    describe = "CONSTRUCT { entity:grpo ?p ?o } WHERE { entity:grpo ?p ?o }"
    turtle = run(runner, example_built, describe, "--format", "ttl")
    assert "@prefix akg:" in turtle
    kinds = {
        "ttl": ox.RdfFormat.TURTLE,
        "nt": ox.RdfFormat.N_TRIPLES,
        "xml": ox.RdfFormat.RDF_XML,
        "json": ox.RdfFormat.JSON_LD,
    }
    graphs = [
        set(ox.parse(run(runner, example_built, describe, "--format", form).encode(), kind))
        for form, kind in kinds.items()
    ]
    assert graphs[0] and all(graph == graphs[0] for graph in graphs)
    assert run(runner, example_built, describe).startswith("subject\tpredicate\tobject\n")
    assert run(runner, example_built, "ASK { entity:grpo a akg:Method }") == "answer\ntrue\n"
    assert json.loads(run(runner, example_built, "ASK {}", "--format", "json"))["boolean"] is True
    assert "only CONSTRUCT" in run(runner, example_built, METHODS, "--format", "ttl", code=2)


def test_csv_holds_no_formula(runner: CliRunner, example_built: Built) -> None:
    query = 'SELECT ("=HYPERLINK(1)" AS ?a) (-1 AS ?b) ("+x" AS ?c) WHERE {}'
    assert run(runner, example_built, query, "--format", "csv") == "a,b,c\n'=HYPERLINK(1),-1,'+x\n"


@pytest.mark.parametrize(
    "name", ['q"uote', "<angle> & 'both'", "line\nbreak\ttab", "😀𝒜é", "x" * 10_000, "back\\slash"]
)
def test_any_text_is_written_and_read_back(runner: CliRunner, tmp_path: Path, name: str) -> None:
    node = "https://w3id.org/abstractkg/entity/x"
    quad = iriref(node), term("skos:prefLabel"), literal(name), ""
    (tmp_path / "graph" / "gen-1").mkdir(parents=True)
    Store.write(tmp_path / "graph" / "gen-1" / RDF, [quad])
    (tmp_path / "graph" / "current").write_text("gen-1\n", encoding="utf-8")
    query = "SELECT ?n WHERE { ?e skos:prefLabel ?n }"
    assert open_store(tmp_path / "graph").query(query)["n"].to_list() == [name]
    assert open_store(tmp_path / "graph").find("entity", name) == (node,)
    for form, kind in (("json", ox.QueryResultsFormat.JSON), ("xml", ox.QueryResultsFormat.XML)):
        read = ox.parse_query_results(
            runner.invoke(main, ["query", query, "--format", form]).stdout_bytes, kind
        )
        assert isinstance(read, ox.QuerySolutions)
        assert [row["n"].value for row in read] == [name]


def test_explain_shows_patterns_counts_and_times(runner: CliRunner, example_built: Built) -> None:
    shown = run(runner, example_built, "@uses", "entity=PPO", "--explain")
    store = open_store(example_built.folder)
    count = store.query("SELECT (COUNT(*) AS ?n) WHERE { ?p akg:uses ?e }")["n"].to_list()[0]
    line = next(line for line in shown.splitlines() if "?paper akg:uses ?entity" in line)
    assert line.split()[-2:] == [f"{count:,}", "quads"]
    for stage in ("Distinct", "rows ", "parse ", "evaluate ", "serialise "):
        assert stage in shown
    assert "title" not in shown.split("\n\n")[1]


def test_sparql_option_shows_a_query_that_stands_alone(runner: CliRunner, example_built: Built) -> None:
    text = run(runner, example_built, "@uses", "entity=PPO", "--sparql")
    assert "<https://w3id.org/abstractkg/entity/ppo>" in text
    raw = ox.Store.read_only(str(current_generation(example_built.folder) / RDF)).query(text)
    assert isinstance(raw, ox.QuerySolutions)
    assert len(list(raw)) == len(open_store(example_built.folder).query("@uses", entity="PPO"))


def test_lists(runner: CliRunner) -> None:
    listed = runner.invoke(main, ["query", "--list"]).stdout
    assert listed == runner.invoke(main, ["queries"]).stdout
    assert "@extends\tmethod=GRPO\tWhich methods extend a method, and in which paper?" in listed.splitlines()
    one = runner.invoke(main, ["query", "@leaderboard", "--list"])
    assert "Which systems score best" in one.stderr and "metric\ttext\t\tpart of" in one.stdout


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT ?x WHERE { ?x a }", "line 1, column 24: found `}`, expected a variable, an IRI"),
        ("SELECT ?x\nWHERE { ?x a ?y .\n ?y foo:bar 3 }", "line 3, column 5: the prefix of `foo:bar`"),
        ("SELEC ?x", "line 1, column 1: found `SELEC`, expected SELECT"),
        ('SELECT ?x { "😀é" ?p }', "line 1, column 21: found `}`"),
        ("SELECT ?x ?z {?x ?y ?z} GROUP BY ?x", "SELECT names a variable that nothing binds"),
        ("SELECT ?x { ?x a <rel> }", "column 18: found `<rel>`: no absolute IRI ends here"),
        ("SELECT * { ?x ?y 'abc }", "column 18: found `'`: the text that starts here does not end"),
        ("SELECT * {?x a ?y", "column 18: the query ends, expected `{`, `}`"),
        ("SELECT * { ?s ?p ?o } LIMIT ten", "column 29: found `ten`, expected a number"),
        ("SELECT ?n { ?n a akg:Method } ORDER ?n", "found `?n`, expected BY"),
        ("SELECT * { # a } comment\n ?s ?p ?o", "line 2, column 10: the query ends"),
        ("INSERT DATA { <a:a> <a:b> <a:c> }", "found `INSERT`, expected SELECT"),
        ("", "there is no query"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_place(query: str, message: str) -> None:
    with pytest.raises(QueryError) as caught:
        Store.in_memory([]).query(query)
    assert str(caught.value).startswith("the query does not parse at line ") and message in str(caught.value)


@pytest.mark.parametrize("name", ["uses", "evidence", "rising", "graph-of"])
def test_whatever_token_is_dropped_the_message_names_a_place_in_the_text(name: str) -> None:
    from kg.queries import named_query
    from kg.syntax import tokens

    text = named_query(name)
    for token in tokens(text):
        broken = text[: token.start] + text[token.start + len(token.text) :]
        fault = explain_fault(broken, PREFIXES)
        if fault is not None:
            line, column = (int(part.split()[1]) for part in fault.split(":")[0].split(", "))
            assert (
                1 <= line <= broken.count("\n") + 1 and 1 <= column <= len(broken.splitlines()[line - 1]) + 1
            )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["@extends", "GRPO"], "'GRPO' is no parameter; write name=value"),
        (["@extends", "=GRPO"], "is no parameter"),
        (["@extends", "method=GRPO", "method=PPO"], "given twice"),
        (["ASK {}", "a=b"], "parameters go with a named query"),
        (["@extend"], "there are: extends, trend; `kg query --list` shows all"),
        (["@uses", "entity=GRPOO"], "no entity called 'GRPOO'; there are: GRPO"),
        (["absent.rq"], "absent.rq: cannot be read"),
        ([], "no query"),
        (["--list", "--format", "xml"], "a list is no answer"),
        (["SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }"], "SERVICE asks another host"),
    ],
)  # fmt: skip
def test_wrong_usage(runner: CliRunner, example_built: Built, arguments: list[str], message: str) -> None:
    assert message in run(runner, example_built, *arguments, code=2)


def test_service_is_seen_however_it_is_written() -> None:
    for text in (
        "SELECT * { service silent <http://a/> { ?s ?p ?o } }",
        "SELECT * { { { SERVICE ?x { ?s ?p ?o } } } }",
    ):
        assert calls_service(text)
    for text in ("SELECT * { ?service a akg:Method }", "SELECT * { ?s ?p 'a SERVICE b' } # SERVICE"):
        assert not calls_service(f"PREFIX akg: <a:b>\n{text}")
