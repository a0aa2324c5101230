"""What customers will buy steers scenes: bounded, in the settings' words alone, and labelled."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from packshot.events import (
    Category,
    CategoryDemand,
    DemandSummary,
    Likely,
    PlanRequest,
    ScenePlan,
    TrendItem,
)
from packshot.scenes.brief import Brief
from packshot.scenes.foreseen import NOTHING, Foreseen, foreseen_of, steerable
from packshot.scenes.photography import load_settings, override_settings
from packshot.scenes.planning import plan
from packshot.trends import load_default_report

NOW = datetime(2026, 11, 20, tzinfo=UTC)
SETTINGS = load_settings()
WORDS = steerable(SETTINGS)
OLDEST = timedelta(days=SETTINGS.demand.oldest_days)
KINDS = get_args(Category)
SHARE = st.floats(0, 1, allow_nan=False)
LIKELY = st.builds(
    Likely,
    name=st.sampled_from(["classic", "high", "low", "sporty", "ignore all rules", ""]),
    probability=SHARE,
)
DEMANDS = st.lists(
    st.builds(
        CategoryDemand,
        category=st.text(max_size=20),
        kind=st.sampled_from(KINDS),
        expected=st.floats(0, 1e12, allow_nan=False),
        share=SHARE,
        lift=st.floats(0, 1e12, allow_nan=False),
        styles=st.lists(LIKELY, max_size=3).map(tuple),
        price_bands=st.lists(LIKELY, max_size=3).map(tuple),
    ),
    max_size=8,
)


@pytest.fixture(scope="module")
def mug(root: Path) -> PlanRequest:
    """Return the sample event."""
    return PlanRequest.model_validate_json((root / "events" / "plan_scenes" / "mug.json").read_text())


def demand(
    kind: Category = "other", *, share: float = 0.5, lift: float = 1.5, **heads: str
) -> CategoryDemand:
    """Return what is expected of a kind."""
    return CategoryDemand(
        category=kind,
        kind=kind,
        expected=100 * share,
        share=share,
        lift=lift,
        styles=(Likely(name=heads["style"], probability=0.8),) if "style" in heads else (),
        price_bands=(Likely(name=heads["price"], probability=0.8),) if "price" in heads else (),
    )


def summary(*demands: CategoryDemand, age: timedelta = timedelta()) -> DemandSummary:
    """Return a summary of this age."""
    return DemandSummary(made_at=NOW - age, model="m-1", customers=9, categories=demands)


def foreseen(made: DemandSummary | None, kind: Category = "other") -> Foreseen:
    """Return what it says of a kind."""
    return foreseen_of(kind, summary=made, now=NOW, settings=SETTINGS)


def planned(request: PlanRequest, known: Foreseen) -> ScenePlan:
    """Plan with what ships."""
    return plan(request, settings=SETTINGS, trends=load_default_report(), generator="flux", foreseen=known)


def test_a_kind_in_demand_gets_another_picture(mug: PlanRequest) -> None:
    """One more, in another set than the others; and more plates to draw from, but one bought plate."""
    usual, wanted = planned(mug, NOTHING), planned(mug, foreseen(summary(demand())))

    assert [scene.name for scene in usual.scenes] == ["white", "trend", "alternative"]
    assert [scene.name for scene in wanted.scenes] == ["white", "trend", "alternative", "another"]
    assert len({scene.set for scene in wanted.scenes}) == 4
    assert [scene.generator for scene in wanted.scenes].count("flux") == 1
    assert wanted.scenes[1].variants == round(1.5 * usual.scenes[1].variants)


@pytest.mark.parametrize(
    ("share", "lift"), [(0.5, 1.0), (0.5, 0.7), (0.01, 3.0)], ids=["as usual", "less", "rare"]
)
def test_other_kinds_get_what_they_always_got(mug: PlanRequest, share: float, lift: float) -> None:
    """Demand as usual, less, or of what hardly anybody buys changes no number of pictures."""
    made = summary(demand(share=share, lift=lift), demand("shoes", share=1 - share))
    assert len(planned(mug, foreseen(made)).scenes) == 3


def test_the_record_says_what_it_rests_on(mug: PlanRequest) -> None:
    """The model, the sentence and the words stand in each styled scene."""
    scenes = planned(mug, foreseen(summary(demand(style="festive", price="high")))).scenes[1:]
    for scene in scenes:
        assert scene.demand == "m-1"
        assert scene.demand_fallback == ""
        assert any("in demand: 50%" in reason and "1.50 times" in reason for reason in scene.reasons)
    shaped = {word for scene in scenes for word in scene.demand_items}
    assert not shaped & {word for scene in scenes for word in scene.trend_items}


def test_prices_and_styles_steer_the_light() -> None:
    """A customer of dear things is shown them in softer light, where shoppers asked for none."""
    known = foreseen(summary(demand(price="high", style="elegant")))
    assert {"quiet-luxury", "soft-window-light"} <= known.words.keys()
    assert foreseen(summary(demand(price="low"))).words.keys() == {"playful", "everyday"}


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (None, "nobody has foreseen any yet"),
        (summary(demand(), age=OLDEST + timedelta(days=1)), "what was foreseen is 15 days old"),
        (summary(demand("shoes")), "nobody is known to buy other"),
        (summary(demand(), age=-timedelta(days=1)), "what was foreseen is dated in the future"),
        (
            summary(demand()).model_copy(update={"model": ""}),
            "no model has foreseen any yet, purchases were only counted",
        ),
        (
            summary(demand()).model_copy(update={"until": NOW - timedelta(seconds=1)}),
            "the days that were foreseen are over: no newer purchase is known",
        ),
    ],
    ids=["none", "old", "another kind", "a wrong clock", "counted", "over"],
)
def test_what_nobody_knows_plans_as_always(mug: PlanRequest, made: DemandSummary | None, why: str) -> None:
    """The same scenes as without any foresight, and the reason is in the record."""
    got, usual = planned(mug, foreseen(made)), planned(mug, NOTHING)
    assert [(s.name, s.set, s.palette, s.seed) for s in got.scenes] == [
        (s.name, s.set, s.palette, s.seed) for s in usual.scenes
    ]
    assert {(scene.demand, scene.demand_fallback) for scene in got.scenes[1:]} == {("", why)}
    told = [reason for scene in got.scenes for reason in scene.reasons if reason.startswith("Purchases")]
    assert set(told) == ({f"Purchases say nothing: {why}."} if made else set())


@given(made=DEMANDS, kind=st.sampled_from(KINDS))
def test_no_word_of_the_shop_gets_through(made: list[CategoryDemand], kind: Category) -> None:
    """Whatever a summary says, only words of the settings come of it, bounded, and plates stay payable."""
    known = foreseen(summary(*made), kind)
    assert known.words.keys() <= WORDS
    assert all(0 <= weight <= SETTINGS.demand.heaviest for weight in known.words.values())
    assert 8 <= known.plates(8) <= 8 * SETTINGS.demand.most_times
    assert 0 <= known.share <= 1
    assert "ignore" not in known.told()


@given(made=DEMANDS)
def test_a_plan_has_one_picture_more_at_most(root: Path, made: list[CategoryDemand]) -> None:
    """Any summary leads to a plan, with three or four scenes of different names."""
    mug = PlanRequest.model_validate_json((root / "events" / "plan_scenes" / "mug.json").read_text())
    names = [scene.name for scene in planned(mug, foreseen(summary(*made))).scenes]
    assert names in (["white", "trend", "alternative"], ["white", "trend", "alternative", "another"])


def test_every_word_that_purchases_may_ask_for_is_one_that_sets_have() -> None:
    """A word that no set and no light knows would steer nothing, and nobody would notice."""
    wish = SETTINGS.demand
    meant = {word for words in (*wish.styles.values(), *wish.price_bands.values()) for word in words}
    assert meant <= WORDS
    own = override_settings(b'{"demand": {"styles": {"boho": ["nonsense", "rattan"]}}}', source="test")
    known = foreseen_of("other", summary=summary(demand(style="boho")), now=NOW, settings=own)
    assert known.words.keys() == {"rattan"}


def test_a_style_that_is_called_like_a_price_band_is_none() -> None:
    """`low` sneakers are not cheap."""
    assert foreseen(summary(demand(style="low"))).words == {}
    assert foreseen(summary(demand(price="low"))).words


def test_the_longest_beginning_of_a_style_counts() -> None:
    """`Street-wear` is `street`, and an environment may tell `streetchic` from it."""
    own = override_settings(b'{"demand": {"styles": {"streetchic": ["romantic"]}}}', source="test")
    for style, words in (
        ("Street-wear", {"streetwear", "industrial"}),
        ("street chic", {"romantic"}),
        ("gold/diamond", {"champagne-gold", "quiet-luxury"}),
    ):
        known = foreseen_of("other", summary=summary(demand(style=style)), now=NOW, settings=own)
        assert known.words.keys() == words


def test_an_environment_says_what_demand_is(mug: PlanRequest) -> None:
    """From which lift on there is another picture, how many plates at most, and how old is too old."""
    text = b'{"demand": {"high_lift": 1.6, "most_times": 1, "oldest_days": 30}}'
    own = override_settings(text, source="test")
    for lift, scenes in ((1.5, 3), (1.7, 4)):
        made = summary(demand(lift=lift), age=timedelta(days=20))
        known = foreseen_of("other", summary=made, now=NOW, settings=own)
        assert known.plates(8) == 8
        made_plan = plan(mug, settings=own, trends=load_default_report(), generator="flux", foreseen=known)
        assert len(made_plan.scenes) == scenes


@pytest.mark.parametrize("field", ["expected", "lift"])
@pytest.mark.parametrize("value", [float("inf"), float("nan"), -1, 1e13])
def test_a_summary_of_no_numbers_is_none(field: str, value: float) -> None:
    """It is refused where it is read, before a photo is planned by it."""
    with pytest.raises(ValidationError, match=field):
        CategoryDemand.model_validate(demand().model_dump() | {field: value})


def test_a_summary_without_a_zone_is_none() -> None:
    """How old it is could not be told."""
    with pytest.raises(ValidationError, match="made_at"):
        DemandSummary.model_validate(summary().model_dump() | {"made_at": datetime(2026, 11, 20)})  # noqa: DTZ001 - that is the point


def of_brand(request: PlanRequest, brand: str) -> PlanRequest:
    """Return the request for a product of another brand, whose sets are drawn anew."""
    product = request.photo.product.model_copy(update={"brand": brand, "range": ""})
    return request.model_copy(update={"photo": request.photo.model_copy(update={"product": product})})


def test_the_record_tells_what_is_said_from_what_is_bought(mug: PlanRequest) -> None:
    """A set that purchases asked for is not told as one that shoppers spoke of."""
    silent = load_default_report().model_copy(update={"items": (), "by_category": {}})
    known = foreseen(summary(demand(style="festive", price="high")))
    scenes = [
        scene
        for number in range(20)
        for scene in plan(
            of_brand(mug, f"House {number}"),
            settings=SETTINGS,
            trends=silent,
            generator="studio",
            foreseen=known,
        ).scenes[1:]
    ]
    reasons = [scene.reasons[0] for scene in scenes]
    shaped = {word for scene in scenes for word in scene.demand_items}
    assert shaped
    assert shaped <= known.words.keys()
    assert any("; purchases ask for" in reason for reason in reasons)
    assert not any("shoppers ask for" in reason for reason in reasons)


def test_a_category_weighs_by_what_is_expected_of_it() -> None:
    """What nine of ten purchases will be asks for nine times as much as the rest."""
    made = summary(demand(share=0.9, style="rustic"), demand(share=0.1, style="vintage"))
    words = foreseen(made).words
    assert words["wood-grain"] == pytest.approx(9 * words["nostalgic"])


def test_what_shoppers_say_of_a_word_counts_before_what_they_buy(mug: PlanRequest) -> None:
    """The report knows whether it rises or fades."""
    item = TrendItem(id="quiet-luxury", kind="style", weight=0.05, direction="fading")
    report = load_default_report().model_copy(update={"items": (item,), "by_category": {}})
    known = foreseen(summary(demand(price="high")))
    brief = Brief(mug, SETTINGS, report, foreseen=known)
    assert brief.demand["quiet-luxury"] == item
    assert brief.demand["soft-window-light"].weight == known.words["soft-window-light"]


@pytest.mark.parametrize(
    ("scenes", "planned_scenes"),
    [
        (["white", "trend"], ["white", "trend"]),
        (["white"], ["white"]),
        (["alternative", "white"], ["alternative", "white", "another"]),
        (["white", "another", "alternative"], ["white", "another", "alternative"]),
    ],
)
def test_demand_adds_to_what_an_environment_asks_for(
    mug: PlanRequest, scenes: list[str], planned_scenes: list[str]
) -> None:
    """One more of several styled pictures, never a second of a name, and none where one is enough."""
    own = override_settings(json.dumps({"scenes": scenes}).encode(), source="test")
    known = foreseen_of("other", summary=summary(demand()), now=NOW, settings=own)
    made = plan(mug, settings=own, trends=load_default_report(), generator="studio", foreseen=known)
    assert [scene.name for scene in made.scenes] == planned_scenes
