"""Any shop's file is split, asked and scored, or it is said why not."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from packshot.errors import InvalidPurchases
from packshot.preferences.ledger import Columns, coded
from packshot.preferences.predictor import Predictor
from packshot.preferences.purchases import DAY
from packshot.preferences.simulator import Simulation
from tests.benchmarks.preferences import Stage, foresee, intervals, other_heads, plain, stage, visitors_of
from tests.benchmarks.purchase_files import Shop, from_file, judged_from, rows_of


def seconds(day: str) -> float:
    """Return when a day begins."""
    return float(np.datetime64(day, "s").astype(np.int64))


@pytest.fixture(scope="module")
def shop(simulation: Simulation, predictor: Predictor) -> Shop:
    """Return all of the small shop, tested where its predictor was no longer fitted."""
    return Shop("all", simulation.columns, predictor.fitted_until)


@pytest.fixture(scope="module")
def halves(shop: Shop) -> tuple[Shop, Shop]:
    """Return its customers as two shops."""
    _, who = coded(shop.columns.customer)
    one, other = (replace(shop, columns=rows_of(shop.columns, who % 2 == part)) for part in (0, 1))
    return one, other


@pytest.fixture(scope="module")
def parts(shop: Shop, predictor: Predictor) -> Stage:
    """Return the moments that it is measured by."""
    words = predictor.vocabulary
    return stage(visitors_of(shop, None, vocabulary=words), vocabulary=words)


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [
        ("2018-12-01", "2021-12-01", "2021-09-01"),
        ("2020-01-10", "2021-12-20", "2021-11-01"),
        ("2021-01-01", "2021-06-30", "2021-06-01"),
        ("2021-05-20", "2021-06-14", "2021-06-07"),
        ("2021-06-03", "2021-06-07", "2021-06-06"),
    ],
)
def test_the_end_of_a_file_is_its_test(begin: str, end: str, expected: str) -> None:
    """One month of twelve, at most three, not counting a last one of days; of weeks the last quarter."""
    assert judged_from(np.array([seconds(begin), seconds(end)])) == seconds(expected)


def test_a_file_of_nothing_is_said_to_be_so(tmp_path: Path) -> None:
    """Where no row says who, what and when, nothing is measured."""
    rows = {"user": ["", "a", None], "ts": [1.6e9, None, 1.6e9], "cat": ["x", "x", "x"]}
    pq.write_table(pa.table(rows), tmp_path / "shop.parquet")
    with pytest.raises(InvalidPurchases, match="none of 3 rows"):
        from_file(tmp_path / "shop.parquet")


def test_rows_of_no_use_are_counted(tmp_path: Path) -> None:
    """The others are the shop."""
    rows = {"user": ["a", "a", None], "ts": [1.6e9, 1.61e9, 1.6e9], "cat": ["x", "x", "x"]}
    pq.write_table(pa.table(rows), tmp_path / "shop.parquet")
    found = from_file(tmp_path / "shop.parquet")
    assert (len(found.columns), found.left_out) == (2, 1)


def test_others_are_asked_about_and_not_learned_from(halves: tuple[Shop, Shop], predictor: Predictor) -> None:
    """With a second file, what is learned is of its customers, what is asked of the first file's."""
    shop, train = halves
    words = predictor.vocabulary
    visitors = visitors_of(shop, train, vocabulary=words)
    learners = len(set(train.columns.customer))
    assert visitors.first == learners
    found = stage(visitors, vocabulary=words)
    assert found.past.customer.max() < learners <= found.test.customer.min()
    assert found.past.now.max() < shop.tested_from <= found.test.now.min()
    late = rows_of(shop.columns, shop.columns.time >= shop.tested_from)
    assert len(np.unique(found.test.customer)) <= len(set(late.customer))


def test_of_two_files_one_is_foreseen(halves: tuple[Shop, Shop], predictor: Predictor) -> None:
    """So are purchases within 30 days, and heads: each half adds its own to the whole."""
    shop, train = halves
    whole = Shop("all", _joined(shop, train), shop.tested_from)
    words = predictor.vocabulary
    asked = [visitors_of(*pair, vocabulary=words) for pair in ((shop, train), (train, shop), (whole, None))]
    came = []
    for visitors in asked:
        found = foresee(visitors, predictor, within=30)
        assert found
        assert 0.5 < found.auc <= 1
        came.append(found.came)
    assert min(came[:2]) <= came[2] <= max(came[:2])
    assert set(other_heads(asked[0], predictor)) >= {"brand", "style", "price band"}


def _joined(one: Shop, other: Shop) -> Columns:
    parts = (one.columns, other.columns)
    return Columns(*(np.concatenate([getattr(part, name) for part in parts]) for name in Columns.__slots__))


def test_nobody_to_ask_about_is_said(shop: Shop, predictor: Predictor) -> None:
    """Where nobody came again there is a sentence instead of figures."""
    late = replace(shop, tested_from=float(shop.columns.time.max()) + DAY)
    words = predictor.vocabulary
    with pytest.raises(InvalidPurchases, match="nobody came again before"):
        stage(visitors_of(late, None, vocabulary=words), vocabulary=words)


def test_what_cannot_be_measured_is_null(parts: Stage) -> None:
    """An answer that is always the same has no area, and the figures are JSON all the same."""
    told = np.full((len(parts.test), parts.test.bought.shape[1]), 1 / parts.test.bought.shape[1])
    sure = np.zeros_like(told)
    sure[:, 0] = 1
    only = replace(parts.test, top=np.zeros_like(parts.test.top))
    found = plain(
        {"only": intervals({"Packshot": sure}, only), "all": intervals({"Packshot": told}, parts.test)}
    )
    read = json.loads(json.dumps(found, allow_nan=False))
    assert read["only"]["Packshot"]["auc"] == [None, None]
    assert read["all"]["Packshot"]["auc"] == [0.5, 0.5]
    assert read["all"]["Packshot"]["log_loss"] == pytest.approx([np.log(told.shape[1])] * 2)
