"""InterpretTrends: a batch becomes a tally, by whichever interpreter is chosen."""

import json
import logging

import boto3
import pytest

from packshot import wiring
from packshot.events import InterpretedTrends, Tally
from packshot.testing.groq import API_KEY, PlayedGroq
from tests.functions.cases import case_names, read_case
from tests.functions.trend_steps import BUCKET, Loader, account


@pytest.mark.parametrize("case", case_names("interpret_trends"))
def test_a_batch_becomes_a_tally(load_function: Loader, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    """From JSON to JSON; the batch is gone, the tally holds ids and numbers."""
    with account(monkeypatch):
        load_function("collect_posts").handler({"source": "sample", "run": "rehearsal"}, None)
        answer = InterpretedTrends.model_validate(
            load_function("interpret_trends").handler(read_case("interpret_trends", case), None)
        )
        s3 = boto3.client("s3")
        tally = Tally.model_validate_json(s3.get_object(Bucket=BUCKET, Key=answer.tally)["Body"].read())
        left = [item["Key"] for item in s3.list_objects_v2(Bucket=BUCKET, Prefix="posts/sample")["Contents"]]
    assert read_case("interpret_trends", case)["batch"] not in left
    assert (answer.interpreter, answer.fallback) == ("embedded", "")
    assert sum(day.posts for day in tally.days if day.about == "all") == 500


def test_groq_reads_where_it_has_a_key(
    load_function: Loader, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The real client, the real adapter: its agreement and price are kept, its key is in no log."""
    caplog.set_level(logging.DEBUG, logger="packshot")
    with PlayedGroq(tokens_left=10**9) as server:
        with account(monkeypatch, INTERPRETER="groq", GROQ_URL=server.url, groq_key=API_KEY):
            load_function("collect_posts").handler({"source": "sample", "run": "rehearsal"}, None)
            answer = load_function("interpret_trends").handler(read_case("interpret_trends", "sample"), None)
            body = boto3.client("s3").get_object(Bucket=BUCKET, Key=answer["tally"])["Body"].read()
        assert len(server.asked) == answer["cost"]["requests"] > 5
    assert answer["interpreter"] == "groq"
    assert json.loads(body)["agreement"] == 1
    assert API_KEY not in caplog.text


def test_without_a_key_the_embedded_one_reads(load_function: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    """`groq` in the settings and nothing in the secret costs nothing and fails nothing."""
    with account(monkeypatch, INTERPRETER="groq"):
        load_function("collect_posts").handler({"source": "sample", "run": "rehearsal"}, None)
        answer = load_function("interpret_trends").handler(read_case("interpret_trends", "sample"), None)
    assert (answer["interpreter"], answer["cost"]["requests"]) == ("embedded", 0)


def test_a_new_key_counts_without_a_new_process(
    load_function: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that is filled in later, or changed, is taken up as soon as the secret is read again."""
    with (
        PlayedGroq(tokens_left=10**9) as server,
        account(monkeypatch, INTERPRETER="groq", GROQ_URL=server.url),
    ):
        answer = load_function("collect_posts").handler({"source": "sample", "run": "rehearsal"}, None)
        read = []
        for batch, key in zip(answer["batches"], ("gsk_of_yesterday", API_KEY), strict=True):
            secret = json.dumps({"groq": {"api_key": key}})
            boto3.client("secretsmanager").put_secret_value(SecretId="trend-keys", SecretString=secret)
            wiring.trend_keys.cache_clear()
            read.append(load_function("interpret_trends").handler({"batch": batch, "run": "rehearsal"}, None))
    assert [(each["interpreter"], each["fallback"]) for each in read] == [
        ("embedded", "failed"),
        ("groq", ""),
    ]
