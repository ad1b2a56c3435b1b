"""The state of a graph on disk, in one DuckDB file: records, papers, extractions, what follows of them."""

from kg.catalog.cache import Cache
from kg.catalog.outline import Outline, PaperHead, outline
from kg.catalog.papers import CachedExtraction, Catalog, Record

__all__ = ["Cache", "CachedExtraction", "Catalog", "Outline", "PaperHead", "Record", "outline"]
