"""Text to mentions, roles, relations and results: the only home of spaCy.

Importing this package is cheap; an extractor's machinery is loaded when it is first called for. An extractor
is built in (a row of `EXTRACTORS`) or installed with another distribution (an entry point of the group
`GROUP`); docs/extractors.md says how to write one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from importlib.resources import files
from importlib.resources.abc import Traversable
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from extractors.running import one_line, outcomes
from kg.errors import ExtractionError, ExtractorError, KGError, UnknownNameError
from kg.model import Extraction, Paper

Extractor = Callable[[Paper], Extraction]
"""A function from a paper to its extraction. It may carry attributes that the pipeline heeds:

- `fingerprint: str`, all that its answers depend on beyond its code (weights, model, options);
- `many: Callable[[Sequence[Paper]], Sequence[Extraction]]` and `batch: int`, where it is quicker with so many
  papers at once, and gives the same answers;
- `prepare: Callable[[], None]`, which loads what the first paper would have to wait for;
- `concurrency: int`, how many papers it takes at once, from as many threads (1 if absent);
- `notes: Callable[[], Iterable[str]]`, what to tell people at the end of a run (costs, what it dropped).
"""
GROUP: Final = "abstractkg.extractors"
"""The entry-point group in which other distributions offer extractors."""
DEFAULT: Final = "default"
"""The name of the extractor that needs nothing but this package."""
BUILT_IN: Final = "abstractkg"
"""The origin of the extractors of this package."""


def _default() -> Extractor:
    from extractors.pipeline import extract

    return extract


def _language_model() -> Extractor:
    from extractors.language_model import from_environment

    return from_environment()


EXTRACTORS: dict[str, Callable[[], Extractor]] = {DEFAULT: _default, "llm": _language_model}
"""Name to a function that gives the extractor. An extractor is pure: the same paper, the same extraction."""


@dataclass(frozen=True)
class Chosen:
    """An extractor by its name; what it takes to run is loaded when first asked for."""

    name: str
    origin: str
    """`BUILT_IN`, or the name and version of the distribution that brings it."""
    make: Callable[[], object]
    module: str = ""
    """The module of an installed extractor; empty for a built-in one."""
    warning: str = ""

    @cached_property
    def extract(self) -> Extractor:
        """The extractor itself.

        Raises:
            ExtractorError: an installed extractor cannot be imported or made.
            KGError: it says itself why it cannot be used.
        """
        if not self.module:
            return self._callable(self.make())
        try:
            return self._callable(self.make())
        except KGError:
            raise
        except Exception as error:
            reason = one_line(f"{type(error).__name__}: {error}")
            raise ExtractorError(
                f"the extractor {self.name!r} of the distribution {self.origin} cannot be loaded from "
                f"{self.module} ({reason}); an entry point of {GROUP} names a function that takes nothing "
                "and gives the extractor"
            ) from error

    @cached_property
    def fingerprint(self) -> str:
        """The hash of all that its answers depend on, a SHA-256 in hexadecimal digits.

        Of an installed extractor these are the code here, its distribution's name and version, its module's
        file, and the `fingerprint` it declares.

        Raises:
            ExtractorError: the extractor cannot be loaded, or what it declares is no text.
        """
        digest = hashlib.sha256(self.name.encode())
        _add_own_files(digest.update)
        declared = getattr(self.extract, "fingerprint", "")
        if not isinstance(declared, str):
            raise ExtractorError(f"the extractor {self.name!r} of {self.origin}: its fingerprint is no text")
        if self.module:
            digest.update(f"\0{self.origin}\0{self.module}\0{_file_hash(self.module)}".encode())
        digest.update(f"\0{declared}".encode())
        return digest.hexdigest()

    def notes(self) -> tuple[str, ...]:
        """Return what the extractor has to tell people about the run so far."""
        give = getattr(self.__dict__.get("extract"), "notes", None)
        return tuple(str(note) for note in give()) if callable(give) else ()

    def _callable(self, made: object) -> Extractor:
        if not callable(made):
            raise ExtractorError(
                f"the extractor {self.name!r} of {self.origin} is a {type(made).__name__}, "
                "no function from a paper to its extraction"
            )
        return made


def origins() -> dict[str, str]:
    """Return the names of all extractors, sorted, with who brings each.

    >>> origins()["default"]
    'abstractkg'
    """
    found = {entry.name: _origin(entry) for entry in entry_points(group=GROUP)}
    return dict(sorted({**found, **dict.fromkeys(EXTRACTORS, BUILT_IN)}.items()))


def names() -> tuple[str, ...]:
    """Return the names of all extractors, built in and installed, sorted.

    >>> {"default", "llm"} <= set(names())
    True
    """
    return tuple(origins())


def choose(name: str = "default") -> Chosen:
    """Return the extractor called `name`, not yet loaded.

    A built-in name stays what it is: an installed extractor of that name is not used, and `warning` says so.

    Raises:
        UnknownNameError: if there is none of that name.
        ExtractorError: if several distributions offer one of that name.
    """
    entries = sorted(entry_points(group=GROUP, name=name), key=_origin)
    offered = ", ".join(dict.fromkeys(_origin(entry) for entry in entries))
    if name in EXTRACTORS:
        warning = f"{name!r} is the built-in extractor; that of {offered} is not used" if entries else ""
        return Chosen(name, BUILT_IN, EXTRACTORS[name], warning=warning)
    if not entries:
        raise UnknownNameError("extractor", name, names())
    if len({(_origin(entry), entry.value) for entry in entries}) > 1:
        raise ExtractorError(f"several distributions offer an extractor {name!r}: {offered}; keep one")
    entry = entries[0]
    return Chosen(name, _origin(entry), lambda: entry.load()(), module=entry.module)


def load(name: str = "default") -> Extractor:
    """Return the extractor called `name`.

    Raises:
        UnknownNameError: if there is none of that name.
        ExtractorError: if it cannot be loaded.

    >>> extract = load()
    >>> extract(Paper("Nothing", "")).relations
    ()
    """
    return choose(name).extract


def extract_many(papers: Iterable[Paper], extractor: Extractor | None = None) -> Iterator[Extraction]:
    """Yield the extraction of each paper, in order.

    Args:
        papers: any iterable; it is read lazily.
        extractor: what `load` gave; the default extractor if None.

    Raises:
        ExtractionError: what the extractor gave for a paper is faulty.
    """
    for found in outcomes(papers, extractor or load()):
        if isinstance(found, ExtractionError):
            raise found
        yield found


def fingerprint(name: str = "default") -> str:
    """Return the hash of all that an extractor's answer depends on: code, weights, lists, options and name.

    Returns:
        A SHA-256 in hexadecimal digits, for the key of a cache.

    Raises:
        UnknownNameError: if there is no extractor of that name.

    >>> fingerprint() == fingerprint("default"), len(fingerprint())
    (True, 64)
    """
    return choose(name).fingerprint


def _origin(entry: EntryPoint) -> str:
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else "an unnamed distribution"


def _file_hash(module: str) -> str:
    """Return the hash of a module's file; empty if it has none."""
    spec = find_spec(module)
    source = Path(spec.origin) if spec and spec.origin else None
    return hashlib.sha256(source.read_bytes()).hexdigest() if source and source.is_file() else ""


def _add_own_files(add: Callable[[bytes], None]) -> None:
    """Add the code, weights and lists of this package to a hash."""
    here = files("extractors")
    parts = [
        ("extractors", here),
        ("data", here / "data"),
        ("language_model", here / "language_model"),
    ]
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
            add(f"\0{label}\0".encode())
            add(hashlib.sha256(item.read_bytes()).digest())
