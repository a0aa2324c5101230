"""What looks after the predictor needs of the outside; adapters and fakes as in `packshot.ports`."""

from dataclasses import dataclass
from typing import Protocol

from packshot.events import Champions


@dataclass(frozen=True, slots=True)
class Standing:
    """Who serves; `mark` is the state of the registry that says so, empty while nobody has written it."""

    champions: Champions
    mark: str


class ModelRegistry(Protocol):
    """Which model is the champion; the seed, which only counts, until there is one."""

    def standing(self) -> Standing:
        """Return who serves."""
        ...

    def replace(self, champions: Champions, *, mark: str) -> bool:
        """Write who serves from now on; False, and no change, if somebody wrote since `mark`."""
        ...


class ModelEndpoint(Protocol):
    """The endpoint, asked without any help: what it says is what is judged."""

    def ask(self, body: bytes) -> bytes:
        """Return the answer as it is; `PredictorUnavailable` with the reason if there is none."""
        ...
