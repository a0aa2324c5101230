"""The command line as a person types it."""

from pathlib import Path

import pytest

from infrastructure.local.cli import FAILED, main, parser


def test_help_teaches_with_examples(capsys: pytest.CaptureFixture[str]) -> None:
    """`packshot --help` shows every command and how to begin."""
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    shown = capsys.readouterr().out
    assert ended.value.code == 0
    for command in ("demo", "up", "down", "add", "status", "trace", "invoke", "logs", "keys"):
        assert f"    {command}" in shown
    assert "packshot add shoe.jpg --sku" in shown


@pytest.mark.parametrize(
    "typed",
    [
        [],
        ["fly"],
        ["add"],
        ["add", "a.jpg", "--price", "cheap"],
        ["keys"],
        ["preferences", "demo", "--customers", "0"],
        ["preferences", "retire"],
    ],
)
def test_what_is_not_understood_ends_with_2(typed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A slip of the hand shows the usage."""
    with pytest.raises(SystemExit) as ended:
        main(typed)
    assert ended.value.code == 2
    assert "usage: packshot" in capsys.readouterr().err


@pytest.mark.parametrize(
    "typed",
    [["status"], ["trace", "mug"], ["logs", "analyze_photo"], ["keys", "add", "shop"], ["add", __file__]],
)
def test_without_a_cloud_a_command_says_how_to_start_one(
    typed: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A failure is 1, and names the remedy."""
    assert main(["--state", str(tmp_path), *typed]) == FAILED
    assert "packshot up" in capsys.readouterr().err.replace("\n", " ")


def test_ending_nothing_is_no_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`packshot down` may be repeated."""
    assert main(["--state", str(tmp_path), "down"]) == 0
    assert "No local cloud is running" in capsys.readouterr().out


@pytest.mark.parametrize("verb", ["demo", "up"])
def test_an_engine_can_be_asked_for(verb: str) -> None:
    """`make demo ENGINE=standard` passes its word on; without one the environment decides."""
    assert parser().parse_args([verb, "--engine", "standard"]).engine == "standard"
    assert parser().parse_args([verb]).engine is None


def test_one_photo_of_ones_own_can_be_shown() -> None:
    """`make demo PHOTO=… SKU=… CATEGORY=…` passes its words on."""
    options = parser().parse_args(["demo", "--photo", "my.jpg", "--sku", "s-1", "--category", "shoes"])
    assert options.photo == Path("my.jpg")
    assert (options.sku, options.category, options.out) == ("s-1", "shoes", Path("out"))
