"""What comes next by counting alone: the answer while no model can be asked."""

import heapq
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from packshot.events import Likely, NextCategory, PreferenceBasis, Preferences, PurchaseLine
from packshot.purchases.moments import microseconds

TOP: Final = 3
PRIOR: Final = 3.0
"""Visits for which what is popular counts; where nothing is known of that, nothing is claimed for them."""
MOST_VISITS: Final = 200
"""Days of buying that count: who has more sells on."""
_DAY = 86_400_000_000
"""Microseconds."""


def count_preferences(
    history: Sequence[PurchaseLine], *, now: datetime, popularity: Mapping[str, float] | None = None
) -> Preferences:
    """Return the shares of a customer's visits, drawn towards what is popular; lines before `now` count.

    With no history these are popular categories, and none where nobody knows those.
    """
    at = microseconds(now)
    visits: dict[int, list[PurchaseLine]] = {}
    for line in history:
        moment = microseconds(line.time)
        if moment < at:
            visits.setdefault(moment // _DAY, []).append(line)
    past = sum(map(len, visits.values()))
    recent = {day: visits[day] for day in sorted(visits)[-MOST_VISITS:]}
    counted = sum(map(len, recent.values()))
    return Preferences(
        next=_next(recent, today=at // _DAY, popularity=popularity or {}),
        brands=_likely(recent, "brand"),
        styles=_likely(recent, "style"),
        basis=PreferenceBasis(
            kind="frequency",
            visits=len(recent),
            future_purchases_left_out=len(history) - past,
            oldest_purchases_left_out=past - counted,
        ),
    )


def _next(
    visits: Mapping[int, Sequence[PurchaseLine]], *, today: int, popularity: Mapping[str, float]
) -> tuple[NextCategory, ...]:
    own: Counter[str] = Counter()
    last: dict[str, int] = {}
    for day, lines in visits.items():
        categories = {line.category for line in lines}
        # A day counts once, however much was bought on it.
        own.update(dict.fromkeys(categories, 0))
        for category in categories:
            own[category] += 1
            last[category] = max(day, last.get(category, day))
    share = 1 / max(sum(own.values()), 1)
    whole = sum(popularity.values())
    weight = PRIOR / (PRIOR + len(visits))
    wanted = {
        category: popularity.get(category, 0) / whole if whole else 0 for category in {*own, *popularity}
    }
    odds = {category: (1 - weight) * own[category] * share + weight * wanted[category] for category in wanted}
    best = heapq.nsmallest(TOP, odds, key=lambda category: (-odds[category], category))
    return tuple(
        NextCategory(
            category=category,
            probability=min(odds[category], 1),
            because=_bought(category, own[category], len(visits), days=today - last[category])
            if category in last
            else _wanted(wanted[category]),
        )
        for category in best
        if odds[category] > 0
    )


def _bought(category: str, times: int, visits: int, *, days: int) -> str:
    ago = "today" if days <= 0 else "yesterday" if days == 1 else f"{days} days ago"
    return f"bought {category} on {times} of {visits} {'day' if visits == 1 else 'days'}, last {ago}"


def _wanted(share: float) -> str:
    percent = round(100 * share)
    return f"{percent or 'less than 1'} % of what customers buy"


def _likely(visits: Mapping[int, Sequence[PurchaseLine]], name: str) -> tuple[Likely, ...]:
    words = Counter(
        word for lines in visits.values() for word in {getattr(line, name) for line in lines} if word
    )
    total = sum(words.values())
    known = total / (total + PRIOR)
    best = heapq.nsmallest(TOP, words, key=lambda word: (-words[word], word))
    return tuple(Likely(name=word, probability=words[word] / total * known) for word in best)
