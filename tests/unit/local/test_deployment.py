"""Publishing what a template refers to."""

from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from infrastructure.local.assembly import Asset
from infrastructure.local.deployment import publish_assets
from infrastructure.local.emulator.assets import folder_of
from infrastructure.local.errors import CloudError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3 import S3Client

BUCKET = "assets-${AWS::AccountId}-${AWS::Region}"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> "Iterator[S3Client]":
    """Return a client of an empty S3."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        yield boto3.client("s3", region_name="us-east-1")


def kept(s3: "S3Client") -> dict[str, bytes]:
    """Return all that was put, by key."""
    listed = s3.list_objects_v2(Bucket="assets-000-us-east-1").get("Contents", [])
    return {
        each["Key"]: s3.get_object(Bucket="assets-000-us-east-1", Key=each["Key"])["Body"].read()
        for each in listed
    }


def test_files_are_put_and_folders_pointed_to(s3: "S3Client", tmp_path: Path) -> None:
    """A file is a real object, as on AWS; a folder of code stays where it lies."""
    (tmp_path / "a.onnx").write_bytes(b"weights")
    assets = (Asset(tmp_path / "a.onnx", BUCKET, "1.onnx"), Asset(tmp_path, BUCKET, "2.zip"))
    publish_assets(assets, s3, account="000")
    found = kept(s3)
    assert found["1.onnx"] == b"weights"
    assert folder_of(found["2.zip"], unpacked=tmp_path) == tmp_path


def test_weights_that_were_not_fetched_are_left_out(s3: "S3Client", tmp_path: Path) -> None:
    """A first look needs no large download: the function finds nothing and takes another engine."""
    publish_assets((Asset(tmp_path / "a.onnx", BUCKET, "1.onnx"),), s3, account="000")
    assert kept(s3) == {}


def test_other_files_have_to_be_there(s3: "S3Client", tmp_path: Path) -> None:
    """An assembly whose files are gone is refused with a remedy."""
    with pytest.raises(CloudError, match="make synth"):
        publish_assets((Asset(tmp_path / "a.zip", BUCKET, "1.zip"),), s3, account="000")
