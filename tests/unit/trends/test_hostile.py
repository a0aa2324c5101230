"""Hostile posts, through both interpreters, with a model that does what the attacker says."""

import json
import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from packshot.adapters.groq import GroqInterpreter, connect
from packshot.events import (
    CollectRequest,
    InterpretRequest,
    ObjectRef,
    PlanRequest,
    PublishTrendsRequest,
    Signal,
    TrendReport,
)
from packshot.ports import Terms, TrendInterpreter
from packshot.scenes.photography import load_settings
from packshot.scenes.planning import plan
from packshot.storefront.shopfront import Shopfront
from packshot.testing.catalogue import MemoryCatalogue
from packshot.testing.clock import StoppedClock
from packshot.testing.groq import API_KEY, PlayedGroq, cunning, obedient
from packshot.testing.objects import MemoryObjects, MemorySigner
from packshot.trends import load_default_report
from packshot.trends.archive import ArchivedAnswers, TrendArchive
from packshot.trends.cleaning import Cleaner
from packshot.trends.deadlines import SteadyDeadline, Stint
from packshot.trends.lexical import load_interpreter
from packshot.trends.lexicon import load_lexicon
from packshot.trends.refreshing import Interpreters, collect, interpret, publish
from packshot.trends.sample import SampleSource
from packshot.trends.vocabulary import load_vocabulary
from tests.attacks import FAMILIES, attacks
from tests.functions.cases import read_case

BUCKET = "trends"
NOW = StoppedClock(datetime(2026, 11, 20, 18, tzinfo=UTC))
ATTACKS = tuple(attacks())
FIXED = frozenset(
    {
        "for",
        "against",
        "rising",
        "steady",
        "fading",
        "all",
        "sample",
        "attackers",
        "embedded",
        "groq",
        "posts",
    }
)
"""Words of ours that a report or a tally has beside the vocabulary's."""


class Attackers:
    """A source of nothing but attacks, among the shipped posts."""

    name = "attackers"
    terms = Terms(approved=True, retention_hours=48)

    def signals(self, **_words: object) -> Iterator[Signal]:
        """Yield honest posts, then every attack."""
        yield from SampleSource(NOW).signals(since=None, reminder={}, deadline=SteadyDeadline.after(60))
        for number, attack in enumerate(ATTACKS):
            moment = NOW() - timedelta(minutes=number)
            yield Signal(text=attack.text, posted_at=moment, engagement=10_000)

    def bookmark(self) -> dict[str, str]:
        """Return nothing."""
        return {}


@pytest.fixture(
    params=[None, obedient, cunning], ids=["embedded", "groq that obeys", "groq that reads and obeys"]
)
def objects(
    request: pytest.FixtureRequest, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> MemoryObjects:
    """Return the bucket after a whole refresh, raw words included as far as they are still there.

    A model that only obeys is hardly believed; one that also reads is, so its answers get as far as any can.
    """
    caplog.set_level(logging.INFO)
    kept = MemoryObjects()
    archive = TrendArchive(kept, bucket=BUCKET)
    stint = Stint(NOW, SteadyDeadline.after(120))
    collected = collect(
        CollectRequest(source="attackers", run="run"),
        source=Attackers(),
        archive=archive,
        cleaner=Cleaner(load_vocabulary(), load_lexicon(), language="any"),
        stint=stint,
    )
    with PlayedGroq(read=request.param or obedient, tokens_left=10**9) as server:
        chosen: TrendInterpreter = load_interpreter()
        if request.param:
            answers = ArchivedAnswers(archive, source="attackers")
            chosen = GroqInterpreter(
                load_vocabulary(), client=connect(API_KEY, url=server.url), answers=answers
            )
        interpreters = Interpreters(chosen=chosen, embedded=load_interpreter(), vocabulary=load_vocabulary())
        tallies = [
            interpret(
                InterpretRequest(batch=batch, run="run"),
                archive=archive,
                interpreters=interpreters,
                stint=stint,
            )
            for batch in collected.batches
        ]
    published = publish(
        PublishTrendsRequest(
            run="run", collected=(collected,), tallies=tuple(each.tally for each in tallies)
        ),
        archive=archive,
        vocabulary=load_vocabulary(),
        now=NOW,
    )
    assert not published.kept
    assert not seen_in("".join((*capfd.readouterr(), caplog.text)))
    if request.param is cunning:
        assert {(each.interpreter, each.fallback) for each in tallies} == {("groq", "")}
    return kept


def seen_in(text: str) -> list[str]:
    """Return the canaries in a text."""
    return re.findall(r"zqx\d{3}wv", text.casefold())


def test_there_are_enough_attempts() -> None:
    """At least two hundred, of every family that is known."""
    assert len(ATTACKS) >= 200 > len(FAMILIES) >= 9


def test_nothing_of_a_post_is_left_in_the_bucket(objects: MemoryObjects) -> None:
    """After a refresh, words are gone; tallies, answers, cursors and reports have not one of them."""
    assert not [key for key in objects.keys(BUCKET) if key.startswith("posts/") and key.endswith(".jsonl")]
    for key in objects.keys(BUCKET):
        body = objects.stored(ref(key)).body or b""
        assert not seen_in(body.decode()), key


def test_every_word_of_a_report_is_ours(objects: MemoryObjects) -> None:
    """Whatever is text in a report or a tally is an id, a name, a colour, a time or a word of ours."""
    vocabulary = load_vocabulary()
    names = {entry.name for entry in vocabulary.entries}
    names |= {palette.name for palette in load_default_report().palettes}
    allowed = set(vocabulary.by_id) | names | FIXED
    for key in objects.keys(BUCKET):
        if key.startswith(("reports/", "tallies/")):
            for word in strings(json.loads(objects.stored(ref(key)).body or b"")):
                assert word in allowed or is_plain(word), (key, word)


def test_neither_api_nor_plan_nor_log_has_a_word_of_them(
    objects: MemoryObjects, caplog: pytest.LogCaptureFixture
) -> None:
    """What shops are answered, what a prompt would be made of and what is logged is clean."""
    report = report_in(objects)
    caplog.set_level(logging.DEBUG)
    shop = Shopfront(
        catalogue=MemoryCatalogue(), signer=MemorySigner(), uploads_bucket="u", trends=lambda: report, now=NOW
    )
    answered = [
        shop.trends_for(category).model_dump_json() for category in (None, "shoes", "bags", "furniture")
    ]
    request = PlanRequest.model_validate(read_case("plan_scenes", "mug"))
    planned = plan(request, settings=load_settings(), trends=report, generator="flux")
    for text in (*answered, planned.model_dump_json(), caplog.text):
        assert not seen_in(text)
    ids = {
        name
        for scene in planned.scenes
        for name in (*scene.trend_items, *([scene.mood] if scene.mood else []))
    }
    assert ids <= set(load_vocabulary().by_id)


def test_the_attackers_do_not_choose_the_season(objects: MemoryObjects) -> None:
    """The strongest colours of the honest posts are still the strongest."""
    colours = [item.id for item in report_in(objects).items if item.kind == "colour"]
    assert {"cherry-red", "chocolate-brown"} <= set(colours[:3])


def report_in(objects: MemoryObjects) -> TrendReport:
    """Return the published report."""
    report = TrendArchive(objects, bucket=BUCKET).latest()
    assert report is not None
    return report


def ref(key: str) -> ObjectRef:
    """Return a reference to the newest version."""
    return ObjectRef(bucket=BUCKET, key=key)


def strings(value: object) -> Iterator[str]:
    """Yield every key and every text of a JSON value, names of fields aside."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key in {"mentions", "by_category"}:
                yield from each
            yield from strings(each)


def is_plain(word: str) -> bool:
    """Say whether a text is a colour, a time, a version, a kind of thing or empty."""
    return bool(
        re.fullmatch(r"#[0-9a-f]{6}|\d{4}-\d\d-\d\d(T[\d:.]+Z)?|trends-\d{8}T\d{4}-[0-9a-f]{8}|run|", word)
        or word.startswith("vocabulary-")
        or word in KINDS
    )


KINDS = frozenset({entry.kind for entry in load_vocabulary().entries}) | {
    "shoes",
    "jeans",
    "dresses",
    "costumes",
    "bags",
    "jewelry",
    "bottles",
    "furniture",
    "electronics",
    "other",
    "disagrees",
}
