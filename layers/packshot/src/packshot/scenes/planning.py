"""Plan the scenes of a photo: one for the marketplaces, one for what shoppers want now."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from packshot.events import (
    Category,
    Generator,
    Hex,
    Light,
    Palette,
    PlanRequest,
    Scene,
    ScenePlan,
    Shadow,
    TrendItem,
    TrendReport,
)
from packshot.scenes.harmony import Lab, agreement, difference, lab
from packshot.scenes.photography import Anchor, CategorySettings, KeyLight, PhotographySettings

_WHITE = Palette(name="Pure white", wall="#ffffff", floor="#ffffff", accent="#ffffff")
_WEIGHT_OF_DIRECTION = {"rising": 1.15, "steady": 1.0, "fading": 0.7}
_KIN = 18.0
"""ΔE2000 up to which a palette's colour is taken for a trend's colour."""
_LAST = 0.6
"""What a set loses whose ground has the product's colour: more than trends can give."""
_TASTE = 0.06
"""How far chance may lift a choice, so that a shop's products do not all get one wall."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """A palette or set with its score, and why."""

    name: str
    score: float
    reason: str
    items: tuple[str, ...] = ()


def plan(
    request: PlanRequest, *, settings: PhotographySettings, trends: TrendReport, generator: Generator
) -> ScenePlan:
    """Return two scenes: `white` for marketplaces, made in the studio, and `trend`, made by `generator`."""
    scenes = (
        _white(request, settings=settings, trends=trends),
        _trend(request, settings=settings, trends=trends, generator=generator),
    )
    return ScenePlan(scenes=scenes, settings_version=settings.version, trends_version=trends.version)


def seed_of(request: PlanRequest, *, scene: str) -> int:
    """Return the seed of a scene: the same for the same version of the same photo."""
    photo = request.photo
    text = f"{photo.sku}\n{photo.name}\n{photo.source.key}\n{photo.source.version}\n{scene}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


def _white(request: PlanRequest, *, settings: PhotographySettings, trends: TrendReport) -> Scene:
    category = settings.categories[request.photo.product.category]
    anchor = _anchor(category, request)
    shadow = settings.white.shadow if anchor == "stand" else Shadow(contact=0, cast=0)
    return Scene(
        name="white",
        set="white_cove",
        palette=_WHITE,
        light=Light(side=request.analysis.light_side, softness=0.9, elevation=60),
        shadow=shadow,
        anchor=anchor,
        fill=settings.white.fill,
        camera=str(category.camera),
        width=settings.size,
        height=settings.size,
        seed=seed_of(request, scene="white"),
        settings_version=settings.version,
        trends_version=trends.version,
        reasons=(
            f"Marketplaces want pure white and {settings.white.fill:.0%} of the frame by the longest side.",
            "A soft contact shadow keeps the product from floating."
            if anchor == "stand"
            else "A product that does not stand throws no shadow on pure white.",
        ),
    )


def _trend(
    request: PlanRequest, *, settings: PhotographySettings, trends: TrendReport, generator: Generator
) -> Scene:
    kind = request.photo.product.category
    category = settings.categories[kind]
    anchor = _anchor(category, request)
    seed = seed_of(request, scene="trend")
    wanted = _wanted(trends.items, kind)
    stage = _choose_set(request, anchor=anchor, settings=settings, wanted=wanted)
    palette, colours = _choose_palette(request, settings=settings, trends=trends, wanted=wanted, seed=seed)
    light, lighting = _choose_light(category, settings=settings, wanted=wanted)
    side = request.analysis.light_side
    return Scene(
        name="trend",
        generator=generator,
        set=stage.name,
        palette=palette,
        light=Light(side=side, softness=light.softness, elevation=light.elevation),
        shadow=category.shadow,
        anchor=anchor,
        fill=category.fill,
        camera=str(category.camera),
        width=settings.size,
        height=settings.size,
        seed=seed,
        settings_version=settings.version,
        trends_version=trends.version,
        reasons=(
            stage.reason,
            colours.reason,
            f"The key light comes from the {side}, as in the photo{lighting.reason}.",
        ),
        trend_items=tuple(dict.fromkeys((*stage.items, *colours.items, *lighting.items))),
    )


def _anchor(category: CategorySettings, request: PlanRequest) -> Anchor:
    """Return how the product is held; one that the photo cut at its top hangs, at its foot cannot stand."""
    cut = set(request.matte.cut_edges)
    if category.anchor == "stand" and cut & {"top", "bottom"}:
        return "hang"
    return category.anchor


def _wanted(items: Iterable[TrendItem], kind: Category) -> dict[str, TrendItem]:
    """Return the report's items that concern this kind of product, by id."""
    return {item.id: item for item in items if not item.categories or kind in item.categories}


def _pull(item: TrendItem) -> float:
    return item.weight * _WEIGHT_OF_DIRECTION[item.direction]


def _choose_set(
    request: PlanRequest, *, anchor: Anchor, settings: PhotographySettings, wanted: dict[str, TrendItem]
) -> _Choice:
    """Take the preferred set that fits the anchor, unless the trends ask strongly for a later one.

    A table of the product's own colour is a last choice.
    """
    category, seed = settings.categories[request.photo.product.category], seed_of(request, scene="trend")
    fitting = [name for name in category.sets if anchor in settings.sets[name].anchors]
    fitting = fitting or [name for name, made in settings.sets.items() if anchor in made.anchors]
    choices = []
    for rank, name in enumerate(fitting):
        asked = sorted((wanted[w] for w in settings.sets[name].words if w in wanted), key=_pull, reverse=True)
        items = tuple(item.id for item in asked[:2])
        score = 1 - 0.12 * rank + 0.4 * sum(map(_pull, asked[:2])) / 2 + _chance(seed, name)
        score -= _LAST if _melts_in(request, settings.sets[name].grounds, settings=settings) else 0
        words = f"; shoppers ask for {' and '.join(map(_spoken, items))}" if items else ""
        choices.append(_Choice(name, score, f"The set is {_spoken(name)}{words}.", items))
    return max(choices, key=lambda choice: choice.score)


def _melts_in(request: PlanRequest, grounds: tuple[Hex, ...], *, settings: PhotographySettings) -> bool:
    """Say whether the product's largest colour is that of a ground which no palette changes."""
    main = [lab(colour) for colour in request.matte.colours[:1]]
    return any(difference(c, lab(ground)) < settings.standout.rest for c in main for ground in grounds)


def _choose_palette(
    request: PlanRequest,
    *,
    settings: PhotographySettings,
    trends: TrendReport,
    wanted: dict[str, TrendItem],
    seed: int,
) -> tuple[Palette, _Choice]:
    """Take the palette that agrees best with the product, of those that it stands out from.

    If it stands out from none (a product of many colours), take the one that is farthest away.
    """
    product = [lab(colour) for colour in request.matte.colours] or [lab("#808080")]
    rule = settings.categories[request.photo.product.category].harmony
    far = [p for p in trends.palettes if _stands_out(product, p, settings=settings)]
    calm = [p for p in settings.neutrals if _stands_out(product, p, settings=settings)]
    candidates = far or calm
    if not candidates:
        every = (*trends.palettes, *settings.neutrals)
        candidates = [max(every, key=lambda p: min(_distances(product, p)))]
    choices = []
    for palette in candidates:
        kin = _kin(palette, wanted.values())
        fit = agreement(product[0], lab(palette.wall), rule=rule)
        score = fit + 0.5 * (_pull(kin[0]) if kin else 0) + _chance(seed, palette.name)
        choices.append((score, palette, tuple(item.id for item in kin[:1])))
    score, palette, items = max(choices, key=lambda choice: choice[0])
    apart = difference(product[0], lab(palette.wall))
    reason = f"'{palette.name}' is {apart:.0f} ΔE from the product's main colour and goes with it ({rule})."
    return palette, _Choice(palette.name, score, reason, items)


def _choose_light(
    category: CategorySettings, *, settings: PhotographySettings, wanted: dict[str, TrendItem]
) -> tuple[KeyLight, _Choice]:
    """Lean the category's light half way to the light that shoppers like most."""
    liked = [wanted[name] for name in settings.lighting if name in wanted]
    if not liked:
        return category.light, _Choice("", 0, "")
    item = max(liked, key=_pull)
    other = settings.lighting[item.id]
    light = KeyLight(
        softness=(category.light.softness + other.softness) / 2,
        elevation=(category.light.elevation + other.elevation) / 2,
    )
    return light, _Choice(item.id, _pull(item), f", towards {_spoken(item.id)}", (item.id,))


def _stands_out(product: list[Lab], palette: Palette, *, settings: PhotographySettings) -> bool:
    main, *rest = _distances(product, palette)
    return main >= settings.standout.main and all(other >= settings.standout.rest for other in rest)


def _distances(product: list[Lab], palette: Palette) -> list[float]:
    """Return how far each colour of the product is from the nearer of wall and floor, in ΔE2000."""
    around = [lab(palette.wall), lab(palette.floor)]
    return [min(difference(colour, other) for other in around) for colour in product]


def _kin(palette: Palette, items: Iterable[TrendItem]) -> list[TrendItem]:
    """Return the trends' colours that this palette holds, strongest first."""
    own = [lab(colour) for colour in (palette.wall, palette.floor, palette.accent)]
    near = [
        item
        for item in items
        if item.colour and min(difference(lab(item.colour), colour) for colour in own) <= _KIN
    ]
    return sorted(near, key=_pull, reverse=True)


def _chance(seed: int, name: str) -> float:
    """Return a share of `_TASTE` that depends on seed and name alone."""
    return _TASTE * hashlib.sha256(f"{seed}:{name}".encode()).digest()[0] / 255


def _spoken(name: str) -> str:
    return name.replace("_", " ").replace("-", " ")
