"""Extraction by a language model behind an OpenAI-compatible address; used only when it is chosen.

    Paper → prompt → client → answer → Extraction
                       ↕
                     cache

The model is not trusted: what it says counts as far as the paper's own text bears it out, and the rest is
dropped and counted (`answer`). The papers are not trusted either: they go to the model as data.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from extractors.language_model.answer import parse, to_extraction
from extractors.language_model.cache import Cache
from extractors.language_model.client import Client, Reply
from extractors.language_model.errors import BadAnswer, Unanswered
from extractors.language_model.prompt import INSTRUCTIONS, SCHEMA, request_body
from extractors.language_model.settings import Settings, from_environ
from kg.errors import ExtractionError, ExtractorError
from kg.model import Extraction, Paper

__all__ = ["LanguageModel", "Settings", "from_environment"]

ATTEMPTS: Final = 2
"""A bad answer is asked for once more, with another seed."""
PATIENCE: Final = 5
"""After so many papers in a row without an answer the run ends: the service is down, or the quota is gone."""


class LanguageModel:
    """An extractor that asks a model, one request a paper; keep one for a whole run.

    >>> model = LanguageModel(Settings(url="http://localhost:8000/v1", model="zebra-7b", cache=None))
    >>> model.concurrency, len(model.fingerprint)
    (1, 64)
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.concurrency = settings.concurrency
        self._client = Client(settings)
        self._cache = Cache(settings.cache) if settings.cache is not None else None
        self._lock = threading.Lock()
        self._count: Counter[str] = Counter()
        self._dropped: Counter[str] = Counter()
        self._silent = 0

    @property
    def fingerprint(self) -> str:
        """The hash of the model's name, the instructions, the schema and the seed."""
        parts = [self.settings.model, INSTRUCTIONS, SCHEMA, self.settings.seed]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def __call__(self, paper: Paper) -> Extraction:
        """Return what the model reads in one paper, as far as the text bears it out.

        Raises:
            ExtractionError: no answer, or twice one that cannot be used.
            ExtractorError: the service refuses us, or has not answered for `PATIENCE` papers.
        """
        if not paper.title.strip() and not paper.abstract.strip():
            return Extraction(paper.id, paper.title)
        extraction, dropped = to_extraction(paper, self._answer(paper), f"llm:{self.settings.model}")
        with self._lock:
            self._dropped.update(dropped)
        return extraction

    def notes(self) -> tuple[str, ...]:
        """Return what the run has cost so far, and what was dropped."""
        count, settings = self._count, self.settings
        asked = (
            f"llm: {settings.model} answered for {count['papers']:,} papers "
            f"in {count['requests']:,} requests, the cache for {count['cached']:,}"
        )
        used = f"llm: {count['tokens_in']:,} tokens in, {count['tokens_out']:,} out"
        if settings.price_in is not None and settings.price_out is not None:
            cost = (
                count["tokens_in"] * settings.price_in + count["tokens_out"] * settings.price_out
            ) / 1_000_000
            used += f", cost {cost:,.4f} at {settings.price_in:g} and {settings.price_out:g} a million"
        notes = [asked, used]
        if self._dropped:
            listed = ", ".join(f"{number:,} {what}" for what, number in sorted(self._dropped.items()))
            notes.append(f"llm: dropped {listed}")
        return tuple(notes)

    def _answer(self, paper: Paper) -> Mapping[str, Any]:
        """Return the parsed answer for a paper, from the cache or from the model."""
        key = self._key(paper)
        if self._cache is not None and (held := self._cache.get(key)) is not None:
            try:
                answer = parse(held)
            except BadAnswer:
                pass
            else:
                self._add(cached=1)
                return answer
        problem = "it was not asked"
        for attempt in range(ATTEMPTS):
            reply = self._ask(request_body(self.settings, paper, seed=self.settings.seed + attempt))
            try:
                answer = parse(reply.text())
            except BadAnswer as error:
                problem = str(error)
                continue
            self._add(papers=1)
            if self._cache is not None:
                self._cache.put(key, reply.text())
            return answer
        raise ExtractionError(f"no usable answer of the model in {ATTEMPTS} attempts: {problem}")

    def _ask(self, body: bytes) -> Reply:
        try:
            reply = self._client.ask(body)
        except Unanswered as error:
            with self._lock:
                self._silent += 1
                if self._silent >= PATIENCE:
                    raise ExtractorError(
                        f"the language model has not answered {self._silent} papers in a row; the last time: "
                        f"{error}; answers had so far are in the cache"
                    ) from error
            raise
        finally:
            self._add(requests=self._client.take_requests())
        with self._lock:
            self._silent = 0
        self._add(tokens_in=reply.tokens_in, tokens_out=reply.tokens_out)
        return reply

    def _key(self, paper: Paper) -> str:
        return hashlib.sha256(request_body(self.settings, paper, seed=self.settings.seed)).hexdigest()

    def _add(self, **numbers: int) -> None:
        with self._lock:
            self._count.update(numbers)


def from_environment(environ: Mapping[str, str] = os.environ) -> LanguageModel:
    """Return the extractor that the environment describes; see `settings` for the variables.

    Raises:
        ExtractorError: a variable is missing or makes no sense.
    """
    return LanguageModel(from_environ(environ))
