"""`kg eval`, `extractors`: an extractor against annotations, and which extractors there are."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.cli.group import LOST
from kg.cli.options import extractor_option, format_option
from kg.cli.output import SCHEMA_VERSION, chosen_form, clean, records, show_frame, show_table
from kg.cli.progress import Progress, say_note, say_unread
from kg.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from kg.model import Unread
    from kg.pipeline import SideBySide


@click.command(name="eval")
@click.argument("gold", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("more", nargs=-1, metavar="[PAPERS]...")
@click.option("--papers", multiple=True, help="Files with the papers' texts, where GOLD has none.")
@click.option("--predicted", type=click.Path(exists=True, path_type=Path), help="Score this file instead.")
@extractor_option
@click.option("--errors", is_flag=True, help="List each miss and each extra, with its sentence.")
@click.option("--error-counts", is_flag=True, help="Count the errors by kind.")
@click.option(
    "--group",
    "groups",
    multiple=True,
    type=click.Choice(["entity", "role", "relation", "result"]),
    help="With --errors or --error-counts: these only.",
)
@click.option("--intervals", is_flag=True, help="Bootstrap 95 % intervals of each measure, over papers.")
@click.option(
    "--reliability",
    is_flag=True,
    help="Bins of confidence: mean, share correct; the last row is all, its error the calibration error.",
)
@format_option
def evaluate(
    gold: Path,
    more: tuple[str, ...],
    papers: tuple[str, ...],
    predicted: Path | None,
    extractor: str,
    errors: bool,
    error_counts: bool,
    groups: tuple[str, ...],
    intervals: bool,
    reliability: bool,
    form: str | None,
    as_json: bool,
) -> None:
    """Score the extractor against the annotations in GOLD (JSON Lines); PAPERS hold texts as --papers does.

    \b
    Examples:
      kg eval dev.jsonl --papers pages/*.txt
      kg eval dev.jsonl --predicted extractions.jsonl
      kg eval dev.jsonl --papers pages/ --errors --group relation
    """  # noqa: DOC501
    if errors + error_counts + intervals + reliability > 1:
        raise UsageError("ask for one of --errors, --error-counts, --intervals, --reliability at a time")
    if groups and not (errors or error_counts):
        raise UsageError("--group goes with --errors or --error-counts")

    from kg.pipeline import side_by_side

    lost: list[Unread] = []
    try:
        with Progress() as progress:
            both = side_by_side(
                gold,
                papers=(*papers, *more),
                predicted=predicted,
                extractor=extractor,
                on_progress=progress,
                on_lost=lost.append,
                on_note=say_note,
            )
    finally:
        say_unread(lost)
    if errors:
        show_mistakes(mistakes_frame(both, groups), form, as_json)
    elif error_counts:
        show_frame(counts_frame(mistakes_frame(both, groups)), form, as_json)
    elif intervals:
        show_frame(intervals_frame(both), form, as_json)
    elif reliability:
        show_frame(reliability_frame(both), form, as_json)
    else:
        show_scores(both, form, as_json)
    if lost:
        sys.exit(LOST)


@click.command()
@format_option
def extractors(form: str | None, as_json: bool) -> None:
    """List the extractors: the name of each, and the distribution that brings it.

    \b
    Example:
      kg extractors
    """
    from extractors import origins

    rows = ({"extractor": name, "origin": origin} for name, origin in origins().items())
    show_frame(frame_of(rows, ["extractor", "origin"]), form, as_json)


def show_scores(both: SideBySide, form: str | None, as_json: bool) -> None:
    """Print the scores: lines for people unless a form is given."""
    from kg.evaluate import format_scores, score, scores_object

    scores = score(both.gold, both.predicted)
    if form is None and not as_json:
        click.echo(format_scores(scores).rstrip("\n"))
        return
    answer = scores_object(scores)
    if chosen_form(form, as_json) == "json":
        click.echo(json.dumps({"schema_version": SCHEMA_VERSION, **answer}))
        return
    rows = [{"measure": name, **row} for name, row in answer.items() if isinstance(row, dict)]
    right, total = scores.roles_right, scores.roles_total
    rows.append({"measure": "role", "p": answer["role_accuracy"], "tp": right, "fp": total - right})
    show_frame(frame_of(rows, ["measure", "p", "r", "f1", "tp", "fp", "fn"]), form, as_json)


def mistakes_frame(both: SideBySide, groups: tuple[str, ...]) -> pd.DataFrame:
    """Return the mistakes of the groups (all without any), paper by paper."""
    from kg.evaluate.mistakes import Mistake, find_mistakes

    found = find_mistakes(both.gold, both.predicted, both.papers)
    rows = (asdict(one) for one in found if not groups or one.group in groups)
    return frame_of(rows, list(Mistake.__dataclass_fields__))


def counts_frame(mistakes: pd.DataFrame) -> pd.DataFrame:
    """Return how many mistakes there are of each kind."""
    from kg.evaluate.mistakes import Mistake, count_mistakes

    counts = count_mistakes(Mistake(**row) for row in records(mistakes))
    return frame_of(
        (dict(zip(("group", "error", "kind", "count"), row, strict=True)) for row in counts),
        ["group", "error", "kind", "count"],
    )


def show_mistakes(mistakes: pd.DataFrame, form: str | None, as_json: bool) -> None:
    """Print mistakes: on a terminal paper by paper with the counts below, else as rows."""
    if chosen_form(form, as_json) != "table":
        show_frame(mistakes, form, as_json)
        return
    columns = ["kind", "annotated", "predicted", "sentence"]
    for paper, rows in mistakes.groupby("paper", sort=False):
        click.echo(click.style(clean(str(paper)), bold=True))
        show_table(columns, rows[columns].to_numpy().tolist())
        click.echo()
    show_frame(counts_frame(mistakes), "table", False)


def intervals_frame(both: SideBySide) -> pd.DataFrame:
    """Return each measure with its interval."""
    from kg.evaluate import score
    from kg.evaluate.intervals import Interval, intervals

    rows = (asdict(one) for one in intervals(score(both.gold, both.predicted)))
    return frame_of(rows, list(Interval.__dataclass_fields__))


def reliability_frame(both: SideBySide) -> pd.DataFrame:
    """Return the bins of confidence, and all together in the last row."""
    from kg.evaluate import compare
    from kg.evaluate.reliability import Bin, reliability

    rows = (asdict(one) for one in reliability(compare(both.gold, both.predicted)))
    return frame_of(rows, list(Bin.__dataclass_fields__))


def frame_of(rows: Iterable[dict[str, Any]], columns: list[str]) -> pd.DataFrame:
    """Return rows as a frame: figures rounded to four places, whole numbers kept whole, gaps None."""
    import pandas as pd

    plain = [[_rounded(row.get(column)) for column in columns] for row in rows]
    return pd.DataFrame(plain, columns=columns, dtype=object)


def _rounded(value: object) -> object:
    return round(value, 4) if isinstance(value, float) else value
