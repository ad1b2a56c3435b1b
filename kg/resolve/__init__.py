"""Many spellings become one entity: the whole of what all papers say, seen together."""

from kg.resolve.curation import NO_CURATION, Curation, read_curation
from kg.resolve.resolver import Component, Decider, Resolution, resolve

__all__ = ["NO_CURATION", "Component", "Curation", "Decider", "Resolution", "read_curation", "resolve"]
