"""How benchmarks count."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks.__main__ import names
from tests.benchmarks.memory import Watch, peaks_by_function, pss_mib, rss_mib, tree
from tests.benchmarks.report import Line, missed_gates, percentile, write


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([5, 1, 3], 0.5, 3),
        ([1, 2, 3, 4], 0.95, 4),
        ([7], 0.95, 7),
        (list(range(1, 101)), 0.95, 95),
        ([2, 1], 0, 1),
    ],
)
def test_a_percentile_is_a_value_that_was_measured(
    values: list[float], share: float, expected: float
) -> None:
    """Nearest rank: no interpolation between few values."""
    assert percentile(values, share) == expected


def test_only_a_missed_gate_fails() -> None:
    """Targets are marked, gates end the build."""
    lines = (
        Line("slow", 9, "s", limit=4),
        Line("large", 251, "MiB", limit=250, gate=True),
        Line("small", 250, "MiB", limit=250, gate=True),
        Line("free", 1, "s"),
    )
    (sentence,) = missed_gates(lines)
    assert "large is 251 MiB" in sentence


@pytest.fixture
def function() -> Iterator[int]:
    """Start a process that looks like a function's, and return its id."""
    code = "print(flush=True); input()"
    environment = {"AWS_LAMBDA_FUNCTION_NAME": "packshot-test-sleep"}
    with subprocess.Popen(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", code],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process.pid
        process.communicate("\n")


def test_memory_is_that_of_the_whole_tree(function: int) -> None:
    """A child counts with its parent, and pages that both share count once in PSS."""
    me = os.getpid()
    with Watch(me) as memory:
        pids = tree(me)
    assert {me, function} <= set(pids)
    assert rss_mib((me, function)) > rss_mib((me,))
    assert 10 < pss_mib((me,)) <= rss_mib((me,)) * 1.01
    assert memory.rss > 10


def test_a_functions_peak_is_found_by_its_name(function: int) -> None:
    """The processes of a function are told by what Lambda sets in their environment."""
    assert peaks_by_function(function)["packshot-test-sleep"] > 1


def test_figures_are_kept_as_json_when_asked(tmp_path: Path) -> None:
    """Without a file nothing is written."""
    write({"cold_s": 1.5}, tmp_path / "new" / "pipeline.json")
    write({"cold_s": 1.5}, None)
    assert json.loads((tmp_path / "new" / "pipeline.json").read_text()) == {"cold_s": 1.5}


def test_every_benchmark_is_found() -> None:
    """`make bench` runs what can be run, and nothing else."""
    assert {"pipeline", "masks"} <= set(names())
    assert not {"report", "memory", "imports", "scores", "pairs"} & set(names())
