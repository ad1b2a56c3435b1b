"""Curation: what people decided, one line a decision, in `curation.tsv`.

Merges and splits stand in SSSOM columns: a label `skos:exactMatch` another, or with the predicate modifier
`Not`. Its subjects are spellings (`rdfs literal`), with an optional type (`subject_category`) and an optional
paper, never IRIs. Renaming, retyping and dropping are no mappings and have columns of their own.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, get_args

from kg.cells import plain_cell, safe_cell
from kg.model import ENTITY_TYPES, EntityType
from kg.names import display_name
from kg.resolve.keys import match_key

FILE: Final = "curation.tsv"
"""Name of the file in a graph folder."""
Action = Literal["merge", "split", "rename", "retype", "drop"]
ACTIONS: Final[tuple[Action, ...]] = get_args(Action)

SSSOM: Final = (
    "subject_label",
    "subject_category",
    "predicate_id",
    "predicate_modifier",
    "object_label",
    "object_category",
    "mapping_justification",
    "subject_type",
    "object_type",
    "author_label",
    "comment",
)
EXTENSIONS: Final = ("subject_paper", "object_paper", "rename", "retype", "drop")
COLUMNS: Final = (*SSSOM, *EXTENSIONS)
EXACT_MATCH: Final = "skos:exactMatch"
MANUAL: Final = "semapv:ManualMappingCuration"
LITERAL: Final = "rdfs literal"
NOT: Final = "Not"

_KINDS: Final = ("", "benchmark", "dataset", "environment")

HEADER: Final = """\
#curie_map:
#  akg: https://w3id.org/abstractkg/ns#
#  semapv: https://w3id.org/semapv/vocab/
#  skos: http://www.w3.org/2004/02/skos/core#
#mapping_set_id: https://w3id.org/abstractkg/curation
#license: https://creativecommons.org/publicdomain/zero/1.0/
#extension_definitions:
""" + "".join(f"#- slot_name: {name}\n#  property: akg:curation_{name}\n" for name in EXTENSIONS)
"""Metadata that SSSOM asks for, as comments before the first line."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a decision speaks of: a spelling, of one type if given, in one paper if given."""

    label: str
    type: EntityType | None = None
    paper: str | None = None

    @property
    def key(self) -> str:
        """The key of the spelling."""
        return match_key(self.label)

    def __str__(self) -> str:
        return (
            self.label
            + (f" ({self.type})" if self.type else "")
            + (f" in {self.paper}" if self.paper else "")
        )


@dataclass(frozen=True, slots=True)
class Decision:
    """One line: an action on a subject, with its object or new value; `line` counts from 1, 0 when fresh."""

    action: Action
    subject: Subject
    object: Subject | None = None
    value: str | None = None
    comment: str = ""
    author: str = ""
    line: int = field(default=0, compare=False)

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """Its subject, and its object if it has one."""
        return (self.subject,) if self.object is None else (self.subject, self.object)


@dataclass(frozen=True, slots=True)
class CurationNote:
    """What is wrong with a line of a curation file."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@dataclass(frozen=True, slots=True)
class Curation:
    """All decisions of a file that can be read, and what is wrong with the other lines."""

    decisions: tuple[Decision, ...] = ()
    faults: tuple[CurationNote, ...] = ()
    file: str = FILE

    @property
    def keys(self) -> frozenset[str]:
        """Keys of all spellings that it speaks of."""
        return frozenset(s.key for d in self.decisions for s in d.subjects)


NO_CURATION: Final = Curation()


def read_curation(path: Path) -> Curation:
    """Return the decisions in a file; none if there is no file.

    Raises:
        OSError: The file is there and cannot be read.
    """
    if not path.exists():
        return NO_CURATION
    return curation_of(path.read_bytes(), file=path.name)


def decisions_in(folder: Path) -> bytes:
    """Return the decisions on names in a graph folder as they stand there; nothing if there are none."""
    path = folder / FILE
    return path.read_bytes() if path.exists() else b""


def curation_of(content: bytes, *, file: str = FILE) -> Curation:
    """Return the decisions in the content of a curation file, as `parse_curation` does."""
    return parse_curation(content.decode("utf-8-sig", "replace"), file=file)


def parse_curation(text: str, *, file: str = FILE) -> Curation:
    r"""Return the decisions in the text of a curation file; a bad line is a fault and the rest stands.

    Args:
        text: TSV with a line of column names; lines that start with `#` are comments.
        file: Its name, for messages.

    Returns:
        What can be read, and what cannot, each with its line.

    >>> text = "subject_label\tpredicate_id\tobject_label\nG-RPO\tskos:exactMatch\tGRPO\nX\t\t\n"
    >>> found = parse_curation(text)
    >>> found.decisions[0].action, found.decisions[0].object, found.faults[0].line
    ('merge', Subject(label='GRPO', type=None, paper=None), 3)
    """
    decisions: list[Decision] = []
    faults: list[CurationNote] = []
    for line, row in _rows(text):
        made = _decision(row, line)
        if isinstance(made, Decision):
            decisions.append(made)
        else:
            faults.append(CurationNote(file, line, made))
    return Curation(tuple(decisions), tuple(faults), file)


def with_decision(text: str, decision: Decision) -> str:
    """Return the text of a curation file with one decision more, its lines in order.

    Comments, columns and lines that are no decisions stay; the same decision is there once.

    Args:
        text: The file as it is; empty for a new one.
        decision: What to add.

    Returns:
        The new text.
    """
    comments = [line for line in text.splitlines(keepends=True) if line.startswith("#")]
    header = next((row for _, row in _raw(text)), None)
    columns = [*(header or ()), *(c for c in COLUMNS if c not in (header or ()))]
    rows = [dict(zip(columns, row, strict=False)) for _, row in list(_raw(text))[1:]]
    fresh = {key: str(safe_cell(value)) for key, value in to_row(decision).items()}
    rows = [row for row in rows if _decision(_plain(row), 0) != decision]
    rows.append({column: fresh.get(column, "") for column in columns})
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter="\t", lineterminator="\n")
    writer.writerow(columns)
    ordered = sorted([row.get(column, "") for column in columns] for row in rows)
    writer.writerows(ordered)
    return ("".join(comments) if comments else HEADER) + buffer.getvalue()


def to_row(decision: Decision) -> dict[str, str]:
    """Return a decision as the cells of its line, the inverse of reading it.

    >>> row = to_row(Decision("drop", Subject("the paper")))
    >>> row["subject_label"], row["drop"], row["predicate_id"]
    ('the paper', 'yes', '')
    """
    subject, target = decision.subject, decision.object
    row = {
        "subject_label": subject.label,
        "subject_category": subject.type or "",
        "subject_type": LITERAL,
        "mapping_justification": MANUAL,
        "subject_paper": subject.paper or "",
        "comment": decision.comment,
        "author_label": decision.author,
        "predicate_id": "",
    }
    if target is not None:
        row |= {
            "predicate_id": EXACT_MATCH,
            "predicate_modifier": NOT if decision.action == "split" else "",
            "object_label": target.label,
            "object_category": target.type or "",
            "object_paper": target.paper or "",
            "object_type": LITERAL,
        }
    elif decision.action == "drop":
        row["drop"] = "yes"
    else:
        row[decision.action] = decision.value or ""
    return row


def _rows(text: str) -> Iterable[tuple[int, dict[str, str]]]:
    lines = iter(_raw(text))
    _, columns = next(lines, (0, []))
    for line, cells in lines:
        yield line, _plain(dict(zip(columns, cells, strict=False)))


def _raw(text: str) -> Iterable[tuple[int, list[str]]]:
    """Yield each line's number and cells; comments and empty lines are left out."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            yield number, next(csv.reader([line], delimiter="\t"), [])


def _plain(row: Mapping[str, str]) -> dict[str, str]:
    return {key: display_name(plain_cell(value)) for key, value in row.items()}


def _decision(row: Mapping[str, str], line: int) -> Decision | str:
    """Return the decision of a line, or what is wrong with it."""
    subject = _subject(row, "subject")
    if isinstance(subject, str):
        return subject
    said = [name for name in ("predicate_id", "rename", "retype", "drop") if row.get(name)]
    if len(said) != 1:
        have = "says neither" if not said else "says more than one of"
        return f"{have} predicate_id, rename, retype, drop; write one of them"
    comment, author = row.get("comment", ""), row.get("author_label", "")
    if said == ["predicate_id"]:
        return _mapping(row, subject, line)
    action: Action = said[0]  # type: ignore[assignment]
    value = row[action]
    if action == "drop":
        if value.casefold() not in {"yes", "true", "1", "drop"}:
            return f"drop is {value!r}; write yes"
        return Decision("drop", subject, comment=comment, author=author, line=line)
    if action == "retype" and value.partition(":")[0] not in ENTITY_TYPES:
        return f"retype is {value!r}; write one of {', '.join(ENTITY_TYPES)}"
    if action == "retype" and value.partition(":")[2] not in _KINDS:
        return f"retype is {value!r}; write Benchmark:benchmark, Benchmark:dataset or Benchmark:environment"
    if action == "rename" and not match_key(value):
        return f"rename is {value!r}; write a name"
    return Decision(action, subject, value=value, comment=comment, author=author, line=line)


def _mapping(row: Mapping[str, str], subject: Subject, line: int) -> Decision | str:
    if row["predicate_id"] != EXACT_MATCH:
        return f"predicate_id is {row['predicate_id']!r}; write {EXACT_MATCH}"
    target = _subject(row, "object")
    if isinstance(target, str):
        return target
    if target == subject:
        return f"subject and object are the same: {subject}"
    modifier = row.get("predicate_modifier", "")
    if modifier not in {"", NOT}:
        return f"predicate_modifier is {modifier!r}; write {NOT} or nothing"
    comment, author = row.get("comment", ""), row.get("author_label", "")
    return Decision(
        "split" if modifier else "merge", subject, target, comment=comment, author=author, line=line
    )


def _subject(row: Mapping[str, str], side: str) -> Subject | str:
    label, category = row.get(f"{side}_label", ""), row.get(f"{side}_category", "")
    if not match_key(label):
        return f"{side}_label is {label!r}; write a name"
    if label.startswith(("http://", "https://")):
        return f"{side}_label is an IRI; write the spelling that papers use"
    chosen = next((t for t in ENTITY_TYPES if t == category), None)
    if category and chosen is None:
        return f"{side}_category is {category!r}; write one of {', '.join(ENTITY_TYPES)}"
    return Subject(label, chosen, row.get(f"{side}_paper") or None)
