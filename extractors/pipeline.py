"""The spaCy pipeline: one small component a stage, in the order in which a paper passes them.

tokens → acronyms → known → sequence → grouping → consistency → typing → roles → relations → results
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from extractors import (
    acronyms,
    consistency,
    grouping,
    known,
    relations,
    results,
    roles,
    sequence,
    typing,
)
from extractors.document import STATE, Draft, Row
from extractors.tokens import make_doc
from kg.model import Extraction, Mention, Paper

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

STAGES: Final[tuple[tuple[str, Callable[[Draft], None]], ...]] = (
    ("acronyms", acronyms.mark),
    ("known", known.mark),
    ("sequence", sequence.mark),
    ("grouping", grouping.group),
    ("consistency", consistency.spread),
    ("typing", typing.settle),
    ("roles", roles.settle),
    ("relations", relations.settle),
    ("results", results.settle),
)
NAME: Final = "default"


class _Component:
    """A stage as a spaCy component: a document in, the same document out."""

    def __init__(self, stage: Callable[[Draft], None]) -> None:
        self.stage = stage

    def __call__(self, doc: Doc) -> Doc:
        """Return `doc` after the stage has worked on its draft."""
        self.stage(doc.user_data[STATE])
        return doc


@lru_cache(maxsize=1)
def pipeline() -> Language:
    """Return the pipeline with all components, made once a process."""
    from spacy.language import Language
    from spacy.vocab import Vocab

    nlp = Language(Vocab())
    for name, stage in STAGES:
        factory = f"abstractkg_{name}"
        if not Language.has_factory(factory):
            Language.component(factory, func=_Component(stage))
        nlp.add_pipe(factory, name=name)
    return nlp


def extract(paper: Paper) -> Extraction:
    """Return what the pipeline reads in one paper."""
    nlp = pipeline()
    return extraction_of(nlp(make_doc(nlp.vocab, paper)))


def extraction_of(doc: Doc) -> Extraction:
    """Return the draft of a document as the frozen value that leaves this package."""
    draft: Draft = doc.user_data[STATE]
    mentions = tuple(sorted((_mention(draft, row) for row in draft.rows), key=lambda m: (m.spans, m.name)))
    return Extraction(
        id=draft.paper.id,
        title=draft.paper.title,
        mentions=mentions,
        relations=tuple(draft.relations),
        results=tuple(draft.results),
    )


def _mention(draft: Draft, row: Row) -> Mention:
    return Mention(
        name=row.name,
        type=row.type,
        role=row.role,
        confidence=round(row.probability * row.role_probability, 3),
        spans=tuple(draft.span(s, e) for s, e in sorted({(f.start, f.end) for f in row.found})),
        kind=row.kind,
        extractor=NAME,
    )
