"""What a person is told of engines."""

from datetime import UTC, datetime

import pytest

from infrastructure.local import engines
from layers import weights
from packshot.events import ObjectRef, PhotoRecord
from packshot.settings import EngineName
from tests.products import drawn


def record(engine: str, *notes: str) -> PhotoRecord:
    """Return a record whose matte an engine made."""
    return PhotoRecord(
        sku="mug",
        name="front",
        status="published",
        source=ObjectRef(bucket="uploads", key="uploads/mug/front.jpg"),
        updated_at=datetime(2026, 1, 1, tzinfo=UTC),
        matte=drawn("mug").matte.model_copy(update={"engine": engine, "notes": notes}),
    )


def test_the_demo_says_which_engine_ran() -> None:
    """Each engine once; an upload's own alpha is one too."""
    said = engines.say_which([record("standard"), record("upload"), record("standard")])
    assert said == "Masked by: standard, upload."
    assert engines.say_which([]) == ""


def test_the_demo_says_how_to_get_a_better_one() -> None:
    """Where another engine stood in, the command and its cost are named."""
    said = engines.say_which([record("lite", "The standard engine's weights are not there (s3://a/b).")])
    assert said.startswith("Masked by: lite.")
    assert "`make weights`" in said
    assert "176 MB" in said


@pytest.mark.parametrize(("engine", "fetched"), [("standard", ["u2net"]), ("lite", []), (None, [])])
def test_large_weights_are_fetched_when_asked_for(
    engine: EngineName | None, fetched: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody downloads 176 MB who did not say so."""
    asked: list[str] = []
    monkeypatch.setattr(weights, "fetch", lambda name, **_: asked.append(name))
    engines.provide(engine, tell=print)
    assert asked == fetched
