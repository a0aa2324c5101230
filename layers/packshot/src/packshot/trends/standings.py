"""How much one thing is spoken of in a stretch of time, how sure that is, and where it is going."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from packshot.events import DayTally, Direction

WINDOW_DAYS = 56
HALF_LIFE_DAYS = 21.0
RECENT_DAYS = 28
"""The newer half of the window; what it says is held against the days before."""
_Z = 1.96
_PRIOR_POSTS = 40.0
"""How many posts the background is worth."""
_HALF = 0.03
"""Share of posts at which a thing has half of the full weight."""
_LIFT = (0.5, 2.0)
_SURE = 1.28
"""z from which a change is one: nine of ten such changes are no chance, on each side."""
_UNEVEN = 1.15
"""How much wider chance spreads rates of weighted posts than of counted ones: √E[w²] / E[w]."""
_CHANGE = 1.25
_FEWEST = 3
_MOST_POSTS = 1e9


@dataclass(frozen=True, slots=True)
class Stretch:
    """What was said between two days: posts, their weight, and for and against by id.

    `signals` counts posts without decay, which is what a minimum is held to.
    """

    posts: float
    weight: float
    liked: Mapping[str, float]
    disliked: Mapping[str, float]
    signals: Mapping[str, int]

    def rate(self, name: str) -> float:
        """Return the share of what was said that wants this, those who had enough of it taken off."""
        wanted = self.liked.get(name, 0) - self.disliked.get(name, 0)
        return min(max(wanted, 0) / self.weight, 1) if self.weight else 0


@dataclass(frozen=True, slots=True)
class Standing:
    """A weight in [0, 1] with its 95 % interval."""

    weight: float
    low: float
    high: float


def stretch(
    days: Iterable[DayTally],
    *,
    until: date,
    length: int = WINDOW_DAYS,
    half_life: float | None = HALF_LIFE_DAYS,
) -> Stretch:
    """Add up the `length` days up to and with `until`, older ones for less unless there is no half-life."""
    posts = weight = 0.0
    liked: defaultdict[str, float] = defaultdict(float)
    disliked: defaultdict[str, float] = defaultdict(float)
    signals: defaultdict[str, int] = defaultdict(int)
    oldest = until - timedelta(days=length)
    for each in days:
        day = date.fromisoformat(each.day)
        if not oldest < day <= until:
            continue
        share = 0.5 ** ((until - day).days / half_life) if half_life else 1.0
        posts += share * each.posts
        weight += share * each.weight
        for name, support in each.mentions.items():
            liked[name] += share * support.liked
            disliked[name] += share * support.disliked
            signals[name] += support.signals
    return Stretch(min(posts, _MOST_POSTS), weight, liked, disliked, signals)


def standing(rate: float, *, posts: float, background: float, counted: float | None = None) -> Standing:
    """Return how strong a rate is, drawn to the background as long as posts are few.

    A thing that is spoken of more than usual counts up to double, one spoken of less down to half: shops sell
    black at any time. Bounds are Wilson's, of the drawn rate; `counted` is how many of the posts it rests on,
    all if it is None.
    """
    drawn = (rate * posts + background * _PRIOR_POSTS) / (posts + _PRIOR_POSTS)
    low, high = _wilson(drawn, posts=(posts if counted is None else counted) + _PRIOR_POSTS)
    lift = min(max(math.sqrt(drawn / background), _LIFT[0]), _LIFT[1])
    weight, least, most = (_squashed(each * lift) for each in (drawn, low, high))
    return Standing(weight=weight, low=least, high=most)


def direction_of(name: str, *, recent: Stretch, before: Stretch) -> Direction:
    """Return where a thing is going: the newer four weeks against the four before (two proportions).

    What most of those who speak of it have had enough of is fading, however much they speak.
    """
    against = recent.disliked.get(name, 0)
    if recent.signals.get(name, 0) >= _FEWEST and against > recent.liked.get(name, 0):
        return "fading"
    if not recent.posts or not before.posts:
        return "steady"
    now, then = recent.rate(name), before.rate(name)
    pooled = (now * recent.posts + then * before.posts) / (recent.posts + before.posts)
    spread = math.sqrt(max(pooled * (1 - pooled), 1e-9) * (1 / recent.posts + 1 / before.posts))
    change = (now - then) / (spread * _UNEVEN)
    if change >= _SURE and now >= then * _CHANGE:
        return "rising"
    if change <= -_SURE and now * _CHANGE <= then:
        return "fading"
    return "steady"


def _wilson(share: float, *, posts: float) -> tuple[float, float]:
    middle = share + _Z**2 / (2 * posts)
    spread = _Z * math.sqrt(share * (1 - share) / posts + _Z**2 / (4 * posts**2))
    scale = 1 + _Z**2 / posts
    return max((middle - spread) / scale, 0.0), min((middle + spread) / scale, 1.0)


def _squashed(rate: float) -> float:
    return round(rate / (rate + _HALF), 4)
