"""What a shop can ask for, whatever the way it asks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from packshot.errors import UnknownImage, UnknownProduct
from packshot.events import Category, Preferences, PublishedImage, TrendReport
from packshot.ports import Catalogue, Clock, UrlSigner
from packshot.storefront.addresses import PREFIX, PhotoAddress
from packshot.storefront.answers import (
    LARGEST_UPLOAD,
    ProductAnswer,
    ProductsAnswer,
    UploadAnswer,
    UploadRequest,
    list_products,
    show_product,
)
from packshot.storefront.descriptions import describe
from packshot.storefront.records import said_plainly
from packshot.storefront.tastes import Choice, choose

_OF_A_CATEGORY = ("signals", "items", "colours", "palettes", "suggestion")
UPLOAD_SECONDS = 900
DOWNLOAD_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Shopfront:
    """The questions of a storefront, answered from the catalogue."""

    catalogue: Catalogue
    signer: UrlSigner
    uploads_bucket: str
    trends: Callable[[], TrendReport]
    now: Clock

    def begin_upload(self, request: UploadRequest) -> UploadAnswer:
        """Return a form for one photo; `RejectedPhoto` for what the workflow would reject anyway."""
        key = f"{PREFIX}{request.sku}/{request.file_name}"
        address = PhotoAddress.parse(key)
        form = self.signer.upload_form(
            bucket=self.uploads_bucket,
            key=key,
            metadata=_metadata_of(request),
            largest=LARGEST_UPLOAD,
            seconds=UPLOAD_SECONDS,
        )
        return UploadAnswer(
            sku=address.sku,
            name=address.name,
            url=form.url,
            fields={**form.fields, "Content-Type": request.media_type},
            expires_at=self.now() + timedelta(seconds=UPLOAD_SECONDS),
        )

    def products(self, *, limit: int, cursor: str) -> ProductsAnswer:
        """Return a page of the catalogue; `UnknownCursor` for a cursor that is not ours."""
        page = self.catalogue.products(limit=limit, cursor=cursor)
        return list_products(page, at=self.now())

    def product(self, sku: str) -> ProductAnswer:
        """Return all that is known of a product; `UnknownProduct` if nothing is."""
        photos = self.catalogue.photos(sku)
        if not photos:
            raise UnknownProduct(sku)
        return show_product(tuple(said_plainly(photo, at=self.now()) for photo in photos))

    def image_address(self, *, sku: str, name: str) -> str:
        """Return a signed address of an image that a record names, of no other object."""
        return self.address_of(self._image(sku, name))

    def address_of(self, image: PublishedImage) -> str:
        """Return a signed address of a published image."""
        return self.signer.download_url(image.object, seconds=DOWNLOAD_SECONDS)

    def image_for(self, sku: str, *, channel: str, taste: Callable[[], Preferences | None]) -> Choice:
        """Return a channel's image of the product's newest photo that has one, the one that suits a taste.

        The taste is asked for where there is an image for it to choose.
        """
        photos = self.catalogue.photos(sku)
        if not photos:
            raise UnknownProduct(sku)
        for photo in photos:
            if any(image.rendition == channel for image in photo.images):
                choice = choose(photo, channel=channel, taste=taste())
                if choice:
                    return choice
        raise UnknownImage(f"{sku}/{channel}")

    def trends_for(self, category: Category | None) -> TrendReport:
        """Return what shoppers want now, of one category or of all."""
        report = self.trends()
        if category is None:
            return report
        own = report.by_category.get(category)
        if own:
            said = {name: getattr(own, name) for name in _OF_A_CATEGORY}
            return report.model_copy(update=said | {"by_category": {}})
        items = (item for item in report.items if not item.categories or category in item.categories)
        return report.model_copy(update={"items": tuple(items), "by_category": {}})

    def _image(self, sku: str, name: str) -> PublishedImage:
        for photo in self.catalogue.photos(sku):
            for image in photo.images:
                if image.name == name:
                    return image
        raise UnknownImage(f"{sku}/{name}")


def _metadata_of(request: UploadRequest) -> dict[str, str]:
    """Return the description as object metadata, once it is sure that the workflow can read it."""
    said = {
        "category": request.category,
        "brand": request.brand,
        "range": request.range,
        "reference": "true" if request.reference else "",
        "correction": "" if request.correction == "bounded" else request.correction,
        "title": request.title,
        "price": "" if request.price is None else str(request.price),
    }
    metadata = {name: text for name, text in said.items() if text}
    describe(metadata, sidecar=None)
    return metadata
