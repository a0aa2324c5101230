"""What shoppers talk about, from a post to the report that scenes are planned by.

Words of a post live in `Signal` and `Post` alone, and those are gone within two days. All else holds ids of
the closed vocabulary, numbers, times and the names of sources.
"""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, ConfigDict, Field

from packshot.events.base import Category, Event, Hex, Share
from packshot.events.scenes import Palette

TrendKind = Literal[
    "colour",
    "style",
    "material",
    "pattern",
    "silhouette",
    "composition",
    "lighting",
    "mood",
    "season",
    "occasion",
]
Direction = Literal["rising", "steady", "fading"]
Stance = Literal["for", "against"]
InterpreterName = Literal["embedded", "groq"]
SourceName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
RunName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,80}$")]
Count = Annotated[int, Field(ge=0)]
Weight = Annotated[float, Field(ge=0)]


class Signal(Event):
    """One post as a source gives it: no author, no address. `engagement` counts votes, likes and answers."""

    # An error that quotes a post would carry it into a log.
    model_config = ConfigDict(hide_input_in_errors=True)

    text: str
    posted_at: AwareDatetime
    engagement: Count = 0


class Post(Event):
    """A post that is worth reading: plain words, what kinds of product it is about, how much it counts."""

    model_config = ConfigDict(hide_input_in_errors=True)

    text: Annotated[str, Field(max_length=2_000)]
    posted_at: AwareDatetime
    weight: Annotated[float, Field(gt=0, le=4)]
    categories: tuple[Category, ...] = ()


class Mention(Event):
    """A word of the vocabulary in a post, and whether the writer wants it."""

    id: str
    stance: Stance = "for"


class Support(Event):
    """What posts said of one thing on one day: sums of their weights, for and against, and their number."""

    liked: Weight = 0
    disliked: Weight = 0
    signals: Count = 0


class DayTally(Event):
    """One day's posts about one kind of product (`all`: about any): their weight, number and mentions."""

    day: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
    about: Category | Literal["all"]
    weight: Weight
    posts: Count
    mentions: dict[str, Support]


class Cost(Event):
    """What reading a batch took: requests, tokens and US dollars."""

    requests: Count = 0
    tokens_in: Count = 0
    tokens_out: Count = 0
    price_usd: Weight = 0


class Tally(Event):
    """What a batch of one source's posts said, without a word of them; several are one tally again.

    `agreement` is the F1 of the interpreter against the embedded one, None where that one did the reading;
    it is of so many `batches`, in these `runs`; `refused` counts what the interpreter said that is not in the
    vocabulary; `fallback` says why the embedded one stood in.
    """

    source: SourceName
    interpreter: InterpreterName
    vocabulary_version: str
    made_at: AwareDatetime
    days: tuple[DayTally, ...]
    batches: Annotated[int, Field(ge=1)] = 1
    runs: tuple[RunName, ...] = ()
    cost: Cost = Cost()
    agreement: Share | None = None
    refused: Count = 0
    fallback: str = ""


class TrendItem(Event):
    """One thing that shoppers want now: a word of the closed vocabulary, its kind and its weight.

    `low` and `high` bound the weight (95 %); `signals` is the number of posts that speak of it and `sources`
    where they are from. Both are empty in the report that ships.
    """

    id: str
    kind: TrendKind
    weight: Share
    low: Share = 0
    high: Share = 1
    direction: Direction = "steady"
    signals: Count = 0
    sources: tuple[SourceName, ...] = ()
    colour: Hex | None = None
    categories: tuple[Category, ...] = Field(default=(), description="empty: all")


class NamedColour(Event):
    """A colour of the season under its name."""

    id: str
    name: str
    colour: Hex
    weight: Share


class SceneSuggestion(Event):
    """What a scene of now has: ids of the vocabulary, strongest first; None where nobody asks."""

    palette: str | None = None
    lighting: str | None = None
    mood: str | None = None
    season: str | None = None
    materials: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    compositions: tuple[str, ...] = ()


class CategoryTrends(Event):
    """What shoppers want of one kind of product, of which so many posts (`signals`) spoke.

    An item's own `signals` are posts about any product: what few say of this kind is drawn to what all say.
    """

    signals: Count
    items: tuple[TrendItem, ...]
    colours: tuple[NamedColour, ...] = ()
    palettes: tuple[Palette, ...] = ()
    suggestion: SceneSuggestion = SceneSuggestion()


class TrendReport(Event):
    """What shoppers want now, of any product and of each kind; `source` is `default` if it ships with us.

    `by_category` has the kinds of product that enough posts spoke of. `agreement`, `refused` and `price_usd`
    are of the batches that a language model read.
    """

    version: str
    made_at: AwareDatetime
    source: str
    palettes: tuple[Palette, ...]
    items: tuple[TrendItem, ...]
    colours: tuple[NamedColour, ...] = ()
    suggestion: SceneSuggestion = SceneSuggestion()
    by_category: dict[Category, CategoryTrends] = Field(default_factory=dict)
    signals: Count = 0
    sources: tuple[SourceName, ...] = ()
    interpreters: tuple[InterpreterName, ...] = ()
    vocabulary_version: str = ""
    agreement: Share | None = None
    refused: Count = 0
    price_usd: Weight = 0

    @property
    def holds_until(self) -> datetime:
        """Return when it is too old to shape a scene: taste is seven days' taste."""
        return self.made_at + timedelta(days=7)


class CollectRequest(Event):
    """The question to CollectPosts; `run` is the name of the execution."""

    source: SourceName
    run: RunName


class CollectedPosts(Event):
    """The answer of CollectPosts: keys of batches, and how many posts were kept and dropped, and why.

    `stopped` says in a word why it ended before the source did, `refused` why it was not asked at all.
    """

    source: SourceName
    run: RunName
    batches: tuple[str, ...] = ()
    posts: Count = 0
    dropped: dict[str, Count] = Field(default_factory=dict)
    stopped: str = ""
    refused: str = ""


class InterpretRequest(Event):
    """The question to InterpretTrends: one batch of posts."""

    batch: str
    run: RunName


class InterpretedTrends(Event):
    """The answer of InterpretTrends: where the batch's tally lies, and what it took."""

    tally: str
    source: SourceName
    interpreter: InterpreterName
    fallback: str = ""
    cost: Cost = Cost()


class PublishTrendsRequest(Event):
    """The question to PublishTrends: what was collected, and the tallies of all batches that were read."""

    run: RunName
    collected: tuple[CollectedPosts, ...] = ()
    tallies: tuple[str, ...] = ()


class PublishedTrends(Event):
    """The answer of PublishTrends, told as `TrendsPublished`; `kept` is why the last report stays.

    `price_usd` is what this run's reading cost; all else is of the report.
    """

    version: str
    items: Count
    signals: Count
    sources: tuple[SourceName, ...]
    price_usd: Weight = 0
    kept: str = ""


class PurgeRequest(Event):
    """The question to PurgeSource: everything that came from this source has to go."""

    source: SourceName


class PurgedSource(Event):
    """The answer of PurgeSource: how much there was."""

    source: SourceName
    posts: Count
    tallies: Count
    reports: Count
