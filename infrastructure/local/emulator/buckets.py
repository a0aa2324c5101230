"""The cloud's own S3, as SageMaker uses it: by addresses `s3://bucket/key`."""

import tarfile
import threading
from pathlib import Path
from typing import Any


class Buckets:
    """Objects of the cloud at this endpoint. Calls wait for the server, so none may come from its loop."""

    def __init__(self, *, endpoint: str, region: str) -> None:
        self._endpoint = endpoint
        self._region = region
        self._client: Any = None
        self._making = threading.Lock()

    def fetch(self, address: str, *, to: Path) -> None:
        """Write an object into a file; botocore's `ClientError` if it is not there."""
        bucket, key = _parts(address)
        to.parent.mkdir(parents=True, exist_ok=True)
        with to.open("wb") as file:
            body = self._s3().get_object(Bucket=bucket, Key=key)["Body"]
            for part in iter(lambda: body.read(1 << 20), b""):
                file.write(part)

    def fetch_all(self, address: str, *, to: Path) -> int:
        """Write all objects that begin like this below a folder, and return how many there were."""
        bucket, prefix = _parts(address)
        s3, count = self._s3(), 0
        to.mkdir(parents=True, exist_ok=True)
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for entry in page.get("Contents", []):
                below = entry["Key"].removeprefix(prefix).lstrip("/") or entry["Key"].rpartition("/")[2]
                self.fetch(f"s3://{bucket}/{entry['Key']}", to=to / below)
                count += 1
        return count

    def put(self, file: Path, *, address: str) -> None:
        """Store a file as an object."""
        bucket, key = _parts(address)
        with file.open("rb") as body:
            self._s3().put_object(Bucket=bucket, Key=key, Body=body)

    def _s3(self) -> Any:  # noqa: ANN401 - botocore makes clients at run time
        # One for all threads: to make a client takes longer than to fetch a small object.
        with self._making:
            if self._client is None:
                self._client = self._made()
            return self._client

    def _made(self) -> Any:  # noqa: ANN401 - botocore makes clients at run time
        import botocore.session

        session = botocore.session.get_session()
        return session.create_client("s3", endpoint_url=self._endpoint, region_name=self._region)


def unpack(archive: Path, *, to: Path) -> None:
    """Unpack a tar file; links and paths out of the folder raise tarfile's own errors."""
    to.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as files:
        files.extractall(to, filter="data")


def pack(folder: Path, *, to: Path) -> None:
    """Pack what a folder holds."""
    with tarfile.open(to, "w:gz") as files:
        for path in sorted(folder.iterdir()):
            files.add(path, arcname=path.name)


def _parts(address: str) -> tuple[str, str]:
    bucket, _, key = address.removeprefix("s3://").partition("/")
    return bucket, key
