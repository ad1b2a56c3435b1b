"""`kg explain`: why the extractor says of one paper what it says."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.cli.options import format_option, graph_option, open_graph
from kg.cli.output import SCHEMA_VERSION, chosen_form, clean, show_frame

if TYPE_CHECKING:
    from extractors.explain import Explanation


@click.command()
@click.argument("title")
@graph_option
@click.option("--all", "everything", is_flag=True, help="List what was looked at and dropped, too.")
@format_option
def explain(title: str, folder: Path, everything: bool, form: str | None, as_json: bool) -> None:
    """Explain one paper of the graph: what was found in it, by what, and why each type.

    TITLE is a title, the start of one, or an id. The columns `without …` give the probability of the decision
    if that source of knowledge were silent: the lower, the more it spoke for it.

    \b
    Examples:
      kg explain "Proximal Policy Optimization"
      kg explain 1707.06347 --all --json
    """
    import pandas as pd

    from extractors.explain import explain as explain_paper

    told = explain_paper(open_graph(folder).paper(title))
    rows = [_row(row) for row in told.rows if everything or row.kept]
    if chosen_form(form, as_json) == "json":
        click.echo(json.dumps(_answer(told, everything), ensure_ascii=False, indent=2))
        return
    click.echo(f"{clean(told.paper.title)}  {clean(told.paper.id)}", err=True)
    show_frame(pd.DataFrame(rows), form, as_json)
    pairs = [
        (r.head, r.type, r.tail, r.confidence, f"{r.evidence.field}[{r.evidence.start}:{r.evidence.end}]")
        for r in told.relations
    ]
    if pairs:
        click.echo()
        columns = ["head", "relation", "tail", "probability", "sentence"]
        show_frame(pd.DataFrame(pairs, columns=columns), form, as_json)
    numbers = [(r.subject, r.value, r.benchmark, r.metric, r.baseline, r.confidence) for r in told.results]
    if numbers:
        click.echo()
        columns = ["subject", "value", "benchmark", "metric", "baseline", "probability"]
        show_frame(pd.DataFrame(numbers, columns=columns), form, as_json)


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
        "places": " ".join(f"{s.field}[{s.start}:{s.end}]" for s in row.spans),
    }


def _answer(told: Explanation, everything: bool) -> dict[str, object]:
    return {
        "schema_version": SCHEMA_VERSION,
        "paper": {"id": told.paper.id, "title": told.paper.title},
        "rows": [asdict(row) for row in told.rows if everything or row.kept],
        "relations": [asdict(relation) for relation in told.relations],
        "results": [asdict(result) for result in told.results],
    }
