"""By what lines and customers are told apart, for good: what is stored was named by it."""

from dataclasses import astuple, dataclass, replace

import pytest

from packshot.purchases.identity import customer_key, is_key, line_digest, shelf_of

CUSTOMER = "1515915625442993984"
DIGEST = -6704205092607868401
KEY = "d8f8922a76122a10b01d1a57a4baa6ce"
SHELF = "18"


@dataclass(frozen=True)
class Said:
    """What a line says, in the order of its number."""

    customer: str = CUSTOMER
    moment: int = 1_672_928_531_000_000
    order: str = "o1"
    item: str = "i1"
    category: str = "shoes"
    price: float | None = 12.5
    brand: str = "älder"
    style: str = "festive"
    discount: float | None = None

    @property
    def digest(self) -> int:
        """Return the line's number."""
        return line_digest(*astuple(self))


def test_names_stay_what_they_are() -> None:
    """Another number would make every known line a new one, another key would bring back the forgotten."""
    assert Said().digest == DIGEST
    assert customer_key(CUSTOMER, salt="shop") == KEY
    assert shelf_of(KEY) == SHELF


@pytest.mark.parametrize(
    "other",
    [
        replace(Said(), customer="2"),
        replace(Said(), moment=1),
        replace(Said(), order=""),
        replace(Said(), item="i2"),
        replace(Said(), category="bags"),
        replace(Said(), price=None),
        replace(Said(), brand=""),
        replace(Said(), style=""),
        replace(Said(), discount=0.0),
        replace(Said(), order="i1", item="o1"),
    ],
)
def test_a_line_is_all_that_it_says(other: Said) -> None:
    """Whichever of it is another, it is another line."""
    assert other.digest != Said().digest


def test_a_key_is_of_one_shop() -> None:
    """The same id has another key in another bucket, and stands in none."""
    ours, theirs = (customer_key(CUSTOMER, salt=salt) for salt in ("ours", "theirs"))
    assert ours != theirs
    assert is_key(ours)
    assert CUSTOMER not in ours
