"""An extractor at work on many papers: in order, checked, several at once where it allows that."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import PurePath
from traceback import walk_tb
from typing import Final

from extractors.checking import checked
from kg.errors import ExtractionError, KGError
from kg.model import Extraction, Paper

Outcome = Extraction | ExtractionError
"""What became of one paper: its extraction, or why there is none."""
_MOST_CHARACTERS: Final = 300


def outcome(paper: Paper, extractor: Callable[[Paper], Extraction]) -> Outcome:
    """Return the checked extraction of one paper, or the error that stands for it.

    Raises:
        KGError: an error that concerns more than this paper, such as `ExtractorError`.

    >>> outcome(Paper("On X", "", id="1"), lambda paper: Extraction("2", "On X"))
    ExtractionError("the extraction is of another paper ('2', 'On X')")
    """
    try:
        return checked(paper, extractor(paper))
    except ExtractionError as error:
        return error
    except KGError:
        raise
    except Exception as error:  # noqa: BLE001  whatever goes wrong with one paper, the others go on
        failed = ExtractionError(fault(error))
        failed.__cause__ = error
        return failed


def _together(
    papers: Sequence[Paper],
    extractor: Callable[[Paper], Extraction],
    many: Callable[[Sequence[Paper]], Sequence[Extraction]],
) -> list[Outcome]:
    try:
        read = many(papers)
        return [checked(paper, extraction) for paper, extraction in zip(papers, read, strict=True)]
    except Exception:  # noqa: BLE001  whichever paper it was, each gets its own answer
        return [outcome(paper, extractor) for paper in papers]


def fault(error: BaseException) -> str:
    """Return what an exception says, in one line, with the file (no folder) and the line that raised it.

    >>> fault(ValueError("no zebra")), fault(ValueError())
    ('ValueError: no zebra', 'ValueError')
    """
    said = one_line(f"{type(error).__name__}: {error}".removesuffix(": "))
    if error.__traceback__ is None:
        return said
    *_, (frame, line) = walk_tb(error.__traceback__)
    where = one_line(f"({PurePath(frame.f_code.co_filename).name}:{line})")
    return f"{said[: _MOST_CHARACTERS - len(where) - 1]} {where}"


def one_line(text: str) -> str:
    r"""Return a message as one line of bounded length that cannot steer a terminal.

    >>> one_line("bad\n  \x1b[31mzebra")
    'bad [31mzebra'
    """
    line = " ".join(text.split())
    return "".join(char for char in line if char.isprintable())[:_MOST_CHARACTERS]


def outcomes(papers: Iterable[Paper], extractor: Callable[[Paper], Extraction]) -> Iterator[Outcome]:
    """Yield what became of each paper, in the order of the papers.

    An extractor with an attribute `concurrency` above 1 is called from so many threads; one with a method
    `many` gets `batch` papers at once, and those of a batch that fails one by one.
    """
    many = getattr(extractor, "many", None)
    if many is not None:
        rest = iter(papers)
        while batch := list(islice(rest, getattr(extractor, "batch", 1))):
            yield from _together(batch, extractor, many)
        return
    workers = getattr(extractor, "concurrency", 1)
    if workers <= 1:
        for paper in papers:
            yield outcome(paper, extractor)
        return
    pool = ThreadPoolExecutor(workers)
    waiting: deque[Future[Outcome]] = deque()
    try:
        for paper in papers:
            waiting.append(pool.submit(outcome, paper, extractor))
            if len(waiting) >= 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
