"""Many spellings become one entity: the whole of what all papers say, seen together."""

from kg.resolve.curation import NO_CURATION, Curation, read_curation
from kg.resolve.resolver import Resolution, Resolver, resolve

__all__ = ["NO_CURATION", "Curation", "Resolution", "Resolver", "read_curation", "resolve"]
