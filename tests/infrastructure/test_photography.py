"""What an environment changes of the photography settings is checked, deployed and readable."""

import json
import re
from pathlib import Path

import pytest

from infrastructure.constructs.photography import settings_in
from infrastructure.environments import ENVIRONMENTS
from packshot.scenes.photography import load_settings
from tests.infrastructure.assemblies import Templates, synthesize_with

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def overridden(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """Return the templates of a sandbox that changes one number."""
    folder = tmp_path_factory.mktemp("photography")
    done = synthesize_with({"categories": {"shoes": {"fill": 0.7}}}, folder=folder)
    assert done.returncode == 0, done.stderr
    files = sorted((folder / "assembly").glob("*.template.json"))
    stacks = {path.name.split(".")[0].rpartition("-")[2]: json.loads(path.read_text()) for path in files}
    return Templates(assembly=folder / "assembly", stacks=stacks)


def variables(templates: Templates) -> dict[str, object]:
    """Return the environment of the function that plans scenes."""
    (found,) = (
        each["Environment"]["Variables"]
        for each in templates.properties("AWS::Lambda::Function").values()
        if each["FunctionName"].endswith("-plan-scenes")
    )
    return dict(found)


def test_an_override_is_deployed_where_the_function_looks(overridden: Templates) -> None:
    """The file is an asset under the very key that the function is told, byte by byte."""
    key = variables(overridden)["PHOTOGRAPHY_KEY"]
    manifest = json.loads(next(overridden.assembly.glob("*-studio.assets.json")).read_text())
    (asset,) = (
        each
        for each in manifest["files"].values()
        if key in {place["objectKey"] for place in each["destinations"].values()}
    )
    source = Path(overridden.assembly, asset["source"]["path"])
    assert json.loads(source.read_text()) == {"categories": {"shoes": {"fill": 0.7}}}


def test_the_function_may_read_its_override_and_nothing_else(overridden: Templates) -> None:
    """One object and the listing that tells a missing one from a forbidden one."""
    key = variables(overridden)["PHOTOGRAPHY_KEY"]
    granted = {
        action: json.dumps(statement["Resource"])
        for name, statement in overridden.statements()
        if name.startswith("PlanScenesRole")
        for action in [statement["Action"]]
        if isinstance(action, str) and action.startswith("s3:")
    }
    assert set(granted) == {"s3:GetObject", "s3:ListBucket"}
    assert f"/{key}" in granted["s3:GetObject"]
    assert "*" not in granted["s3:GetObject"]


def test_without_an_override_nothing_is_deployed(sandbox: Templates) -> None:
    """The template of an environment that changes nothing knows nothing of it."""
    if not (ROOT / "infrastructure" / "photography" / "sandbox.json").is_file():
        assert not {"PHOTOGRAPHY_KEY", "PHOTOGRAPHY_BUCKET"} & set(variables(sandbox))


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        (
            {"categories": {"shoes": {"fil": 0.7}}},
            "/sandbox.json: categories.shoes.fil: there is no such setting",
        ),
        (
            {"looks": [{"name": "A", "brand": "B", "sets": ["moon"]}]},
            "looks.0.sets: there is no set 'moon'; there are",
        ),
    ],
)
def test_a_wrong_override_is_not_synthesized(given: object, complaint: str, tmp_path: Path) -> None:
    """Before anything is deployed, the file, the path and what there is instead are said."""
    done = synthesize_with(given, folder=tmp_path)
    assert done.returncode != 0
    assert complaint in done.stderr


def test_the_overrides_that_lie_here_can_be_used(root: Path) -> None:
    """Each file belongs to an environment and changes something that there is."""
    for file in sorted((root / "infrastructure" / "photography").glob("*.json")):
        assert file.stem in ENVIRONMENTS
        assert settings_in(file).version.startswith(load_settings().version)


def test_the_readmes_example_can_be_used(root: Path, tmp_path: Path) -> None:
    """Whoever copies the example has a look that works."""
    readme = (root / "infrastructure" / "photography" / "README.md").read_text()
    (example,) = re.findall(r"```json\n(.*?)```", readme, re.DOTALL)
    file = tmp_path / "sandbox.json"
    file.write_text(example)
    settings = settings_in(file)
    assert settings.looks[0].palettes == ("House rose", "Mist")
    assert settings.categories["shoes"].fill == 0.7
