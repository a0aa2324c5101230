"""What a shop does with a bucket, against a bucket in this process."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from infrastructure.local.commands import check_address, photo_files, sku_of
from infrastructure.local.keys import make_key
from infrastructure.local.places import Refused
from infrastructure.local.shop import PhotoFile, drop
from packshot.adapters.key_ring import SecretKeyRing
from packshot.storefront.keys import owner_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator["S3Client"]:
    """Return a client of a cloud with one versioned bucket."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="uploads")
        client.put_bucket_versioning(Bucket="uploads", VersioningConfiguration={"Status": "Enabled"})
        yield client


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """Return a file with a blank in its name."""
    path = tmp_path / "my mug.jpg"
    path.write_bytes(b"pixels")
    return path


def test_a_photo_goes_into_its_sku_with_what_the_shop_says(s3: "S3Client", photo: Path) -> None:
    """Key, type and metadata are as any S3 client would write them, words in any script included."""
    dropped = drop(PhotoFile(photo, "mug-1", {"title": "Täßchen", "price": "9.5"}), s3=s3, bucket="uploads")
    stored = s3.get_object(Bucket="uploads", Key="uploads/mug-1/my mug.jpg", VersionId=dropped.version)
    assert stored["Body"].read() == b"pixels"
    assert stored["ContentType"] == "image/jpeg"
    assert stored["Metadata"]["price"] == "9.5"
    assert stored["Metadata"]["title"].isascii()
    assert dropped.sku == "mug-1"
    assert dropped.name.startswith("my-mug-")


def test_a_sidecar_arrives_before_its_photo(s3: "S3Client", photo: Path) -> None:
    """The photo starts the work, so its description has to be there already."""
    photo.with_suffix(".json").write_text('{"title": "Mug"}')
    drop(PhotoFile(photo, "mug-1", {}), s3=s3, bucket="uploads")
    listing = s3.list_objects_v2(Bucket="uploads")["Contents"]
    times = {item["Key"]: item["LastModified"] for item in listing}
    assert times["uploads/mug-1/my mug.json"] <= times["uploads/mug-1/my mug.jpg"]


def test_the_sample_photos_are_taken_when_none_is_named(photo: Path) -> None:
    """`packshot demo` alone shows all samples, each under its own SKU; a named photo stands alone."""
    samples = photo_files(None, sku=None, details={})
    assert all(sample.sku == sample.path.stem for sample in samples)
    (own,) = photo_files(photo, sku=None, details={})
    assert own.sku == "my-mug"


@pytest.mark.parametrize(
    ("file", "sku"),
    [("a b+c.jpg", "a-b-c"), ("日本.png", "photo"), (".hidden.jpg", "hidden"), ("ok_1.2.jpg", "ok_1.2")],
)
def test_a_file_name_makes_a_sku(file: str, sku: str) -> None:
    """Whatever a file is called, its default SKU is one that the bucket takes."""
    assert sku_of(Path(file)) == sku
    check_address(PhotoFile(Path("photo.jpg"), sku_of(Path(file)), {}))


def test_what_the_cloud_would_reject_is_refused_before_it_is_sent(photo: Path) -> None:
    """A bad SKU or a missing file is told at once, with what to do."""
    with pytest.raises(Refused, match="cannot be a SKU"):
        check_address(PhotoFile(photo, "no spaces", {}))
    with pytest.raises(Refused, match="There is no file"):
        photo_files(photo.with_name("other.jpg"), sku=None, details={})


def test_a_new_key_opens_and_only_its_hash_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key works beside those that were there; the secret does not hold it; a name is given once."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        client = boto3.client("secretsmanager")
        secret = client.create_secret(Name="keys", SecretString='{"keys": []}')["ARN"]
        first = make_key("storefront", client=client, secret=secret)
        second = make_key("partner", client=client, secret=secret)
        hashes = SecretKeyRing(secret, client=client).hashes()
        assert owner_of(first, hashes=hashes) == "storefront"
        assert owner_of(second, hashes=hashes) == "partner"
        assert first not in client.get_secret_value(SecretId=secret)["SecretString"]
        with pytest.raises(Refused, match="already"):
            make_key("partner", client=client, secret=secret)
