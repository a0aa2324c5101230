"""What the benchmark of verdicts makes of scores."""

import pytest

from packshot.imaging.quality import MEASURES
from tests.benchmarks.verdicts import Outcome, as_markdown, summarize
from tests.broken import BROKEN, BROKEN_WHITE


def outcome(value: float, *, passed: bool, wrong: str = "") -> Outcome:
    """Return what one composite's edge scored."""
    return Outcome("edge_halo", "scene", 2.5, value, passed, wrong)


def test_good_and_broken_stand_beside_each_other() -> None:
    """Shares count those that a limit was held to; ranges are percentiles."""
    group = [outcome(0.5, passed=True), outcome(3, passed=False), outcome(20, passed=False, wrong="a fringe")]
    (verdicts,) = summarize(group)
    assert (verdicts.kept, verdicts.found) == (0.5, 1)
    assert (verdicts.good, verdicts.broken) == ((0.5, 0.5, 3), (20, 20, 20))


def test_the_readmes_table_names_source_and_limit() -> None:
    """A row says what a score is, its limit with its unit, and both medians."""
    table = as_markdown(summarize([outcome(0.5, passed=True), outcome(20, passed=False, wrong="a fringe")]))
    assert "| edge_halo | mean difference at the edge" in table
    assert "| ≤ 2.5 ΔE2000 | 0.5 | 20 | 100% |" in table


@pytest.mark.parametrize("measure", [each for each in MEASURES if each.rule != "info"], ids=lambda m: m.name)
def test_every_limit_has_a_way_to_break_it(measure: object) -> None:
    """No limit stands that nothing was ever seen to pass."""
    ways = {name for name, _ in (*BROKEN.values(), *BROKEN_WHITE.values())}
    # Nothing but product in the frame needs a matte of its own, which the judge's tests have.
    assert getattr(measure, "name", "") in ways | {"scene_area"}
