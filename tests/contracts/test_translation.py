"""What goes wrong in AWS is told in Packshot's words, by real clients against a server that misbehaves."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from pytest_httpserver import HTTPServer

from packshot.adapters.aws import s3_config
from packshot.adapters.catalogue import DynamoCatalogue
from packshot.adapters.objects import S3Objects
from packshot.errors import MissingObject, RetryLater
from packshot.events import ObjectRef, PhotoRecord

REF = ObjectRef(bucket="packshot", key="a.png", version="v1")
QUICK = Config(retries={"total_max_attempts": 1}, read_timeout=1, connect_timeout=1)


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the clients something to sign with."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")


def objects_at(url: str, monkeypatch: pytest.MonkeyPatch) -> S3Objects:
    """Return a store whose client asks the server once."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    return S3Objects(boto3.client("s3", config=s3_config().merge(QUICK)))


def s3_error(code: str) -> str:
    """Return S3's body of an error."""
    return f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>no</Message></Error>"


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (404, "NoSuchKey", MissingObject),
        (404, "NoSuchVersion", MissingObject),
        (405, "MethodNotAllowed", MissingObject),
        (503, "SlowDown", RetryLater),
        (500, "InternalError", RetryLater),
        (400, "RequestTimeout", RetryLater),
        (403, "AccessDenied", ClientError),
        (404, "NoSuchBucket", ClientError),
    ],
)
def test_an_answer_of_s3_has_one_meaning(
    httpserver: HTTPServer,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    code: str,
    expected: type[Exception],
) -> None:
    """Gone is gone, busy is later, and a wrong permission or bucket is a defect that stays as it is."""
    httpserver.expect_request("/packshot/a.png").respond_with_data(s3_error(code), status=status)
    with pytest.raises(expected):
        objects_at(httpserver.url_for(""), monkeypatch).read(REF)


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Listen without ever answering."""
    with closing(socket.socket()) as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_store_that_never_answers_is_later(silent_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A read that times out may succeed in a moment."""
    with pytest.raises(RetryLater, match=r"a\.png: ReadTimeoutError"):
        objects_at(f"http://127.0.0.1:{silent_port}", monkeypatch).read(REF)


def test_a_store_that_is_not_there_is_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused connection may succeed in a moment."""
    with closing(socket.socket()) as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
    with pytest.raises(RetryLater):
        objects_at(f"http://127.0.0.1:{port}", monkeypatch).exists(bucket="packshot", key="a.png")


@pytest.fixture
def breaking_port() -> Iterator[int]:
    """Answer one request with half of the promised body, then hang up."""
    with closing(socket.socket()) as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        thread = threading.Thread(target=break_off, args=(server,))
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def break_off(server: socket.socket) -> None:
    """Serve one connection badly."""
    connection, _ = server.accept()
    with closing(connection):
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")


def test_a_body_that_breaks_off_is_later(breaking_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half an object is no object."""
    with pytest.raises(RetryLater):
        objects_at(f"http://127.0.0.1:{breaking_port}", monkeypatch).read(REF)


def test_a_throttled_table_is_later(httpserver: HTTPServer) -> None:
    """DynamoDB's throttling ends in `RetryLater`, which the workflow repeats."""
    httpserver.expect_request("/").respond_with_json(
        {"__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException"}, status=400
    )
    client = boto3.client("dynamodb", endpoint_url=httpserver.url_for("/"), config=QUICK)
    with pytest.raises(RetryLater):
        DynamoCatalogue("t", client).products(limit=1)


def test_contended_products_are_tried_again_then_left_to_the_workflow(httpserver: HTTPServer) -> None:
    """New photos of one product that meet in a transaction wait longer each time, then give up."""
    conflict = {
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "CancellationReasons": [{"Code": "None"}, {"Code": "TransactionConflict"}],
    }
    httpserver.expect_request("/").respond_with_json(conflict, status=400)
    client = boto3.client("dynamodb", endpoint_url=httpserver.url_for("/"), config=QUICK)
    waits: list[float] = []

    photo = PhotoRecord.model_validate(
        {"sku": "s", "name": "n", "status": "processing", "source": REF, "updated_at": "2026-01-01T00:00:00Z"}
    )
    with pytest.raises(RetryLater, match="contended"):
        DynamoCatalogue("t", client, sleep=waits.append).claim(photo)
    assert len(waits) == 6
    assert max(waits) < 1
