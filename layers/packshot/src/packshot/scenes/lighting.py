"""Which key light a scene asks for."""

from dataclasses import dataclass

from packshot.events import SceneName
from packshot.scenes.brief import Brief
from packshot.scenes.demand import asked
from packshot.scenes.photography import LightSettings
from packshot.scenes.words import spoken

_HARD = 0.2
_FIRM = 0.4


@dataclass(frozen=True, slots=True)
class ChosenLight:
    """A key light, the reason for it and the trends' words behind it."""

    light: LightSettings
    reason: str
    items: tuple[str, ...] = ()


def choose_light(brief: Brief, *, scene: SceneName) -> ChosenLight:
    """Take the look's light, else the category's, leant half way to the season's.

    The others have the category's other mood.
    """
    side = f"The key light comes from the {brief.side}, as in the photo"
    if brief.look and brief.look.light:
        return ChosenLight(brief.look.light, f"{side}, as hard as the look '{brief.look.name}' has it.")
    if scene in {"alternative", "another"}:
        other = brief.category.other_light
        return ChosenLight(other, f"{side}, in another mood: {_mood(other)}.")
    liked = asked(brief.settings.lighting, demand=brief.demand)[:1]
    if not liked:
        return ChosenLight(brief.category.light, f"{side}.")
    light = _between(brief.category.light, brief.settings.lighting[liked[0].id])
    return ChosenLight(light, f"{side}, towards {spoken(liked[0].id)}.", (liked[0].id,))


def _between(one: LightSettings, other: LightSettings) -> LightSettings:
    return LightSettings(
        softness=(one.softness + other.softness) / 2, elevation=(one.elevation + other.elevation) / 2
    )


def _mood(light: LightSettings) -> str:
    return "sun" if light.softness < _HARD else "a small lamp" if light.softness < _FIRM else "a large window"
