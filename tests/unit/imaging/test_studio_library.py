"""The library of sets: whole, checked, and clear about what is missing."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.sets import encode
from packshot.errors import DamagedArtifact, GenerationFailed
from packshot.imaging.arrays import floats
from packshot.imaging.colour import srgb_from_linear
from packshot.imaging.studio import BLANK, Library, coding, shipped
from packshot.imaging.studio.coding import Curve
from packshot.imaging.studio.library import DESCRIPTION, FILES, StoredSet
from tests.bakes import baked, wooden

NAMES = shipped().names()
NATIVE = 1600


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Return a library of two small sets."""
    for raw in (baked(), wooden()):
        encode.encode_set(raw, into=tmp_path)
    return Library(tmp_path)


def test_a_set_comes_back_as_it_was_baked(library: Library) -> None:
    """Light within a percent, shares of paint within two, the description to the letter."""
    for raw in (baked(), wooden()):
        for name, before in raw.bakes():
            after = library.load(raw.description.name, light=name)
            assert after.description == raw.description
            assert after.irradiance == pytest.approx(before.irradiance, rel=0.01)
            for one, other in zip(before.coverage, after.coverage, strict=True):
                assert one.slot == other.slot
                assert np.abs(one.share - other.share).mean() < 0.005
            assert (before.fixed is None) == (after.fixed is None)


def test_a_set_that_is_not_there_is_no_defect(library: Library) -> None:
    """The error names the sets there are; no name leads out of the library."""
    for name in ("moon_base", "", ".", "../corner", "corner/../board"):
        assert name not in library
        with pytest.raises(GenerationFailed, match="board, corner"):
            library.describe(name)


def test_a_light_that_is_not_there_is_no_defect(library: Library) -> None:
    """The error names the lights there are."""
    with pytest.raises(GenerationFailed, match="soft_left, soft_right, sun"):
        library.load("corner", light="moon")


@pytest.mark.parametrize("file", ["wall.avif", "sun.avif", "sun_bounce.avif", DESCRIPTION])
def test_a_damaged_file_is_told(library: Library, file: str) -> None:
    """One bit is enough, and the message says which file and what to do."""
    path = library.folder / "corner" / file
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.write_bytes(body)
    with pytest.raises(DamagedArtifact, match=rf"corner/{file}.*layers\.sets\.encode"):
        library.load("corner", light="sun")


@pytest.mark.parametrize("file", ["wall.avif", "sun.avif", FILES])
def test_a_missing_file_is_told(library: Library, file: str) -> None:
    """A layer that was packed badly does not look like a photo's fault."""
    (library.folder / "corner" / file).unlink()
    with pytest.raises(DamagedArtifact, match=f"corner/{file} cannot be read"):
        library.load("corner", light="sun")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"side": 0}', '{"side": 1, "lights": {}}'])
def test_a_list_of_files_that_is_none_is_told(library: Library, text: str) -> None:
    """Neither half a JSON nor another one is taken for the list."""
    (library.folder / "corner" / FILES).write_text(text)
    with pytest.raises(DamagedArtifact, match=FILES):
        library.load("corner", light="sun")


def test_a_list_cannot_name_files_elsewhere(library: Library) -> None:
    """File names are plain names."""
    path = library.folder / "corner" / FILES
    stored = json.loads(path.read_text())
    stored["coverage"]["wall"]["file"] = "../board/wall.avif"
    path.write_text(json.dumps(stored))
    with pytest.raises(DamagedArtifact):
        library.load("corner", light="sun")


def test_a_file_that_is_no_image_is_told() -> None:
    """Whoever signs a wrong file gets an error of ours, not one of OpenCV."""
    plane = coding.encode(np.ones((64, 64), dtype=np.float32), curve=Curve(shape="root"), quality=50)
    for file in (b"", b"no image", Path(__file__).read_bytes()):
        with pytest.raises(DamagedArtifact, match="not a grey 10-bit AVIF"):
            coding.decode(file, curve=Curve(shape="root"))
        with pytest.raises(DamagedArtifact, match="not a grey 10-bit AVIF"):
            coding.decode_colours(file)
    with pytest.raises(DamagedArtifact, match="64 × 64 holds no luma and chroma"):
        coding.decode_colours(plane)


@given(red=st.floats(0, 1), green=st.floats(0, 1), blue=st.floats(0, 1))
def test_a_colour_comes_back(red: float, green: float, blue: float) -> None:
    """A plain surface, which is kept at the best quality, is itself again within one 8-bit step."""
    colours = floats(np.ones((3, 64, 64)) * np.array([red, green, blue])[:, None, None])
    again = coding.decode_colours(coding.encode_colours(colours, quality=encode.BEST))
    assert again.shape == colours.shape
    assert np.abs(srgb_from_linear(again) - srgb_from_linear(colours)).max() < 1 / 255


@given(
    low=st.floats(0.01, 0.5), high=st.floats(0.6, 8), shape=st.sampled_from(("log", "root")), size=st.just(64)
)
def test_a_curve_comes_back(low: float, high: float, shape: str, size: int) -> None:
    """What a curve makes of values it makes values of again."""
    curve = Curve.model_validate({"shape": shape, "low": low if shape == "log" else 0, "high": high})
    values = floats(np.linspace(low, high, size))
    assert curve.values(curve.numbers(values)) == pytest.approx(values, rel=1e-3)


@pytest.mark.parametrize(
    "curve", [{"shape": "log"}, {"shape": "root", "low": 0.1}, {"shape": "log", "low": 2, "high": 1}]
)
def test_a_curve_that_cannot_be_is_refused(curve: dict[str, object]) -> None:
    """Ratios do not start at 0, shares do; no curve falls."""
    with pytest.raises(ValueError, match="cannot run"):
        Curve.model_validate(curve)


def test_encoding_is_repeatable(tmp_path: Path) -> None:
    """The same bake makes the same files, byte by byte."""
    for folder in ("one", "other"):
        encode.encode_set(wooden(), into=tmp_path / folder)
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.*"))
    assert len(files) == 10
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "other" / file).read_bytes()


def test_losses_are_measured(library: Library) -> None:
    """Small for the files that were made of a bake, large for those of another one."""
    assert all(loss.mean < 0.4 for loss in encode.losses(baked(), library=library))
    shutil.copytree(library.folder / "board", library.folder / "copy")
    other = wooden("corner")
    assert all(loss.mean > 1 for loss in encode.losses(other, library=library))


def test_a_library_that_is_too_large_is_refused(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither one file nor all together may pass what the repository allows."""
    total = encode.check_sizes(library)
    monkeypatch.setattr(encode, "BUDGET", total - 1)
    with pytest.raises(encode.TooLarge, match=f"{total} bytes"):
        encode.check_sizes(library)
    (library.folder / "corner" / "wall.avif").write_bytes(bytes(encode.LARGEST + 1))
    with pytest.raises(encode.TooLarge, match=r"wall\.avif"):
        encode.check_sizes(library)


# --- what ships -----------------------------------------------------------------------------------------


def test_the_library_that_ships_is_within_its_budget() -> None:
    """At least twelve sets under three lights each, all at full size, in two megabytes."""
    library = shipped()
    assert encode.check_sizes(library) <= 2_750_000
    assert len(NAMES) >= 12
    assert BLANK not in library
    assert sum(len(library.describe(name).lights) for name in NAMES) >= 36


@pytest.mark.parametrize("name", NAMES)
def test_a_set_that_ships_is_whole(name: str) -> None:
    """Every light loads at full size; no file lies about that nobody names."""
    library = shipped()
    description = library.describe(name)
    assert description.name == name
    for light in description.lights:
        made = library.load(name, light=light)
        assert made.irradiance.shape == (NATIVE, NATIVE)
        assert {each.slot for each in made.coverage} == set(description.slots)
    folder = library.folder / name
    stored = StoredSet.model_validate_json((folder / FILES).read_text())
    planes = [stored.fixed, *stored.coverage.values()]
    for lit in stored.lights.values():
        planes += [lit.irradiance, lit.bounce]
    named = {plane.file for plane in planes if plane} | {DESCRIPTION, FILES}
    assert {path.name for path in folder.iterdir()} == named


@pytest.mark.parametrize("name", NAMES)
def test_a_set_that_ships_has_light_from_both_sides_and_a_sun(name: str) -> None:
    """Soft from the left, soft from the right, hard."""
    lights = shipped().describe(name).lights
    assert lights["soft_left"].side == "left"
    assert lights["soft_right"].side == "right"
    assert lights["sun"].softness < min(lights["soft_left"].softness, lights["soft_right"].softness)
