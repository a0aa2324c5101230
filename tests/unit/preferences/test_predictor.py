"""Whatever the history, an answer is made of probabilities, and of the past alone."""

from dataclasses import replace

import numpy as np
import pytest
import xgboost
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from packshot.preferences.features import LONGEST_HISTORY, feature_names
from packshot.preferences.ledger import Ledger, ledger_of, occasions
from packshot.preferences.metrics import area
from packshot.preferences.predictor import Answer, Predictor, remembered
from packshot.preferences.purchases import DAY, Purchase, encode, visits
from packshot.preferences.reasons import Story, because
from packshot.preferences.simulator import BRANDS, CATEGORIES, STYLES, Simulation
from packshot.preferences.tables import outlooks
from packshot.preferences.world import World

NOW = 18_900.5 * DAY
HISTORIES = st.lists(
    st.builds(
        Purchase,
        time=st.floats(18_200 * DAY, 19_000 * DAY),
        category=st.sampled_from((*CATEGORIES, "hovercraft")),
        price=st.none() | st.floats(0, 1e6),
        brand=st.sampled_from((*BRANDS, "", "unheard of")),
        style=st.sampled_from((*STYLES, "")),
        item=st.sampled_from(("shoes-alder", "coat-elm", "")),
        discount=st.none() | st.floats(0, 1),
    ),
    max_size=12,
)
FEW = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def asked(predictor: Predictor, history: list[Purchase], now: float = NOW) -> Answer:
    """Return the answer to a history."""
    return predictor.answer(encode(history, tables=predictor.vocabulary.tables()), now=now)


@FEW
@given(HISTORIES)
def test_an_answer_is_made_of_probabilities(predictor: Predictor, history: list[Purchase]) -> None:
    """Three categories, likeliest first, each with words; 90 days are no less likely than 30."""
    answer = asked(predictor, history)
    shares = [entry.probability for entry in answer.next]
    assert len(shares) == 3
    assert shares == sorted(shares, reverse=True)
    assert 0 < sum(shares) <= 1 + 1e-9
    for entry in answer.next:
        assert entry.because
        if answer.visits:
            assert 0 < (entry.within_30_days or 0) <= (entry.within_90_days or 0) < 1
        else:
            assert entry.within_30_days is entry.within_90_days is None
    for head in (answer.brands, answer.styles, answer.price_bands):
        told = [entry.probability for entry in head]
        assert told == sorted(told, reverse=True)
        assert 0 < sum(told) <= 1 + 1e-9


@FEW
@given(HISTORIES)
def test_nothing_from_now_on_is_seen(predictor: Predictor, history: list[Purchase]) -> None:
    """Future purchases change nothing of an answer."""
    past = [purchase for purchase in history if purchase.time < NOW]
    assert asked(predictor, history) == asked(predictor, past)


def test_unknown_categories_alone_are_no_history(predictor: Predictor) -> None:
    """Who bought nothing that is known is told what customers buy now, which has adds up to one in all."""
    answer = asked(predictor, [Purchase(time=NOW - DAY, category="hovercraft")])
    assert answer.visits == 0
    assert answer == asked(predictor, [])
    assert answer.next[0].because == "what customers buy most now"


def test_newcomers_are_told_what_was_popular_within_a_month(predictor: Predictor) -> None:
    """Of whom nothing is known the shop's own shares are told, likeliest first."""
    shares = dict(zip(predictor.vocabulary.categories, predictor.world.popularity(now=NOW)[1], strict=True))
    told = {entry.category: entry.probability for entry in asked(predictor, []).next}
    assert told == {name: shares[name] for name in sorted(shares, key=lambda name: -shares[name])[:3]}


def test_reasons_are_chosen_by_shap(predictor: Predictor, known: Ledger) -> None:
    """What is said is what the first ensemble's SHAP values, feature by feature, say most for."""
    now = float(known.lines.time.max()) + DAY
    for customer in range(6):
        history = list(visits(known.of(customer), before=now))
        features = predictor.outcome(history, now=now).features
        shares = predictor.choice.boosters[0].predict(xgboost.DMatrix(features), pred_contribs=True)
        memory = remembered(history, categories=len(features))
        story = Story(memory, predictor.world, predictor.vocabulary, now)
        for entry in predictor.answer(known.of(customer), now=now).next:
            code = predictor.vocabulary.categories.index(entry.category)
            named = dict(zip(feature_names(), shares[code], strict=False))
            row = np.array([named[name] for name in feature_names()], dtype=np.float64)
            assert entry.because == because(row, story=story, category=code)


def test_the_oldest_purchases_are_left_out_and_counted(predictor: Predictor) -> None:
    """Of a longer history the last visits count; lines before them change nothing."""
    days = [Purchase(time=NOW - DAY * (n + 1), category="belt", price=20.0) for n in range(LONGEST_HISTORY)]
    old = [Purchase(time=NOW - DAY * (900 + n), category="coat", price=9.0) for n in range(7)]
    whole, cut = asked(predictor, [*old, *days]), asked(predictor, days)
    assert (whole.left_out, cut.left_out) == (7, 0)
    assert whole.next == cut.next
    assert whole.visits == LONGEST_HISTORY


def test_what_is_within_30_days_is_told_about_right(predictor: Predictor, known: Ledger) -> None:
    """On the days kept apart as much is expected as comes, within two fifths, and in the right order."""
    visits = list(occasions(known))
    found = outlooks(visits, world=World(predictor.vocabulary), days=[predictor.fitted_until], within=30)
    soon, later = predictor.within(found.features)
    assert soon.mean() == pytest.approx(found.bought.mean(), rel=0.4)
    assert (later >= soon).all()
    assert area(soon.ravel(), found.bought.ravel()) > 0.6


def test_ninety_days_are_never_less_likely_than_thirty(predictor: Predictor, known: Ledger) -> None:
    """Even where two models contradict each other: who buys within 30 days does so within 90."""
    turned = replace(predictor, soon=predictor.later, later=predictor.soon)
    now = float(known.lines.time.max()) + DAY
    for entry in turned.answer(known.of(0), now=now).next:
        assert (entry.within_30_days or 1) <= (entry.within_90_days or 0)
    history = list(visits(known.of(0), before=now))
    soon, later = turned.within(turned.outcome(history, now=now).features[None])
    assert (soon <= later).all()
    assert (soon > predictor.within(turned.outcome(history, now=now).features[None])[0]).any()


def test_thrift_and_loyalty_are_told(predictor: Predictor, simulation: Simulation) -> None:
    """Planted habits show in the heads: who waits for sales is told lower prices, who is loyal the brand."""
    ledger = ledger_of(simulation.columns, vocabulary=predictor.vocabulary)
    now = float(ledger.lines.time.max()) + DAY
    low: dict[bool, list[float]] = {True: [], False: []}
    sure: dict[bool, list[float]] = {True: [], False: []}
    for number, name in enumerate(ledger.customers):
        answer = predictor.answer(ledger.of(number), now=now)
        if answer.visits >= 8:
            bands = {entry.name: entry.probability for entry in answer.price_bands}
            low[name in simulation.thrifty].append(bands["low"])
            sure[name in simulation.loyal].append(answer.brands[0].probability)
    assert np.mean(low[True]) > 1.5 * np.mean(low[False])
    assert np.mean(sure[True]) > 1.5 * np.mean(sure[False])
