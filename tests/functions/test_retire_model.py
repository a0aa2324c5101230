"""RetireModel: the model before serves again, once, and only while this one is new."""

from datetime import timedelta

import pytest

from packshot.errors import RetryLater
from packshot.events import Champions, ModelVersion, RetiredModel, RetirementRequest
from packshot.model_ports import Standing
from packshot.testing.model_registry import MemoryModelRegistry
from tests.functions import model_steps as steps
from tests.functions.cases import case_names, read_case
from tests.functions.trend_steps import Loader

NEW = ModelVersion(
    version="new",
    archive="models/new/model.tar.gz",
    endpoint_config=steps.VERSION,
    since=steps.NOW - timedelta(hours=1),
)


def registry(champion: ModelVersion = NEW, before: ModelVersion | None = steps.SEED) -> MemoryModelRegistry:
    """Return a registry in which these serve and served."""
    found = MemoryModelRegistry(seed=steps.SEED)
    assert found.replace(Champions(champion=champion, before=before), mark="")
    return found


def retired(load_function: Loader, on: object, case: str = "alarm") -> RetiredModel:
    """Retire the champion."""
    request = RetirementRequest.model_validate(read_case("retire_model", case))
    answer: RetiredModel = load_function("retire_model").retire_model(
        request, registry=on, now=lambda: steps.NOW
    )
    return answer


@pytest.mark.parametrize("case", case_names("retire_model"))
def test_the_model_before_is_champion_again(load_function: Loader, case: str) -> None:
    """The registry keeps who had to leave, and why."""
    on = registry()
    answer = retired(load_function, on, case)

    assert answer.retired
    champions = on.standing().champions
    assert champions.champion == answer.champion
    assert answer.champion.endpoint_config == steps.SEED.endpoint_config
    assert champions.retired[-1].startswith("new: the alarm rang")


def test_who_returns_is_new_and_the_list_of_the_retired_is_short(load_function: Loader) -> None:
    """An alarm that comes at once is held against it, and twenty reasons are enough to read."""
    on = MemoryModelRegistry(seed=steps.SEED)
    long = tuple(f"old-{number}: ill" for number in range(20))
    assert on.replace(Champions(champion=NEW, before=steps.SEED, retired=long), mark="")
    answer = retired(load_function, on)

    assert answer.champion.since == steps.NOW
    told = on.standing().champions.retired
    assert (len(told), told[0]) == (20, "old-1: ill")


def test_two_alarms_do_not_go_to_and_fro(load_function: Loader) -> None:
    """After a return there is nobody to go back to."""
    on = registry()
    retired(load_function, on)
    again = retired(load_function, on)

    assert not again.retired
    assert again.champion.version == steps.SEED.version


def test_an_old_champion_is_not_at_fault(load_function: Loader) -> None:
    """What broke after weeks of service is something else."""
    old = NEW.model_copy(update={"since": steps.NOW - timedelta(days=8)})
    on = registry(old)

    assert "look elsewhere" in retired(load_function, on).why
    assert on.standing().champions.champion == old


def test_a_candidate_takes_no_champion_with_it(load_function: Loader) -> None:
    """It was ill before it was anything: the run hears who is champion by now, and nothing is written."""
    on = registry()
    request = RetirementRequest(reason="ill", candidate="newest")
    answer = load_function("retire_model").retire_model(request, registry=on, now=lambda: steps.NOW)

    assert not answer.retired
    assert answer.champion == NEW
    assert on.standing() == registry().standing()


def test_what_does_not_serve_is_not_at_fault(load_function: Loader) -> None:
    """A candidate was on trial when the alarm rang, or a deployment had put the seed back."""
    on = registry()
    for serving, leaves in (("newest", False), (NEW.endpoint_config, True)):
        request = RetirementRequest(reason="the alarm rang", serving=serving)
        answer = load_function("retire_model").retire_model(request, registry=on, now=lambda: steps.NOW)
        assert answer.retired is leaves
    assert on.standing().champions.champion.version == steps.SEED.version


def test_the_seed_has_nobody_before(load_function: Loader) -> None:
    """A new deployment's endpoint fails: somebody is woken, nothing changes."""
    assert not retired(load_function, MemoryModelRegistry(seed=steps.SEED)).retired


def test_a_lost_race_is_run_again(load_function: Loader) -> None:
    """Somebody wrote the registry meanwhile: the state is repeated and looks again."""
    inner = registry()

    class Losing:
        """Never gets to write."""

        def standing(self) -> Standing:
            return inner.standing()

        def replace(self, champions: Champions, *, mark: str) -> bool:
            return inner.replace(champions, mark=f"not {mark}")

    with pytest.raises(RetryLater):
        retired(load_function, Losing())
