"""Reading what `cdk synth` wrote."""

import json
from pathlib import Path
from typing import Any

import pytest

from infrastructure.local.assembly import read_assembly
from infrastructure.local.errors import CloudError


def write(folder: Path, artifacts: dict[str, Any], **files: object) -> Path:
    """Write a manifest and other JSON files into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in {"manifest": {"artifacts": artifacts}, **files}.items():
        (folder / f"{name}.json").write_text(json.dumps(content), "utf-8")
    return folder


def stack(name: str, *dependencies: str) -> dict[str, Any]:
    """Return a stack's entry in a manifest."""
    properties = {"templateFile": f"{name}.json", "stackName": f"packshot-{name}"}
    return {
        "type": "aws:cloudformation:stack",
        "properties": properties,
        "dependencies": list(dependencies),
    }


def test_stacks_come_after_what_they_depend_on(tmp_path: Path) -> None:
    """Also through artifacts that are no stacks."""
    artifacts = {
        "a": stack("a", "b", "c.assets"),
        "b": stack("b", "c"),
        "c": stack("c"),
        "c.assets": {"type": "cdk:asset-manifest", "properties": {"file": "assets.json"}},
        "tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}},
    }
    found = read_assembly(write(tmp_path, artifacts, assets={}))

    assert [s.name for s in found.stacks] == ["packshot-c", "packshot-b", "packshot-a"]


def test_sources_of_assets_are_absolute(tmp_path: Path) -> None:
    """Staged assets lie in the assembly, unstaged ones anywhere."""
    destination = {"here": {"bucketName": "assets-${AWS::Region}", "objectKey": "1.zip"}}
    files = {
        "1": {"source": {"path": "asset.1", "packaging": "zip"}, "destinations": destination},
        "2": {"source": {"path": "/layers/imaging", "packaging": "zip"}, "destinations": destination},
    }
    artifacts = {"a": {"type": "cdk:asset-manifest", "properties": {"file": "assets.json"}}}
    found = read_assembly(write(tmp_path, artifacts, assets={"files": files}))

    assert [asset.source for asset in found.assets] == [tmp_path / "asset.1", Path("/layers/imaging")]
    assert found.assets[0].bucket == "assets-${AWS::Region}"


def test_stages_are_read_too(tmp_path: Path) -> None:
    """A nested assembly's stacks are deployed like any other."""
    write(tmp_path / "assembly-sandbox", {"a": stack("a")})
    nested = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-sandbox"}}
    found = read_assembly(write(tmp_path, {"sandbox": nested}))

    assert [s.template for s in found.stacks] == [tmp_path / "assembly-sandbox" / "a.json"]


def test_a_folder_without_a_manifest_is_refused(tmp_path: Path) -> None:
    """The message names the command that makes one."""
    with pytest.raises(CloudError, match="make synth"):
        read_assembly(tmp_path)
