"""What customers are expected to buy of one kind of product, and what that asks of its pictures.

A summary is a shop's own words: none of them reaches a scene or a prompt. Its styles and price bands choose
among the words of the settings; its numbers decide how many pictures there are.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from packshot.events import Category, CategoryDemand, DemandSummary, Likely, TrendItem
from packshot.scenes.photography import PhotographySettings

OLDEST: Final = timedelta(days=14)
"""A summary that is older plans nothing: habits hold for a month, a shop's season does not."""
HIGH_LIFT: Final = 1.1
"""Expected purchases beside the usual, from which on a kind is in demand; less is a month's chance."""
MOST_TIMES: Final = 2
"""How many times as many plates of a generator a kind in demand shares, at most: it bounds what they cost."""
NOBODY: Final = "nobody has foreseen any yet"
_HEAVIEST: Final = 0.4
"""Weight of a word that purchases surely ask for; the report's strongest words weigh about twice that."""
_WORDS_OF_STYLE: Final[Mapping[str, tuple[str, ...]]] = {
    "boho": ("boho", "rattan"),
    "casual": ("everyday", "denim"),
    "classic": ("heirloom", "quiet-luxury"),
    "elegant": ("quiet-luxury", "champagne-gold"),
    "festive": ("party-season", "glam-revival"),
    "formal": ("precise", "quiet-luxury"),
    "minimal": ("soft-minimalism", "negative-space"),
    "modern": ("soft-minimalism", "microcement"),
    "party": ("party-season", "glam-revival"),
    "romantic": ("romantic", "lace"),
    "rustic": ("wood-grain", "cottagecore"),
    "sport": ("streetwear", "retro-runner"),
    "street": ("streetwear", "industrial"),
    "vintage": ("nostalgic", "mid-century"),
}
"""Words of the settings by how the shops' own words for styles begin."""
_WORDS_OF_BAND: Final[Mapping[str, tuple[str, ...]]] = {
    "high": ("quiet-luxury", "soft-window-light"),
    "middle": ("soft-minimalism",),
    "low": ("playful", "everyday"),
}


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The demand for one kind of product; `fallback` says why nothing is known of it.

    `words` of the settings weigh what styles and prices ask for.
    """

    model: str = ""
    share: float = 0.0
    lift: float = 1.0
    is_high: bool = False
    words: Mapping[str, float] = field(default_factory=dict)
    fallback: str = ""

    def items(self) -> dict[str, TrendItem]:
        """Return the words as items like the report's."""
        return {word: TrendItem(id=word, kind="style", weight=weight) for word, weight in self.words.items()}

    def plates(self, variants: int) -> int:
        """Return how many plates of a generator products share: more where the kind is in demand."""
        return round(variants * min(max(self.lift, 1.0), MOST_TIMES)) if self.is_high else variants

    def told(self) -> str:
        """Say it in a sentence for the record; nothing where nobody ever foresaw anything."""
        if not self.model and self.fallback == NOBODY:
            return ""
        if self.fallback:
            return f"Purchases say nothing: {self.fallback}."
        much = "in demand" if self.is_high else "wanted as usual"
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
    kind: Category, *, summary: DemandSummary | None, now: datetime, words: Collection[str]
) -> Foreseen:
    """Return what is expected of a kind of product, in words of the settings alone."""
    if summary is None:
        return NOTHING
    age = now - summary.made_at
    if age > OLDEST:
        return Foreseen(fallback=f"what was foreseen is {age.days} days old")
    mine = [each for each in summary.categories if each.kind == kind]
    if not mine:
        return Foreseen(model=summary.model, fallback=f"nobody is known to buy {kind}")
    expected = sum(each.expected for each in mine)
    usual = sum(each.expected / each.lift for each in mine if each.lift > 0)
    lift = expected / usual if usual else 1.0
    share = min(1.0, sum(each.share for each in mine))
    kinds = len({each.kind for each in summary.categories})
    return Foreseen(
        model=summary.model,
        share=share,
        lift=lift,
        # A rare kind that sells a little more than it did needs no more pictures.
        is_high=lift >= HIGH_LIFT and share >= 1 / (2 * kinds),
        words=_words(mine, known=words),
    )


def _words(categories: Collection[CategoryDemand], *, known: Collection[str]) -> dict[str, float]:
    """Return the weights of words that styles and price bands ask for, by how sure that is."""
    total = sum(each.expected for each in categories) or 1.0
    weights: dict[str, float] = {}
    for each in categories:
        part = each.expected / total
        for likely in (*each.styles[:1], *each.price_bands[:1]):
            for word in _meant(likely):
                if word in known:
                    weights[word] = weights.get(word, 0.0) + part * likely.probability * _HEAVIEST
    return {word: min(weight, _HEAVIEST) for word, weight in sorted(weights.items())}


def _meant(likely: Likely) -> tuple[str, ...]:
    plain = re.sub(r"[^a-z]", "", likely.name.lower())
    if likely.name in _WORDS_OF_BAND:
        return _WORDS_OF_BAND[likely.name]
    return next((words for start, words in _WORDS_OF_STYLE.items() if plain.startswith(start)), ())
