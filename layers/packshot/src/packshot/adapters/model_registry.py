"""Which model is the champion: one object, replaced on condition."""

from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError
from pydantic import ValidationError

from packshot.adapters.aws import error_code, s3_config, translated
from packshot.errors import DamagedArtifact, MissingObject
from packshot.events import Champions, ModelVersion
from packshot.model_ports import Standing

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CHAMPION = "models/champion.json"
_TAKEN = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})


class S3ModelRegistry:
    """The registry in a bucket; `seed` serves until there is a model."""

    def __init__(self, bucket: str, *, seed: ModelVersion, client: "S3Client | None" = None) -> None:
        self._bucket = bucket
        self._seed = seed
        self._s3 = client or boto3.client("s3", config=s3_config())

    def standing(self) -> Standing:
        """Return who serves; `DamagedArtifact` if the object is not what it should be."""
        try:
            with translated(CHAMPION):
                found = self._s3.get_object(Bucket=self._bucket, Key=CHAMPION)
                body = found["Body"].read()
        except MissingObject:
            return Standing(Champions(champion=self._seed), "")
        try:
            return Standing(Champions.model_validate_json(body).with_seed(self._seed), found["ETag"])
        except ValidationError as error:
            raise DamagedArtifact(f"{CHAMPION} is no registry: {error.error_count()} faults") from error

    def replace(self, champions: Champions, *, mark: str) -> bool:
        """Write on the condition that the object is as it was read."""
        condition = {"IfMatch": mark} if mark else {"IfNoneMatch": "*"}
        wanted: Any = {
            "Bucket": self._bucket,
            "Key": CHAMPION,
            "Body": champions.model_dump_json(indent=1).encode(),
            "ContentType": "application/json",
            **condition,
        }
        try:
            with translated(CHAMPION):
                self._s3.put_object(**wanted)
        except ClientError as error:
            if error_code(error) in _TAKEN:
                return False
            raise
        return True
