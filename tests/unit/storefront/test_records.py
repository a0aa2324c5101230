"""Which record replaces which: the rule that both catalogues keep."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packshot.events import ObjectRef, PhotoRecord, PhotoStatus
from packshot.storefront.records import may_replace, moment_text, padded

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SEQUENCERS = st.text("0123456789ABCDEF", max_size=20)


def record(
    *, sequencer: str = "0A", execution: str = "one", status: PhotoStatus = "published"
) -> PhotoRecord:
    """Return a photo's record."""
    source = ObjectRef(bucket="uploads", key="uploads/a/a.jpg", version="v1")
    return PhotoRecord(
        sku="a",
        name="a",
        status=status,
        source=source,
        sequencer=sequencer,
        execution=execution,
        updated_at=NOON,
    )


@given(one=SEQUENCERS, other=SEQUENCERS)
def test_of_two_executions_exactly_one_wins(one: str, other: str) -> None:
    """In whatever order two uploads arrive, the newer one's record is what stays."""
    first, second = record(sequencer=one, execution="one"), record(sequencer=other, execution="two")
    forth, back = may_replace(first, second), may_replace(second, first)
    if padded(one) == padded(other):
        assert (forth, back) == (False, False)
    else:
        assert forth != back
        assert forth == (padded(one) > padded(other))


@given(sequencer=SEQUENCERS)
def test_padding_keeps_what_s3_promises(sequencer: str) -> None:
    """Padded sequencers are as long as each other, and zeros at the end say nothing."""
    assert len(padded(sequencer)) == 64
    assert padded(sequencer + "00") == padded(sequencer)


@pytest.mark.parametrize("status", ["processing", "published", "needs_review", "rejected"])
def test_a_duplicate_never_takes_over_what_is_not_failed(status: PhotoStatus) -> None:
    """The same upload belongs to the execution that came first."""
    assert not may_replace(record(execution="two"), record(status=status))
    assert may_replace(record(execution="two"), record(status="failed"))


@given(
    moments=st.lists(
        st.datetimes(
            min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
            timezones=st.sampled_from([UTC, timezone(timedelta(hours=9)), timezone(timedelta(hours=-7))]),
        ),
        min_size=2,
        max_size=5,
    )
)  # fmt: skip
def test_text_order_is_time_order(moments: list[datetime]) -> None:
    """The index sorts by text, whatever zone a clock is in."""
    assert sorted(moments, key=moment_text) == sorted(moments)
