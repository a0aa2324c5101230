"""EvaluateModel: what may serve is kept with its golden questions, what may not with its reasons."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest

from packshot.errors import DamagedArtifact
from packshot.events import Champions, EvaluatedModel, EvaluationRequest
from packshot.modelling.archives import LARGEST, open_archive
from packshot.modelling.golden import read_golden
from tests.functions import model_steps as steps
from tests.functions.cases import case_names, read_case
from tests.functions.trend_steps import Loader

_SWOLLEN = 401_000_000


def judged(load_function: Loader, on: Any, case: str = "weekly") -> EvaluatedModel:  # noqa: ANN401 - a Bench
    """Judge the sample's candidate on this bench."""
    request = EvaluationRequest.model_validate(read_case("evaluate_model", case))
    request = request.model_copy(
        update={"sample": request.sample.model_copy(update={"bucket": steps.BUCKET})}
    )
    answer: EvaluatedModel = load_function("evaluate_model").evaluate_model(
        request, objects=on.objects, bucket=on.bucket, registry=on.registry, now=lambda: steps.NOW
    )
    return answer


@pytest.mark.parametrize("case", case_names("evaluate_model"))
def test_a_good_candidate_may_serve(load_function: Loader, case: str) -> None:
    """Its archive, its golden questions and its report lie where the machine is told."""
    on = steps.bench()
    body = steps.archive()
    key = steps.put(on, body)
    answer = judged(load_function, on, case)

    assert answer.promote, answer.reasons
    assert answer.champion == steps.SEED
    assert answer.archive == f"models/{steps.VERSION}/model.tar.gz" != key
    assert steps.stored(on, answer.archive) == body
    report = json.loads(steps.stored(on, answer.report))
    assert report["candidate"] == steps.VERSION
    assert report["scores"]["candidate"]["log_loss"] < report["scores"]["frequency + Markov"]["log_loss"]


def test_golden_questions_are_made_up(load_function: Loader) -> None:
    """From nobody at all to a regular customer, and no purchase of the shop's is among them."""
    on = steps.bench()
    steps.put(on, steps.archive())
    golden = read_golden(steps.stored(on, judged(load_function, on).golden))

    assert [len(each.purchases) for each in golden.questions] == list(range(len(golden.questions)))
    times = {line.time for each in golden.questions for line in each.purchases}
    assert not times & set(steps.shop().time)
    assert len({each.probability for each in golden.questions}) > 2


def test_a_candidate_that_learned_nothing_may_not(load_function: Loader) -> None:
    """Nothing of it lies among the models, and its report says why."""
    on = steps.bench()
    steps.put(on, steps.archive(is_shuffled=True))
    answer = judged(load_function, on)

    assert not answer.promote
    assert any("log-loss" in reason for reason in answer.reasons)
    assert answer.golden == ""
    assert not on.objects.exists(bucket=steps.BUCKET, key=f"models/{steps.VERSION}/model.tar.gz")
    assert json.loads(steps.stored(on, answer.report))["promote"] is False


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (lambda: b"", "DamagedArtifact"),
        (lambda: b"no archive", "DamagedArtifact"),
        (lambda: b"{}", "DamagedArtifact"),
        (lambda: bytes(LARGEST + 1), "OversizedObject"),
    ],
    ids=["empty", "text", "json", "huge"],
)
def test_an_archive_that_cannot_be_opened_is_refused(
    load_function: Loader, body: Callable[[], bytes], why: str
) -> None:
    """The reason names what it is, and is kept as every verdict is; nothing fails."""
    on = steps.bench()
    steps.put(on, body())
    answer = judged(load_function, on)

    assert not answer.promote
    assert answer.reasons[0].startswith(why)
    report = json.loads(steps.stored(on, answer.report))
    assert report == {"candidate": steps.VERSION, "promote": False, "reasons": [answer.reasons[0]]}


def test_an_archive_that_swells_is_damaged() -> None:
    """A megabyte may unpack to a gigabyte; it is not unpacked to find out."""
    with pytest.raises(DamagedArtifact, match="holds more than"):
        open_archive(gzip.compress(bytes(_SWOLLEN), compresslevel=1))


@pytest.mark.parametrize("part", range(1, 24))
def test_an_archive_that_was_garbled_on_its_way_is_damaged(part: int) -> None:
    """Wherever the compressed stream breaks off, and even where a model of it would load."""
    body = bytearray(steps.archive())
    at = len(body) * part // 24
    body[at : at + 8] = bytes(0xFF ^ each for each in body[at : at + 8])
    with pytest.raises(DamagedArtifact):
        open_archive(bytes(body))


def test_a_candidate_that_is_not_there_is_refused(load_function: Loader) -> None:
    """A training that left nothing behind has no model to serve."""
    answer = judged(load_function, steps.bench())

    assert not answer.promote
    assert answer.reasons[0].startswith("MissingObject")


def test_the_champion_is_the_bar(load_function: Loader) -> None:
    """A candidate is scored beside who serves, on the same days, and the report has both."""
    on = steps.bench()
    steps.put(on, steps.archive(is_shuffled=True))
    key = on.write(steps.archive(), key="models/old/model.tar.gz")
    old = steps.SEED.model_copy(update={"version": "old", "archive": key})
    assert on.registry.replace(Champions(champion=old), mark="")
    answer = judged(load_function, on)

    assert not answer.promote
    assert any("above the champion's" in reason for reason in answer.reasons)
    scores = json.loads(steps.stored(on, answer.report))["scores"]
    assert scores["champion"]["log_loss"] < scores["candidate"]["log_loss"]


def test_a_champion_that_cannot_be_opened_keeps_nobody_out(load_function: Loader) -> None:
    """Then the simple answers are the bar; a new XGBoost must not end all training."""
    on = steps.bench()
    steps.put(on, steps.archive())
    on.write(b"of an older version", key="models/old/model.tar.gz")
    old = steps.SEED.model_copy(update={"version": "old", "archive": "models/old/model.tar.gz"})
    on.registry.replace(on.registry.standing().champions.model_copy(update={"champion": old}), mark="")
    answer = judged(load_function, on)

    assert answer.promote
    assert answer.champion == old
