"""Synthesis: hermetic, the same every time, and strict."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from infrastructure.synth import ROOT, Target, synth
from tests.infrastructure.assemblies import Templates, run_python

ARCHITECTURES = {"Architectures", "CompatibleArchitectures"}


def hermetic(tmp_path: Path) -> dict[str, str]:
    """Return an environment without a Node on the path, without credentials, without git or Docker."""
    empty = tmp_path / "empty"
    empty.mkdir()
    return {"PATH": os.fspath(empty), "HOME": os.environ.get("HOME", os.fspath(tmp_path))}


def differences(left: object, right: object, *, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the path of every value that is not the same in both."""
    if isinstance(left, Mapping) and isinstance(right, Mapping) and left.keys() == right.keys():
        for key in left:
            yield from differences(left[key], right[key], path=(*path, key))
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for index, (one, other) in enumerate(zip(left, right, strict=True)):
            yield from differences(one, other, path=(*path, str(index)))
    elif left != right:
        yield path


def test_the_local_template_is_the_deployed_one(sandbox: Templates, local: Templates) -> None:
    """Locally nothing differs but the architecture and the files of the layers that were compiled for it."""
    found = set(differences(sandbox.stacks, local.stacks))
    layers = {name for each in (sandbox, local) for name in each.resources("AWS::Lambda::LayerVersion")}
    for _stack, _resources, name, _properties, *rest in found:
        is_architecture = ARCHITECTURES & set(rest)
        is_layer_file = name in layers and rest == ["Content", "S3Key"]
        assert is_architecture or is_layer_file, (name, rest)
    compiled = {name for name in layers if not name.startswith("LayersSets")}
    assert {path[2] for path in found if path[-1] == "S3Key"} == compiled


def test_a_template_is_the_same_to_the_byte_without_anything_but_python(
    local: Templates, tmp_path: Path
) -> None:
    """A second synthesis, with an empty PATH and no credentials, writes the very same templates."""
    output = tmp_path / "assembly"
    words = ("-m", "infrastructure.app", "--target", "local", "--output", os.fspath(output))
    done = run_python(*words, environment=hermetic(tmp_path), folder=ROOT)
    assert done.returncode == 0, done.stderr
    for path in sorted(local.assembly.glob("*.template.json")):
        assert (output / path.name).read_bytes() == path.read_bytes()


def test_an_unaccepted_finding_fails_the_synthesis(tmp_path: Path) -> None:
    """cdk-nag is really on: a bucket without TLS and access logs does not get through."""
    program = """
        from pathlib import Path
        from infrastructure.app import Target, checked_app
        app = checked_app(target=Target.LOCAL, output=Path("assembly").absolute())
        from aws_cdk import Stack, aws_s3
        aws_s3.Bucket(Stack(app, "careless"), "Bucket")
        app.synth()
    """
    lines = "\n".join(line.strip() for line in program.splitlines())
    done = run_python("-c", lines, environment=hermetic(tmp_path), folder=tmp_path)
    assert done.returncode != 0
    assert "AwsSolutions-S10" in done.stdout + done.stderr


def test_an_unchanged_assembly_is_found_not_made() -> None:
    """Synthesis costs nothing while nothing changes."""
    told: list[str] = []
    made = synth("sandbox", target=Target.LOCAL)
    assert synth("sandbox", target=Target.LOCAL, tell=told.append) == made
    assert told == []


def test_the_local_assembly_names_folders_not_copies(local: Templates) -> None:
    """Functions and layers are used where they lie: hundreds of megabytes are neither zipped nor copied."""
    sources = [
        Path(each["source"]["path"])
        for path in local.assembly.glob("*.assets.json")
        for each in json.loads(path.read_text())["files"].values()
        if each["source"]["packaging"] == "zip"
    ]
    assert len(sources) >= 10
    for source in sources:
        assert source.is_absolute()
        assert (source / "handler.py").is_file() or (source / "python").is_dir()


@pytest.mark.parametrize("name", ["staging", ""])
def test_an_unknown_environment_is_refused(name: str) -> None:
    """Only the environments that are written down can be synthesized."""
    with pytest.raises(KeyError):
        synth(name, target=Target.LOCAL)
