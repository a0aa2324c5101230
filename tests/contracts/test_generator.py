"""Replicate's own client behind our adapter, against the fake on a socket and servers that misbehave."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from packshot.adapters.replicate import TIMEOUT, ReplicateGenerator
from packshot.errors import (
    GenerationFailed,
    GeneratorUnavailable,
    MissingObject,
    RetryLater,
    UncertainCall,
)
from packshot.events import ObjectRef, Order
from packshot.generation.models import load_models
from packshot.ports import UrlSigner
from packshot.testing.objects import MemorySigner
from packshot.testing.replicate import FakeReplicate, Mishap, Pace
from packshot.testing.replicate.faults import CreateFault, Outcome
from packshot.testing.replicate.service import TOKEN, WEBHOOK_SECRET
from tests.backgrounds import plain_picture

HOOK = "https://callbacks.invalid/v1/callbacks/r"


def order(model: str = "flux-schnell", **changes: Any) -> Order:  # noqa: ANN401 - any field of an order
    """Return an order of this model, changed."""
    described = load_models()[model]
    usual: dict[str, Any] = {
        "model": model,
        "strategy": described.strategy,
        "prompt": "a bare table",
        "prompt_version": "p",
        "seed": 7,
        "width": 1600,
        "height": 1600,
        "settings_version": "s",
    }
    if described.strategy == "fill":
        usual |= {name: ObjectRef(bucket="work", key=f"{name}.png") for name in ("image", "mask")}
    return Order.model_validate(usual | changes)


@pytest.fixture
def fake() -> Iterator[FakeReplicate]:
    """Keep a fake whose pictures take a second."""
    with FakeReplicate(draw=plain_picture, pace=Pace(latency=0.2)) as found:
        yield found


At = Callable[..., ReplicateGenerator]
"""Makes our adapter with the real client, pointed at a server."""


@pytest.fixture
def generator_at() -> Iterator[At]:
    """Return what makes adapters, and hang up for all of them."""
    made: list[ReplicateGenerator] = []

    def make(origin: str, *, token: str = TOKEN, signer: UrlSigner | None = None) -> ReplicateGenerator:
        made.append(ReplicateGenerator(token, signer=signer or MemorySigner(), base_url=origin))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.mark.parametrize("model", load_models())
def test_each_model_is_asked_in_its_own_words(generator_at: At, fake: FakeReplicate, model: str) -> None:
    """The input is what the model's file says, filled from the order, and the answer is a prediction."""
    started = generator_at(fake.origin).create(order(model), webhook=HOOK)
    assert started.id == fake.service.created[0]
    assert started.status == "processing"
    (given,) = fake.service.inputs
    assert set(given) == set(load_models()[model].inputs)
    assert (given["prompt"], given["seed"]) == ("a bare table", 7)
    assert "{" not in json.dumps([each for each in given.values() if isinstance(each, str)])


@pytest.mark.parametrize(
    ("webhook", "expected"),
    [(HOOK, {"webhook": HOOK, "webhook_events_filter": ["completed"]}), ("", {})],
    ids=["called back", "looked for"],
)
def test_only_the_end_is_called_back(
    generator_at: At, httpserver: HTTPServer, webhook: str, expected: dict[str, Any]
) -> None:
    """Each step of a prediction would be a call of the function; without an address there is none."""
    sent: list[dict[str, Any]] = []

    def create(request: Request) -> Response:
        sent.append(request.get_json())
        return Response(json.dumps({"id": "p", "status": "starting"}), 201)

    path = "/v1/models/black-forest-labs/flux-schnell"
    httpserver.expect_request(f"{path}/predictions").respond_with_handler(create)
    generator_at(httpserver.url_for("")).create(order(), webhook=webhook)
    assert {name: value for name, value in sent[0].items() if name != "input"} == expected


def test_what_is_drawn_around_is_shown_by_signed_addresses(generator_at: At, fake: FakeReplicate) -> None:
    """Nothing is uploaded from the function: the model fetches image and mask from our bucket."""
    generator_at(fake.origin).create(order("flux-fill-pro"), webhook=HOOK)
    (given,) = fake.service.inputs
    assert str(given["image"]).startswith("https://work.invalid/image.png?")
    assert "X-Amz-Expires" in str(given["mask"])


def test_two_fakes_give_no_two_jobs_one_name(generator_at: At) -> None:
    """A cloud that two demonstrations use, one after the other, has worked on the first one's callbacks."""
    names = []
    for _ in range(2):
        with FakeReplicate(draw=plain_picture) as found:
            names.append(generator_at(found.origin).create(order(), webhook="").id)
    assert len(set(names)) == 2
    assert {len(name) for name in names} == {26}


def test_a_prediction_is_found_by_its_id(generator_at: At, fake: FakeReplicate) -> None:
    """Its status, output and seconds are told as they are."""
    generator = generator_at(fake.origin)
    started = generator.create(order(), webhook=HOOK)
    time.sleep(0.25)
    found = generator.find(started.id)
    assert (found.status, found.has_ended, found.seconds) == ("succeeded", True, 0.2)
    assert found.outputs == (f"{fake.origin}/files/{started.id}/out-0.png",)
    with pytest.raises(MissingObject):
        generator.find("fake999")


@pytest.mark.parametrize("outcome", ["aborted", "unheard_of", "canceled"])
def test_a_status_that_the_client_cannot_parse_is_read(
    generator_at: At, fake: FakeReplicate, outcome: Outcome
) -> None:
    """`aborted` breaks the client's parser; words that nobody knows yet are no reason to fail either."""
    fake.service.plan(Mishap(outcome=outcome))
    generator = generator_at(fake.origin)
    started = generator.create(order(), webhook=HOOK)
    time.sleep(0.25)
    found = generator.find(started.id)
    assert found.status == {"unheard_of": "resting"}.get(outcome, outcome)
    assert found.has_ended == (outcome != "unheard_of")


def test_a_lost_call_is_found_by_its_input(generator_at: At, fake: FakeReplicate) -> None:
    """Nobody was told of the prediction, and there it is; another seed's is not taken for it."""
    fake.service.plan(Mishap(create="lost"))
    generator, since = generator_at(fake.origin), datetime.now(UTC) - timedelta(minutes=1)
    with pytest.raises(UncertainCall):
        generator.create(order(), webhook=HOOK)
    generator.create(order(seed=8), webhook=HOOK)
    found = generator.search(order(), since=since)
    assert found is not None
    assert found.id == fake.service.created[0]
    assert generator.search(order(seed=9), since=since) is None
    assert generator.search(order("flux-2-pro"), since=since) is None
    assert generator.search(order(), since=datetime.now(UTC) + timedelta(minutes=1)) is None


def test_a_lost_call_is_found_behind_a_full_page(generator_at: At) -> None:
    """The newest hundred are not all."""
    with FakeReplicate(draw=plain_picture, pace=Pace(creates_per_second=1000)) as busy:
        generator, since = generator_at(busy.origin), datetime.now(UTC) - timedelta(minutes=1)
        for seed in range(120):
            generator.create(order(seed=seed), webhook=HOOK)
        found = generator.search(order(seed=3), since=since)
        assert found is not None
        assert found.id == busy.service.created[3]


@pytest.mark.parametrize(
    "page", [{"next": "/v1/predictions"}, {"next": None, "removed": True}, {"odd": True}]
)
def test_what_cannot_be_known_is_not_taken_for_never_started(
    generator_at: At, httpserver: HTTPServer, page: dict[str, Any]
) -> None:
    """A list that goes on and on, inputs that were removed, a page that is none: nobody may pay again."""
    entry = {
        "id": "p",
        "status": "succeeded",
        "model": "black-forest-labs/flux-schnell",
        "created_at": datetime.now(UTC).isoformat(),
        "input": {} if page.get("removed") else {"prompt": "another", "seed": 7},
        "data_removed": page.get("removed", False),
    }
    body = ["odd"] if page.get("odd") else {"results": [entry], "next": page["next"]}
    httpserver.expect_request("/v1/models/black-forest-labs/flux-schnell").respond_with_json({})
    httpserver.expect_request("/v1/predictions").respond_with_json(body)
    with pytest.raises(RetryLater):
        generator_at(httpserver.url_for("")).search(order(), since=datetime.now(UTC) - timedelta(minutes=1))


def test_another_model_s_picture_is_not_taken_for_ours(generator_at: At, httpserver: HTTPServer) -> None:
    """Somebody may ask two models for the same."""
    entry = {
        "id": "p",
        "status": "processing",
        "model": "black-forest-labs/flux-dev",
        "created_at": datetime.now(UTC).isoformat(),
        "input": {"prompt": "a bare table", "seed": 7},
    }
    httpserver.expect_request("/v1/models/black-forest-labs/flux-schnell").respond_with_json({})
    httpserver.expect_request("/v1/predictions").respond_with_json({"results": [entry], "next": None})
    generator = generator_at(httpserver.url_for(""))
    assert generator.search(order(), since=datetime.now(UTC) - timedelta(minutes=1)) is None


def test_a_lost_call_is_found_though_its_numbers_were_held(generator_at: At, httpserver: HTTPServer) -> None:
    """It was sent what the model's own schema allows, so that is what is looked for."""
    rules = {"prompt": {}, "seed": {"maximum": 5}}
    schemas = {"Input": {"properties": rules}}
    described = {"latest_version": {"openapi_schema": {"components": {"schemas": schemas}}}}
    entry = {
        "id": "p",
        "status": "processing",
        "model": "black-forest-labs/flux-schnell",
        "created_at": datetime.now(UTC).isoformat(),
        "input": {"prompt": "a bare table", "seed": 5},
    }
    httpserver.expect_request("/v1/models/black-forest-labs/flux-schnell").respond_with_json(described)
    httpserver.expect_request("/v1/predictions").respond_with_json({"results": [entry], "next": None})
    generator = generator_at(httpserver.url_for(""))
    found = generator.search(order(), since=datetime.now(UTC) - timedelta(minutes=1))
    assert found is not None
    assert found.id == "p"


@pytest.mark.parametrize(
    "described",
    [
        [],
        {"latest_version": None},
        {"latest_version": {"openapi_schema": None}},
        {"latest_version": {"openapi_schema": {"components": {"schemas": {"Input": {"properties": []}}}}}},
    ],
)
def test_a_model_that_does_not_describe_itself_is_asked_all_the_same(
    generator_at: At, httpserver: HTTPServer, described: object
) -> None:
    """Our own file's ranges hold."""
    path = "/v1/models/black-forest-labs/flux-schnell"
    httpserver.expect_request(path).respond_with_json(described)
    httpserver.expect_request(f"{path}/predictions").respond_with_json(
        {"id": "p", "status": "starting"}, status=201
    )
    assert generator_at(httpserver.url_for("")).create(order(), webhook=HOOK).id == "p"


def test_a_lost_fill_is_found_though_its_addresses_are_signed_anew(
    generator_at: At, fake: FakeReplicate
) -> None:
    """Signatures differ by the minute; the files do not."""

    class Signer(MemorySigner):
        def download_url(self, ref: ObjectRef, *, seconds: int) -> str:
            return f"{super().download_url(ref, seconds=seconds)}&signed={time.monotonic_ns()}"

    generator = generator_at(fake.origin, signer=Signer())
    started = generator.create(order("flux-fill-pro"), webhook=HOOK)
    since = datetime.now(UTC) - timedelta(minutes=1)
    found = generator.search(order("flux-fill-pro"), since=since)
    assert found is not None
    assert found.id == started.id
    other = order("flux-fill-pro", image=ObjectRef(bucket="work", key="another.png"))
    assert generator.search(other, since=since) is None


def test_a_job_is_stopped(generator_at: At, fake: FakeReplicate) -> None:
    """What runs is canceled, and what is not there is missing."""
    generator = generator_at(fake.origin)
    started = generator.create(order(), webhook=HOOK)
    generator.cancel(started.id)
    assert generator.find(started.id).status == "canceled"
    with pytest.raises(MissingObject):
        generator.cancel("fake999")


def test_the_account_tells_what_it_signs_with(generator_at: At, fake: FakeReplicate) -> None:
    """Connecting needs the token alone."""
    assert generator_at(fake.origin).webhook_secret() == WEBHOOK_SECRET
    with pytest.raises(GeneratorUnavailable):
        generator_at(fake.origin, token="wrong").webhook_secret()  # noqa: S106 - it is wrong


@pytest.mark.parametrize(
    ("fault", "expected", "started"),
    [
        ("401", GeneratorUnavailable, 0),
        ("402", GeneratorUnavailable, 0),
        ("404", GenerationFailed, 0),
        ("422", GenerationFailed, 0),
        ("429", RetryLater, 0),
        ("500", UncertainCall, 0),
        ("503", UncertainCall, 0),
        ("lost", UncertainCall, 1),
    ],
)
def test_a_fault_of_the_paid_call_has_one_meaning(
    generator_at: At,
    fake: FakeReplicate,
    fault: CreateFault,
    expected: type[Exception],
    started: int,
) -> None:
    """What was surely not started may be asked again, what may have been is not; nothing is repeated."""
    fake.service.plan(Mishap(create=fault), Mishap(create=fault))
    with pytest.raises(expected) as told:
        generator_at(fake.origin).create(order(), webhook=HOOK)
    assert len(fake.service.created) == started
    if isinstance(told.value, RetryLater):
        assert told.value.seconds == 2.0
    fake.service.plan()
    assert type(told.value) is expected, "the workflow matches names"


def test_a_refusal_quotes_no_address_of_ours(generator_at: At, httpserver: HTTPServer) -> None:
    """A model that could not fetch the photo names its address, whose signature opens our bucket."""
    said = "- input.image: cannot fetch https://work.invalid/image.png?X-Amz-Signature=5e1f (403)"
    path = "/v1/models/black-forest-labs/flux-fill-pro/predictions"
    httpserver.expect_request(path).respond_with_json({"detail": said, "status": 422}, status=422)
    with pytest.raises(GenerationFailed, match=r"cannot fetch \(an address\) \(403\)"):
        generator_at(httpserver.url_for("")).create(order("flux-fill-pro"), webhook=HOOK)


def test_nobody_there_is_no_call(generator_at: At) -> None:
    """A refused connection started nothing."""
    with pytest.raises(RetryLater) as told:
        generator_at("http://127.0.0.1:9").create(order(), webhook=HOOK)
    assert told.value.seconds is None


def test_a_paid_call_has_a_time_out_and_is_not_repeated(
    generator_at: At, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client's own create would wait for ever."""
    assert TIMEOUT.read is not None
    calls: list[Request] = []

    def sleepy(request: Request) -> Response:
        calls.append(request)
        time.sleep(1)
        return Response("{}", 201)

    httpserver.expect_request("/v1/models/black-forest-labs/flux-schnell/predictions").respond_with_handler(
        sleepy
    )
    import httpx

    monkeypatch.setattr("packshot.adapters.replicate.TIMEOUT", httpx.Timeout(0.2))
    generator = generator_at(httpserver.url_for(""))
    with pytest.raises(UncertainCall):
        generator.create(order(), webhook=HOOK)
    assert len(calls) == 1
    assert calls[0].headers["Cancel-After"] == "60s"


def test_an_hour_of_retry_after_is_not_slept_away(generator_at: At, httpserver: HTTPServer) -> None:
    """A GET that is told to come back in an hour says so at once."""
    httpserver.expect_request("/v1/predictions/p").respond_with_data(
        "", status=429, headers={"Retry-After": "3600"}
    )
    began = time.monotonic()
    with pytest.raises(RetryLater):
        generator_at(httpserver.url_for("")).find("p")
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("Request was throttled. Your rate limit resets in ~30s.", 30.0),
        ("Request was throttled. Your rate limit resets in ~3600s.", 120.0),
        ("Request was throttled.", 10.0),
    ],
)
def test_a_throttle_s_delay_is_told(
    generator_at: At, httpserver: HTTPServer, said: str, seconds: float
) -> None:
    """As long as it says, two minutes at most, ten seconds if it does not say."""
    httpserver.expect_request("/v1/models/black-forest-labs/flux-schnell/predictions").respond_with_json(
        {"detail": said}, status=429
    )
    with pytest.raises(RetryLater) as told:
        generator_at(httpserver.url_for("")).create(order(), webhook=HOOK)
    assert told.value.seconds == seconds


def test_numbers_are_held_to_the_model_s_own_schema(generator_at: At, httpserver: HTTPServer) -> None:
    """A model whose schema is narrower than our file gets what it takes; names that it lost are left out."""
    rules = {"prompt": {"type": "string"}, "seed": {"type": "integer", "maximum": 5}}
    schemas = {"Input": {"properties": rules}}
    described = {"latest_version": {"openapi_schema": {"components": {"schemas": schemas}}}}
    sent: list[Any] = []

    def create(request: Request) -> Response:
        sent.append(request.get_json()["input"])
        return Response(json.dumps({"id": "p", "status": "starting"}), 201)

    path = "/v1/models/black-forest-labs/flux-schnell"
    httpserver.expect_request(path).respond_with_json(described)
    httpserver.expect_request(f"{path}/predictions").respond_with_handler(create)
    generator_at(httpserver.url_for("")).create(order(), webhook=HOOK)
    assert sent == [{"prompt": "a bare table", "seed": 5}]


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"id": 3, "status": "x"}', "<html>"])
def test_an_answer_that_says_nothing_leaves_the_call_uncertain(
    generator_at: At, httpserver: HTTPServer, body: str
) -> None:
    """Something answered with success: a prediction may well exist."""
    path = "/v1/models/black-forest-labs/flux-schnell/predictions"
    httpserver.expect_request(path).respond_with_data(body, status=201)
    with pytest.raises(UncertainCall):
        generator_at(httpserver.url_for("")).create(order(), webhook=HOOK)
