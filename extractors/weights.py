"""Trained weights under `extractors/data/`: read once, used by the components."""

from __future__ import annotations

import gzip
from functools import lru_cache
from importlib.resources import files

import pycrfsuite

SUFFIX = ".crfsuite.gz"
ATTRIBUTES_FILE = "attributes.txt.gz"


@lru_cache(maxsize=16)
def tagger(name: str) -> pycrfsuite.Tagger:
    """Return the trained model `name`.

    Returns:
        A CRFsuite tagger; the bytes it reads stay alive as long as this process.
    """
    found = pycrfsuite.Tagger()
    found.open_inmemory(_content(name))
    return found


@lru_cache(maxsize=1)
def attributes() -> frozenset[str]:
    """Return the features of tokens that the sequence model gives any weight; empty without the file.

    The penalty leaves most features without weight; not passing those on saves half of the time.
    """
    source = files("extractors.data") / ATTRIBUTES_FILE
    if not source.is_file():
        return frozenset()
    return frozenset(gzip.decompress(source.read_bytes()).decode().split("\n"))


@lru_cache(maxsize=16)
def _content(name: str) -> bytes:
    return gzip.decompress((files("extractors.data") / f"{name}{SUFFIX}").read_bytes())


def probabilities(name: str, features: list[str]) -> dict[str, float]:
    """Return label to probability for one case: a sequence model of length one is a logistic regression.

    Returns:
        A probability for each label that the model knows; they sum to one.
    """
    model = tagger(name)
    model.set([features])
    return {label: model.marginal(label, 0) for label in model.labels()}
