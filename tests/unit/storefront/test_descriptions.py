"""What the shop says about a product, in metadata and beside the photo."""

import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packshot.errors import RejectedPhoto
from packshot.events import Category, Product
from packshot.storefront.descriptions import LARGEST_SIDECAR, describe


def said(fields: object) -> Product:
    """Return the product of a sidecar with these fields."""
    return describe({}, sidecar=json.dumps(fields).encode()).product


def refused(fields: object) -> str:
    """Return why a sidecar with these fields is refused."""
    with pytest.raises(RejectedPhoto) as refusal:
        said(fields)
    assert refusal.value.code == "bad_metadata"
    return refusal.value.reason


def test_nothing_said_is_another_product() -> None:
    """Without metadata a product is of no known kind, and nobody is warned."""
    description = describe({}, sidecar=None)
    assert description.product == Product()
    assert description.warnings == ()


def test_a_sidecar_says_it_all() -> None:
    """The four fields, and whatever else the shop's export holds."""
    fields = {"category": "Shoes", "brand": "Nord", "title": "Runner", "price": 89.9, "stock": [1, 2]}
    assert said(fields) == Product(category="shoes", brand="Nord", title="Runner", price=89.9)


def test_metadata_wins_over_the_sidecar() -> None:
    """What stands on the object itself is newer; what it leaves out comes from the sidecar."""
    sidecar = json.dumps({"category": "shoes", "brand": "Nord", "price": 10}).encode()
    product = describe({"category": "bags", "price": "24.50", "other": "x"}, sidecar=sidecar).product
    assert product == Product(category="bags", brand="Nord", price=24.5)


@pytest.mark.parametrize(
    ("word", "category"),
    [
        ("watch", "jewelry"),
        ("Watches", "jewelry"),
        ("cosmetics", "bottles"),
        ("bottle", "bottles"),
        ("perfume", "bottles"),
        ("sneakers", "shoes"),
        ("mug", "other"),
        ("home", "other"),
        ("chair", "furniture"),
        ("sofa", "furniture"),
        ("phone", "electronics"),
        ("handbag", "bags"),
        ("dress", "dresses"),
        ("dresses", "dresses"),
        ("Denim", "jeans"),
        ("fancy dress", "costumes"),
        ("other", "other"),
    ],
)
def test_synonyms(word: str, category: str) -> None:
    """Shops' own words find their category, in singular, plural and capitals, without a warning."""
    description = describe({"category": word}, sidecar=None)
    assert (description.product.category, description.warnings) == (category, ())


def test_an_unknown_category_is_other_with_a_warning() -> None:
    """A photo is not refused for a word; the warning lists the words that are known."""
    description = describe({"category": "spaceships"}, sidecar=None)
    assert description.product.category == "other"
    assert "spaceships" in description.warnings[0]
    assert all(category in description.warnings[0] for category in get_args(Category))


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"price": "abc"}, "price"),
        ({"price": "19,90 €"}, "price"),
        ({"price": -1}, "price"),
        ({"price": True}, "price"),
        ({"price": [1]}, "price"),
        ({"price": float("nan")}, "price"),
        ({"price": "1e999"}, "price"),
        ({"price": 10**400}, "price"),
        ({"category": ["shoes"]}, "category"),
        ({"category": 7}, "category"),
        ({"title": 501}, "title"),
        ({"title": "x" * 301}, "title"),
        ({"brand": {"name": "Nord"}}, "brand"),
    ],
)
def test_wrong_types_are_refused_by_field(fields: dict[str, object], field: str) -> None:
    """The reason names the field and what to write there."""
    reason = refused(fields)
    assert f"product's {field} is" in reason
    assert "write" in reason
    assert len(reason) < 200


@pytest.mark.parametrize(
    "sidecar",
    [b"", b"{", b"[]", b'"shoes"', b"null", b"\xff\xfe{}", b"[" * 50_000, b" " * (LARGEST_SIDECAR + 1)],
)
def test_sidecars_that_are_none_are_refused(sidecar: bytes) -> None:
    """Broken, foreign, endless or huge: the reason shows how a sidecar looks."""
    with pytest.raises(RejectedPhoto) as refusal:
        describe({}, sidecar=sidecar)
    assert refusal.value.code == "bad_metadata"
    assert '"category"' in refusal.value.reason


def test_a_byte_order_mark_does_no_harm() -> None:
    """Windows' editors write one."""
    assert describe({}, sidecar=b"\xef\xbb\xbf" + b'{"brand": "Nord"}').product.brand == "Nord"


def test_texts_are_one_line() -> None:
    """Control characters and line breaks do not reach records and logs."""
    assert said({"title": "  Runner\n\x1b[31m  low\t "}).title == "Runner [31m low"


def test_null_and_blank_are_nothing_said() -> None:
    """Exports write what they do not know as null or as an empty text."""
    assert describe({"price": ""}, sidecar=b'{"price": null, "brand": null}').product == Product()


@given(
    st.dictionaries(st.sampled_from(["category", "brand", "title", "price"]), st.text(max_size=40)),
    st.none() | st.binary(max_size=60),
)
def test_anything_is_understood_or_refused(metadata: dict[str, str], sidecar: bytes | None) -> None:
    """No text breaks the reader."""
    try:
        product = describe(metadata, sidecar=sidecar).product
    except RejectedPhoto as refusal:
        assert refusal.code == "bad_metadata"  # noqa: PT017 - either outcome is right
    else:
        assert product.price is None or product.price >= 0


def test_a_shop_may_want_no_correction() -> None:
    """`none` keeps a photo as it is; nothing said means within bounds."""
    assert said({"correction": "None"}).correction == "none"
    assert said({}).correction == "bounded"
    assert '"correction": "none"' in refused({"correction": "strong"})


def test_a_brands_colours_are_read_from_sidecar_and_metadata() -> None:
    """A list beside the photo, text with commas in the object's metadata."""
    assert said({"colours": ["#AA2832", " #0a0b0c "]}).colours == ("#aa2832", "#0a0b0c")
    assert describe({"colours": "#aa2832,#0a0b0c"}, sidecar=None).product.colours == ("#aa2832", "#0a0b0c")


@pytest.mark.parametrize("colours", ["red", ["#12345"], [1], {"a": 1}, 7, ["#000000"] * 9])
def test_what_is_no_colour_is_refused(colours: object) -> None:
    """A colour that cannot be read would be an anchor in the wrong place."""
    assert "colours" in refused({"colours": colours})
