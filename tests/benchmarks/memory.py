"""Memory of processes, from /proc (Linux)."""

import re
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

SAMPLE_S = 0.2


def tree(root: int) -> tuple[int, ...]:
    """Return the process and all its descendants that live now."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        parent = _field(folder / "status", "PPid")
        if parent is not None:
            children.setdefault(parent, []).append(int(folder.name))
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += children.get(pid, [])
    return tuple(found)


def rss_mib(pids: tuple[int, ...]) -> float:
    """Return the resident memory together, in MiB; pages that processes share count for each."""
    return sum(_field(Path(f"/proc/{pid}/status"), "VmRSS") or 0 for pid in pids) / 1024


def pss_mib(pids: tuple[int, ...]) -> float:
    """Return the proportional memory together, in MiB: shared pages count once."""
    return sum(_field(Path(f"/proc/{pid}/smaps_rollup"), "Pss") or 0 for pid in pids) / 1024


def peaks_by_function(root: int) -> dict[str, float]:
    """Return Lambda function → largest resident memory of its processes so far, in MiB."""
    peaks: dict[str, float] = {}
    for pid in tree(root):
        name = _function(pid)
        peak = (_field(Path(f"/proc/{pid}/status"), "VmHWM") or 0) / 1024
        if name:
            peaks[name] = max(peak, peaks.get(name, 0))
    return peaks


class Watch:
    """Samples the memory of a process tree while the block runs; `rss` and `pss` are the peaks in MiB."""

    def __init__(self, root: int) -> None:
        """Watch this process and its descendants."""
        self._root = root
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self.rss = 0.0
        self.pss = 0.0

    def __enter__(self) -> Self:
        """Begin to sample."""
        self._thread.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Take the last sample."""
        self._done.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._done.is_set():
            pids = tree(self._root)
            self.rss = max(self.rss, rss_mib(pids))
            self.pss = max(self.pss, pss_mib(pids))
            time.sleep(SAMPLE_S)


def _field(file: Path, name: str) -> int | None:
    """Return a number of a /proc file; None if the process is gone or keeps it to itself."""
    try:
        found = re.search(rf"^{name}:\s+(\d+)", file.read_text("utf-8", errors="replace"), re.MULTILINE)
    except OSError:
        return None
    return int(found[1]) if found else None


def _function(pid: int) -> str:
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return ""
    names = (
        entry.partition("=")[2] for entry in environment if entry.startswith("AWS_LAMBDA_FUNCTION_NAME=")
    )
    return next(names, "")
