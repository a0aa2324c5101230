"""PurgeSource: everything of a source is gone, reports included."""

import boto3
import pytest

from packshot.events import PurgedSource
from tests.functions.cases import case_names, read_case
from tests.functions.trend_steps import BUCKET, Loader, account, archive, refresh


@pytest.mark.parametrize("case", case_names("purge_source"))
def test_nothing_of_the_source_is_left(
    load_function: Loader, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    """After a refresh from one source and a purge of it, no object speaks of it and no report is left."""
    with account(monkeypatch):
        refresh(load_function)
        answer = PurgedSource.model_validate(
            load_function("purge_source").handler(read_case("purge_source", case), None)
        )
        left = boto3.client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", [])
        assert archive().latest() is None
    assert (answer.tallies, answer.reports) == (1, 1)
    assert not [item["Key"] for item in left if "sample" in item["Key"] or "report" in item["Key"]]


def test_purging_what_never_was_is_nothing(load_function: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be asked for any number of times."""
    with account(monkeypatch):
        answer = load_function("purge_source").handler({"source": "reddit"}, None)
    assert answer == {"source": "reddit", "posts": 0, "tallies": 0, "reports": 0}
