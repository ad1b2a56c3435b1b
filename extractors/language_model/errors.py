"""What may go wrong with one question to a model."""

from __future__ import annotations

from kg.errors import ExtractionError


class Unanswered(ExtractionError):
    """The service gave no answer to one paper, whatever was tried."""


class BadAnswer(ExtractionError):
    """The service answered, but with nothing that can be read: no JSON, a refusal, half an answer."""
