"""What the storefront API's heaviest questions cost: seconds of a processor, and memory.

python -m tests.benchmarks.storefront [--json FILE]

Each runs in a process of its own, through the gateway, against a server that plays table and endpoint.
A function of 512 MB has 512/1,769 of a processor: `at_512_mb_s` is what the seconds come to there.
"""

import argparse
import json
import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from packshot.adapters.predictor import SageMakerPredictor
from packshot.adapters.purchases import DynamoPurchases
from packshot.customers.desk import CustomerDesk
from packshot.customers.telling import SteadyPredictor
from packshot.events import NextCategory, PreferenceBasis, Preferences
from packshot.gateway import Gateway
from packshot.storefront.shopfront import Shopfront
from packshot.testing.catalogue import MemoryCatalogue
from packshot.testing.key_ring import MemoryKeyRing
from packshot.testing.objects import MemoryObjects, MemorySigner
from packshot.testing.server import Answered, Asked, PlayedServer
from packshot.trends import load_default_report
from tests.functions.storefront import KEY, LINE, NOW, Client

ROOT: Final = Path(__file__).resolve().parents[2]
MB_OF_A_PROCESSOR: Final = 1_769
MB: Final = 512
_TOLD: Final = Preferences(
    next=(NextCategory(category="shoes", probability=0.5, because="bought shoes"),),
    basis=PreferenceBasis(kind="history", visits=1),
    model="m-1",
)
_EMPTY: Final[Mapping[str, object]] = {"Items": [], "Responses": {}, "UnprocessedKeys": {}}


@dataclass(frozen=True, slots=True)
class Cost:
    """A question, and what its answer took; `peak_mib` is of the process with all that it has loaded."""

    question: str
    status: int
    seconds: float
    cpu_seconds: float
    at_512_mb_s: float
    peak_mib: int


class Cloud(PlayedServer):
    """A table that holds nothing and takes everything, an endpoint that always says the same."""

    def answer(self, asked: Asked) -> Answered:
        """Answer any of them."""
        self.asked.clear()
        if asked.path.startswith("/endpoints/"):
            return Answered.json(_TOLD.model_dump(mode="json"))
        return Answered.json(_EMPTY, headers={"Content-Type": "application/x-amz-json-1.0"})


def questions() -> Mapping[str, tuple[str, str]]:
    """Return the path and the body of each question."""
    batch = [LINE | {"customer": str(number)} for number in range(1_000)]
    day = 86_400
    history = [
        {"category": "shoes", "time": 1_500_000_000 + day * (number % 3_000)} for number in range(100_000)
    ]
    wrong = [{"category": 5, "time": "soon", "price": -1}] * 100_000
    said = {
        "1,000 lines of 1,000 customers": ("/v1/purchases", batch),
        "1,000 lines of one customer": ("/v1/purchases", [LINE | {"order": str(n)} for n in range(1_000)]),
        "a history of 100,000 lines": ("/v1/preferences", history),
        "100,000 wrong lines": ("/v1/preferences", wrong),
        "a history of 20 lines": ("/v1/preferences", history[:20]),
    }
    return {name: (path, json.dumps({"purchases": lines})) for name, (path, lines) in said.items()}


def cost_of(question: str) -> Cost:
    """Ask in a process of its own."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    served, serving = context.Pipe()
    server = context.Process(target=_serve, args=(serving,), daemon=True)
    server.start()
    process = context.Process(target=_ask, args=(question, str(served.recv()), theirs))
    process.start()
    cost: Cost = ours.recv()
    process.join()
    server.terminate()
    server.join()
    return cost


def _serve(pipe: Connection) -> None:
    with Cloud() as server:
        pipe.send(server.url)
        time.sleep(3600)


def _ask(question: str, url: str, pipe: Connection) -> None:
    os.environ |= {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "POWERTOOLS_LOG_LEVEL": "ERROR",
    }
    client = _client()
    # The first question of a process makes the clients.
    client.case("tell_preferences")
    client.case("record_purchases")
    path, body = questions()[question]
    began, busy = time.perf_counter(), time.process_time()
    reply = client.ask("POST", path, headers={"content-type": "application/json"}, body=body)
    busy = time.process_time() - busy
    pipe.send(
        Cost(
            question=question,
            status=reply.status,
            seconds=round(time.perf_counter() - began, 3),
            cpu_seconds=round(busy, 3),
            at_512_mb_s=round(busy * MB_OF_A_PROCESSOR / MB, 2),
            peak_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        )
    )


def _client() -> Client:
    catalogue = MemoryCatalogue()
    shop = Shopfront(catalogue, MemorySigner(), "uploads", load_default_report, lambda: NOW)
    desk = CustomerDesk(
        purchases=DynamoPurchases("histories", MemoryObjects(), bucket="purchases"),
        predictor=SteadyPredictor(SageMakerPredictor("p"), popularity=dict, tell=lambda *_: None),
        now=lambda: NOW,
        tell=lambda *_: None,
    )
    events = ROOT / "events" / "storefront_api"
    template = json.loads((events / "list_products.json").read_text())
    gateway = Gateway(shop, customers=desk, keys=MemoryKeyRing({"shop": KEY}))
    return Client(gateway, template, events, catalogue)


def main() -> int:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.storefront", description=(__doc__ or "").split("\n", maxsplit=1)[0]
    )
    parser.add_argument("--json", type=Path, help="where the figures are written")
    arguments = parser.parse_args()
    costs = []
    sys.stdout.write(f"{'question':<32}  status  s      CPU s  CPU s at {MB} MB  peak MiB\n")
    for question in questions():
        cost = cost_of(question)
        costs.append(cost)
        sys.stdout.write(
            f"{cost.question:<32}  {cost.status}     {cost.seconds:<5.2f}  {cost.cpu_seconds:<5.2f}  "
            f"{cost.at_512_mb_s:<15.2f}  {cost.peak_mib}\n"
        )
        sys.stdout.flush()
    if arguments.json:
        figures = json.dumps([asdict(cost) for cost in costs], indent=2)
        arguments.json.write_text(f"{figures}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
