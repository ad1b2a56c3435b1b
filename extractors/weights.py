"""Trained weights under `extractors/data/`: read once, used by the components."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files

from extractors.crf import LinearChain
from extractors.trees import Trees, softmax

CHAIN_SUFFIX = ".chain.gz"
"""How the names of files with a log-linear model end (`LinearChain.to_bytes`)."""

TREES_SUFFIX = ".trees.gz"
"""How the names of files with trees end (`Trees.to_bytes`)."""


def content(name: str) -> bytes:
    """Return the content of a file of `extractors/data/`."""
    return (files("extractors.data") / name).read_bytes()


def has(name: str) -> bool:
    """Tell whether there is a file of that name in `extractors/data/`."""
    return (files("extractors.data") / name).is_file()


@lru_cache(maxsize=16)
def chain(name: str) -> LinearChain:
    """Return the trained model `name`."""
    return LinearChain.from_bytes(content(f"{name}{CHAIN_SUFFIX}"))


@lru_cache(maxsize=16)
def trees(name: str) -> Trees:
    """Return the trained trees `name`."""
    return Trees.from_bytes(content(f"{name}{TREES_SUFFIX}"))


def probabilities(name: str, cases: Sequence[Sequence[str]]) -> list[dict[str, float]]:
    """Return label to probability for each case: a chain of length one is a logistic regression.

    Args:
        name: The model.
        cases: The feature strings of each case.

    Returns:
        A probability for each label that the model knows; they sum to one.
    """
    if not cases:
        return []
    model = chain(name)
    return [dict(zip(model.labels, chances, strict=True)) for chances in softmax(model.sums(cases)).tolist()]
