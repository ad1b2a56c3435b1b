"""What stands in a graph before it is changed: the ground on which `add` and `remove` work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg.catalog import CachedExtraction, Catalog, Record
from kg.generations import CATALOG, current_generation
from kg.model import Paper
from kg.sources import ReadResult
from kg.sources.identity import find_paper
from kg.vocab import Namespace


@dataclass(frozen=True, slots=True)
class State:
    """What the catalog of a graph holds; records by key, papers and extractions by paper id, in order."""

    meta: Mapping[str, str]
    records: Mapping[str, Record]
    papers: Mapping[str, Paper]
    extractions: Mapping[str, CachedExtraction]

    @property
    def extractor(self) -> str:
        """The name of the extractor that read the papers."""
        return self.meta["extractor"].rpartition(" ")[0]

    def has_text_of(self, paper: Paper) -> bool:
        """Return whether a paper of this id stands here with the same title and abstract."""
        old = self.papers.get(paper.id)
        return old is not None and (old.title, old.abstract) == (paper.title, paper.abstract)

    def paper_named(self, name: str, identified: Sequence[Paper] = ()) -> str:
        """Return the id of the paper that an id, address, title or IRI of this graph means.

        Args:
            name: What somebody calls the paper.
            identified: The records, each with the id of its paper; their titles count too.

        Raises:
            UnknownNameError: No paper is called so.
            AmbiguousNameError: Several papers are.
        """
        called = Namespace(self.meta["base"]).node_id(name.strip()) or name
        return find_paper(called, self.papers.values(), identified)


def read_state(folder: Path) -> State:
    """Return what the catalog of the generation in force holds.

    Raises:
        GraphFolderError: There is no readable graph in the folder.
    """
    with Catalog.open(current_generation(folder) / CATALOG) as catalog:
        return State(
            meta=catalog.meta(),
            records=dict(catalog.records()),
            papers={paper.id: paper for paper in catalog.papers()},
            extractions={cached.extraction.id: cached for cached in catalog.extractions()},
        )


def records_of(found: ReadResult) -> dict[str, Record]:
    """Return the records of what was read, by key.

    >>> from kg.model import SourceRef
    >>> paper = Paper("T", "", sources=(SourceRef("a.csv", "77", 1),))
    >>> (record,) = records_of(ReadResult((), records=(paper, paper), formats={"77": "csv"})).values()
    >>> record.format
    'csv'
    """
    formats = found.formats
    records = (
        Record(p, min((formats.get(s.sha256, "") for s in p.sources), default="")) for p in found.records
    )
    return {record.key: record for record in records}
