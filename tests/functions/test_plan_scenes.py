"""PlanScenes: two scenes for every sample event, by the trends that ship."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from packshot import wiring
from packshot.events import ScenePlan
from packshot.scenes.photography import load_settings
from packshot.trends import load_default_report
from tests.functions.cases import case_names, read_case


@pytest.fixture
def handler(load_function: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401 - a Lambda handler
    """Return the handler in an environment that asks for Flux."""
    monkeypatch.setenv("ENVIRONMENT", "test")
    monkeypatch.setenv("BACKGROUND_GENERATOR", "flux")
    wiring.settings.cache_clear()
    yield load_function("plan_scenes").handler
    wiring.settings.cache_clear()


@pytest.mark.parametrize("case", case_names("plan_scenes"))
def test_each_sample_gets_a_white_and_a_trend_scene(handler: Any, case: str) -> None:  # noqa: ANN401 - a Lambda handler
    """From JSON to JSON, through the environment: the shop's order, and the generator that is switched on."""
    plan = ScenePlan.model_validate(handler(read_case("plan_scenes", case), None))
    assert [(scene.name, scene.generator) for scene in plan.scenes] == [
        ("white", "studio"),
        ("trend", "flux"),
    ]
    assert plan.settings_version == load_settings().version
    assert plan.trends_version == load_default_report().version


def test_jeans_that_two_edges_cut_hang(handler: Any) -> None:  # noqa: ANN401 - a Lambda handler
    """Jeans hang before a wall, lit from the side that the photo was lit from."""
    trend = ScenePlan.model_validate(
        handler(read_case("plan_scenes", "jeans_cut_by_two_edges"), None)
    ).scenes[1]
    assert (trend.anchor, trend.set, trend.light.side) == ("hang", "plaster_wall", "right")


def test_planning_needs_no_arrays(root: Path) -> None:
    """The function that runs first on every photo starts without numpy and OpenCV."""
    import subprocess
    import sys

    code = "import sys, handler; assert not {'numpy', 'cv2', 'PIL'} & set(sys.modules), 'heavy'"
    folder = root / "functions" / "plan_scenes"
    subprocess.run([sys.executable, "-c", code], cwd=folder, check=True)  # noqa: S603 - our own interpreter
