"""Connecting a generator on this machine, and saying who drew."""

import io
from dataclasses import dataclass

import pytest

from infrastructure.local import backgrounds
from infrastructure.local.places import Refused
from packshot.generation.connection import NOWHERE
from packshot.testing.replicate import FakeReplicate
from packshot.testing.replicate.service import TOKEN, WEBHOOK_SECRET
from tests.backgrounds import plain_picture


@dataclass
class Standing:
    """As much of a cloud as an address takes."""

    endpoint: str
    outputs: dict[str, str]


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


def test_a_token_comes_by_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never as an argument, which every process could read; an empty one is none."""
    monkeypatch.setattr("sys.stdin", io.StringIO("r8_piped\n"))
    assert backgrounds.read_token("Token: ") == "r8_piped"
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    with pytest.raises(Refused):
        backgrounds.read_token("Token: ")


@pytest.mark.parametrize(
    ("given", "local", "expected"),
    [(None, True, NOWHERE), (None, False, ""), ("https://tunnel", True, "https://tunnel")],
)
def test_where_to_be_called_back(given: str | None, local: bool, expected: str) -> None:  # noqa: FBT001 - a table
    """Nobody outside reaches this machine unless a person says how."""
    assert backgrounds.where_called_back(given, local=local) == expected


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
