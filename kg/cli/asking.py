"""`kg query`, `queries`, `show`, `stats`: what the graph holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.options import format_option, graph_option, open_graph, open_store
from kg.cli.output import SCHEMA_VERSION, clean, records, show_frame
from kg.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd


@click.command()
@click.argument("sparql")
@click.argument("parameters", nargs=-1)
@graph_option
@format_option
def query(sparql: str, parameters: tuple[str, ...], folder: Path, form: str | None, as_json: bool) -> None:
    """Ask SPARQL: a query, the @name of a named one with key=value PARAMETERS, or a FILE.rq.

    \b
    Examples:
      kg query @extends method=GRPO
      kg query 'SELECT ?n WHERE { ?m a akg:Method ; skos:prefLabel ?n } LIMIT 5'
      kg query my-question.rq --format csv
    """  # noqa: DOC501
    from kg.store import named_query

    given: dict[str, str] = {}
    for parameter in parameters:
        key, mark, value = parameter.partition("=")
        if not mark:
            raise UsageError(f"{parameter!r} is no parameter; write key=value")
        given[key] = value
    if sparql.startswith("@"):
        sparql = named_query(sparql[1:], **given)
    elif given:
        raise UsageError("parameters go with a named query such as @extends")
    elif sparql.endswith(".rq"):
        try:
            sparql = Path(sparql).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{sparql}: cannot be read ({error})") from error
    show_frame(open_store(folder).query(sparql), form, as_json)


@click.command()
@format_option
def queries(form: str | None, as_json: bool) -> None:
    """List the named queries: name, parameters with their defaults, and the question each answers.

    \b
    Example:
      kg queries
    """
    import pandas as pd

    from kg.store import query_names, query_parameters, query_question

    rows = [
        (f"@{name}", " ".join(f"{k}={v}" for k, v in query_parameters(name).items()), query_question(name))
        for name in query_names()
    ]
    show_frame(pd.DataFrame(rows, columns=["query", "parameters", "question"]), form, as_json)


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
