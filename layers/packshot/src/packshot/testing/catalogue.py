"""A catalogue in memory."""

import base64
import binascii

from packshot.errors import UnknownCursor
from packshot.events import PhotoRecord, ProductPage, ProductSummary
from packshot.storefront.records import keep_shown, may_replace, moment_text, summarize


class MemoryCatalogue:
    """Records by SKU and photo name, under the rules of the catalogue port."""

    def __init__(self) -> None:
        self._photos: dict[tuple[str, str], PhotoRecord] = {}
        self._products: dict[str, ProductSummary] = {}

    def claim(self, record: PhotoRecord) -> bool:
        """Take a photo for `record.execution`."""
        return self.put(record)

    def put(self, record: PhotoRecord) -> bool:
        """Store the record and the product's summary."""
        old = self._photos.get((record.sku, record.name))
        if not may_replace(record, old):
            return False
        self._photos[record.sku, record.name] = keep_shown(record, old)
        before = self._products.get(record.sku)
        line = summarize(record, before=before)
        photos = len(self.photos(record.sku))
        self._products[record.sku] = line.model_copy(update={"photos": photos})
        return True

    def photos(self, sku: str) -> tuple[PhotoRecord, ...]:
        """Return a product's photos, newest first."""
        own = (record for (owner, _), record in self._photos.items() if owner == sku)
        return tuple(sorted(own, key=lambda record: (record.updated_at, record.name), reverse=True))

    def products(self, *, limit: int, cursor: str = "") -> ProductPage:
        """Return a page of the catalogue, newest first."""
        start = _position(cursor) if cursor else ""
        newest = sorted(self._products.values(), key=_place, reverse=True)
        rest = [product for product in newest if not start or _place(product) < start]
        more = _cursor(rest[limit - 1]) if len(rest) > limit else ""
        return ProductPage(products=tuple(rest[:limit]), cursor=more)


def _place(product: ProductSummary) -> str:
    return f"{moment_text(product.updated_at)} {product.sku}"


def _cursor(product: ProductSummary) -> str:
    return base64.urlsafe_b64encode(_place(product).encode()).decode()


def _position(cursor: str) -> str:
    try:
        position = base64.b64decode(cursor, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise UnknownCursor(cursor) from error
    if " " not in position:
        raise UnknownCursor(cursor)
    return position
