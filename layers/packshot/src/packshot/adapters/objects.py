"""Buckets: S3."""

import base64
import contextlib
import functools
from collections.abc import Mapping, Sequence
from email.header import decode_header, make_header
from typing import IO, TYPE_CHECKING, Any

import boto3

from packshot.adapters.aws import s3_config, translated
from packshot.errors import MissingObject, OversizedObject, RetryLater
from packshot.events import ObjectRef
from packshot.ports import UploadForm

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


_REMOVED_AT_ONCE = 1_000
_CHUNK = 2**20


class S3Objects:
    """Objects in S3."""

    def __init__(self, client: "S3Client | None" = None) -> None:
        self._s3 = client or boto3.client("s3", config=s3_config())

    def read(self, ref: ObjectRef, *, largest: int | None = None) -> bytes:
        """Return the object's bytes; the header tells their number before the body is fetched."""
        with translated(ref.key):
            answer = self._s3.get_object(**_which(ref))
            if largest is not None and answer["ContentLength"] > largest:
                answer["Body"].close()
                raise OversizedObject(f"{ref.key} has {answer['ContentLength']} bytes, {largest} are allowed")
            return answer["Body"].read()

    def fetch(self, ref: ObjectRef, *, into: IO[bytes], largest: int) -> str:
        """Copy an object into a file; return its ETag."""
        with translated(ref.key):
            answer = self._s3.get_object(**_which(ref))
            with contextlib.closing(answer["Body"]) as body:
                if answer["ContentLength"] > largest:
                    raise OversizedObject(
                        f"{ref.key} has {answer['ContentLength']} bytes, {largest} are allowed"
                    )
                for chunk in body.iter_chunks(_CHUNK):
                    into.write(chunk)
        return answer["ETag"].strip('"')

    def metadata(self, ref: ObjectRef) -> Mapping[str, str]:
        """Return the user metadata of an object, decoded."""
        with translated(ref.key):
            answer = self._s3.head_object(**_which(ref))
        return {name.lower(): decode_word(value) for name, value in answer["Metadata"].items()}

    def write(
        self,
        body: bytes,
        *,
        bucket: str,
        key: str,
        media_type: str,
        metadata: Mapping[str, str] | None = None,
    ) -> ObjectRef:
        """Store the bytes as the key's newest version."""
        words = {name: encode_word(value) for name, value in (metadata or {}).items()}
        with translated(key):
            answer = self._s3.put_object(
                Bucket=bucket, Key=key, Body=body, ContentType=media_type, Metadata=words
            )
        return ObjectRef(bucket=bucket, key=key, version=answer.get("VersionId", ""))

    def exists(self, *, bucket: str, key: str) -> bool:
        """Say whether the key's newest version is an object."""
        try:
            with translated(key):
                self._s3.head_object(Bucket=bucket, Key=key)
        except MissingObject:
            return False
        return True

    def keys(self, *, bucket: str, prefix: str) -> tuple[str, ...]:
        """Return the keys that begin like this, sorted."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        with translated(prefix):
            return tuple(item["Key"] for page in pages for item in page.get("Contents", []))

    def remove(self, *, bucket: str, keys: Sequence[str]) -> None:
        """Forget objects, a thousand in one call; `RetryLater` while one of them is still there."""
        for start in range(0, len(keys), _REMOVED_AT_ONCE):
            named: Any = [{"Key": key} for key in keys[start : start + _REMOVED_AT_ONCE]]
            with translated(bucket):
                answer = self._s3.delete_objects(Bucket=bucket, Delete={"Objects": named, "Quiet": True})
            # S3 answers 200 all the same.
            codes = sorted({fault.get("Code", "") for fault in answer.get("Errors", [])})
            if codes:
                raise RetryLater(f"objects of {bucket} could not be removed: {', '.join(codes)}")


class S3UrlSigner:
    """Presigned addresses; made here without a call, with the credentials of the function."""

    def __init__(self, client: "S3Client | None" = None) -> None:
        self._given = client

    @functools.cached_property
    def _s3(self) -> "S3Client":
        """A client takes 80 ms to make, and few requests need one."""
        return self._given or boto3.client("s3", config=s3_config())

    def download_url(self, ref: ObjectRef, *, seconds: int) -> str:
        """Return an address that serves exactly this version."""
        return self._s3.generate_presigned_url("get_object", Params=_which(ref), ExpiresIn=seconds)

    def upload_form(
        self, *, bucket: str, key: str, metadata: Mapping[str, str], largest: int, seconds: int
    ) -> UploadForm:
        """Return a form whose policy names the key, the metadata, an image type and the largest size."""
        fields = {f"x-amz-meta-{name}": encode_word(value) for name, value in metadata.items()}
        conditions: list[Any] = [
            *({name: value} for name, value in fields.items()),
            ["content-length-range", 1, largest],
            ["starts-with", "$Content-Type", "image/"],
        ]
        form = self._s3.generate_presigned_post(
            bucket, key, Fields=dict(fields), Conditions=conditions, ExpiresIn=seconds
        )
        return UploadForm(url=form["url"], fields=form["fields"])


def encode_word(value: str) -> str:
    """Return a header's value in ASCII, as S3 itself returns one that is not (RFC 2047)."""
    if value.isascii() and value.isprintable() and "=?" not in value:
        return value
    return f"=?UTF-8?B?{base64.b64encode(value.encode()).decode()}?="


def decode_word(value: str) -> str:
    """Return the text of a header's value; one that only looks encoded stays as it is."""
    try:
        return str(make_header(decode_header(value))) if "=?" in value else value
    except (LookupError, UnicodeError, ValueError):
        return value


def _which(ref: ObjectRef) -> Any:  # noqa: ANN401 - the stubs want a TypedDict of each call
    which = {"Bucket": ref.bucket, "Key": ref.key}
    return which | {"VersionId": ref.version} if ref.version else which
