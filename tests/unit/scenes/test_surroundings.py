"""What the plan expects around a product is what the studio's plates show there."""

import numpy as np
import pytest

from layers.sets import surroundings as measured
from packshot.events import Palette
from packshot.imaging.colour import delta_e, lab_from_srgb
from packshot.imaging.studio import Take, render, shipped
from packshot.scenes.harmony import difference, lab
from packshot.scenes.photography import load_settings
from packshot.scenes.surroundings import Around, clearance, load_surroundings
from packshot.trends import load_default_report

PALETTES = (*load_default_report().palettes[1:12:5], load_settings().neutrals[1])


def test_every_set_was_measured() -> None:
    """No set of the library is missing, and none is left over."""
    assert set(load_surroundings()) == set(shipped().names())


@pytest.mark.parametrize("name", shipped().names())
def test_the_measures_are_those_of_the_sets_that_ship(name: str) -> None:
    """A set that was baked anew was measured anew: `python -m layers.sets.surroundings`."""
    anew, kept = measured.measure(name, library=shipped()), load_surroundings()[name]
    assert [surface.slot for surface in anew.surfaces] == [surface.slot for surface in kept.surfaces]
    for one, other in zip(anew.surfaces, kept.surfaces, strict=True):
        numbers = ("share", "dimmest", "brightest")
        assert [getattr(one, each) for each in numbers] == pytest.approx(
            [getattr(other, each) for each in numbers], abs=0.01
        )
        if one.colour and other.colour:
            assert difference(lab(one.colour), lab(other.colour)) < 2


@pytest.mark.parametrize("palette", PALETTES, ids=lambda palette: palette.name)
@pytest.mark.parametrize("name", shipped().names())
def test_a_plate_shows_what_was_foreseen(name: str, palette: Palette) -> None:
    """In each light most of what a product's outline meets is within 10 ΔE of a foreseen colour."""
    library, ring = shipped(), load_surroundings()[name].ring(palette)
    description = library.describe(name)
    for light in description.lights:
        plate = render(library.load(name, light=light), palette=palette, size=(200, 200), take=Take())
        seen = lab_from_srgb(plate)[measured.ring_of(description, side=200)]
        colours = [each.colour for each in ring]
        expected = np.array([(each.lightness, each.a, each.b) for each in colours], dtype=np.float32)
        nearest = np.min([delta_e(seen, np.broadcast_to(each, seen.shape)) for each in expected], axis=0)
        assert np.percentile(nearest, 75) < 10, light


def test_what_no_palette_paints_stays_as_it_is() -> None:
    """A table of oak is of oak under every palette."""
    pale, deep = load_settings().neutrals[0], load_settings().neutrals[2]
    table = load_surroundings()["oak_table"]
    shared = {each.colour for each in table.ring(pale)} & {each.colour for each in table.ring(deep)}
    assert min(difference(colour, lab("#ad8f6c")) for colour in shared) < 6


def test_a_fifth_of_an_outline_may_vanish() -> None:
    """A patch of light does not rule a set out, and a whole wall does."""
    wall, patch = lab("#ffffff"), lab("#808080")
    small = (Around(wall, 0.85), Around(patch, 0.15))
    large = (Around(wall, 0.6), Around(patch, 0.4))
    assert clearance(patch, small) == difference(patch, wall)
    assert clearance(patch, large) == 0


def test_the_shares_of_a_ring_are_those_of_a_whole() -> None:
    """However surfaces overlap in the measures, all of the outline is counted once."""
    for each in load_surroundings().values():
        assert sum(around.share for around in each.ring(PALETTES[0])) == pytest.approx(1)
