"""CollectPosts: sources by name, through the environment."""

import json
import subprocess
import sys
from pathlib import Path

import boto3
import pytest

from packshot import wiring
from packshot.errors import InvalidSettings
from packshot.events import CollectedPosts
from packshot.testing.reddit import CLIENT_ID, CLIENT_SECRET, PlayedPost, PlayedReddit
from tests.functions.cases import case_names, read_case
from tests.functions.trend_steps import BUCKET, Loader, account


@pytest.mark.parametrize("case", case_names("collect_posts"))
def test_each_sample_is_answered(load_function: Loader, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    """From JSON to JSON: batches of posts, none, or the reason why the source was not asked."""
    with account(monkeypatch):
        answer = CollectedPosts.model_validate(
            load_function("collect_posts").handler(read_case("collect_posts", case), None)
        )
    assert answer.source == read_case("collect_posts", case)["source"]
    assert bool(answer.batches) == (case == "sample")
    assert answer.refused == ("not_approved" if answer.source == "reddit" else "")


def test_batches_hold_words_and_nothing_of_who_wrote_them(
    load_function: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line has a text, a time, a weight and kinds of product."""
    with account(monkeypatch):
        answer = load_function("collect_posts").handler(read_case("collect_posts", "sample"), None)
        body = boto3.client("s3").get_object(Bucket=BUCKET, Key=answer["batches"][0])["Body"].read()
    lines = [json.loads(line) for line in body.decode().split("\n")]
    assert len(lines) == 500
    assert {tuple(sorted(line)) for line in lines} == {("categories", "posted_at", "text", "weight")}
    assert answer["dropped"]["instructions"] >= 5


def test_a_shop_s_own_posts_are_read(load_function: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file under drops/ becomes posts once."""
    with account(monkeypatch):
        body = b'{"text": "our customers keep asking for brown suede boots"}'
        boto3.client("s3").put_object(Bucket=BUCKET, Key="drops/a.jsonl", Body=body)
        answer = load_function("collect_posts").handler(read_case("collect_posts", "drops"), None)
    assert answer["posts"] == 1


def test_reddit_is_asked_once_it_is_approved(load_function: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the operator's word, subreddits and keys, PRAW reads; one of them missing is a no."""
    posts = [
        PlayedPost(f"p{at}", f"cherry red boots number {at} for autumn", 1_763_640_000.0 + at)
        for at in range(3)
    ]
    with PlayedReddit(posts) as server:
        approved = {
            "REDDIT_APPROVED": "true",
            "SUBREDDITS": "fashion",
            "REDDIT_OAUTH_URL": server.url,
            "REDDIT_URL": server.url,
        }
        with account(monkeypatch, **approved):
            request = read_case("collect_posts", "reddit_not_approved")
            handler = load_function("collect_posts").handler
            assert handler(request, None)["refused"] == "not_approved"
            keys = {"reddit": {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}}
            boto3.client("secretsmanager").put_secret_value(
                SecretId="trend-keys", SecretString=json.dumps(keys)
            )
            wiring.trend_keys.cache_clear()
            assert handler(request, None)["refused"] == ""


def test_an_unknown_source_is_a_defect(load_function: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error lists the sources there are."""
    with account(monkeypatch), pytest.raises(InvalidSettings, match="sample, drops, feeds, reddit"):
        load_function("collect_posts").handler({"source": "elsewhere", "run": "r"}, None)


def test_clients_are_loaded_only_by_who_needs_them(root: Path) -> None:
    """The function starts without PRAW, Groq, feedparser and numpy."""
    code = (
        "import sys, handler; assert not {'praw', 'groq', 'feedparser', 'httpx', 'numpy'} & set(sys.modules)"
    )
    for name in ("collect_posts", "interpret_trends", "publish_trends", "purge_source", "plan_scenes"):
        subprocess.run([sys.executable, "-c", code], cwd=root / "functions" / name, check=True)  # noqa: S603 - our own interpreter
