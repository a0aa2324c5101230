"""A candidate is judged by what it has not seen, and a worse one is refused with the reason."""

import json
from dataclasses import fields, replace

import numpy as np
import pytest

from packshot.preferences.choosing import Calibration
from packshot.preferences.evaluation import BASELINE, SHIFTED, Evaluation, chance_error, evaluate
from packshot.preferences.ledger import Columns
from packshot.preferences.predictor import Predictor
from packshot.preferences.purchases import DAY
from packshot.preferences.simulator import Simulation


def cut(columns: Columns, rows: np.ndarray) -> Columns:
    """Return some rows."""
    return Columns(*(getattr(columns, field.name)[rows] for field in fields(Columns)))


def blurred(predictor: Predictor, temperature: float) -> Predictor:
    """Return a model that is too sure (below 1) or says nothing (far above)."""
    calibration = Calibration(predictor.choice.calibration.blend, temperature)
    return replace(predictor, version="other", choice=replace(predictor.choice, calibration=calibration))


@pytest.fixture(scope="module")
def alone(predictor: Predictor, simulation: Simulation) -> Evaluation:
    """Return the verdict where nothing serves yet."""
    return evaluate(predictor, None, simulation.columns)


def test_a_good_candidate_is_promoted(alone: Evaluation) -> None:
    """It beats the simple answer on days that it was not fitted on, and the report says by how much."""
    assert alone.promote
    assert alone.scores["candidate"].log_loss < alone.scores[BASELINE].log_loss
    assert "below that of frequency + Markov" in alone.reasons[0]
    assert alone.champion is None
    assert alone.against_champion is None


def test_it_is_judged_by_days_kept_apart(
    alone: Evaluation, predictor: Predictor, simulation: Simulation
) -> None:
    """The judging days begin where fitting ended and reach to the last purchase."""
    assert alone.since == predictor.fitted_until
    assert alone.until == pytest.approx(simulation.columns.time.max(), abs=2)
    assert 30 <= (alone.until - alone.since) / DAY < 31
    late = simulation.columns.time >= alone.since
    assert alone.moments <= late.sum()
    assert alone.customers <= len(set(simulation.columns.customer[late]))


def test_purchases_after_a_moment_do_not_judge_it(predictor: Predictor, simulation: Simulation) -> None:
    """With the last ten days cut off, the moments before them are told alike."""
    columns = simulation.columns
    until = columns.time.max() - 10 * DAY
    whole, part = (evaluate(predictor, None, c) for c in (columns, cut(columns, columns.time < until)))
    assert part.moments < whole.moments
    assert part.scores["candidate"].log_loss == pytest.approx(whole.scores["candidate"].log_loss, abs=0.25)


def test_a_worse_candidate_is_refused(predictor: Predictor, simulation: Simulation) -> None:
    """Beside a good champion one that is far too sure is refused, and the report names what is wrong."""
    verdict = evaluate(blurred(predictor, 0.25), predictor, simulation.columns)
    assert not verdict.promote
    said = " ".join(verdict.reasons)
    assert "above the champion's" in said
    assert "calibration error" in said
    assert "above that of frequency + Markov" in said


def test_a_candidate_that_says_nothing_is_refused(predictor: Predictor, simulation: Simulation) -> None:
    """Where nobody serves yet, counting is the bar."""
    verdict = evaluate(blurred(predictor, 50.0), None, simulation.columns)
    assert not verdict.promote
    assert f"above that of {BASELINE}" in verdict.reasons[0]


def test_the_champion_itself_is_as_good(predictor: Predictor, simulation: Simulation) -> None:
    """The same model is no worse than itself, and is promoted."""
    verdict = evaluate(predictor, predictor, simulation.columns)
    assert verdict.promote
    assert verdict.against_champion is not None
    assert (verdict.against_champion.low, verdict.against_champion.high) == (0.0, 0.0)


def test_too_few_purchases_judge_nothing(predictor: Predictor, simulation: Simulation) -> None:
    """With hardly anybody coming again no model is promoted."""
    columns = simulation.columns
    some = (columns.time < predictor.fitted_until) | (np.arange(len(columns)) % 40 == 0)
    verdict = evaluate(predictor, None, cut(columns, some))
    assert not verdict.promote
    assert "too few" in verdict.reasons[0]


def test_nothing_after_fitting_judges_nothing(predictor: Predictor, simulation: Simulation) -> None:
    """Without a single later purchase there is a verdict all the same: no."""
    columns = simulation.columns
    for rows in (columns.time < predictor.fitted_until, np.zeros(len(columns), dtype=bool)):
        verdict = evaluate(predictor, predictor, cut(columns, rows))
        assert not verdict.promote
        assert json.loads(verdict.to_json())["moments"] == 0


def test_who_never_came_before_judges_nothing(predictor: Predictor, simulation: Simulation) -> None:
    """Where all customers came after fitting, there is nothing to compare with, and that is no error."""
    columns = simulation.columns
    late = columns.time >= predictor.fitted_until
    verdict = evaluate(predictor, None, cut(columns, late))
    assert not verdict.promote
    assert "nothing can be judged" in verdict.reasons[0]


def test_a_report_is_plain_json(alone: Evaluation) -> None:
    """What could not be measured is null, never NaN."""
    report = json.loads(alone.to_json(), parse_constant=lambda name: pytest.fail(f"{name} in the report"))
    assert report["promote"] is True
    assert report["scores"]["candidate"].keys() >= {"log_loss", "acc1", "acc3", "auc", "ece"}
    assert report["within_30_days"]["candidate"]["auc"] > 0.5


def test_a_shift_of_the_inputs_is_named(predictor: Predictor, simulation: Simulation) -> None:
    """When everybody suddenly pays ten times as much, the report says that spending has shifted."""
    columns = simulation.columns
    dear = np.where(columns.time >= predictor.fitted_until - 20 * DAY, 10.0, 1.0)
    verdict = evaluate(predictor, None, replace(columns, price=columns.price * dear))
    drifts = {drift.name: drift.index for drift in verdict.inputs_drift}
    assert drifts["spend a visit"] > SHIFTED
    assert any(reason.startswith("shifted: spend a visit (index ") for reason in verdict.reasons)


def test_what_did_not_shift_is_not_said_to(alone: Evaluation) -> None:
    """The index of spending is small where nobody's spending changed, and above nothing."""
    drifts = {drift.name: drift.index for drift in alone.inputs_drift}
    assert 0 <= drifts.get("spend a visit", 0.0) < SHIFTED
    assert not any("spend a visit" in reason for reason in alone.reasons)
    assert alone.told_drift > 0


def test_chance_alone_makes_an_error() -> None:
    """Perfectly calibrated answers seem wrong where there are few, and hardly where there are many."""
    few, many = (chance_error(np.full((n, 2), 0.5), seed=0) for n in (50, 20_000))
    assert few > 0.05
    assert many < 0.01
