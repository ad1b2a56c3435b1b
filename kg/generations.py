"""A graph folder with generations: readers see finished ones only, one writer at a time.

`gen-<n>/` holds one finished state, the file `current` names the one in force and is replaced by rename, so
an interrupted build leaves the previous graph whole. What a killed writer left is removed by the next one;
the lock goes with the process that holds it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from kg.errors import GraphFolderError

CATALOG: Final = "catalog.duckdb"
RDF: Final = "rdf"
_CURRENT: Final = "current"
_LOCK: Final = ".lock"
_HELD: Final = ".held"
_LOOKS: Final = 5
UNFINISHED: Final = "unfinished.tsv"
"""What a run that did not end has extracted (see `kg.unfinished`)."""
_DERIVED: Final = ("unread.tsv", "unresolved.tsv", "curation.tsv")
"""Files of a graph folder that stand beside its generations."""
_ASIDE: Final = (f".{_CURRENT}", *(f".{name}.part" for name in _DERIVED))
"""Files that are being written; a killed writer leaves them."""
_GENERATION: Final = re.compile(r"gen-(\d+)")
_NOT_WRITABLE: Final = {
    errno.EACCES, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENOSPC, errno.EPERM, errno.EROFS,
}  # fmt: skip


def current_generation(folder: Path) -> Path:
    """Return the folder of the generation in force.

    Raises:
        GraphFolderError: there is no graph in `folder`.
    """
    try:
        name = (folder / _CURRENT).read_text(encoding="utf-8", errors="replace").strip()
    except FileNotFoundError:
        raise GraphFolderError(
            f"{folder}: no graph there; make one with `kg build INPUT... --graph {folder}`"
        ) from None
    except OSError as error:
        raise GraphFolderError(f"{folder}: cannot be read ({error.strerror})") from error
    if not _GENERATION.fullmatch(name) or not (folder / name).is_dir():
        raise GraphFolderError(
            f"{folder}: its file `current` names {name!r}, which is not there; put that folder back, "
            "or build the graph again with `kg build`"
        )
    return folder / name


def has_graph(folder: Path) -> bool:
    """Return whether `folder` holds a finished generation."""
    return (folder / _CURRENT).is_file()


def is_graph_folder(folder: Path) -> bool:
    """Return whether `folder` holds a graph, or what a first build left that did not end."""
    if not any((folder / name).is_file() for name in (_CURRENT, _LOCK)):
        return False
    return bool(_generations(folder)) or (folder / UNFINISHED).is_file()


@contextmanager
def next_generation(folder: Path, *, spent: Iterable[str] = ()) -> Iterator[Path]:
    """Give an empty folder to write the next generation into; on success it comes into force.

    Whatever goes wrong inside, the generation in force stays as it is and the new folder is removed.

    Args:
        folder: The graph folder.
        spent: Files of it that are of no more use once the new generation is in force.

    Raises:
        GraphFolderError: another process writes to this graph, or the folder cannot be written.
        OSError: something else failed that has to do with files.
    """
    with _locked(folder):
        others = _generations(folder)
        for path in _left_by_killed(folder, others.values()):
            _remove_unread(path)
        for name in _ASIDE:
            (folder / name).unlink(missing_ok=True)
        fresh = folder / f"gen-{max(others, default=0) + 1}"
        try:
            fresh.mkdir()
            (fresh / _HELD).touch()
            yield fresh
            _put_in_force(folder, fresh)
        except OSError as error:
            shutil.rmtree(fresh, ignore_errors=True)
            # what native libraries raise bears no number
            if error.errno is None or error.errno in _NOT_WRITABLE:
                raise GraphFolderError(_not_written(folder, error)) from error
            raise
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        for name in spent:
            (folder / name).unlink(missing_ok=True)
        for path in others.values():
            _remove_unread(path)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other writers out of a graph folder, which is made if need be.

    Raises:
        GraphFolderError: another process writes to this graph, or the folder cannot be written.
    """
    try:
        if folder.is_dir() and not has_graph(folder) and any(_foreign(folder)):
            raise GraphFolderError(
                f"{folder}: not empty and no graph; name an empty or new folder with --graph"
            )
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise GraphFolderError(_not_written(folder, error)) from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise GraphFolderError(
                f"{folder}: another kg process is writing this graph; wait for it to end"
            ) from None
        yield
    finally:
        os.close(lock)


def _not_written(folder: Path, error: OSError) -> str:
    full = error.errno in {errno.ENOSPC, errno.EDQUOT}
    advice = "free some space" if full else "see to it that it can be written, or name another with --graph"
    return (
        f"{folder}: cannot be written ({error.strerror or error}); the graph stays as it was; "
        f"{advice}, and run the command again"
    )


def hold_current(folder: Path) -> tuple[Path, int]:
    """Return the generation in force, and an open file descriptor that keeps it from being removed.

    One that is replaced and removed between the two looks is no fault: then it is the next one. A copy of a
    folder may lack the hidden file that is locked; such a generation can be read, and not be held.

    Raises:
        GraphFolderError: there is no graph in `folder`.
    """
    for _ in range(_LOOKS):
        generation = current_generation(folder)
        with suppress(FileNotFoundError):
            descriptor = hold(generation)
            if (generation / _HELD).exists() or current_generation(folder) == generation:
                return generation, descriptor
            os.close(descriptor)
    raise GraphFolderError(f"{folder}: its generations change faster than they can be opened; try again")


def hold(generation: Path) -> int:
    """Return an open file descriptor that keeps a generation from being removed while it is read."""
    held = generation / _HELD
    descriptor = os.open(held if held.exists() else generation, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def _remove_unread(generation: Path) -> None:
    """Remove a generation that nobody reads any more; one that is read goes with a later build."""
    try:
        with (generation / _HELD).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(generation, ignore_errors=True)
    except BlockingIOError:
        return
    except FileNotFoundError:
        shutil.rmtree(generation, ignore_errors=True)


def _put_in_force(folder: Path, generation: Path) -> None:
    aside = folder / f".{_CURRENT}"
    with aside.open("w", encoding="utf-8") as file:
        file.write(generation.name + "\n")
        file.flush()
        os.fsync(file.fileno())
    aside.replace(folder / _CURRENT)


def _left_by_killed(folder: Path, generations: Iterable[Path]) -> list[Path]:
    """Return the generations that never came into force or went out of it; none if that cannot be told."""
    if not has_graph(folder):
        return list(generations)
    try:
        in_force = current_generation(folder)
    except GraphFolderError:
        return []  # one of them may be the graph
    return [path for path in generations if path != in_force]


def _generations(folder: Path) -> dict[int, Path]:
    found = ((_GENERATION.fullmatch(path.name), path) for path in folder.iterdir() if path.is_dir())
    return {int(match[1]): path for match, path in found if match}


def _foreign(folder: Path) -> Iterator[Path]:
    """Yield what stands in a folder and was not left there by an interrupted first build."""
    for path in folder.iterdir():
        if path.name not in {_LOCK, UNFINISHED, *_ASIDE, *_DERIVED} and not _GENERATION.fullmatch(path.name):
            yield path
