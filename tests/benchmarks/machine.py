"""What figures were measured on."""

import os
import platform
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine; `load` is how many processes wanted a core before the benchmark began."""

    cores: int
    load: float
    architecture: str
    python: str

    @classmethod
    def here(cls) -> Self:
        """Return this machine."""
        return cls(
            cores=len(os.sched_getaffinity(0)),
            load=round(os.getloadavg()[0], 1),
            architecture=platform.machine(),
            python=platform.python_version(),
        )
