"""Purchases, and what is told of what comes next."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, ConfigDict, Field

from packshot.events.base import Category, Event, ObjectRef, Share

Word = Annotated[str, Field(max_length=200)]
Amount = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
PriceBand = Literal["low", "middle", "high", "unknown"]


class PurchaseLine(Event):
    """One line of an order, as a shop tells it.

    `price` is of the line, in the shop's currency; `discount` the share of the list price that was taken off.
    """

    customer: Annotated[str, Field(min_length=1, max_length=200)]
    time: datetime
    category: Annotated[str, Field(min_length=1, max_length=200)]
    order: Word = ""
    item: Word = ""
    price: Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)] | None = None
    discount: Share | None = None
    brand: Word = ""
    style: Word = ""


class _Told(Event):
    """A part of an event of AWS's, which may say more than we read."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class ArrivedBucket(_Told):
    """Where it lies."""

    name: str


class ArrivedObject(_Told):
    """What arrived; the key is as it is, not encoded."""

    key: str


class ArrivalDetail(_Told):
    """What S3 tells of an object."""

    bucket: ArrivedBucket
    object: ArrivedObject


class Arrival(_Told):
    """S3's event `Object Created`, as EventBridge delivers it."""

    detail: ArrivalDetail


class Likely(Event):
    """A word (a brand, a style, a price band), and the probability that it comes next."""

    name: str
    probability: Share


class NextCategory(Event):
    """A category that may come next.

    `probability` is of being the next purchase's; the others are of being bought at all within the days, None
    where nothing is known of the customer. `because` says in words what it rests on.
    """

    category: str
    probability: Share
    within_30_days: Share | None = None
    within_90_days: Share | None = None
    because: str


class PreferenceBasis(Event):
    """What an answer rests on.

    `history`: the model and what this customer bought. `popularity`: the model, of a customer of whom nothing
    is known. `frequency`: what was bought was only counted, since no model could be asked. What was left out
    is counted in lines; `unreadable` are those that were kept and cannot be read any more.
    """

    kind: Literal["history", "popularity", "frequency"]
    visits: Annotated[int, Field(ge=0)]
    unknown_categories: Annotated[int, Field(ge=0)] = 0
    future_purchases_left_out: Annotated[int, Field(ge=0)] = 0
    oldest_purchases_left_out: Annotated[int, Field(ge=0)] = 0
    unreadable_purchases_left_out: Annotated[int, Field(ge=0)] = 0


class Preferences(Event):
    """What a customer is likely to buy next: at most three categories, likeliest first.

    Brand, style and price band are those of the next purchase, likeliest first, at most three of each.
    `model` is the version that answered, empty where none did.
    """

    next: tuple[NextCategory, ...]
    brands: tuple[Likely, ...] = ()
    styles: tuple[Likely, ...] = ()
    price_bands: tuple[Likely, ...] = ()
    basis: PreferenceBasis
    model: str = ""


class CategoryDemand(Event):
    """What is wanted of a kind of product: purchases expected within 30 days, and of what sort.

    `share` is of all expected purchases; `lift` is `expected` beside the mean of the last 30-day spans.
    """

    category: str
    kind: Category
    expected: Amount
    share: Share
    lift: Amount
    styles: tuple[Likely, ...] = ()
    price_bands: tuple[Likely, ...] = ()


class DemandSummary(Event):
    """What customers are expected to buy within 30 days, strongest first.

    `model` is who expects it; empty where there is none yet, and the last 30 days were counted. The 30 days
    begin with the newest purchase that is known, and end at `until`.
    """

    made_at: AwareDatetime
    until: AwareDatetime | None = None
    model: str
    customers: Annotated[int, Field(ge=0)]
    categories: tuple[CategoryDemand, ...]


class RowProblem(Event):
    """A row that could not be kept: where it stands (from 1), which field, and why."""

    line: Annotated[int, Field(ge=1)]
    field: str
    reason: str


class RecordedPurchases(Event):
    """What became of a file or a batch: rows kept, known already, refused; `problems` tells of the first."""

    kept: Annotated[int, Field(ge=0)]
    known: Annotated[int, Field(ge=0)]
    refused: Annotated[int, Field(ge=0)]
    problems: tuple[RowProblem, ...] = ()
    report: ObjectRef | None = None
