"""Which products are photographed alike: pinned looks, ranges, and the chance that tells ranges apart."""

import fnmatch
import hashlib
import math
from collections.abc import Iterable

from packshot.events import Photo, PlanRequest, SceneName
from packshot.scenes.photography import Look

_WILDCARDS = frozenset("*?[")
_LARGEST_SEED = 2**32


def look_of(photo: Photo, *, looks: Iterable[Look]) -> Look | None:
    """Return the first look that is for this product, None if none is."""
    return next((look for look in looks if _is_for(look, photo)), None)


def range_of(photo: Photo, *, look: Look | None) -> str:
    """Return the name of all that shares a set and a light with this product.

    A look's products of one category; else a brand's (or a brand's range's); a product of neither is alone.
    """
    product = photo.product
    if look:
        return _key("look", look.name, product.category)
    if product.brand or product.range:
        return _key("range", product.brand, product.range, product.category)
    return _key("sku", photo.sku, product.category)


def seed_of(request: PlanRequest, *, scene: SceneName, look: Look | None = None) -> int:
    """Return the seed of a scene: the same for the same version of the same photo, or for a whole look."""
    photo = request.photo
    if look and look.seed == "range":
        text = _key("look", look.name, photo.product.category, scene)
    else:
        text = _key(photo.sku, photo.name, photo.source.key, photo.source.version, scene)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") % _LARGEST_SEED


def chance(key: str, name: str) -> float:
    """Return a number in (0, 1) that depends on these two alone: no other choice moves it."""
    drawn = int.from_bytes(hashlib.sha256(f"{key}:{name}".encode()).digest()[:6], "big")
    return (drawn + 0.5) / 2**48


def draw(key: str, name: str) -> float:
    """Return a standard Gumbel variable for a name.

    Whoever takes the largest of score / t + draw takes each name with a probability proportional to
    exp(score / t) (Gumbel 1954): a seeded draw by preference, in which names do not disturb each other.
    """
    return -math.log(-math.log(chance(key, name)))


def _is_for(look: Look, photo: Photo) -> bool:
    ours = not look.brand or _plain(look.brand) == _plain(photo.product.brand)
    return ours and (not look.range or _in_range(look.range, photo))


def _in_range(pattern: str, photo: Photo) -> bool:
    wanted, sku, named = _plain(pattern), _plain(photo.sku), _plain(photo.product.range)
    if named and fnmatch.fnmatchcase(named, wanted):
        return True
    return fnmatch.fnmatchcase(sku, wanted if _WILDCARDS & set(wanted) else f"{wanted}*")


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _key(*parts: str) -> str:
    return "\n".join(parts)
