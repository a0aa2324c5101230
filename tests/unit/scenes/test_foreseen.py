"""What customers will buy steers scenes: bounded, in the settings' words alone, and labelled."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packshot.events import Category, CategoryDemand, DemandSummary, Likely, PlanRequest, ScenePlan
from packshot.scenes.foreseen import (
    MOST_TIMES,
    NOTHING,
    OLDEST,
    Foreseen,
    foreseen_of,
    steerable,
)
from packshot.scenes.photography import load_settings
from packshot.scenes.planning import plan
from packshot.trends import load_default_report

NOW = datetime(2026, 11, 20, tzinfo=UTC)
SETTINGS = load_settings()
WORDS = steerable(SETTINGS)
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
        expected=st.floats(0, 1e6, allow_nan=False),
        share=SHARE,
        lift=st.floats(0, 1e3, allow_nan=False),
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
    return foreseen_of(kind, summary=made, now=NOW, words=WORDS)


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
    ],
    ids=["none", "old", "another kind"],
)
def test_what_nobody_knows_plans_as_always(mug: PlanRequest, made: DemandSummary | None, why: str) -> None:
    """The same scenes as without any foresight, and the reason is in the record."""
    got, usual = planned(mug, foreseen(made)), planned(mug, NOTHING)
    assert [(s.name, s.set, s.palette, s.seed) for s in got.scenes] == [
        (s.name, s.set, s.palette, s.seed) for s in usual.scenes
    ]
    assert {scene.demand_fallback for scene in got.scenes[1:]} == {why}


@given(made=DEMANDS, kind=st.sampled_from(KINDS))
def test_no_word_of_the_shop_gets_through(made: list[CategoryDemand], kind: Category) -> None:
    """Whatever a summary says, only words of the settings come of it, bounded, and plates stay payable."""
    known = foreseen(summary(*made), kind)
    assert known.words.keys() <= WORDS
    assert all(0 <= weight <= 1 for weight in known.words.values())
    assert 8 <= known.plates(8) <= 8 * MOST_TIMES
    assert 0 <= known.share <= 1
    assert "ignore" not in known.told()


@given(made=DEMANDS)
def test_a_plan_has_one_picture_more_at_most(root: Path, made: list[CategoryDemand]) -> None:
    """Any summary leads to a plan, with three or four scenes of different names."""
    mug = PlanRequest.model_validate_json((root / "events" / "plan_scenes" / "mug.json").read_text())
    names = [scene.name for scene in planned(mug, foreseen(summary(*made))).scenes]
    assert names in (["white", "trend", "alternative"], ["white", "trend", "alternative", "another"])
