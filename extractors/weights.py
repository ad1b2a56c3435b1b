"""Trained weights under `extractors/data/`: read once, used by the components."""

from __future__ import annotations

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


def probabilities(name: str, features: list[str]) -> dict[str, float]:
    """Return label to probability for one case: a chain of length one is a logistic regression.

    Returns:
        A probability for each label that the model knows; they sum to one.
    """
    model = chain(name)
    (chances,) = softmax(model.sums([features])).tolist()
    return dict(zip(model.labels, chances, strict=True))
