"""A local cloud starts once, in seconds, and leaves nothing behind, however its parent ends."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from infrastructure.local.cloud import CloudError, CloudRuns, NoCloud, attach, running_cloud, start, stop
from tests.local.conformance.stand import Conformance, processes_of

PARENT = """
import sys, time
from pathlib import Path
from infrastructure.local.cloud import running_cloud

with running_cloud(Path(sys.argv[1]), state=Path(sys.argv[2])) as cloud:
    cloud.client("lambda").invoke(FunctionName="conformance-echo", Payload=b"{}")
    print(cloud.endpoint, flush=True)
    time.sleep(60)
"""


def listens(endpoint: str) -> bool:
    """Say whether somebody accepts connections there."""
    address = urlsplit(endpoint)
    with socket.socket() as probe:
        return probe.connect_ex((address.hostname, address.port)) == 0


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an assembly without a stack."""
    folder = tmp_path_factory.mktemp("empty")
    (folder / "manifest.json").write_text(json.dumps({"artifacts": {}}), "utf-8")
    return folder


def test_stopping_leaves_no_process_and_no_port(assembly: Path, tmp_path: Path) -> None:
    """Server, functions and sockets are gone when the block ends."""
    with running_cloud(assembly, state=tmp_path) as cloud:
        cloud.client("lambda").invoke(FunctionName="conformance-echo", Payload=b"{}")
        assert len(processes_of(tmp_path)) == 2

    assert processes_of(tmp_path) == []
    assert not listens(cloud.endpoint)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_the_parent(
    assembly: Path, tmp_path: Path, until: Callable[..., bool], number: signal.Signals
) -> None:
    """Ctrl-C, an ordinary end and a crash of the parent all end the server and its functions."""
    parent = subprocess.Popen(  # noqa: S603 (our own interpreter)
        [sys.executable, "-c", PARENT, str(assembly), str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with parent:
        assert parent.stdout is not None
        endpoint = parent.stdout.readline().strip()
        assert listens(endpoint)
        parent.send_signal(number)
        parent.wait(10)

    assert until(lambda: not processes_of(tmp_path) and not listens(endpoint), seconds=5)


def test_only_this_machine_can_reach_it(conformance: Conformance) -> None:
    """Every listening socket of the cloud is bound to the loopback address."""
    own = {
        str(link.readlink())
        for pid in processes_of(conformance.cloud.state)
        for link in Path(f"/proc/{pid}/fd").iterdir()
        if link.is_symlink()
    }
    table = Path("/proc/net/tcp").read_text("ascii") + Path("/proc/net/tcp6").read_text("ascii")
    rows = [line.split() for line in table.splitlines() if ":" in line]
    listening = [row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in own]

    assert listening
    assert all(address.startswith("0100007F:") for address in listening)


def test_a_second_start_in_the_same_folder_is_refused(empty: Path, conformance: Conformance) -> None:
    """The first cloud and its logs are left alone."""
    with pytest.raises(CloudRuns, match="packshot down"):
        start(empty, state=conformance.cloud.state)

    assert (conformance.cloud.logs / "server.log").exists()
    assert listens(conformance.cloud.endpoint)


def test_another_shell_attaches(conformance: Conformance) -> None:
    """Attaching gives the very cloud that was started, key included, from a file for this user alone."""
    assert attach(conformance.cloud.state) == conformance.cloud
    assert (conformance.cloud.state / "cloud.json").stat().st_mode & 0o077 == 0


def test_attaching_to_nothing_says_what_to_do(tmp_path: Path) -> None:
    """There is no cloud: the message names the command that starts one."""
    with pytest.raises(NoCloud, match="make up"):
        attach(tmp_path)


def test_a_detached_cloud_lives_until_it_is_stopped(
    empty: Path, tmp_path: Path, until: Callable[..., bool]
) -> None:
    """It outlives the process that started it, and ends by `stop` from another; twice is no error."""
    script = (
        "import sys; from pathlib import Path; from infrastructure.local.cloud import start;"
        "start(Path(sys.argv[1]), state=Path(sys.argv[2]), detached=True)"
    )
    command = [sys.executable, "-c", script, str(empty), str(tmp_path)]
    subprocess.run(command, check=True, timeout=30)  # noqa: S603 (our own interpreter)
    cloud = attach(tmp_path)
    assert cloud.client("s3").list_buckets()["Buckets"] is not None

    stop(tmp_path)
    stop(tmp_path)

    assert until(lambda: not processes_of(tmp_path) and not listens(cloud.endpoint), seconds=5)


def test_a_stack_that_fails_names_the_resource(tmp_path: Path) -> None:
    """The reason of CloudFormation is in the error, and no process is left."""
    assembly = tmp_path / "assembly"
    assembly.mkdir()
    function = {"Handler": "a.b", "Role": "r", "Runtime": "python3.13", "Code": {"ZipFile": "pass"}}
    function["Layers"] = ["arn:aws:lambda:us-east-1:000000000000:layer:missing:1"]
    template = {"Resources": {"Broken": {"Type": "AWS::Lambda::Function", "Properties": function}}}
    stack = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "template.json"}}
    (assembly / "template.json").write_text(json.dumps(template), "utf-8")
    (assembly / "manifest.json").write_text(json.dumps({"artifacts": {"broken": stack}}), "utf-8")

    with pytest.raises(CloudError, match="Broken"):
        start(assembly, state=tmp_path / "state")
    assert processes_of(tmp_path / "state") == []


def test_a_folder_without_an_assembly_is_refused(tmp_path: Path) -> None:
    """The message names the command that makes one."""
    with pytest.raises(CloudError, match="make synth"):
        start(tmp_path, state=tmp_path / "state")
