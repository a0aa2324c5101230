"""How many functions run at once on this machine.

On AWS every concurrent invocation gets a machine of its own. Here a burst of twenty photos would start
twenty processes of a gigabyte on two cores, so invocations wait for a place instead.
"""

import os
import threading
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager

HEAVY_MIB = 1024
"""From this memory size on a function is taken to compute: Lambda gives it more than half a core."""


class Places:
    """A number of places, given out in the order of asking.

    `threading.Semaphore` lets a newcomer overtake who waits: in a burst a state could then wait past its
    time-out while others are served.
    """

    def __init__(self, number: int) -> None:
        """Take the number of places."""
        self._free = number
        self._waiting: deque[threading.Event] = deque()
        self._lock = threading.Lock()

    @contextmanager
    def place(self) -> Iterator[None]:
        """Wait for a place and keep it for as long as the block runs."""
        self._take()
        try:
            yield
        finally:
            self._give_back()

    def _take(self) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            turn = threading.Event()
            self._waiting.append(turn)
        turn.wait()

    def _give_back(self) -> None:
        """Hand the place to who waits longest, so that nobody can take it in between."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1


class Capacity:
    """Places for invocations: one per core for all heavy functions together, a few for each light one.

    Light functions wait for nobody else's work, so that the API answers while photos are processed.
    """

    def __init__(self, cores: int) -> None:
        """Take the number of cores to share."""
        self._heavy = Places(cores)
        self._light: defaultdict[str, Places] = defaultdict(lambda: Places(2 * cores))
        self._lock = threading.Lock()

    @contextmanager
    def place(self, function: str, *, memory_mib: int) -> Iterator[None]:
        """Wait for a place and keep it for as long as the block runs."""
        with self._lock:
            places = self._heavy if memory_mib >= HEAVY_MIB else self._light[function]
        with places.place():
            yield


def of_this_machine() -> Capacity:
    """Return a capacity for the cores that this process may use."""
    return Capacity(len(os.sched_getaffinity(0)))
