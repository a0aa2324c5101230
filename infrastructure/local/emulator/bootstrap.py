"""The first thing that a function's process runs: tie its life to the server's, then AWS's runtime client.

Linux only, like the runtime client. Runs without site-packages: a function sees its own folder, its layers
and the runtime, as on AWS, so a package that is missing in the layers is missing here too.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """Be killed when the parent's spawning thread ends, however it ends; exit if it is gone already."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit("the local cloud is gone")


if __name__ == "__main__":
    die_with(int(sys.argv[1]))
    from awslambdaric.__main__ import main

    main(["awslambdaric", os.environ["_HANDLER"]])
