"""Light times paint: linear, metered at the foot, mirrored and cut without harm, and never in bands."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.sets import encode
from packshot.events import Light, Palette
from packshot.imaging.arrays import Bytes, Floats, floats
from packshot.imaging.colour import delta_e, lab_from_linear, linear_from_srgb, srgb_from_hex
from packshot.imaging.studio import Library, Take, choose, render
from packshot.imaging.studio.library import Bake
from packshot.imaging.studio.rendering import ALBEDO, paint, photograph
from tests.bakes import FLOOR, SIDE, baked, described, wooden

SAND = Palette(name="Sand", wall="#a8998a", floor="#8f8475", accent="#8a7557")
HEX = st.integers(0, 2**24 - 1).map(lambda number: f"#{number:06x}")
PALETTES = st.builds(Palette, name=st.just("Any"), wall=HEX, floor=HEX, accent=HEX)
EXTREME = ("#000000", "#ffffff", "#ff0000", "#00ff00", "#0000ff", "#ffff00", "#01ffff")
FOOT = (int(FLOOR * SIDE), SIDE // 2)


def bake(light: str = "soft_left", *, tinted: bool = False) -> Bake:
    """Return a set baked by formula."""
    return dict(baked(tinted=tinted).bakes())[light]


def seen(made: Bake, palette: Palette, *, exposure: float = 1.0) -> Floats:
    """Return the linear light that the film's sRGB stands for, before it is rounded to 8 bits."""
    return linear_from_srgb(floats((photograph(made, palette=palette, exposure=exposure) + 127.0) / 65280))


def grey(level: int) -> Palette:
    """Return a palette of one grey, 8-bit sRGB."""
    return Palette(name="Grey", wall=f"#{level:02x}{level:02x}{level:02x}", floor="#777777", accent="#777777")


@given(one=st.integers(90, 170), other=st.integers(90, 170))
def test_a_picture_is_linear_in_its_paint(one: int, other: int) -> None:
    """Below the shoulder, twice the albedo is twice the light, pixel by pixel."""
    wall = slice(0, SIDE // 2)
    first, second = (seen(bake(), grey(level))[wall] for level in (one, other))
    shares = (paint(grey(level), slot="wall")[0] for level in (one, other))
    assert first / second == pytest.approx(next(shares) / next(shares), rel=0.01)


def test_twice_the_exposure_is_twice_the_light() -> None:
    """A stop is a stop."""
    once, twice = (seen(bake(), grey(100), exposure=exposure) for exposure in (1.0, 2.0))
    assert twice / once == pytest.approx(2, rel=0.01)


@given(palette=PALETTES, light=st.sampled_from(("soft_left", "soft_right", "sun")), tinted=st.booleans())
def test_at_the_foot_the_ground_has_the_palettes_colour(palette: Palette, light: str, tinted: bool) -> None:  # noqa: FBT001 - a case
    """Metered and balanced where the product stands: what the palette says is seen, the brightest held back.

    Held back as a whole, so that no hue turns.
    """
    found = seen(bake(light, tinted=tinted), palette)[FOOT]
    wanted = paint(palette, slot="floor")
    kept = float(found.max() / wanted.max())
    assert found == pytest.approx(wanted * kept, rel=0.03, abs=0.002)
    assert 0.9 < kept < 1.04
    assert kept > 0.96 or wanted.max() > 0.7


def test_a_coloured_ground_colours_the_wall_above_it() -> None:
    """A red ground warms a grey wall, more near the ground than at the top; a grey one leaves it grey."""
    made, top, low = bake(tinted=True), (4, SIDE // 2), (SIDE // 2, SIDE // 2)
    for floor, warms in (("#b03020", True), ("#808080", False)):
        light = seen(made, Palette(name="Floor", wall="#808080", floor=floor, accent="#808080"))
        more = light[low][0] / light[low][2] - light[top][0] / light[top][2]
        assert more > 0.006 if warms else abs(more) < 0.002


@pytest.mark.parametrize("wall", EXTREME)
@pytest.mark.parametrize("floor", EXTREME)
def test_extreme_palettes_stay_paint(wall: str, floor: str) -> None:
    """White walls do not glow, black ones are not holes: paint reflects between 3 and 90 %."""
    palette = Palette(name="Extreme", wall=wall, floor=floor, accent=wall)
    for slot in ("wall", "floor"):
        assert ALBEDO[0] <= paint(palette, slot=slot).min() <= paint(palette, slot=slot).max() <= ALBEDO[1]
    plate = render(bake("sun", tinted=True), palette=palette, size=(SIDE, SIDE), take=Take())
    assert plate.min() >= 20
    assert (plate == 255).mean() < 0.02


@given(palette=PALETTES)
def test_a_plain_wall_keeps_its_hue(palette: Palette) -> None:
    """From half the light to full light a wall stays near its colour: the film turns no hue."""
    plate = seen(bake(), palette)
    wanted = paint(palette, slot="wall")
    lit = (bake().irradiance > 0.85) & (bake().irradiance < 1.1) & (np.arange(SIDE)[:, None] < SIDE // 2)
    apart = delta_e(lab_from_linear(plate[lit]), lab_from_linear(wanted[None]))
    assert float(apart.mean()) < 12


@given(seed=st.integers(0, 2**32 - 1))
def test_another_seed_changes_the_noise_alone(seed: int) -> None:
    """Chance rounds up or down; it does not move a lamp."""
    one, other = (
        render(bake(), palette=SAND, size=(SIDE, SIDE), take=Take(seed=each)).astype(int)
        for each in (seed, seed + 1)
    )
    assert not np.array_equal(one, other)
    assert np.abs(one - other).max() <= 2


@given(palette=PALETTES, light=st.sampled_from(("soft_left", "sun")))
def test_mirrored_twice_is_not_mirrored(palette: Palette, light: str) -> None:
    """The turned plate of the turned set is the plate, within the film's rounding."""
    made = bake(light, tinted=True)
    turned = replace(
        made,
        irradiance=made.irradiance[:, ::-1].copy(),
        bounce=None if made.bounce is None else made.bounce[:, ::-1].copy(),
        coverage=tuple(replace(each, share=each.share[:, ::-1].copy()) for each in made.coverage),
    )
    plain = render(made, palette=palette, size=(SIDE, SIDE), take=Take())
    again = render(turned, palette=palette, size=(SIDE, SIDE), take=Take(mirrored=True))
    assert np.abs(plain.astype(int) - again).max() <= 1


def test_a_mirrored_plate_is_lit_from_the_other_side() -> None:
    """The left half is the brighter one, then the right half."""
    half = SIDE // 2
    for mirrored, brighter in ((False, slice(0, half)), (True, slice(half, SIDE))):
        plate = render(bake("sun"), palette=SAND, size=(SIDE, SIDE), take=Take(mirrored=mirrored))
        assert plate[:, brighter].mean() > plate.mean() + 3


@settings(max_examples=25)
@given(width=st.integers(64, 900), height=st.integers(64, 900))
def test_plates_come_in_any_size(width: int, height: int) -> None:
    """From a stamp to a banner, the foot stays on its row and the set keeps its proportions."""
    plate = render(bake(), palette=SAND, size=(width, height), take=Take())
    assert plate.shape == (height, width, 3)
    floor, wall = (linear_from_srgb(srgb_from_hex(colour)) for colour in (SAND.floor, SAND.wall))
    column = linear_from_srgb(plate[:, width // 2])
    found = column[min(int(FLOOR * height), height - 1)]
    assert np.abs(found - floor).sum() < np.abs(found - wall).sum()


@pytest.mark.parametrize(("width", "height"), [(6000, 6000), (6000, 64), (64, 6000), (16, 16), (1601, 1599)])
def test_plates_of_the_last_sizes(width: int, height: int) -> None:
    """The ends of what can be asked for, too."""
    assert render(bake(), palette=SAND, size=(width, height), take=Take()).shape == (height, width, 3)


def test_a_smaller_plate_is_the_same_picture() -> None:
    """Half the size, the same light: scaled means agree."""
    full = render(bake(), palette=SAND, size=(SIDE, SIDE), take=Take()).astype(float)
    half = render(bake(), palette=SAND, size=(SIDE // 2, SIDE // 2), take=Take()).astype(float)
    pooled = full.reshape(SIDE // 2, 2, SIDE // 2, 2, 3).mean(axis=(1, 3))
    assert np.abs(pooled - half).mean() < 0.6


@pytest.mark.parametrize("wall", ["#e9e4dc", "#35493d"])
def test_no_bands(wall: str, tmp_path: Path) -> None:
    """Through file and film a smooth wall stays smooth: averaged over rows, no step is left."""
    side = 640
    encode.encode_set(baked(side=side, tinted=False), into=tmp_path)
    made = Library(tmp_path).load("corner", light="soft_left")
    palette = Palette(name="Smooth", wall=wall, floor=wall, accent=wall)
    plate = render(made, palette=palette, size=(side, side), take=Take())
    rows = slice(100, 140)
    truth = photograph(dict(baked(side=side, tinted=False).bakes())["soft_left"], palette=palette)
    wanted = (truth[rows].astype(float) + 127).mean(axis=0) / 256
    assert np.abs(_smooth(plate[rows].mean(axis=0)) - _smooth(wanted)).max() < 0.4
    runs = np.diff(np.flatnonzero(np.diff(plate[120, :, 1].astype(int))))
    assert runs.max() < 24


def _smooth(profile: Bytes | Floats) -> Floats:
    """Return the running mean of 9 columns, (W − 8, 3)."""
    kernel = np.full(9, 1 / 9)
    return np.stack([np.convolve(profile[:, c], kernel, mode="valid") for c in range(3)], axis=1)


def test_wood_is_not_painted(tmp_path: Path) -> None:
    """A ground that no palette changes keeps its colour under every palette."""
    encode.encode_set(wooden(), into=tmp_path)
    made = Library(tmp_path).load("board", light="soft_left")
    plates = [
        render(
            made,
            palette=Palette(name="P", wall=wall, floor=wall, accent=wall),
            size=(SIDE, SIDE),
            take=Take(),
        )
        for wall in ("#2f4a76", "#e4c7c3")
    ]
    one, other = (plate[-SIDE // 5 :].reshape(-1, 3).mean(axis=0) for plate in plates)
    assert one == pytest.approx(other, abs=6)
    assert one[0] > one[1] > one[2]


@pytest.mark.parametrize(
    ("light", "chosen", "mirrored"),
    [
        (Light(side="left", softness=0.6, elevation=42), "soft_left", False),
        (Light(side="right", softness=0.6, elevation=42), "soft_right", False),
        (Light(side="left", softness=0.1, elevation=33), "sun", False),
        (Light(side="right", softness=0.1, elevation=33), "sun", True),
    ],
)
def test_the_nearest_light_is_taken(light: Light, chosen: str, mirrored: bool) -> None:  # noqa: FBT001 - a case
    """Side before softness, softness before steepness; a set is turned where it has no such light."""
    lighting = choose(described(), light=light)
    assert (lighting.name, lighting.mirrored) == (chosen, mirrored)
    assert (lighting.azimuth > 0) == (light.side == "right")


@given(
    side=st.sampled_from(("left", "right")),
    softness=st.floats(0, 1),
    elevation=st.floats(0, 90),
    only=st.sampled_from(("soft_left", "soft_right", "sun")),
)
def test_light_never_comes_from_the_wrong_side(
    side: str, softness: float, elevation: float, only: str
) -> None:
    """A set with one light only lights both sides."""
    lights = {only: described().lights[only]}
    description = described().model_copy(update={"lights": lights})
    light = Light.model_validate({"side": side, "softness": softness, "elevation": elevation})
    assert (choose(description, light=light).azimuth > 0) == (side == "right")
