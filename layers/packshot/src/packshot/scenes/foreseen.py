"""What customers are expected to buy of one kind of product, and what that asks of its pictures.

A summary is a shop's own words: none of them reaches a scene or a prompt. Its styles and price bands choose
among the words of the settings; its numbers decide how many pictures there are.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from packshot.events import Category, CategoryDemand, DemandSummary, TrendItem
from packshot.scenes.photography import DemandSettings, PhotographySettings

NOBODY: Final = "nobody has foreseen any yet"
_AHEAD: Final = timedelta(hours=1)
"""By which the clock of who summed up may be ahead."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The demand for one kind of product; `fallback` says why nothing is known of it.

    `words` of the settings weigh what styles and prices ask for. `times` is how many times as many plates of
    a generator products share.
    """

    model: str = ""
    share: float = 0.0
    lift: float = 1.0
    is_high: bool = False
    times: float = 1.0
    words: Mapping[str, float] = field(default_factory=dict)
    fallback: str = ""

    def items(self) -> dict[str, TrendItem]:
        """Return the words as items like the report's."""
        return {word: TrendItem(id=word, kind="style", weight=weight) for word, weight in self.words.items()}

    def plates(self, variants: int) -> int:
        """Return how many plates of a generator products share: more where the kind is in demand."""
        return round(variants * self.times)

    def told(self) -> str:
        """Say it in a sentence for the record; nothing where nobody ever foresaw anything."""
        if self.fallback == NOBODY:
            return ""
        if self.fallback:
            return f"Purchases say nothing: {self.fallback}."
        much = "in demand" if self.is_high else "in no special demand"
        return (
            f"This kind is {much}: {self.share:.0%} of the purchases expected within 30 days, "
            f"{self.lift:.2f} times the usual ({self.model})."
        )


NOTHING: Final = Foreseen(fallback=NOBODY)


def steerable(settings: PhotographySettings) -> frozenset[str]:
    """Return the words by which purchases may steer: those that the settings' sets and lights know."""
    sets = (word for each in settings.sets.values() for word in each.words)
    return frozenset((*sets, *settings.lighting))


def foreseen_of(
    kind: Category, *, summary: DemandSummary | None, now: datetime, settings: PhotographySettings
) -> Foreseen:
    """Return what is expected of a kind of product, in words of the settings alone."""
    if summary is None:
        return NOTHING
    wish = settings.demand
    if fault := _fault(summary, now=now, oldest=timedelta(days=wish.oldest_days)):
        return Foreseen(fallback=fault)
    mine = [each for each in summary.categories if each.kind == kind]
    if not mine:
        return Foreseen(fallback=f"nobody is known to buy {kind}")
    expected = sum(each.expected for each in mine)
    usual = sum(each.expected / each.lift for each in mine if each.lift > 0)
    lift = expected / usual if usual else 1.0
    share = min(1.0, sum(each.share for each in mine))
    kinds = len({each.kind for each in summary.categories})
    # A rare kind that sells a little more than it did needs no more pictures.
    is_high = lift >= wish.high_lift and share >= 1 / (2 * kinds)
    return Foreseen(
        model=summary.model,
        share=share,
        lift=lift,
        is_high=is_high,
        times=min(lift, wish.most_times) if is_high else 1.0,
        words=_words(mine, wish=wish, known=steerable(settings)),
    )


def _fault(summary: DemandSummary, *, now: datetime, oldest: timedelta) -> str:
    """Return why a summary plans nothing, empty if it does."""
    age = now - summary.made_at
    if not summary.model:
        return "no model has foreseen any yet, purchases were only counted"
    if age < -_AHEAD:
        return "what was foreseen is dated in the future"
    if summary.until and summary.until < now:
        return "the days that were foreseen are over: no newer purchase is known"
    return f"what was foreseen is {age.days} days old" if age > oldest else ""


def _words(
    categories: Collection[CategoryDemand], *, wish: DemandSettings, known: frozenset[str]
) -> dict[str, float]:
    """Return the weights of words that styles and price bands ask for, by how sure that is."""
    total = sum(each.expected for each in categories) or 1.0
    weights: dict[str, float] = {}
    for each in categories:
        part = wish.heaviest * each.expected / total
        asked = [(_of_style(likely.name, wish=wish), likely.probability) for likely in each.styles[:1]]
        asked += [(_of_band(likely.name, wish=wish), likely.probability) for likely in each.price_bands[:1]]
        for words, probability in asked:
            for word in known & frozenset(words):
                weights[word] = weights.get(word, 0.0) + part * probability
    return {word: min(weight, wish.heaviest) for word, weight in sorted(weights.items())}


def _of_style(name: str, *, wish: DemandSettings) -> tuple[str, ...]:
    """Return what a shop's word for a style asks for: `Sporty` and `sports-wear` begin as `sport` does."""
    plain = re.sub(r"[^a-z]", "", name.lower())
    start = max((start for start in wish.styles if plain.startswith(start)), key=len, default="")
    return wish.styles.get(start, ())


def _of_band(name: str, *, wish: DemandSettings) -> tuple[str, ...]:
    return next((words for band, words in wish.price_bands.items() if band == name), ())
