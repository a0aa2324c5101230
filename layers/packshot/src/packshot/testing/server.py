"""A server on a real socket that plays an outside service, and fails when it is told to."""

import contextlib
import json
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer; `delay` is how many seconds it takes."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0

    @classmethod
    def json(
        cls,
        content: object,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        delay: float = 0,
    ) -> "Answered":
        """Return an answer in JSON."""
        types = {"Content-Type": "application/json", **(headers or {})}
        return cls(status, json.dumps(content).encode(), types, delay)


class PlayedServer:
    """Serves on 127.0.0.1 while the block runs; `faults` are answered first, one for each request.

    Subclasses say in `answer` what is answered otherwise.
    """

    def __init__(self) -> None:
        self.faults: deque[Answered] = deque()
        self.asked: list[Asked] = []
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        """Return the server's address, without a slash at its end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        """Begin to serve."""
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, asked: Asked) -> Answered:
        """Return what a healthy service would answer."""
        raise NotImplementedError

    def takes_faults(self, asked: Asked) -> bool:  # noqa: ARG002 - subclasses look at it
        """Say whether a request may meet a fault."""
        return True

    def respond(self, asked: Asked) -> Answered:
        """Answer one request, by a fault if one waits."""
        with self._lock:
            self.asked.append(asked)
            if self.faults and self.takes_faults(asked):
                return self.faults.popleft()
            return self.answer(asked)


def _handler_of(played: PlayedServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._respond()

        def do_POST(self) -> None:
            self._respond()

        def log_message(self, *_parts: object) -> None:
            """Say nothing."""

        def _respond(self) -> None:
            address = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            query = {name: values[-1] for name, values in parse_qs(address.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            answered = played.respond(Asked(self.command, address.path, query, headers, body))
            time.sleep(answered.delay)
            # Whoever ran out of patience has hung up.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self.send_response(answered.status)
                for name, value in answered.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answered.body)))
                self.end_headers()
                self.wfile.write(answered.body)

    return Handler
