"""Sample events in this cloud: recorded elsewhere, they name buckets and objects that are not here yet."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import JsonValue

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ROLES = ("uploads", "work", "published", "purchases")
"""What the buckets are for; a sample event's bucket names say which they mean."""

Call = Callable[[str, JsonValue], JsonValue]
"""Calls a function by name and returns its answer; `Refused` if it ends with an error."""

Drop = Callable[[str], bool]
"""Sends the sample photo that belongs under an upload key through the cloud; false if there is none."""

Owner = Callable[[str], str]
"""Returns the execution that works, or worked, on an upload key; empty if there is none."""

SAMPLE_KEY = "sample-key-of-the-shop"
"""The API key in sample events of the storefront."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Brings sample events home: what they refer to exists here when they are sent."""

    s3: "S3Client"
    outputs: Mapping[str, str]
    api_key: str
    call: Call
    drop: Drop
    owner: Owner

    def prepare(self, event: JsonValue) -> JsonValue:
        """Return the event with references into this cloud; `Refused` if a function before it fails."""
        return self._remade(self._owned(self._at_home(event)))

    def _owned(self, event: JsonValue) -> JsonValue:
        """Speak for the execution that owns the photo: any other one would only be told that it is late."""
        if not isinstance(event, dict) or "execution" not in event:
            return event
        photo = event.get("photo")
        source = photo.get("source") if isinstance(photo, dict) else event
        key = source.get("key") if isinstance(source, dict) else None
        return {**event, "execution": (isinstance(key, str) and self.owner(key)) or event["execution"]}

    def _at_home(self, event: JsonValue) -> JsonValue:
        """Exchange buckets for those of the same role, and keys for this cloud's version of the object."""
        if isinstance(event, list):
            return [self._at_home(item) for item in event]
        if event == SAMPLE_KEY:
            return self.api_key
        if not isinstance(event, dict):
            return event
        here = {name: self._at_home(value) for name, value in event.items()}
        bucket, key = here.get("bucket"), here.get("key")
        if not isinstance(bucket, str):
            return here
        home = home_of(bucket, outputs=self.outputs)
        if not isinstance(key, str):
            return {**here, "bucket": home}
        return {
            **here,
            "bucket": home,
            "key": self._find(home, key),
            **({"version": ""} if "version" in here else {}),
        }

    def _remade(self, event: JsonValue) -> JsonValue:
        """Make an event's plate and composite anew: their keys follow from seeds, which differ by cloud."""
        if isinstance(event, dict) and isinstance(candidates := event.get("candidates"), list):
            around = {name: value for name, value in event.items() if name != "candidates"}
            made = [self._remade_candidate(around, candidate) for candidate in candidates]
            return {**event, "candidates": made}
        if not isinstance(event, dict) or not {"plate", "composite"} & event.keys():
            return event
        judged = event.get("quality", event)
        attempt = judged.get("attempt", 0) if isinstance(judged, dict) else 0
        plate = self.call("render_studio", {"scene": event["scene"], "attempt": attempt})
        if "plate" in event:
            return {**event, "plate": plate}
        question = {name: event[name] for name in ("photo", "working", "matte", "scene")}
        return {**event, "composite": self.call("compose_image", {**question, "plate": plate})}

    def _remade_candidate(self, around: dict[str, JsonValue], candidate: JsonValue) -> JsonValue:
        if not isinstance(candidate, dict):
            return candidate
        whole = self._remade({**around, **candidate})
        return {name: whole[name] for name in candidate} if isinstance(whole, dict) else candidate

    def _find(self, bucket: str, key: str) -> str:
        """Return the key of the object here; plates and composites are made anew, so theirs stay.

        A photo that cannot be had keeps its key too: not every function reads what its question names.
        """
        kind, *rest = key.split("/")
        if kind == "uploads" and not self._keys(bucket, key):
            self.drop(key)
        if kind != "photos" or len(rest) != 4:  # noqa: PLR2004 - <sku>/<photo>/<version hash>/<file>
            return key
        sku, photo, _, file = rest
        found = newest(self._keys(bucket, f"photos/{sku}/{photo}/"), file=file)
        if not found and self.drop(f"uploads/{sku}/{photo}.jpg"):
            found = newest(self._keys(bucket, f"photos/{sku}/{photo}/"), file=file)
        return found or key

    def _keys(self, bucket: str, prefix: str) -> dict[str, str]:
        """Return key → time of the last change."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return {
            item["Key"]: item["LastModified"].isoformat()
            for page in pages
            for item in page.get("Contents", [])
        }


def newest(keys: Mapping[str, str], *, file: str) -> str:
    """Return the key that ends in this file and changed last, empty if there is none."""
    same = [key for key in keys if key.endswith(f"/{file}")]
    return max(same, key=lambda key: keys[key], default="")


def home_of(bucket: str, *, outputs: Mapping[str, str]) -> str:
    """Return this cloud's bucket of the same role, or the name as it is."""
    role = next((role for role in ROLES if role in bucket.lower()), None)
    return bucket if role is None else outputs[f"{role.capitalize()}Bucket"]
