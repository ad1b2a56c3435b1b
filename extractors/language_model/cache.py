"""Answers on disk, by the hash of the question: a build that is run again asks nothing.

Only answers that could be read are kept. A file is written aside and renamed, so that two runs may share a
folder and an interrupted one leaves nothing half.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path


class Cache:
    r"""A folder of answers.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     cache = Cache(Path(folder))
    ...     cache.put("ab12", "an answer")
    ...     cache.get("ab12"), cache.get("cd34")
    ('an answer', None)
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, key: str) -> str | None:
        """Return the answer kept under a key; None if there is none or it cannot be read."""
        try:
            held = json.loads(self._path(key).read_bytes())
        except (OSError, ValueError):
            return None
        answer = held.get("answer") if isinstance(held, dict) and held.get("key") == key else None
        return answer if isinstance(answer, str) else None

    def put(self, key: str, answer: str) -> None:
        """Keep an answer; a folder that cannot be written is no reason to stop.

        The answer was paid for and is used now all the same; only the next run asks again.
        """
        path = self._path(key)
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=path.parent)
            aside = Path(name)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(json.dumps({"key": key, "answer": answer}).encode())
                aside.replace(path)
            finally:
                aside.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.json"
