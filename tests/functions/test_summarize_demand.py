"""SummarizeDemand: what the champion expects, for scenes to follow."""

import numpy as np
import pytest

from packshot.events import Champions, DemandRequest, DemandSummary, ModelVersion, SummarizedDemand
from packshot.modelling.evaluating import Bench
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


def test_without_a_model_nothing_is_foreseen(load_function: Loader) -> None:
    """The seed counts and foresees nothing; the last summary stands."""
    bench = steps.bench()
    answer = summarized(load_function, bench)

    assert (answer.summary, answer.categories) == ("", 0)
    assert answer.champion == steps.SEED
    assert not bench.objects.exists(bucket=steps.BUCKET, key="demand/latest.json")
