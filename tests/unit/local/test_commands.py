"""What the commands know of a cloud that runs."""

import os
import subprocess
import sys

from infrastructure.local.commands import alive


def test_a_cloud_that_ended_is_not_alive() -> None:
    """`up` notices that `down` ended its cloud, though nobody has asked how it ended."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert child.stdin
    assert alive(child.pid)
    child.stdin.close()
    # Wait until it has ended, and leave its status where it is.
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert not alive(child.pid)
    child.wait()
