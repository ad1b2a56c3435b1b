"""Anybody's spaCy pipeline as an extractor: its `doc.ents` become mentions, our stages do the rest.

The pipeline of the user recognises names and says of what type they are. Grouping of spellings, roles,
relations and results are those of the default extractor, on the tokens of `extractors.tokens`.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from extractors import typing
from extractors.document import STATE, Draft, Found
from extractors.pipeline import STAGES, extraction_of
from extractors.tokens import URL_WORD, make_doc
from kg.errors import ExtractorError
from kg.model import ENTITY_TYPES, EntityType, Extraction, Field, Paper

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Span

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
        doc = make_doc(self.nlp.vocab, paper)
        draft: Draft = doc.user_data[STATE]
        stages = dict(STAGES)
        for stage in BEFORE:
            stages[stage](draft)
        for text_field in ("title", "abstract"):
            self._find(draft, text_field)
        for stage in ROWS:
            stages[stage](draft)
        if self.only_mentions:
            for row in draft.rows:
                row.kind = "benchmark" if row.type == "Benchmark" else None
        else:
            typing.assume(draft)
            for stage in JUDGEMENTS:
                stages[stage](draft)
        read = extraction_of(doc)
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
