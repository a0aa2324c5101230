"""A client of the storefront API, and shops that it asks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from packshot.customers.desk import CustomerDesk
from packshot.customers.telling import SteadyPredictor
from packshot.gateway import Gateway
from packshot.storefront.shopfront import Shopfront
from packshot.testing.catalogue import MemoryCatalogue
from packshot.testing.clock import StoppedClock
from packshot.testing.key_ring import MemoryKeyRing
from packshot.testing.objects import MemorySigner
from packshot.testing.predictor import CountingPredictor
from packshot.testing.purchases import MemoryPurchases
from packshot.trends import load_default_report

KEY = "sample-key-of-the-shop"
PROBLEM = "application/problem+json"
CUSTOMER = "1515915625442993984"
NOW = StoppedClock()()
LINE = {
    "customer": CUSTOMER,
    "time": "2026-09-04T17:20:00Z",
    "category": "shoes",
    "price": 89.9,
    "style": "festive",
}


@dataclass(frozen=True)
class Reply:
    """An answer as a client sees it."""

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - JSON
        """The body, parsed."""
        return json.loads(self.body)


@dataclass
class Client:
    """Asks the gateway as API Gateway would."""

    gateway: Gateway
    template: Mapping[str, Any]
    events: Path
    catalogue: MemoryCatalogue = field(default_factory=MemoryCatalogue)
    purchases: MemoryPurchases = field(default_factory=MemoryPurchases)
    predictor: CountingPredictor = field(default_factory=CountingPredictor)
    clock: StoppedClock = field(default_factory=StoppedClock)

    def send(self, event: Mapping[str, Any]) -> Reply:
        """Send a whole event."""
        answer = self.gateway(dict(event), cast("Any", None))
        headers = {name.lower(): value for name, value in answer["headers"].items()}
        return Reply(int(answer["statusCode"]), headers, answer.get("body") or "")

    def case(self, name: str) -> Reply:
        """Send a sample event."""
        return self.send(json.loads((self.events / f"{name}.json").read_text()))

    def ask(  # noqa: PLR0913 - each is a part of a request
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: str | None = None,
        key: str | None = KEY,
    ) -> Reply:
        """Send a request."""
        event = json.loads(json.dumps(self.template))
        event |= {"rawPath": path, "queryStringParameters": dict(query or {})}
        event["requestContext"]["http"] |= {"method": method, "path": path}
        event["headers"] = {**({"x-api-key": key} if key is not None else {}), **(headers or {})}
        if body is not None:
            event["body"] = body
        return self.send(event)


def client_of(root: Path, catalogue: MemoryCatalogue, *, keys: MemoryKeyRing | None = None) -> Client:
    """Return a client of a shop with this catalogue."""
    purchases, predictor, clock = MemoryPurchases(), CountingPredictor(), StoppedClock()
    shop = Shopfront(
        catalogue=catalogue,
        signer=MemorySigner(),
        uploads_bucket="uploads",
        trends=load_default_report,
        now=clock,
    )
    events = root / "events" / "storefront_api"
    template = json.loads((events / "list_products.json").read_text())
    desk = CustomerDesk(
        purchases=purchases,
        predictor=SteadyPredictor(predictor, popularity=dict, tell=lambda *_: None),
        now=clock,
        tell=lambda *_: None,
    )
    gateway = Gateway(shop, customers=desk, keys=keys or MemoryKeyRing({"shop": KEY}))
    return Client(gateway, template, events, catalogue, purchases, predictor, clock)


def post(client: Client, path: str, body: object) -> Reply:
    """Send a body as JSON."""
    return client.ask("POST", path, headers={"content-type": "application/json"}, body=json.dumps(body))


def tell(client: Client, *lines: object) -> Reply:
    """Tell of purchases."""
    return post(client, "/v1/purchases", {"purchases": list(lines)})


def ask(client: Client, *lines: object, **more: object) -> Reply:
    """Ask with a history."""
    return post(client, "/v1/preferences", {"purchases": list(lines), **more})
