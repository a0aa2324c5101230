"""How many functions run at once on this machine.

On AWS every concurrent invocation gets a machine of its own. Here a burst of twenty photos would start
twenty processes of a gigabyte on two cores, so invocations wait for a place instead.
"""

import os
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

HEAVY_MIB = 1024
"""From this memory size on a function is taken to compute: Lambda gives it more than half a core."""


class Capacity:
    """Places for invocations: one per core for all heavy functions together, a few for each light one.

    Light functions wait for nobody else's work, so that the API answers while photos are processed.
    """

    def __init__(self, cores: int) -> None:
        """Take the number of cores to share."""
        self._heavy = threading.BoundedSemaphore(cores)
        self._light: defaultdict[str, threading.BoundedSemaphore] = defaultdict(
            lambda: threading.BoundedSemaphore(2 * cores)
        )
        self._lock = threading.Lock()

    @contextmanager
    def place(self, function: str, *, memory_mib: int) -> Iterator[None]:
        """Wait for a place and keep it for as long as the block runs."""
        with self._lock:
            places = self._heavy if memory_mib >= HEAVY_MIB else self._light[function]
        with places:
            yield


def of_this_machine() -> Capacity:
    """Return a capacity for the cores that this process may use."""
    return Capacity(len(os.sched_getaffinity(0)))
