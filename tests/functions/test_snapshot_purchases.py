"""SnapshotPurchases: all that may be learned from, some customers whole, and nobody who was forgotten."""

import io
import re
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from packshot.events import ObjectRef, Snapshot, SnapshotRequest
from packshot.modelling import samples
from packshot.modelling.snapshotting import joined, what_is_missing
from packshot.preferences.files import columns_of, read_purchases
from packshot.preferences.ledger import Columns
from packshot.testing.objects import MemoryObjects
from tests.functions import model_steps as steps
from tests.functions.cases import case_names, read_case
from tests.functions.trend_steps import Loader


def taken(load_function: Loader, objects: MemoryObjects, shelves: Any, case: str = "weekly") -> Snapshot:  # noqa: ANN401 - any shelves
    """Take a snapshot."""
    request = SnapshotRequest.model_validate(read_case("snapshot_purchases", case))
    answer: Snapshot = load_function("snapshot_purchases").snapshot_purchases(
        request, objects=objects, bucket=steps.BUCKET, environment="sandbox", shelves=shelves
    )
    return answer


def learned(objects: MemoryObjects, snapshot: Snapshot) -> list[Columns]:
    """Return what a training would read."""
    keys = objects.keys(steps.BUCKET, snapshot.train)
    bodies = (objects.stored(snapshot.sample.model_copy(update={"key": key, "version": ""})) for key in keys)
    return [columns_of(pq.read_table(io.BytesIO(each.body or b""))) for each in bodies]


@pytest.mark.parametrize("case", case_names("snapshot_purchases"))
def test_all_lines_can_be_learned_from(load_function: Loader, case: str) -> None:
    """Parts of the customers become files of their own; a small shop's sample is the whole."""
    objects = MemoryObjects()
    snapshot = taken(load_function, objects, steps.Shelves(steps.shop()), case)

    assert snapshot.version.startswith("packshot-sandbox-20261120T154103-")
    assert snapshot.enough, snapshot.why
    assert snapshot.share == 1
    assert snapshot.lines == len(steps.shop()) == sum(map(len, learned(objects, snapshot)))
    sample = samples.load(objects.read(snapshot.sample))
    assert len(sample) == snapshot.lines
    assert snapshot.customers == len(set(steps.shop().customer))


def test_who_was_forgotten_is_in_neither(load_function: Loader) -> None:
    """The next model never hears of them."""
    gone = str(steps.shop().customer[0])
    objects = MemoryObjects()
    snapshot = taken(load_function, objects, steps.Shelves(steps.shop(), frozenset({gone})))

    for columns in (*learned(objects, snapshot), samples.load(objects.read(snapshot.sample))):
        assert gone not in set(columns.customer)


def test_a_new_shop_is_told_what_is_missing(load_function: Loader) -> None:
    """Too few lines are no failure: the run ends, and says so."""
    few = steps.shop().take(np.arange(len(steps.shop())) < 50)
    assert "a model needs 1000 of 100" in taken(load_function, MemoryObjects(), steps.Shelves(few)).why

    nobody = taken(load_function, MemoryObjects(), steps.Shelves(few.take(np.zeros(50, bool))))
    assert (nobody.enough, nobody.lines) == (False, 0)


def larger() -> Columns:
    """Return a shop that lacks nothing, and would not if it had one category or 90 customers."""
    once = steps.shop()
    return joined([once] + [replace(once, time=once.time + 1)] * 7)


def of_strangers(shop: Columns) -> Columns:
    """Return a shop in which whoever buys late never bought before."""
    late = shop.time >= shop.time.max() - 30 * 86_400
    return replace(shop, customer=np.where(late, "new " + shop.customer, shop.customer).astype(object))


@pytest.mark.parametrize(
    ("shop", "why"),
    [
        (
            lambda: steps.shop().take(np.arange(len(steps.shop())) % 5 == 0),
            r"^\d{3} lines of 2\d\d customers",
        ),
        (
            lambda: larger().take(np.isin(larger().customer, np.unique(larger().customer)[:90])),
            "of 90 customers",
        ),
        (lambda: of_strangers(larger()), "^0 customers came back in the last 30 days; to judge takes 30"),
        (lambda: larger().take(larger().category == "shoes"), "there is one category alone"),
    ],
    ids=["too few lines", "too few customers", "nobody comes back", "one category"],
)
def test_each_thing_that_is_missing_is_told(shop: Callable[[], Columns], why: str) -> None:
    """A model of it could not be judged, and a person reads what the shop has to wait for."""
    assert what_is_missing(larger()) == ""
    assert re.search(why, what_is_missing(shop()))


def test_the_same_run_takes_the_same_snapshot(load_function: Loader) -> None:
    """A repeated call writes the same names."""
    first, second = (
        taken(load_function, MemoryObjects(), steps.Shelves(steps.shop())).version for _ in range(2)
    )
    assert first == second


def test_a_run_that_is_repeated_leaves_nothing_of_before(load_function: Loader, tmp_path: Path) -> None:
    """Whoever was forgotten between two tries is in no part of the first, and no line is there twice."""
    objects, whole = MemoryObjects(), steps.shop()
    gone = frozenset(each for each in whole.customer if int(each[-1]) % 2 == 0)
    taken(load_function, objects, steps.Shelves(whole))
    snapshot = taken(load_function, objects, steps.Shelves(whole, gone))
    for number, key in enumerate(objects.keys(steps.BUCKET, snapshot.train)):
        body = objects.read(ObjectRef(bucket=steps.BUCKET, key=key))
        (tmp_path / f"{number}.parquet").write_bytes(body)
    learned_of = read_purchases(tmp_path)
    assert len(learned_of) == snapshot.lines == len(whole) - sum(each in gone for each in whole.customer)
    assert not gone & set(learned_of.customer)


def test_what_is_bought_is_read_once(load_function: Loader) -> None:
    """A large shop's parts are gigabytes."""

    class Counted(steps.Shelves):
        def lines(self, shelf: str, *, forgotten: frozenset[str]) -> pa.Table:
            read.append(shelf)
            return super().lines(shelf, forgotten=forgotten)

    read: list[str] = []
    taken(load_function, MemoryObjects(), Counted(steps.shop()))
    assert sorted(read) == ["00", "01", "02"]


def test_a_large_shop_is_sampled_by_customer(monkeypatch: pytest.MonkeyPatch, load_function: Loader) -> None:
    """A customer is in the sample with all lines or with none, and their share is told."""
    monkeypatch.setattr(samples, "MOST_LINES", 1_500)
    objects = MemoryObjects()
    snapshot = taken(load_function, objects, steps.Shelves(steps.shop()))
    sample = samples.load(objects.read(snapshot.sample))

    assert snapshot.share == pytest.approx(1_500 / len(steps.shop()))
    assert len(sample) == pytest.approx(1_500, rel=0.35)
    whole = steps.shop()
    for customer in set(sample.customer):
        assert (sample.customer == customer).sum() == (whole.customer == customer).sum()


def test_a_sample_is_read_as_it_was_written() -> None:
    """All columns come back, those of unknown numbers too."""
    columns = steps.shop()
    back = samples.load(samples.dump(columns))
    for field in fields(Columns):
        before, after = getattr(columns, field.name), getattr(back, field.name)
        equal = before == after if before.dtype == object else np.isclose(before, after, equal_nan=True)
        assert np.asarray(equal).all(), field.name
