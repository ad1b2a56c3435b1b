"""Text to mentions, roles, relations and results: the only home of spaCy.

Importing this package is cheap; an extractor's machinery is loaded when it is first called for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

from kg.errors import UnknownNameError
from kg.model import Extraction, Paper

Extractor = Callable[[Paper], Extraction]


def _default() -> Extractor:
    from extractors.pipeline import extract

    return extract


EXTRACTORS: dict[str, Callable[[], Extractor]] = {"default": _default}
"""Name to a function that gives the extractor. An extractor is pure: the same paper, the same extraction."""


def load(name: str = "default") -> Extractor:
    """Return the extractor called `name`.

    Raises:
        UnknownNameError: if there is none of that name.

    >>> extract = load()
    >>> extract(Paper("Nothing", "")).relations
    ()
    """
    if name not in EXTRACTORS:
        raise UnknownNameError("extractor", name, EXTRACTORS)
    return EXTRACTORS[name]()


def extract_many(papers: Iterable[Paper], extractor: Extractor | None = None) -> Iterator[Extraction]:
    """Yield the extraction of each paper, in order, one at a time.

    Args:
        papers: any iterable; it is read lazily.
        extractor: what `load` gave; the default extractor if None.
    """
    extract = extractor or load()
    for paper in papers:
        yield extract(paper)


def fingerprint(name: str = "default") -> str:
    """Return the hash of all that an extractor's answer depends on: code, weights, lists and name.

    Returns:
        A SHA-256 in hexadecimal digits, for the key of a cache.

    Raises:
        UnknownNameError: if there is no extractor of that name.

    >>> fingerprint() == fingerprint("default"), len(fingerprint())
    (True, 64)
    """
    if name not in EXTRACTORS:
        raise UnknownNameError("extractor", name, EXTRACTORS)
    digest = hashlib.sha256(name.encode())
    parts = [("extractors", files("extractors")), ("data", files("extractors") / "data")]
    sources: list[tuple[str, Traversable]] = [
        (f"{room}/{item.name}", item)
        for room, folder in parts
        for item in folder.iterdir()
        if item.is_file() and not item.name.startswith(".")
    ]
    sources += [
        ("ontology/known.tsv", files("ontology") / "known.tsv"),
        ("ontology/__init__.py", files("ontology") / "__init__.py"),
        ("kg/names.py", files("kg") / "names.py"),
        ("kg/model.py", files("kg") / "model.py"),
    ]
    for label, item in sorted(sources, key=lambda s: s[0]):
        if item.is_file():
            digest.update(f"\0{label}\0".encode())
            digest.update(hashlib.sha256(item.read_bytes()).digest())
    return digest.hexdigest()
