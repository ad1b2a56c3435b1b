"""A small SPARQL endpoint over Oxigraph on a free port of this machine, for tests of what asks endpoints."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox


class _Handler(BaseHTTPRequestHandler):
    store: ox.Store
    asked: list[tuple[str, str, str]]

    def do_GET(self) -> None:
        self._answer("GET", urlsplit(self.path).query)

    def do_POST(self) -> None:
        self._answer("POST", self.rfile.read(int(self.headers["Content-Length"])).decode())

    def _answer(self, method: str, form: str) -> None:
        path = urlsplit(self.path).path
        if path == "/page":
            self._send(200, "text/html", b"<h1>hello</h1>")
        elif path == "/broken":
            self._send(200, "application/sparql-results+json", b'{"head": {"vars": ["a"')
        elif path == "/slow":
            time.sleep(1)
            self.close_connection = True
        elif path == "/busy":
            self._send(503, "text/plain", b"over the limit of 10 s")
        else:
            query = parse_qs(form)["query"][0]
            self.asked.append((method, self.headers["Accept"], query))
            try:
                answer = self.store.query(query)
            except SyntaxError as error:
                self._send(400, "text/plain", str(error).encode())
            else:
                if isinstance(answer, ox.QueryTriples):
                    kind = "application/n-triples"
                    body = ox.serialize(answer, format=ox.RdfFormat.N_TRIPLES)
                else:
                    kind = "application/sparql-results+json"
                    body = answer.serialize(format=ox.QueryResultsFormat.JSON)
                self._send(200, f"{kind}; charset=utf-8", body or b"")

    def _send(self, code: int, kind: str, body: bytes) -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(store: ox.Store) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
    """Serve a store; give the address without path, and the list of what is asked: method, Accept, query."""
    asked: list[tuple[str, str, str]] = []
    handler = type("Handler", (_Handler,), {"store": store, "asked": asked})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
