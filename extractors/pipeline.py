"""The spaCy pipeline: one small component a stage, in the order in which a paper passes them.

tokens → acronyms → known → lexicon → sequence → grouping → consistency → typing → roles → relations → results
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Final

from extractors import (
    acronyms,
    consistency,
    grouping,
    known,
    lexicon,
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

Stage = Callable[[Draft], None]
STAGES: Final[tuple[tuple[str, Stage], ...]] = (
    ("acronyms", acronyms.mark),
    ("known", known.mark),
    ("lexicon", lexicon.mark),
    ("sequence", sequence.mark_one),
    ("grouping", grouping.group),
    ("consistency", consistency.spread),
    ("typing", typing.settle),
    ("roles", roles.settle),
    ("relations", relations.settle),
    ("results", results.settle),
)
TOGETHER: Final[dict[str, Callable[[Sequence[Draft]], None]]] = {
    "sequence": sequence.mark,
    "typing": typing.settle_all,
    "roles": roles.settle_all,
    "relations": relations.settle_all,
    "results": results.settle_all,
}
"""Stages that are quicker over many papers at once, with the same answer for each."""
NAME: Final = "default"
BATCH: Final = 100
"""Papers that go through the pipeline together."""


class _Component:
    """A stage as a spaCy component: a document in, the same document out."""

    def __init__(self, name: str, stage: Stage) -> None:
        self.stage = stage
        self.together = TOGETHER.get(name)

    def __call__(self, doc: Doc) -> Doc:
        """Return `doc` after the stage has worked on its draft."""
        self.stage(doc.user_data[STATE])
        return doc

    def pipe(self, docs: Iterable[Doc], batch_size: int = BATCH) -> Iterator[Doc]:
        """Yield the documents after the stage, `batch_size` at once where that is quicker."""
        if self.together is None:
            yield from map(self, docs)
            return
        rest = iter(docs)
        while batch := list(islice(rest, batch_size)):
            self.together([doc.user_data[STATE] for doc in batch])
            yield from batch


@lru_cache(maxsize=1)
def pipeline() -> Language:
    """Return the pipeline with all components, made once a process."""
    from spacy.language import Language
    from spacy.vocab import Vocab

    nlp = Language(Vocab())
    for name, stage in STAGES:
        factory = f"abstractkg_{name}"
        if not Language.has_factory(factory):
            Language.component(factory, func=_Component(name, stage))
        nlp.add_pipe(factory, name=name)
    return nlp


class DefaultExtractor:
    """The extractor of this package; one paper or many at once, with the same answers."""

    batch = BATCH

    def __call__(self, paper: Paper) -> Extraction:
        """Return what the pipeline reads in one paper."""
        return self.many([paper])[0]

    def many(self, papers: Sequence[Paper]) -> list[Extraction]:
        """Return what the pipeline reads in each paper; spaCy forgets their words afterwards."""
        nlp = pipeline()
        with nlp.memory_zone(), _collector_at_rest():
            docs = (make_doc(nlp.vocab, paper) for paper in papers)
            return [extraction_of(doc) for doc in nlp.pipe(docs, batch_size=BATCH)]


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Keep the garbage collector from looking for cycles: a batch makes many small objects and no cycle."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


extract = DefaultExtractor()


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
