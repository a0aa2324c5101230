"""Why a category is told, in words.

SHAP values (Lundberg and Lee 2017) choose what is said; what is said is read from the history and the world,
so that every phrase is true by itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from packshot.preferences.features import feature_names, of_gap, of_last, of_season, of_week
from packshot.preferences.memory import Memory
from packshot.preferences.purchases import DAY, UNKNOWN, Vocabulary
from packshot.preferences.world import World, month_of

MOST_PHRASES: Final = 2
MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_MORE: Final = 1.1
"""How much more often than usual something has to happen to be called often."""
_MOSTLY: Final = 0.5
_ALIKE: Final = 0.3
"""Prices that differ by less, in the log, are called alike."""


@dataclass(frozen=True, slots=True)
class Story:
    """Whom and what a reason is about: a customer with at least one visit, and everybody."""

    memory: Memory
    world: World
    words: Vocabulary
    now: float

    def name(self, category: int) -> str:
        """Return a category's word."""
        return self.words.categories[category]

    def ago(self, time: float) -> str:
        """Return how many days of the calendar ago something was: last evening is not today."""
        days = max(0, int(self.now // DAY - time // DAY))
        return "today" if days == 0 else f"{_counted(days, 'day')} ago"


def because(contributions: NDArray[np.float64], *, story: Story, category: int) -> str:
    """Return what speaks most for a category, by its features' SHAP values (F,)."""
    groups = _group_codes()
    weight = np.bincount(groups, contributions, minlength=len(_GROUPS))
    said: list[str] = []
    for group in np.argsort(-weight, kind="stable"):
        if weight[group] <= 0 or len(said) == MOST_PHRASES:
            break
        phrase = _GROUPS[group].phrase(story, category)
        if phrase and phrase not in said:
            said.append(phrase)
    return "; ".join(said) or _of_everybody(story, category)


def because_popular(share: float, *, rank: int) -> str:
    """Return what is said where nothing is known of a customer; `rank` 0 is what is bought most."""
    return "what customers buy most now" if rank == 0 else f"{_percent(share)} of what customers buy now"


def span(days: float) -> str:
    """Return a number of days as people say it."""
    if days < 14:  # noqa: PLR2004 - two weeks
        return _counted(max(1, round(days)), "day")
    if days < 70:  # noqa: PLR2004 - ten weeks
        return _counted(round(days / 7), "week")
    return _counted(round(days / 30.44), "month")


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}{'s' * (number != 1)}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 else "less than 1 %"  # noqa: PLR2004 - a percent


def _rhythm(story: Story, category: int) -> str | None:
    memory, name = story.memory, story.name(category)
    count = int(memory.count[category])
    if not count:
        return f"has not bought {name} yet"
    ago = story.ago(float(memory.last_bought[category]))
    if count == 1:
        return f"bought {name} {ago}"
    gap = span(float(memory.gap_sum[category] / (count - 1)))
    rhythm = f"twice, {gap} apart" if count == 2 else f"every {gap}".replace("every 1 ", "every ")  # noqa: PLR2004 - a pair
    return f"bought {name} {rhythm}; last {ago}"


def _habit(story: Story, category: int) -> str | None:
    count, visits = int(story.memory.count[category]), story.memory.visits
    if count <= 1:
        return None
    name = story.name(category)
    return (
        f"bought {name} on every visit" if count == visits else f"bought {name} on {count} of {visits} visits"
    )


def _last_visits(story: Story, category: int) -> str | None:
    memory, name = story.memory, story.name(category)
    if memory.run > 1 and memory.last.top == category:
        return f"spent most on {name} on the last {memory.run} visits"
    for back, said in ((1, "last visit"), (2, "visit before last")):
        if len(memory.recent) >= back and category in memory.recent[-back].categories:
            return f"bought {name} on the {said}"
    return None


def _after_last(story: Story, category: int) -> str | None:
    usual, prior = of_last(story.world, story.world.clues(story.memory, now=story.now)), story.world.prior()
    if usual[category] < _MORE * prior[category]:
        return None
    last = story.memory.last.top
    name = story.name(category)
    return f"{name} is often bought again" if last == category else f"often bought after {story.name(last)}"


def _after_gap(story: Story, category: int) -> str | None:
    clues = story.world.clues(story.memory, now=story.now)
    if of_gap(story.world, clues)[category] < _MORE * story.world.prior()[category]:
        return None
    when = ("within a day of", "within days of", "within weeks of", "long after")[clues.gap]
    return f"often bought {when} {story.name(clues.last)}"


def _owned(story: Story, category: int) -> str | None:
    other = _best(story, story.world.owned, np.flatnonzero(story.memory.count > 0), category)
    return None if other in (None, category) else f"often bought by who has {story.name(int(other or 0))}"


def _styles(story: Story, category: int) -> str | None:
    style = _best(story, story.world.of_style, np.array(list(story.memory.styles), dtype=np.intp), category)
    return None if style is None else f"often bought by who likes {story.words.styles[style]}"


def _items(story: Story, category: int) -> str | None:
    items = np.array(list(story.memory.items), dtype=np.intp)
    found = _best(story, story.world.of_item, items, category)
    return None if found is None else "often follows what was bought"


def _best(story: Story, table: NDArray[np.float64], rows: NDArray[np.intp], category: int) -> int | None:
    """Return the row after which a category comes most often, None if none does more than usually."""
    if not len(rows):
        return None
    prior = story.world.prior()
    shares = story.world.smoothed(table[rows], prior)[:, category]
    at = int(np.argmax(shares))
    return int(rows[at]) if shares[at] >= _MORE * prior[category] else None


def _basket(story: Story, category: int) -> str | None:
    rows = story.memory.last.categories
    others = rows[rows != category]
    if not len(others):
        return None
    prior = story.world.prior()
    pairs = story.world.together[others].copy()
    pairs[np.arange(len(others)), others] = 0
    shares = story.world.smoothed(pairs, prior)[:, category]
    at = int(np.argmax(shares))
    return (
        f"often bought with {story.name(int(others[at]))}" if shares[at] >= _MORE * prior[category] else None
    )


def _last_words(story: Story, category: int) -> str | None:
    world, last = story.world, story.memory.last
    for table, code, words in (
        (world.by_brand, last.brand, story.words.brands),
        (world.by_style, last.style, story.words.styles),
    ):
        if code != UNKNOWN and _best(story, table, np.array([code]), category) is not None:
            return f"often bought after {words[code]}"
    return None


def _season(story: Story, category: int) -> str | None:
    months = story.world.by_month
    if of_season(story.world, story.now)[category] < np.log(_MORE):
        return None
    shares = months[:, category] / np.maximum(months.sum(1), 1e-9)
    month = month_of(story.now)
    return f"{'most' if shares.argmax() == month else 'more'} bought in {MONTHS[month]}"


def _of_late(story: Story, category: int) -> str | None:
    if of_week(story.world, story.now)[category] >= np.log(_MORE):
        return "wanted more of late than in the year"
    return f"{_percent(float(story.world.popularity(now=story.now)[1][category]))} of what customers buy now"


def _price(story: Story, category: int) -> str | None:
    memory, number = story.memory, story.memory.priced.sum()
    mean = float(story.world.price_level()[0][category])
    alike = number and abs(memory.log_price_sum.sum() / number - mean) < _ALIKE
    return f"{story.name(category)} costs what was mostly spent" if alike else None


def _discount(story: Story, category: int) -> str | None:
    memory, world = story.memory, story.world
    if memory.listed and memory.discounted / memory.listed > _MOSTLY:
        return "buys mostly at a discount"
    return "cheaper of late" if world.late_prices()[category] < -0.05 else None  # noqa: PLR2004 - 5 %


def _visiting(story: Story, category: int) -> str | None:
    del category
    memory = story.memory
    if memory.visits <= 2:  # noqa: PLR2004 - one gap is no rhythm
        return None
    gap = (memory.last_time - memory.first_time) / DAY / (memory.visits - 1)
    return f"buys every {span(gap)}; last {story.ago(memory.last_time)}".replace("every 1 ", "every ")


def _of_everybody(story: Story, category: int) -> str:
    return f"{_percent(float(story.world.prior()[category]))} of what returning customers buy"


def _nothing(_: Story, __: int) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Features that say one thing, by the beginnings of their names, and how it is put."""

    names: tuple[str, ...]
    phrase: Callable[[Story, int], str | None]


_GROUPS: Final = (
    _Group(("days since it", "own gap", "visits since it"), _rhythm),
    _Group(("visits with it", "share of visits", "share of lines", "share of spend", "weight within",
            "share within", "share of late visits"), _habit),
    _Group(("in the last visit", "in visit", "run of the same"), _last_visits),
    _Group(("after the last category and gap",), _after_gap),
    _Group(("after the last category", "after the last two"), _after_last),
    _Group(("after all that is owned",), _owned),
    _Group(("after all styles owned",), _styles),
    _Group(("after all items owned", "after the last item"), _items),
    _Group(("together with the last basket",), _basket),
    _Group(("after the last style", "after the last brand"), _last_words),
    _Group(("season",), _season),
    _Group(("popular within", "week against year", "share of all baskets"), _of_late),
    _Group(("price of the category", "usual price against it", "own level within it", "last price against it",
            "after the last price band"), _price),
    _Group(("discount of late", "price of late", "share bought at a discount", "mean discount"), _discount),
    _Group(("visits", "days known", "days since last", "mean gap", "spread of gaps", "last gap"), _visiting),
    _Group(("prior", "category"), _of_everybody),
    # What is of a customer or a moment alone tells categories apart only together with something else.
    _Group(("",), _nothing),
)  # fmt: skip


@cache
def groups() -> Mapping[str, int]:
    """Return which group a feature belongs to: that of the longest beginning of its name."""
    found = {}
    for name in feature_names():
        begun = [
            (len(start), at)
            for at, group in enumerate(_GROUPS)
            for start in group.names
            if name.startswith(start)
        ]
        found[name] = max(begun)[1]
    return found


@cache
def _group_codes() -> NDArray[np.intp]:
    return np.array([groups()[name] for name in feature_names()])
