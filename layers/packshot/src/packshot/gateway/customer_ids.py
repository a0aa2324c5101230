"""A customer's id in an address: a shop's own, so it may be anything."""

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import quote

_OF_A_CUSTOMER: Final = re.compile(r"(/v1/customers/)(.+?)(/preferences)?", re.DOTALL)


def sheltered(path: str) -> str:
    """Return the path with the customer's id percent-encoded, as routes match it.

    An HTTP API decodes a path before it hands it on, all but `%25`: an id with a slash, a quote or an emoji
    would be no address, and its customer could not be forgotten.
    """
    return _with(lambda customer: quote(customer.replace("%25", "%"), safe="", errors="replace"), path)


def hidden(path: str) -> str:
    """Return the path for the log: who is forgotten must not stay in there."""
    return _with(lambda _: "*", path)


def _with(change: Callable[[str], str], path: str) -> str:
    found = _OF_A_CUSTOMER.fullmatch(path)
    if not found:
        return path
    before, customer, after = found.groups(default="")
    return f"{before}{change(customer)}{after}"
