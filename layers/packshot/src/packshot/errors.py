"""The errors of Packshot.

Step Functions matches the *name* of an exception, not its base class, so the names that the
workflow catches are API; anything else that leaves a function is a defect and fails the execution.

```
PackshotError
├── RejectedPhoto      the photo cannot be used; a person can act on the reason
├── RetryLater         an outside service is busy; the workflow waits and repeats
├── GenerationFailed   no plate could be made this way; the workflow takes another way
├── BudgetExhausted    the next paid call would pass the cap; the workflow goes to the studio
├── GeneratorUnavailable   the generator cannot be asked at all; the workflow goes to the studio
├── UncertainCall      the paid call may or may not have arrived; nothing is repeated before it is looked for
├── ForgedWebhook      a callback was not signed by its sender, or is too old
├── UnsafeDownload     an address or a file from outside is not one that we take
├── DamagedArtifact    weights or settings are not what their checksum or schema says
│   └── DamagedHistory some of a customer's purchases cannot be read; the others stand in the error
├── MissingWeights     a network's weights are not where they should be; another engine can do
├── InvalidSettings    a function's environment, or an environment's photography, does not parse
├── UnknownSet         settings name a set that nobody built
├── UnknownPalette     settings name a palette that is not among them
├── MissingObject      the object is not (or no longer) in its bucket
├── OversizedObject    the object has more bytes than its reader allows
├── SourceFailed       a source of posts could not be read to its end; what it gave so far stands
├── InterpreterFailed  a language model did not answer in a way that can be used; the embedded one reads
├── UnknownProduct     no product has this SKU
├── UnknownImage       the product has no image of this name
├── PredictorUnavailable   nobody told what comes next; the purchases are counted instead
├── InvalidPurchases   a file or a request of purchases cannot be read at all
├── RefusedPurchases   no row of a batch can be kept
└── UnknownCursor      a page's cursor was not made by this catalogue
```
"""

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packshot.events import PurchaseLine, RowProblem


class PackshotError(Exception):
    """Any error that Packshot raises on purpose."""


class RejectedPhoto(PackshotError):
    """The photo cannot be used. `reason` tells a shop assistant what to do, `code` is for programs.

    Lambda passes on nothing but name and message, so the message is both, as JSON.
    """

    def __init__(self, reason: str, *, code: str) -> None:
        """Take the sentence for people and the stable code for programs."""
        super().__init__(json.dumps({"code": code, "reason": reason}, ensure_ascii=False))
        self.reason = reason
        self.code = code


class RetryLater(PackshotError):
    """An outside service is busy or away; the same call may succeed in a moment.

    `seconds` is how long the service asked to be left alone, None if it did not say.
    """

    def __init__(self, message: str = "", *, seconds: float | None = None) -> None:
        """Take the sentence, and the wait that was asked for."""
        super().__init__(message)
        self.seconds = seconds


class GenerationFailed(PackshotError):
    """No plate could be made this way: another seed, model or the studio has to make it."""


class BudgetExhausted(PackshotError):
    """The next paid call would pass the daily or the product's cap."""


class GeneratorUnavailable(PackshotError):
    """The generator cannot be asked at all: no token, a wrong one, no credit, or too many failures.

    No other seed or model would help, so the workflow's catch-all sends the scene to the studio.
    """


class UncertainCall(PackshotError):
    """A paid call ended without an answer: it may or may not have been taken."""


class ForgedWebhook(PackshotError):
    """A callback is not signed by its sender, or was signed too long ago."""


class UnsafeDownload(PackshotError):
    """An address or a file from outside is not one that we take."""


class DamagedArtifact(PackshotError):
    """A file that we ship or were given is not what its checksum or schema says."""


class DamagedHistory(DamagedArtifact):
    """Some purchases of a customer cannot be read: `lost` is how many; `lines` are the rest, oldest first."""

    def __init__(self, lines: "tuple[PurchaseLine, ...]", *, lost: int) -> None:
        """Take what could be read, and how much could not."""
        super().__init__(f"{lost} lines of a history cannot be read, {len(lines)} can")
        self.lines = lines
        self.lost = lost


class MissingWeights(PackshotError):
    """A network's weights are not where they should be; the message says where that is."""


class InvalidSettings(PackshotError):
    """Settings from outside (variables, overrides) do not parse; the message names everything at fault."""


class UnknownSet(PackshotError):
    """Settings name a set that nobody built; the message says where, and lists those there are."""


class UnknownPalette(PackshotError):
    """Settings name a palette that is not among them; the message says where, and lists those there are."""


class MissingObject(PackshotError):
    """The object is not, or no longer, in its bucket."""


class OversizedObject(PackshotError):
    """The object has more bytes than its reader allows."""


class SourceFailed(PackshotError):
    """A source of posts could not be read to its end; the message never has a word of a post."""


class InterpreterFailed(PackshotError):
    """A language model did not answer in a way that can be used; the message never has a word of a post."""


class UnknownProduct(PackshotError):
    """No product has this SKU."""


class UnknownImage(PackshotError):
    """The product has no image of this name."""


class UnknownCursor(PackshotError):
    """A page's cursor was not made by this catalogue."""


class PredictorUnavailable(PackshotError):
    """Nobody told in time what a customer is likely to buy next; the purchases can still be counted."""


class InvalidPurchases(PackshotError):
    """Nothing of a file or batch of purchases can be read; the message says what is expected."""


class RefusedPurchases(PackshotError):
    """No row of a batch can be kept; `problems` say why not."""

    def __init__(self, problems: "tuple[RowProblem, ...]") -> None:
        """Take what is wrong, row by row."""
        super().__init__(f"{len(problems)} problems, and no row that can be kept")
        self.problems = problems
