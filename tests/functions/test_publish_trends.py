"""PublishTrends: a report, an event; or the last report, and why."""

import pytest

from packshot import wiring
from packshot.events import PublishedTrends, PublishTrendsRequest
from packshot.testing.event_bus import MemoryBus
from tests.functions.cases import case_names, read_case
from tests.functions.trend_steps import Loader, account, archive, refresh


@pytest.mark.parametrize("case", case_names("publish_trends"))
def test_each_sample_is_answered(load_function: Loader, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    """From JSON to JSON; on an empty bucket there is nothing to publish, and no error."""
    with account(monkeypatch):
        answer = PublishedTrends.model_validate(
            load_function("publish_trends").handler(read_case("publish_trends", case), None)
        )
    assert answer.kept in {"too_few_posts", "no_source"}
    assert answer.version == ""


def test_a_refresh_ends_in_a_report_that_scenes_are_planned_by(
    load_function: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Collected, read and published, the report decides the next plan; a minute later at most."""
    with account(monkeypatch):
        published = refresh(load_function)
        report = archive().latest()
        planned = load_function("plan_scenes").handler(read_case("plan_scenes", "mug"), None)
    assert report is not None
    assert published["version"] == report.version == planned["trends_version"]
    trend = next(scene for scene in planned["scenes"] if scene["name"] == "trend")
    assert trend["trend_items"]
    assert set(trend["trend_items"]) <= {item.id for item in report.items}
    assert trend["trends_fallback"] == ""


def test_only_a_new_report_is_told(load_function: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    """`TrendsPublished` carries the version; a report that stays is no news."""
    publish = load_function("publish_trends").publish_trends
    with account(monkeypatch):
        refresh(load_function)
        bus = MemoryBus()
        failed = PublishTrendsRequest.model_validate(read_case("publish_trends", "every_source_failed"))
        assert publish(failed, archive=archive(), bus=bus, now=wiring.now).kept == "no_source"
        assert not bus.events
        again = publish(PublishTrendsRequest(run="next"), archive=archive(), bus=bus, now=wiring.now)
    (event,) = bus.events
    assert event.detail_type == "TrendsPublished"
    assert event.detail["version"] == again.version
