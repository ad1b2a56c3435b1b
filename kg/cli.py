"""The command line: parse, call one function, print, exit. Data goes to stdout, everything else to stderr."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from kg.errors import KGError, UsageError

if TYPE_CHECKING:
    import pandas as pd

    from kg.api import Graph
    from kg.sources import ReadResult

SCHEMA_VERSION: Final = 1
LOST: Final = 1
UNUSABLE: Final = 2
INTERRUPTED: Final = 130

CURIE: Final = re.compile(r"^\S+/(paper|entity)/(\S+)$")
"""An IRI of a graph's node, shown short in tables."""

F = TypeVar("F", bound=Callable[..., Any])


def graph_option(function: F) -> F:
    """Add `--graph`."""
    return click.option(
        "--graph",
        "folder",
        default="graph",
        envvar="KG_GRAPH",
        show_default=True,
        type=click.Path(file_okay=False, path_type=Path),
        help="The graph folder.",
    )(function)


def confidence_option(function: F) -> F:
    """Add `--min-confidence`."""
    return click.option(
        "--min-confidence",
        default=0.0,
        show_default=True,
        type=click.FloatRange(0, 1),
        help="Leave out of what is written what is less sure.",
    )(function)


def format_option(function: F) -> F:
    """Add `--format` and `--json`."""
    function = click.option("--json", "as_json", is_flag=True, help="Print JSON.")(function)
    return click.option(
        "--format",
        "form",
        type=click.Choice(["table", "tsv", "csv", "json"]),
        help="How to print: a table on a terminal and TSV when piped, unless given.",
    )(function)


class Group(click.Group):
    """Lists the commands in the order of a user's work and turns our errors into exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order in which they are defined."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an error of ours is one clear message and its exit code."""
        try:
            return super().invoke(ctx)
        except KGError as error:
            self._fail(str(error), UNUSABLE)
        except BrokenPipeError:
            raise  # the reader of our output went away; Click ends quietly
        except OSError as error:
            self._fail(f"{error.filename or 'output'}: {error.strerror or error}", UNUSABLE)
        except KeyboardInterrupt:
            self._fail("interrupted; the graph stays as it was", INTERRUPTED)

    @staticmethod
    def _fail(message: str, code: int) -> None:
        click.echo(f"kg: {message}", err=True)
        sys.exit(code)


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="abstractkg", prog_name="kg")
def main() -> None:
    """Build and ask a knowledge graph of AI research from abstracts.

    \b
    Examples:
      kg build pages/ --out exports/
      kg query @extends method=GRPO
      kg show GRPO
    """


@main.command()
@click.argument("inputs", nargs=-1, required=True)
@graph_option
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Write the exports here too.")
@click.option("--base", default=None, help="The IRI that all IRIs start with.")
@click.option("--with-text", is_flag=True, help="Let explorer.html carry sentences of the abstracts.")
@click.option("--extractor", default="default", show_default=True, help="Which extractor reads the papers.")
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
        )
    say_read(built.read)
    say_unread(built.read)
    click.echo(f"graph    {folder}")
    for name, count in built.graph.counts().items():
        click.echo(f"{count:8,}  {name}")
    for file in built.files:
        click.echo(f"wrote    {file}  ({file.stat().st_size:,} bytes)")
    if built.read.unread:
        click.echo(f"kg: {len(built.read.unread)} lost, listed in {folder / 'unread.tsv'}", err=True)
        sys.exit(LOST)


@main.command()
@click.argument("inputs", nargs=-1, required=True)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write here.")
@click.option("--extractor", default="default", show_default=True, help="Which extractor reads the papers.")
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
    with Progress() as progress:
        found, extractions = run(inputs, extractor=extractor, on_progress=progress)
        for extraction in extractions:
            lines.append(
                json.dumps(to_json(confident(extraction, min_confidence)), ensure_ascii=False) + "\n"
            )
            if output is None:
                click.echo(lines.pop(), nl=False)
    if output is not None:
        write_whole(output, "".join(lines).encode())
    say_read(found)
    if found.unread:
        say_unread(found)
        sys.exit(LOST)


@main.command()
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


@main.command()
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


@main.command()
@click.argument("name")
@graph_option
@click.option("--evidence", is_flag=True, help="List the spans behind each edge too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(name: str, folder: Path, evidence: bool, as_json: bool) -> None:
    """Show one entity: its type, spellings, papers and relations.

    \b
    Examples:
      kg show GRPO
      kg show "Group Relative Policy Optimization" --evidence
    """
    view = open_graph(folder)[name]
    papers, related = view.papers(), view.neighbours()
    if as_json:
        answer = {
            "schema_version": SCHEMA_VERSION,
            "iri": view.iri,
            "name": view.name,
            "type": view.type,
            "kind": view.entity.kind,
            "aliases": list(view.aliases),
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
    click.echo(f"papers   {view.entity.num_papers}")
    show_frame(papers, None, False)
    if len(related):
        click.echo("related")
        show_frame(related, None, False)
    if evidence:
        click.echo("evidence")
        show_frame(view.evidence(), None, False)


@main.command()
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


@main.command()
@click.argument("form", metavar="FORMAT")
@graph_option
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write here.")
@confidence_option
def export(form: str, folder: Path, output: Path | None, min_confidence: float) -> None:
    """Write the graph in FORMAT: csv, graphml, jsonl, nq, nt, trig, ttl.

    \b
    Examples:
      kg export graphml
      kg export ttl -o facts.ttl
    """
    from kg.pipeline import at_least
    from kg.writers import get_writer

    writer = get_writer(form)
    target = output or Path(writer.file)
    writer.write(at_least(open_graph(folder).data, min_confidence), target)
    click.echo(f"wrote {target} ({target.stat().st_size:,} bytes)", err=True)


@main.command()
@click.argument("name", required=False)
@graph_option
@click.option("-o", "--output", default="explorer.html", show_default=True, help="Write here.")
@click.option("--hops", default=1, show_default=True, type=click.IntRange(1, 3), help="How far to go.")
@click.option("--with-text/--no-text", default=True, show_default=True, help="Show sentences as evidence.")
def explore(name: str | None, folder: Path, output: str, hops: int, with_text: bool) -> None:
    """Write a page to look at: what is near the entity NAME, or the whole graph.

    \b
    Examples:
      kg explore GRPO -o grpo.html
      kg explore
    """
    target = open_graph(folder).view(name, hops=hops, with_text=with_text).save(output)
    click.echo(f"wrote {target}", err=True)


@main.command(name="eval")
@click.argument("gold", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--papers", multiple=True, help="Files with the papers' texts, where GOLD has none.")
@click.option("--predicted", type=click.Path(exists=True, path_type=Path), help="Score this file instead.")
@click.option("--extractor", default="default", show_default=True, help="Which extractor to score.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def evaluate(
    gold: Path, papers: tuple[str, ...], predicted: Path | None, extractor: str, as_json: bool
) -> None:
    """Score the extractor against the annotations in GOLD (JSON Lines).

    \b
    Examples:
      kg eval dev.jsonl --papers pages/
      kg eval dev.jsonl --predicted extractions.jsonl
    """
    from kg.evaluate import format_scores, scores_object
    from kg.pipeline import evaluate as run

    with Progress() as progress:
        scores = run(gold, papers=papers, predicted=predicted, extractor=extractor, on_progress=progress)
    if as_json:
        click.echo(json.dumps({"schema_version": SCHEMA_VERSION, **scores_object(scores)}))
    else:
        click.echo(format_scores(scores).rstrip("\n"))


class Progress:
    """Says on stderr what is going on, from the second second on; rewrites one line on a terminal."""

    def __init__(self) -> None:
        self._start = self._last = time.monotonic()
        self._terminal = sys.stderr.isatty()
        self._shown = False

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown and self._terminal:
            click.echo("\r\x1b[K", err=True, nl=False)

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Take a report of a stage: how much is done, and how much there is (0: unknown)."""
        now = time.monotonic()
        if now - self._start < 1 or now - self._last < (0.1 if self._terminal else 2):
            return
        self._last, self._shown = now, True
        text = clean(f"{stage} {done:,}/{total:,}" if total else stage)
        click.echo(f"\r\x1b[K{text}" if self._terminal else text, err=True, nl=not self._terminal)


def open_graph(folder: Path) -> Graph:
    """Return the open graph of a folder."""
    import kg

    return kg.open(folder)


def open_store(folder: Path) -> Any:
    """Return the RDF store of a graph folder, without loading the rest."""
    from kg.api import open_store as run

    return run(folder)


def say_read(found: ReadResult) -> None:
    """Say on stderr what was read."""
    text = f"read {found.blocks:,} records in {found.files:,} files: {len(found.papers):,} papers"
    if found.repeats:
        text += f", {found.repeats:,} repeats"
    if found.without_abstract:
        text += f", {found.without_abstract:,} without abstract"
    click.echo(text, err=True)
    for note in found.notes[:20]:
        click.echo(f"note: {clean(note)}", err=True)


def say_unread(found: ReadResult) -> None:
    """Say on stderr what could not be read."""
    for item in found.unread[:20]:
        place = f"{item.file}:{item.line}" if item.line else item.file
        click.echo(f"kg: {clean(f'{place}: {item.reason}')}", err=True)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as plain values, missing ones as None."""
    return [
        {str(key): None if value != value else value for key, value in row.items()}
        for row in frame.to_dict("records")
    ]


def show_frame(frame: pd.DataFrame, form: str | None, as_json: bool) -> None:
    """Print a frame: a table on a terminal, TSV when piped, or as asked."""
    chosen = "json" if as_json else form or ("table" if sys.stdout.isatty() else "tsv")
    rows = records(frame)
    if chosen == "json":
        answer = {"schema_version": SCHEMA_VERSION, "columns": list(frame.columns), "rows": rows}
        click.echo(json.dumps(answer, ensure_ascii=False))
    elif chosen == "csv":
        from kg.writers.tables import safe_cell

        click.echo(frame.map(safe_cell).to_csv(index=False, lineterminator="\n"), nl=False)
    elif chosen == "tsv":
        click.echo("\t".join(frame.columns))
        for row in rows:
            click.echo("\t".join(tsv_cell(value) for value in row.values()))
    else:
        show_table([str(column) for column in frame.columns], (list(row.values()) for row in rows))


def tsv_cell(value: object) -> str:
    r"""Return a cell of TSV: tabs, line breaks and backslashes escaped, nothing for None.

    >>> tsv_cell("a\tb"), tsv_cell(None), tsv_cell(3)
    ('a\\tb', '', '3')
    """
    text = "" if value is None else str(value)
    for plain, escaped in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(plain, escaped)
    return text


def show_table(columns: list[str], rows: Iterable[list[object]]) -> None:
    """Print a table that fits the terminal."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    count = 0
    for row in rows:
        cells = (clean("" if value is None else str(value)) for value in row)
        table.add_row(*(Text(CURIE.sub(r"\1:\2", cell)) for cell in cells))
        count += 1
    Console(no_color="NO_COLOR" in os.environ).print(table)
    click.echo(f"{count:,} rows", err=True)


def clean(text: str) -> str:
    r"""Return text that cannot steer a terminal: control characters become visible.

    >>> clean("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    return "".join(c if c.isprintable() or c == " " else repr(c)[1:-1] for c in text)


if __name__ == "__main__":
    main()
