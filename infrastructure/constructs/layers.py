"""The Lambda layers of one stack."""

import platform
from collections.abc import Iterable

from aws_cdk import AssetHashType, aws_lambda
from constructs import Construct

from layers.build import Target, build

RUNTIME = aws_lambda.Runtime.PYTHON_3_13


def architecture(target: Target) -> aws_lambda.Architecture:
    """Return what functions run on: arm64 on AWS, this machine's own here."""
    local = (
        aws_lambda.Architecture.X86_64 if platform.machine() == "x86_64" else aws_lambda.Architecture.ARM_64
    )
    return aws_lambda.Architecture.ARM_64 if target is Target.AWS else local


class Layers(Construct):
    """Each stack has layer versions of its own: an exported one could never be replaced while in use."""

    def __init__(self, scope: Construct, construct_id: str, *, names: Iterable[str], target: Target) -> None:
        """`versions` holds one layer version for each name."""
        super().__init__(scope, construct_id)
        self.versions = {name: self._version(name, target=target) for name in names}

    def _version(self, name: str, *, target: Target) -> aws_lambda.LayerVersion:
        layer = build(name, target=target)
        # Our digest is of the locks and sources: hashing the files themselves would take seconds each time.
        code = aws_lambda.Code.from_asset(
            str(layer.path), asset_hash=layer.digest, asset_hash_type=AssetHashType.CUSTOM, exclude=["*.pyc"]
        )
        return aws_lambda.LayerVersion(
            self,
            name.title(),
            code=code,
            compatible_architectures=[architecture(target)],
            compatible_runtimes=[RUNTIME],
            description=f"Packshot: {name}",
        )
