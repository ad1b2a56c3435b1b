"""Extractors that can be sent to other processes and go wrong there."""

from __future__ import annotations

import os
import signal

from kg.errors import ExtractionError, ExtractorError
from kg.model import Extraction, Mention, Paper, Span


def first_word(paper: Paper) -> Extraction:
    """Find the first word of the title; print what must not get between the answers."""
    print("found", paper.id)
    return _one_method(paper, paper.title.split()[0])


def refuses_sevenths(paper: Paper) -> Extraction:
    """Refuse each paper whose id is a multiple of seven."""
    if int(paper.id) % 7 == 0:
        raise ExtractionError("no sevenths")
    return first_word(paper)


def dies(paper: Paper) -> Extraction:
    """End the whole process at one paper, as the system does when memory runs out."""
    if paper.id == "150":
        os.kill(os.getpid(), signal.SIGKILL)
    return first_word(paper)


def process_id(paper: Paper) -> Extraction:
    """Tell in the only name which process read the paper."""
    return _one_method(paper, str(os.getpid()))


class Prepared:
    """An extractor that tells whether it was prepared."""

    state = "unprepared"

    def prepare(self) -> None:
        """Note it."""
        self.state = "prepared"

    def __call__(self, paper: Paper) -> Extraction:
        """Tell it in the only name."""
        return _one_method(paper, self.state)


class Unprepared:
    """An extractor that can neither be prepared nor read."""

    def prepare(self) -> None:
        """Fail."""
        raise ExtractorError("never ready")

    def __call__(self, paper: Paper) -> Extraction:
        """Fail."""
        self.prepare()
        return first_word(paper)


def _one_method(paper: Paper, name: str) -> Extraction:
    word = paper.title.split()[0]
    span = Span("title", 0, len(word), word)
    return Extraction(paper.id, paper.title, (Mention(name, "Method", "uses", 0.5, (span,)),))
