"""Where a run stopped in a long file."""

from typing import Annotated, Final

from pydantic import Field

from packshot.events import RecordedPurchases
from packshot.events.base import Event

CONTINUATIONS: Final = "continuations/"


class Note(Event):
    """What is left of a file: from which segment on, of which content (its ETag), and what came before."""

    key: str
    content: str = ""
    segment: Annotated[int, Field(ge=0)] = 0
    so_far: RecordedPurchases = RecordedPurchases(kept=0, known=0, refused=0)
