"""What an environment changes of the photography settings, as a deployment asset."""

from pathlib import Path

from aws_cdk import aws_lambda, aws_s3_assets
from constructs import Construct

from infrastructure.constructs.access import allow_reading_asset
from infrastructure.environments import Environment
from packshot.scenes.photography import PhotographySettings, load_settings, override_settings


class Photography(Construct):
    """`<environment>.json`, checked before anything is deployed; nothing at all where there is no such file.

    `variables` tell the function that plans scenes where it lies.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, environment: Environment, folder: Path
    ) -> None:
        """Raise `InvalidSettings`, `UnknownSet` or `UnknownPalette` for a file that could not be used."""
        super().__init__(scope, construct_id)
        self._asset = None
        self.variables: dict[str, str] = {}
        file = folder / f"{environment.name}.json"
        if file.is_file():
            settings_in(file)
            self._asset = aws_s3_assets.Asset(self, "Overrides", path=str(file))
            self.variables = {
                "PHOTOGRAPHY_BUCKET": self._asset.s3_bucket_name,
                "PHOTOGRAPHY_KEY": self._asset.s3_object_key,
            }

    def allow_reading(self, function: aws_lambda.Function) -> None:
        """Let a function read the file, if there is one."""
        if self._asset:
            allow_reading_asset(function, bucket=self._asset.s3_bucket_name, key=self._asset.s3_object_key)


def settings_in(file: Path) -> PhotographySettings:
    """Return the settings with which an environment with this file would work; what ships without one."""
    source = f"{file.parent.name}/{file.name}"
    return override_settings(file.read_bytes(), source=source) if file.is_file() else load_settings()
