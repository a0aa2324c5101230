"""Which set, painted in which palette, a product is put into."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product as pairs

from packshot.events import Palette, TrendItem
from packshot.scenes.brief import Brief
from packshot.scenes.demand import asked, kin, pull
from packshot.scenes.harmony import Lab, agreement, difference, lab
from packshot.scenes.looks import chance, draw
from packshot.scenes.surroundings import Around, clearance, load_surroundings
from packshot.scenes.words import spoken

_STEP = 0.12
"""What a set loses for each one that the category prefers to it."""
_ASKED = 0.2
"""What a set gains for each of its two strongest words, times the word's pull."""
_VARIETY = 0.2
"""How freely ranges differ: of two sets, one that is this much better is taken e times as often."""
_TASTE = 0.06
"""How far chance may lift a palette, so that a range's products do not all get one wall."""

_Apart = Callable[["Stage"], bool]


@dataclass(frozen=True, slots=True)
class Stage:
    """A set in the colours of a palette."""

    set: str
    palette: Palette

    @property
    def ring(self) -> tuple[Around, ...]:
        """Return the colours that a product's outline meets here."""
        return load_surroundings()[self.set].ring(self.palette)

    @property
    def backdrop(self) -> Lab:
        """Return the colour that most of the picture has."""
        return load_surroundings()[self.set].backdrop(self.palette)


@dataclass(frozen=True, slots=True)
class ChosenStage:
    """A stage with the reasons and the trends' words behind it."""

    stage: Stage
    reasons: tuple[str, ...]
    items: tuple[str, ...]


def choose_stage(brief: Brief, *, unlike: Sequence[Stage] = ()) -> ChosenStage:
    """Take the range's first set in which a palette stands out from the product; else the farthest stage.

    `unlike` are the stages of other scenes, the trend's first: another set is taken if there is one that can
    hold the product, and other colours as long as there are any.
    """
    ranked = _ranked_sets(brief)
    sets = _sets_left(ranked, unlike)
    for is_apart in _degrees_of_apartness(brief, unlike):
        for name in sets:
            outstanding = _outstanding(brief, name, is_apart)
            if outstanding:
                best = max(outstanding, key=lambda stage: _score(brief, stage))
                return _explained(brief, best, first=sets[0], unlike=unlike)
    for is_apart in _degrees_of_apartness(brief, unlike):
        every = [Stage(name, palette) for name, palette in pairs(sets, _every_palette(brief))]
        left = [stage for stage in every if is_apart(stage)]
        if left:
            farthest = max(left, key=lambda stage: min(_clearances(brief, stage)))
            return _explained(brief, farthest, first=sets[0], unlike=unlike)
    raise AssertionError("a product that no set can hold")  # pragma: no cover - settings are checked


# --- sets -------------------------------------------------------------------------------------------


def _sets_left(ranked: list[str], unlike: Sequence[Stage]) -> list[str]:
    """Return the sets of no other scene; where there are none left, those that the trend scene has not."""
    for taken in ({stage.set for stage in unlike}, {stage.set for stage in unlike[:1]}):
        left = [name for name in ranked if name not in taken]
        if left:
            return left
    return ranked


def _ranked_sets(brief: Brief) -> list[str]:
    """Return the sets that can hold the product, drawn for its range by preference and demand.

    A draw, not a rule, so that a catalogue is not monotonous; a seeded one by range, so that a range is
    consistent (`looks.draw`).
    """
    names = _fitting(brief)
    scores = {
        name: -_STEP * rank + _ASKED * sum(map(pull, _asked(brief, name))) for rank, name in enumerate(names)
    }
    return sorted(names, key=lambda name: -(scores[name] / _VARIETY + draw(brief.range, name)))


def _fitting(brief: Brief) -> Sequence[str]:
    """Return the look's sets, else the category's, else any, of those that can hold the product."""
    described = brief.settings.sets
    pinned = brief.look.sets if brief.look else ()
    for names in (pinned, brief.category.sets, tuple(described)):
        fitting = [name for name in names if brief.anchor in described[name].anchors]
        if fitting:
            return fitting
    return ()


def _asked(brief: Brief, name: str) -> tuple[TrendItem, ...]:
    """Return the two strongest things that shoppers want and this set has."""
    return asked(brief.settings.sets[name].words, demand=brief.demand)[:2]


# --- palettes ---------------------------------------------------------------------------------------


def _pools(brief: Brief) -> tuple[tuple[Palette, ...], ...]:
    """Return what to paint with, first choice first: what the look pins, else the season's, then neutrals."""
    if brief.look and brief.look.palettes:
        return (tuple(brief.settings.palette(name) for name in brief.look.palettes),)
    return (brief.season, brief.settings.neutrals)


def _every_palette(brief: Brief) -> tuple[Palette, ...]:
    return tuple(palette for pool in _pools(brief) for palette in pool)


def _degrees_of_apartness(brief: Brief, others: Sequence[Stage]) -> Iterator[_Apart]:
    """Yield what to ask of a stage so that it is not taken for one of the others, strictest first."""
    if others:
        yield lambda stage: all(
            _walls_differ(brief, stage, other) and _backdrops_differ(brief, stage, other) for other in others
        )
        yield lambda stage: all(_walls_differ(brief, stage, other) for other in others)
        yield lambda stage: all(stage.palette != other.palette for other in others)
    yield lambda _: True


def _walls_differ(brief: Brief, stage: Stage, other: Stage) -> bool:
    walls = (lab(stage.palette.wall), lab(other.palette.wall))
    return difference(*walls) >= brief.settings.alternative.apart


def _backdrops_differ(brief: Brief, stage: Stage, other: Stage) -> bool:
    """Say whether the whole pictures differ in colour; one that no palette paints differs by what it is."""
    painted = all(load_surroundings()[each.set].is_painted for each in (stage, other))
    needed = brief.settings.alternative.apart if painted else brief.settings.standout.least
    return difference(stage.backdrop, other.backdrop) >= needed


def _outstanding(brief: Brief, name: str, is_apart: _Apart) -> list[Stage]:
    """Return the stages in this set that keep the product's colours: as wished for, or at least enough."""
    wish = brief.settings.standout
    pools = [
        [stage for stage in (Stage(name, palette) for palette in pool) if is_apart(stage)]
        for pool in _pools(brief)
    ]
    for main, rest in ((wish.main, wish.rest), (wish.least, wish.least)):
        for pool in pools:
            found = [stage for stage in pool if _stands_out(brief, stage, main=main, rest=rest)]
            if found:
                return found
    return []


def _stands_out(brief: Brief, stage: Stage, *, main: float, rest: float) -> bool:
    first, *others = _clearances(brief, stage)
    return first >= main and all(other >= rest for other in others)


def _clearances(brief: Brief, stage: Stage) -> list[float]:
    """Return what each colour of the product's rim keeps from what is seen around it, in ΔE2000."""
    ring = stage.ring
    return [clearance(colour, ring) for colour in brief.rim]


def _score(brief: Brief, stage: Stage) -> float:
    """Return how well a stage goes with the product and the season."""
    fit = agreement(brief.colours[0], stage.backdrop, rule=brief.harmony)
    relatives = kin(stage.palette, demand=brief.demand)
    season = 0.5 * pull(relatives[0]) if relatives else 0
    return fit + season + _TASTE * chance(str(brief.seed("trend")), stage.palette.name)


# --- reasons ----------------------------------------------------------------------------------------


def _explained(brief: Brief, stage: Stage, *, first: str, unlike: Sequence[Stage]) -> ChosenStage:
    words = [item.id for item in _asked(brief, stage.set)]
    relatives = [item.id for item in kin(stage.palette, demand=brief.demand)[:1]]
    reasons = [_why_this_set(brief, stage, words=words, first=first), _why_this_palette(brief, stage)]
    if unlike:
        reasons.append(_why_unlike(brief, stage, unlike[0]))
    return ChosenStage(stage, tuple(reasons), tuple(dict.fromkeys((*words, *relatives))))


def _why_this_set(brief: Brief, stage: Stage, *, words: list[str], first: str) -> str:
    melts_nowhere = bool(_outstanding(brief, first, lambda _: True))
    name, product = spoken(stage.set), brief.request.photo.product
    if stage.set != first:
        fault = "would look like the trend scene" if melts_nowhere else "would melt into what is around it"
        return f"The set is {name}: in {spoken(first)} the product {fault}."
    if brief.look and stage.set in brief.look.sets:
        return f"The set is {name}, as the look '{brief.look.name}' has it."
    if brief.look and brief.look.sets:
        return f"The set is {name}: those of the look '{brief.look.name}' cannot {brief.anchor} a product."
    said = [spoken(word) for word in words if word in brief.said]
    bought = [spoken(word) for word in words if word not in brief.said]
    asked_for = f"; shoppers ask for {' and '.join(said)}" if said else ""
    asked_for += f"; purchases ask for {' and '.join(bought)}" if bought else ""
    whose = " ".join(filter(None, (product.brand, product.range)))
    kind = "products" if product.category == "other" else product.category
    shared = f", as for all {kind} of {whose}" if whose else ""
    return f"The set is {name}{shared}{asked_for}."


def _why_unlike(brief: Brief, stage: Stage, other: Stage) -> str:
    if not _walls_differ(brief, stage, other):
        return (
            "It differs from the trend scene by set and light; no other palette stands out from the product."
        )
    apart = difference(stage.backdrop, other.backdrop)
    return f"It is {apart:.0f} ΔE from the trend scene, so that nobody takes one for the other."


def _why_this_palette(brief: Brief, stage: Stage) -> str:
    apart, name = min(_clearances(brief, stage)), stage.palette.name
    if brief.look and brief.look.palettes:
        return f"'{name}' is pinned by the look '{brief.look.name}', {apart:.0f} ΔE from the product's rim."
    return f"'{name}' stays {apart:.0f} ΔE away from the product's rim and goes with it ({brief.harmony})."
