"""The house keeps its own rules: names, folders, sizes and words."""

import ast
import json
import re
import subprocess
from pathlib import Path

import pytest

from tests import tables

ROOT = Path(__file__).resolve().parents[1]

TOP_LEVEL = {
    "functions",
    "layers",
    "infrastructure",
    "statemachine",
    "tests",
    "events",
    "cdk.json",
    "pyproject.toml",
    "requirements.lock",
    "README.md",
    "Makefile",
    "LICENSE",
    "CHANGELOG.md",
    ".ci",
    ".gitignore",
    ".gitattributes",
    ".github",
}
IMAGES = {".jpg", ".jpeg", ".png", ".webp", ".avif", ".tiff", ".gif"}
LARGEST_IMAGE = 300_000
LARGEST_GALLERY = 8_000_000
NOT_STATES = {
    "storefront_api",
    "authorize_request",
    "receive_background",
    "sweep_backgrounds",
    "record_purchases",
}
"""Functions that no state machine calls."""


def tracked() -> list[Path]:
    """Return every file of the repository, relative to its top."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - any git will do
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return sorted({Path(line) for line in listing.stdout.splitlines() if (ROOT / line).is_file()})


def functions() -> list[str]:
    """Return the names of the Lambda functions."""
    return sorted(path.parent.name for path in (ROOT / "functions").glob("*/handler.py"))


def pascal_case(name: str) -> str:
    """Return `mask_product` as `MaskProduct`."""
    return "".join(word.capitalize() for word in name.split("_"))


def state_machines() -> str:
    """Return the text of all state machines."""
    return "\n".join(path.read_text() for path in sorted((ROOT / "statemachine").glob("*.asl.json")))


def test_only_the_agreed_folders_stand_at_the_top() -> None:
    """Everything finds its room inside the house."""
    assert {path.parts[0] for path in tracked()} <= TOP_LEVEL


@pytest.mark.parametrize("name", functions())
def test_a_function_has_events_and_tests_of_its_name(name: str) -> None:
    """A function, its sample events and its tests share one name, and the events are JSON."""
    cases = sorted((ROOT / "events" / name).glob("*.json"))
    assert cases, f"events/{name}/ has no sample event"
    for case in cases:
        json.loads(case.read_text())
    assert (ROOT / "tests" / "functions" / f"test_{name}.py").is_file()


@pytest.mark.parametrize("name", [name for name in functions() if name not in NOT_STATES])
def test_a_step_has_one_name_in_five_places(name: str) -> None:
    """A step's state and its substitution carry the name of its folder."""
    machines = state_machines()
    assert f'"{pascal_case(name)}": {{' in machines
    assert f"${{{pascal_case(name)}FunctionArn}}" in machines


def test_every_substituted_function_has_a_folder() -> None:
    """No state calls a function that is not there."""
    called = set(re.findall(r"\$\{(\w+)FunctionArn\}", state_machines()))
    assert called <= {pascal_case(name) for name in functions()}


@pytest.mark.parametrize("name", functions())
def test_a_handler_is_at_most_40_lines(name: str) -> None:
    """A handler wires a plain function; the work lives in the package."""
    lines = (ROOT / "functions" / name / "handler.py").read_text().splitlines()
    assert len([line for line in lines if line.strip()]) <= 40


def test_every_folder_of_the_map_has_a_short_readme() -> None:
    """A README says what a folder is in at most 60 lines."""
    rooms = [
        ROOT / name for name in ("functions", "layers", "infrastructure", "statemachine", "tests", "events")
    ]
    rooms += [ROOT / "functions" / name for name in functions()]
    for room in rooms:
        readme = room / "README.md"
        assert readme.is_file(), f"{room.relative_to(ROOT)} has no README.md"
    for readme in tracked():
        if readme.name == "README.md" and len(readme.parts) > 1:
            assert len((ROOT / readme).read_text().splitlines()) <= 60, readme


def test_images_stay_small() -> None:
    """No image over 300 kB, all together under 8 MB."""
    sizes = {path: (ROOT / path).stat().st_size for path in tracked() if path.suffix.lower() in IMAGES}
    assert {path: size for path, size in sizes.items() if size > LARGEST_IMAGE} == {}
    assert sum(sizes.values()) <= LARGEST_GALLERY


def test_files_and_functions_stay_readable() -> None:
    """No source file over 450 lines, no function over 60, tests aside."""
    for path in tracked():
        if path.suffix != ".py" or path.parts[0] == "tests":
            continue
        source = (ROOT / path).read_text()
        assert len(source.splitlines()) <= 450, path
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert (node.end_lineno or node.lineno) - node.lineno < 60, f"{path}: {node.name}"


def test_every_test_states_its_promise() -> None:
    """Every test has a docstring."""
    for path in tracked():
        if path.parts[0] != "tests" or not path.name.startswith("test_"):
            continue
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                assert ast.get_docstring(node), f"{path}: {node.name}"


def test_locks_are_hashed_and_name_no_host() -> None:
    """Every lock pins by hash and holds no address."""
    locks = [ROOT / path for path in tracked() if path.name == "requirements.lock"]
    assert len(locks) >= 5
    for lock in locks:
        text = lock.read_text()
        pins = re.findall(r"^[A-Za-z0-9_.-]+==", text, flags=re.MULTILINE)
        assert pins
        assert "://" not in text
        entries = re.split(r"\n(?=[A-Za-z0-9])", text)
        assert all("--hash=sha256:" in entry for entry in entries if "==" in entry), lock


def test_functions_never_import_each_other() -> None:
    """A function knows nothing of its neighbours."""
    for name in functions():
        for path in sorted((ROOT / "functions" / name).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                modules = (
                    [alias.name for alias in node.names]
                    if isinstance(node, ast.Import)
                    else [node.module or ""]
                    if isinstance(node, ast.ImportFrom)
                    else []
                )
                for module in modules:
                    head = module.split(".")
                    assert head[0] not in {"infrastructure", "tests"}, path
                    assert head[0] != "functions" or head[1:2] == [name], path


def test_the_readmes_tables_are_what_they_speak_of() -> None:
    """Commands and figures in the README are those of the Makefile and of the last benchmark."""
    text = tables.README.read_text("utf-8")
    assert tables.rendered(text) == text, "`python -m tests.tables` makes them anew"


def test_the_readmes_map_names_the_folders() -> None:
    """Every room of the house is in the README's map, and no other."""
    text = tables.README.read_text("utf-8")
    rooms = {path.name for path in ROOT.iterdir() if path.is_dir()} & TOP_LEVEL - {".ci", ".github"}
    assert set(re.findall(r"^(\w+)/ {2,}", text, flags=re.MULTILINE)) == rooms
