"""Between spaCy and us: anybody's pipeline as an extractor, and the default extractor as a component of one.

`from_language`: the pipeline of the user recognises names and says of what type they are. Grouping of
spellings, roles, relations and results are those of the default extractor, on the tokens of
`extractors.tokens`. `Component`: what the default extractor reads becomes `doc.ents` and `doc._.extraction`.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.util import filter_spans, minibatch

from extractors import typing
from extractors.document import Draft, Found
from extractors.pipeline import STAGES, extract, extraction_of
from extractors.tokens import URL_WORD
from extractors.tokens import draft as draft_of
from kg.errors import ExtractorError
from kg.extraction_json import from_json, to_json
from kg.model import ENTITY_TYPES, EntityType, Extraction, Field, Paper

_KEY: Final = "abstractkg"
"""Where a document keeps what was read in it, as JSON: a document must be fit to be written."""
BEFORE: Final = ("acronyms", "known")
"""Our stages that look at the text before names are known."""
ROWS: Final = ("grouping", "consistency")
"""Our stages that make rows of the names found: one entity, all its places."""
JUDGEMENTS: Final = ("roles", "relations", "results")
"""Our stages that say what the paper does with each entity."""


@dataclass(frozen=True)
class SpacyExtractor:
    """A spaCy pipeline that reads papers; made by `from_language`."""

    nlp: Language
    labels: Mapping[str, EntityType]
    name: str
    confidence: Callable[[Span], float]
    only_mentions: bool
    fingerprint: str = field(compare=False)

    def __call__(self, paper: Paper) -> Extraction:
        """Return what the pipeline, and then our stages, read in one paper."""
        draft = draft_of(paper)
        for stage in BEFORE:
            STAGES[stage]([draft])
        for text_field in ("title", "abstract"):
            self._find(draft, text_field)
        for stage in ROWS:
            STAGES[stage]([draft])
        if self.only_mentions:
            for row in draft.rows:
                row.kind = "benchmark" if row.type == "Benchmark" else None
        else:
            typing.assume(draft)
            for stage in JUDGEMENTS:
                STAGES[stage]([draft])
        read = extraction_of(draft)
        return replace(read, mentions=tuple(replace(m, extractor=self.name) for m in read.mentions))

    def _find(self, draft: Draft, text_field: Field) -> None:
        """Add what the pipeline finds in one field to `draft.found`, widened to whole tokens of ours.

        Names inside web addresses are passed over, as everywhere.
        """
        text = draft.paper.text(text_field)
        if not text.strip():
            return
        shift = 0 if text_field == "title" else draft.abstract_at
        for entity in self.nlp(text).ents:
            type_ = self.labels.get(entity.label_)
            first = bisect_right(draft.ends, entity.start_char + shift)
            end = bisect_left(draft.starts, entity.end_char + shift)
            if type_ is not None and first < end and URL_WORD not in draft.words[first:end]:
                draft.found.append(Found(first, end, type_, self.confidence(entity), self.name))


def from_language(
    nlp: Language,
    *,
    labels: Mapping[str, EntityType] | None = None,
    name: str = "spacy",
    confidence: float | Callable[[Span], float] = 1.0,
    only_mentions: bool = False,
    fingerprint: str | None = None,
) -> SpacyExtractor:
    """Return an extractor that recognises names with a spaCy pipeline.

    Args:
        nlp: any pipeline that sets `doc.ents`; it is given title and abstract as two texts.
        labels: label of an entity to type; the labels are our types if None. Other labels are passed over.
        name: what `Mention.extractor` says.
        confidence: between 0 and 1, the same for all or a function of the entity (a spaCy span); spaCy
            itself gives entities no score.
        only_mentions: without our roles, relations and results: every role is `mentions`, every Benchmark of
            kind `benchmark`.
        fingerprint: all that the answers of `nlp` depend on; the hash of its configuration and of what its
            components write to bytes if None. A component without `to_bytes` has to be covered here.

    Raises:
        ExtractorError: `labels` maps to what is no type.

    >>> import spacy
    >>> nlp = spacy.blank("en")
    >>> nlp.add_pipe("entity_ruler").add_patterns([{"label": "ALGO", "pattern": "ZebraPO"}])
    >>> extract = from_language(nlp, labels={"ALGO": "Method"})
    >>> [(m.name, m.type, m.role) for m in extract(Paper("ZebraPO", "We propose ZebraPO.")).mentions]
    [('ZebraPO', 'Method', 'introduces')]
    """
    types: dict[str, EntityType] = dict(labels) if labels is not None else {t: t for t in ENTITY_TYPES}
    for label, type_ in types.items():
        if type_ not in ENTITY_TYPES:
            raise ExtractorError(
                f"label {label!r} stands for {type_!r}, no type; there are: {', '.join(ENTITY_TYPES)}"
            )
    options = [sorted(types.items()), name, only_mentions]
    options.append("function" if callable(confidence) else float(confidence))
    content = fingerprint if fingerprint is not None else language_hash(nlp)
    return SpacyExtractor(
        nlp=nlp,
        labels=types,
        name=name,
        confidence=confidence if callable(confidence) else _always(float(confidence)),
        only_mentions=only_mentions,
        fingerprint=hashlib.sha256(json.dumps([content, *options]).encode()).hexdigest(),
    )


def language_hash(nlp: Language) -> str:
    """Return the hash of a pipeline's configuration, tokenizer and components.

    Returns:
        A SHA-256 in hexadecimal digits. Not in it: the vocabulary, which grows with each text read, and
        components that cannot be written to bytes.
    """
    digest = hashlib.sha256(nlp.config.to_str().encode())
    digest.update(nlp.to_bytes(exclude=["vocab"]))
    return digest.hexdigest()


def _always(value: float) -> Callable[[Span], float]:
    return lambda entity: value


@Language.factory("abstractkg", assigns=["doc.ents", "doc._.extraction"])
class Component:
    """The default extractor in a spaCy pipeline: `nlp.add_pipe("abstractkg")`.

    The first line of a document is the title, the rest the abstract. Each mention becomes an entity of
    `doc.ents` whose label is its type and whose `id_` is the name of the mention; it is widened to the tokens
    of the pipeline, and of two that then overlap the longer stays, as do entities that were there before.
    `doc._.extraction` holds all that was read, with spans in code points of title and abstract.

    >>> import spacy
    >>> nlp = spacy.blank("en")
    >>> component = nlp.add_pipe("abstractkg")
    >>> doc = nlp("ZebraPO\\nWe propose ZebraPO, an algorithm.")
    >>> [(entity.text, entity.label_, entity.id_) for entity in doc.ents]
    [('ZebraPO', 'Method', 'ZebraPO'), ('ZebraPO', 'Method', 'ZebraPO')]
    >>> [mention.role for mention in doc._.extraction.mentions]
    ['introduces']
    """

    def __init__(self, nlp: Language, name: str) -> None:
        del nlp, name
        Doc.set_extension("extraction", getter=_read_before, force=True)

    def __call__(self, doc: Doc) -> Doc:
        """Return the document with what was read in it."""
        return next(self.pipe([doc]))

    def pipe(self, stream: Iterable[Doc], batch_size: int = extract.batch) -> Iterator[Doc]:
        """Yield the documents with what was read in them, `batch_size` together."""
        for docs in minibatch(stream, batch_size):  # type: ignore[no-untyped-call]
            papers = [Paper(*doc.text.partition("\n")[::2]) for doc in docs]
            for doc, paper, read in zip(docs, papers, extract.many(papers), strict=True):
                doc.user_data[_KEY] = to_json(read)
                doc.ents = filter_spans([*doc.ents, *_entities(doc, paper, read)])
                yield doc


def _read_before(doc: Doc) -> Extraction | None:
    """Return what the component read in a document, also in one that was written to bytes since."""
    return from_json(doc.user_data[_KEY]) if _KEY in doc.user_data else None


def _entities(doc: Doc, paper: Paper, read: Extraction) -> Iterator[Span]:
    """Yield the mentions of an extraction as spans of a document, outside what stands there already."""
    taken = {token.i for entity in doc.ents for token in entity}
    shifts = {"title": 0, "abstract": len(paper.title) + 1}
    for mention in read.mentions:
        for place in mention.spans:
            shift = shifts[place.field]
            found = doc.char_span(
                place.start + shift,
                place.end + shift,
                label=mention.type,
                span_id=mention.name,
                alignment_mode="expand",
            )
            if found is not None and taken.isdisjoint(range(found.start, found.end)):
                yield found
