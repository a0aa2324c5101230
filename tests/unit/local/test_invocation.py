"""Finding functions, sample events and logs."""

import json
from pathlib import Path

import pytest

from infrastructure.local import invocation
from infrastructure.local.invocation import cases, functions, known, sample, tail_of
from infrastructure.local.places import Refused


def test_a_sample_is_a_case_or_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cases are named without folder and ending; any other JSON file works too; a miss lists the choice."""
    monkeypatch.setattr(invocation, "EVENTS", tmp_path)
    folder = tmp_path / "mask_product"
    folder.mkdir()
    (folder / "mug.json").write_text('{"a": 1}')
    assert cases("mask_product") == ("mug",)
    assert sample("mask_product", "mug") == {"a": 1}
    assert sample("mask_product", str(folder / "mug.json")) == {"a": 1}
    with pytest.raises(Refused, match="Cases: mug"):
        sample("mask_product", "cup")
    (folder / "broken.json").write_text("{")
    with pytest.raises(Refused, match="is not JSON"):
        sample("mask_product", "broken")


def test_functions_are_known_by_folder_or_by_lambdas_name() -> None:
    """Dashes and underscores both work; a miss lists what there is."""
    assert known("mask-product") == "mask_product"
    assert set(functions()) >= {"analyze_photo", "mask_product"}
    with pytest.raises(Refused, match="analyze_photo"):
        known("nothing")


def test_the_end_of_a_log_is_what_was_just_written(tmp_path: Path) -> None:
    """Only what came after the call is shown, and of that the last lines."""
    log = tmp_path / "f.log"
    log.write_text("old\n" + "".join(f"line {number}\n" for number in range(9)))
    assert tail_of(log, lines=2) == "line 7\nline 8"
    assert tail_of(log, skip=4).startswith("line 0")
    assert tail_of(tmp_path / "none.log") == ""


def test_every_sample_event_is_json() -> None:
    """What `packshot invoke` offers can be sent."""
    for function in functions():
        for case in cases(function):
            json.dumps(sample(function, case))
