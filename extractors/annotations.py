"""Annotated papers without other people's sentences, and back: `python -m extractors.annotations`.

    strip train.jsonl -o annotations/train.jsonl.gz
    join annotations/train.jsonl.gz --abstracts arxiv-metadata-oai-snapshot.json -o train.jsonl

What was copied from the text becomes a place in it, `[field, start, end]`, counted in code points of the
title or abstract with every run of white space made one space; names, types and numbers stay as they are.
A hash of both texts tells a version of the abstract that is not the annotated one. `join_row` is the
inverse of `strip_row`. `annotations/README.md` describes the format for those who use only the file.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TextIO

import click

from kg.errors import SourceError
from kg.sources import read

RUN: Final = 8
"""So many words in a row are running text, which is not passed on; a number is no word."""
FIELDS: Final = ("title", "abstract")
RESULT_KEYS: Final = ("subject", "benchmark", "metric", "value", "baseline", "kind")
_GZIP: Final = b"\x1f\x8b"
_WORD: Final = re.compile(r"[^\W_]*[^\W\d_][^\W_]*")
_VERSION: Final = re.compile(r"v\d+$")
Row = dict[str, Any]
Texts = Mapping[str, str]
"""Field to its normalised text."""
Place = list[Any]
"""A stretch of a field: its name, start, end (code points, end exclusive)."""


@dataclass(frozen=True, slots=True)
class Abstract:
    """The texts of one paper, as a source gives them."""

    id: str
    title: str
    abstract: str


@dataclass(frozen=True, slots=True)
class Joined:
    """What `join_rows` made: the annotated papers with text, and the ids of those left out.

    `missing` had no text; the text of `changed` is not the annotated one.
    """

    rows: tuple[Row, ...]
    missing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


def normal_text(text: str) -> str:
    r"""Return `text` with every run of white space as one space, and none at its ends.

    >>> normal_text(" A title\n  of two lines ")
    'A title of two lines'
    """
    return " ".join(text.split())


def texts_of(title: str, abstract: str) -> Texts:
    """Return the normalised texts that places point into."""
    return {"title": normal_text(title), "abstract": normal_text(abstract)}


def text_hash(texts: Texts) -> str:
    """Return the SHA-256 of title, line break, abstract, in hexadecimal digits.

    >>> text_hash(texts_of("T ", "a  b")) == text_hash(texts_of("T", "a b")), len(text_hash(texts_of("", "")))
    (True, 64)
    """
    return hashlib.sha256("\n".join(texts[field] for field in FIELDS).encode()).hexdigest()


def find_place(texts: Texts, words: str) -> Place | None:
    """Return where `words` stand first, as whole words if they do anywhere; None where they do not stand.

    >>> find_place(texts_of("DPOs", "We use DPO."), "DPO")
    ['abstract', 7, 10]
    """
    whole = re.compile(rf"(?<![^\W_]){re.escape(words)}(?![^\W_])")
    for pattern in (whole, re.compile(re.escape(words))):
        for field in FIELDS:
            if match := pattern.search(texts[field]):
                return [field, *match.span()]
    return None


def words_at(texts: Texts, told: str | Place | None) -> str | None:
    """Return the words that a stored value means: itself, or those at a place.

    >>> words_at({"title": "On GRPO", "abstract": ""}, ["title", 3, 7]), words_at({}, "GRPO")
    ('GRPO', 'GRPO')
    """
    if told is None or isinstance(told, str):
        return told
    field, start, end = told
    return texts[field][start:end]


def strip_row(row: Mapping[str, Any]) -> Row:
    """Return an annotated paper without its text; `join_row` is the inverse.

    Args:
        row: `id`, `title`, `abstract`, `ents`, `rels`, `results` as `extractors.gold` reads them.

    Returns:
        The stored form: `id`, `sha256` of the texts, `entities`, `relations`, `results`.

    Raises:
        SourceError: A mention does not stand in the text, or a name repeats `RUN` words of it without
            standing there as a whole.

    >>> strip_row({"id": "1", "title": "On X", "abstract": "X gains 2%.", "rels": [],
    ...            "ents": [["X", "Method", "introduces", ["X"], None]],
    ...            "results": [["X", None, None, "2%", None, "gain"]]})["results"]
    [{'subject': 'X', 'benchmark': None, 'metric': None, 'value': ['abstract', 8, 10], 'baseline': None, \
'kind': 'gain'}]
    """
    texts = texts_of(row["title"], row["abstract"])

    def short(words: str | None) -> str | Place | None:
        if words is None or len(_WORD.findall(words)) < RUN:
            return words
        place = find_place(texts, words)
        if place is None and any(_runs(words) & _runs(text) for text in texts.values()):
            raise SourceError(f"{words!r} repeats {RUN} words of the text", file=row["id"])
        return place or words

    def mention(words: str) -> Place:
        place = find_place(texts, normal_text(words))
        if place is None:
            raise SourceError(f"the mention {words!r} does not stand in the text", file=row["id"])
        return place

    entities = [
        {
            "name": short(name),
            "type": type_,
            "role": role,
            "kind": kind,
            "mentions": [*map(mention, mentions)],
        }
        for name, type_, role, mentions, kind in row["ents"]
    ]
    results = []
    for result in row["results"]:
        told = {key: short(words) for key, words in zip(RESULT_KEYS, result, strict=True)}
        if result[3] is not None:
            told["value"] = find_place(texts, result[3]) or told["value"]
        results.append(told)
    return {
        "id": row["id"],
        "sha256": text_hash(texts),
        "entities": entities,
        "relations": [[short(head), relation, short(tail)] for head, relation, tail in row["rels"]],
        "results": results,
    }


def _runs(text: str) -> set[tuple[str, ...]]:
    words = _WORD.findall(text.casefold())
    return {tuple(words[i : i + RUN]) for i in range(len(words) - RUN + 1)}


def join_row(stored: Mapping[str, Any], texts: Texts) -> Row:
    """Return an annotated paper with its text, as `extractors.gold` reads it; inverse of `strip_row`."""

    def words(told: Any) -> str | None:
        return words_at(texts, told)

    return {
        "id": stored["id"],
        **texts,
        "ents": [
            [words(e["name"]), e["type"], e["role"], [*map(words, e["mentions"])], e["kind"]]
            for e in stored["entities"]
        ],
        "rels": [[words(head), relation, words(tail)] for head, relation, tail in stored["relations"]],
        "results": [[words(result[key]) for key in RESULT_KEYS] for result in stored["results"]],
    }


def join_rows(stored: Iterable[Mapping[str, Any]], abstracts: Iterable[Abstract]) -> Joined:
    """Return the annotated papers whose annotated text is among `abstracts`, by id, and what was left out.

    Args:
        stored: what `strip_row` made.
        abstracts: read once, in any order; several texts of one paper may be there, those of papers that
            are not annotated are passed over.
    """
    wanted = {row["id"]: row for row in stored}
    rows: dict[str, Row] = {}
    changed = set()
    for found in abstracts:
        row = wanted.get(found.id)
        if row is None or found.id in rows:
            continue
        texts = texts_of(found.title, found.abstract)
        if text_hash(texts) == row["sha256"]:
            rows[found.id] = join_row(row, texts)
        else:
            changed.add(found.id)
    return Joined(
        rows=tuple(rows[id_] for id_ in sorted(rows)),
        missing=tuple(sorted(wanted.keys() - rows.keys() - changed)),
        changed=tuple(sorted(changed - rows.keys())),
    )


def to_bytes(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Return stored papers as gzipped JSON Lines: by id, keys sorted, no clock."""
    lines = [_line(row) for row in sorted(rows, key=lambda row: str(row["id"]))]
    return gzip.compress("".join(lines).encode(), mtime=0)


def _line(row: Mapping[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"


def read_stored(path: Path) -> list[Row]:
    """Return the stored papers of an annotations file.

    Raises:
        SourceError: The file is not one that `strip` wrote.
    """
    rows = list(read_rows(path))
    for number, row in enumerate(rows, start=1):
        if not {"id", "sha256", "entities", "relations", "results"} <= row.keys():
            raise SourceError("no stored annotation; `strip` writes them", file=path.name, line=number)
    return rows


def read_rows(path: Path) -> Iterator[Row]:
    """Yield the objects of a JSON Lines file, gzipped or not.

    Raises:
        SourceError: A line is no JSON object.
    """
    with _open(path) as lines:
        for number, line in enumerate(lines, start=1):
            row = _object(line)
            if row is not None:
                yield row
            elif line.strip():
                raise SourceError("no JSON object", file=path.name, line=number)


def read_abstracts(path: Path, wanted: Collection[str]) -> Iterator[Abstract]:
    """Yield the texts of the wanted papers of one file.

    JSON Lines with `id`, `title` and `abstract`, gzipped or not (the arXiv metadata snapshot), are streamed;
    a line that is no such object is passed over. Any other file is read as `kg build` would read it.

    Args:
        path: the file.
        wanted: arXiv ids, without version.
    """
    with _open(path) as lines:
        first = _abstract(_object(next(iter(lines), "")))
    if first is None:
        for paper in read([path]).papers:
            if paper.id in wanted:
                yield Abstract(paper.id, paper.title, paper.abstract)
        return
    with _open(path) as lines:
        for line in lines:
            found = _abstract(_object(line))
            if found is not None and found.id in wanted:
                yield found


def _open(path: Path) -> TextIO:
    with path.open("rb") as file:
        packed = file.read(2) == _GZIP
    if packed:
        return gzip.open(path, "rt", encoding="utf-8", errors="replace")
    return path.open(encoding="utf-8", errors="replace")


def _object(line: str) -> Row | None:
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _abstract(row: Row | None) -> Abstract | None:
    values = [(row or {}).get(key) for key in ("id", *FIELDS)]
    if not all(isinstance(value, str) for value in values):
        return None
    id_, title, abstract = map(str, values)
    return Abstract(_VERSION.sub("", id_.removeprefix("arXiv:")), title, abstract)


@contextmanager
def _as_usage_error() -> Iterator[None]:
    """Tell an unusable input as click tells wrong usage, with exit code 2."""
    try:
        yield
    except SourceError as error:
        raise click.UsageError(str(error)) from error


@click.group()
def main() -> None:
    """Annotated papers without their texts, and back."""


@main.command()
@click.argument("gold", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, help="The gzipped file to write."
)
def strip(gold: Path, out: Path) -> None:
    """Write the annotations of GOLD (JSON Lines with text) without the texts."""
    with _as_usage_error():
        rows = [strip_row(row) for row in read_rows(gold)]
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(to_bytes(rows))
    click.echo(f"{len(rows)} papers without text in {out}", err=True)


@main.command()
@click.argument("annotations", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--abstracts",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    required=True,
    help="Where titles and abstracts stand: the arXiv snapshot, or any file that kg build reads. Repeatable.",
)
@click.option("-o", "--out", type=click.Path(path_type=Path), required=True, help="The JSON Lines to write.")
def join(annotations: Path, abstracts: tuple[Path, ...], out: Path) -> None:
    """Write ANNOTATIONS with the texts of arXiv, as `extractors.train --gold` reads them.

    Exit codes: 0 all papers joined, 1 some left out (each is told), 2 none could be joined.
    """
    with _as_usage_error():
        stored = read_stored(annotations)
    wanted = {str(row["id"]) for row in stored}
    done = join_rows(stored, (found for path in abstracts for found in read_abstracts(path, wanted)))
    for reason, ids in (("no text", done.missing), ("another text, perhaps another version", done.changed)):
        for id_ in ids:
            click.echo(f"{id_}: {reason}", err=True)
    click.echo(
        f"{len(done.rows)} of {len(stored)} papers joined; {len(done.missing)} without text, "
        f"{len(done.changed)} with another text",
        err=True,
    )
    if not done.rows:
        sys.exit(2)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("".join(map(_line, done.rows)), encoding="utf-8")
    sys.exit(1 if done.missing or done.changed else 0)


if __name__ == "__main__":
    main()
