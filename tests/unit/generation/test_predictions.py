"""What a generator says is read with care: any JSON is an answer or an error of ours."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packshot.errors import DamagedArtifact
from packshot.generation.predictions import is_billed, is_moderated, is_same_input, read_prediction

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
KNOWN = ["id", "status", "output", "error", "metrics", "created_at", "model"]


@given(body=JSON | st.dictionaries(st.sampled_from(KNOWN), JSON))
def test_any_json_is_a_prediction_or_refused(body: object) -> None:
    """Nothing else is raised, whatever is sent."""
    try:
        found = read_prediction(body)
    except DamagedArtifact:
        return
    assert found.id
    assert found.status


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("https://a", ("https://a",)),
        (["https://a", "https://b"], ("https://a", "https://b")),
        (None, ()),
        ({}, ()),
    ],
)
def test_outputs_are_one_or_many(output: object, expected: tuple[str, ...]) -> None:
    """The pro models say a string, the others a list."""
    assert read_prediction({"id": "p", "status": "succeeded", "output": output}).outputs == expected


@pytest.mark.parametrize(
    ("status", "seconds", "billed"),
    [
        ("succeeded", 1, True),
        ("failed", 1, False),
        ("canceled", 1, True),
        ("canceled", 0, True),
        ("aborted", 0, False),
    ],
)
def test_what_is_billed(status: str, seconds: float, billed: bool) -> None:  # noqa: FBT001 - a table
    """Success, and what was stopped while it ran."""
    found = read_prediction({"id": "p", "status": status, "metrics": {"predict_time": seconds}})
    assert is_billed(found) == billed


@pytest.mark.parametrize(
    ("error", "moderated"),
    [("NSFW content detected", True), ("E005: flagged", True), ("CUDA out of memory", False)],
)
def test_moderation_has_words(error: str, moderated: bool) -> None:  # noqa: FBT001 - a table
    """Its refusals are told from failures."""
    assert is_moderated(read_prediction({"id": "p", "status": "failed", "error": error})) == moderated


def test_inputs_are_compared_where_both_speak() -> None:
    """A generator adds its defaults and signs addresses anew; seed and prompt have to be there."""
    ours = {"prompt": "a", "seed": 1, "image": "https://b/k.png?X-Amz-Signature=1"}
    theirs = {"prompt": "a", "seed": 1, "image": "https://b/k.png?X-Amz-Signature=2", "steps": 4}
    assert is_same_input(theirs, ours)
    assert not is_same_input(theirs | {"seed": 2}, ours)
    assert not is_same_input({}, ours)
    assert not is_same_input({"prompt": "a"}, ours)


@pytest.mark.parametrize(
    "address",
    [
        "https://work.s3.eu-central-1.amazonaws.com/plates/fill/image.png?X-Amz-Signature=5e1f&X-Amz-Expires=900",
        "http:\\/\\/work.invalid\\/image.png?X-Amz-Signature=5e1f",
        "/plates/fill/image.png?X-Amz-Signature=5e1f",
    ],
)
def test_an_error_quotes_no_address_of_ours(address: str) -> None:
    """What opens our bucket for a quarter of an hour is in no record, ledger or log."""
    body = {"id": "p", "status": "failed", "error": f"Failed to fetch '{address}': 403 Forbidden"}
    error = read_prediction(body).error
    assert "5e1f" not in error
    assert error.startswith("Failed to fetch ")
    assert error.endswith(": 403 Forbidden")
