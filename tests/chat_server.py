"""A real HTTP server that speaks the chat/completions protocol, on a free port of this machine."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

KEY = "sk-zebra-1234567890"


@dataclass
class Answer:
    """What the server does with one request."""

    content: str | None = '{"entities": [], "relations": [], "results": []}'
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    """Sent as it is, instead of `content` in its envelope."""
    delay: float = 0.0
    finish_reason: str = "stop"
    refusal: str | None = None
    usage: tuple[int, int] = (100, 20)

    def bytes(self) -> bytes:
        """Return the body of the answer."""
        if self.body is not None:
            return self.body
        message = {"role": "assistant", "content": self.content, "refusal": self.refusal}
        choice = {"index": 0, "message": message, "finish_reason": self.finish_reason}
        usage = {"prompt_tokens": self.usage[0], "completion_tokens": self.usage[1]}
        return json.dumps({"choices": [choice], "usage": usage}).encode()


Teller = Callable[[dict[str, Any]], Answer]
"""From the paper that a request holds to the answer."""


class ChatServer:
    """Answers from a list, then by `tell`; keeps what it was asked."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.times: list[float] = []
        self.next: list[Answer] = []
        self.tell: Teller = lambda paper: Answer()
        self.most_at_once = 0
        self.gather = 1
        """So many requests are waited for, ten seconds at most, before the first is answered."""
        self._now = 0
        self._lock = threading.Condition()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The address to give to a client."""
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def close(self) -> None:
        """Stop answering."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def papers(self) -> list[dict[str, Any]]:
        """Return the papers that were sent, in order."""
        return [json.loads(request["messages"][-1]["content"]) for request in self.requests]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with server._lock:
                    server.requests.append(asked)
                    server.headers.append(dict(self.headers))
                    server.paths.append(self.path)
                    server.times.append(time.monotonic())
                    answer = server.next.pop(0) if server.next else None
                    server._now += 1
                    server.most_at_once = max(server.most_at_once, server._now)
                    server._lock.notify_all()
                    server._lock.wait_for(lambda: server.most_at_once >= server.gather, timeout=10)
                answer = answer or server.tell(json.loads(asked["messages"][-1]["content"]))
                time.sleep(answer.delay)
                data = answer.bytes()
                with server._lock:
                    server._now -= 1
                try:
                    self.send_response(answer.status)
                    for name, value in answer.headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data)
                except (BrokenPipeError, ConnectionResetError):
                    return  # the client did not wait

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        return Handler


@pytest.fixture
def chat_server() -> Iterator[ChatServer]:
    """Return a running server."""
    server = ChatServer()
    yield server
    server.close()


@pytest.fixture
def llm_environment(
    chat_server: ChatServer, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """Point the language-model extractor at the server, with a cache of its own."""
    values = {
        "ABSTRACTKG_LLM_URL": chat_server.url,
        "ABSTRACTKG_LLM_MODEL": "zebra-7b",
        "ABSTRACTKG_LLM_KEY": KEY,
        "ABSTRACTKG_LLM_CACHE": str(tmp_path_factory.mktemp("answers")),
        "ABSTRACTKG_LLM_TIMEOUT": "5",
        "ABSTRACTKG_LLM_RETRIES": "1",
        "no_proxy": "127.0.0.1",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return values
