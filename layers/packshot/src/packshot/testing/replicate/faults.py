"""What can go wrong with a job, by script."""

from dataclasses import dataclass
from typing import Literal

CreateFault = Literal["", "401", "402", "404", "422", "429", "500", "503", "lost", "unreached"]
"""`lost`: the job starts and its answer never arrives; `unreached`: nothing starts."""
Outcome = Literal[
    "", "failed", "moderated", "canceled", "aborted", "unheard_of", "endless",
    "black", "blank", "garbage", "small", "wide", "object", "no_output", "gone", "elsewhere",
]  # fmt: skip
WebhookFault = Literal["", "lost", "duplicated", "late", "forged", "stale"]
"""`stale` is signed ten minutes ago; `late` comes a minute after the job's end."""


@dataclass(frozen=True, slots=True)
class Mishap:
    """What goes wrong with one job; nothing where nothing is named."""

    create: CreateFault = ""
    outcome: Outcome = ""
    webhook: WebhookFault = ""


NO_MISHAP = Mishap()

STATUSES: dict[str, str] = {
    "failed": "failed",
    "moderated": "failed",
    "canceled": "canceled",
    "aborted": "aborted",
    "unheard_of": "resting",
    "endless": "processing",
}
"""The status with which an outcome ends; all others succeed."""
