"""Files that are whole or not there: written aside, then renamed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile


@contextmanager
def written_aside(path: Path) -> Iterator[Path]:
    """Give a place beside `path` to write to. What stands there at the end comes to `path`.

    On failure it goes, and `path` stays as it was. Whoever writes there has to see that it is on the disk
    (`os.fsync`).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.part")
    try:
        yield aside
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def write_whole(path: Path, data: bytes) -> None:
    """Write `data` to `path` so that nobody ever sees a part of it."""
    with written_aside(path) as aside, aside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def check_folder(folder: Path) -> None:
    """Try whether files can be written into a folder that may still have to be made; nothing is left there.

    Raises:
        OSError: They cannot; `filename` is the folder, or what stands in its way.
    """
    stands = next((path for path in (folder, *folder.parents) if os.path.lexists(path)), Path())
    try:
        with TemporaryFile(dir=stands):
            pass
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(stands)) from error
