"""SummarizeDemand: what the champion expects, for scenes to follow."""

from dataclasses import fields, replace

import numpy as np
import pytest

from packshot.events import Champions, DemandRequest, DemandSummary, ModelVersion, SummarizedDemand
from packshot.modelling import samples
from packshot.modelling.evaluating import Bench
from packshot.modelling.snapshotting import take
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


@pytest.fixture
def on() -> Bench:
    """Return a bench whose champion is a model."""
    found = steps.bench()
    key = found.write(steps.archive(), key=f"models/{steps.VERSION}/model.tar.gz")
    champion = ModelVersion(
        version=steps.VERSION, archive=key, endpoint_config=steps.VERSION, since=steps.NOW
    )
    assert found.registry.replace(Champions(champion=champion), mark="")
    return found


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
    right = take(wrong, np.arange(len(wrong)) > 0)
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


def test_without_a_model_nothing_is_foreseen(load_function: Loader) -> None:
    """The seed counts and foresees nothing; the last summary stands."""
    bench = steps.bench()
    answer = summarized(load_function, bench)

    assert (answer.summary, answer.categories) == ("", 0)
    assert answer.champion == steps.SEED
    assert not bench.objects.exists(bucket=steps.BUCKET, key="demand/latest.json")
