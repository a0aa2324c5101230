"""What the fake draws: the studio's sets as a stranger would photograph them, or what goes wrong instead."""

import re
from collections.abc import Mapping
from typing import Any

import cv2
import httpx
import numpy as np

from packshot.events import Light, Palette, Scene, Shadow
from packshot.imaging.arrays import Bytes
from packshot.imaging.encoding import decode_png, encode_png
from packshot.imaging.studio import PlateRecipe, shipped
from packshot.scenes.prompts import load_words

_MEGAPIXEL = 1024
_SIDES = {"1:1": (1024, 1024), "4:5": (896, 1120), "5:4": (1120, 896), "3:4": (880, 1176), "4:3": (1176, 880)}


def draw(given: Mapping[str, Any], outcome: str, number: int) -> bytes:
    """Return the file that a model makes of its input; `outcome` is what shall be wrong with it."""
    width, height = _size(given)
    match outcome:
        case "black":
            return encode_png(np.zeros((height, width, 3), dtype=np.uint8))
        case "blank":
            return encode_png(np.full((height, width, 3), 188, dtype=np.uint8))
        case "small":
            return encode_png(cv2.resize(_scene(given, (width, height)), (128, 128)).astype(np.uint8))
        case "wide":
            return encode_png(
                cv2.resize(_scene(given, (width, height)), (2 * width, height)).astype(np.uint8)
            )
        case _:
            picture = _altered(_scene(given, (width, height)), seed=_seed(given) + number)
            if outcome == "object":
                _put_something(picture)
            return encode_png(_kept(picture, given) if "mask" in given else picture)


def _size(given: Mapping[str, Any]) -> tuple[int, int]:
    if "image" in given:
        height, width = _fetched(given["image"]).shape[:2]
        return width, height
    if "width" in given and "height" in given:
        return int(given["width"]), int(given["height"])
    return _SIDES.get(str(given.get("aspect_ratio")), (_MEGAPIXEL, _MEGAPIXEL))


def _scene(given: Mapping[str, Any], size: tuple[int, int]) -> Bytes:
    """Return the set that the prompt speaks of, or an empty room if it speaks of none."""
    prompt = str(given.get("prompt", ""))
    name, colours = _read(prompt)
    if name not in shipped():
        return _room(size, seed=_seed(given))
    wall, floor = colours.get("wall", "#d9d0c4"), colours.get("floor", "#cfc5b5")
    scene = Scene(
        name="trend",
        set=name,
        palette=Palette(name="asked for", wall=wall, floor=floor, accent=colours.get("accent", floor)),
        light=Light(
            side="right" if "from the right" in prompt else "left",
            softness=0.05 if "sunlight" in prompt else 0.7,
            elevation=38,
        ),
        shadow=Shadow(contact=0.5, cast=0.5),
        anchor="stand",
        fill=0.6,
        camera="",
        width=size[0],
        height=size[1],
        seed=_seed(given),
        settings_version="",
        trends_version="",
    )
    return PlateRecipe.of(scene, attempt=0).render()


def _read(prompt: str) -> tuple[str, dict[str, str]]:
    """Return the set that a prompt names and the colours of its surfaces."""
    words = load_words()
    names = "|".join(sorted(words.colours, key=len, reverse=True))
    for name, phrase in words.sets.items():
        slots: list[str] = re.findall(r"\{(\w+)\}", phrase)
        pattern = re.sub(r"\\\{\w+\\\}", f"({names})", re.escape(phrase))
        found = re.search(pattern, prompt)
        if found:
            return name, {slot: words.colours[word] for slot, word in zip(slots, found.groups(), strict=True)}
    return "", {}


def _altered(picture: Bytes, *, seed: int) -> Bytes:
    """Return a picture from a step nearer, a little warmer or cooler, with grain: no two jobs are alike."""
    chance = np.random.default_rng(seed)
    height, width = picture.shape[:2]
    across, down = (round(side / chance.uniform(1.0, 1.04)) for side in (width, height))
    x, y = (width - across) // 2, round((height - down) * 0.8)
    near = cv2.resize(picture[y : y + down, x : x + across], (width, height), interpolation=cv2.INTER_CUBIC)
    tint = chance.uniform(0.97, 1.03, size=3)
    grain = chance.normal(0, 1.2, size=(height, width, 1))
    return np.clip(near * tint + grain, 0, 255).astype(np.uint8)


def _put_something(picture: Bytes) -> None:
    """Draw a pot where nobody asked for one."""
    height, width = picture.shape[:2]
    left, right, top, floor = (round(share * width) for share in (0.4, 0.6, 0.5, 0.8))
    cv2.rectangle(picture, (left, top), (right, min(floor, height - 1)), (176, 58, 46), -1)
    rim = ((left + right) // 2, top)
    cv2.ellipse(picture, rim, ((right - left) // 2, (right - left) // 7), 0, 0, 360, (98, 28, 24), -1)


def _kept(picture: Bytes, given: Mapping[str, Any]) -> Bytes:
    """Lay what is to be kept over the picture, shifted as every decoder of a latent image shifts it."""
    image, mask = _fetched(given["image"])[..., :3], _fetched(given["mask"])
    _, lossy = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 88])
    again = np.asarray(cv2.imdecode(lossy, cv2.IMREAD_COLOR), dtype=np.uint8)
    return np.where((mask == 255)[..., None], picture, again).astype(np.uint8)  # noqa: PLR2004 - white is repainted


def _fetched(address: str) -> Bytes:
    return decode_png(httpx.get(address, timeout=10).raise_for_status().content)


def _room(size: tuple[int, int], *, seed: int) -> Bytes:
    """Return a wall and a floor in soft light."""
    width, height = size
    chance = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    light = np.asarray(1.1 - 0.35 * columns[..., None] / width)
    wall, floor = chance.uniform(120, 220, size=3), chance.uniform(110, 200, size=3)
    blend = np.clip((rows[..., None] / height - 0.62) / 0.08, 0, 1)
    room: Bytes = np.clip((wall * (1 - blend) + floor * blend) * light, 0, 255).astype(np.uint8)
    return room


def _seed(given: Mapping[str, Any]) -> int:
    return int(given.get("seed", 0))
