"""Which of a product's images suits a customer: `tastes.json` says which sets go with which taste."""

import functools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Final

from packshot.events import Likely, PhotoRecord, Preferences, PublishedImage

CHANNELS: Final = ("main", "web", "thumbnail", "cutout")
"""What an image is for; each is a rendition."""
BAND_WEIGHT: Final = 0.5
"""A price band says less of a taste than a style."""
_LEAST: Final = 0.05
"""A weaker liking is none."""
_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class Choice:
    """An image and why it was taken, in ASCII: it goes into a header."""

    image: PublishedImage
    reason: str


@dataclass(frozen=True, slots=True)
class Tastes:
    """Set names by style and by price band."""

    styles: Mapping[str, frozenset[str]]
    price_bands: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class _Liking:
    strength: float
    why: str


@functools.cache
def load_tastes() -> Tastes:
    """Return the table that ships."""
    text = resources.files("packshot.storefront").joinpath("tastes.json").read_text("utf-8")
    table = json.loads(text)
    return Tastes(*({word: frozenset(sets) for word, sets in table[name].items()} for name in table))


def choose(photo: PhotoRecord, *, channel: str, taste: Preferences | None) -> Choice | None:
    """Return the photo's image of a channel that suits best, None if it has none of this channel.

    Without a taste it is the scene with the first rank; so it is among scenes that suit alike.
    """
    places: dict[str, int] = {
        candidate.scene.name: candidate.rank or len(photo.candidates) for candidate in photo.candidates
    }
    sets: dict[str, str] = {candidate.scene.name: candidate.scene.set for candidate in photo.candidates}
    images = sorted(
        (image for image in photo.images if image.rendition == channel),
        key=lambda image: (places.get(image.scene, len(places) + 1), image.name),
    )
    if not images:
        return None
    if taste is None or not (taste.styles or taste.price_bands):
        return Choice(images[0], "default: no taste is known")
    likings = [_liking(sets.get(image.scene, ""), taste) for image in images]
    best = max(range(len(images)), key=lambda place: (likings[place].strength, -place))
    if likings[best].strength < _LEAST:
        return Choice(images[0], "default: no scene suits this taste more than another")
    return Choice(images[best], likings[best].why)


def _liking(name: str, taste: Preferences) -> _Liking:
    """Return how far a set suits, and through which word most."""
    tastes = load_tastes()
    found = [
        *_pulls(name, taste.styles, tastes.styles, kind="style", weight=1),
        *_pulls(name, taste.price_bands, tastes.price_bands, kind="price band", weight=BAND_WEIGHT),
    ]
    strongest = max(found, key=lambda each: each.strength, default=None)
    return _Liking(sum(each.strength for each in found), strongest.why if strongest else "")


def _pulls(
    name: str, likely: Sequence[Likely], table: Mapping[str, frozenset[str]], *, kind: str, weight: float
) -> list[_Liking]:
    # Only the table's own words get out: a shop's word for a style may be anything.
    return [
        _Liking(weight * each.probability, f"{kind} {word} ({each.probability:.2f}) goes with {name}")
        for each in likely
        for word in sorted({*_WORD.findall(each.name.casefold())} & table.keys())[:1]
        if name in table[word]
    ]
