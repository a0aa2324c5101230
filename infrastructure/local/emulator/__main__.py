"""The server process: MiniStack, corrected, on a socket that its parent opened.

Usage: python -m infrastructure.local.emulator '{"socket": 3, "lifeline": 4, …}' (see `Orders`)
"""

import asyncio
import json
import os
import signal
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from infrastructure.local.emulator import guard

if TYPE_CHECKING:
    from infrastructure.local.emulator.sagemaker import SageMaker


@dataclass(frozen=True, slots=True)
class Orders:
    """What the parent says: open file descriptors and folders.

    `lifeline` is the reading end of a pipe that the parent holds open while it lives; None if the cloud
    outlives it. `runtime` holds AWS's runtime client, `trainer` is the interpreter that trains and serves
    models.
    """

    socket: int
    lifeline: int | None
    endpoint: str
    region: str
    account: str
    runtime: str
    trainer: str
    logs: str
    scratch: str


def end_with(lifeline: int) -> None:
    """Kill the whole process group once the parent is gone, even if it could not say goodbye."""

    def watch() -> None:
        os.read(lifeline, 1)
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()


def sagemaker_of(orders: Orders) -> "SageMaker":
    """Return a SageMaker in which nothing was made yet."""
    from infrastructure.local.emulator import buckets, children, endpoints, sagemaker, training_jobs

    workers = children.Children(Path(orders.trainer), Path(orders.scratch), Path(orders.logs))
    shelf = buckets.Buckets(endpoint=orders.endpoint, region=orders.region)
    return sagemaker.SageMaker(
        orders.region,
        orders.account,
        room=training_jobs.TrainingRoom(workers, shelf, orders.region),
        house=endpoints.ModelHouse(workers, shelf),
    )


def serve(orders: Orders) -> None:
    """Correct MiniStack and serve it until a signal ends the process."""
    from hypercorn.asyncio import serve as hypercorn_serve
    from hypercorn.config import Config
    from ministack import app
    from ministack.services import cloudwatch, eventbridge, lambda_svc, s3, scheduler, stepfunctions
    from ministack.services.cloudformation import provisioners

    from infrastructure.local.emulator import (
        alarms,
        api_answers,
        callbacks,
        capacity,
        cors,
        functions,
        history,
        jsonata_states,
        object_events,
        sagemaker,
        sagemaker_http,
        schedules,
        undelivered,
    )

    machine = functions.Machine(
        endpoint=orders.endpoint,
        region=orders.region,
        runtime=Path(orders.runtime),
        logs=Path(orders.logs),
        scratch=Path(orders.scratch),
    )
    functions.correct(machine, capacity=capacity.of_this_machine())
    api_answers.correct(lambda_svc)
    callbacks.correct(stepfunctions)
    jsonata_states.correct(stepfunctions)
    cors.correct(provisioners)
    history.correct(stepfunctions)
    object_events.correct(s3, eventbridge)
    alarms.correct(cloudwatch, eventbridge, account=orders.account, region=orders.region)
    schedules.correct(scheduler)
    undelivered.correct(eventbridge, stepfunctions, lambda_svc)
    plane = sagemaker_of(orders)
    sagemaker.correct(provisioners, stepfunctions, app, plane=plane)

    config = Config()
    config.bind = [f"fd://{orders.socket}"]
    config.keep_alive_timeout = 75
    application = guard.original(app, "app")
    # A trigger of our own keeps hypercorn from catching signals: they shall end this process at once.
    asyncio.run(
        hypercorn_serve(
            sagemaker_http.beside(application, plane=plane), config, shutdown_trigger=asyncio.Event().wait
        )
    )


def main() -> None:
    """Read the orders, tie this process to its parent, serve."""
    orders = Orders(**json.loads(sys.argv[1]))
    guard.require_tested_version()
    if orders.lifeline is not None:
        end_with(orders.lifeline)
    serve(orders)


if __name__ == "__main__":
    main()
