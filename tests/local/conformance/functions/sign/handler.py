"""Signs addresses, as a handler does for people outside."""

from typing import Any

import boto3


def handler(event: dict[str, Any], _context: object) -> object:
    """Return a download address and an upload form with conditions on size and type."""
    s3 = boto3.client("s3")
    place = {"Bucket": event["bucket"], "Key": event["key"]}
    form = s3.generate_presigned_post(
        **place,
        Fields={"Content-Type": "image/jpeg", "x-amz-meta-brand": "Bräu"},
        Conditions=[
            {"Content-Type": "image/jpeg"},
            {"x-amz-meta-brand": "Bräu"},
            ["content-length-range", 1, 1000],
        ],
        ExpiresIn=60,
    )
    return {"url": s3.generate_presigned_url("get_object", Params=place, ExpiresIn=60), "form": form}
