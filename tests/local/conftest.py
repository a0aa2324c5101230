"""One local cloud for all end-to-end tests: the real template, the real functions."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from infrastructure.local.cloud import Cloud, running_cloud
from infrastructure.local.executions import Executions
from infrastructure.local.follow import Journey, follow
from infrastructure.local.places import ENVIRONMENT
from infrastructure.local.shop import DroppedPhoto, address_of
from infrastructure.synth import synth
from layers.build import Target
from packshot.adapters.catalogue import DynamoCatalogue
from packshot.events import PhotoRecord

PATIENCE_S = 120


class Quiet:
    """Shows no progress."""

    def show(self, journeys: Sequence[Journey]) -> None:
        """Do nothing."""


class Letterbox:
    """A queue that hears every event of the bus, and what it has heard so far."""

    def __init__(self, sqs: Any, url: str) -> None:  # noqa: ANN401 - boto3 makes clients at run time
        """Read this queue."""
        self._sqs = sqs
        self._url = url
        self._heard: list[dict[str, Any]] = []

    def details(self, detail_type: str) -> list[dict[str, Any]]:
        """Return the details of all events of this type."""
        while messages := self._receive():
            for message in messages:
                self._heard.append(json.loads(message["Body"]))
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        return [letter["detail"] for letter in self._heard if letter["detail-type"] == detail_type]

    def _receive(self) -> list[dict[str, Any]]:
        answer = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10)
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        return messages


@dataclass(frozen=True, slots=True)
class Shop:
    """What a shop does: drop photos with an S3 client, ask with an HTTP client."""

    cloud: Cloud
    api: httpx.Client
    letterbox: Letterbox

    @property
    def executions(self) -> Executions:
        """The executions of the workflow."""
        return Executions(self.cloud.client("stepfunctions"), self.cloud.outputs["EnhancePhotoArn"])

    def put(self, key: str, body: bytes, *, metadata: dict[str, str] | None = None) -> DroppedPhoto:
        """Put an object as any client would."""
        stored = self.cloud.client("s3").put_object(
            Bucket=self.cloud.outputs["UploadsBucket"],
            Key=key,
            Body=body,
            ContentType="image/jpeg",
            Metadata=metadata or {},
        )
        address = address_of(key)
        return DroppedPhoto(address.sku, address.name, key, stored["VersionId"])

    def follow(self, *photos: DroppedPhoto) -> tuple[Journey, ...]:
        """Wait until all photos are done."""
        return follow(photos, executions=self.executions, screen=Quiet(), timeout_s=PATIENCE_S)

    def record(self, photo: DroppedPhoto) -> PhotoRecord:
        """Return the catalogue's record of a photo."""
        catalogue = DynamoCatalogue(self.cloud.outputs["CatalogueTable"], self.cloud.client("dynamodb"))
        (found,) = [record for record in catalogue.photos(photo.sku) if record.name == photo.name]
        return found

    def product(self, sku: str) -> dict[str, Any]:
        """Return what the storefront says of a product."""
        answer: dict[str, Any] = self.api.get(f"/v1/products/{sku}").raise_for_status().json()
        return answer

    def keys(self, bucket: str) -> list[str]:
        """Return all keys of a bucket, named by its output."""
        pages = (
            self.cloud.client("s3")
            .get_paginator("list_objects_v2")
            .paginate(Bucket=self.cloud.outputs[bucket])
        )
        return sorted(item["Key"] for page in pages for item in page.get("Contents", []))


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Stand the synthesized template up, once."""
    assembly = synth(ENVIRONMENT.name, target=Target.LOCAL)
    with running_cloud(assembly, state=tmp_path_factory.mktemp("cloud")) as cloud:
        yield cloud


@pytest.fixture(scope="session")
def letterbox(cloud: Cloud) -> Letterbox:
    """Listen to the event bus like any other service would."""
    sqs, events = cloud.client("sqs"), cloud.client("events")
    url = sqs.create_queue(QueueName="letterbox")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    bus = cloud.outputs["EventBusName"]
    events.put_rule(Name="all", EventBusName=bus, EventPattern=json.dumps({"source": ["packshot"]}))
    events.put_targets(Rule="all", EventBusName=bus, Targets=[{"Id": "letterbox", "Arn": arn}])
    return Letterbox(sqs, url)


@pytest.fixture(scope="session")
def shop(cloud: Cloud, letterbox: Letterbox) -> Iterator[Shop]:
    """Return a shop with a valid API key."""
    headers = {"x-api-key": cloud.api_key}
    with httpx.Client(base_url=cloud.api_url, headers=headers, timeout=30) as api:
        yield Shop(cloud, api, letterbox)
