"""The functions of a refresh on a bucket of moto's, wired as on AWS."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import boto3
import pytest
from moto import mock_aws

from packshot import wiring
from packshot.trends.archive import TrendArchive

BUCKET = "packshot-trends"
CACHED = (
    wiring.settings,
    wiring.objects,
    wiring.trend_archive,
    wiring.event_bus,
    wiring.trend_keys,
    wiring._latest_trends,  # noqa: SLF001 - what a process remembers
    wiring._latest_demand,  # noqa: SLF001 - what a process remembers
    wiring._groq_with,  # noqa: SLF001 - what a process remembers
)
Loader = Callable[[str], ModuleType]


@contextmanager
def account(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Iterator[None]:
    """Stand an account up with the bucket, the bus and the secret, and forget what was wired before."""
    secret = json.dumps({"groq": {"api_key": variables.pop("groq_key", "")}})
    for name, value in {
        "ENVIRONMENT": "test",
        "TRENDS_BUCKET": BUCKET,
        "PURCHASES_BUCKET": BUCKET,
        "TREND_KEYS_SECRET": "trend-keys",
        "TIME_LIMIT_SECONDS": "60",
        "EVENT_BUS": "packshot-test",
        "AWS_DEFAULT_REGION": "us-east-1",
        **variables,
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        boto3.client("events").create_event_bus(Name="packshot-test")
        boto3.client("secretsmanager").create_secret(Name="trend-keys", SecretString=secret)
        for cached in CACHED:
            cached.cache_clear()
        yield
    for cached in CACHED:
        cached.cache_clear()


def archive() -> TrendArchive:
    """Return the bucket as the functions see it."""
    return wiring.trend_archive(BUCKET)


def refresh(load: Loader, *, source: str = "sample") -> dict[str, Any]:
    """Run all steps as the state machine would, and return what PublishTrends answers."""
    collected = load("collect_posts").handler({"source": source, "run": "rehearsal"}, None)
    read = [
        load("interpret_trends").handler({"batch": batch, "run": "rehearsal"}, None)["tally"]
        for batch in collected["batches"]
    ]
    answer: dict[str, Any] = load("publish_trends").handler(
        {"run": "rehearsal", "collected": [collected], "tallies": read}, None
    )
    return answer
