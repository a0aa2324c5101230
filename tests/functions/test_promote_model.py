"""PromoteModel: a candidate that answers right on its endpoint is the champion, and no other."""

from datetime import timedelta

import pytest

from packshot.errors import RetryLater
from packshot.events import Champions, PromotedModel, PromotionRequest
from packshot.model_ports import Standing
from packshot.modelling.golden import GoldenLine, GoldenQuestion, GoldenQuestions
from packshot.modelling.promoting import ON_TRIAL, Stage
from packshot.testing.model_registry import MemoryModelRegistry
from packshot.testing.objects import MemoryObjects
from tests.functions import model_steps as steps
from tests.functions.cases import case_names, read_case
from tests.functions.trend_steps import Loader

GOLDEN = GoldenQuestions(
    version=steps.VERSION,
    questions=(
        GoldenQuestion(now=1e9, purchases=(), category="shoes", probability=0.3),
        GoldenQuestion(
            now=1e9, purchases=(GoldenLine(time=1, category="shoes"),), category="shoes", probability=0.4
        ),
    ),
)
RIGHT = [steps.told(0.3), steps.told(0.4)]


def stage(*answers: bytes | None) -> Stage:
    """Return a stage on which the endpoint gives these answers."""
    objects = MemoryObjects()
    key = read_case("promote_model", "weekly")["golden"]
    objects.write(GOLDEN.model_dump_json().encode(), bucket=steps.BUCKET, key=key, media_type="")
    registry = MemoryModelRegistry(seed=steps.SEED)
    return Stage(registry, steps.ScriptedEndpoint(list(answers)), objects, steps.BUCKET)


def promoted(load_function: Loader, on: Stage, case: str = "weekly") -> PromotedModel:
    """Promote the sample's candidate."""
    request = PromotionRequest.model_validate(read_case("promote_model", case))
    answer: PromotedModel = load_function("promote_model").promote_model(
        request, stage=on, now=lambda: steps.NOW
    )
    return answer


@pytest.mark.parametrize("case", case_names("promote_model"))
def test_right_answers_make_a_champion(load_function: Loader, case: str) -> None:
    """The registry names it, and who served before."""
    on = stage(*RIGHT)
    answer = promoted(load_function, on, case)

    assert answer.promoted
    champions = on.registry.standing().champions
    assert champions.champion == answer.champion
    assert champions.champion.version == champions.champion.endpoint_config == steps.VERSION
    assert champions.before == steps.SEED


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ([None], "ModelError"),
        ([steps.told(0.3), steps.told(0.41)], "0.4100 was told where 0.4000 is right"),
        ([steps.told(0.3, category="bags")], "shoes: nan was told where 0.3000 is right"),
        ([steps.told(0.3, model="another")], "another answered"),
        ([steps.told(0.3, model="")], "no model answered"),
        ([b"{}"], "not what it should be"),
        ([b"<html>"], "not what it should be"),
    ],
)
def test_wrong_answers_change_nothing(load_function: Loader, answers: list[bytes | None], why: str) -> None:
    """The reason says which question, and who serves is who did."""
    on = stage(*answers)
    answer = promoted(load_function, on)

    assert not answer.promoted
    assert why in answer.why
    assert answer.champion == steps.SEED
    assert on.registry.standing().champions == Champions(champion=steps.SEED)


def test_a_second_call_changes_nothing(load_function: Loader) -> None:
    """A repeated state is told what the first one did; who was before stays who was before."""
    on = stage(*RIGHT)
    first = promoted(load_function, on)
    assert promoted(load_function, on) == first
    assert on.registry.standing().champions.before == steps.SEED


def test_somebody_else_s_writing_is_seen(load_function: Loader) -> None:
    """Between reading and writing the registry an alarm took the champion away: it is looked at again."""
    on = stage(*RIGHT)

    class Racing:
        """Lets another one write first, once."""

        def standing(self) -> Standing:
            return on.registry.standing()

        def replace(self, champions: Champions, *, mark: str) -> bool:
            other = champions.model_copy(update={"champion": steps.SEED, "before": None})
            assert on.registry.replace(other, mark=mark)
            return on.registry.replace(champions, mark=mark)

    racing = Stage(Racing(), on.endpoint, on.objects, on.bucket)
    with pytest.raises(RetryLater):
        promoted(load_function, racing)
    assert on.registry.standing().champions.champion == steps.SEED


def test_a_week_on_trial() -> None:
    """Long enough for a weekly shop to show what a model does, and no longer than until the next one."""
    assert timedelta(days=1) < ON_TRIAL <= timedelta(days=7)
