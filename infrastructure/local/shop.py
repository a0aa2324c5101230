"""A shop's side of the cloud: any S3 client drops photos, any HTTP client asks for images."""

import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from packshot.adapters.objects import encode_word
from packshot.errors import RejectedPhoto
from packshot.storefront.addresses import PhotoAddress, sidecar_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class PhotoFile:
    """A photo on this disk, its SKU, and what the shop says about the product (as object metadata).

    `file` is its name in the bucket, empty for the one it has here.
    """

    path: Path
    sku: str
    details: Mapping[str, str]
    file: str = ""

    @property
    def sidecar(self) -> Path | None:
        """The `<name>.json` beside the photo, if there is one."""
        beside = self.path.with_suffix(".json")
        return beside if beside.is_file() else None

    @property
    def key(self) -> str:
        """Where the photo goes in the upload bucket."""
        return f"uploads/{self.sku}/{self.file or self.path.name}"


@dataclass(frozen=True, slots=True)
class DroppedPhoto:
    """A photo in the upload bucket; `name` is what the catalogue will call it."""

    sku: str
    name: str
    key: str
    version: str

    @property
    def label(self) -> str:
        """SKU and name, or one of them if both are the same."""
        return self.sku if self.sku == self.name else f"{self.sku}/{self.name}"


def drop(photo: PhotoFile, *, s3: "S3Client", bucket: str) -> DroppedPhoto:
    """Upload the photo, its sidecar first: the photo's arrival is what starts the work."""
    if photo.sidecar is not None:
        s3.put_object(
            Bucket=bucket,
            Key=sidecar_of(photo.key),
            Body=photo.sidecar.read_bytes(),
            ContentType="application/json",
        )
    stored = s3.put_object(
        Bucket=bucket,
        Key=photo.key,
        Body=photo.path.read_bytes(),
        ContentType=mimetypes.guess_type(photo.path.name)[0] or "application/octet-stream",
        Metadata={name: encode_word(value) for name, value in photo.details.items()},
    )
    address = address_of(photo.key)
    return DroppedPhoto(address.sku, address.name, photo.key, stored.get("VersionId", ""))


def address_of(key: str) -> PhotoAddress:
    """Return where the catalogue files the photo under this key, however odd the key is."""
    try:
        return PhotoAddress.parse(key)
    except RejectedPhoto:
        return PhotoAddress.of_unreadable(key)
