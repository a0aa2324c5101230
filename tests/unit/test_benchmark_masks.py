"""How the benchmark of masks asks engines, and what it keeps of their answers."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from tests.benchmarks.engines.worker import EngineFailed, Worker
from tests.benchmarks.masks import Run, differences, draw, groups, mask_all, overall, per_image
from tests.benchmarks.scores import FIGURES

ENGINE = """
import json, sys
from PIL import Image, ImageChops
for line in sys.stdin:
    question = json.loads(line)
    if "broken" in question["photo"]:
        sys.exit(1)
    truth = Image.open(question["photo"].replace(".jpg", ".png"))
    ImageChops.offset(truth, SHIFT, 0).save(question["matte"])
    answer = {"engine": "copy", "confidence": 0.97, "approved": True, "reason": "", "seconds": 0.5,
              "cpu_seconds": 1.0, "peak_rss_mb": 12.5}
    print(json.dumps(answer), flush=True)
"""


@pytest.fixture
def photos(tmp_path: Path) -> tuple[Path, ...]:
    """Write three photos of a white square, two of one kind."""
    truth = np.zeros((80, 100), dtype=np.uint8)
    truth[20:60, 20:60] = 255
    names = ("red_cup", "red_jug", "blue_pan")
    for name in names:
        Image.fromarray(truth).save(tmp_path / f"{name}.png")
        Image.fromarray(truth).save(tmp_path / f"{name}.jpg")
    return tuple(tmp_path / f"{name}.jpg" for name in names)


def engine(folder: Path, *, shift: int) -> Worker:
    """Start an engine that gives the truth, moved to the right by so many pixels."""
    command = [sys.executable, "-c", ENGINE.replace("SHIFT", str(shift))]
    return Worker(command, folder=folder, environment={})


@pytest.fixture
def runs(photos: tuple[Path, ...], tmp_path: Path) -> Iterator[tuple[Run, ...]]:
    """Run an engine that is 20 px off, and beside it one that is right."""
    with engine(tmp_path / "off", shift=20) as off, engine(tmp_path / "right", shift=0) as right:
        yield mask_all(photos, (off, right), console=Console(quiet=True))


def test_engines_are_asked_for_every_photo(runs: tuple[Run, ...]) -> None:
    """Side by side, each with its own mattes: half a square of shift is an IoU of 1/3."""
    off, right = runs
    assert [each.photo.stem for each in off.scored] == ["red_cup", "red_jug", "blue_pan"]
    assert {round(each.figures.iou, 3) for each in off.scored} == {0.333}
    assert {each.figures.iou for each in right.scored} == {1}
    assert off.engines == ("copy",)


def test_figures_have_stable_names(runs: tuple[Run, ...]) -> None:
    """Other documents quote them; all of it is JSON."""
    whole, images = overall(runs[0]), per_image(runs[0])
    assert {
        *("iou", "accuracy", "mae", "boundary_iou", "boundary_f", "band_error", "share_below_90"),
        *("gate", "median_s", "p95_s", "median_cpu_s", "peak_rss_mb"),
    } == set(whole)
    assert set(images) == {"red_cup", "red_jug", "blue_pan"}
    kept = json.loads(json.dumps({"overall": whole, "images": images}, allow_nan=False))
    assert set(FIGURES) <= set(kept["images"]["red_cup"])
    assert kept["overall"]["iou"] == pytest.approx(1 / 3, abs=1e-6)
    assert kept["overall"]["share_below_90"] == 1
    assert kept["overall"]["gate"]["approved"] == 1
    assert kept["overall"]["gate"]["bad"] == 3
    assert (kept["overall"]["median_s"], kept["overall"]["peak_rss_mb"]) == (0.5, 12.5)


def test_a_gate_that_nothing_passes_has_no_iou(runs: tuple[Run, ...]) -> None:
    """JSON has null for it."""
    gate = overall(runs[0])["gate"]
    assert isinstance(gate, dict)
    assert isinstance(gate["thresholds"], list)
    assert gate["thresholds"][-1] == {"threshold": 0.98, "approved": 0, "iou": None, "bad": 0}


def test_groups_are_found_in_names(runs: tuple[Run, ...]) -> None:
    """By the pattern's first group; what it does not find is left over."""
    assert {name: len(run.scored) for name, run in groups(runs[0], pattern="^(red)_").items()} == {
        "others": 1,
        "red": 2,
    }


def test_differences_are_ours_minus_theirs(runs: tuple[Run, ...]) -> None:
    """Ours is the worse one here, without any doubt."""
    found = differences(runs[0], runs[1])["iou"]
    assert found.high < 0
    assert found.mean == pytest.approx(1 / 3 - 1)


def test_the_worst_are_drawn(runs: tuple[Run, ...], tmp_path: Path) -> None:
    """One row each, ours beside the peer's, and a plot."""
    sheet, plot = draw(runs, into=tmp_path)
    with Image.open(sheet) as image:
        assert image.width > 6 * 320
        assert image.height > 3 * 80
    with Image.open(plot) as image:
        assert image.width == image.height


def test_an_engine_that_ends_is_named_with_its_photo(photos: tuple[Path, ...], tmp_path: Path) -> None:
    """No answer is no figure: the benchmark ends with a sentence."""
    broken = photos[0].with_name("broken.jpg")
    with engine(tmp_path / "off", shift=0) as worker, pytest.raises(EngineFailed, match=r"broken\.jpg"):
        worker.mask(broken)
