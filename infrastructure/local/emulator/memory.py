"""What a process holds in memory, from /proc (Linux)."""

import os
import re
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")
_MIB = 2**20


def private_mib(pid: int) -> float:
    """Return the resident memory that no file backs, in MiB; 0 once the process is gone.

    Mapped libraries and weights are left out: the kernel may drop their pages, so no limit counts them.
    """
    try:
        _size, resident, shared, *_rest = map(int, Path(f"/proc/{pid}/statm").read_text("ascii").split())
    except OSError:
        return 0
    return (resident - shared) * _PAGE / _MIB


def peak_mib(pid: int) -> float:
    """Return the largest resident memory so far, in MiB; 0 once the process is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("utf-8")
    except OSError:
        return 0
    high_water = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    return int(high_water[1]) / 1024 if high_water else 0
