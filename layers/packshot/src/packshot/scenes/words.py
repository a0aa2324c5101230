"""Identifiers as people say them."""


def spoken(name: str) -> str:
    """Return an identifier as words: soft-window-light as soft window light."""
    return name.replace("_", " ").replace("-", " ")
