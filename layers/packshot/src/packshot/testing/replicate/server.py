"""The fake on a socket: a server thread, one that sends webhooks, and one that draws ahead."""

import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

import httpx

from packshot.generation.connection import Connection
from packshot.testing.replicate.faults import Mishap
from packshot.testing.replicate.service import (
    TOKEN,
    WEBHOOK_SECRET,
    Answer,
    Call,
    Delivery,
    Draw,
    Pace,
    ReplicateService,
)

_POLL_SECONDS = 0.02
_TRIES = 6
_FIRST_WAIT_SECONDS = 0.5


class FakeReplicate:
    """A context manager: while it is open the fake answers at `origin`, and says that it is one."""

    def __init__(
        self,
        *,
        pace: Pace = Pace(),  # noqa: B008 - it is frozen
        mishaps: Iterable[Mishap] = (),
        draw: Draw | None = None,
        port: int = 0,
    ) -> None:
        self._server = _Server(("127.0.0.1", port), _Handler)
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.service = ReplicateService(
            draw=draw or _draw,
            now=lambda: datetime.now(UTC),
            origin=self.origin,
            pace=pace,
            mishaps=mishaps,
        )
        self.service.name = secrets.token_hex(4)
        self._server.service = self.service
        self._server.draw_ahead = lambda: self._pool.submit(self.service.draw_ahead)
        self._ended = threading.Event()
        self._pool = ThreadPoolExecutor(8, "fake-replicate")
        self._threads = (
            threading.Thread(target=self._server.serve_forever, args=(_POLL_SECONDS,), daemon=True),
            threading.Thread(target=self._send_webhooks, daemon=True),
        )

    def connection(self, *, callbacks: str) -> Connection:
        """Return what stands in the secret of a cloud that shall use this fake."""
        return Connection(
            token=TOKEN,
            webhook_secret=WEBHOOK_SECRET,
            api=self.origin,
            files=self.origin,
            callbacks=callbacks,
            fake=True,
        )

    def __enter__(self) -> Self:
        """Begin to answer."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """Hang up."""
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _send_webhooks(self) -> None:
        while not self._ended.wait(_POLL_SECONDS):
            for delivery in self.service.deliveries():
                self._pool.submit(self._send, delivery)

    def _send(self, delivery: Delivery) -> None:
        """Send a webhook, and again until somebody takes it, as Replicate does."""
        wait = _FIRST_WAIT_SECONDS
        for _ in range(_TRIES):
            try:
                answer = httpx.post(
                    delivery.url, content=delivery.body, headers=dict(delivery.headers), timeout=40
                )
                if answer.is_success:
                    return
            except httpx.TransportError:
                pass
            if self._ended.wait(wait):
                return
            wait *= 2


class _Server(ThreadingHTTPServer):
    """A server that knows whose it is."""

    daemon_threads = True
    # A burst of calls waits to be accepted rather than being refused.
    request_queue_size = 128
    service: ReplicateService
    draw_ahead: Callable[[], object]


class _Handler(BaseHTTPRequestHandler):
    """Turns HTTP into calls of the service."""

    protocol_version = "HTTP/1.1"
    server: _Server
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer a GET."""
        self._reply()

    def do_POST(self) -> None:
        """Answer a POST."""
        self._reply()

    def log_message(self, *_words: object) -> None:
        """Say nothing on the console."""

    def _reply(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.server.service.answer(Call(self.command, self.path, headers, body))
        if answer.status is None:
            self.close_connection = True
            return
        self._write(answer, status=answer.status)
        if self.command == "POST":
            self.server.draw_ahead()

    def _write(self, answer: Answer, *, status: int) -> None:
        self.send_response(status)
        self.send_header("content-type", answer.media_type)
        self.send_header("content-length", str(len(answer.body)))
        self.send_header("x-packshot-fake", "this is no Replicate")
        self.end_headers()
        self.wfile.write(answer.body)


def _draw(given: Mapping[str, Any], outcome: str, number: int) -> bytes:
    # Sets and arrays are loaded when the first picture is asked for.
    from packshot.testing.replicate.pictures import draw

    return draw(given, outcome, number)


def serve_forever(*, port: int, latency: float) -> None:
    """Serve until Ctrl-C."""
    with FakeReplicate(port=port, pace=Pace(latency=latency)):
        while True:
            time.sleep(3600)
