"""`kg resolve`, `kg curate`: why names are one thing, and how to put right what is wrong."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar, get_args

import click

from kg.cli.options import format_option, graph_option, open_graph
from kg.cli.output import SCHEMA_VERSION, chosen_form, clean, show_frame
from kg.cli.progress import Progress, say_note
from kg.errors import UnknownNameError, UsageError
from kg.model import EntityType

if TYPE_CHECKING:
    from kg.api import Graph
    from kg.model import Entity
    from kg.resolve.curation import Action, Decision, Subject
    from kg.resolve.unresolved import Doubt

F = TypeVar("F", bound=Callable[..., Any])
Ask = Callable[[str], str]
TYPES: Final = click.Choice(get_args(EntityType))


@click.group()
def resolve() -> None:
    """Ask why names are one thing, and settle what is in doubt.

    \b
    Example:
      kg resolve explain GRPO
    """


@resolve.command()
@click.argument("name")
@graph_option
@format_option
def explain(name: str, folder: Path, form: str | None, as_json: bool) -> None:
    """List every spelling of NAME: its papers, the rule that made it this entity's, and how sure it is.

    Where the name has several senses, all are listed, with what keeps them apart.

    \b
    Examples:
      kg resolve explain GRPO
      kg resolve explain SPO --json
    """
    import pandas as pd

    graph = open_graph(folder)
    entities = called(graph, name)
    found = graph.data.resolution
    if chosen_form(form, as_json) == "json":
        answer = {"schema_version": SCHEMA_VERSION, "entities": [explained(graph, e) for e in entities]}
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    for entity in entities:
        votes = ", ".join(f"{v.type} in {v.papers}" for v in found.votes[entity.slug])
        apart = found.apart.get(entity.slug)
        line = f"{entity.name}  {entity.type} (said to be {votes})" + (f"; apart: {apart}" if apart else "")
        click.echo(clean(line), err=True)
    rows = [
        (
            entity.name,
            entity.type,
            row.spelling,
            row.rule,
            row.confidence,
            len(row.papers),
            " ".join(row.papers),
            found.apart.get(entity.slug),
        )
        for entity in entities
        for row in found.ledger[entity.slug]
    ]
    columns = ["entity", "type", "spelling", "rule", "confidence", "count", "papers", "apart"]
    frame = pd.DataFrame(rows, columns=columns)
    if chosen_form(form, as_json) == "table":
        frame = frame.drop(columns="apart")
    show_frame(frame, form, as_json)


@resolve.command()
@graph_option
@click.option(
    "--limit", default=50, show_default=True, type=click.IntRange(1), help="How many to ask at most."
)
def review(folder: Path, limit: int) -> None:
    """Walk through doubtful pairs, the most valuable first; the answers go into curation.tsv.

    \b
    Example:
      kg resolve review --limit 10
    """  # noqa: DOC501
    from kg.resolve.unresolved import doubts

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "kg resolve review asks questions and needs a terminal; "
            "read what `kg export unresolved` writes and use `kg curate`, or run it in a terminal"
        )
    found = doubts(open_graph(folder).data.resolution)[:limit]
    decided = list(reviewed(found, lambda text: click.prompt(text, prompt_suffix=" ")))
    if decided:
        rederived(folder, decided)
    click.echo(f"{len(decided)} decided, {len(found)} doubtful pairs shown at most", err=True)


def reviewed(found: Iterable[Doubt], ask: Ask) -> Iterator[Decision]:
    """Yield what a person decides on doubtful pairs.

    Args:
        found: The pairs, in the order in which to ask.
        ask: Puts a question and returns the answer; `y` for one thing, `n` for two, `q` to stop, else skip.
    """
    for place, doubt in enumerate(found, 1):
        papers = f"{len(doubt.papers)} papers" if len(doubt.papers) != 1 else doubt.papers[0]
        now = "one now" if doubt.merged else "two now"
        text = (
            f"{place}. {doubt.one!r} and {doubt.other!r}: the same? ({now}; {doubt.why}; {papers}) [y/n/s/q]"
        )
        answer = ask(clean(text)).strip().casefold()
        if answer.startswith("q"):
            return
        if answer[:1] in {"y", "n"}:
            yield from decisions_on(doubt, same=answer.startswith("y"))


def decisions_on(doubt: Doubt, *, same: bool) -> Iterator[Decision]:
    """Yield the decisions that an answer to a doubt makes: one, or one a paper for a doubtful merge.

    Args:
        doubt: The question.
        same: Whether both names are one thing.
    """
    from kg.resolve.curation import Decision, Subject

    action: Action = "merge" if same else "split"
    if not doubt.merged:
        yield Decision(action, Subject(doubt.one), Subject(doubt.other))
        return
    for paper in doubt.papers:
        yield Decision(action, Subject(doubt.label or doubt.other), Subject(doubt.one, paper=paper))


@click.group()
def curate() -> None:
    """Decide on names: the decisions stand in curation.tsv, survive every build, and win over every rule.

    \b
    Example:
      kg curate merge "G-RPO" GRPO
    """


def curate_options(function: F) -> F:
    """Add the options that all decisions share."""
    for decorate in (
        graph_option,
        click.option("--type", "type_", type=TYPES, help="NAME of this type only."),
        click.option("--paper", help="NAME in this paper only (its id)."),
        click.option("--comment", default="", help="Why, for others to read."),
        click.option("--author", default="", help="Who decided."),
        click.option("--later", is_flag=True, help="Write the line only; the next build heeds it."),
    ):
        function = decorate(function)
    return function


def object_options(function: F) -> F:
    """Add the options of the second name."""
    for decorate in (
        click.option("--other-type", type=TYPES, help="OTHER of this type only."),
        click.option("--other-paper", help="OTHER in this paper only (its id)."),
    ):
        function = decorate(function)
    return function


@curate.command()
@click.argument("name")
@click.argument("other")
@curate_options
@object_options
def merge(name: str, other: str, **options: Any) -> None:
    """Make NAME and OTHER one thing; it is called as OTHER is.

    \b
    Example:
      kg curate merge "Group RPO" GRPO --comment "same paper, arXiv 2402.03300"
    """
    _decide("merge", name, other, options)


@curate.command()
@click.argument("name")
@click.argument("other")
@curate_options
@object_options
def split(name: str, other: str, **options: Any) -> None:
    """Keep NAME and OTHER apart; what is said of OTHER leaves an entity that holds both.

    \b
    Examples:
      kg curate split SPO "Segment Policy Optimization"
      kg curate split SPO SPO --other-paper 2505.12345
    """
    _decide("split", name, other, options)


@curate.command()
@click.argument("name")
@click.argument("new")
@curate_options
def rename(name: str, new: str, **options: Any) -> None:
    """Call NAME NEW; its IRI follows.

    \b
    Example:
      kg curate rename "meta world" Meta-World
    """
    _decide("rename", name, None, options, new)


@curate.command()
@click.argument("name")
@click.argument("new", metavar="TYPE[:KIND]")
@curate_options
def retype(name: str, new: str, **options: Any) -> None:
    """Say what NAME is: a type, and for a Benchmark perhaps its kind.

    \b
    Example:
      kg curate retype LIBERO Benchmark:environment
    """
    _decide("retype", name, None, options, new)


@curate.command()
@click.argument("name")
@curate_options
def drop(name: str, **options: Any) -> None:
    """Take NAME out of the graph: no thing that anybody would ask for.

    \b
    Example:
      kg curate drop "our method"
    """
    _decide("drop", name, None, options)


def called(graph: Graph, name: str) -> list[Entity]:
    """Return the entities that a name may mean, in all its senses, most papers first.

    Args:
        graph: The open graph.
        name: Any spelling, slug or IRI.

    Raises:
        UnknownNameError: Nothing is called so.
    """
    from kg.resolve.keys import match_key

    found = graph.data.resolution
    entities = {entity.slug: entity for entity in graph.data.entities}
    key = match_key(name)
    slugs = {view.entity.slug for view in graph.find(name)} | set(found.senses.get(name, ()))
    for slug, rows in found.ledger.items():
        if any(row.rule != "in-paper" and match_key(row.spelling) == key for row in rows):
            slugs.add(slug)
    if not slugs:
        raise UnknownNameError("entity", name, graph.near(name))
    return sorted((entities[slug] for slug in slugs), key=lambda e: (-e.num_papers, e.slug))


def explained(graph: Graph, entity: Entity) -> dict[str, Any]:
    """Return all that is known of why an entity is one, as plain values."""
    found = graph.data.resolution
    return {
        "iri": graph.data.namespace.entity(entity.slug),
        "name": entity.name,
        "type": entity.type,
        "votes": [{"type": v.type, "papers": v.papers, "weight": v.weight} for v in found.votes[entity.slug]],
        "apart": found.apart.get(entity.slug),
        "spellings": [
            {"spelling": r.spelling, "rule": r.rule, "confidence": r.confidence, "papers": list(r.papers)}
            for r in found.ledger[entity.slug]
        ],
    }


def rederived(folder: Path, decisions: Iterable[Decision]) -> None:
    """Write decisions and derive the graph anew; nothing is read or extracted."""
    from kg.pipeline import rederive

    with Progress() as progress:
        counts = rederive(folder, decisions=decisions, on_progress=progress, on_note=say_note)
    click.echo(f"graph    {folder}: {counts['entities']:,} entities", err=True)


def _decide(
    action: Action, name: str, other: str | None, options: dict[str, Any], value: str | None = None
) -> None:
    """Write one decision, and derive the graph anew unless that is left for later."""
    from kg.resolve.curation import Decision, Subject, parse_curation, with_decision

    folder = options["folder"]
    subject = Subject(name, options["type_"], options["paper"])
    target = None
    if other is not None:
        target = Subject(other, options["other_type"], options["other_paper"])
    decision = Decision(action, subject, target, value, options["comment"], options["author"])
    faults = parse_curation(with_decision("", decision)).faults
    if faults:
        raise UsageError(faults[0].message)
    if not options["later"]:
        graph = open_graph(folder)
        for one in decision.subjects:
            _check(graph, one, sole=action != "split")
        graph.close()
        rederived(folder, [decision])
    else:
        _write(folder, decision)
    click.echo(f"wrote    {folder / 'curation.tsv'}", err=True)


def _write(folder: Path, decision: Decision) -> None:
    from kg.generations import current_generation
    from kg.resolve.curation import FILE, with_decision
    from kg.writers.files import write_whole

    current_generation(folder)
    path = folder / FILE
    text = path.read_text(encoding="utf-8-sig") if path.exists() else ""
    write_whole(path, with_decision(text, decision).encode())


def _check(graph: Graph, subject: Subject, *, sole: bool) -> None:
    """Check that a name is known and, where one thing is meant, means one.

    Raises:
        UsageError: No entity is called so, or several are.
    """
    found = called(graph, subject.label)
    if subject.type is not None and subject.paper is None:
        found = [entity for entity in found if entity.type == subject.type] or found
    if sole and len(found) > 1 and subject.paper is None:
        names = ", ".join(f"{entity.name} [{entity.type}]" for entity in found)
        raise UsageError(f"{subject.label!r} may be: {names}; give the long form, --type or --paper")
