"""The secret that connects a generator: without a token there is none, and the studio makes every plate."""

import json
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from packshot.errors import DamagedArtifact

NOWHERE = "nowhere"
"""Stands for callbacks that cannot come: the sweep asks instead."""


class Connection(BaseModel):
    """What stands in the secret. Beside token and webhook secret it holds addresses, where they differ.

    `api`, `files` and `callbacks` stand there on one machine only: a fake generator, its files' origin, and
    where this cloud can be called back (or `nowhere`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    token: Annotated[str, Field(min_length=1, repr=False)]
    webhook_secret: Annotated[str, Field(min_length=1, repr=False)]
    api: str = ""
    files: str = ""
    callbacks: str = ""
    fake: bool = False

    def webhook_at(self, usual: str) -> str:
        """Return where to be called back, empty if nobody outside can reach this cloud."""
        return "" if self.callbacks == NOWHERE else (self.callbacks or usual).rstrip("/")


def read_connection(text: str) -> Connection | None:
    """Return the connection that a secret holds, None if it holds none; `DamagedArtifact` if it is broken."""
    try:
        return Connection.model_validate_json(text) if json.loads(text) else None
    except (ValidationError, ValueError) as error:
        # The input stays out of the message: it is the secret.
        raise DamagedArtifact(f"the generator's secret does not parse ({type(error).__name__})") from None
