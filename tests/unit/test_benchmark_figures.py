"""How benchmarks count."""

import json
import os
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


def test_memory_of_this_process_is_found() -> None:
    """The tree holds the process itself, and shared pages make PSS the smaller figure."""
    me = os.getpid()
    with Watch(me) as memory:
        pids = tree(me)
    assert me in pids
    assert 10 < pss_mib((me,)) <= rss_mib((me,)) * 1.01
    assert memory.rss > 10
    assert peaks_by_function(me) == {}


def test_figures_are_kept_as_json_when_asked(tmp_path: Path) -> None:
    """Without a file nothing is written."""
    write({"cold_s": 1.5}, tmp_path / "new" / "pipeline.json")
    write({"cold_s": 1.5}, None)
    assert json.loads((tmp_path / "new" / "pipeline.json").read_text()) == {"cold_s": 1.5}


def test_every_benchmark_is_found() -> None:
    """`make bench` runs what can be run, and nothing else."""
    assert "pipeline" in names()
    assert not {"report", "memory", "imports"} & set(names())
