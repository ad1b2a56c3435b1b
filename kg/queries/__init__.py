"""The named queries: one file each, with the question it answers and its parameters.

A file starts with comments, then stands SPARQL with `{{name}}` where a parameter goes:

    # Which papers use a method, model, benchmark or concept?
    # param entity (entity): GRPO -- what is used
    SELECT ?paper WHERE { VALUES ?entity { {{entity}} } ?paper akg:uses ?entity }

The kind in brackets says what a value is and how it is written into the query: `entity` and `paper` become
IRIs (all that bear the name), `text` and `month` (YYYY-MM) a literal, `integer` a number, and `this|that` one
of these words, as it is. `{{name-1}}` is the month before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from importlib import resources
from typing import Final

import pyoxigraph as ox

from kg.errors import UnknownNameError, UsageError
from kg.names import slug
from kg.vocab import Namespace

Find = Callable[[str, str], Iterable[str]]
"""From a kind (`entity` or `paper`) and a name to the IRIs of those that bear it."""

_PARAMETER_LINE: Final = re.compile(r"# param (\w+) \(([\w|-]+)\): ?(.*?) ?-- (.+)")
_PLACE: Final = re.compile(r"\{\{([\w-]+)\}\}")
_MONTH: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a named query; `kind` is described at the top of this module."""

    name: str
    kind: str
    default: str
    meaning: str

    def term(self, value: str, find: Find) -> str:
        """Return a value as it stands in SPARQL.

        Raises:
            UsageError: the value is not of the parameter's kind.
            UnknownNameError: nothing bears the name, or the word is none of those to choose from.
        """
        if self.kind in {"entity", "paper"}:
            return " ".join(str(ox.NamedNode(iri)) for iri in find(self.kind, value))
        if self.kind == "integer":
            if not re.fullmatch(r"[0-9]{1,9}", value):
                raise UsageError(f"{self.name}={value!r} is no whole number, such as {self.default}")
            return value
        if self.kind == "month" and not _MONTH.fullmatch(value):
            raise UsageError(f"{self.name}={value!r} is no month, such as {self.default}")
        if "|" in self.kind:
            if value not in self.kind.split("|"):
                raise UnknownNameError(self.name, value, self.kind.split("|"))
            return value
        return str(ox.Literal(value))


@dataclass(frozen=True, slots=True)
class NamedQuery:
    """A query of the library. `body` is its SPARQL with `{{parameter}}` in it."""

    name: str
    question: str
    parameters: tuple[Parameter, ...]
    body: str

    def fill(self, given: Mapping[str, str], find: Find) -> str:
        """Return the SPARQL with all parameters in their places, those not given by their defaults.

        Raises:
            UnknownNameError: there is no parameter, or nothing in the graph, of a name.
            UsageError: a value is not of its parameter's kind.
        """
        known = [parameter.name for parameter in self.parameters]
        for name in given:
            if name not in known:
                raise UnknownNameError(f"parameter of @{self.name}", name, known)
        terms = {}
        for parameter in self.parameters:
            value = given.get(parameter.name, parameter.default)
            terms[parameter.name] = parameter.term(value, find)
            if parameter.kind == "month":
                terms[f"{parameter.name}-1"] = parameter.term(month_before(value), find)
        return _PLACE.sub(lambda place: terms[place[1]], self.body)


@lru_cache(maxsize=1)
def query_names() -> tuple[str, ...]:
    """Return the names of the named queries, sorted."""
    folder = resources.files("kg.queries")
    return tuple(sorted(p.name.removesuffix(".rq") for p in folder.iterdir() if p.name.endswith(".rq")))


def get_query(name: str) -> NamedQuery:
    """Return a named query.

    Raises:
        UnknownNameError: there is no query of that name; the message lists the nearest.

    >>> query = get_query("uses")
    >>> query.question, [parameter.name for parameter in query.parameters]
    ('Which papers use a method, model, benchmark or concept?', ['entity'])
    """
    if name not in query_names():
        near = [other for other in query_names() if len(name) > 2 and name in other]
        near += [other for other in get_close_matches(name, query_names(), 5, 0.5) if other not in near]
        raise UnknownNameError("query", name, near or query_names(), more="`kg query --list` shows all")
    text = resources.files("kg.queries").joinpath(f"{name}.rq").read_text(encoding="utf-8")
    return read_query(name, text)


def read_query(name: str, text: str) -> NamedQuery:
    """Return a query from the text of its file.

    Raises:
        ValueError: a line that starts with `# param` is written in another way than the others.
    """
    lines = text.splitlines(keepends=True)
    head = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
    parameters = []
    for line in lines[1:head]:
        match = _PARAMETER_LINE.fullmatch(line.strip())
        if match is None:
            raise ValueError(f"{name}.rq: {line.strip()!r} is no `# param name (kind): default -- meaning`")
        parameters.append(Parameter(*match.groups()))
    return NamedQuery(name, lines[0].removeprefix("#").strip(), tuple(parameters), "".join(lines[head:]))


def month_before(month: str) -> str:
    """Return the month before one, both as YYYY-MM.

    >>> month_before("2025-10"), month_before("2025-01")
    ('2025-09', '2024-12')
    """
    number = 12 * int(month[:4]) + int(month[5:]) - 2
    return f"{number // 12:04}-{number % 12 + 1:02}"


def by_slug(kind: str, name: str, *, names: Namespace | None = None) -> tuple[str, ...]:
    """Return the IRI that a name has by the rules for IRIs, without looking into any graph.

    >>> by_slug("entity", "Meta World")
    ('https://w3id.org/abstractkg/entity/meta-world',)
    """
    chosen = names or Namespace()
    return (chosen.entity(slug(name)) if kind == "entity" else chosen.paper(name),)


def named_query(name: str, **given: str) -> str:
    r"""Return a named query with its parameters filled in, as it is where no graph is at hand.

    Entities and papers are named by the IRIs that `by_slug` gives; a `Store` looks them up instead.

    >>> print(named_query("uses", entity="Meta-World").splitlines()[1].strip())
    VALUES ?entity { <https://w3id.org/abstractkg/entity/meta-world> }
    """
    return get_query(name).fill(given, by_slug)
