"""Synthesize the CloudFormation templates, once for each state of what they are made from.

Everything that goes into an assembly is hashed first; an assembly of that hash is returned as it is.

    python -m infrastructure.synth --environment sandbox --target local
"""

import argparse
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from infrastructure.environments import ENVIRONMENTS, SANDBOX
from infrastructure.functions import unzipped_sizes
from layers.build import Target
from packshot.settings import EngineName

ROOT = Path(__file__).resolve().parents[1]
ASSEMBLIES = ROOT / "build" / "assembly"
INPUTS = (
    "cdk.json",
    "requirements.lock",
    "infrastructure/*.py",
    "infrastructure/constructs/*.py",
    "infrastructure/photography/*.json",
    "infrastructure/stacks/*.py",
    "statemachine/*.json",
    "functions/**/*",
    "layers/*.py",
    "layers/*/requirements.lock",
    "layers/*/src/**/*",
)

__all__ = ["SynthesisFailed", "Target", "synth"]


class SynthesisFailed(Exception):
    """CDK or cdk-nag refused; the message is what they said."""


def synth(
    environment: str,
    *,
    target: Target,
    engine: EngineName | None = None,
    tell: Callable[[str], None] | None = None,
) -> Path:
    """Return the folder of the cloud assembly (manifest, templates, assets), made now if need be.

    It takes ten seconds when anything changed, else none. The layers that it names exist when it returns;
    large weights need not. `engine` is another than the environment's own.
    `KeyError` for an unknown environment, `TooLarge` if a function would not fit on Lambda.
    """
    tell = tell or _to_stderr
    name = ENVIRONMENTS[environment].name
    unzipped_sizes(target)
    path = ASSEMBLIES / f"{name}-{target}-{_digest(target, engine=engine)}"
    if not (path / "manifest.json").is_file():
        tell(f"synthesizing {name} for {target}")
        _synthesize(name, target=target, engine=engine, path=path)
        _forget_others(path)
    return path


def _synthesize(environment: str, *, target: Target, engine: EngineName | None, path: Path) -> None:
    ASSEMBLIES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ASSEMBLIES, prefix=".making-") as making:
        output = Path(making) / "assembly"
        command = [sys.executable, "-m", "infrastructure.app", "--environment", environment]
        command += ["--target", target, "--output", os.fspath(output)]
        command += ["--engine", engine] if engine else []
        # A process of its own, so that a command that finds its assembly never loads CDK nor starts Node.
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
        if done.returncode != 0:
            raise SynthesisFailed((done.stdout + done.stderr).strip())
        shutil.rmtree(path, ignore_errors=True)
        output.rename(path)


def _forget_others(path: Path) -> None:
    """Remove older assemblies for AWS: each holds a copy of all layers."""
    prefix = path.name.rpartition("-")[0]
    for other in path.parent.glob(f"{prefix}-*"):
        if other != path and prefix.endswith(f"-{Target.AWS}"):
            shutil.rmtree(other)


def _digest(target: Target, *, engine: EngineName | None) -> str:
    digest = hashlib.sha256()
    # Locally the assembly names folders of this checkout, and layers of this interpreter.
    digest.update(f"{ROOT} {platform.machine()} {platform.python_version()} {target} {engine}".encode())
    for path in _inputs():
        digest.update(path.relative_to(ROOT).as_posix().encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _inputs() -> Iterator[Path]:
    for pattern in INPUTS:
        for path in sorted(ROOT.glob(pattern)):
            if path.is_file() and path.suffix not in {".pyc", ".md"}:
                yield path


def _to_stderr(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def main() -> int:
    """Synthesize, and print where the assembly is."""
    parser = argparse.ArgumentParser(
        prog="python -m infrastructure.synth", description=(__doc__ or "").split("\n", maxsplit=1)[0]
    )
    parser.add_argument("--environment", choices=sorted(ENVIRONMENTS), default=SANDBOX.name)
    parser.add_argument("--target", type=Target, choices=list(Target), default=Target.AWS)
    arguments = parser.parse_args()
    try:
        sys.stdout.write(f"{synth(arguments.environment, target=arguments.target)}\n")
    except SynthesisFailed as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
