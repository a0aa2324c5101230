"""One process of the model server: takes a socket, loads an archive by its own code, answers one at a time.

It is run as a file, not imported: nothing of this package may stand where the archive's own code belongs.
"""

import os
import signal
import socket
import sys
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import FrameType

from sagemaker_inference.transformer import Transformer

MAX_BODY = 25_000_000
"""Bytes; SageMaker's own limit of an endpoint's payload."""
_MOST_DIGITS = 12
_PIECE = 65_536
_PATIENCE_S = 5.0
_WATCH_S = 0.5


@dataclass(slots=True)
class Context:
    """What the container's server tells the handler of a request, and the handler of its answer."""

    system_properties: dict[str, str]
    properties: dict[str, str]
    status: int = HTTPStatus.OK
    content_type: str = "text/plain"
    request_processor: "list[Context]" = field(default_factory=list)

    def __post_init__(self) -> None:
        self.request_processor.append(self)

    def get_request_properties(self) -> dict[str, str]:
        """Return the request's headers."""
        return self.properties

    def set_response_status(self, code: int, phrase: str = "") -> None:
        """Take the status of the answer; its phrase is not used."""
        del phrase
        self.status = code

    def set_response_content_type(self, idx: int, value: str) -> None:
        """Take the media type of the answer."""
        del idx
        self.content_type = value


def main(archive: Path, listener: socket.socket, parent: int) -> None:
    """Answer until the process that started this one is gone."""
    sys.path.insert(0, str(archive / "code"))
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    transformer = Transformer()
    properties = {"model_dir": str(archive)}
    transformer.validate_and_initialize(model_dir=str(archive), context=Context(properties, {}))
    server = HTTPServer(listener.getsockname(), _handler_of(transformer, properties), bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    server.timeout = _WATCH_S
    while os.getppid() == parent:
        server.handle_request()


def _handler_of(transformer: Transformer, system: dict[str, str]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        # HTTP/1.0: a connection is closed after its answer, so that the next one goes to whoever is idle.
        timeout = _PATIENCE_S
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            found = HTTPStatus.OK if self.path == "/ping" else HTTPStatus.NOT_FOUND
            self._answer(found, b"", "text/plain")

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if self.path != "/invocations":
                self._answer(HTTPStatus.NOT_FOUND, b"", "text/plain")
            elif not length.isdecimal():
                self._answer(HTTPStatus.LENGTH_REQUIRED, b"", "text/plain")
            elif len(length) > _MOST_DIGITS or int(length) > MAX_BODY:
                self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, b"", "text/plain")
                _hear_out(self)
            else:
                self._invoke(self.rfile.read(int(length)))

        def _invoke(self, body: bytes) -> None:
            context = Context(system, dict(self.headers.items()))
            try:
                body.decode()
            except UnicodeDecodeError:
                # The toolkit would call it its own failure.
                self._answer(HTTPStatus.UNPROCESSABLE_ENTITY, b"body: this is no UTF-8", "text/plain")
                return
            (said,) = transformer.transform([{"body": body}], context)
            self._answer(context.status, _bytes(said), context.content_type)

        def _answer(self, status: int, body: bytes, content_type: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_parts: object) -> None:
            """Say nothing."""

    return Handler


def _hear_out(handler: BaseHTTPRequestHandler) -> None:
    # Who is still sending would hear of a broken connection instead of the answer.
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_WR)
    for _ in range(2 * MAX_BODY // _PIECE):
        if not handler.rfile.read(_PIECE):
            break


def _bytes(said: str | bytes) -> bytes:
    return said.encode() if isinstance(said, str) else said


def _leave(_signal: int, _frame: FrameType | None) -> None:
    # A request that is being answered is not worth waiting for: the server is a stand-in.
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), socket.socket(fileno=int(sys.argv[2])), int(sys.argv[3]))
