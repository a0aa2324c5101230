"""Connecting a generator on this machine, and saying who drew."""

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infrastructure.local import backgrounds
from infrastructure.local.places import Refused
from packshot.adapters.jobs import DynamoJobs
from packshot.adapters.replicate import ReplicateGenerator
from packshot.events import Prediction, Settlement
from packshot.generation.connection import NOWHERE
from packshot.testing.objects import MemorySigner
from packshot.testing.replicate import FakeReplicate
from packshot.testing.replicate.service import TOKEN, WEBHOOK_SECRET
from tests.backgrounds import plain_picture
from tests.contracts.tables import make_table
from tests.contracts.test_jobs import ORDER, ROOMY, job


@dataclass
class Standing:
    """As much of a cloud as an address and a table take."""

    endpoint: str
    outputs: dict[str, str]

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes clients at run time
        """Return a client of the account that stands."""
        return boto3.session.Session(region_name="eu-central-1").client(service)  # type: ignore[call-overload]  # any service


def test_a_token_is_checked_and_its_signing_secret_fetched() -> None:
    """Connecting needs the token alone; what its callbacks are signed with is asked for."""
    with FakeReplicate(draw=plain_picture) as fake:
        found = backgrounds.make_connection(TOKEN, callbacks="", api=fake.origin)
    assert (found.webhook_secret, found.callbacks, found.fake) == (WEBHOOK_SECRET, "", False)


def test_a_wrong_token_is_refused_without_repeating_it() -> None:
    """The sentence says what to do, and the token stays out of it."""
    with FakeReplicate(draw=plain_picture) as fake, pytest.raises(Refused) as told:
        backgrounds.make_connection("r8_wrong_token", callbacks="", api=fake.origin)
    assert "does not take this token" in str(told.value)
    assert "r8_wrong" not in str(told.value)


def test_a_replicate_that_is_away_says_nothing_about_the_token() -> None:
    """Nobody shall make a new token because a network is down."""
    with pytest.raises(Refused, match="Try again") as told:
        backgrounds.make_connection(TOKEN, callbacks="", api="http://127.0.0.1:9")
    assert "token" not in str(told.value)


def test_a_token_comes_by_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never as an argument, which every process could read; an empty one is none."""
    monkeypatch.setattr("sys.stdin", io.StringIO("r8_piped\n"))
    assert backgrounds.read_token("Token: ") == "r8_piped"
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    with pytest.raises(Refused):
        backgrounds.read_token("Token: ")


DOOR = "/_aws/execute-api/abc/$default/v1/callbacks"
LOCAL = Standing("http://127.0.0.1:4000", {"CallbacksApiId": "abc"})


@pytest.mark.parametrize(
    ("given", "cloud", "expected"),
    [
        (None, LOCAL, NOWHERE),
        (None, None, ""),
        ("https://tunnel.example", LOCAL, f"https://tunnel.example{DOOR}"),
        ("https://tunnel.example/", LOCAL, f"https://tunnel.example{DOOR}"),
        ("https://tunnel.example/mine", LOCAL, "https://tunnel.example/mine"),
        ("https://door.example", None, "https://door.example"),
    ],
)
def test_where_to_be_called_back(given: str | None, cloud: Standing | None, expected: str) -> None:
    """Nobody outside reaches this machine unless a person says how; a tunnel ends at our own address."""
    assert backgrounds.where_called_back(given, cloud=cloud) == expected  # type: ignore[arg-type]  # all that it looks at


@pytest.mark.parametrize("given", ["tunnel.example", "http://tunnel.example", "https://"])
def test_what_replicate_could_not_call_is_refused(given: str) -> None:
    """Before a token is asked for, and not by a picture that never comes."""
    with pytest.raises(Refused, match="https"):
        backgrounds.where_called_back(given, cloud=None)


def test_the_local_door_is_below_the_cloud_s_own_address() -> None:
    """The fake calls the same API that is deployed."""
    cloud = Standing("http://127.0.0.1:4000", {"CallbacksApiId": "abc"})
    address = backgrounds.callbacks_of(cloud)  # type: ignore[arg-type]  # all that it looks at
    assert address == "http://127.0.0.1:4000/_aws/execute-api/abc/$default/v1/callbacks"


def test_without_a_generator_people_learn_how_to_connect_one() -> None:
    """The demonstration says that the studio drew, and how to switch Flux on."""
    cloud = Standing("http://127.0.0.1:4000", {})
    said = backgrounds.say_who((), cloud=cloud, fake=None, connection=None)  # type: ignore[arg-type]  # it is not asked
    assert "the studio" in said
    assert "packshot secret set replicate" in said
    assert "FLUX=fake" in said


def test_a_fake_s_invoice_stands_beside_what_it_drew_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger of a cloud that runs all day holds an earlier fake's pictures too."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    at = datetime.now(UTC)
    with mock_aws(), FakeReplicate(draw=plain_picture) as fake:
        jobs = DynamoJobs(make_table("generation", index="unsettled", by=("open", "opened_at")))
        generator = ReplicateGenerator(TOKEN, signer=MemorySigner(), base_url=fake.origin)
        ours = generator.create(ORDER, webhook="").id
        generator.close()
        for recipe, prediction in (("a", "fakeearlier"), ("b", ours)):
            opened = job(recipe, opened_at=at)
            jobs.open(opened, caps=ROOMY, at=at)
            settlement = Settlement(prediction=Prediction(id=prediction, status="succeeded"), spent=3000)
            jobs.settle(opened, settlement, at=at)
        cloud = Standing("http://127.0.0.1:4000", {"GenerationTable": "generation"})
        said = backgrounds.say_who((), cloud=cloud, fake=fake, connection=None)  # type: ignore[arg-type]  # all that it looks at
    assert "drew 1;" in said
    assert "our ledger: $0.0030" in said
