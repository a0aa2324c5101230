"""SummarizeDemand: what the champion expects, for scenes to follow."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from packshot.events import Champions, DemandRequest, DemandSummary, ModelVersion, SummarizedDemand
from packshot.modelling import samples
from packshot.modelling.evaluating import Bench
from packshot.modelling.snapshotting import joined
from packshot.preferences.ledger import Columns
from packshot.preferences.purchases import DAY
from tests.functions import model_steps as steps
from tests.functions.cases import case_names, read_case
from tests.functions.trend_steps import Loader


def summarized(
    load_function: Loader, on: Bench, *, case: str = "daily", share: float = 1
) -> SummarizedDemand:
    """Foresee demand from the sample."""
    request = DemandRequest.model_validate(read_case("summarize_demand", case))
    sample = request.sample.model_copy(update={"bucket": steps.BUCKET})
    answer: SummarizedDemand = load_function("summarize_demand").summarize_demand(
        request.model_copy(update={"sample": sample, "share": share}), bench=on, now=lambda: steps.NOW
    )
    return answer


def crown(bench: Bench) -> Bench:
    """Let a model be champion."""
    key = bench.write(steps.archive(), key=f"models/{steps.VERSION}/model.tar.gz")
    champion = ModelVersion(
        version=steps.VERSION, archive=key, endpoint_config=steps.VERSION, since=steps.NOW
    )
    assert bench.registry.replace(Champions(champion=champion), mark="")
    return bench


@pytest.fixture
def on() -> Bench:
    """Return a bench whose champion is a model."""
    return crown(steps.bench())


@pytest.mark.parametrize("case", case_names("summarize_demand"))
def test_the_summary_lies_where_scenes_look(load_function: Loader, on: Bench, case: str) -> None:
    """All categories with shares that add up, the day's copy beside it."""
    answer = summarized(load_function, on, case=case)
    demand = DemandSummary.model_validate_json(steps.stored(on, answer.summary))

    assert answer.summary == "demand/latest.json"
    assert answer.categories == len(demand.categories) == len(set(steps.shop().category))
    assert sum(each.share for each in demand.categories) == pytest.approx(1)
    assert [each.expected for each in demand.categories] == sorted(
        (each.expected for each in demand.categories), reverse=True
    )
    assert steps.stored(on, "demand/history/2026-11-20.json") == steps.stored(on, answer.summary)


def test_the_summary_says_until_when_it_foresees(load_function: Loader, on: Bench) -> None:
    """A shop whose files stopped coming is foreseen as of then, however often that is summed up."""
    demand = DemandSummary.model_validate_json(steps.stored(on, summarized(load_function, on).summary))
    newest = datetime.fromtimestamp(steps.shop().time.max(), UTC)
    assert demand.made_at == steps.NOW
    assert demand.until
    assert timedelta(days=30) <= demand.until - newest <= timedelta(days=30, seconds=1)
    assert demand.until < steps.NOW


def test_each_category_is_told_as_what_it_is_photographed_as(load_function: Loader, on: Bench) -> None:
    """By the shop's own word for it; what is none of our kinds is another."""
    demand = DemandSummary.model_validate_json(steps.stored(on, summarized(load_function, on).summary))
    kinds = {each.category: each.kind for each in demand.categories}
    assert (kinds["bag"], kinds["sandals"], kinds["dress"]) == ("bags", "shoes", "dresses")
    assert (kinds["coat"], kinds["belt"]) == ("other", "other")


@pytest.mark.parametrize("has_model", [True, False])
def test_accounts_that_sell_on_make_no_demand(load_function: Loader, *, has_model: bool) -> None:
    """A dealer's 300 orders of belts in a month say nothing of what customers want."""

    def shares(columns: Columns) -> dict[str, float]:
        bench = steps.bench(columns)
        if has_model:
            crown(bench)
        summary = steps.stored(bench, summarized(load_function, bench).summary)
        return {each.category: each.share for each in DemandSummary.model_validate_json(summary).categories}

    shop = steps.shop()
    first = shop.take(np.arange(len(shop)) == 0)
    dealer = replace(
        joined([first] * 300),
        customer=np.array(["dealer"] * 300, dtype=object),
        order=np.array([f"dealer-{number}" for number in range(300)], dtype=object),
        category=np.array(["belt"] * 300, dtype=object),
        time=shop.time.max() - np.linspace(0, 29, 300) * 86_400,
    )
    assert shares(joined([shop, dealer])) == pytest.approx(shares(shop))


def test_expected_purchases_are_near_what_came(load_function: Loader, on: Bench) -> None:
    """In thirty days about as much is bought as in the thirty days before."""
    columns = steps.shop()
    newest = columns.time.max()
    ages = (newest - columns.time) // (30 * 86_400)
    usual = np.mean([(ages == back).sum() for back in range(6)])
    demand = DemandSummary.model_validate_json(steps.stored(on, summarized(load_function, on).summary))
    assert sum(each.expected for each in demand.categories) == pytest.approx(usual, rel=0.4)


def test_a_sample_is_scaled_to_all_customers(load_function: Loader, on: Bench) -> None:
    """A tenth of the customers stands for ten times as many purchases, in the same shares."""
    whole = DemandSummary.model_validate_json(steps.stored(on, summarized(load_function, on).summary))
    tenth = DemandSummary.model_validate_json(
        steps.stored(on, summarized(load_function, on, share=0.1).summary)
    )
    for one, ten in zip(whole.categories, tenth.categories, strict=True):
        assert ten.expected == pytest.approx(10 * one.expected)
        assert ten.share == one.share


def foreseen(load_function: Loader, on: Bench, columns: Columns) -> DemandSummary:
    """Foresee the demand of these customers."""
    key = f"snapshots/{steps.VERSION}/sample.npz"
    on.objects.write(samples.dump(columns), bucket=steps.BUCKET, key=key, media_type="")
    return DemandSummary.model_validate_json(steps.stored(on, summarized(load_function, on).summary))


def total(load_function: Loader, on: Bench, columns: Columns) -> float:
    """Return how many purchases are expected of these customers."""
    return sum(each.expected for each in foreseen(load_function, on, columns).categories)


def test_files_may_come_late(load_function: Loader, on: Bench) -> None:
    """It counts from the newest purchase: beside an empty last year nothing would rise or fall."""
    columns = steps.shop()
    assert steps.NOW.timestamp() - columns.time.max() > 365 * DAY
    lifts = [each.lift for each in foreseen(load_function, on, columns).categories]
    assert max(lifts) > 1.2 * min(lifts)


def test_a_purchase_of_the_future_moves_no_clock(load_function: Loader, on: Bench) -> None:
    """A wrong date makes nobody late: it counts to now at most."""
    columns = steps.shop()
    time = columns.time + (steps.NOW.timestamp() - columns.time.max())
    time[0] = steps.NOW.timestamp() + 3_650 * DAY
    wrong = replace(columns, time=time)
    right = wrong.take(np.arange(len(wrong)) > 0)
    lifts = [
        {each.category: each.lift for each in foreseen(load_function, on, shop).categories}
        for shop in (wrong, right)
    ]
    assert lifts[0] == pytest.approx(lifts[1], rel=0.1)


def test_accounts_that_sell_on_are_left_out(load_function: Loader, on: Bench) -> None:
    """One of them would be a tenth of all demand."""
    columns = steps.shop()
    reseller = np.full(500, "reseller", dtype=object)
    times = columns.time.max() - np.arange(500) * 3_600
    more = Columns(
        *(
            np.concatenate([values, values[:500]])
            for values in (getattr(columns, f.name) for f in fields(Columns))
        )
    )
    more.customer[-500:], more.time[-500:] = reseller, times
    more.order[-500:] = [f"reseller-{number}" for number in range(500)]
    assert total(load_function, on, more) == pytest.approx(total(load_function, on, columns), rel=0.01)


def test_the_machine_hears_which_configurations_are_needed(load_function: Loader, on: Bench) -> None:
    """The champion's, and whose it would go back to."""
    standing = on.registry.standing()
    assert on.registry.replace(
        standing.champions.model_copy(update={"before": steps.SEED}), mark=standing.mark
    )
    assert summarized(load_function, on).kept == (steps.VERSION, steps.SEED.endpoint_config)
    assert summarized(load_function, steps.bench()).kept == (steps.SEED.endpoint_config,)


def test_without_a_model_the_last_30_days_are_counted(load_function: Loader) -> None:
    """So that a newcomer has an answer; no model's name is claimed, of styles and prices nothing."""
    bench = steps.bench()
    answer = summarized(load_function, bench, share=0.5)
    demand = DemandSummary.model_validate_json(steps.stored(bench, answer.summary))

    assert (answer.summary, answer.champion) == ("demand/latest.json", steps.SEED)
    assert (demand.model, demand.categories[0].styles, demand.categories[0].price_bands) == ("", (), ())
    assert sum(each.share for each in demand.categories) == pytest.approx(1)
    columns = steps.shop()
    late = columns.time > columns.time.max() - 30 * 86_400
    assert sum(each.expected for each in demand.categories) == pytest.approx(2 * late.sum(), rel=0.1)


def test_a_model_that_cannot_be_loaded_leaves_the_last_summary(load_function: Loader, on: Bench) -> None:
    """What a model foresaw is better than counting until it is old."""
    before = steps.stored(on, summarized(load_function, on).summary)
    on.write(b"no archive", key=f"models/{steps.VERSION}/model.tar.gz")

    answer = summarized(load_function, on)

    assert (answer.summary, answer.categories) == ("", 0)
    assert steps.stored(on, "demand/latest.json") == before
