"""Run a command that ends when the server does, however that ends. Linux only.

python leash.py PARENT COMMAND …
"""

import os
import sys

from infrastructure.local.emulator.bootstrap import die_with

if __name__ == "__main__":
    # What the kernel was told of the parent's death outlives exec.
    die_with(int(sys.argv[1]))
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606 - the server's own words, no shell
