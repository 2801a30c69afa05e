"""A way to the server on which chosen answers break off half-way, as on a weak network."""

from __future__ import annotations

import http
import http.client
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from urllib.parse import urlsplit


@dataclass
class Cutting:
    """The way: its address, what is still to be cut once, and what was."""

    address: str = ""
    parts: set[str] = field(default_factory=set)
    cut: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def take(self, path: str) -> bool:
        """Tell whether an answer is to be cut; each part of a path holds for one answer."""
        with self.lock:
            found = next((part for part in self.parts if part in path), None)
            if found is None:
                return False
            self.parts.discard(found)
            self.cut.append(path)
            return True


@contextmanager
def cutting(server: str) -> Iterator[Cutting]:
    """Stand between a browser and a server on loopback."""
    way = Cutting()
    host = urlsplit(server).netloc

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            with suppress(BrokenPipeError, ConnectionResetError):  # a page that was left
                self._answer()

        def _answer(self) -> None:
            connection = http.client.HTTPConnection(host, timeout=30)
            headers = {k: v for k, v in self.headers.items() if k.lower() != "connection"}
            connection.request("GET", self.path, headers={**headers, "Host": host})
            answer = connection.getresponse()
            body = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in (
                    "content-length",
                    "transfer-encoding",
                    "connection",
                    "date",
                ):
                    self.send_header(name, value)
            if (
                answer.status != http.HTTPStatus.NOT_MODIFIED
            ):  # whose length is that of the kept one
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if way.take(self.path):
                self.wfile.write(body[: len(body) // 2])
                self.close_connection = True
            else:
                self.wfile.write(body)
            connection.close()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as between:
        thread = Thread(target=between.serve_forever, daemon=True)
        thread.start()
        way.address = f"http://127.0.0.1:{between.server_port}"
        try:
            yield way
        finally:
            between.shutdown()
            thread.join()
