"""Which column of a shop's file is which of ours."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from packshot.errors import InvalidPurchases

NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "customer": ("customer", "customerid", "user", "userid", "client", "clientid", "buyer", "household",
                 "householdid", "shopper", "shopperid", "member", "memberid"),
    "time": ("time", "timestamp", "ts", "eventtime", "transactiontimestamp", "datetime", "purchasedat",
             "orderedat", "createdat", "orderdate", "purchasedate", "transactiondate", "invoicedate", "date"),
    "category": ("category", "cat", "categorycode", "categoryname", "productcategory", "itemcategory",
                 "department", "producttype", "categoryid"),
    "order": ("order", "orderid", "ordernumber", "basket", "basketid", "transaction", "transactionid",
              "invoice", "invoiceno", "invoiceid"),
    "item": ("item", "itemid", "sku", "product", "productid", "article", "articleid", "stockcode"),
    "price": ("price", "amount", "unitprice", "salesvalue", "lineprice", "linetotal", "total", "value"),
    "brand": ("brand", "brandname", "productbrand", "manufacturer", "vendor", "label"),
    "style": ("style", "stylename", "look", "design", "collection"),
    # No discountpercent: its 1 is a hundredth, and here it would be the whole.
    "discount": ("discount", "discountshare", "discountrate", "rebate"),
}  # fmt: skip
"""Our columns, and what else they are called, written small and without blanks, dashes and underscores."""
NEEDED: Final = ("customer", "time", "category")
EXPECTED: Final = (
    "A file of purchases has a line of headers with customer, time and category, and order, item, price, "
    "brand, style and discount where they are known; as CSV, JSON lines or Parquet, in UTF-8."
)


def columns_of(header: Sequence[str]) -> Mapping[str, int]:
    """Return where each of our columns stands; `InvalidPurchases` says what is missing or there twice."""
    plain = [_plain(name) for name in header]
    twice = sorted(name for name, count in Counter(plain).items() if count > 1 and _known(name))
    if twice:
        raise InvalidPurchases(f"The column {twice[0]} is there twice. {EXPECTED}")
    found = {ours: _first(plain, theirs) for ours, theirs in NAMES.items()}
    missing = [name for name in NEEDED if found[name] is None]
    if missing:
        raise InvalidPurchases(f"There is no column {' and no column '.join(missing)}. {EXPECTED}")
    return {ours: place for ours, place in found.items() if place is not None}


def _first(plain: Sequence[str], names: Sequence[str]) -> int | None:
    return next((plain.index(name) for name in names if name in plain), None)


def _known(name: str) -> bool:
    return any(name in theirs for theirs in NAMES.values())


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
