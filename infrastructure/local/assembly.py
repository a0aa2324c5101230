"""What `cdk synth` wrote: stacks, in an order in which they can be deployed, and their assets."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infrastructure.local.errors import CloudError


@dataclass(frozen=True, slots=True)
class Asset:
    """A file or folder, and where a template looks for it, still with the account and region to fill in."""

    source: Path
    bucket: str
    key: str


@dataclass(frozen=True, slots=True)
class Stack:
    """A template under the name of its stack."""

    name: str
    template: Path

    def read(self) -> dict[str, Any]:
        """Return the template, parsed."""
        template: dict[str, Any] = json.loads(self.template.read_text("utf-8"))
        return template


@dataclass(frozen=True, slots=True)
class Assembly:
    """A cloud assembly: stacks, dependencies first, and all their assets."""

    stacks: tuple[Stack, ...]
    assets: tuple[Asset, ...]


def read_assembly(folder: Path) -> Assembly:
    """Read a cloud assembly; `CloudError` if the folder holds none."""
    manifest = folder / "manifest.json"
    if not manifest.is_file():
        raise CloudError(f"{folder} holds no cloud assembly (manifest.json): run `make synth`")
    artifacts: dict[str, dict[str, Any]] = json.loads(manifest.read_text("utf-8")).get("artifacts", {})
    stacks: list[Stack] = []
    assets: list[Asset] = []
    for name in _dependencies_first(artifacts):
        artifact = artifacts[name]
        properties = artifact.get("properties", {})
        match artifact["type"]:
            case "aws:cloudformation:stack":
                template = folder / properties["templateFile"]
                stacks.append(Stack(name=properties.get("stackName", name), template=template))
            case "cdk:asset-manifest":
                assets += _assets(folder / properties["file"])
            case "cdk:cloud-assembly":
                nested = read_assembly(folder / properties["directoryName"])
                stacks += nested.stacks
                assets += nested.assets
    return Assembly(stacks=tuple(stacks), assets=tuple(assets))


def _dependencies_first(artifacts: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    seen: set[str] = set()

    def visit(name: str) -> Iterator[str]:
        if name in seen or name not in artifacts:
            return
        seen.add(name)
        for dependency in artifacts[name].get("dependencies", []):
            yield from visit(dependency)
        yield name

    for name in sorted(artifacts):
        yield from visit(name)


def _assets(manifest: Path) -> Iterator[Asset]:
    """Read an asset manifest; a source is relative to it, unless staging was off."""
    files: dict[str, dict[str, Any]] = json.loads(manifest.read_text("utf-8")).get("files", {})
    for file in files.values():
        source = (manifest.parent / file["source"]["path"]).resolve()
        for destination in file["destinations"].values():
            yield Asset(source=source, bucket=destination["bucketName"], key=destination["objectKey"])
