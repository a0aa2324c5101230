"""StorefrontApi's customers: purchases in, farewells, preferences out, the image that suits."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from packshot import customer_wiring, wiring
from packshot.customers.desk import MOST_TOLD
from packshot.events import CategoryDemand, DemandSummary, PurchaseLine
from packshot.testing.key_ring import MemoryKeyRing
from tests.functions.storefront import (
    CUSTOMER,
    KEY,
    LINE,
    NOW,
    PROBLEM,
    Client,
    ask,
    post,
    tell,
)

# --- purchases --------------------------------------------------------------------------------------


def test_a_batch_is_kept_and_known_when_it_comes_again(client: Client) -> None:
    """A shop that is not sure whether it told us tells us again."""
    first, second = (client.case("record_purchases") for _ in range(2))
    assert (first.status, first.json["kept"], first.json["known"]) == (200, 2, 0)
    assert (second.status, second.json["kept"], second.json["known"]) == (200, 0, 2)
    assert len(client.purchases.history(CUSTOMER, most=10)) == 2


def test_a_bad_row_spoils_no_other(client: Client) -> None:
    """Each row that is not kept is told with its number, its field and why."""
    bad = [
        LINE | {"price": -1},
        LINE | {"time": "2027-01-01T00:00:00Z"},
        {"customer": 7},
        LINE | {"colour": "red"},
    ]
    reply = tell(client, *bad, LINE)
    assert (reply.status, reply.json["kept"], reply.json["refused"]) == (200, 1, 4)
    told = {(problem["line"], problem["field"]) for problem in reply.json["problems"]}
    assert told >= {(1, "price"), (2, "time"), (3, "customer"), (3, "time"), (3, "category"), (4, "colour")}


def test_so_many_bad_rows_are_told_and_all_are_counted(client: Client) -> None:
    """An answer stays small, whatever was sent."""
    reply = tell(client, *[LINE | {"price": -1}] * 300, LINE)
    assert (reply.json["kept"], reply.json["refused"], len(reply.json["problems"])) == (1, 300, MOST_TOLD)


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"purchases": [LINE | {"price": -1}]}, "body.purchases.0.price"),
        ({"purchases": [LINE | {"time": "soon"}]}, "body.purchases.0.time"),
        ({"purchases": ["text", None]}, "body.purchases.0.row"),
        ({"purchases": []}, "body.purchases"),
        ({"purchases": [LINE] * 1_001}, "body.purchases"),
        ({"purchases": {}}, "body.purchases"),
        ({}, "body.purchases"),
        ({"purchases": [LINE], "more": 1}, "body.more"),
        ([], "body"),
    ],
)
def test_a_batch_of_which_nothing_can_be_kept_is_a_problem(client: Client, body: object, where: str) -> None:
    """422 names the first field at fault."""
    reply = post(client, "/v1/purchases", body)
    assert (reply.status, reply.headers["content-type"]) == (422, PROBLEM)
    assert reply.json["faults"][0]["where"] == where


def test_a_forgotten_customer_is_forgotten(client: Client) -> None:
    """At once, twice if asked twice, and for lines that still come."""
    tell(client, LINE, LINE | {"customer": "2"})
    gone = client.case("forget_customer")
    assert (gone.status, gone.json) == (200, {"lines": 1})
    assert client.case("forget_customer").json == {"lines": 0}
    reply = tell(client, LINE, LINE | {"customer": "2", "price": 1})
    assert (reply.json["kept"], reply.json["refused"]) == (1, 1)
    assert "forgotten" in reply.json["problems"][0]["reason"]
    assert tell(client, LINE).status == 422
    assert client.case("show_preferences").json["basis"]["visits"] == 0


@pytest.mark.parametrize(
    "customer", ["gid://shopify/Customer/7", "a,b", 'a"b', "a?b", "a#b", "a%2Fb", "a+b&c=d"]
)
def test_a_customer_of_any_id_can_be_forgotten(client: Client, customer: str) -> None:
    """What a file may hold can be forgotten, though no path can hold it; and nobody else is."""
    tell(client, *(LINE | {"customer": each} for each in (customer, "a", "b")))
    gone = client.ask("DELETE", "/v1/customers", query={"customer": customer})
    assert (gone.status, gone.json) == (200, {"lines": 1})
    assert client.purchases.forgotten([customer, "a", "b"]) == {customer}
    assert client.ask("DELETE", "/v1/customers").json["faults"][0]["where"] == "query.customer"


def test_blanks_around_an_id_forget_the_customer_all_the_same(client: Client) -> None:
    """Lines are kept without them."""
    tell(client, LINE | {"customer": " 7 "})
    assert client.ask("GET", "/v1/customers/ 7 /preferences").json["basis"]["visits"] == 1
    assert client.ask("DELETE", "/v1/customers/ 7 ").json == {"lines": 1}


# --- preferences ------------------------------------------------------------------------------------


def test_preferences_of_a_customer(client: Client) -> None:
    """Three categories at most, with probability and reason, of whom we know and of whom we do not."""
    client.case("record_purchases")
    known = client.case("show_preferences")
    assert known.status == 200
    assert {each["category"] for each in known.json["next"]} == {"shoes", "bags"}
    assert all(each["because"] and 0 < each["probability"] <= 1 for each in known.json["next"])
    assert (known.json["basis"]["kind"], known.json["basis"]["visits"]) == ("history", 2)
    assert known.json["model"] == "counted-1"
    nobody = client.ask("GET", "/v1/customers/nobody/preferences")
    assert (nobody.status, nobody.json["basis"]["kind"]) == (200, "popularity")


def test_preferences_can_be_kept_until_they_change(client: Client) -> None:
    """The same question an hour long has the same answer; a purchase changes it."""
    tell(client, LINE)
    path = f"/v1/customers/{CUSTOMER}/preferences"
    etag = client.ask("GET", path).headers["etag"]
    again = client.ask("GET", path, headers={"if-none-match": etag})
    assert (again.status, again.body) == (304, "")
    tell(client, LINE | {"category": "bags", "time": NOW.isoformat()})
    changed = client.ask("GET", path, headers={"if-none-match": etag})
    assert (changed.status, changed.json["basis"]["visits"]) == (200, 2)


def test_a_model_that_is_away_is_counted_for_and_labelled(client: Client) -> None:
    """No answer of counting looks like the model's."""
    tell(client, LINE)
    client.predictor.down = True
    for reply in (client.case("show_preferences"), client.case("tell_preferences")):
        assert reply.status == 200
        assert (reply.json["basis"]["kind"], reply.json["model"]) == ("frequency", "")
        assert reply.json["next"][0]["probability"] < 0.5


def test_a_history_in_the_question_is_answered_and_not_kept(client: Client) -> None:
    """Nothing of it is there afterwards."""
    reply = client.case("tell_preferences")
    assert (reply.status, reply.json["basis"]["visits"]) == (200, 2)
    assert reply.headers["etag"]
    assert client.purchases.history(CUSTOMER, most=9) == ()


def test_an_empty_history_is_a_newcomer(client: Client) -> None:
    """Answered, and labelled."""
    reply = ask(client)
    assert (reply.status, reply.json["basis"]) == (
        200,
        {
            "kind": "popularity",
            "visits": 0,
            "unknown_categories": 0,
            "future_purchases_left_out": 0,
            "oldest_purchases_left_out": 0,
            "unreadable_purchases_left_out": 0,
        },
    )


def test_future_purchases_are_left_out_and_counted(client: Client) -> None:
    """Nothing at or after the moment of asking is looked at."""
    later = {"category": "bags", "time": (NOW + timedelta(days=1)).isoformat()}
    reply = ask(client, {"category": "shoes", "time": "2026-01-01T00:00:00Z"}, later)
    assert [each["category"] for each in reply.json["next"]] == ["shoes"]
    assert reply.json["basis"]["future_purchases_left_out"] == 1


def test_a_history_of_100_000_purchases_is_answered(client: Client) -> None:
    """What is not looked at is counted."""
    days = [{"category": "a", "time": 1_500_000_000 + 86_400 * (number % 3_000)} for number in range(100_000)]
    reply = ask(client, *days)
    assert reply.status == 200
    assert reply.json["basis"]["visits"] == 200
    assert reply.json["basis"]["oldest_purchases_left_out"] > 90_000


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"purchases": [{"category": "a"}]}, "body.purchases.0.time"),
        ({"purchases": [{"category": "", "time": 1e9}]}, "body.purchases.0.category"),
        ({"purchases": [{"category": "a", "time": 1e9, "price": -3}]}, "body.purchases.0.price"),
        ({"purchases": [{"category": "a", "time": 1e9, "price": float("nan")}]}, "body.purchases.0.price"),
        ({"purchases": [{"category": "a", "time": 1e9, "discount": 2}]}, "body.purchases.0.discount"),
        ({"purchases": [{"category": 5, "time": 1e9}]}, "body.purchases.0.category"),
        ({"purchases": [{"category": "a", "time": "1960-01-01T00:00:00Z"}]}, "body.purchases.0.time"),
        ({"purchases": [], "now": "9999-12-31T23:59:59-12:00"}, "body.now"),
        ({"purchases": [], "now": "2026-01-01"}, "body.now"),
        ({"purchases": "all"}, "body.purchases"),
        ({}, "body.purchases"),
    ],
)
def test_a_wrong_history_is_a_problem(client: Client, body: object, where: str) -> None:
    """422 names the field."""
    reply = post(client, "/v1/preferences", body)
    assert (reply.status, reply.headers["content-type"]) == (422, PROBLEM)
    assert reply.json["faults"][0]["where"] == where


def test_a_body_that_is_too_large_is_a_problem(client: Client) -> None:
    """413, before anything of it is read."""
    headers = {"content-type": "application/json"}
    reply = client.ask("POST", "/v1/preferences", headers=headers, body='{"purchases":["' + "x" * 10_000_000)
    assert (reply.status, reply.json["code"]) == (413, "too_large")


@pytest.mark.parametrize("body", ["{", "[" * 100_000, '{"purchases": ' + "9" * 5_000 + "}", "nul", "\ud800"])
def test_a_body_that_is_no_json_is_a_problem(client: Client, body: str) -> None:
    """400, also for what a parser trips over."""
    headers = {"content-type": "application/json"}
    reply = client.ask("POST", "/v1/preferences", headers=headers, body=body)
    assert (reply.status, reply.json["code"]) == (400, "not_json")


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(
        ["2026-01-01T00:00:00Z", "0001-01-01T00:00:00+12:00", "9999-12-31T23:59:59-12:00", 1e9]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*PurchaseLine.model_fields, "purchases", "now"]), inner, max_size=9
        )
    ),
    max_leaves=12,
)
lines = st.lists(
    st.dictionaries(st.sampled_from([*PurchaseLine.model_fields]), json_values, max_size=9), max_size=3
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(
    path=st.sampled_from(["/v1/purchases", "/v1/preferences"]),
    body=json_values | st.fixed_dictionaries({"purchases": lines}, optional={"now": json_values}),
)
def test_no_body_is_answered_by_a_defect(client: Client, path: str, body: object) -> None:
    """Whatever is sent, it is an answer or a problem of the sender's."""
    reply = post(client, path, body)
    assert reply.status in {200, 400, 422}, reply.body


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(body=st.text(max_size=60))
def test_no_text_is_answered_by_a_defect(client: Client, body: str) -> None:
    """Not even by what is no JSON at all."""
    headers = {"content-type": "application/json"}
    for path in ("/v1/purchases", "/v1/preferences"):
        assert client.ask("POST", path, headers=headers, body=body).status in {400, 422}


def test_no_log_names_a_customer(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """Who is forgotten must not stay in the logs."""
    for case in ("record_purchases", "show_preferences", "fetch_image_for_customer", "forget_customer"):
        client.case(case)
    logged = [str(vars(record)) for record in caplog.records]
    assert len(logged) >= 4
    assert not [line for line in logged if CUSTOMER in line]
    assert any("/v1/customers/*/preferences" in line for line in logged)


def test_the_api_describes_its_customers(client: Client) -> None:
    """Whoever builds on it finds the addresses, and what a purchase line is."""
    described = client.ask("GET", "/openapi.json", key=None).json
    assert {"/v1/purchases", "/v1/preferences", "/v1/customers/{customer}"} <= {
        path.replace("<", "{").replace(">", "}") for path in described["paths"]
    }
    assert "because" in json.dumps(described["components"])


# --- wired ------------------------------------------------------------------------------------------


@pytest.fixture
def wired(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Stand up what both functions find on AWS; the endpoint is not there."""
    secret = json.dumps(
        {"keys": [{"name": "shop", "sha256": digest} for digest in MemoryKeyRing({"shop": KEY}).hashes()]}
    )
    cached: tuple[Any, ...] = (
        wiring.settings,
        wiring.objects,
        customer_wiring.purchases,
        customer_wiring.registry,
        customer_wiring.predictor,
        wiring.key_ring,
        wiring._latest_demand,  # noqa: SLF001 - what a process remembers
    )
    with mock_aws():
        for name, value in {
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": "http://127.0.0.1:9",
            "ENVIRONMENT": "sandbox",
            "UPLOADS_BUCKET": "shop-uploads",
            "PUBLISHED_BUCKET": "shop-published",
            "TRENDS_BUCKET": "shop-trends",
            "CATALOGUE_TABLE": "wired-catalogue",
            "PURCHASES_BUCKET": "shop-purchases",
            "HISTORIES_TABLE": "histories",
            "PREFERENCES_ENDPOINT": "shop-preferences",
            "TIME_LIMIT_SECONDS": "600",
        }.items():
            monkeypatch.setenv(name, value)
        arn = boto3.client("secretsmanager").create_secret(Name="wired", SecretString=secret)["ARN"]
        monkeypatch.setenv("API_KEYS_SECRET", arn)
        boto3.client("s3").create_bucket(
            Bucket="shop-purchases", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        boto3.client("dynamodb").create_table(
            TableName="histories",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
        )
        for each in cached:
            each.cache_clear()
        yield
        for each in cached:
            each.cache_clear()


def test_from_a_purchase_to_a_farewell(
    wired: None, load_function: Callable[[str], ModuleType], root: Path
) -> None:
    """Told by the API, written down, answered for, forgotten: in the table, in the lines, in the buckets."""
    del wired
    api, recorder = load_function("storefront_api"), load_function("record_purchases")
    api.gateway.cache_clear()
    s3 = boto3.client("s3")

    def call(case: str) -> Mapping[str, Any]:
        answer = api.handler(json.loads((root / "events/storefront_api" / f"{case}.json").read_text()), None)
        assert answer["statusCode"] == 200, answer
        return dict(json.loads(answer["body"]))

    def announce() -> None:
        for prefix in ("batches/", "forgotten/"):
            for found in s3.list_objects_v2(Bucket="shop-purchases", Prefix=prefix).get("Contents", []):
                detail = {"bucket": {"name": "shop-purchases"}, "object": {"key": found["Key"]}}
                recorder.handler({"detail": detail}, None)

    assert call("record_purchases")["kept"] == 2
    announce()
    assert CUSTOMER.encode() in _everything(s3)
    told = call("show_preferences")
    assert (told["basis"]["kind"], told["basis"]["visits"]) == ("frequency", 2)
    assert call("forget_customer")["lines"] == 2
    announce()
    assert CUSTOMER.encode() not in _everything(s3)
    assert call("show_preferences")["basis"]["visits"] == 0
    api.gateway.cache_clear()


def test_what_is_in_demand_is_known_from_the_summary(wired: None) -> None:
    """Each category's share of it; nothing where there is no summary, or one that nobody can read."""
    del wired
    s3 = boto3.client("s3")

    def told(body: bytes | None) -> Mapping[str, float]:
        wiring._latest_demand.cache_clear()  # noqa: SLF001 - else it is asked once a minute
        if body is not None:
            s3.put_object(Bucket="shop-purchases", Key="demand/latest.json", Body=body)
        return customer_wiring.popularity("shop-purchases")

    demand = {"kind": "shoes", "expected": 3, "lift": 1}
    summary = {
        "made_at": NOW.isoformat(),
        "model": "m",
        "customers": 9,
        "categories": [
            demand | {"category": "boots", "share": 0.75},
            demand | {"category": "belts", "share": 0.25},
        ],
    }
    assert told(None) == {}
    assert told(json.dumps(summary).encode()) == {"boots": 0.75, "belts": 0.25}
    assert told(b"{") == {}
    assert told(b" " * 1_000_001) == {}
    wiring._latest_demand.cache_clear()  # noqa: SLF001 - for the next test


def _everything(s3: Any) -> bytes:  # noqa: ANN401 - the client
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket="shop-purchases")["Contents"]]
    return b"".join(s3.get_object(Bucket="shop-purchases", Key=key)["Body"].read() for key in keys)


def test_a_newcomer_is_told_what_is_wanted_while_no_model_answers(
    wired: None, load_function: Callable[[str], ModuleType], root: Path
) -> None:
    """By the summary of demand; and an endpoint that is away is soon left alone."""
    del wired
    wanted = [
        CategoryDemand(category=name, kind="other", expected=1, share=share, lift=1)
        for name, share in (("cups", 0.75), ("plates", 0.25))
    ]
    summary = DemandSummary(made_at=NOW, model="m-1", customers=9, categories=tuple(wanted))
    boto3.client("s3").put_object(
        Bucket="shop-purchases", Key="demand/latest.json", Body=summary.model_dump_json().encode()
    )
    api = load_function("storefront_api")
    api.gateway.cache_clear()
    event = json.loads((root / "events/storefront_api/show_preferences.json").read_text())
    for _ in range(3):
        told = json.loads(api.handler(event, None)["body"])
    api.gateway.cache_clear()
    assert [(each["category"], each["probability"]) for each in told["next"]] == [
        ("cups", 0.75),
        ("plates", 0.25),
    ]
    assert (told["basis"]["kind"], told["model"]) == ("frequency", "")
    key = {"pk": {"S": "BREAKER"}, "sk": {"S": "preferences"}}
    breaker = boto3.client("dynamodb").get_item(TableName="histories", Key=key)["Item"]
    assert breaker["state"] == {"S": "OPEN"}
