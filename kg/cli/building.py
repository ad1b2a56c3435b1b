"""`kg build`, `add`, `remove`, `extract`: papers in, a graph or extractions out."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from extractors import DEFAULT
from kg.cli.group import LOST, UNUSABLE
from kg.cli.options import cluster_options, confidence_option, extractor_option, graph_option, output_option
from kg.cli.output import STDOUT
from kg.cli.progress import Progress, say_note, say_read, say_unread
from kg.cli.sparing import sparing
from kg.model import Unread

if TYPE_CHECKING:
    from kg.engines import Cluster
    from kg.pipeline import Changed


@click.command()
@click.argument("inputs", nargs=-1, required=True)
@graph_option
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Write the exports here too.")
@click.option("--base", default=None, help="The IRI that all IRIs start with.")
@click.option(
    "--curation",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Decisions on names (see docs/resolution.md); they become the graph's own.",
)
@click.option(
    "--with-text", is_flag=True, help="Let explorer.html and unresolved.tsv carry sentences of the abstracts."
)
@extractor_option
@confidence_option
@click.option(
    "--quads",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write all quads here as N-Quads in parts, for stores that hold billions (docs/cluster.md).",
)
@cluster_options
def build(
    inputs: tuple[str, ...],
    folder: Path,
    out: Path | None,
    base: str | None,
    curation: Path | None,
    with_text: bool,
    extractor: str,
    min_confidence: float,
    quads: Path | None,
    engine: str,
    cluster: Cluster,
) -> None:
    """Build a graph from INPUTS: pages, dumps, lists, folders, globs, or - for standard input.

    Saved pages are text or HTML, dumps JSON Lines, lists CSV or TSV; each may be gzipped.

    \b
    Examples:
      kg build pages/*.txt
      kg build reading-list.csv dump.jsonl --graph mine/ --out exports/
      kg build dump.jsonl --engine spark --master spark://host:7077 --graph /shared/graph
    """
    import extractors
    from kg.engines import LOCAL, ahead, get_engine, worth_starting
    from kg.vocab import DEFAULT_BASE

    if engine != LOCAL and cluster.staging is None:
        cluster = replace(cluster, staging=folder / "staging")
    chosen, local = extractors.choose(extractor), engine == LOCAL
    with (
        Progress() as progress,
        ahead(get_engine(engine, cluster), chosen, partial(worth_starting, inputs, folder)) as started,
        sparing(*(_unused(extractor) if local else ())),
    ):
        from kg.pipeline import build as run  # takes as long as the extractor takes to load

        built = run(
            inputs,
            graph=folder,
            out=out,
            base=base or DEFAULT_BASE,
            curation=curation,
            with_text=with_text,
            extractor=extractor,
            min_confidence=min_confidence,
            engine=started,
            quads=quads,
            on_progress=progress,
            on_note=say_note,
        )
    say_read(built.read)
    say_unread(built.read.unread)
    say_graph(built.counts, folder)
    for file in built.files:
        click.echo(f"wrote    {file}  ({file.stat().st_size:,} bytes)")
    end_with(built.read.unread, folder)


@click.command()
@click.argument("inputs", nargs=-1, required=True)
@graph_option
def add(inputs: tuple[str, ...], folder: Path) -> None:
    """Add the papers of INPUTS to a graph; what was read before is not read again.

    \b
    Examples:
      kg add monday.txt
      kg add new/*.jsonl --graph mine/
    """
    from extractors import choose
    from kg.engines import ahead, on_this_machine

    with Progress() as progress, ahead(on_this_machine, choose(DEFAULT), lambda: 1) as started:
        from kg.pipeline import add as run  # takes as long as the extractor takes to load
        from kg.pipeline import extractor_of

        with sparing(*_unused(extractor_of(folder))):
            changed = run(inputs, graph=folder, engine=started, on_progress=progress, on_note=say_note)
    say_read(changed.read)
    say_changed(changed)


@click.command()
@click.argument("papers", nargs=-1, required=True, metavar="PAPER...")
@graph_option
def remove(papers: tuple[str, ...], folder: Path) -> None:
    """Take each PAPER (id, address or title) out of a graph, with all that only it supported.

    \b
    Examples:
      kg remove 2402.03300
      kg remove "Qwen2.5 Technical Report" --graph mine/
    """
    from kg.pipeline import extractor_of
    from kg.pipeline import remove as run

    with Progress() as progress, sparing(*_unused(extractor_of(folder))):
        changed = run(papers, graph=folder, on_progress=progress, on_note=say_note)
    for note in changed.read.notes[:20]:
        say_note(note)
    say_changed(changed)


def _unused(extractor: str) -> tuple[str, ...]:
    """Return what nothing imports but to see whether it is there; an extractor of others may use it."""
    return ("matplotlib", "pandas") if extractor == DEFAULT else ()


def say_changed(changed: Changed) -> None:
    """Say what was lost, and print what is different in a graph and what it holds; exit 1 after a loss."""
    say_unread(changed.read.unread)
    were, are = {was for was, _ in changed.replaced}, {key for _, key in changed.replaced}
    for what, count in (
        ("added", len(set(changed.added) - are)),
        ("removed", len(set(changed.removed) - were)),
        ("altered", len(changed.altered)),
        ("given another id", len(were)),
    ):
        if count or what != "given another id":
            click.echo(f"{count:8,}  {'paper' if count == 1 else 'papers'} {what}")
    say_graph(changed.counts, changed.folder)
    end_with(changed.read.unread, changed.folder)


def say_graph(counts: Mapping[str, int], folder: Path) -> None:
    """Print what a graph holds."""
    click.echo(f"graph    {folder}")
    for name, count in counts.items():
        click.echo(f"{count:8,}  {name}")


def end_with(unread: Sequence[Unread], folder: Path) -> None:
    """Exit with 1 if something was lost, and say where it is listed."""
    if unread:
        click.echo(f"kg: {len(unread)} lost, listed in {folder / 'unread.tsv'}", err=True)
        sys.exit(LOST)


@click.command()
@click.argument("inputs", nargs=-1, required=True)
@output_option
@extractor_option
@confidence_option
def extract(inputs: tuple[str, ...], output: Path | None, extractor: str, min_confidence: float) -> None:
    """Read INPUTS and write what was extracted, one JSON object a paper.

    \b
    Example:
      kg extract pages/*.txt -o extractions.jsonl
    """
    from kg.extraction_json import confident, to_json
    from kg.pipeline import extract as run

    lost: list[Unread] = []
    with _lines_to(output) as write:
        with Progress() as progress:
            found, extractions = run(
                inputs, extractor=extractor, on_progress=progress, on_lost=lost.append, on_note=say_note
            )
            for extraction in extractions:
                write(json.dumps(to_json(confident(extraction, min_confidence)), ensure_ascii=False) + "\n")
        say_read(found)
        say_unread([*found.unread, *lost])
        if len(lost) == found.num_papers:
            sys.exit(UNUSABLE)  # and what stands at `output` stays
    if lost or found.unread:
        sys.exit(LOST)


@contextmanager
def _lines_to(output: Path | None) -> Iterator[Callable[[str], object]]:
    """Give a function that writes a line; a file is there when all lines are written, or not at all."""
    if output in {None, STDOUT}:
        yield partial(click.echo, nl=False)
        return
    from kg.writers.files import written_aside

    with written_aside(output) as aside, aside.open("w", encoding="utf-8", newline="") as file:
        yield file.write
        file.flush()
        os.fsync(file.fileno())
