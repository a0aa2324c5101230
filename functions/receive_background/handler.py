"""Take the generator's callback: verify it, keep the plate, answer everybody who waits for it."""

import time
from typing import Any

from packshot import wiring
from packshot.backgrounds.callbacks import Callback, status_of, take
from packshot.backgrounds.receiving import Receiver
from packshot.entrypoint import logger
from packshot.errors import PackshotError
from packshot.ports import Clock, Inbox
from packshot.settings import ReceiveBackgroundSettings


def receive_background(
    event: dict[str, Any], *, receiver: Receiver, inbox: Inbox, secret: str, now: Clock
) -> dict[str, Any]:
    """Answer 200 for what was worked on, also before; anything else lets the sender come again."""
    began = time.perf_counter()
    try:
        is_ours = take(Callback.read(event), receiver=receiver, inbox=inbox, secret=secret, now=now)
    except PackshotError as error:
        logger().warning("callback not taken", error=type(error).__name__, detail=str(error))
        return {"statusCode": status_of(error), "body": ""}
    if not is_ours:
        logger().warning("a picture came that no job of ours asked for; look at the generator's invoice")
    logger().info("callback taken", ms=round((time.perf_counter() - began) * 1e3))
    return {"statusCode": 200, "body": ""}


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Wire it; while nothing is connected nobody can call back."""
    settings = wiring.settings(ReceiveBackgroundSettings)
    if not wiring.has_generator(settings.generator_secret):
        return {"statusCode": 404, "body": ""}
    found = wiring.connection(settings.generator_secret)
    return receive_background(
        event,
        receiver=wiring.receiver(settings, found),
        inbox=wiring.jobs(settings.generation_table),
        secret=found.webhook_secret,
        now=wiring.now,
    )
