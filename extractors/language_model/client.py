"""One question over HTTP: the chat/completions protocol, with retries.

urllib does what is needed here: one POST, whose answer takes seconds to come, so pooled connections or
HTTP/2 would save nothing worth a dependency.
"""

from __future__ import annotations

import email.utils
import http.client
import json
import re
import socket
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from email.message import Message
from typing import IO, Any, Final

from extractors.language_model.errors import BadAnswer, Unanswered
from extractors.language_model.settings import PREFIX, Settings
from kg.errors import ExtractorError

TRY_AGAIN: Final = frozenset({408, 409, 425, 429})
"""Answers after which the same question may be answered; so may all from 500 up."""
HOPELESS: Final = {
    401: f"check {PREFIX}KEY",
    402: "the account wants to be paid",
    403: f"check {PREFIX}KEY, and whether it may use the model",
    404: f"check {PREFIX}URL and {PREFIX}MODEL",
    405: f"check {PREFIX}URL",
}
"""Answers that every paper would get."""
NOBODY_THERE: Final = (ConnectionRefusedError, socket.gaierror)
"""What a connection fails with where no service is: nobody listens, or no host is called so."""
MAY_REPEAT_KEY: Final = frozenset({401, 403})
"""Answers whose words may hold a part of the key; they are not shown."""
MOST_BYTES: Final = 8 * 1024 * 1024
"""No answer to one abstract is larger; more is not read."""
_MOST_WORDS_OF_SERVER: Final = 200
_SHORTEST_SECRET: Final = 8
"""Keys shorter than this ("none", "EMPTY") are placeholders, and may occur in any text."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, as it came, and what it used."""

    data: Any
    tokens_in: int = 0
    tokens_out: int = 0

    def text(self) -> str:
        """Return what the model wrote.

        Raises:
            BadAnswer: it refused, was cut off, or the answer is none of the protocol.
        """
        try:
            choice = self.data["choices"][0]
            message = choice["message"]
            refusal, content = message.get("refusal"), message.get("content")
            reason = choice.get("finish_reason")
        except (KeyError, IndexError, TypeError, AttributeError):
            raise BadAnswer("not an answer of the chat/completions protocol") from None
        if refusal or reason == "content_filter":
            raise BadAnswer("the model refused")
        if reason == "length":
            raise BadAnswer("the answer was cut off at the limit of its length")
        if not isinstance(content, str):
            raise BadAnswer("the answer holds no text")
        return content


class Client:
    """Asks one service; may be used by several threads. Keep one for a whole run."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._opener = urllib.request.build_opener(_NoRedirect)
        self._local = threading.local()
        self._reached = False

    def take_requests(self) -> int:
        """Return how many requests this thread has sent since the last time it asked."""
        sent: int = getattr(self._local, "sent", 0)
        self._local.sent = 0
        return sent

    def ask(self, body: bytes) -> Reply:
        """Return the reply to one question; a busy or failing service is asked again after a while.

        One that has not answered yet is not asked again if nobody listens at its address.

        Raises:
            Unanswered: it did not answer this question.
            ExtractorError: it will not answer any.
        """
        wait, problem = self._settings.backoff, ""
        for attempt in range(self._settings.retries + 1):
            if attempt:
                time.sleep(min(wait, self._settings.longest_wait))
                wait = self._settings.backoff * 2**attempt
            try:
                return _reply(self._post(body))
            except urllib.error.HTTPError as error:
                self._reached = True
                with error:
                    problem = self._problem(error)
                    if error.code < 500 and error.code not in TRY_AGAIN:
                        raise Unanswered(problem) from None
                    asked_for = retry_after(error.headers.get("Retry-After"), time.time())
                wait = wait if asked_for is None else asked_for
            except TimeoutError:
                problem = f"{self._settings.host}: no answer in {self._settings.timeout:g} s"
            except (OSError, http.client.HTTPException) as error:
                reason = getattr(error, "reason", None) or error
                if isinstance(reason, TimeoutError):
                    problem = f"{self._settings.host}: no answer in {self._settings.timeout:g} s"
                else:
                    problem = f"{self._settings.host}: {self._clean(str(reason)) or type(reason).__name__}"
                if _nobody_there(reason) and not self._reached:
                    raise ExtractorError(
                        f"{problem}; check {PREFIX}URL, and whether the service runs"
                    ) from None
        times = self._settings.retries + 1
        raise Unanswered(f"{problem} (asked {times} times)" if times > 1 else problem)

    def _post(self, body: bytes) -> str:
        """Return the text of one answer, without the key, should the server repeat it."""
        settings = self._settings
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        request = urllib.request.Request(settings.endpoint, data=body, headers=headers, method="POST")
        if settings.key:
            request.add_unredirected_header("Authorization", f"Bearer {settings.key}")
        self._local.sent = getattr(self._local, "sent", 0) + 1
        until = time.monotonic() + settings.timeout
        with self._opener.open(request, timeout=settings.timeout) as response:
            self._reached = True
            data = bytearray()
            while piece := response.read1(65536):
                data += piece
                if time.monotonic() > until:
                    raise TimeoutError
                if len(data) > MOST_BYTES:
                    raise OSError("the answer is larger than any answer should be")
        return self._without_key(data.decode("utf-8", "replace"))

    def _problem(self, error: urllib.error.HTTPError) -> str:
        """Return what an HTTP error says, in one line, without the key.

        Raises:
            ExtractorError: each paper would meet the same.
        """
        what = f"{self._settings.host}: HTTP {error.code}"
        if 300 <= error.code < 400:
            raise ExtractorError(
                f"{what}; the service has moved, put its new address into {PREFIX}URL"
            ) from None
        words = "" if error.code in MAY_REPEAT_KEY else self._words(error)
        told = f"{what}: {words}" if words else what
        if error.code in HOPELESS:
            raise ExtractorError(f"{told}; {HOPELESS[error.code]}") from None
        return told

    def _words(self, error: urllib.error.HTTPError) -> str:
        """Return the message in the body of an HTTP error, in one line; empty if there is none."""
        try:
            text = error.read(65536).decode("utf-8", "replace")
        except (OSError, http.client.HTTPException):
            return ""
        try:
            told = json.loads(text)["error"]["message"]
        except (ValueError, KeyError, TypeError):
            told = re.sub(r"<[^>]*>", " ", text)
        return self._clean(str(told))

    def _clean(self, text: str) -> str:
        """Return a server's words in one short line that cannot steer a terminal."""
        line = " ".join(self._without_key(text).split())
        return "".join(c for c in line if c.isprintable())[:_MOST_WORDS_OF_SERVER]

    def _without_key(self, text: str) -> str:
        key = self._settings.key
        return text.replace(key, "***") if len(key) >= _SHORTEST_SECRET else text


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: the next host might not be one that the user wants to send papers to."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        """Return nothing, which makes the redirect an error."""


def retry_after(header: str | None, now: float) -> float | None:
    """Return the seconds that a `Retry-After` header asks to wait, from `now` in seconds of the epoch.

    >>> retry_after("7", 0), retry_after("Thu, 01 Jan 1970 00:01:00 GMT", 20), retry_after("soon", 0)
    (7.0, 40.0, None)
    """
    text = (header or "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", text):
        return float(text)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, OverflowError, TypeError):
        return None


def _nobody_there(reason: object) -> bool:
    """Return whether a connection failed for good; a name server may be out of reach for a moment."""
    return isinstance(reason, NOBODY_THERE) and getattr(reason, "errno", None) != socket.EAI_AGAIN


def _reply(text: str) -> Reply:
    """Return an answer's text as a reply; what cannot be parsed has no content, and is reported as such."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return Reply(None)
    usage = data.get("usage") if isinstance(data, dict) else None
    used = usage if isinstance(usage, dict) else {}
    return Reply(data, _tokens(used.get("prompt_tokens")), _tokens(used.get("completion_tokens")))


def _tokens(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
