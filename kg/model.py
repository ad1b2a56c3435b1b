"""The values that travel the road: frozen, without logic beyond reading themselves.

Offsets count Unicode code points of the field as it stands in the `Paper`, end exclusive.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

EntityType = Literal["Method", "Model", "Benchmark", "Organization", "Task", "Concept", "Metric"]
Role = Literal["introduces", "uses", "evaluates_on", "compares_to", "mentions"]
RelationType = Literal["extends", "built_on", "part_of", "trained_on", "evaluated_on", "outperforms"]
Field = Literal["title", "abstract"]

ENTITY_TYPES: tuple[EntityType, ...] = (
    "Method",
    "Model",
    "Benchmark",
    "Organization",
    "Task",
    "Concept",
    "Metric",
)
ROLES: tuple[Role, ...] = ("introduces", "uses", "evaluates_on", "compares_to", "mentions")
RELATION_TYPES: tuple[RelationType, ...] = (
    "extends",
    "built_on",
    "part_of",
    "trained_on",
    "evaluated_on",
    "outperforms",
)
PAPER_HEAD = "PAPER"
"""Head of a relation, or subject of a result, whose paper gives its contribution no name."""


@dataclass(frozen=True, slots=True)
class SourceRef:
    """Where a record was read: file name (no folder), hash of the file's bytes, position from 1."""

    file: str
    sha256: str
    position: int


@dataclass(frozen=True, slots=True)
class Affiliation:
    """An organisation line as a page or record gives it; the handle is the site's short name, if any."""

    name: str
    handle: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A web address of a paper; `kind` is `code`, `project`, `page` (the paper itself) or `other`."""

    kind: Literal["code", "project", "page", "other"]
    url: str


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper. Readers leave `id` empty when the record has none and `published` as far as they know it.

    `id` is an arXiv id without version or, where there is none, a hash of the normalised title.
    `published` is ISO `YYYY-MM-DD` or `YYYY-MM`; `date_written` is the date as it stands on the page.
    """

    title: str
    abstract: str
    id: str = ""
    published: str | None = None
    date_written: str | None = None
    authors: tuple[str, ...] = ()
    num_authors: int | None = None
    organizations: tuple[Affiliation, ...] = ()
    categories: tuple[str, ...] = ()
    urls: tuple[Link, ...] = ()
    upvotes: int | None = None
    comments: int | None = None
    sources: tuple[SourceRef, ...] = ()
    replaces: tuple[str, ...] = ()

    def text(self, field: Field) -> str:
        """Return the stored text of `field`."""
        return self.title if field == "title" else self.abstract


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a paper's text: `text == paper.text(field)[start:end]`."""

    field: Field
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, order=True)
class Evidence:
    """The stretch (mostly a sentence) that supports a relation or a result."""

    field: Field
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Mention:
    """One entity as one paper mentions it: all its spans, its type and its role there.

    `confidence` is in thousandths between 0 and 1; `kind` is `benchmark`, `dataset` or `environment` for a
    Benchmark, else None; `extractor` names the component that found it.
    """

    name: str
    type: EntityType
    role: Role
    confidence: float
    spans: tuple[Span, ...]
    kind: str | None = None
    extractor: str = ""

    @property
    def surfaces(self) -> tuple[str, ...]:
        """The different surface forms, in order of first appearance."""
        return tuple(dict.fromkeys(span.text for span in self.spans))


@dataclass(frozen=True, slots=True)
class Relation:
    """`head type tail` as the paper states it; names are `Mention.name`s of the same paper (or `PAPER`)."""

    head: str
    type: RelationType
    tail: str
    confidence: float
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Result:
    """A number that the paper reports. `value` is as written; `kind` is `absolute` or `gain`."""

    subject: str
    value: str
    benchmark: str | None
    metric: str | None
    baseline: str | None
    kind: Literal["absolute", "gain"]
    confidence: float
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Extraction:
    """All that the extractors read in one paper."""

    id: str
    title: str
    mentions: tuple[Mention, ...] = ()
    relations: tuple[Relation, ...] = ()
    results: tuple[Result, ...] = ()


@dataclass(frozen=True, slots=True)
class Entity:
    """One node of the graph: what several papers' mentions were resolved to."""

    slug: str
    name: str
    type: EntityType
    kind: str | None
    aliases: tuple[str, ...]
    num_papers: int


@dataclass(frozen=True, slots=True)
class Unread:
    """Something that could not be read: one line of `unread.tsv`.

    `file` is its path below the folder that was named, or its name, with more of its path where files would
    be called the same.
    """

    file: str
    line: int | None
    reason: str
    paper: str | None = None
