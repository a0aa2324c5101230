"""The deployment's own tools are pinned like everything else."""

import json

from infrastructure.app import node
from infrastructure.deploy import TOOLKIT


def test_the_command_line_is_pinned_by_hash() -> None:
    """What npm installs is the version and the very file that was tried, from wherever it is fetched."""
    wanted = json.loads((TOOLKIT / "package.json").read_text())["dependencies"]
    packages = json.loads((TOOLKIT / "package-lock.json").read_text())["packages"]
    locked = {name.removeprefix("node_modules/"): each for name, each in packages.items() if name}
    assert {name: each["version"] for name, each in locked.items()} == wanted
    for each in locked.values():
        assert each["integrity"].startswith("sha512-")
        assert "resolved" not in each


def test_node_and_npm_come_with_python() -> None:
    """No Node of the machine is needed: the wheel has both."""
    assert node().is_file()
    assert (node().parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js").is_file()
