"""Shops that are asked."""

from pathlib import Path

import pytest

from packshot.events import PublishedImage, PublishRequest
from packshot.storefront.publication import record_of, select
from packshot.testing.catalogue import MemoryCatalogue
from packshot.testing.clock import StoppedClock
from tests.functions.storefront import Client, client_of


@pytest.fixture
def client(root: Path) -> Client:
    """Return a client of a shop without products."""
    return client_of(root, MemoryCatalogue())


@pytest.fixture
def stocked(root: Path, client: Client) -> Client:
    """Return a client of a shop with one published mug."""
    text = (root / "events" / "publish_images" / "two_scenes.json").read_text()
    request = PublishRequest.model_validate_json(text)
    selection = select(request.candidates, matte=request.matte)
    images = tuple(
        PublishedImage(
            name=f"front-white-{rendition}",
            object=request.matte.cutout.object.model_copy(update={"bucket": "published", "version": "v7"}),
            scene="white",
            rendition=rendition,
            media_type="image/webp",
            width=400,
            height=400,
            bytes=9,
            source_type="http://cv.iptc.org/newscodes/digitalsourcetype/composite",
        )
        for rendition in ("main", "thumbnail")
    )
    named = tuple(image.model_copy(update={"name": f"{image.name}.jpg"}) for image in images)
    client.catalogue.put(record_of(request, selection=selection, images=named, at=StoppedClock()()))
    return client
