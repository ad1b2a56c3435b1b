"""Bytes as they come: inputs found on disk, opened once, hashed, and handed on line by line.

Nothing here knows a format. Memory stays bounded: a line longer than `RECORD_LIMIT` is passed over and told.
"""

from __future__ import annotations

import codecs
import gzip
import hashlib
import sys
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from itertools import takewhile
from pathlib import Path
from typing import IO, Final, cast

from kg.errors import SourceError
from kg.generations import is_graph_folder
from kg.model import SourceRef, Unread
from kg.sources.outputs import is_output

RECORD_LIMIT: Final = 16 * 1024 * 1024
"""Longest line or record that is read, in bytes."""

MOST_NAMES: Final = 20
"""Names of columns or keys that a message lists, at most."""

HEAD_SIZE: Final = 64 * 1024
STDIN: Final = "<stdin>"
_CHUNK: Final = 1024 * 1024
_GZIP: Final = b"\x1f\x8b"
_MOST_PACKED: Final = 200
"""How many times its size a gzip file may unpack to; texts come to some ten times, tables to fifty."""
_WILD: Final = "*?["
_MOST_NAMED: Final = 5
_MARKS: Final = {
    b"PK\x03\x04": "ZIP",
    b"%PDF": "PDF",
    b"(\xb5/\xfd": "Zstandard",
    b"PAR1": "Parquet",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its line end; `fault` says why it could not be read (then `text` is empty).

    `ended` is False for a last line without a line end.
    """

    number: int
    text: str
    fault: str | None = None
    ended: bool = True


@dataclass(slots=True)
class Log:
    """Where a reader tells what it could not read of one file, and how its columns or keys are called."""

    file: str
    unread: list[Unread] = field(default_factory=list)
    names: dict[str, None] = field(default_factory=dict)

    def named(self, names: Iterable[str]) -> None:
        """Note the names of columns or keys: the first `MOST_NAMES` of a file, in their order."""
        for name in names:
            if len(self.names) == MOST_NAMES:
                return
            self.names.setdefault(name)

    def lost(self, line: int | None, reason: str, paper: str | None = None) -> None:
        """Note that something at `line` was lost; `paper` is its title or id, where known."""
        self.unread.append(Unread(self.file, line, reason, paper))

    def at(self, line: int | None, paper: str | None) -> Callable[[str], None]:
        """Return a function that notes a reason for this line and paper."""
        return lambda reason: self.lost(line, reason, paper)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """An opened input: its name without folder, the hash of its bytes, and its text as UTF-8, unpacked."""

    name: str
    sha256: str
    handle: IO[bytes]

    def ref(self, position: int) -> SourceRef:
        """Return the reference to the record at `position`, counted from 1."""
        return SourceRef(self.name, self.sha256, position)

    def head(self) -> bytes:
        """Return the first bytes, at most `HEAD_SIZE`, without a byte order mark."""
        self.handle.seek(0)
        return self.handle.read(HEAD_SIZE).removeprefix(codecs.BOM_UTF8)

    def text(self) -> str:
        """Return the whole text; undecodable bytes come as lone surrogates (see `fault_in`).

        Raises:
            SourceError: The file is larger than `RECORD_LIMIT`.
        """
        self.handle.seek(0)
        data = self.handle.read(RECORD_LIMIT + 1)
        if len(data) > RECORD_LIMIT:
            raise SourceError(f"a page larger than {_limit()} is not read; split it", file=self.name)
        return data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape")

    def chunks(self) -> Iterator[str]:
        """Yield the text in pieces; undecodable bytes come as lone surrogates (see `fault_in`)."""
        self.handle.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        first = True
        while data := self.handle.read(_CHUNK):
            yield decoder.decode(data.removeprefix(codecs.BOM_UTF8) if first else data)
            first = False
        yield decoder.decode(b"", final=True)

    def lines(self) -> Iterator[Line]:
        """Yield the lines, each without its line end; what cannot be read carries its fault."""
        self.handle.seek(0)
        number = 0
        while data := self.handle.readline(RECORD_LIMIT + 1):
            number += 1
            if len(data) > RECORD_LIMIT and not data.endswith(b"\n"):
                while (rest := self.handle.readline(_CHUNK)) and not rest.endswith(b"\n"):
                    pass
                yield Line(number, "", f"a line longer than {_limit()} is not read")
                continue
            if number == 1:
                data = data.removeprefix(codecs.BOM_UTF8)
            ended = data.endswith(b"\n")
            text = data.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", "surrogateescape")
            fault = fault_in(text)
            yield Line(number, "" if fault else text, fault, ended)


def fault_in(text: str) -> str | None:
    r"""Return why `text` cannot stand as it is, or None.

    >>> fault_in("naïve") is None
    True
    >>> fault_in(b"na\xefve".decode("utf-8", "surrogateescape"))
    'broken UTF-8'
    >>> fault_in("a\0b")
    'NUL byte'
    """
    if "\0" in text:
        return "NUL byte"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "broken UTF-8"
    return None


@dataclass(frozen=True, slots=True)
class Input:
    """A file to read, and what it is called in messages; without a path, standard input."""

    path: Path | None
    label: str


def sayable(name: str) -> str:
    r"""Return the name of a file as it can be said and stored: bytes that are not UTF-8 are escaped.

    >>> sayable("naïve.txt"), sayable(b"na\xefve.txt".decode("utf-8", "surrogateescape"))
    ('naïve.txt', 'na\\udcefve.txt')
    """
    return name.encode("utf-8", "backslashreplace").decode()


def find_inputs(inputs: Iterable[str | Path], unread: list[Unread], remarks: list[str]) -> Iterator[Input]:
    """Yield each file that `inputs` name once, sorted, and standard input last.

    Each is called by its path below the folder that was named, or its name if it was named itself, and by
    more of its path where that would mean several. Files, folders (all below, hidden ones and the assets of
    saved pages passed over), globs and `-`. What names nothing is noted in `unread`; what kg wrote and is
    found below a folder or by a pattern is passed over and told in `remarks`.
    """
    found: dict[Path, tuple[Path, int]] = {}
    passed = _Passed()
    stdin = False
    for given in inputs:
        if str(given) == "-":
            stdin = True
            continue
        path = Path(given)
        before, base = len(passed.all), path.parent
        if path.is_dir():
            base = path
            files = passed.without(path, _files_below(path))
            problem = "no readable file in this folder"
        elif path.exists():
            files, problem = [path], ""
        elif any(mark in str(given) for mark in _WILD):
            matches = sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor))))
            base = _named_part(path)
            files = passed.without(
                base,
                [file for match in matches for file in (_files_below(match) if match.is_dir() else [match])],
            )
            problem = "no file matches this pattern"
        else:
            files, problem = [], "no such file or folder"
        if not files and len(passed.all) == before:
            unread.append(Unread(sayable(str(given)), None, problem))
        for file in files:
            found.setdefault(file.resolve(), (file, len(file.relative_to(base).parts)))
    remarks += passed.told(found)
    labels = _labels(found.values())
    for file in sorted(labels, key=lambda file: (file.name, str(file))):
        yield Input(file, sayable(labels[file]))
    if stdin:
        yield Input(None, STDIN)


def _labels(files: Iterable[tuple[Path, int]]) -> dict[Path, str]:
    """Return what each file is called: the end of its path, longer where several would be called the same.

    Args:
        files: The paths, and how many of their last parts are said at least.

    >>> list(_labels([(Path("in/a/x.csv"), 2), (Path("in/b/y.csv"), 1), (Path("in/c/y.csv"), 1)]).values())
    ['a/x.csv', 'b/y.csv', 'c/y.csv']
    """
    said = dict(files)
    while True:
        labels = {file: str(Path(*file.parts[-number:])) for file, number in said.items()}
        count = Counter(labels.values())
        longer = [file for file in said if count[labels[file]] > 1 and said[file] < len(file.parts)]
        if not longer:
            return labels
        for file in longer:
            said[file] += 1


@dataclass(slots=True)
class _Passed:
    """Files that kg wrote: those of graph folders, by the folder, and exports."""

    all: list[tuple[Path, Path | None]] = field(default_factory=list)
    _graphs: dict[Path, bool] = field(default_factory=dict)

    def without(self, base: Path, files: Iterable[Path]) -> list[Path]:
        """Return the files below `base` that kg did not write; keep the others."""
        left = []
        for file in files:
            graph = next((parent for parent in _parents(file, base) if self._is_graph(parent)), None)
            if graph is not None or is_output(file):
                self.all.append((file, graph))
            else:
                left.append(file)
        return left

    def told(self, read: Container[Path]) -> list[str]:
        """Return what there is to tell of the files that are not read all the same: one remark or none."""
        passed = {
            file.resolve(): (sayable(str(file)), sayable(str(graph)) if graph is not None else None)
            for file, graph in self.all
        }
        left = [names for key, names in sorted(passed.items()) if key not in read]
        if not left:
            return []
        graphs = Counter(graph for _, graph in left if graph is not None)
        exports = sorted(file for file, graph in left if graph is None)
        parts = [f"{count} in the graph folder {graph}" for graph, count in sorted(graphs.items())]
        if exports:
            more = f" and {len(exports) - _MOST_NAMED} more" if len(exports) > _MOST_NAMED else ""
            parts.append(f"{len(exports)} exported ({', '.join(exports[:_MOST_NAMED])}{more})")
        files = "1 file" if len(left) == 1 else f"{len(left):,} files"
        return [f"passed over {files} that kg wrote: {'; '.join(parts)}; name a file to have it read"]

    def _is_graph(self, folder: Path) -> bool:
        if folder not in self._graphs:
            self._graphs[folder] = is_graph_folder(folder)
        return self._graphs[folder]


def _parents(file: Path, base: Path) -> Iterator[Path]:
    """Yield the folders that hold `file`, up to `base`."""
    for parent in file.parents:
        yield parent
        if parent == base:
            return


def _named_part(pattern: Path) -> Path:
    """Return the folder that a pattern names before its first wildcard.

    >>> str(_named_part(Path("pages/2025/*/x?.txt"))), str(_named_part(Path("*.txt")))
    ('pages/2025', '.')
    """
    return Path(*takewhile(lambda part: not any(mark in part for mark in _WILD), pattern.parts))


def size_of(inputs: Iterable[str | Path]) -> int:
    """Return how many bytes the files are that inputs name; standard input counts as none."""
    return sum(found.path.stat().st_size for found in find_inputs(inputs, [], []) if found.path is not None)


def _files_below(folder: Path) -> list[Path]:
    """Return the regular files below `folder`, without hidden ones and without `X_files` beside `X.html`."""
    out = []
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if any(part.startswith(".") for part in parts) or not path.is_file():
            continue
        if any(_is_asset_folder(parent) for parent in path.parents if folder in parent.parents):
            continue
        out.append(path)
    return out


def _is_asset_folder(folder: Path) -> bool:
    """Return whether a browser made `folder` beside a saved page."""
    stem = folder.name.removesuffix("_files")
    return stem != folder.name and any((folder.parent / (stem + end)).is_file() for end in (".html", ".htm"))


@contextmanager
def open_source(path: Path | None) -> Iterator[SourceFile]:
    """Open `path` (None: standard input) as a `SourceFile`.

    Raises:
        SourceError: The file is empty, binary, damaged, of no known encoding, or cannot be opened.
    """
    name = STDIN if path is None else sayable(path.name)
    try:
        with ExitStack() as stack:
            spool, unpacked = (
                stack.enter_context(tempfile.SpooledTemporaryFile(max_size=_CHUNK * 64)) for _ in range(2)
            )
            handle = sys.stdin.buffer if path is None else stack.enter_context(path.open("rb"))
            yield _prepare(name, handle, spool, unpacked)
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror or error}", file=name) from error


def _prepare(name: str, handle: IO[bytes], spool: IO[bytes], unpacked: IO[bytes] | None = None) -> SourceFile:
    """Return an input as a source, its bytes hashed.

    Args:
        name: The file's name.
        handle: Its bytes.
        spool: Takes what cannot be read twice or is not UTF-8.
        unpacked: Takes what is packed; without it, that is refused.

    Raises:
        SourceError: It is empty, binary, damaged, or of no known encoding.
    """
    head = handle.read(HEAD_SIZE)
    if not head:
        raise SourceError("the file is empty", file=name)
    if head.startswith(_GZIP):
        if unpacked is None:
            raise SourceError("a gzip file in a gzip file, not text; unpack it first", file=name)
        sha256 = _unpack(name, _Hashing(head, handle), unpacked)
        return replace(_prepare(name, unpacked, spool), sha256=sha256)
    for mark, kind in _MARKS.items():
        if head.startswith(mark):
            raise SourceError(f"a {kind} file, not text; unpack or convert it first", file=name)
    wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if not wide and (b"\0" in head or _undecodable(head)):
        raise SourceError("a binary file, not UTF-8 text", file=name)
    copy = wide or not handle.seekable()
    decoder = codecs.getincrementaldecoder("utf-16" if wide else "utf-8")("surrogateescape")
    digest = hashlib.sha256()
    data = head
    try:
        while data:
            digest.update(data)
            if copy:
                spool.write(decoder.decode(data).encode("utf-8", "surrogateescape") if wide else data)
            data = handle.read(_CHUNK)
        if wide:
            spool.write(decoder.decode(b"", final=True).encode("utf-8"))
    except UnicodeError as error:
        raise SourceError("broken UTF-16; save it as UTF-8", file=name) from error
    return SourceFile(name, digest.hexdigest(), spool if copy else handle)


class _Hashing:
    """The bytes of a file, hashed as they are read."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head, self._rest = head, rest
        self.digest = hashlib.sha256()
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most `size`."""
        end = len(self._head) if size < 0 else size
        data, self._head = self._head[:end], self._head[end:]
        data = data or self._rest.read(size)
        self.digest.update(data)
        self.size += len(data)
        return data


def _unpack(name: str, packed: _Hashing, unpacked: IO[bytes]) -> str:
    """Return the hash of a gzip file, and write what it holds.

    Raises:
        SourceError: The file is damaged, torn, or unpacks to far more than a text would.
    """
    size = 0
    try:
        with gzip.GzipFile(fileobj=cast(IO[bytes], packed)) as content:
            while data := content.read(_CHUNK):
                size += len(data)
                if size > max(_CHUNK * 64, _MOST_PACKED * packed.size):
                    raise SourceError(
                        f"a gzip file that unpacks to more than {_MOST_PACKED} times its size is not read; "
                        "unpack it first",
                        file=name,
                    )
                unpacked.write(data)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise SourceError(f"a damaged gzip file ({error}); fetch or pack it again", file=name) from error
    while packed.read(_CHUNK):  # what follows the last stream counts in the hash
        pass
    unpacked.seek(0)
    return packed.digest.hexdigest()


def _undecodable(head: bytes) -> bool:
    """Return whether more than a tenth of `head` is not UTF-8 or control characters."""
    text = head.decode("utf-8", "surrogateescape")
    bad = sum(1 for c in text if "\udc80" <= c <= "\udcff" or (c < " " and c not in "\t\n\r\f\v"))
    return bad * 10 > len(text)


def _limit() -> str:
    return f"{RECORD_LIMIT // (1024 * 1024)} MB"
