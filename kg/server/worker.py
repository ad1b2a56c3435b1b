"""A process that answers queries from one store, one after the other, and can be killed at any time.

`python -m kg.server.worker STORE MEMORY_MIB` prints one line when it is ready, then reads one JSON object a
line and writes, for each, a line of JSON and as many bytes as its `size` says. It imports little, as
it is started anew after each query that had to be killed.
"""

from __future__ import annotations

import json
import re
import resource
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import IO, Any, Final

import pyoxigraph as ox

from kg.server.sparql import Head, paged, read_head

DEFAULT_GRAPH: Final = "urn:x-arq:DefaultGraph"
"""An IRI by which a client can name the default graph of the store (Apache Jena's name for it)."""
_SOLUTIONS: Final = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
_GRAPHS: Final = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdf": ox.RdfFormat.RDF_XML,
}
_POSITION: Final = re.compile(r"error at (\d+):(\d+): ")
Answer = tuple[dict[str, Any], bytes]


class TooLargeError(Exception):
    """The answer has more bytes than are allowed."""


class RefusedError(Exception):
    """The query is not answered; `kind` says why."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(kind)


class CappedBuffer:
    """A file in memory that refuses to grow past a number of bytes."""

    def __init__(self, limit: int) -> None:
        self.parts: list[bytes] = []
        self._left = limit

    def write(self, data: bytes) -> int:
        """Take bytes in and return how many.

        Returns:
            The number of bytes.

        Raises:
            TooLargeError: there would be too many.
        """
        self._left -= len(data)
        if self._left < 0:
            raise TooLargeError
        self.parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing: all is kept."""


def answer(store: ox.Store, task: dict[str, Any]) -> Answer:
    """Return what a query gives: facts about the answer, and its bytes.

    Args:
        store: The store to ask.
        task: `query`, `prefixes`, `default` and `named` (lists of IRIs, or None where the query decides),
            `solutions` and `graph` (formats, or None for not acceptable), `limit`, `offset`, `max_bytes`.

    Returns:
        `ok` with `kind` and `more`, or not `ok` with `error`, `message` and perhaps `line` and `column`.
    """
    try:
        return _answer(store, task)
    except RefusedError as error:
        return {"ok": False, "error": error.kind, "message": ""}, b""
    except TooLargeError:
        return {"ok": False, "error": "too_large", "message": ""}, b""
    except SyntaxError as error:
        reason = str(error.args[0] if error.args else error)
        found = _POSITION.match(reason)
        place = {"line": int(found[1]), "column": int(found[2])} if found else {}
        message = _short(reason[found.end() :] if found else reason)
        return {"ok": False, "error": "syntax", "message": message, **place}, b""
    except (ValueError, OSError, RuntimeError) as error:
        return {"ok": False, "error": "failed", "message": str(error)}, b""


def _answer(store: ox.Store, task: dict[str, Any]) -> Answer:
    text, prefixes = task["query"], task["prefixes"]
    head = read_head(text, prefixes)
    default, named = task["default"], task["named"]
    if default is None and named is None and head.clauses:
        default, named = head.default_graphs, head.named_graphs
    asked = store
    dataset: dict[str, Any] = {}
    if default is not None or named is not None:
        asked, dataset = _dataset(store, default or (), named or ())
    found = asked.query(text, prefixes=prefixes, **dataset)
    out = CappedBuffer(task["max_bytes"])
    limit, offset = task["limit"], task["offset"]
    if isinstance(found, ox.QueryTriples):
        more = _write_triples(found, task["graph"], prefixes, limit, offset, out)
        return _done("graph", more, out)
    if task["solutions"] is None:
        raise RefusedError("not_acceptable")
    form = _SOLUTIONS[task["solutions"]]
    if isinstance(found, ox.QueryBoolean):
        # SPARQL defines no CSV or TSV of a truth value: one column, as others do
        if form in {ox.QueryResultsFormat.CSV, ox.QueryResultsFormat.TSV}:
            out.write(b"true\n" if found else b"false\n")
        else:
            _serialize(found, out, form)
        return _done("boolean", False, out)
    more = False
    if limit is not None or offset:
        found, more = _page(asked, found, task, head, dataset)
    _serialize(found, out, form)
    return _done("solutions", more, out)


def _short(reason: str, limit: int = 200) -> str:
    """Return a reason on one line, without the ranges of characters that Oxigraph lists."""
    text = " ".join(re.sub(r",? *\[[^\]]*\.\.[^\]]*\](?:\s*\|\s*)?", "", reason.replace("\n", " ")).split())
    text = re.sub(r"(?:'\S*'\.\.='\S*'[\s|\]]*)+$", "", text).strip()
    return text if len(text) <= limit else text[:limit].rsplit(" ", 1)[0] + " …"


def _done(kind: str, more: bool, out: CappedBuffer) -> Answer:
    data = b"".join(out.parts)
    return {"ok": True, "kind": kind, "more": more}, data


def _page(
    store: ox.Store, found: ox.QuerySolutions, task: dict[str, Any], head: Head, dataset: dict[str, Any]
) -> tuple[ox.QuerySolutions, bool]:
    """Return one page of an answer, and whether rows follow it."""
    columns = tuple(variable.value for variable in found.variables)
    limit, offset = task["limit"], task["offset"]
    if not columns:
        raise ValueError("a query without columns has no pages; leave `limit` and `offset` away")

    def rows(count: int, start: int) -> ox.QuerySolutions:
        text = paged(task["query"], head, columns, count, start)
        page = store.query(text, prefixes=task["prefixes"], **dataset)
        if not isinstance(page, ox.QuerySolutions):
            raise ValueError("only SELECT has pages of rows")
        return page

    if limit is None:
        return rows(2**62, offset), False
    return rows(limit, offset), next(iter(rows(1, offset + limit)), None) is not None


def _write_triples(
    found: ox.QueryTriples,
    form: str | None,
    prefixes: dict[str, str],
    limit: int | None,
    offset: int,
    out: CappedBuffer,
) -> bool:
    if form is None:
        raise RefusedError("not_acceptable")
    triples: Iterable[ox.Triple] = found
    more = False
    if limit is not None or offset:
        rest = islice(iter(_each_once(found)), offset, None)
        if limit is not None:
            page = list(islice(rest, limit))
            more = next(rest, None) is not None
            triples = page
        else:
            triples = rest
    write_triples(triples, form, prefixes, out)
    return more


def write_triples(triples: Iterable[ox.Triple], form: str, prefixes: dict[str, str], out: Any) -> None:
    """Write triples in an RDF format, under the prefixes where the format has prefixes."""
    known = prefixes if form in {"ttl", "jsonld", "rdf"} else None
    _guarded(lambda: ox.serialize(triples, out, _GRAPHS[form], prefixes=known))


def _each_once(triples: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
    seen: set[ox.Triple] = set()
    for triple in triples:
        if triple not in seen:
            seen.add(triple)
            yield triple


def _serialize(found: Any, out: CappedBuffer, form: ox.QueryResultsFormat) -> None:
    _guarded(lambda: found.serialize(out, form))


def _guarded(write: Callable[[], object]) -> None:
    """Run a serializer; give the reason why the buffer refused, which Oxigraph may wrap."""
    try:
        write()
    except OSError as error:
        if isinstance(error.__cause__, TooLargeError) or "TooLargeError" in str(error):
            raise TooLargeError from error
        raise


def _dataset(
    store: ox.Store, default: Iterable[str], named: Iterable[str]
) -> tuple[ox.Store, dict[str, Any]]:
    """Return the store and the arguments with which a query sees these graphs and no others.

    Oxigraph's own union of several default graphs gives a triple once a graph, so that a COUNT is wrong:
    several default graphs are copied into one.
    """
    defaults = [_graph(iri) for iri in dict.fromkeys(default)]
    names = [ox.NamedNode(iri) for iri in dict.fromkeys(named)]
    if len(defaults) < 2:
        return store, {"default_graph": defaults, "named_graphs": names}
    merged = ox.Store()
    here = ox.DefaultGraph()
    merged.extend(
        ox.Quad(quad.subject, quad.predicate, quad.object, here)
        for quad in chain.from_iterable(store.quads_for_pattern(None, None, None, g) for g in defaults)
    )
    for name in names:
        merged.extend(store.quads_for_pattern(None, None, None, name))
    return merged, {"default_graph": [here], "named_graphs": names}


def _graph(iri: str) -> ox.NamedNode | ox.DefaultGraph:
    return ox.DefaultGraph() if iri == DEFAULT_GRAPH else ox.NamedNode(iri)


def _limit_memory(mebibytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (mebibytes * 2**20, mebibytes * 2**20))


def _work(store: ox.Store, tasks: IO[bytes], answers: IO[bytes]) -> None:
    for line in tasks:
        task = json.loads(line)
        # Should the server die, nobody is left to kill a query: the alarm ends this process then.
        signal.alarm(int(task["seconds"]) + 5)
        facts, data = answer(store, task)
        signal.alarm(0)
        answers.write(json.dumps({**facts, "size": len(data)}).encode() + b"\n" + data)
        answers.flush()


def main(arguments: list[str]) -> None:
    """Open the store and answer until there are no more tasks."""
    folder, mebibytes = arguments
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the server ends workers
    store = ox.Store.read_only(folder)
    _limit_memory(int(mebibytes))
    sys.stdout.buffer.write(b"ready\n")
    sys.stdout.buffer.flush()
    _work(store, sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main(sys.argv[1:])
