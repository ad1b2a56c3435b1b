"""`kg query`, `queries`, `show`, `stats`: what the graph holds."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.cli.options import format_option, graph_option, open_graph, open_store
from kg.cli.output import SCHEMA_VERSION, clean, records, show_frame, show_rows, show_table
from kg.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from kg.answers import Answer
    from kg.store import Source


@click.command()
@click.argument("sparql", required=False)
@click.argument("parameters", nargs=-1)
@graph_option
@click.option(
    "--endpoint", metavar="URL", help="Ask the SPARQL endpoint at this address instead of a folder."
)
@click.option(
    "--timeout",
    default=60.0,
    show_default=True,
    type=click.FloatRange(0, min_open=True),
    help="How many seconds an endpoint may let us wait.",
)
@click.option("--list", "listed", is_flag=True, help="List the named queries, or the parameters of one.")
@click.option("--explain", is_flag=True, help="Show the plan of the query and its times, not its answer.")
@click.option("--sparql", "shown", is_flag=True, help="Show the SPARQL that would be asked, and ask nothing.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "tsv", "csv", "json", "xml", "ttl", "nt"]),
    help="How to print: a table on a terminal and TSV when piped, unless given. json and xml are the SPARQL "
    "results formats (JSON-LD and RDF/XML for triples); ttl and nt are for CONSTRUCT and DESCRIBE.",
)
@click.option("--json", "as_json", is_flag=True, help="Print plain JSON: columns, and rows of plain values.")
def query(
    sparql: str | None,
    parameters: tuple[str, ...],
    folder: Path,
    endpoint: str | None,
    timeout: float,
    listed: bool,
    explain: bool,
    shown: bool,
    form: str | None,
    as_json: bool,
) -> None:
    """Ask SPARQL: a query, the @name of a named one with key=value PARAMETERS, or a FILE.rq.

    \b
    Examples:
      kg query --list
      kg query @extends method=GRPO
      kg query @extends --list
      kg query 'SELECT ?n WHERE { ?m a akg:Method ; skos:prefLabel ?n } LIMIT 5'
      kg query my-question.rq --format csv
      kg query @leaderboard benchmark=LIBERO --endpoint http://localhost:8080/sparql
    """  # noqa: DOC501
    if listed:
        _list_queries(sparql, form, as_json)
        return
    if sparql is None:
        raise UsageError("no query; write SPARQL, a FILE.rq, or a @name of `kg query --list`")
    given = _given(parameters)
    if sparql.endswith(".rq") and not sparql.startswith("@"):
        try:
            sparql = Path(sparql).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{sparql}: cannot be read ({error})") from error
    source = _source(folder, endpoint, timeout)
    text = source.text(sparql, given)
    if shown:
        from kg.syntax import prologue, used_prefixes

        used = used_prefixes(text, source.prefixes)
        click.echo("".join(f"{prologue([pair])}\n" for pair in used.items()) + text.strip())
    elif explain:
        answer = source.ask(text, source.prefixes)  # a query that does not parse ends here
        del answer
        from kg.plan import plan_lines, timed_lines

        click.echo("\n".join((*plan_lines(text, source), "", *timed_lines(text, source))))
    else:
        _show_answer(source.ask(text, source.prefixes), form, as_json, source)


def _given(parameters: tuple[str, ...]) -> dict[str, str]:
    given: dict[str, str] = {}
    for parameter in parameters:
        key, mark, value = parameter.partition("=")
        if not mark or not key:
            raise UsageError(f"{parameter!r} is no parameter; write name=value, such as method=GRPO")
        if key in given:
            raise UsageError(f"the parameter {key!r} is given twice")
        given[key] = value
    return given


def _source(folder: Path, endpoint: str | None, timeout: float) -> Source:
    if endpoint is None:
        return open_store(folder)
    from kg.endpoint import Endpoint

    return Endpoint(endpoint, seconds=timeout)


def _show_answer(answer: Answer, form: str | None, as_json: bool, source: Source) -> None:
    from kg.answers import columns_and_rows, write_answer

    chosen: Any = form or ("table" if sys.stdout.isatty() else "tsv")
    try:
        if as_json:
            columns, rows = columns_and_rows(answer)
            dicts = [dict(zip(columns, row, strict=True)) for row in rows]
            told = {"schema_version": SCHEMA_VERSION, "columns": columns, "rows": dicts}
            click.echo(json.dumps(told, ensure_ascii=False))
        elif chosen == "table":
            columns, rows = columns_and_rows(answer)
            click.echo(f"{show_table(columns, rows):,} rows", err=True)
        else:
            sys.stdout.flush()
            write_answer(answer, chosen, sys.stdout.buffer, prefixes=source.prefixes)
            sys.stdout.buffer.flush()
    except (ValueError, RuntimeError) as error:
        raise UsageError(f"the query cannot be run: {error}") from error


def _list_queries(name: str | None, form: str | None, as_json: bool) -> None:
    from kg.queries import get_query, query_names

    if form in {"xml", "ttl", "nt"}:
        raise UsageError(f"a list is no answer to a query; {form} is for those")
    if name is not None:
        chosen = get_query(name.removeprefix("@"))
        click.echo(chosen.question, err=True)
        rows = [[p.name, p.kind, p.default, p.meaning] for p in chosen.parameters]
        show_rows(["parameter", "kind", "default", "meaning"], rows, form, as_json)
        return
    listed = [get_query(each) for each in query_names()]
    told = [
        [f"@{q.name}", " ".join(f"{p.name}={p.default}" for p in q.parameters), q.question] for q in listed
    ]
    show_rows(["query", "parameters", "question"], told, form, as_json)


@click.command()
@format_option
def queries(form: str | None, as_json: bool) -> None:
    """List the named queries, as `kg query --list` does.

    \b
    Example:
      kg queries
    """
    _list_queries(None, form, as_json)


@click.command()
@click.argument("name")
@graph_option
@click.option("--evidence", is_flag=True, help="List the spans behind each edge too.")
@click.option(
    "--with-variants",
    is_flag=True,
    help="Take the papers of its versions, sizes and parts in, and list these.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(name: str, folder: Path, evidence: bool, with_variants: bool, as_json: bool) -> None:
    """Show one entity: its type, spellings, papers and relations.

    With --with-variants a family that no paper names by itself, such as Qwen2.5-VL, shows its members.

    \b
    Examples:
      kg show GRPO
      kg show "Group Relative Policy Optimization" --evidence
      kg show Qwen2.5 --with-variants
    """
    graph = open_graph(folder)
    if with_variants and not graph.find(name):
        family = graph.family(name)
        if len(family):
            _show_family(name, family, as_json)
            return
    view = graph[name]
    papers, related = view.papers(include_variants=with_variants), view.neighbours()
    variants = view.variants()
    if as_json:
        answer = {
            "schema_version": SCHEMA_VERSION,
            "iri": view.iri,
            "name": view.name,
            "type": view.type,
            "kind": view.entity.kind,
            "aliases": list(view.aliases),
            "said_by_name": view.said,
            "alignments": [{"predicate": a.predicate, "object": a.object} for a in view.alignments],
            "variant_of": view.parent.iri if view.parent else None,
            "variants": records(variants),
            "papers": records(papers),
            "relations": records(related),
            "evidence": records(view.evidence()),
        }
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    kind = f" ({view.entity.kind})" if view.entity.kind else ""
    click.echo(f"{clean(view.name)}  {view.type}{kind}  {view.iri}")
    if view.aliases:
        click.echo(f"also     {clean(' | '.join(view.aliases))}")
    if view.said:
        click.echo(f"by name  {clean(', '.join(f'{key} {value}' for key, value in view.said.items()))}")
    for alignment in view.alignments:
        words = "same as" if alignment.predicate == "skos:exactMatch" else "first in"
        click.echo(f"{words:<8} {alignment.object}")
    click.echo(f"papers   {view.entity.num_papers}")
    show_frame(papers, None, False)
    if with_variants and len(variants):
        click.echo("variants")
        show_frame(_told(variants), None, False)
    if len(related):
        click.echo("related")
        show_frame(related, None, False)
    if evidence:
        click.echo("evidence")
        show_frame(view.evidence(), None, False)


def _show_family(name: str, family: pd.DataFrame, as_json: bool) -> None:
    if as_json:
        answer = {"schema_version": SCHEMA_VERSION, "iri": None, "name": name, "variants": records(family)}
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    click.echo(f"{clean(name)}  a family; no paper names it by itself")
    show_frame(_told(family), None, False)


def _told(variants: pd.DataFrame) -> pd.DataFrame:
    """Return a frame without the columns of which no row says anything."""
    return variants.dropna(axis="columns", how="all")


@click.command()
@graph_option
@format_option
def stats(folder: Path, form: str | None, as_json: bool) -> None:
    """Count what the graph holds.

    \b
    Example:
      kg stats --json
    """
    import pandas as pd

    counts = open_graph(folder).stats()
    show_frame(pd.DataFrame(list(counts.items()), columns=["what", "count"]), form, as_json)
