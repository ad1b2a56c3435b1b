"""`kg diff`: what is new, gone and changed between two graphs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from kg.cli.options import output_option
from kg.cli.output import STDOUT, clean, show_rows, show_table

if TYPE_CHECKING:
    from kg.diff import Diff

_LIMIT: Final = 20
_FORMS: Final = ("text", "tsv", "csv", "json", "atom", "jsonfeed")
_COLUMNS: Final = ["what", "change", "name", "was", "papers", "detail", "iri"]


@click.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMS),
    help="How to print: text on a terminal and TSV when piped, unless given. atom and jsonfeed are feeds of "
    "new entities and results.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--limit",
    type=click.IntRange(0),
    help="The most of each kind and change to list; counts count all.  [default: 20 in text, else all]",
)
@output_option
@click.option("--exit-code", is_flag=True, help="Exit with 1 if anything differs, as `git diff` does.")
def diff(
    old: Path,
    new: Path,
    form: str | None,
    as_json: bool,
    limit: int | None,
    output: Path | None,
    exit_code: bool,
) -> None:
    """Tell what is new, gone and changed from the graph OLD to the graph NEW.

    Each is a graph folder, or a file of `kg export` that ends in .nq, .trig or .jsonld. A folder keeps one
    generation: copy or export it before `kg add`.

    \b
    Examples:
      cp -r graph last-week && kg add monday.txt && kg diff last-week graph
      kg diff last-week.nq graph --json
      kg diff last-week graph --format atom -o new.atom
      kg diff last-week graph --exit-code --limit 0
    """  # noqa: DOC501
    from kg.diff import compare
    from kg.errors import UsageError

    if as_json and form not in {None, "json"}:
        raise UsageError(f"--json and --format {form} exclude each other")
    written = output is not None
    chosen = "json" if as_json else form or ("text" if sys.stdout.isatty() and not written else "tsv")
    if written and chosen not in {"json", "atom", "jsonfeed"}:
        raise UsageError(
            "-o goes with --format json, atom or jsonfeed; send the others where you like with >"
        )
    found = compare(old, new, limit=_LIMIT if limit is None and chosen == "text" else limit)
    if old.is_dir() != new.is_dir():
        click.echo(
            "note: a file of `kg build --out` lacks names of more than seven words; `kg export` has all",
            err=True,
        )
    if chosen == "text":
        _show(found)
    elif chosen in {"tsv", "csv"}:
        _say_counts(found)
        show_rows(_COLUMNS, list(_rows(found)), chosen, False)
    else:
        _write(_told(found, chosen), output)
    if exit_code and found:
        sys.exit(1)


def _told(found: Diff, form: str) -> str:
    """Return the differences as one file."""
    if form == "json":
        return json.dumps(found.to_json(), ensure_ascii=False) + "\n"
    from kg import feeds

    return feeds.atom(found) if form == "atom" else feeds.json_feed(found)


def _write(text: str, output: Path | None) -> None:
    data = text.encode("utf-8", "replace")
    if output is None or output == STDOUT:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    from kg.writers.files import write_whole

    write_whole(output, data)
    click.echo(f"wrote {clean(str(output))} ({len(data):,} bytes)", err=True)


def _say_counts(found: Diff) -> None:
    """Say on stderr how many of each kind are new, gone and changed."""
    if not found:
        click.echo("no difference", err=True)
        return
    for what, (new, gone, changed) in found.counts.items():
        click.echo(f"{what}: {new:,} new, {gone:,} gone, {changed:,} changed", err=True)


def _show(found: Diff) -> None:
    """Print counts, then a table of each kind of thing and change that there is."""
    if not found:
        click.echo("no difference")
        return
    counts: list[list[object]] = [[what, *counted] for what, counted in found.counts.items()]
    show_table(["", "new", "gone", "changed"], counts)
    rows = list(_rows(found))
    totals = _totals(found)
    for what, change in dict.fromkeys((row[0], row[1]) for row in rows):
        members = [row[2:6] for row in rows if (row[0], row[1]) == (what, change)]
        total = totals[what, change]
        more = f", {len(members):,} of {total:,}" if total > len(members) else ""
        click.echo(f"\n{what} {change}{more}")
        used = [i for i in range(4) if any(member[i] not in {None, ""} for member in members)]
        show_table([_COLUMNS[2 + i] for i in used], ([member[i] for i in used] for member in members))


def _totals(found: Diff) -> dict[tuple[object, object], int]:
    """Return how many there are of what `_rows` lists."""
    sections = {
        "paper": found.papers.counts,
        "entity": found.entities.counts,
        "edge": found.edges.counts,
        "result": found.results.counts,
        "evidence": found.evidence.counts,
    }
    totals: dict[tuple[object, object], int] = {
        (what, change): number
        for what, counted in sections.items()
        for change, number in counted._asdict().items()
    }
    return totals | {("entity", "moved"): found.moves.count}


def _rows(found: Diff) -> Iterator[list[object]]:
    """Yield all that is listed, a row each: what, change, name, was, papers, detail, IRI."""
    yield from _entity_rows(found)
    yield from _result_rows(found)
    yield from _edge_rows(found)
    yield from _paper_rows(found)
    for proof in found.evidence.changed.rows:
        edge = f"{proof.source} {proof.relation} {proof.target}"
        yield ["evidence", "changed", edge, None, None, "other spans", found.names.paper(proof.paper)]


def _entity_rows(found: Diff) -> Iterator[list[object]]:
    for names, change, listing in (
        (found.names, "new", found.entities.new),
        (found.old_names, "gone", found.entities.gone),
    ):
        for note in listing.rows:
            by = f", introduced in {' '.join(note.introduced_by)}" if note.introduced_by else ""
            told = note.type + (f" ({note.kind})" if note.kind else "") + by
            yield ["entity", change, note.name, None, note.papers, told, names.entity(note.slug)]
    words = {
        "renamed": "has another IRI",
        "merged": "is now part of it",
        "split": "was split",
        "moved": "gave it names",
    }
    for move in found.moves.rows:
        iri, told = found.names.entity(move.new), f"{move.old} {words[move.how]}"
        yield ["entity", "moved", move.new_name, move.old_name, move.papers, told, iri]
    for one in found.entities.changed.rows:
        parts = []
        if one.old_type != one.type:
            parts.append(f"was {one.old_type}, is {one.type}")
        if one.old_kind != one.kind:
            parts.append(f"was {one.old_kind or 'of no kind'}, is {one.kind or 'of no kind'}")
        parts += [f"+ {alias}" for alias in one.aliases_new] + [f"- {alias}" for alias in one.aliases_gone]
        was = one.old_name if one.old_name != one.name else None
        iri = found.names.entity(one.slug)
        yield ["entity", "changed", one.name, was, one.papers, " | ".join(parts), iri]


def _result_rows(found: Diff) -> Iterator[list[object]]:
    from kg.diff import ResultChange, result_iri

    notes = [
        *((found.names, "new", ResultChange(note, note)) for note in found.results.new.rows),
        *((found.old_names, "gone", ResultChange(note, note)) for note in found.results.gone.rows),
        *((found.names, "changed", change) for change in found.results.changed.rows),
    ]
    for names, change, (before, note) in notes:
        parts = (note.metric, note.kind, note.benchmark_written, note.baseline_written)
        labels = ("", "", "on ", "over ")
        told = " ".join(label + part for label, part in zip(labels, parts, strict=True) if part)
        was = before.written if before.written != note.written else None
        if before.subject != note.subject:
            was = f"{_read(before.subject_name)}: {before.written}"
        name = f"{_read(note.subject_name)}: {note.written}"
        iri = result_iri(note.id, names)
        yield ["result", change, name, was, None, f"{told}, in {note.paper}", iri]


def _edge_rows(found: Diff) -> Iterator[list[object]]:
    for names, change, listing in (
        (found.names, "new", found.edges.new),
        (found.old_names, "gone", found.edges.gone),
        (found.names, "changed", found.edges.changed),
    ):
        for note in listing.rows:
            name = f"{_read(note.source_name)} {note.relation} {_read(note.target_name)}"
            told = f"+{len(note.gained)} -{len(note.lost)} papers" if change == "changed" else None
            yield ["edge", change, name, None, note.papers, told, names.node(note.source)]


def _paper_rows(found: Diff) -> Iterator[list[object]]:
    for names, change, listing in (
        (found.names, "new", found.papers.new),
        (found.old_names, "gone", found.papers.gone),
    ):
        for note in listing.rows:
            told = f"is now {note.replaced_by}" if note.replaced_by else note.published
            yield ["paper", change, _read(note.title), None, None, told, names.paper(note.id)]
    for one in found.papers.changed.rows:
        parts = []
        if one.published != one.old_published:
            parts.append(f"{one.old_published or 'no date'} -> {one.published or 'no date'}")
        if one.text_changed:
            parts.append("another abstract")
        was = _read(one.old_title) if one.old_title != one.title else None
        iri = found.names.paper(one.id)
        yield ["paper", "changed", _read(one.title), was, None, ", ".join(parts), iri]


def _read(name: str) -> str:
    """Return a name or title as people read it."""
    from kg.names import display_name

    return display_name(name)
