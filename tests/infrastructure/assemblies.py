"""Cloud assemblies as the tests read them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infrastructure.synth import Target, synth

Properties = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Templates:
    """All templates of an environment, by the last word of their stack's name."""

    assembly: Path
    stacks: Mapping[str, Mapping[str, Any]]

    def resources(self, kind: str) -> dict[str, Mapping[str, Any]]:
        """Return logical id → resource of every resource of a type."""
        every = (each for template in self.stacks.values() for each in template["Resources"].items())
        return {name: resource for name, resource in every if resource["Type"] == kind}

    def properties(self, kind: str) -> dict[str, Properties]:
        """Return logical id → properties of every resource of a type."""
        return {name: resource["Properties"] for name, resource in self.resources(kind).items()}

    def statements(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield every statement of every role's policies with the policy's logical id."""
        for name, policy in self.properties("AWS::IAM::Policy").items():
            for statement in policy["PolicyDocument"]["Statement"]:
                yield name, statement


def read_templates(environment: str, *, target: Target) -> Templates:
    """Return an environment's templates; synthesis is cached, so it costs nothing the second time."""
    assembly = synth(environment, target=target)
    files = sorted(assembly.glob("*.template.json"))
    stacks = {path.name.split(".")[0].rpartition("-")[2]: json.loads(path.read_text()) for path in files}
    return Templates(assembly=assembly, stacks=stacks)


def many(value: object) -> list[Any]:
    """Return what CloudFormation lets one write as one thing or a list of things, as a list."""
    return value if isinstance(value, list) else [value]


def run_python(*words: str, environment: Mapping[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run this interpreter in a folder with nothing but this environment."""
    return subprocess.run(  # noqa: S603 - the tests' own words, no shell
        [sys.executable, *words], env=environment, cwd=folder, capture_output=True, text=True, check=False
    )


_PHOTOGRAPHED = """
import sys
from pathlib import Path
from infrastructure.app import Target, synthesize
from infrastructure.environments import SANDBOX
synthesize(SANDBOX, target=Target.LOCAL, output=Path(sys.argv[1]), photography=Path(sys.argv[2]))
"""


def synthesize_with(given: object, *, folder: Path) -> subprocess.CompletedProcess[str]:
    """Synthesize a local sandbox that photographs otherwise: `folder/assembly`."""
    (folder / "sandbox.json").write_text(json.dumps(given))
    words = ("-c", _PHOTOGRAPHED, os.fspath(folder / "assembly"), os.fspath(folder))
    return run_python(*words, environment=dict(os.environ), folder=Path(__file__).resolve().parents[2])


def buckets(templates: Templates) -> dict[str, Properties]:
    """Return the buckets by the words of their logical ids before the hash."""
    found = templates.properties("AWS::S3::Bucket")
    return {name.partition("Bucket")[0]: each for name, each in found.items()}


def our_functions(templates: Templates) -> dict[str, Properties]:
    """Return folder name → properties of every function of ours."""
    deployed = {each["FunctionName"]: each for each in templates.properties("AWS::Lambda::Function").values()}
    environment = {each["Environment"]["Variables"]["ENVIRONMENT"] for each in deployed.values()}.pop()
    prefix = f"packshot-{environment}-"
    return {name.removeprefix(prefix).replace("-", "_"): each for name, each in deployed.items()}
