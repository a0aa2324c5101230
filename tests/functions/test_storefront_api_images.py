"""StorefrontApi: the image that suits a customer."""

import json
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from packshot.events import (
    Candidate,
    Likely,
    PhotoRecord,
    PreferenceBasis,
    Preferences,
    PublishedImage,
    PublishRequest,
)
from packshot.storefront.publication import record_of, select
from packshot.storefront.tastes import choose, load_tastes
from tests.functions.storefront import LINE, NOW, Client, tell

SHARE = st.floats(0, 1, allow_nan=False)


@pytest.fixture
def record(root: Path) -> PhotoRecord:
    """Return a published photo with a white scene and one on a plinth, the white one first."""
    text = (root / "events" / "publish_images" / "two_scenes.json").read_text()
    request = PublishRequest.model_validate_json(text)
    candidates = [_on(candidate, "plinth_arch") for candidate in request.candidates]
    candidates[0] = _on(request.candidates[0], "paper_sweep")
    ranked = select(candidates, matte=request.matte)
    images = tuple(
        _image(request, each.scene.name, channel) for each in ranked.ranked for channel in _CHANNELS
    )
    made = record_of(request, selection=ranked, images=images, at=NOW)
    places = [each.model_copy(update={"rank": place}) for place, each in enumerate(made.candidates, start=1)]
    return made.model_copy(update={"candidates": tuple(places)})


_CHANNELS: tuple[Literal["main", "web", "thumbnail"], ...] = ("main", "web", "thumbnail")


def _on(candidate: Candidate, name: str) -> Candidate:
    scene = candidate.scene.model_copy(update={"set": name})
    return candidate.model_copy(update={"scene": scene})


def _image(
    request: PublishRequest, scene: str, channel: Literal["main", "web", "thumbnail"]
) -> PublishedImage:
    return PublishedImage(
        name=f"front-{scene}-{channel}.jpg",
        object=request.matte.cutout.object.model_copy(
            update={"bucket": "published", "key": f"{scene}-{channel}"}
        ),
        scene=scene,
        rendition=channel,
        media_type="image/jpeg",
        width=400,
        height=400,
        bytes=9,
        source_type="http://cv.iptc.org/newscodes/digitalsourcetype/composite",
    )


def taste(**styles: float) -> Preferences:
    """Return preferences with these styles."""
    likely = tuple(Likely(name=name, probability=probability) for name, probability in styles.items())
    return Preferences(next=(), styles=likely, basis=PreferenceBasis(kind="history", visits=3))


def test_the_image_suits_the_customer_s_style(client: Client, record: PhotoRecord) -> None:
    """Who buys festive things sees the product on the plinth, and a header says why."""
    client.catalogue.put(record)
    tell(client, LINE, *(LINE | {"time": f"2026-0{month}-01T00:00:00Z"} for month in range(1, 7)))
    plain = client.ask("GET", "/v1/products/MUG-1/images/web")
    assert (plain.status, plain.headers["x-packshot-reason"]) == (302, "default: no taste is known")
    assert "/white-web?" in plain.headers["location"]
    suited = client.case("fetch_image_for_customer")
    assert suited.status == 302
    assert "/trend-web?" in suited.headers["location"]
    assert suited.headers["x-packshot-reason"] == "style festive (0.70) goes with plinth_arch"
    assert suited.headers["etag"] != plain.headers["etag"]
    event = json.loads((client.events / "fetch_image_for_customer.json").read_text())
    event["headers"]["if-none-match"] = suited.headers["etag"]
    assert client.send(event).status == 304
    client.clock.advance(121)
    assert client.send(event).status == 302, "the address that was signed then may have ended"


def test_an_image_of_a_channel_may_be_kept_for_a_minute(client: Client, record: PhotoRecord) -> None:
    """By whoever has the key, and as another than that of another channel, whatever the reason."""
    client.catalogue.put(record)
    web, main = (client.ask("GET", f"/v1/products/MUG-1/images/{channel}") for channel in ("web", "main"))
    for reply in (web, main):
        assert reply.headers["cache-control"] == "private, max-age=60"
        assert reply.headers["vary"] == "x-api-key"
    assert web.headers["x-packshot-reason"] == main.headers["x-packshot-reason"]
    assert web.headers["etag"] != main.headers["etag"]
    named = client.ask("GET", "/v1/products/MUG-1/images/front-white-web.jpg")
    assert (named.status, named.headers["cache-control"]) == (302, "private, max-age=60")


def test_without_a_history_it_is_the_best_picture(client: Client, record: PhotoRecord) -> None:
    """The first rank, and the header says that nothing was known."""
    client.catalogue.put(record)
    reply = client.case("fetch_image_for_customer")
    assert "/white-web?" in reply.headers["location"]
    assert reply.headers["x-packshot-reason"] == "default: no taste is known"


def test_a_channel_without_images_is_a_problem(client: Client, record: PhotoRecord) -> None:
    """404 says what is unknown, the product or its image."""
    assert client.ask("GET", "/v1/products/NONE/images/web").json["code"] == "unknown_product"
    client.catalogue.put(record)
    assert client.ask("GET", "/v1/products/MUG-1/images/cutout").json["code"] == "unknown_image"


def test_the_choice_is_the_same_each_time(record: PhotoRecord) -> None:
    """And of two that suit alike it is the one with the better rank."""
    both = taste(minimal=0.4, festive=0.4)
    chosen = [choose(record, channel="web", taste=both) for _ in range(3)]
    assert [choice and choice.image.name for choice in chosen] == ["front-white-web.jpg"] * 3


def test_a_style_says_more_of_a_taste_than_a_price(record: PhotoRecord) -> None:
    """And a price band alone chooses too."""
    dear = Preferences(
        next=(),
        price_bands=(Likely(name="high", probability=0.6),),
        basis=PreferenceBasis(kind="history", visits=3),
    )
    alone = choose(record, channel="web", taste=dear)
    assert alone
    assert alone.reason == "price band high (0.60) goes with plinth_arch"
    plain = dear.model_copy(update={"styles": (Likely(name="minimal", probability=0.4),)})
    both = choose(record, channel="web", taste=plain)
    assert both
    assert both.reason == "style minimal (0.40) goes with paper_sweep"


def test_a_jeweller_s_styles_are_materials(record: PhotoRecord) -> None:
    """Gold is shown where dear things stand."""
    choice = choose(record, channel="web", taste=taste(**{"Gold/none": 0.5}))
    assert choice
    assert choice.reason == "style gold (0.50) goes with plinth_arch"


def test_a_faint_liking_is_none(record: PhotoRecord) -> None:
    """It is the first picture then, and the reason does not claim a taste."""
    choice = choose(record, channel="web", taste=taste(festive=0.04))
    assert choice
    assert (choice.image.name, choice.reason) == (
        "front-white-web.jpg",
        "default: no scene suits this taste more than another",
    )


def test_the_best_rank_is_the_first_picture(record: PhotoRecord) -> None:
    """Whatever the order in which scenes were planned."""
    ranks = (2, 1)
    turned = tuple(
        each.model_copy(update={"rank": rank})
        for each, rank in zip(record.candidates[:2], ranks, strict=True)
    )
    other = record.model_copy(update={"candidates": (*turned, *record.candidates[2:])})
    choice = choose(other, channel="web", taste=None)
    assert choice
    assert choice.image.scene == record.candidates[1].scene.name


def test_a_shop_s_own_word_reaches_no_header(record: PhotoRecord) -> None:
    """A style may be called anything; only words of the table get out."""
    choice = choose(record, channel="web", taste=taste(**{"Festive\r\nSet-Cookie: a=b": 0.9}))
    assert choice
    assert choice.reason == "style festive (0.90) goes with plinth_arch"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
@given(
    styles=st.lists(
        st.tuples(st.text(max_size=12) | st.sampled_from(["Festive", "minimal"]), SHARE), max_size=3
    ),
    bands=st.lists(st.tuples(st.sampled_from(["low", "middle", "high", "unknown", "\n"]), SHARE), max_size=3),
)
def test_whatever_a_taste_is_called_an_image_comes(
    record: PhotoRecord, styles: list[tuple[str, float]], bands: list[tuple[str, float]]
) -> None:
    """Of the channel that was asked for, the same each time, with a reason that a header can hold."""
    liked = Preferences(
        next=(),
        styles=tuple(Likely(name=name, probability=share) for name, share in styles),
        price_bands=tuple(Likely(name=name, probability=share) for name, share in bands),
        basis=PreferenceBasis(kind="history", visits=3),
    )
    choice = choose(record, channel="web", taste=liked)
    assert choice
    assert choice.image.rendition == "web"
    assert choice.reason.isascii()
    assert choice.reason.isprintable()
    assert choose(record, channel="web", taste=liked) == choice


def test_the_table_of_tastes_names_sets_that_there_are(root: Path) -> None:
    """A set that was renamed would suit nobody."""
    sets = {path.parent.name for path in (root / "layers/sets/src/packshot_sets").glob("*/set.json")}
    tastes = load_tastes()
    assert set(tastes.price_bands) == {"low", "middle", "high"}
    for table in (tastes.styles, tastes.price_bands):
        assert {name for names in table.values() for name in names} <= sets
