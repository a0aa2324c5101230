"""The predictors: the endpoint of SageMaker, its breaker, counting in its place."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities.circuit_breaker import base
from botocore.config import Config
from botocore.exceptions import ClientError

from packshot.adapters.predictor import (
    FAILURES,
    LARGEST_QUESTION,
    MOST_LINES,
    REST_SECONDS,
    GuardedPredictor,
    SageMakerPredictor,
)
from packshot.customers.telling import SteadyPredictor
from packshot.errors import PredictorUnavailable
from packshot.events import Likely, NextCategory, PreferenceBasis, Preferences, PurchaseLine
from packshot.ports import Predictor
from packshot.testing.predictor import CountingPredictor
from packshot.testing.server import Answered, Asked, PlayedServer
from tests.contracts.tables import make_table

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HISTORY = [
    PurchaseLine(customer="1", time=NOW - timedelta(days=day), category=category, price=9.5, brand="alder")
    for day, category in ((70, "shoes"), (35, "shoes"), (3, "bags"))
]
TOLD = Preferences(
    next=(NextCategory(category="shoes", probability=0.6, within_30_days=0.2, because="bought shoes"),),
    brands=(Likely(name="alder", probability=0.5),),
    basis=PreferenceBasis(kind="history", visits=3),
    model="2026-11-16",
)


class Endpoint(PlayedServer):
    """A model server behind the runtime's address."""

    def answer(self, asked: Asked) -> Answered:
        """Return what the model tells."""
        del asked
        return Answered(200, TOLD.model_dump_json().encode(), {"Content-Type": "application/json"})


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    """Serve one."""
    for name, value in (("ACCESS_KEY_ID", "testing"), ("SECRET_ACCESS_KEY", "testing")):
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    with Endpoint() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", server.url)
        yield server


@pytest.fixture(autouse=True)
def uncounted() -> Iterator[None]:
    """Let no count of another test stand: Powertools keeps them in the process."""
    yield
    for kept in (base._LOCAL_FAILURES, base._LOCAL_SUCCESSES, base._LAST_OBSERVED_STATE):  # noqa: SLF001 - no public way
        kept.clear()


@pytest.fixture(params=["counting", "sagemaker"])
def predictor(request: pytest.FixtureRequest) -> Predictor:
    """Return each predictor in turn."""
    if request.param == "counting":
        return CountingPredictor()
    request.getfixturevalue("endpoint")
    return SageMakerPredictor("packshot-sandbox-preferences")


def test_an_answer_names_what_it_rests_on(predictor: Predictor) -> None:
    """At most three categories, probabilities, a reason, the model's version."""
    told = predictor.preferences(HISTORY, now=NOW)
    assert 1 <= len(told.next) <= 3
    assert all(0 < each.probability <= 1 and each.because for each in told.next)
    assert (told.basis.kind, told.basis.visits) == ("history", 3)
    assert told.model


def test_the_question_is_the_raw_history(endpoint: Endpoint) -> None:
    """Moments in seconds, words and numbers as they are, and whose it is is not told."""
    SageMakerPredictor("packshot-sandbox-preferences").preferences(HISTORY, now=NOW)
    (asked,) = endpoint.asked
    assert asked.path == "/endpoints/packshot-sandbox-preferences/invocations"
    question = json.loads(asked.body)
    assert question["now"] == NOW.timestamp()
    assert question["purchases"][0] == {
        "time": (NOW - timedelta(days=70)).timestamp(),
        "category": "shoes",
        "price": 9.5,
        "brand": "alder",
        "style": "",
        "item": "",
        "order": "",
        "discount": None,
    }


def test_a_long_history_is_cut_and_says_so(endpoint: Endpoint) -> None:
    """The model is shown the newest lines, the answer tells how many it was not shown."""
    many = [HISTORY[0].model_copy(update={"price": float(number)}) for number in range(MOST_LINES + 7)]
    told = SageMakerPredictor("p").preferences(many, now=NOW)
    assert told.basis.oldest_purchases_left_out == 7
    shown = json.loads(endpoint.asked[0].body)["purchases"]
    assert (len(shown), shown[-1]["price"]) == (MOST_LINES, MOST_LINES + 6)


def test_what_is_not_yet_bought_is_left_out_and_counted(endpoint: Endpoint) -> None:
    """However much of it there is, it takes the place of nothing that was bought."""
    later = [HISTORY[0].model_copy(update={"time": datetime(9999, 12, 31, tzinfo=UTC)})] * MOST_LINES
    told = SageMakerPredictor("p").preferences([*HISTORY, *later], now=NOW)
    assert told.basis.future_purchases_left_out == MOST_LINES
    assert told.basis.oldest_purchases_left_out == 0
    shown = json.loads(endpoint.asked[0].body)["purchases"]
    assert [each["category"] for each in shown] == ["shoes", "shoes", "bags"]


def test_what_the_endpoint_left_out_itself_counts_too(endpoint: Endpoint) -> None:
    """It looks at 200 days, and its clock is its own."""
    basis = TOLD.basis.model_copy(update={"oldest_purchases_left_out": 3, "future_purchases_left_out": 1})
    answer = TOLD.model_copy(update={"basis": basis}).model_dump_json().encode()
    endpoint.faults.append(Answered(200, answer, {"Content-Type": "application/json"}))
    at = HISTORY[0].model_copy(update={"time": NOW})
    told = SageMakerPredictor("p").preferences([*[HISTORY[0]] * (MOST_LINES + 5), at, at], now=NOW)
    assert told.basis.oldest_purchases_left_out == 5 + 3
    assert told.basis.future_purchases_left_out == 2 + 1


def test_a_question_is_no_larger_than_the_endpoint_takes(endpoint: Endpoint) -> None:
    """Long words cost old lines, and the answer says how many."""
    words = dict.fromkeys(("category", "brand", "style", "item", "order"), "\N{PILE OF POO}" * 200)
    history = [
        PurchaseLine(customer="1", time=NOW - timedelta(minutes=ago), **words)
        for ago in range(MOST_LINES, 0, -1)
    ]
    told = SageMakerPredictor("p").preferences(history, now=NOW)
    (asked,) = endpoint.asked
    shown = json.loads(asked.body)["purchases"]
    assert LARGEST_QUESTION - 5_000 < len(asked.body) <= LARGEST_QUESTION + 100
    assert shown[-1]["time"] == (NOW - timedelta(minutes=1)).timestamp()
    assert told.basis.oldest_purchases_left_out == MOST_LINES - len(shown)


def test_a_moment_without_a_zone_is_in_utc(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the machine stands."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        naive = [HISTORY[0].model_copy(update={"time": HISTORY[0].time.replace(tzinfo=None)})]
        SageMakerPredictor("p").preferences(naive, now=NOW)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert json.loads(endpoint.asked[0].body)["purchases"][0]["time"] == HISTORY[0].time.timestamp()


def fault(name: str, status: int) -> Answered:
    """Return an error of the runtime's."""
    return Answered.json({"Message": "no"}, status=status, headers={"x-amzn-errortype": name})


@pytest.mark.parametrize(
    "answered",
    [
        fault("ServiceUnavailable", 503),
        fault("ModelError", 424),
        fault("ValidationError", 400),
        fault("ThrottlingException", 429),
        Answered(200, b"not JSON"),
        Answered.json({"next": "nothing"}),
        Answered.json({"next": [{"category": "a", "probability": 7, "because": ""}], "basis": {}}),
    ],
    ids=["away", "failed", "missing", "throttled", "not JSON", "another shape", "impossible"],
)
def test_whatever_goes_wrong_is_told_by_one_name(endpoint: Endpoint, answered: Answered) -> None:
    """And nobody is asked twice: a late answer is worth nothing."""
    endpoint.faults.append(answered)
    with pytest.raises(PredictorUnavailable):
        SageMakerPredictor("p").preferences(HISTORY, now=NOW)
    assert len(endpoint.asked) == 1


def test_an_answer_is_waited_for_within_the_time_of_the_api(endpoint: Endpoint) -> None:
    """The function has 20 s in all, and a shopper less."""
    del endpoint
    waits = SageMakerPredictor("p")._runtime.meta.config  # noqa: SLF001 - to wait in a test takes as long
    assert (waits.connect_timeout, waits.read_timeout) == (1, 4)


def test_a_slow_endpoint_is_left_in_time(endpoint: Endpoint) -> None:
    """The API's own time is short."""
    endpoint.faults.append(Answered(200, b"", delay=1))
    impatient = boto3.client(
        "sagemaker-runtime", config=Config(read_timeout=0.2, retries={"total_max_attempts": 1})
    )
    with pytest.raises(PredictorUnavailable, match="ReadTimeout"):
        SageMakerPredictor("p", impatient).preferences(HISTORY, now=NOW)


def test_nobody_there_is_told_by_the_same_name(monkeypatch: pytest.MonkeyPatch, endpoint: Endpoint) -> None:
    """A refused connection is no stack trace."""
    del endpoint
    monkeypatch.setenv("AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", "http://127.0.0.1:9")
    with pytest.raises(PredictorUnavailable):
        SageMakerPredictor("p").preferences(HISTORY, now=NOW)


# --- the breaker ------------------------------------------------------------------------------------


@pytest.fixture
def table(aws: None) -> str:  # noqa: ARG001 - the account has to stand first
    """Make a table as the stack does."""
    make_table("histories")
    return "histories"


def breaker(table: str) -> dict[str, Any]:
    """Return what the table holds of the circuit."""
    key = {"pk": {"S": "BREAKER"}, "sk": {"S": "preferences"}}
    return boto3.client("dynamodb").get_item(TableName=table, Key=key)["Item"]


def opened_ago(seconds: int, table: str) -> None:
    """Let the circuit have been opened so long ago."""
    boto3.client("dynamodb").update_item(
        TableName=table,
        Key={"pk": {"S": "BREAKER"}, "sk": {"S": "preferences"}},
        UpdateExpression="SET opened_at = :then",
        ExpressionAttributeValues={":then": {"N": str(int(time.time()) - seconds)}},
    )
    base._LAST_OBSERVED_STATE.clear()  # noqa: SLF001 - no public way


def opened(inner: CountingPredictor, table: str) -> None:
    """Open the circuit."""
    inner.down = True
    for _ in range(FAILURES):
        with pytest.raises(PredictorUnavailable):
            GuardedPredictor(inner, table=table).preferences(HISTORY, now=NOW)


def test_after_repeated_failures_nobody_is_asked(table: str) -> None:
    """Callers wait for nobody then, for as long as the circuit rests."""
    inner = CountingPredictor()
    opened(inner, table)
    inner.down = False
    for ago in (0, REST_SECONDS - 10):
        opened_ago(ago, table)
        with pytest.raises(PredictorUnavailable, match="the circuit is open"):
            GuardedPredictor(inner, table=table).preferences(HISTORY, now=NOW)
    assert inner.asked == FAILURES
    kept = breaker(table)
    assert kept["state"] == {"S": "OPEN"}
    assert int(kept["expires_at"]["N"]) > time.time(), "the table forgets what nobody closes"


def test_one_answer_closes_the_circuit(table: str) -> None:
    """When the endpoint is well again, so is everything, and as many failures are needed as before."""
    inner = CountingPredictor()
    opened(inner, table)
    inner.down = False
    opened_ago(REST_SECONDS + 1, table)
    guarded = GuardedPredictor(inner, table=table)
    assert guarded.preferences(HISTORY, now=NOW).model == "counted-1"
    assert breaker(table)["state"] == {"S": "CLOSED"}
    inner.down = True
    with pytest.raises(PredictorUnavailable, match="told to be away"):
        guarded.preferences(HISTORY, now=NOW)
    assert breaker(table)["state"] == {"S": "CLOSED"}


def test_a_busy_table_is_no_defect_of_the_breaker(table: str) -> None:
    """Who cannot claim the one call that is let through counts instead."""
    inner = CountingPredictor()
    opened(inner, table)
    opened_ago(REST_SECONDS + 1, table)
    client = boto3.client("dynamodb")

    def throttle(**_: object) -> None:
        raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "no"}}, "write")

    for operation in ("PutItem", "UpdateItem"):
        client.meta.events.register(f"before-call.dynamodb.{operation}", throttle)
    with pytest.raises(PredictorUnavailable, match="ClientError"):
        GuardedPredictor(inner, table=table, client=client).preferences(HISTORY, now=NOW)


@pytest.mark.parametrize("status", [422, 413])
def test_a_history_that_is_not_taken_opens_no_circuit(table: str, endpoint: Endpoint, status: int) -> None:
    """It is told as unavailable, and others are answered: the endpoint is well."""
    guarded = GuardedPredictor(SageMakerPredictor("p"), table=table, failures=3)
    for _ in range(5):
        untaken = {"OriginalStatusCode": status, "Message": "purchases.0.time: no"}
        endpoint.faults.append(Answered.json(untaken, status=424, headers={"x-amzn-errortype": "ModelError"}))
        with pytest.raises(PredictorUnavailable, match="does not take this history"):
            guarded.preferences(HISTORY, now=NOW)
    assert guarded.preferences(HISTORY, now=NOW).model == TOLD.model


def test_a_breaker_without_its_table_lets_calls_through(aws: None) -> None:
    """The store of the breaker must not become the outage."""
    del aws
    guarded = GuardedPredictor(CountingPredictor(), table="missing")
    assert guarded.preferences(HISTORY, now=NOW).model == "counted-1"


# --- counting instead -------------------------------------------------------------------------------


def test_an_unavailable_model_is_answered_by_counting_and_labelled() -> None:
    """With what is popular where that is known; no model's version is claimed."""
    inner, told = CountingPredictor(), list[str]()
    steady = SteadyPredictor(
        inner, popularity=lambda: {"bags": 0.9}, tell=lambda event, _: told.append(event)
    )
    assert steady.preferences(HISTORY, now=NOW).model == "counted-1"
    inner.down = True
    answer = steady.preferences(HISTORY, now=NOW)
    assert (answer.basis.kind, answer.basis.visits, answer.model) == ("frequency", 3, "")
    assert answer.next[0].category == "bags"
    assert told == ["predictor unavailable"]


def test_an_endpoint_without_a_model_is_counted_for() -> None:
    """The seed counts, but does not know what is popular: a newcomer would have no answer."""
    seed = CountingPredictor(version="")
    steady = SteadyPredictor(seed, popularity=lambda: {"bags": 0.75, "shoes": 0.25}, tell=lambda *_: None)
    told = steady.preferences([], now=NOW)
    assert seed.asked == 1
    assert [(each.category, each.probability) for each in told.next] == [("bags", 0.75), ("shoes", 0.25)]
    assert (told.basis.kind, told.model) == ("frequency", "")
