"""The vocabulary as data: terms, shapes and context, and the entities that the field knows."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, Final

COLUMNS: Final = ("name", "type", "kind", "aliases", "slug", "origin")
ALIGNMENT_COLUMNS: Final = ("name", "type", "predicate", "object", "origin")


@dataclass(frozen=True, slots=True)
class KnownEntity:
    """One row of `known.tsv`.

    Attributes:
        name: The form that the field writes.
        type: Method, Model, Benchmark, Organization, Concept, Task or Metric.
        kind: benchmark, dataset or environment for a Benchmark; else empty.
        aliases: Other spellings of the name.
        slug: The slug of the entity's IRI, the same for all rows of one name.
        origin: Where the row comes from.
    """

    name: str
    type: str
    kind: str
    aliases: tuple[str, ...]
    slug: str
    origin: str


def read_text(name: str) -> str:
    """Return the text of a data file of this package.

    Args:
        name: The file's name, such as `known.tsv`.

    Returns:
        The whole file, decoded as UTF-8.

    >>> read_text("known.tsv").splitlines()[0].split("\\t")
    ['name', 'type', 'kind', 'aliases', 'slug', 'origin']
    """
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def json_ld_context() -> dict[str, Any]:
    """Return `context.jsonld`: the names under which JSON-LD writes the terms of a graph.

    >>> json_ld_context()["@context"]["extends"]
    {'@id': 'akg:extends', '@type': '@id'}
    """
    context: dict[str, Any] = json.loads(read_text("context.jsonld"))
    return context


def parse_known(text: str) -> tuple[KnownEntity, ...]:
    r"""Return the rows of a table in the form of `known.tsv`, in its order.

    Raises:
        ValueError: The first line does not name `COLUMNS`, or a line has not so many cells.

    >>> parse_known("name\ttype\tkind\taliases\tslug\torigin\nGRPO\tMethod\t\ta|b\tgrpo\tfield\n")[0].aliases
    ('a', 'b')
    """
    rows = csv.reader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE)
    if tuple(next(rows, COLUMNS)) != COLUMNS:
        raise ValueError(f"the columns of known names are {', '.join(COLUMNS)}")
    return tuple(
        KnownEntity(name, type_, kind, tuple(filter(None, aliases.split("|"))), slug, origin)
        for name, type_, kind, aliases, slug, origin in filter(None, rows)
    )


@lru_cache(maxsize=1)
def known_entities() -> tuple[KnownEntity, ...]:
    """Return all rows of `known.tsv`, in the order of the file.

    Returns:
        The entities, sorted by name without regard to case, then by type.

    >>> [(e.type, e.aliases[0], e.slug) for e in known_entities() if e.name == "GRPO"]
    [('Method', 'Group Relative Policy Optimization', 'grpo')]
    """
    return parse_known(read_text("known.tsv"))


@dataclass(frozen=True, slots=True)
class Alignment:
    """One row of `alignments.tsv`: what a known entity is called elsewhere.

    Attributes:
        name: The name of the row of `known.tsv`.
        type: The type of that row.
        predicate: `skos:exactMatch`, or `akg:introducedIn` for the paper that introduced the entity.
        object: The IRI elsewhere.
        origin: Where the identifier was seen: `repository@commit:file`, or a page in words.
    """

    name: str
    type: str
    predicate: str
    object: str
    origin: str


def parse_alignments(text: str) -> tuple[Alignment, ...]:
    r"""Return the rows of a table in the form of `alignments.tsv`, in its order.

    >>> row = "GSM8K\tBenchmark\tskos:exactMatch\thttps://example.org/gsm8k\tseen there\n"
    >>> parse_alignments("name\ttype\tpredicate\tobject\torigin\n" + row)[0].object
    'https://example.org/gsm8k'
    """
    rows = csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE)
    return tuple(Alignment(*(row[column] for column in ALIGNMENT_COLUMNS)) for row in rows)


@lru_cache(maxsize=1)
def alignments() -> tuple[Alignment, ...]:
    """Return all rows of `alignments.tsv`, in the order of the file."""
    return parse_alignments(read_text("alignments.tsv"))


def alignments_of(slug: str, entity_type: str) -> tuple[Alignment, ...]:
    """Return the alignments of the known entity that has a slug and a type; none for any other entity.

    >>> [a.object for a in alignments_of("gsm8k", "Benchmark") if a.predicate == "skos:exactMatch"]
    ['https://huggingface.co/datasets/openai/gsm8k']
    >>> alignments_of("gsm8k", "Method")
    ()
    """
    return _by_slug().get((slug, entity_type), ())


@lru_cache(maxsize=1)
def _by_slug() -> dict[tuple[str, str], tuple[Alignment, ...]]:
    slugs = {(row.name, row.type): row.slug for row in known_entities()}
    found: dict[tuple[str, str], tuple[Alignment, ...]] = {}
    for row in alignments():
        key = slugs[row.name, row.type], row.type
        found[key] = (*found.get(key, ()), row)
    return found
