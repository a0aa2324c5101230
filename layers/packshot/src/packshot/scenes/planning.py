"""Plan the scenes of a photo: for the marketplaces, for what shoppers want now, and an alternative."""

from packshot.events import (
    Generator,
    Light,
    Palette,
    PlanRequest,
    Scene,
    SceneName,
    ScenePlan,
    Shadow,
    TrendReport,
)
from packshot.scenes.brief import Brief
from packshot.scenes.demand import mood_in
from packshot.scenes.foreseen import NOTHING, Foreseen
from packshot.scenes.lighting import choose_light
from packshot.scenes.photography import PhotographySettings
from packshot.scenes.prompts import view_for
from packshot.scenes.stages import ChosenStage, choose_stage

_WHITE = Palette(name="Pure white", wall="#ffffff", floor="#ffffff", accent="#ffffff")


def plan(  # noqa: PLR0913 - what a plan is made of, each its own
    request: PlanRequest,
    *,
    settings: PhotographySettings,
    trends: TrendReport,
    generator: Generator,
    trends_fallback: str = "",
    foreseen: Foreseen = NOTHING,
) -> ScenePlan:
    """Return the scenes that the settings ask for, in their order, and another where customers want the kind.

    Only the trend scene is made by `generator`; the others come from the studio, so a photo costs one plate
    at most. `trends_fallback` says why the report is the one that ships.
    """
    brief = Brief(request, settings, trends, trends_fallback, foreseen)
    trend = choose_stage(brief)
    made: dict[SceneName, Scene] = {"white": _white(brief)}
    made["trend"] = _styled(brief, "trend", trend, generator=generator)
    names = _names(brief)
    shown = [trend.stage]
    for name in names:
        if name not in made:
            other = choose_stage(brief, unlike=shown)
            made[name] = _styled(brief, name, other, generator="studio")
            shown.append(other.stage)
    scenes = tuple(made[name] for name in names)
    return ScenePlan(scenes=scenes, settings_version=settings.version, trends_version=trends.version)


def _names(brief: Brief) -> tuple[SceneName, ...]:
    """Return which scenes to make: one more than the settings say, at most, and only of styled ones."""
    names = brief.settings.scenes
    wants_more = brief.foreseen.is_high and "alternative" in names and "another" not in names
    return (*names, "another") if wants_more else names


def _white(brief: Brief) -> Scene:
    settings, stands = brief.settings, brief.anchor == "stand"
    return Scene(
        name="white",
        set="white_cove",
        palette=_WHITE,
        light=Light(side=brief.side, softness=0.9, elevation=60),
        shadow=settings.white.shadow if stands else Shadow(contact=0, cast=0),
        anchor=brief.anchor,
        fill=settings.white.fill,
        camera=str(brief.category.camera),
        width=settings.size,
        height=settings.size,
        seed=brief.seed("white"),
        settings_version=settings.version,
        trends_version=brief.trends.version,
        reasons=(
            f"Marketplaces want pure white and {settings.white.fill:.0%} of the frame by the longest side.",
            "A soft contact shadow keeps the product from floating."
            if stands
            else "A product that does not stand throws no shadow on pure white.",
        ),
    )


def _styled(brief: Brief, name: SceneName, chosen: ChosenStage, *, generator: Generator) -> Scene:
    settings, look = brief.settings, brief.look
    mood = mood_in(brief.demand) if name == "trend" else ""
    lit = choose_light(brief, scene=name)
    drawn = brief.category.backgrounds or settings.backgrounds
    is_drawn = generator != "studio"
    foreseen, said = brief.foreseen, brief.said
    items = tuple(dict.fromkeys((*chosen.items, *lit.items, *([mood] if mood else []))))
    return Scene(
        name=name,
        generator=generator,
        set=chosen.stage.set,
        palette=chosen.stage.palette,
        light=Light(side=brief.side, softness=lit.light.softness, elevation=lit.light.elevation),
        shadow=brief.category.shadow,
        anchor=brief.anchor,
        fill=brief.category.fill if look is None or look.fill is None else look.fill,
        camera=str(brief.category.camera),
        width=settings.size,
        height=settings.size,
        seed=brief.seed(name),
        settings_version=settings.version,
        trends_version=brief.trends.version,
        reasons=(*chosen.reasons, lit.reason, *_seasons_reasons(brief), *filter(None, [foreseen.told()])),
        trend_items=tuple(item for item in items if item not in foreseen.words or item in said),
        mood=mood,
        trends_fallback=brief.trends_fallback,
        demand=foreseen.model,
        demand_items=tuple(item for item in items if item in foreseen.words and item not in said),
        demand_fallback=foreseen.fallback,
        look=look.name if look else "",
        strategy=drawn.strategy if is_drawn else "plate",
        models=drawn.models if is_drawn else (),
        variants=foreseen.plates(drawn.variants) if is_drawn else 1,
        view=view_for(brief.anchor) if is_drawn else None,
        plate_until=brief.trends.holds_until if is_drawn and not brief.trends_fallback else None,
    )


def _seasons_reasons(brief: Brief) -> tuple[str, ...]:
    """Say so where the season is not what shoppers say now."""
    why = brief.trends_fallback
    return (f"The trends are those that ship: {why}.",) if why else ()
