"""Make a report of tallies: the same tallies at the same moment make the same report, again and again."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import get_args

from packshot.events import (
    Category,
    CategoryTrends,
    DayTally,
    NamedColour,
    Palette,
    SceneSuggestion,
    Tally,
    TrendItem,
    TrendKind,
    TrendReport,
)
from packshot.trends.default import load_default_report
from packshot.trends.palettes import named_colours, palettes_of
from packshot.trends.standings import (
    RECENT_DAYS,
    WINDOW_DAYS,
    Standing,
    Stretch,
    direction_of,
    standing,
    stretch,
)
from packshot.trends.tallies import add_costs
from packshot.trends.vocabulary import Entry, Vocabulary

FEWEST_SIGNALS = 4
"""Posts that have to speak of a thing before a report does."""
FEWEST_POSTS = 40
"""Posts that a report needs at all."""
FEWEST_OF_CATEGORY = 12.5
"""Posts about a kind of product before it has trends of its own; an old one is worth less than one."""
_BORROWED = 30.0
"""How many posts the whole market's opinion is worth for one kind of product."""
_MOST_OF_A_KIND = 12


@dataclass(frozen=True, slots=True)
class _Market:
    """All posts, or those about one kind of product."""

    whole: Stretch
    recent: Stretch
    before: Stretch

    @property
    def signals(self) -> int:
        """Return the number of posts, old ones counted like new ones."""
        return round(self.recent.posts + self.before.posts)


def make_report(tallies: Sequence[Tally], *, at: datetime, vocabulary: Vocabulary) -> TrendReport | None:
    """Return what shoppers want at a moment, None as long as too few posts say so.

    Days after that of `at` are not looked at; when a day was tallied does not matter.
    """
    markets = _markets(tallies, until=at.date())
    everybody = markets.get("all")
    if everybody is None or everybody.signals < FEWEST_POSTS:
        return None
    sources = _sources(tallies, until=at.date())
    items = _items(everybody, everybody, category=None, vocabulary=vocabulary, sources=sources)
    if not items:
        return None
    colours, palettes = _paints(items, vocabulary)
    by_category = {
        category: _of_category(market, everybody, category, vocabulary=vocabulary, sources=sources)
        for category, market in markets.items()
        if category in get_args(Category) and market.whole.posts >= FEWEST_OF_CATEGORY
    }
    in_window = [each for each in tallies if _speaks_of(each, until=at.date())]
    judged = [each.agreement for each in in_window if each.agreement is not None]
    report = TrendReport(
        version="",
        made_at=at,
        source="posts",
        palettes=palettes,
        items=items,
        colours=colours,
        suggestion=_suggestion(items, palettes),
        by_category=dict(sorted(by_category.items())),
        signals=everybody.signals,
        sources=tuple(sorted({each.source for each in in_window})),
        interpreters=tuple(sorted({each.interpreter for each in in_window})),
        vocabulary_version=vocabulary.version,
        agreement=round(sum(judged) / len(judged), 4) if judged else None,
        refused=sum(each.refused for each in in_window),
        price_usd=round(add_costs(each.cost for each in in_window).price_usd, 6),
    )
    return report.model_copy(update={"version": version_of(report)})


def version_of(report: TrendReport) -> str:
    """Return `trends-<minute>-<hash>`: two reports of one version say the same."""
    digest = hashlib.sha256(report.model_copy(update={"version": ""}).model_dump_json().encode()).hexdigest()
    return f"trends-{report.made_at:%Y%m%dT%H%M}-{digest[:8]}"


def _of_category(
    market: _Market,
    everybody: _Market,
    category: str,
    *,
    vocabulary: Vocabulary,
    sources: Mapping[str, tuple[str, ...]],
) -> CategoryTrends:
    items = _items(market, everybody, category=category, vocabulary=vocabulary, sources=sources)
    colours, palettes = _paints(items, vocabulary)
    return CategoryTrends(
        signals=market.signals,
        items=items,
        colours=colours,
        palettes=palettes,
        suggestion=_suggestion(items, palettes),
    )


def _items(
    market: _Market,
    everybody: _Market,
    *,
    category: str | None,
    vocabulary: Vocabulary,
    sources: Mapping[str, tuple[str, ...]],
) -> tuple[TrendItem, ...]:
    """Return what enough posts want, strongest first within its kind, at most twelve of each."""
    found: dict[TrendKind, list[TrendItem]] = {kind: [] for kind in get_args(TrendKind)}
    for entry in vocabulary.entries:
        if category and entry.categories and category not in entry.categories:
            continue
        signals = everybody.whole.signals.get(entry.id, 0)
        rate = _rate(entry, market, everybody)
        if signals < FEWEST_SIGNALS or rate <= 0:
            continue
        found[entry.kind].append(
            _item(
                entry,
                standing(
                    rate,
                    posts=everybody.whole.posts,
                    background=entry.background,
                    counted=_counted(market, everybody),
                ),
                signals=signals,
                everybody=everybody,
                sources=sources.get(entry.id, ()),
            )
        )
    ranked = (sorted(items, key=lambda item: (-item.weight, item.id)) for items in found.values())
    return tuple(item for items in ranked for item in items[:_MOST_OF_A_KIND])


def _rate(entry: Entry, market: _Market, everybody: _Market) -> float:
    """Return how much is said of it for this kind of product, drawn to what all say if that is little."""
    if market is everybody:
        return everybody.whole.rate(entry.id)
    own, posts = market.whole.rate(entry.id), market.whole.posts
    return (own * posts + everybody.whole.rate(entry.id) * _BORROWED) / (posts + _BORROWED)


def _counted(market: _Market, everybody: _Market) -> float:
    """Return on how many posts `_rate` rests."""
    if market is everybody:
        return everybody.whole.posts
    return min(market.whole.posts + _BORROWED, everybody.whole.posts)


def _item(
    entry: Entry, place: Standing, *, signals: int, everybody: _Market, sources: tuple[str, ...]
) -> TrendItem:
    return TrendItem(
        id=entry.id,
        kind=entry.kind,
        weight=place.weight,
        low=place.low,
        high=place.high,
        direction=direction_of(entry.id, recent=everybody.recent, before=everybody.before),
        signals=signals,
        sources=sources,
        colour=entry.colour,
        categories=entry.categories,
    )


def _paints(
    items: Sequence[TrendItem], vocabulary: Vocabulary
) -> tuple[tuple[NamedColour, ...], tuple[Palette, ...]]:
    colours = named_colours(items, vocabulary=vocabulary)
    return colours, palettes_of(colours, edited=load_default_report().palettes)


def _suggestion(items: Sequence[TrendItem], palettes: Sequence[Palette]) -> SceneSuggestion:
    def strongest(kind: TrendKind) -> list[str]:
        liked = [item for item in items if item.kind == kind and item.direction != "fading"]
        return [item.id for item in liked]

    return SceneSuggestion(
        palette=palettes[0].name if palettes else None,
        lighting=next(iter(strongest("lighting")), None),
        mood=next(iter(strongest("mood")), None),
        season=next(iter(strongest("season")), None),
        materials=tuple(strongest("material")[:3]),
        styles=tuple(strongest("style")[:3]),
        compositions=tuple(strongest("composition")[:2]),
    )


def _markets(tallies: Sequence[Tally], *, until: date) -> Mapping[str, _Market]:
    days: dict[str, list[DayTally]] = {}
    for tally in tallies:
        for day in tally.days:
            days.setdefault(day.about, []).append(day)
    return {
        about: _Market(
            whole=stretch(each, until=until),
            recent=stretch(each, until=until, length=RECENT_DAYS, half_life=None),
            before=stretch(
                each,
                until=until - timedelta(days=RECENT_DAYS),
                length=WINDOW_DAYS - RECENT_DAYS,
                half_life=None,
            ),
        )
        for about, each in sorted(days.items())
    }


def _days(tally: Tally, *, until: date) -> Iterable[DayTally]:
    """Return the days that a report of that day looks at."""
    oldest = until - timedelta(days=WINDOW_DAYS)
    return (day for day in tally.days if oldest < date.fromisoformat(day.day) <= until)


def _speaks_of(tally: Tally, *, until: date) -> bool:
    return any(day.posts for day in _days(tally, until=until))


def _sources(tallies: Iterable[Tally], *, until: date) -> Mapping[str, tuple[str, ...]]:
    """Return by id who spoke of it."""
    found: dict[str, set[str]] = {}
    for tally in tallies:
        for name in (name for day in _days(tally, until=until) for name in day.mentions):
            found.setdefault(name, set()).add(tally.source)
    return {name: tuple(sorted(sources)) for name, sources in found.items()}
