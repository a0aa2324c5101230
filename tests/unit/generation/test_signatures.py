"""Signatures of callbacks, as Standard Webhooks has them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packshot.errors import ForgedWebhook
from packshot.generation.signatures import sign, verify

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - the specification's example
SENT = "1614265330"
AT = datetime.fromtimestamp(int(SENT), UTC)
BODY = b'{"test": 2432232314}'
EXPECTED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def headers(*, signature: str = EXPECTED, sent: str = SENT) -> dict[str, str]:
    """Return the headers of the specification's example, changed."""
    message = "msg_p5jXN8AQM9LWM0D4loKWxJek"
    return {"webhook-id": message, "webhook-timestamp": sent, "webhook-signature": signature}


def test_the_specification_s_own_example_holds() -> None:
    """Ours is the signature that everybody else computes."""
    message = "msg_p5jXN8AQM9LWM0D4loKWxJek"
    assert sign(BODY, message=message, sent=SENT, secret=SECRET) == EXPECTED
    assert verify(BODY, headers=headers(), secret=SECRET, at=AT).id == message


@pytest.mark.parametrize("signature", [f"v1,AAAA {EXPECTED}", f"v1a,xyz {EXPECTED} v1,BBBB"])
def test_one_of_several_signatures_is_enough(signature: str) -> None:
    """Secrets are exchanged one after the other."""
    assert verify(BODY, headers=headers(signature=signature), secret=SECRET, at=AT)


@pytest.mark.parametrize("seconds", [-299, 299])
def test_clocks_may_differ_by_five_minutes(seconds: int) -> None:
    """Both ways."""
    assert verify(BODY, headers=headers(), secret=SECRET, at=AT + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"signature": EXPECTED.replace("g0h", "g0i")}, AT),
        ({"signature": ""}, AT),
        ({"signature": "v1,é"}, AT),
        ({"sent": "1614265331"}, AT),
        ({"sent": "soon"}, AT),
        ({"sent": "9" * 30}, AT),
        ({}, AT + timedelta(seconds=301)),
        ({}, AT - timedelta(seconds=301)),
    ],
)
def test_whatever_does_not_fit_is_forged(change: dict[str, str], at: datetime) -> None:
    """Another signature, another time, none at all, or too long ago."""
    with pytest.raises(ForgedWebhook):
        verify(BODY, headers=headers(**change), secret=SECRET, at=at)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_%%%", "no base64!"])
def test_without_a_secret_nothing_is_genuine(secret: str) -> None:
    """An empty key would sign for anybody."""
    with pytest.raises(ForgedWebhook):
        verify(BODY, headers=headers(), secret=secret, at=AT)


@given(body=st.binary(max_size=64), place=st.integers(0, 10_000))
def test_every_byte_counts(body: bytes, place: int) -> None:
    """One bit of the body, anywhere, breaks the signature."""
    signed = body or b"x"
    signature = sign(signed, message="m", sent=SENT, secret=SECRET)
    found = {"webhook-id": "m", "webhook-timestamp": SENT, "webhook-signature": signature}
    assert verify(signed, headers=found, secret=SECRET, at=AT).body == signed
    spoiled = bytearray(signed)
    spoiled[place % len(spoiled)] ^= 1
    with pytest.raises(ForgedWebhook):
        verify(bytes(spoiled), headers=found, secret=SECRET, at=AT)
