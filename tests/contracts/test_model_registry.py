"""The registry of models and the endpoint: the adapters and their fakes keep one set of promises."""

import http.server
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws

from packshot.adapters.model_endpoint import SageMakerEndpoint
from packshot.adapters.model_registry import CHAMPION, S3ModelRegistry
from packshot.errors import DamagedArtifact, PredictorUnavailable
from packshot.events import Champions, ModelVersion
from packshot.model_ports import ModelRegistry
from packshot.testing.model_registry import MemoryModelRegistry

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
SEED = ModelVersion(version="seed", endpoint_config="seed", since=SINCE)
ONE, TWO = (Champions(champion=SEED.model_copy(update={"version": name})) for name in ("one", "two"))
BUCKET = "purchases"


@pytest.fixture(params=["memory", "s3"])
def registry(request: pytest.FixtureRequest) -> Iterator[ModelRegistry]:
    """Return a registry that nobody has written."""
    if request.param == "memory":
        yield MemoryModelRegistry(seed=SEED)
        return
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET)
        yield S3ModelRegistry(BUCKET, seed=SEED, client=client)


def test_the_seed_serves_until_there_is_a_model(registry: ModelRegistry) -> None:
    """A registry that nobody has written names the seed, and nobody before it."""
    standing = registry.standing()
    assert standing.champions == Champions(champion=SEED)
    assert standing.mark == ""


def test_what_is_written_stands(registry: ModelRegistry) -> None:
    """The next reader sees it, and may write after it."""
    assert registry.replace(ONE, mark="")
    assert registry.standing().champions == ONE
    assert registry.replace(TWO, mark=registry.standing().mark)
    assert registry.standing().champions == TWO


def test_a_first_writer_is_not_overwritten(registry: ModelRegistry) -> None:
    """Two runs find nothing; the second learns that it came late."""
    assert registry.replace(ONE, mark="")
    assert not registry.replace(TWO, mark="")
    assert registry.standing().champions == ONE


def test_a_late_writer_changes_nothing(registry: ModelRegistry) -> None:
    """What was read is not what stands any more."""
    registry.replace(ONE, mark="")
    read = registry.standing().mark
    assert registry.replace(TWO, mark=read)
    assert not registry.replace(ONE, mark=read)
    assert registry.standing().champions == TWO


def test_the_seed_is_the_template_s_own(registry: ModelRegistry) -> None:
    """A deployment replaces the seed's configuration: who goes back to it goes to the one that is there."""
    model = SEED.model_copy(update={"version": "one", "endpoint_config": "one"})
    old = SEED.model_copy(update={"endpoint_config": "of an older deployment"})
    assert registry.replace(Champions(champion=model, before=old), mark="")
    assert registry.standing().champions == Champions(champion=model, before=SEED)
    assert registry.replace(Champions(champion=old), mark=registry.standing().mark)
    assert registry.standing().champions == Champions(champion=SEED)


def test_a_damaged_registry_is_said_to_be() -> None:
    """Nobody is made champion by what cannot be read."""
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET)
        client.put_object(Bucket=BUCKET, Key=CHAMPION, Body=b'{"champion": 1}')
        with pytest.raises(DamagedArtifact, match="no registry"):
            S3ModelRegistry(BUCKET, seed=SEED, client=client).standing()


class Runtime(http.server.BaseHTTPRequestHandler):
    """SageMaker's data plane: the endpoint's name says what it answers."""

    def do_POST(self) -> None:
        """Answer an invocation."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        sick = "/endpoints/sick/" in self.path
        answer = b'{"OriginalStatusCode": 500, "Message": "ill"}' if sick else body[::-1]
        self.send_response(424 if sick else 200)
        if sick:
            self.send_header("x-amzn-errortype", "ModelError")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def runtime() -> Iterator[Any]:
    """Return a client of a data plane on this machine."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Runtime)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield boto3.client(
        "sagemaker-runtime",
        region_name="us-east-1",
        endpoint_url=f"http://127.0.0.1:{server.server_address[1]}",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - no secret
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=1, read_timeout=2),
    )
    server.shutdown()
    server.server_close()


def test_an_endpoint_s_answer_comes_as_it_is(runtime: Any) -> None:  # noqa: ANN401 - boto3 makes clients at run time
    """Bytes in, bytes out."""
    assert SageMakerEndpoint("healthy", runtime).ask(b"abc") == b"cba"


def test_a_model_s_defect_is_told(runtime: Any) -> None:  # noqa: ANN401 - boto3 makes clients at run time
    """Whoever looks after a model has to read what it said."""
    with pytest.raises(PredictorUnavailable, match=r"sick: .*ModelError.*ill"):
        SageMakerEndpoint("sick", runtime).ask(b"abc")


def test_nobody_there_is_told_too() -> None:
    """A refused connection is an answer about the endpoint, no stack trace."""
    nobody = boto3.client(
        "sagemaker-runtime",
        region_name="us-east-1",
        endpoint_url="http://127.0.0.1:9",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - no secret
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=1),
    )
    with pytest.raises(PredictorUnavailable):
        SageMakerEndpoint("any", nobody).ask(b"abc")
