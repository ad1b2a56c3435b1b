"""What must be known of a query before it runs: its form and its dataset, read from its tokens.

Oxigraph parses and judges the query. These functions never say that a query is right; on a wrong one they
return what they saw, and Oxigraph's message follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin

FORMS: Final = frozenset({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})
_TOKEN: Final = re.compile(
    r"""
    (?P<skip>\s+|\#[^\n\r]*)
  | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
  | (?P<string>\"\"\"(?:\"{0,2}(?:[^\"\\]|\\.))*\"\"\"|'''(?:'{0,2}(?:[^'\\]|\\.))*'''
      |\"(?:[^\"\\\n\r]|\\.)*\"|'(?:[^'\\\n\r]|\\.)*')
  | (?P<variable>[?$]\w+)
  | (?P<tag>@[a-zA-Z0-9-]+)
  | (?P<name>(?:\w[\w.-]*)?:(?:[\w:%.-]|\\.)*)
  | (?P<word>\w+)
  | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Head:
    """What stands at the head of a query.

    Attributes:
        start: The offset of SELECT, ASK, CONSTRUCT or DESCRIBE: what stands before is BASE and PREFIX.
        default_graphs: The IRIs after FROM, in order, each once.
        named_graphs: The IRIs after FROM NAMED, in order, each once.
        clauses: Where the FROM clauses stand: start and end offsets.
    """

    start: int
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    clauses: tuple[tuple[int, int], ...]


def read_head(query: str, prefixes: Mapping[str, str]) -> Head:
    """Return where the form of a query stands, and its dataset.

    Args:
        query: The text of a query.
        prefixes: Prefixes that the query may use without declaring them.

    >>> head = read_head("PREFIX g: <http://g/> SELECT * FROM g:1 FROM NAMED <2> { ?s ?p 'FROM <3>' }", {})
    >>> head.start, head.default_graphs, head.named_graphs
    (22, ('http://g/1',), ('2',))
    """
    known, base = dict(prefixes), ""
    tokens = _tokens(query)
    form, start = "", 0
    for kind, text, place, _ in tokens:
        word = text.upper() if kind == "word" else ""
        if word == "BASE":
            base = urljoin(base, next(tokens, _END)[1][1:-1])
        elif word == "PREFIX":
            prefix, iri = next(tokens, _END)[1], next(tokens, _END)[1]
            known[prefix.removesuffix(":")] = urljoin(base, iri[1:-1])
        else:
            form, start = word, place
            break
    if form not in FORMS:
        return Head(start, (), (), ())
    default: list[str] = []
    named: list[str] = []
    clauses: list[tuple[int, int]] = []
    depth = 0
    for kind, text, place, _ in tokens:
        if kind == "mark" and text in "{(":
            depth += 1
        elif kind == "mark" and text in "})":
            depth -= 1
        elif depth == 0 and kind == "word" and text.upper() == "FROM":
            kind, text, _, end = next(tokens, _END)
            graphs = default
            if kind == "word" and text.upper() == "NAMED":
                graphs = named
                kind, text, _, end = next(tokens, _END)
            graphs.append(_resolve(kind, text, known, base))
            clauses.append((place, end))
    return Head(start, _once(default), _once(named), tuple(clauses))


def paged(query: str, head: Head, variables: tuple[str, ...], limit: int, offset: int) -> str:
    """Return a SELECT query that gives `limit` rows of another one, from row `offset` on.

    Args:
        query: A SELECT query.
        head: What `read_head` returned for it.
        variables: The names of its columns, in order.
        limit: How many rows at most.
        offset: How many rows to leave out.

    >>> text = "PREFIX a: <b:> SELECT ?s FROM a:g { ?s ?p ?o }"
    >>> paged(text, read_head(text, {}), ("s",), 10, 20).splitlines()
    ['PREFIX a: <b:> SELECT ?s { {', 'SELECT ?s  { ?s ?p ?o }', '} } LIMIT 10 OFFSET 20']
    """
    inner, place = "", head.start
    for start, end in head.clauses:
        inner += query[place:start]
        place = end
    inner += query[place:]
    columns = " ".join(f"?{name}" for name in variables)
    return f"{query[: head.start]}SELECT {columns} {{ {{\n{inner}\n}} }} LIMIT {limit} OFFSET {offset}"


_Token = tuple[str, str, int, int]
_END: Final[_Token] = ("", "", 0, 0)


def _tokens(query: str) -> Iterator[_Token]:
    """Yield kind, text, start and end of each token."""
    for match in _TOKEN.finditer(query):
        if match.lastgroup != "skip":
            yield str(match.lastgroup), match[0], match.start(), match.end()


def _resolve(kind: str, text: str, prefixes: Mapping[str, str], base: str) -> str:
    if kind == "iri":
        return urljoin(base, text[1:-1]) if base else text[1:-1]
    prefix, _, local = text.partition(":")
    return prefixes.get(prefix, prefix + ":") + re.sub(r"\\(.)", r"\1", local)


def _once(values: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
