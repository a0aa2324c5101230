"""What the shop says about a product: object metadata, and the JSON beside the photo."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NoReturn, get_args

from packshot.errors import RejectedPhoto
from packshot.events import Category, Product

LARGEST_SIDECAR = 64_000
"""Bytes."""

_LONGEST_TEXT = 300
_MOST_COLOURS = 8
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_WORDS = re.compile(r"[^\w]+|_")
_CATEGORIES: tuple[Category, ...] = get_args(Category)
_SYNONYMS: dict[Category, str] = {
    "shoes": "shoe sneaker trainer boot sandal heel pump loafer slipper footwear",
    "jeans": "jean denim trouser pant chino",
    "dresses": "dress gown skirt",
    "costumes": "costume suit fancy-dress cosplay",
    "bags": "bag handbag backpack purse wallet tote luggage suitcase",
    "jewelry": "jewellery jewel watch watches ring necklace bracelet earring wristwatch",
    "bottles": "bottle cosmetic perfume fragrance beauty skincare drink wine glass glasses",
    "furniture": "chair armchair sofa couch table lamp desk shelf stool bed",
    "electronics": "electronic phone smartphone laptop camera headphone tablet gadget computer",
    "other": "mug home kitchen toy book decor misc",
}


@dataclass(frozen=True, slots=True)
class Description:
    """The product, and sentences about what was not understood but does no harm."""

    product: Product
    warnings: tuple[str, ...] = ()


def describe(metadata: Mapping[str, str], *, sidecar: bytes | None) -> Description:
    """Read what the shop says; object metadata (names in lower case) wins over the sidecar.

    `RejectedPhoto` (`bad_metadata`) names the field and what to write there. Fields that we do not
    know are the shop's own business.
    """
    said: dict[str, object] = {**_parse(sidecar), **{name: text for name, text in metadata.items() if text}}
    category, warnings = _category(_text(said, "category"))
    product = Product(
        category=category,
        brand=_text(said, "brand"),
        range=_text(said, "range"),
        title=_text(said, "title"),
        price=_price(said.get("price")),
        reference=_yes(said.get("reference")),
        correction=_correction(_text(said, "correction")),
        colours=_colours(said.get("colours")),
    )
    return Description(product=product, warnings=warnings)


def refuse_sidecar(fault: str) -> NoReturn:
    """Raise `RejectedPhoto` for a sidecar that cannot be read."""
    raise RejectedPhoto(
        f"The JSON file beside the photo {fault}. "
        'Write for example {"category": "shoes", "brand": "Acme", "title": "Runner", "price": 89.9}.',
        code="bad_metadata",
    )


def _parse(sidecar: bytes | None) -> dict[str, object]:
    if sidecar is None:
        return {}
    if len(sidecar) > LARGEST_SIDECAR:
        refuse_sidecar(f"has {len(sidecar):,} bytes and {LARGEST_SIDECAR:,} are allowed")
    try:
        said = json.loads(sidecar.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        refuse_sidecar("is not JSON in UTF-8")
    if not isinstance(said, dict):
        refuse_sidecar("is not an object with fields")
    return {name: value for name, value in said.items() if value is not None}


def _text(said: Mapping[str, object], field: str) -> str:
    value = said.get(field, "")
    if not isinstance(value, str):
        _refuse_field(field, value, f'write text in quotes, as in "{field}": "…"')
    if len(value) > _LONGEST_TEXT:
        _refuse_field(field, value, f"write at most {_LONGEST_TEXT} characters")
    return " ".join("".join(c if c.isprintable() else " " for c in value).split())


def _price(value: object) -> float | None:
    advice = 'write a number without a currency, as in "price": 89.90'
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        _refuse_field("price", value, advice)
    try:
        price = float(value)
    except (ValueError, OverflowError):
        _refuse_field("price", value, advice)
    if not math.isfinite(price) or price < 0:
        _refuse_field("price", value, advice)
    return price


def _yes(value: object) -> bool:
    """Return whether a field says yes; metadata has only text."""
    word = value.strip().lower() if isinstance(value, str) else value
    if word not in (None, "", True, False, "true", "false", "yes", "no"):
        _refuse_field("reference", value, 'write "reference": true for the photo that others are matched to')
    return word in (True, "true", "yes")


def _correction(word: str) -> Literal["bounded", "none"]:
    """Return how the photo may be corrected: `none`, or by default within bounds."""
    plain = word.lower()
    if plain not in {"", "bounded", "none"}:
        _refuse_field("correction", word, 'write "correction": "none" to keep the photo as it is')
    return "none" if plain == "none" else "bounded"


def _colours(value: object) -> tuple[str, ...]:
    """Return the brand's colours: a list, or text with commas as object metadata has it."""
    listed = value.split(",") if isinstance(value, str) else [] if value is None else value
    advice = f'write at most {_MOST_COLOURS} as in "colours": ["#aa2832"]'
    if not isinstance(listed, list) or len(listed) > _MOST_COLOURS:
        _refuse_field("colours", value, advice)
    colours = tuple(each.strip().lower() if isinstance(each, str) else "" for each in listed)
    if not all(_COLOUR.fullmatch(each) for each in colours):
        _refuse_field("colours", value, advice)
    return colours


def kind_of(word: str) -> Category:
    """Return which kind of product a shop's own category is: `jewelry.ring` and `Running Shoes` too.

    The last word of it that means something says it.
    """
    for each in (word, *reversed(_WORDS.split(word))):
        kind, _ = _category(each)
        if kind != "other":
            return kind
    return "other"


def _category(word: str) -> tuple[Category, tuple[str, ...]]:
    """Return the category that a shop's word stands for; an unknown one is `other`, with a warning."""
    if not word:
        return "other", ()
    plain = word.lower().replace(" ", "-")
    for category in _CATEGORIES:
        known = _SYNONYMS[category].split()
        if plain == category or plain in known or plain.removesuffix("s") in known:
            return category, ()
    known_words = ", ".join(_CATEGORIES)
    return "other", (f"The category “{word[:60]}” is unknown and taken as other; known are {known_words}.",)


def _refuse_field(field: str, value: object, advice: str) -> NoReturn:
    shown = repr(value)[:60]
    raise RejectedPhoto(f"The product's {field} is {shown}: {advice}.", code="bad_metadata")
