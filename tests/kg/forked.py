"""Commands of `kg` as processes of their own that start in no time: a server imports once and forks for each.

The made-up extractor is known by its name; for each paper that it reads it appends a line to the file that
MADE_UP_LOG names, and takes MADE_UP_SECONDS.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from tests.kg import made_up

ROOT: Final = Path(__file__).parents[2]
TOUCHES: Final = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.truncate"}
"""Audit events of Python for what changes a folder, or may."""


@dataclass(frozen=True)
class Ended:
    """How a process ended: exit code or the negative number of a signal, seconds it took, what it said."""

    code: int
    seconds: float
    said: str


class Server:
    """A process that forks others; with `mounts`, in a mount namespace of its own, where it is root."""

    def __init__(self, folder: Path, *, mounts: bool = False) -> None:
        start = ["unshare", "--map-root-user", "--mount"] if mounts else []
        self._said = folder / f"said-{id(self)}"
        self._process = subprocess.Popen(
            [*start, sys.executable, "-m", "tests.kg.forked"],
            cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=60)

    def start(
        self,
        *command: str | Path,
        kill_after: float | None = None,
        kill_when: tuple[str, int] | None = None,
        kill_at: tuple[str, int] | None = None,
        sign: int = signal.SIGKILL,
        largest: int | None = None,
        **environment: object,
    ) -> None:
        """Start `kg` with arguments, or another program where the first of them is `!`.

        Args:
            command: The arguments.
            kill_after: Send it a signal after so many seconds.
            kill_when: Send it a signal when a file has so many lines.
            kill_at: Let it kill itself before it touches something in a folder for the so-manyth time.
            sign: The signal of `kill_after` and `kill_when`.
            largest: The most bytes that a file may have.
            environment: Variables.
        """
        request = {
            "command": [str(part) for part in command], "kill_after": kill_after, "kill_at": kill_at,
            "kill_when": kill_when, "sign": sign, "largest": largest, "said": str(self._said),
            "environment": {name: str(value) for name, value in environment.items()},
        }  # fmt: skip
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()

    def end(self) -> Ended:
        """Wait for what was started to end."""
        assert self._process.stdout is not None
        answer = self._process.stdout.readline()
        assert answer, "the server itself has ended"
        code, seconds = json.loads(answer)
        return Ended(code, seconds, self._said.read_text(encoding="utf-8", errors="replace"))

    def run(self, *command: str | Path, **how: Any) -> Ended:
        """Start something and wait for its end; the arguments are those of `start`."""
        self.start(*command, **how)
        return self.end()


def _serve() -> None:
    """Answer each request, a line of JSON, when its process has ended."""
    _prepare()
    for line in iter(sys.stdin.readline, ""):
        request, begun = json.loads(line), time.monotonic()
        process = os.fork()
        if process == 0:
            _become(request)
        if request["kill_after"] is not None or request["kill_when"] is not None:
            time.sleep(request["kill_after"] or 0)
            while request["kill_when"] and not _has_lines(*request["kill_when"]):
                time.sleep(0.005)
            os.kill(process, request["sign"])  # nobody has waited for it, so the number is still its own
        status = os.waitpid(process, 0)[1]
        print(json.dumps([os.waitstatus_to_exitcode(status), time.monotonic() - begun]), flush=True)


def _has_lines(file: str, count: int) -> bool:
    path = Path(file)
    return path.exists() and path.read_bytes().count(b"\n") >= count


def _prepare() -> None:
    """Load what a command needs, without starting a thread, and offer the made-up extractor."""
    import pyarrow.pandas_compat  # noqa: F401

    import extractors
    import kg.cli.building  # noqa: F401
    from kg.deriving import derivation
    from kg.model import Extraction, Paper
    from kg.pipeline import assemble
    from kg.writers.whole import whole_quads

    def extract(paper: Paper) -> Extraction:
        if log := os.environ.get("MADE_UP_LOG"):
            with Path(log).open("a", encoding="utf-8") as file:
                file.write(paper.title + "\n")
        time.sleep(float(os.environ.get("MADE_UP_SECONDS", "0")))
        return made_up.extract(paper)

    extractors.EXTRACTORS[made_up.NAME] = lambda: extract
    paper = Paper("On Zorbs", "M/u/GRPO;", "2505.00001")
    list(whole_quads(assemble([paper], [made_up.extract(paper)]), extractor=made_up.NAME))
    derivation()


def _become(request: dict[str, Any]) -> None:
    """Be the process that is asked for; never come back."""
    os.environ.update(request["environment"])
    said = os.open(request["said"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(said, 1)
    os.dup2(said, 2)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if request["command"][0] == "!":
        os.execvp(request["command"][1], request["command"][1:])
    if request["largest"] is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (request["largest"],) * 2)
    if request["kill_at"] is not None:
        _kill_at(*request["kill_at"])
    code = 70
    try:
        from kg.cli import main

        main(request["command"], prog_name="kg")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:  # noqa: BLE001  as the interpreter would show it
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _kill_at(folder: str, number: int) -> None:
    left = number

    def count(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        place = str(arguments[0]) if event in TOUCHES else "/"
        if place.startswith(folder) or "/" not in place:  # removing a tree gives bare names
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)


if __name__ == "__main__":
    _serve()
