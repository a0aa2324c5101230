"""The ladder: few seeds, each model once, and an end."""

import pytest

from packshot.errors import GenerationFailed
from packshot.generation.ladder import rung_of, rungs
from tests.backgrounds import request_for


def test_the_first_model_gets_two_seeds_and_the_others_one() -> None:
    """First what is cheap."""
    scene = request_for(seed=9, variants=8, models=("a", "b", "c")).scene
    assert [(rung.model, rung.seed) for rung in rungs(scene)] == [("a", 1), ("a", 2), ("b", 1), ("c", 1)]
    with pytest.raises(GenerationFailed):
        rung_of(scene, number=4)


def test_one_variant_is_one_seed() -> None:
    """Everybody shares it, and another is not tried."""
    scene = request_for(seed=9, variants=1, models=("a", "b")).scene
    assert [(rung.model, rung.seed) for rung in rungs(scene)] == [("a", 0), ("b", 0)]


def test_what_is_drawn_around_a_photo_is_nobody_else_s() -> None:
    """So its seed is its own."""
    scene = request_for(seed=2**32 - 1, strategy="fill", models=("a",)).scene
    assert [rung.seed for rung in rungs(scene)] == [2**32 - 1, 0]


def test_without_models_there_is_nothing_to_try() -> None:
    """A scene of an older plan goes to the studio."""
    with pytest.raises(GenerationFailed):
        rung_of(request_for(models=()).scene, number=0)
