"""The environments as values: what differs between trying Packshot and living on it."""

from dataclasses import dataclass
from typing import Literal

from packshot.events import InterpreterName
from packshot.settings import EngineName, SourceKind

Generator = Literal["studio", "flux"]
Size = Literal["small", "pixels", "network"]


@dataclass(frozen=True, slots=True)
class Memory:
    """MiB for each size of function; Lambda's share of a core grows with it, 1,769 MiB are one.

    `pixels` bounds the photos that can be decoded, `network` must also hold the segmenter.
    """

    small: int = 512
    pixels: int = 2048
    network: int = 3008


@dataclass(frozen=True, slots=True)
class Throttle:
    """Requests for each second to the storefront API: sustained, and in a burst."""

    rate: int
    burst: int


@dataclass(frozen=True, slots=True)
class Trends:
    """Where posts come from and who reads them.

    `sources` are any of sample, drops, feeds and reddit. Reddit is asked only where `reddit_approved` states
    that it allows this use, and its keys and Groq's are in the secret. `every_hours` is how often.
    """

    sources: tuple[SourceKind, ...] = ("drops",)
    feeds: tuple[str, ...] = ()
    subreddits: tuple[str, ...] = ()
    reddit_approved: bool = False
    interpreter: InterpreterName = "embedded"
    groq_models: tuple[str, ...] = ()
    language: Literal["english", "any"] = "english"
    every_hours: int = 6


@dataclass(frozen=True, slots=True)
class Predictor:
    """How the predictor is served and trained.

    `memory` (MiB, 1,024 to 6,144 in whole GiB) and `concurrency` are the serverless endpoint's, which costs
    nothing while nobody asks. `instance` is rented for each training, for `train_hours` at most. A model is
    trained every `every_hours`; demand is foreseen every `demand_hours`.
    """

    memory: int = 2048
    concurrency: int = 5
    instance: str = "ml.m5.xlarge"
    train_hours: int = 3
    every_hours: int = 168
    demand_hours: int = 24


@dataclass(frozen=True, slots=True)
class Environment:
    """One deployment of Packshot.

    `disposable` environments vanish with their stacks (buckets have to be emptied first); others keep
    buckets, table and secret. `log_days` and `work_days` are how long logs and intermediate images stay;
    `noncurrent_days` how long a replaced upload or image can be brought back. `log_execution_data` puts
    the states' input and output into the workflow's log. `engine` masks products; `network` is what the
    standard one looks with: u2net, or the name of one that was put into the weights bucket. `faithful`
    publishes photos uncorrected.

    `generator` makes the trend scenes' plates; Flux only where a token stands in the generator's secret.
    `daily_budget_usd` and `product_budget_usd` (in a month) bound what that may cost, `calls_per_second` how
    many pictures are started; a plate is shared as long as its trend report holds, at most for `plate_days`,
    which are no more than `work_days`.
    """

    name: str
    disposable: bool
    throttle: Throttle
    log_days: int
    log_level: str
    log_execution_data: bool
    work_days: int
    noncurrent_days: int
    generator: Generator = "flux"
    daily_budget_usd: float = 5
    product_budget_usd: float = 0.5
    calls_per_second: int = 10
    plate_days: int = 7
    engine: EngineName = "standard"
    network: str = "u2net"
    attempts_allowed: int = 3
    faithful: bool = False
    memory: Memory = Memory()
    trends: Trends = Trends()
    predictor: Predictor = Predictor()

    def __post_init__(self) -> None:
        """Raise `ValueError` where a plate would be shared after its file has expired."""
        if self.plate_days > self.work_days:
            raise ValueError(
                f"{self.name}: plates are shared for {self.plate_days} days and kept for {self.work_days}; "
                "lower plate_days or raise work_days"
            )


SANDBOX = Environment(
    name="sandbox",
    disposable=True,
    throttle=Throttle(rate=50, burst=100),
    log_days=7,
    log_level="DEBUG",
    log_execution_data=True,
    work_days=7,
    noncurrent_days=7,
    trends=Trends(sources=("sample", "drops")),
)

PRODUCTION = Environment(
    name="production",
    disposable=False,
    throttle=Throttle(rate=200, burst=400),
    log_days=90,
    log_level="INFO",
    log_execution_data=False,
    work_days=30,
    noncurrent_days=90,
    predictor=Predictor(memory=3072, concurrency=20, instance="ml.m5.2xlarge"),
)

ENVIRONMENTS = {each.name: each for each in (SANDBOX, PRODUCTION)}
