"""`kg explain`: why the extractor says of one paper what it says."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from extractors import DEFAULT, fingerprint
from kg.cli.options import format_option, graph_option, open_graph
from kg.cli.output import SCHEMA_VERSION, chosen_form, clean, show_rows
from kg.cli.progress import say_note

if TYPE_CHECKING:
    from extractors.explain import Explanation
    from kg.model import Evidence, Extraction, Paper, Relation, Result, Span

FIRST: Final = ("name", "type", "probability", "role", "found by", "places")
"""The columns that a terminal shows first; those of `MORE` come in tables below, and all in one elsewhere."""
MORE: Final = ("next", "short for", "known as", "lexicon")
"""What else is known of a row, before what each source of knowledge weighs."""
MENTION: Final = ("name", "type", "role", "confidence", "extractor", "places")
"""The columns of what another extractor found."""


@click.command()
@click.argument("title")
@graph_option
@click.option("--all", "everything", is_flag=True, help="List what was looked at and dropped, and why, too.")
@format_option
def explain(title: str, folder: Path, everything: bool, form: str | None, as_json: bool) -> None:
    """Explain one paper of the graph: what was found in it, by what, and why each type.

    TITLE is a title, the start of one, or an id. The columns `without …` give the probability of the decision
    if that source of knowledge were silent: the lower, the more it spoke for it; a terminal shows them with
    --all. No reasons are known of another extractor than `default`: what it found is shown as it is.

    \b
    Examples:
      kg explain "Proximal Policy Optimization"
      kg explain 1707.06347 --all --json
    """
    graph = open_graph(folder)
    paper, chosen = graph.paper(title), chosen_form(form, as_json)
    extractor, _, version = graph.read_by.rpartition(" ")
    if extractor != DEFAULT:
        say_note(
            f"the extractor {extractor!r} read this graph: shown is what it found; "
            f"reasons are known of the extractor {DEFAULT!r} only"
        )
        _show_stored(paper, graph.extraction(paper), graph.read_by, chosen)
        return
    present = fingerprint(DEFAULT)[: len(version)]
    if version != present:
        say_note(
            f"another version of the default extractor read this graph ({version}, not {present}): what it "
            "found may differ from what is shown; `kg add` and `kg build` read anew"
        )
    from extractors.explain import explain as explain_paper

    _show_reasons(explain_paper(paper), everything, graph.read_by, chosen)


def _show_reasons(told: Explanation, everything: bool, read_by: str, form: str) -> None:
    rows = [_row(row) for row in told.rows if everything or row.kept]
    if form == "json":
        kept = [asdict(row) for row in told.rows if everything or row.kept]
        _show_json(told.paper, read_by, kept, told.relations, told.results)
        return
    _say_paper(told.paper)
    if form == "table":
        _show_columns(FIRST, rows, form)
        if everything and rows:
            silent = [column for column in rows[0] if column.startswith("without ")]
            for columns in (("name", *MORE), ("name", *silent)):
                click.echo()
                _show_columns(columns, rows, form)
    else:
        _show_columns(list(rows[0]) if rows else [], rows, form)
    _show_relations_and_results(told.paper, told.relations, told.results, "probability", form)


def _show_stored(paper: Paper, read: Extraction, read_by: str, form: str) -> None:
    if form == "json":
        found = [asdict(mention) for mention in read.mentions]
        _show_json(paper, read_by, found, read.relations, read.results)
        return
    _say_paper(paper)
    rows = [{**asdict(mention), "places": _places(mention.spans)} for mention in read.mentions]
    _show_columns(MENTION, rows, form)
    _show_relations_and_results(paper, read.relations, read.results, "confidence", form)


def _show_relations_and_results(
    paper: Paper, relations: Iterable[Relation], results: Iterable[Result], sure: str, form: str
) -> None:
    """Print the relations and the results of a paper, if any; `sure` heads the column of confidences."""
    stated = [
        {
            "head": r.head,
            "relation": r.type,
            "tail": r.tail,
            sure: r.confidence,
            "sentence": " ".join(paper.text(r.evidence.field)[r.evidence.start : r.evidence.end].split()),
            "place": _places([r.evidence]),
        }
        for r in relations
    ]
    if stated:
        click.echo()
        _show_columns([name for name in stated[0] if form != "table" or name != "place"], stated, form)
    numbers = [{**asdict(result), sure: result.confidence} for result in results]
    if numbers:
        click.echo()
        _show_columns(["subject", "value", "benchmark", "metric", "baseline", sure], numbers, form)


def _show_columns(columns: Sequence[str], rows: Iterable[dict[str, Any]], form: str) -> None:
    """Print some columns of rows."""
    show_rows(list(columns), [[row[column] for column in columns] for row in rows], form, False)


def _say_paper(paper: Paper) -> None:
    click.echo(f"{clean(paper.title)}  {clean(paper.id)}", err=True)


def _places(places: Iterable[Span | Evidence]) -> str:
    """Return where something stands, as `title[0:4] abstract[20:24]`."""
    return " ".join(f"{place.field}[{place.start}:{place.end}]" for place in places)


def _row(row: Any) -> dict[str, object]:
    label = row.type if row.kept else "none"
    second = max((t for t in row.types if t != label), key=lambda t: row.types[t])
    return {
        "name": row.name,
        "type": row.type if row.kept else f"none ({row.type})",
        "probability": row.types[label],
        "next": f"{second} {row.types[second]}",
        "role": f"{row.role} {row.roles[row.role]}" if row.role else "",
        "found by": ", ".join(row.found_by),
        "short for": row.short_for or "",
        "known as": row.known_as or "",
        "lexicon": row.lexicon_says or "",
        **{f"without {source}": chance for source, chance in row.without.items()},
        "places": _places(row.spans),
    }


def _show_json(
    paper: Paper,
    read_by: str,
    rows: list[dict[str, Any]],
    relations: Iterable[Relation],
    results: Iterable[Result],
) -> None:
    answer = {
        "schema_version": SCHEMA_VERSION,
        "paper": {"id": paper.id, "title": paper.title},
        "extractor": read_by,
        "rows": rows,
        "relations": [asdict(relation) for relation in relations],
        "results": [asdict(result) for result in results],
    }
    click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
