"""StorefrontApi's preferences: damaged and hostile histories, any customer's id, what is asked of whom."""

from collections.abc import Sequence
from datetime import datetime

import pytest

from packshot.customers.desk import CustomerDesk
from packshot.errors import DamagedHistory, RetryLater
from packshot.events import Preferences, PurchaseLine
from packshot.storefront.customers import PastPurchase, PreferencesRequest
from packshot.testing.predictor import CountingPredictor
from packshot.testing.purchases import MemoryPurchases
from tests.functions.storefront import CUSTOMER, LINE, NOW, Client, ask, post, tell


class DamagedPurchases(MemoryPurchases):
    """A table of which nobody can read the newest entry."""

    def history(self, customer: str, *, most: int) -> tuple[PurchaseLine, ...]:
        """Return what is left."""
        *left, _ = super().history(customer, most=most)
        raise DamagedHistory(tuple(left), lost=1)


class AttentivePredictor(CountingPredictor):
    """Remembers what it was asked."""

    history: Sequence[PurchaseLine] = ()
    now: datetime = NOW

    def preferences(self, history: Sequence[PurchaseLine], *, now: datetime) -> Preferences:
        """Answer, and remember."""
        self.history, self.now = history, now
        return super().preferences(history, now=now)


def test_a_damaged_history_is_answered_labelled_and_told() -> None:
    """By what can be read of it; the answer says how much cannot, and somebody is told, of no customer."""
    purchases, told = DamagedPurchases(), list[str]()
    desk = CustomerDesk(
        purchases, CountingPredictor(), lambda: NOW, tell=lambda *words: told.append(" ".join(words))
    )
    desk.record([LINE, LINE | {"time": "2026-10-01"}, LINE | {"time": "2026-11-01"}])
    basis = desk.preferences(CUSTOMER).basis
    assert (basis.visits, basis.unreadable_purchases_left_out) == (2, 1)
    assert told == ["history damaged 1 lines of a history cannot be read, 2 can"]


def test_a_busy_table_is_told_and_an_image_comes_in_any_case(
    stocked: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 says when to come again; a picture waits for no taste."""

    def busy(customer: str, *, most: int) -> tuple[PurchaseLine, ...]:
        raise RetryLater(f"{customer}, {most}")

    monkeypatch.setattr(stocked.purchases, "history", busy)
    reply = stocked.case("show_preferences")
    assert (reply.status, reply.json["code"], reply.headers["retry-after"]) == (503, "retry_later", "5")
    image = stocked.ask("GET", "/v1/products/MUG-1/images/main", query={"customer": CUSTOMER})
    assert (image.status, image.headers["x-packshot-reason"]) == (302, "default: no taste is known")


def test_nobody_is_asked_for_the_taste_of_what_is_not_there(stocked: Client) -> None:
    """An unknown product, a channel without an image, or nobody's taste costs no prediction."""
    for path in ("NONE/images/main", "MUG-1/images/cutout"):
        reply = stocked.ask("GET", f"/v1/products/{path}", query={"customer": CUSTOMER})
        assert reply.status == 404
    for nobody in ({}, {"customer": ""}):
        assert stocked.ask("GET", "/v1/products/MUG-1/images/main", query=nobody).status == 302
    assert stocked.predictor.asked == 0
    stocked.ask("GET", "/v1/products/MUG-1/images/main", query={"customer": CUSTOMER})
    assert stocked.predictor.asked == 1


@pytest.mark.parametrize("form", ["{etag}", "W/{etag}", '"other", {etag}', '"other",W/{etag}', "*"])
def test_whoever_has_the_answer_is_told_so(client: Client, form: str) -> None:
    """In each form that RFC 9110 has for it; for a minute nobody asks, and no shared cache keeps it."""
    path = f"/v1/customers/{CUSTOMER}/preferences"
    first = client.ask("GET", path)
    assert first.headers["cache-control"] == "private, max-age=60"
    again = client.ask("GET", path, headers={"if-none-match": form.format(etag=first.headers["etag"])})
    assert (again.status, again.body, again.headers["etag"]) == (304, "", first.headers["etag"])
    assert again.headers["cache-control"] == first.headers["cache-control"]


def test_a_question_with_a_history_is_always_answered(client: Client) -> None:
    """A POST is never 304 (RFC 9110, 13.1.2)."""
    headers = {"content-type": "application/json", "if-none-match": "*"}
    reply = client.ask("POST", "/v1/preferences", headers=headers, body='{"purchases": []}')
    assert (reply.status, reply.headers["cache-control"]) == (200, "private, max-age=60")


def test_a_history_is_shown_in_order_and_as_of_the_moment_that_is_asked_for() -> None:
    """Predictors cut the oldest off the front."""
    predictor = AttentivePredictor()
    desk = CustomerDesk(MemoryPurchases(), predictor, lambda: NOW, tell=lambda *_: None)
    days = ("2026-03-01", "2026-01-01T00:00:00+05:00", "2026-02-01")
    lines = [PastPurchase.model_validate({"category": "a", "time": day}) for day in days]
    asked = datetime.fromisoformat("2026-04-01T00:00:00Z")
    desk.preferences_of(PreferencesRequest(purchases=lines, now=asked))
    assert [line.time.month for line in predictor.history] == [1, 2, 3]
    assert predictor.now == asked


def test_of_many_wrong_lines_the_first_is_told(client: Client) -> None:
    """To gather what is wrong with 100,000 lines takes more memory than the function has."""
    wrong = {"category": 5, "time": 1e9}
    reply = post(client, "/v1/preferences", {"purchases": [LINE, wrong, *[wrong | {"more": 1}] * 50]})
    assert reply.status == 422
    assert [fault["where"] for fault in reply.json["faults"]] == ["body.purchases.1.category"]


@pytest.mark.parametrize("path", ["/v1/purchases", "/v1/preferences", "/v1/photos"])
def test_an_object_of_too_many_fields_is_not_looked_at(client: Client, path: str) -> None:
    """Each would be a fault of its own."""
    many = {f"field {number}": number for number in range(101)}
    for body in (many, {"purchases": [many]}, {"purchases": [{"category": many}]}):
        reply = post(client, path, body)
        assert (reply.status, reply.json["code"], len(reply.json["faults"])) == (422, "invalid", 1)
        assert "100 fields" in reply.json["faults"][0]["what"]


def test_a_history_is_read_as_lines_that_are_kept(client: Client) -> None:
    """Blanks around words and a missing zone make no other category, and no other day."""
    padded = {"category": " shoes ", "time": "2026-09-05T01:30:00", "brand": "alder "}
    plain = {"category": "shoes", "time": "2026-09-05T01:30:00Z", "brand": "alder"}
    assert ask(client, padded).json == ask(client, plain).json
    blank = ask(client, plain | {"category": "  "})
    assert (blank.status, blank.json["faults"][0]["where"]) == (422, "body.purchases.0.category")


@pytest.mark.parametrize(
    ("customer", "path"),
    [
        ("ada@example.com", "ada@example.com"),
        ("gid://shopify/Customer/7", "gid://shopify/Customer/7"),
        ("a b+c", "a b+c"),
        ('#1 "x" \\ `', '#1 "x" \\ `'),
        ("\N{GRINNING FACE}" * 200, "\N{GRINNING FACE}" * 200),
        ("50%", "50%25"),
        ("ada%40example.com", "ada%2540example.com"),
    ],
)
def test_any_customer_can_be_asked_about_and_forgotten(
    client: Client, caplog: pytest.LogCaptureFixture, customer: str, path: str
) -> None:
    """Ids are the shop's own; `path` is what an HTTP API makes of one: decoded, all but `%25`."""
    tell(client, LINE | {"customer": customer})
    caplog.clear()
    address = f"/v1/customers/{path}"
    assert client.ask("GET", f"{address}/preferences").json["basis"]["visits"] == 1
    assert client.ask("DELETE", address).json == {"lines": 1}
    assert client.purchases.forgotten([customer]) == {customer}
    logged = [vars(record) for record in caplog.records]
    assert [record["path"] for record in logged] == ["/v1/customers/*/preferences", "/v1/customers/*"]


@pytest.mark.parametrize("customer", ["..", "x" * 201, "%00", "\x00", "=cmd", "'--", "%ff", " ", "/"])
def test_no_name_of_a_customer_is_a_defect(client: Client, customer: str) -> None:
    """One that nobody has is a newcomer's, or no name at all."""
    for method, path in (
        ("GET", f"/v1/customers/{customer}/preferences"),
        ("DELETE", f"/v1/customers/{customer}"),
    ):
        assert client.ask(method, path).status in {200, 404, 422}
