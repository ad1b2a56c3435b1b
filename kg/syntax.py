"""What can be said of a SPARQL query from its text: where it breaks, what it calls, which prefixes it needs.

Oxigraph's parser looks ahead by whole keywords, so the place it names lies behind the fault and the tokens it
names are of that place. Here the query is cut into tokens that are set so far apart that no look-ahead leaves
its token; then the place is right, and what may stand there is what the parser takes there when it is tried.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

_TOKEN: Final = re.compile(
    r"""
    (?P<comment>\#[^\n]*)
    | <[^<>"{}|^`\\\s]*>
    | (?:'{3}(?:[^\\]|\\.)*?'{3}|"{3}(?:[^\\]|\\.)*?"{3})(?:@[\w-]+)?
    | (?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")(?:@[\w-]+)?
    | [?$]\w+
    | [+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?
    | (?:[^\W\d_][\w.-]*)?:(?:[\w:%\\.~-]*[\w:%\\~-])?
    | _:\w[\w.-]*
    | \w+
    | \(\s*\) | \[\s*\] | \^\^ | && | \|\| | [!<>]= | \S
    """,
    re.VERBOSE | re.DOTALL,
)
_ROOM: Final = 40
"""More than the letters of the longest keyword."""

_EXPECTED: Final = {
    "?x": "a variable", "<a:a>": "an IRI", '"a"': "a text", "1": "a number",
    "SELECT": "SELECT", "ASK": "ASK", "CONSTRUCT": "CONSTRUCT", "DESCRIBE": "DESCRIBE", "PREFIX": "PREFIX",
    "WHERE": "WHERE", "AS": "AS",
    **{mark: f"`{mark}`" for mark in ("(", ")", "{", "}", "[", "]", ".", ";", ",", "*", "=", "&&")},
    "FILTER": "FILTER", "OPTIONAL": "OPTIONAL", "UNION": "UNION", "BIND": "BIND", "GRAPH": "GRAPH",
    "GROUP": "GROUP BY", "HAVING": "HAVING", "ORDER": "ORDER BY", "BY": "BY", "LIMIT": "LIMIT",
}  # fmt: skip
"""Tokens to try at the fault, and how a message names them."""

_PREFIX_LINE: Final = re.compile(r"\bprefix\s+([\w-]*):", re.IGNORECASE)
_FAULT: Final = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)
_SAID: Final = re.compile(r"(?:The|Prefix|IRI|A|Variable|Unknown) [^,\[\"]{8,}")
_UNKNOWN_PREFIX: Final = "Prefix not found"
_WORDS: Final = {
    "IRI parsing failed": "no absolute IRI ends here",
    "The SELECT contains a variable that is unbound": "SELECT names a variable that nothing binds",
}


@dataclass(frozen=True, slots=True)
class Token:
    """A token of a query, with its offset in characters."""

    text: str
    start: int


def tokens(sparql: str) -> list[Token]:
    """Return the tokens of a query without its comments.

    >>> [token.text for token in tokens("SELECT ?x { ?x a <a b> } # end")]
    ['SELECT', '?x', '{', '?x', 'a', '<', 'a', 'b', '>', '}']
    """
    return [Token(m[0], m.start()) for m in _TOKEN.finditer(sparql) if m["comment"] is None]


def explain_fault(sparql: str, prefixes: Mapping[str, str]) -> str | None:
    """Return where a query breaks and what may stand there, in words, or None where it parses.

    >>> print(explain_fault("SELECT ?x WHERE { ?x a }", {}))
    line 1, column 24: found `}`, expected a variable, an IRI, a text, a number, `(`, `[` or `*`
        SELECT ?x WHERE { ?x a }
                               ^
    """
    try:
        ox.Store().query(sparql, prefixes=dict(prefixes))
    except SyntaxError as error:
        raw = str(error)
    else:
        return None
    found = tokens(sparql)
    index, said = _fault([token.text for token in found], prefixes)
    unclosed = next((i for i, token in enumerate(found) if token.text in {"'", '"'}), None)
    if unclosed is not None:
        index, said = unclosed, "the text that starts here does not end"
    if index < len(found):
        token, start = found[index].text, found[index].start
        what = f"found `{token}`"
    else:
        token, start = "", len(sparql.rstrip())
        what = "the query ends" if found else "there is no query"
    line = sparql.count("\n", 0, start) + 1
    column = start - (sparql.rfind("\n", 0, start) + 1)
    shown = (sparql.splitlines() or [""])[line - 1]
    if said == _UNKNOWN_PREFIX:
        reason = f"the prefix of `{token}` is unknown; known are {', '.join(prefixes)}"
    elif said is not None:
        reason = f"{what}: {said}"
    else:
        expected = _expected([t.text for t in found[:index]], prefixes)
        reason = f"{what}, expected {expected}" if expected else f"{what}: {_rest(raw)}"
    return f"line {line}, column {column + 1}: {reason}\n    {shown}\n    {' ' * column}^"


def _fault(words: list[str], prefixes: Mapping[str, str]) -> tuple[int, str | None]:
    """Return the index of the token at which parsing stops, and what the parser says in words."""
    starts, text = [], ""
    for word in words:
        starts.append(len(text))
        text += word.replace("\n", " ") + " " * _ROOM
    try:
        ox.Store().query(text, prefixes=dict(prefixes))
    except SyntaxError as error:
        match = _FAULT.match(str(error))
        if match is None:
            return len(words), None
        said = _SAID.search(match[3])
        offset = int(match[2]) - 1
        index = len(words) if offset >= len(text) else sum(start <= offset for start in starts) - 1
        return max(index, 0), _WORDS.get(said[0].strip(), said[0].strip()) if said else None
    return len(words), None


def _expected(before: list[str], prefixes: Mapping[str, str]) -> str:
    taken = [name for word, name in _EXPECTED.items() if _fault([*before, word], prefixes)[0] > len(before)]
    return " or ".join(filter(None, (", ".join(taken[:-1]), taken[-1]))) if taken else ""


def _rest(raw: str) -> str:
    match = _FAULT.match(raw)
    return match[3].split(", [")[0] if match else raw


def used_prefixes(sparql: str, prefixes: Mapping[str, str]) -> dict[str, str]:
    """Return those prefixes that a query uses and does not declare.

    >>> used_prefixes("PREFIX a: <a:a> SELECT * { ?x a:b c:d }", {"a": "x:", "c": "y:", "d": "z:"})
    {'c': 'y:'}
    """
    declared = set(_PREFIX_LINE.findall(sparql))
    used = {t.text.partition(":")[0] for t in tokens(sparql) if ":" in t.text}
    return {p: iri for p, iri in prefixes.items() if p in used and p not in declared}


def calls_service(sparql: str) -> bool:
    """Return whether a query holds a SERVICE pattern, found by parsing, not by its letters.

    >>> calls_service('SELECT * { ?s ?p "SERVICE" }')
    False
    >>> calls_service("SELECT * { SERVICE <http://a/> { ?s ?p ?o } }")
    True
    """
    if "service" not in sparql.casefold():
        return False
    from pyparsing import ParseException, ParseResults
    from rdflib.plugins.sparql.parser import parseQuery
    from rdflib.plugins.sparql.parserutils import CompValue

    try:
        parsed = parseQuery(sparql)
    except (ParseException, RecursionError):
        return re.search(r"\bservice\b", sparql, re.IGNORECASE) is not None
    todo: list[object] = [parsed]
    while todo:
        part = todo.pop()
        if isinstance(part, CompValue):
            if part.name == "ServiceGraphPattern":
                return True
            todo.extend(part.values())
        elif isinstance(part, list | tuple | ParseResults):
            todo.extend(part)
    return False


def prologue(prefixes: Iterable[tuple[str, str]]) -> str:
    """Return prefixes as SPARQL declares them, on one line."""
    return " ".join(f"PREFIX {prefix}: <{iri}>" for prefix, iri in prefixes)
