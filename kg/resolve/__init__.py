"""Many spellings become one entity: the whole of what all papers say, seen together."""

from kg.resolve.resolver import Resolution, resolve

__all__ = ["Resolution", "resolve"]
