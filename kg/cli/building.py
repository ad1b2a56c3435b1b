"""`kg build`, `extract`: papers in, a graph or extractions out."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from kg.cli.group import LOST, UNUSABLE
from kg.cli.options import confidence_option, extractor_option, graph_option
from kg.cli.progress import Progress, say_note, say_read, say_unread
from kg.model import Unread


@click.command()
@click.argument("inputs", nargs=-1, required=True)
@graph_option
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Write the exports here too.")
@click.option("--base", default=None, help="The IRI that all IRIs start with.")
@click.option("--with-text", is_flag=True, help="Let explorer.html carry sentences of the abstracts.")
@extractor_option
@confidence_option
def build(
    inputs: tuple[str, ...],
    folder: Path,
    out: Path | None,
    base: str | None,
    with_text: bool,
    extractor: str,
    min_confidence: float,
) -> None:
    """Build a graph from INPUTS: pages, dumps, lists, folders, globs, or - for standard input.

    \b
    Examples:
      kg build pages/*.txt
      kg build reading-list.csv dump.jsonl --graph mine/ --out exports/
    """
    from kg.pipeline import build as run
    from kg.vocab import DEFAULT_BASE

    with Progress() as progress:
        built = run(
            inputs,
            graph=folder,
            out=out,
            base=base or DEFAULT_BASE,
            with_text=with_text,
            extractor=extractor,
            min_confidence=min_confidence,
            on_progress=progress,
            on_note=say_note,
        )
    say_read(built.read)
    say_unread(built.read.unread)
    click.echo(f"graph    {folder}")
    for name, count in built.graph.counts().items():
        click.echo(f"{count:8,}  {name}")
    for file in built.files:
        click.echo(f"wrote    {file}  ({file.stat().st_size:,} bytes)")
    if built.read.unread:
        click.echo(f"kg: {len(built.read.unread)} lost, listed in {folder / 'unread.tsv'}", err=True)
        sys.exit(LOST)


@click.command()
@click.argument("inputs", nargs=-1, required=True)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write here.")
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
    from kg.writers.files import write_whole

    lines: list[str] = []
    lost: list[Unread] = []
    with Progress() as progress:
        found, extractions = run(
            inputs, extractor=extractor, on_progress=progress, on_lost=lost.append, on_note=say_note
        )
        for extraction in extractions:
            lines.append(
                json.dumps(to_json(confident(extraction, min_confidence)), ensure_ascii=False) + "\n"
            )
            if output is None:
                click.echo(lines.pop(), nl=False)
    nothing = len(lost) == len(found.papers)
    if output is not None and not nothing:
        write_whole(output, "".join(lines).encode())
    say_read(found)
    if lost or found.unread:
        say_unread([*found.unread, *lost])
        sys.exit(UNUSABLE if nothing else LOST)
