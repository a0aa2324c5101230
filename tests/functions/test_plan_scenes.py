"""PlanScenes: three scenes for every sample event, by the trends that ship."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pytest
from moto import mock_aws

from packshot import wiring
from packshot.errors import RetryLater
from packshot.events import ObjectRef, ScenePlan
from packshot.scenes.photography import load_settings
from packshot.testing.objects import MemoryObjects
from packshot.trends import load_default_report
from tests.functions.cases import case_names, read_case

REPORTS = (wiring.trend_archive, wiring._latest_trends, wiring._latest_demand)  # noqa: SLF001 - what a process remembers


@pytest.fixture
def handler(load_function: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401 - a Lambda handler
    """Return the handler in an environment that asks for Flux, with a token in its secret."""
    with mock_aws():
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        secret = {"token": "r8_x", "webhook_secret": "whsec_eA=="}
        connect(secret, monkeypatch=monkeypatch)
        yield load_function("plan_scenes").handler
    forget()


def connect(secret: Mapping[str, str], *, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a connection into the secret that the function reads."""
    manager = boto3.client("secretsmanager")
    arn = manager.create_secret(Name="generator", SecretString=json.dumps(secret))["ARN"]
    monkeypatch.setenv("ENVIRONMENT", "test")
    monkeypatch.setenv("BACKGROUND_GENERATOR", "flux")
    monkeypatch.setenv("TRENDS_BUCKET", "packshot-trends")
    monkeypatch.setenv("PURCHASES_BUCKET", "packshot-trends")
    monkeypatch.setenv("GENERATOR_SECRET", arn)
    boto3.client("s3").create_bucket(
        Bucket="packshot-trends", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    forget()


def forget() -> None:
    """Forget what a process remembers."""
    for cached in (
        wiring.settings,
        wiring.objects,
        wiring.photography,
        wiring.generator_secret,
        *REPORTS,
    ):
        cached.cache_clear()


def test_without_a_token_the_studio_makes_everything(
    load_function: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An environment that would like Flux plans as if there were none, and no scene needs an excuse."""
    with mock_aws():
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        connect({}, monkeypatch=monkeypatch)
        handler = load_function("plan_scenes").handler
        plan = ScenePlan.model_validate(handler(read_case("plan_scenes", "mug"), None))
    assert {(scene.generator, scene.models, scene.view) for scene in plan.scenes} == {("studio", (), None)}


@pytest.mark.parametrize("case", case_names("plan_scenes"))
def test_each_sample_gets_three_scenes(handler: Any, case: str) -> None:  # noqa: ANN401 - a Lambda handler
    """From JSON to JSON, through the environment: the shop's order, and the generator that is switched on."""
    plan = ScenePlan.model_validate(handler(read_case("plan_scenes", case), None))
    assert [(scene.name, scene.generator) for scene in plan.scenes] == [
        ("white", "studio"),
        ("trend", "flux"),
        ("alternative", "studio"),
    ]
    assert plan.settings_version == load_settings().version
    assert plan.trends_version == load_default_report().version
    assert plan.scenes[1].trends_fallback == "no report has been made yet"


def test_jeans_that_two_edges_cut_hang(handler: Any) -> None:  # noqa: ANN401 - a Lambda handler
    """Jeans hang before both of their walls, lit from the side that the photo was lit from."""
    made = ScenePlan.model_validate(handler(read_case("plan_scenes", "jeans_cut_by_two_edges"), None)).scenes
    assert {(scene.anchor, scene.light.side) for scene in made} == {("hang", "right")}
    assert {scene.set for scene in made[1:]} == {"hanger_rail", "plaster_flat"}


def test_planning_needs_no_arrays(root: Path) -> None:
    """The function that runs first on every photo starts without numpy and OpenCV."""
    import subprocess
    import sys

    code = "import sys, handler; assert not {'numpy', 'cv2', 'PIL'} & set(sys.modules), 'heavy'"
    folder = root / "functions" / "plan_scenes"
    subprocess.run([sys.executable, "-c", code], cwd=folder, check=True)  # noqa: S603 - our own interpreter


def test_an_environments_photography_is_read_once(
    load_function: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file in S3 decides, its hash stands in the plan, and it is fetched once in a process."""
    monkeypatch.setenv("ENVIRONMENT", "test")
    monkeypatch.setenv("PHOTOGRAPHY_BUCKET", "assets")
    monkeypatch.setenv("PHOTOGRAPHY_KEY", "overrides.json")
    monkeypatch.setenv("TRENDS_BUCKET", "assets")
    monkeypatch.setenv("PURCHASES_BUCKET", "assets")
    with mock_aws():
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="assets")
        s3.put_object(
            Bucket="assets", Key="overrides.json", Body=b'{"scenes": ["alternative"], "size": 1200}'
        )
        forget()
        handler = load_function("plan_scenes").handler
        plan = ScenePlan.model_validate(handler(read_case("plan_scenes", "mug"), None))
        s3.delete_object(Bucket="assets", Key="overrides.json")
        again = ScenePlan.model_validate(handler(read_case("plan_scenes", "mug"), None))
    forget()
    (scene,) = plan.scenes
    assert (scene.name, scene.width) == ("alternative", 1200)
    base, _, digest = plan.settings_version.partition("+")
    assert (base, len(digest), scene.settings_version) == (load_settings().version, 8, plan.settings_version)
    assert again == plan


def test_demand_is_read_from_the_bucket(load_function: Callable[[str], ModuleType], handler: Any) -> None:  # noqa: ANN401 - a Lambda handler
    """A summary of today gives a mug another picture; one that cannot be read changes nothing."""
    s3, request = boto3.client("s3"), read_case("plan_scenes", "mug")
    assert len(handler(request, None)["scenes"]) == 3
    demand = {"category": "mugs", "kind": "other", "expected": 90, "share": 1, "lift": 1.4}
    summary = {"made_at": wiring.now().isoformat(), "model": "m-1", "customers": 9, "categories": [demand]}
    for body, names in (
        (json.dumps(summary), ["white", "trend", "alternative", "another"]),
        ("{}", ["white", "trend", "alternative"]),
        ("no json", ["white", "trend", "alternative"]),
        (json.dumps(summary | {"made_at": "2026-11-20T00:00:00"}), ["white", "trend", "alternative"]),
        (json.dumps(summary | {"model": ""}), ["white", "trend", "alternative"]),
        (json.dumps(summary).replace("1.4", "1e999"), ["white", "trend", "alternative"]),
    ):
        s3.put_object(Bucket="packshot-trends", Key="demand/latest.json", Body=body.encode())
        forget()
        plan = ScenePlan.model_validate(load_function("plan_scenes").handler(request, None))
        assert [scene.name for scene in plan.scenes] == names
        assert {scene.demand for scene in plan.scenes[1:]} == ({"m-1"} if len(names) > 3 else {""})


def test_a_photo_does_not_wait_for_its_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bucket that is busy is no reason to plan nothing; the next minute looks again, not the next photo."""

    class BusyObjects(MemoryObjects):
        reads = 0

        def read(self, source: ObjectRef, *, largest: int | None = None) -> bytes:
            self.reads += 1
            raise RetryLater(f"{source.key}: {largest}")

    busy = BusyObjects()
    monkeypatch.setattr(wiring, "objects", lambda: busy)
    forget_demand = wiring._latest_demand.cache_clear  # noqa: SLF001 - what a process remembers
    forget_demand()
    assert [wiring._latest_demand("b", minute) for minute in (7, 7, 8)] == [None] * 3  # noqa: SLF001 - as above
    forget_demand()
    assert busy.reads == 2
