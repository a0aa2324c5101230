"""What every key ring promises, in memory and in Secrets Manager."""

import hashlib
import json

import boto3
import pytest

from packshot.adapters.key_ring import SecretKeyRing
from packshot.errors import DamagedArtifact
from packshot.ports import KeyRing
from packshot.storefront.keys import owner_of
from packshot.testing.key_ring import MemoryKeyRing


def secret_of(keys: dict[str, str]) -> str:
    """Return the secret's text for name → key."""
    hashed = [
        {"name": name, "sha256": hashlib.sha256(key.encode()).hexdigest()} for name, key in keys.items()
    ]
    return json.dumps({"keys": hashed})


def store(text: str) -> str:
    """Put a secret and return its ARN."""
    return boto3.client("secretsmanager").create_secret(Name="keys", SecretString=text)["ARN"]


@pytest.fixture(params=["memory", "secret"])
def ring(request: pytest.FixtureRequest) -> KeyRing:
    """Return each key ring with two keys."""
    keys = {"shop": "key-of-the-shop", "app": "key-of-the-app"}
    if request.param == "memory":
        return MemoryKeyRing(keys)
    request.getfixturevalue("aws")
    return SecretKeyRing(store(secret_of(keys)))


def test_a_key_opens_under_its_owners_name(ring: KeyRing) -> None:
    """A valid key has an owner."""
    assert owner_of("key-of-the-shop", hashes=ring.hashes()) == "shop"
    assert owner_of("key-of-the-app", hashes=ring.hashes()) == "app"


@pytest.mark.parametrize("key", ["", "key-of-the-shoq", "KEY-OF-THE-SHOP", "x" * 10_000, "\udcff", "ключ"])
def test_any_other_key_opens_nothing(ring: KeyRing, key: str) -> None:
    """Empty, wrong, long and odd keys have no owner, and are no error."""
    assert owner_of(key, hashes=ring.hashes()) is None


def test_a_hash_is_no_key(ring: KeyRing) -> None:
    """Who reads the secret still has no key."""
    for digest in ring.hashes():
        assert owner_of(digest, hashes=ring.hashes()) is None


@pytest.mark.usefixtures("aws")
def test_a_change_is_seen_within_a_minute() -> None:
    """A warm function asks once a minute: a revoked key closes, a new one opens."""
    now = 0.0
    arn = store(secret_of({"shop": "old"}))
    ring = SecretKeyRing(arn, clock=lambda: now)
    assert owner_of("old", hashes=ring.hashes()) == "shop"
    boto3.client("secretsmanager").put_secret_value(SecretId=arn, SecretString=secret_of({"shop": "new"}))
    now = 59
    assert owner_of("old", hashes=ring.hashes()) == "shop"
    now = 60
    assert owner_of("old", hashes=ring.hashes()) is None
    assert owner_of("new", hashes=ring.hashes()) == "shop"


@pytest.mark.usefixtures("aws")
def test_a_fresh_secret_has_no_keys() -> None:
    """The secret that the stack makes is empty: nobody is let in."""
    assert SecretKeyRing(store('{"keys": []}')).hashes() == {}


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    "text", ["", "[]", '{"keys": [{"name": "a", "sha256": "short"}]}', '{"keys": "hush-hush"}']
)
def test_a_damaged_secret_lets_nobody_in_and_does_not_leak(text: str) -> None:
    """A secret that does not parse is an error whose message keeps the secret."""
    with pytest.raises(DamagedArtifact) as caught:
        SecretKeyRing(store(text or " ")).hashes()
    assert "hush" not in str(caught.value)
