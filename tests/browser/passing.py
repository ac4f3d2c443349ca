"""A server in between that hands everything on: it may change an answer, lose a request, send it twice or later."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

Change = Callable[[str], str]
Send = Callable[[], httpx.Response]
_OWN = frozenset({"content-length", "content-encoding", "transfer-encoding", "connection"})


@dataclass
class Between:
    """``changes``: by path, what is made of the text of an answer from now on.

    ``fate`` decides over a request: it sends it as often as it likes and gives the answer, or None for none.
    """

    base_url: str
    changes: dict[str, Change] = field(default_factory=dict)
    fate: Callable[[str, Send], httpx.Response | None] = lambda _path, send: send()


@contextmanager
def between(target: str) -> Iterator[Between]:
    """Serve ``target`` under an address of its own."""
    shown = Between("")
    client = httpx.Client(base_url=target, timeout=60)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._pass(b"")

        def do_POST(self) -> None:
            self._pass(self.rfile.read(int(self.headers.get("content-length", "0"))))

        def _pass(self, body: bytes) -> None:
            headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
            method, path = self.command, self.path
            answer = shown.fate(path, lambda: client.request(method, path, content=body, headers=headers))
            if answer is None:
                self.close_connection = True
                return
            change = shown.changes.get(self.path)
            content = change(answer.text).encode() if change else answer.content
            self.send_response(answer.status_code)
            for name, value in answer.headers.items():
                if name.lower() not in _OWN:
                    self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            with suppress(OSError):  # the browser may be gone by now
                self.end_headers()
                self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    shown.base_url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield shown
    finally:
        server.shutdown()
        server.server_close()
        client.close()
