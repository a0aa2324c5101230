"""Deploy with the CDK's own command line, pinned by its lock and run by the Node that its wheel brought.

It deploys the assembly that `infrastructure.synth` made and the tests have seen: nothing is synthesized anew.
Credentials and region are the shell's.

    python -m infrastructure.deploy --environment sandbox
    python -m infrastructure.deploy --environment sandbox diff
    python -m infrastructure.deploy --environment production deploy -- --require-approval never
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from infrastructure.app import node
from infrastructure.environments import ENVIRONMENTS, SANDBOX
from infrastructure.synth import SynthesisFailed, Target, synth
from layers import weights

ROOT = Path(__file__).resolve().parents[1]
TOOLKIT = ROOT / "infrastructure" / "toolkit"
INSTALLED = ROOT / "build" / "toolkit"
COMMANDS = ("deploy", "diff", "destroy", "list", "bootstrap")


def command_line() -> tuple[str, ...]:
    """Return the words that run the CDK's command line, installed from its lock on first use."""
    lock = (TOOLKIT / "package-lock.json").read_bytes()
    folder = INSTALLED / hashlib.sha256(lock).hexdigest()[:16]
    if not folder.is_dir():
        _install(folder)
    return (os.fspath(node()), os.fspath(folder / "node_modules" / "aws-cdk" / "bin" / "cdk"))


def _install(folder: Path) -> None:
    sys.stderr.write("installing the CDK command line\n")
    folder.parent.mkdir(parents=True, exist_ok=True)
    npm = node().parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".making-") as making:
        home = Path(making) / "toolkit"
        shutil.copytree(TOOLKIT, home, ignore=shutil.ignore_patterns("*.md"))
        command = [
            os.fspath(node()),
            os.fspath(npm),
            "ci",
            "--silent",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
        ]
        subprocess.run(command, cwd=home, check=True)  # noqa: S603 - our own words, no shell
        home.rename(folder)


def run(command: str, *, environment: str, options: tuple[str, ...] = ()) -> int:
    """Run one command of the CDK on all stacks of an environment, and return its exit status."""
    assembly = synth(environment, target=Target.AWS)
    if command == "deploy":
        weights.fetch("u2net")
    words = (*command_line(), command, "--app", os.fspath(assembly), "--no-notices")
    stacks = ("--all",) if command in {"deploy", "destroy"} else ()
    quiet = os.environ | {"CDK_DISABLE_CLI_TELEMETRY": "true"}
    return subprocess.run((*words, *stacks, *options), cwd=ROOT, env=quiet, check=False).returncode  # noqa: S603 - our own words, and the caller's


def main() -> int:
    """Hand the command over."""
    parser = argparse.ArgumentParser(
        prog="python -m infrastructure.deploy",
        description=(__doc__ or "").split("\n", maxsplit=1)[0],
        epilog="Everything after -- goes to the CDK's command line as it is.",
    )
    parser.add_argument("command", nargs="?", choices=COMMANDS, default="deploy")
    parser.add_argument("options", nargs="*", help="the CDK's own options, after --")
    parser.add_argument("--environment", choices=sorted(ENVIRONMENTS), default=SANDBOX.name)
    arguments = parser.parse_args()
    try:
        return run(arguments.command, environment=arguments.environment, options=tuple(arguments.options))
    except SynthesisFailed as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
