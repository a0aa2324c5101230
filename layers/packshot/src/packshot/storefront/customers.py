"""What the storefront API takes and gives about customers."""

from typing import Annotated, Any, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, FailFast, Field

from packshot.events import PurchaseLine
from packshot.storefront.answers import Answer

MOST_ROWS: Final = 1_000
"""Lines of one batch of purchases."""
MOST_LINES: Final = 100_000
"""Lines of one history."""


def _describe_rows(schema: dict[str, Any]) -> None:
    """Say in the API's description what a row is; each is judged by itself, so the model takes anything."""
    schema["items"] = PurchaseLine.model_json_schema()


class PurchasesRequest(BaseModel):
    """A batch of order lines. Each is judged by itself: one that cannot be kept spoils no other."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    purchases: Annotated[
        list[Any], Field(min_length=1, max_length=MOST_ROWS, json_schema_extra=_describe_rows)
    ]


class PastPurchase(PurchaseLine):
    """A line of a history that is not stored: whose it is need not be said.

    Its words are read as those of lines that are kept: without blanks around them.
    """

    model_config = ConfigDict(str_strip_whitespace=True)

    customer: Annotated[str, Field(max_length=200)] = ""


class PreferencesRequest(BaseModel):
    """A history, and the moment of asking; lines from that moment on are left out, and the answer says so."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # The first line that is wrong is told alone: to tell of 100,000 takes a gigabyte.
    purchases: Annotated[list[PastPurchase], FailFast(), Field(max_length=MOST_LINES)]
    now: AwareDatetime | None = None


class ForgottenCustomer(Answer):
    """A customer of whom nothing is known any more; `lines` were removed at once."""

    lines: int
