"""AuthorizeRequest: who shows a key that somebody has may ask."""

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pytest
from moto import mock_aws

from packshot import wiring
from packshot.storefront.authorization import AccessRequest, Verdict
from packshot.testing.key_ring import MemoryKeyRing

KEYS = MemoryKeyRing({"shop": "sample-key-of-the-shop"})
Ask = Callable[[str], Verdict]


@pytest.fixture
def ask(load_function: Callable[[str], ModuleType], root: Path) -> Ask:
    """Return what asks the function with a sample event."""
    function = load_function("authorize_request")

    def call(case: str) -> Verdict:
        text = (root / "events" / "authorize_request" / f"{case}.json").read_text()
        verdict: Verdict = function.authorize_request(AccessRequest.model_validate_json(text), keys=KEYS)
        return verdict

    return call


def test_a_key_lets_in_under_its_owners_name(ask: Ask) -> None:
    """The access log shows whose key it was."""
    assert ask("with_a_key") == Verdict(is_authorized=True, context={"client": "shop"})


def test_a_wrong_key_does_not(ask: Ask) -> None:
    """A guess opens nothing and names nobody."""
    assert ask("with_a_wrong_key") == Verdict(is_authorized=False, context={"client": ""})


@pytest.mark.parametrize("headers", [{}, {"x-api-key": ""}, {"authorization": "sample-key-of-the-shop"}])
def test_no_key_does_not(load_function: Callable[[str], ModuleType], headers: dict[str, str]) -> None:
    """Only the header for keys counts."""
    request = AccessRequest(headers=headers)
    assert not load_function("authorize_request").authorize_request(request, keys=KEYS).is_authorized


@mock_aws
def test_the_wired_handler_answers_as_api_gateway_asks(
    load_function: Callable[[str], ModuleType], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Raw event in, the simple response's own names out, with the real client behind it."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    (digest,) = KEYS.hashes()
    text = json.dumps({"keys": [{"name": "shop", "sha256": digest}]})
    arn = boto3.client("secretsmanager").create_secret(Name="keys", SecretString=text)["ARN"]
    monkeypatch.setenv("ENVIRONMENT", "sandbox")
    monkeypatch.setenv("API_KEYS_SECRET", arn)
    wiring.settings.cache_clear()
    event: dict[str, Any] = json.loads(
        (root / "events" / "authorize_request" / "with_a_key.json").read_text()
    )
    answer = load_function("authorize_request").handler(event, None)
    wiring.settings.cache_clear()
    assert answer == {"isAuthorized": True, "context": {"client": "shop"}}
