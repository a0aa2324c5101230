"""By what lines and customers are told apart."""

import hashlib
import re
from typing import Final

from packshot.events import PurchaseLine
from packshot.purchases.moments import microseconds

SHELVES: Final = 64
"""Parts of the lines: a customer's are all on one shelf, so a farewell or a duplicate looks at one alone."""
_KEY_BYTES = 16
_DIGEST_BYTES = 8
_KEY = re.compile(r"[0-9a-f]{32}")
_BETWEEN = "\x1f"
_BREAKS = 8
LOST_DIGITS: Final = "this id was made a number and has lost its digits: write it as text"
_ROUNDED = re.compile(r"\d\.\d+[eE]\+\d\d+")
"""Between the nine things that a line says."""


def customer_key(customer: str, *, salt: str) -> str:
    """Return the hash by which a customer is kept: nobody reads an id off it.

    Who knows the salt may still try ids, one after the other: it is no secret.
    """
    keyed = salt.encode()[: hashlib.blake2b.MAX_KEY_SIZE]
    return hashlib.blake2b(customer.encode(), key=keyed, digest_size=_KEY_BYTES).hexdigest()


def is_key(word: str) -> bool:
    """Say whether this can be a customer's key."""
    return _KEY.fullmatch(word) is not None


def has_lost_digits(word: str) -> bool:
    """Say whether this is what spreadsheets make of long ids: 1.51592E+18 is many customers."""
    return "+" in word and _ROUNDED.fullmatch(word) is not None


def shelf_of(key: str) -> str:
    """Return the shelf (00 to 3f) of a customer's key."""
    return f"{int(key[:2], 16) % SHELVES:02x}"


def line_digest(  # noqa: PLR0913, PLR0917 - a line is all that it says
    customer: str,
    moment: int,
    order: str,
    item: str,
    category: str,
    price: float | None,
    brand: str,
    style: str,
    discount: float | None,
) -> int:
    """Return a line's number, 64 bits with a sign; `moment` is in microseconds since 1970, UTC.

    Two different lines of one shelf share a number once in some 10^13 pairs.
    """
    said = (
        f"{customer}\x1f{moment}\x1f{order}\x1f{item}\x1f{category}\x1f{price!r}\x1f{brand}\x1f{style}"
        f"\x1f{discount!r}"
    )
    if said.count(_BETWEEN) > _BREAKS:
        # A word with the sign in it could pass for two.
        said = repr((customer, moment, order, item, category, price, brand, style, discount))
    digest = hashlib.blake2b(said.encode(), digest_size=_DIGEST_BYTES).digest()
    return int.from_bytes(digest, "big", signed=True)


def digest_of(line: PurchaseLine) -> int:
    """Return the number of a line, the same as of its row in a file."""
    return line_digest(
        line.customer,
        microseconds(line.time),
        line.order,
        line.item,
        line.category,
        line.price,
        line.brand,
        line.style,
        line.discount,
    )
