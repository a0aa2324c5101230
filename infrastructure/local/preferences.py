"""What `packshot preferences` does: train, show who serves and what is expected, go back, demonstrate."""

import json
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from botocore.exceptions import ClientError
from rich.console import Console
from rich.table import Table

from infrastructure.local.cloud import Cloud
from infrastructure.local.places import Refused
from packshot.events import Champions, DemandSummary, Preferences
from packshot.preferences.purchases import DAY
from packshot.preferences.simulator import Simulation, simulate

ENDED = frozenset({"SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"})
QUICK = {"seeds": "1", "most-rounds": "60"}
"""Parameters of a training that is for looking on: seconds instead of minutes, and a little worse."""
CUSTOMERS, DAYS, SEED = 400, 400, 1
"""The demonstration's shop."""
_ASKED = 3
_WAIT_S = 3_600.0
_RECORD_S = 120.0
_POLL_S = 0.2
_STEPS = {
    "WaitForTheOther": "Waiting for another run …",
    "SnapshotPurchases": "Freezing what was bought …",
    "TrainModel": "Training …",
    "EvaluateModel": "Judging the candidate …",
    "UpdateEndpoint": "Loading it …",
    "PromoteModel": "Asking what it has to know …",
    "SummarizeDemand": "Foreseeing demand …",
    "PutChampionBack": "Putting the model before back …",
}


@dataclass(frozen=True, slots=True)
class Ended:
    """An execution that is over; `states` in the order in which they were entered."""

    status: str
    outcome: Mapping[str, Any]
    error: str
    states: tuple[str, ...]
    seconds: float


def run(cloud: Cloud, request: Mapping[str, object], *, console: Console) -> Ended:
    """Start the state machine, say what it does, and wait for its end."""
    machine, began = cloud.client("stepfunctions"), time.monotonic()
    arn = machine.start_execution(
        stateMachineArn=cloud.outputs["TrainPreferencesArn"], input=json.dumps(request)
    )["executionArn"]
    with console.status("Starting …") as status:
        while (found := machine.describe_execution(executionArn=arn))["status"] not in ENDED:
            if time.monotonic() - began > _WAIT_S:
                raise Refused(f"{arn} has not ended after {_WAIT_S:.0f} s")
            told = [_STEPS[state] for state in _states(machine, arn) if state in _STEPS]
            status.update(told[-1] if told else "Starting …")
            time.sleep(_POLL_S)
    output = json.loads(found.get("output") or "{}")
    return Ended(
        found["status"],
        output.get("outcome", output) if isinstance(output, dict) else {},
        f"{found.get('error', '')} {found.get('cause', '')}".strip(),
        _states(machine, arn),
        time.monotonic() - began,
    )


def _states(machine: Any, arn: str) -> tuple[str, ...]:  # noqa: ANN401 - boto3 makes clients at run time
    history = machine.get_execution_history(executionArn=arn, maxResults=1000)["events"]
    entered = (each.get("stateEnteredEventDetails", {}).get("name") for each in history)
    return tuple(name for name in entered if name)


def train(cloud: Cloud, *, quick: bool, archive: str, console: Console) -> bool:
    """Train and judge a model, or judge one that was trained by hand; false if that failed."""
    request: dict[str, object] = {"parameters": QUICK} if quick else {}
    ended = run(cloud, request | ({"archive": archive} if archive else {}), console=console)
    if ended.status != "SUCCEEDED":
        console.print(f"The training ended as {ended.status}: {ended.error}", style="red", markup=False)
        return False
    if "promoted" not in ended.outcome:
        console.print("Another training is running; it does what this one would have done.")
        return True
    what = _verdict(ended.outcome)
    console.print(f"{what} ({ended.seconds:.1f} s):", markup=False, soft_wrap=True)
    for reason in ended.outcome["reasons"]:
        console.print(f"  {reason}", markup=False, soft_wrap=True)
    return True


def _verdict(outcome: Mapping[str, Any]) -> str:
    version = outcome.get("version")
    if not version:
        return "No model was trained"
    return f"{version} serves now" if outcome["promoted"] else f"{version} was not taken"


def retire(reason: str, *, cloud: Cloud, console: Console) -> bool:
    """Let the model before serve again; false if there is none."""
    ended = run(cloud, {"retire": reason}, console=console)
    if ended.status != "SUCCEEDED" or not ended.outcome.get("retired"):
        why = ended.outcome.get("why") or ended.error
        console.print(f"Nothing changed: {why}", style="red", markup=False, soft_wrap=True)
        return False
    console.print(f"{ended.outcome['champion']['version']} serves again.", markup=False)
    return True


def show(cloud: Cloud, *, console: Console) -> None:
    """Say who serves, and what is expected to be bought."""
    champions = _read(cloud, "models/champion.json", Champions)
    if champions is None:
        console.print("There is no model yet; the seed counts. Train one: packshot preferences train")
        return
    champion = champions.champion
    console.print(f"{champion.version} serves since {champion.since:%Y-%m-%d %H:%M}.", markup=False)
    if champions.before:
        console.print(f"Before it: {champions.before.version}", style="dim", markup=False)
    for retired in champions.retired:
        console.print(f"Retired: {retired}", style="dim", markup=False)
    demand = _read(cloud, "demand/latest.json", DemandSummary)
    if demand:
        console.print(demand_table(demand))


def demand_table(demand: DemandSummary) -> Table:
    """Return what is expected of each category within 30 days."""
    table = Table(box=None, header_style="dim")
    for name in ("category", "photographed as", "expected", "share", "lift", "style", "price"):
        table.add_column(name, justify="right" if name in {"expected", "share", "lift"} else "left")
    for each in demand.categories:
        table.add_row(
            each.category,
            each.kind,
            f"{each.expected:.0f}",
            f"{each.share:.0%}",
            f"{each.lift:.2f}",
            each.styles[0].name if each.styles else "",
            each.price_bands[0].name if each.price_bands else "",
        )
    return table


def demonstrate(cloud: Cloud, *, customers: int, console: Console) -> bool:
    """Let a simulated shop sell, train on it, and ask about a few of its customers; false if that failed."""
    began = time.monotonic()
    shop = until_now(simulate(customers=customers, days=DAYS, seed=SEED))
    console.print(
        f"{len(shop.columns)} purchases of {customers} simulated customers, dropped as a file.", style="dim"
    )
    with console.status("Recording …"):
        _drop(shop, cloud=cloud)
    if not train(cloud, quick=True, archive="", console=console):
        return False
    console.print(preferences_table(ask(shop, cloud=cloud)))
    demand = _read(cloud, "demand/latest.json", DemandSummary)
    if demand:
        console.print("Expected within 30 days; scenes follow it:", style="dim")
        console.print(demand_table(demand))
    console.print(f"Done in {time.monotonic() - began:.1f} s.", style="dim")
    return True


def until_now(shop: Simulation) -> Simulation:
    """Return the shop as if it had sold until yesterday: demand of years ago plans no scene."""
    columns = shop.columns
    later = (time.time() - float(columns.time.max())) // DAY * DAY
    return replace(shop, columns=replace(columns, time=columns.time + later), moments=shop.moments + later)


def ask(shop: Simulation, *, cloud: Cloud) -> dict[str, Preferences]:
    """Return what the endpoint tells of the customers who bought most lately."""
    columns = shop.columns
    newest = float(columns.time.max())
    late = columns.customer[np.argsort(-columns.time, kind="stable")]
    runtime, told = cloud.client("sagemaker-runtime"), {}
    for customer in list(dict.fromkeys(late))[:_ASKED]:
        rows = np.flatnonzero(columns.customer == customer)
        bought = [
            {
                "time": float(columns.time[row]),
                "category": columns.category[row],
                "price": float(columns.price[row]),
                "brand": columns.brand[row],
                "style": columns.style[row],
                "item": columns.item[row],
            }
            for row in rows
        ]
        answer = runtime.invoke_endpoint(
            EndpointName=cloud.outputs["PreferencesEndpoint"],
            ContentType="application/json",
            Body=json.dumps({"now": newest + DAY, "purchases": bought}),
        )
        told[customer] = Preferences.model_validate_json(answer["Body"].read())
    return told


def preferences_table(told: Mapping[str, Preferences]) -> Table:
    """Return what is told of some customers."""
    table = Table(box=None, header_style="dim")
    for name in ("customer", "next", "chance", "in 30 days", "because"):
        table.add_column(name, justify="right" if name in {"chance", "in 30 days"} else "left")
    for customer, answer in told.items():
        for number, likely in enumerate(answer.next):
            soon = "" if likely.within_30_days is None else f"{likely.within_30_days:.0%}"
            named = f"…{customer[-6:]}" if number == 0 else ""
            table.add_row(named, likely.category, f"{likely.probability:.0%}", soon, likely.because)
    return table


def drop(file: Path, *, cloud: Cloud) -> int:
    """Put a file of purchases into the bucket, wait until it is recorded, and return its kept lines."""
    s3, bucket = cloud.client("s3"), cloud.outputs["PurchasesBucket"]
    s3.upload_file(str(file), bucket, f"purchases/{file.name}")
    report, limit = f"reports/{file.name}.json", time.monotonic() + _RECORD_S
    while time.monotonic() < limit:
        found = _json(cloud, report)
        if found is not None:
            return int(found.get("kept", 0))
        time.sleep(_POLL_S)
    raise Refused(f"{file.name} was not recorded in {_RECORD_S:.0f} s: packshot logs record_purchases")


def _drop(shop: Simulation, *, cloud: Cloud) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "simulated.parquet"
        write_parquet(shop, file)
        drop(file, cloud=cloud)


def write_parquet(shop: Simulation, file: Path) -> None:
    """Write a simulation's purchases as a shop would export them."""
    columns = shop.columns
    table = pa.table({field.name: getattr(columns, field.name) for field in fields(columns)})
    moments = pa.array((columns.time * 1e6).astype(np.int64)).cast(pa.timestamp("us", tz="UTC"))
    at = table.column_names.index("time")
    pq.write_table(table.set_column(at, "time", moments), file)


def _read(cloud: Cloud, key: str, model: Any) -> Any:  # noqa: ANN401 - the model that is asked for
    found = _json(cloud, key)
    return None if found is None else model.model_validate_json(json.dumps(found))


def _json(cloud: Cloud, key: str) -> Mapping[str, Any] | None:
    try:
        body = cloud.client("s3").get_object(Bucket=cloud.outputs["PurchasesBucket"], Key=key)["Body"]
    except ClientError as error:
        if error.response["Error"]["Code"] in {"NoSuchKey", "404"}:
            return None
        raise
    found: Mapping[str, Any] = json.loads(body.read())
    return found
