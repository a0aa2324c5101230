"""Buckets in memory."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

from packshot.errors import MissingObject, OversizedObject
from packshot.events import ObjectRef
from packshot.ports import UploadForm


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One version of an object; `body` is None where a delete marker stands."""

    version: str
    body: bytes | None
    media_type: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


class MemoryObjects:
    """Versioned buckets that come into being at the first write."""

    def __init__(self) -> None:
        self._versions: defaultdict[tuple[str, str], list[StoredObject]] = defaultdict(list)

    def read(self, ref: ObjectRef, *, largest: int | None = None) -> bytes:
        """Return the object's bytes."""
        body = self._body(ref)
        if largest is not None and len(body) > largest:
            raise OversizedObject(f"{ref.key} has {len(body)} bytes, {largest} are allowed")
        return body

    def fetch(self, ref: ObjectRef, *, into: IO[bytes], largest: int) -> str:
        """Copy an object into a file; return the MD5 of its content, as S3 does."""
        body = self.read(ref, largest=largest)
        into.write(body)
        return hashlib.md5(body, usedforsecurity=False).hexdigest()

    def metadata(self, ref: ObjectRef) -> Mapping[str, str]:
        """Return the user metadata of an object."""
        return self.stored(ref).metadata

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
        lower = {name.lower(): value for name, value in (metadata or {}).items()}
        return self._append(bucket, key, body=bytes(body), media_type=media_type, metadata=lower)

    def exists(self, *, bucket: str, key: str) -> bool:
        """Say whether the key's newest version is an object."""
        versions = self._versions.get((bucket, key), [])
        return bool(versions) and versions[-1].body is not None

    def delete(self, *, bucket: str, key: str) -> None:
        """Put a delete marker on the key, as a person would who removes an upload."""
        self._append(bucket, key, body=None, media_type="", metadata={})

    def remove(self, *, bucket: str, keys: Sequence[str]) -> None:
        """Forget objects, as in a bucket without versions."""
        for key in keys:
            self._versions.pop((bucket, key), None)

    def keys(self, bucket: str, prefix: str = "") -> tuple[str, ...]:
        """Return the keys that hold an object and begin like this, sorted."""
        return tuple(
            sorted(
                key
                for stored, key in self._versions
                if stored == bucket and key.startswith(prefix) and self.exists(bucket=bucket, key=key)
            )
        )

    def stored(self, ref: ObjectRef) -> StoredObject:
        """Return the version that `ref` names, with its media type; `MissingObject` if there is none."""
        versions = self._versions.get((ref.bucket, ref.key), [])
        wanted = [stored for stored in versions if not ref.version or stored.version == ref.version]
        if not wanted or wanted[-1].body is None:
            raise MissingObject(f"{ref.bucket}/{ref.key} {ref.version}".strip())
        return wanted[-1]

    def _body(self, ref: ObjectRef) -> bytes:
        return self.stored(ref).body or b""

    def _append(
        self, bucket: str, key: str, *, body: bytes | None, media_type: str, metadata: Mapping[str, str]
    ) -> ObjectRef:
        versions = self._versions[bucket, key]
        version = hashlib.sha256(f"{bucket}/{key}#{len(versions)}".encode()).hexdigest()[:16]
        versions.append(StoredObject(version=version, body=body, media_type=media_type, metadata=metadata))
        return ObjectRef(bucket=bucket, key=key, version=version)


class MemorySigner:
    """Addresses that name what they would sign, under the reserved domain `.invalid`."""

    def download_url(self, ref: ObjectRef, *, seconds: int) -> str:
        """Return an address that nobody serves."""
        return f"https://{ref.bucket}.invalid/{ref.key}?versionId={ref.version}&X-Amz-Expires={seconds}"

    def upload_form(
        self, *, bucket: str, key: str, metadata: Mapping[str, str], largest: int, seconds: int
    ) -> UploadForm:
        """Return a form that nobody takes, with its conditions to look at."""
        fields = {f"x-amz-meta-{name}": value for name, value in metadata.items()}
        limits = {"x-largest": str(largest), "x-seconds": str(seconds)}
        return UploadForm(url=f"https://{bucket}.invalid/", fields={"key": key, **fields, **limits})
