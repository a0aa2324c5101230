"""The end of the time that an invocation has."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from packshot.ports import Clock, Deadline


@dataclass(frozen=True, slots=True)
class SteadyDeadline:
    """So many seconds after it was made, by a clock that nobody can set back."""

    ends: float
    clock: Callable[[], float] = time.monotonic

    @classmethod
    def after(cls, seconds: float, *, clock: Callable[[], float] = time.monotonic) -> "SteadyDeadline":
        """Return a deadline that many seconds from now."""
        return cls(clock() + seconds, clock)

    def left(self) -> float:
        """Return the seconds that are left."""
        return max(self.ends - self.clock(), 0.0)


@dataclass(frozen=True, slots=True)
class Stint:
    """The time that an invocation has: the clock on the wall, and when it has to end."""

    now: Clock
    deadline: Deadline
